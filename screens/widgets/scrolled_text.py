"""Text that may be longer than the room for it, with the keys that all lists have."""

from __future__ import annotations

from typing import ClassVar

from textual.binding import BindingType
from textual.containers import VerticalScroll

from screens.commands.lists import LIST


class ScrolledText(VerticalScroll):
    """Holds text. It has no cursor: going to a line scrolls."""

    BINDINGS: ClassVar[list[BindingType]] = LIST.bindings()

    def action_cursor_down(self) -> None:
        """Go to the next line."""
        self.action_scroll_down()

    def action_cursor_up(self) -> None:
        """Go to the line before."""
        self.action_scroll_up()

    def action_scroll_top(self) -> None:
        """Go to the first line."""
        self.action_scroll_home()

    def action_scroll_bottom(self) -> None:
        """Go to the last line."""
        self.action_scroll_end()
