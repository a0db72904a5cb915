"""The dialog that asks which columns the list of records has."""

from __future__ import annotations

from typing import ClassVar

from textual import getters, on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import OptionList, Static
from textual.widgets.option_list import Option

from screens.commands.dialogs import COLUMNS as CHOICE
from screens.widgets.dialog import Dialog
from screens.widgets.live_options import PickList
from screens.widgets.record_columns import COLUMNS, RecordColumn, chosen
from screens.widgets.text import styled, toast


class ColumnsDialog(Dialog[tuple[str, ...] | None]):
    """All columns in their order, those that are shown with a cross. None when the user thinks better of it."""

    BINDINGS: ClassVar[list[BindingType]] = CHOICE.bindings()

    options = getters.query_one(PickList)

    def __init__(self, shown: tuple[str, ...]) -> None:
        """Start with the columns of these keys; the others stand where they would be among all."""
        super().__init__()
        self._shown = set(shown)
        self._order = list(chosen(shown))
        for place, column in enumerate(COLUMNS):
            if column not in self._order:
                before = [self._order.index(one) for one in COLUMNS[:place] if one in self._order]
                self._order.insert(max(before, default=-1) + 1, column)

    def compose(self) -> ComposeResult:
        """The columns, from the left to the right."""
        with Vertical(classes="dialog -small"):
            yield Static("Columns", classes="dialog-title")
            yield PickList(compact=True)
            yield Static(
                "[b]space[/b] show, hide   [b]J[/b] [b]K[/b] move\n"
                "[b]0[/b] reset   [b]enter[/b] done   [b]esc[/b] cancel",
                classes="dialog-keys",
            )

    def _options(self) -> list[Option]:
        return [Option(self._words(column)) for column in self._order]

    def _words(self, column: RecordColumn) -> Content:
        if column.key in self._shown:
            return styled("[$text-success]✓[/] $name", name=column.heading)
        return styled("  [dim]$name[/dim]", name=column.heading)

    def _show(self, place: int) -> None:
        self.options.set_options(self._options())
        self.options.highlighted = place

    def on_mount(self) -> None:
        """Start at the top."""
        self._show(0)

    def action_choose(self) -> None:
        """Show the column, or hide it; one has to stay."""
        place = self.options.highlighted
        if place is None:
            return
        self._shown ^= {self._order[place].key}
        if not self._shown:
            self._shown = {self._order[place].key}
            toast(self.app, Content("One column has to stay."), severity="warning")
        self._show(place)

    def action_move(self, step: int) -> None:
        """Move the column to the left or to the right."""
        place = self.options.highlighted
        if place is not None and 0 <= place + step < len(self._order):
            self._order.insert(place + step, self._order.pop(place))
            self._show(place + step)

    def action_as_at_first(self) -> None:
        """All columns, in the order that they have at first."""
        self._order = list(COLUMNS)
        self._shown = {column.key for column in COLUMNS}
        self._show(0)

    @on(OptionList.OptionSelected)
    def action_accept(self) -> None:
        """Take what was chosen."""
        self.dismiss(tuple(column.key for column in self._order if column.key in self._shown))

    def action_cancel(self) -> None:
        """Change nothing."""
        self.dismiss(None)
