"""What the tables of a plan have in common. They stand below one another, and the plan is what scrolls."""

from __future__ import annotations

from typing import ClassVar

from textual.binding import BindingType
from textual.widget import Widget

from screens.commands.lists import LIST
from screens.widgets.text_table import TextTable


class PlanTable(TextTable):
    """A table that is as long as it is. One moves in it by pages of what is around it."""

    BINDINGS: ClassVar[list[BindingType]] = LIST.bindings()

    def turn(self, halves: int) -> None:
        """Move the cursor by so many halves of a page."""
        around = self.parent
        height = around.size.height if isinstance(around, Widget) else 0
        self.move_cursor(row=self.cursor_row + halves * max((height - self.header_height) // 2, 1))

    def action_page_down(self) -> None:
        """Move the cursor a page on."""
        self.turn(2)

    def action_page_up(self) -> None:
        """Move the cursor a page back."""
        self.turn(-2)
