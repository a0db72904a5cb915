"""A list of options that changes while it is looked at, with the keys that all lists have."""

from __future__ import annotations

from typing import ClassVar

from textual.binding import BindingType
from textual.events import Click
from textual.widgets import OptionList

from screens.commands.lists import LIST


def take_click(options: OptionList, event: Click) -> None:
    """Let a click be, if it is on an option that has gone and is drawn for a moment more: Textual would fail."""
    option = event.style.meta.get("option")
    if option is not None and option >= options.option_count:
        event.prevent_default()


class PickList(OptionList):
    """Options to choose from."""

    BINDINGS: ClassVar[list[BindingType]] = LIST.bindings()

    async def _on_click(self, event: Click) -> None:
        take_click(self, event)

    def action_scroll_top(self) -> None:
        """Go to the first line."""
        self.action_first()

    def action_scroll_bottom(self) -> None:
        """Go to the last line."""
        self.action_last()
