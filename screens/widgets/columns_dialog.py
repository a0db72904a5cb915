"""The dialog that asks which columns the list of records has."""

from __future__ import annotations

from typing import ClassVar

from textual import getters, on
from textual.app import ComposeResult
from textual.binding import BindingType, Keymap
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import OptionList, Static
from textual.widgets.option_list import Option

from screens.commands.dialogs import COLUMNS as CHOICE
from screens.commands.dialogs import Accept, AsAtFirst, Backward, Cancel, Forward, Toggle
from screens.widgets.dialog import Dialog
from screens.widgets.live_options import PickList
from screens.widgets.record_columns import COLUMNS, RecordColumn, chosen
from screens.widgets.text import styled, toast


def _keys(keymap: Keymap) -> Content:
    """What can be done, and by which keys."""
    return styled(
        "[b]$toggle[/b] show, hide   [b]$forward[/b] [b]$backward[/b] move\n"
        "[b]$reset[/b] reset   [b]$accept[/b] done   [b]$cancel[/b] cancel",
        toggle=CHOICE.key_of(Toggle, keymap),
        forward=CHOICE.key_of(Forward, keymap),
        backward=CHOICE.key_of(Backward, keymap),
        reset=CHOICE.key_of(AsAtFirst, keymap),
        accept=CHOICE.key_of(Accept, keymap),
        cancel=CHOICE.key_of(Cancel, keymap),
    )


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
            yield Static(_keys(self.keymap), classes="dialog-keys")

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
