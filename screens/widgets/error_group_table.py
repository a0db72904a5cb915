"""The table of a job's errors by what is wrong."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar, Final

from rich.text import Text
from textual.binding import BindingType

from console.submissions.error_groups import ErrorGroup
from screens.commands.job import GROUPS
from screens.commands.lists import LIST
from screens.widgets.cells import count_cell
from screens.widgets.numbers import NOTHING
from screens.widgets.text import cell
from screens.widgets.text_table import TextTable
from screens.widgets.under_cursor import under_cursor

_COLUMNS: Final = ("Errors", "Code", "Where", "The first of them says")


class ErrorGroupTable(TextTable):
    """A row for each group, the largest first."""

    BINDINGS: ClassVar[list[BindingType]] = [*GROUPS.bindings(), *LIST.bindings()]

    def __init__(self) -> None:
        super().__init__(cursor_type="row", id="groups")
        self._groups: Sequence[ErrorGroup] = ()

    def on_mount(self) -> None:
        """Make the columns."""
        for name in _COLUMNS:
            self.add_column(cell(name))

    @property
    def group(self) -> ErrorGroup | None:
        """The group under the cursor."""
        return under_cursor(self, self._groups)

    def show(self, groups: Sequence[ErrorGroup]) -> None:
        """Show the groups."""
        self._groups = groups
        self.clear()
        self.add_rows(_row(group) for group in groups)


def _row(group: ErrorGroup) -> list[Text]:
    first = group.errors[0].error
    return [
        count_cell(len(group.errors)),
        cell(group.code or NOTHING, "yellow", width=40),
        cell(group.pointer or NOTHING, width=80),
        cell(first.message, width=160),
    ]
