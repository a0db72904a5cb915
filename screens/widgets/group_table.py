"""The issues of a file by kind: how grave, how many, and where."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar, Final

from rich.text import Text
from textual.binding import BindingType
from textual.widgets import DataTable

from console.ocsf.issues import Severity
from screens.commands.lists import LIST
from screens.commands.validation import ISSUES
from screens.widgets.cells import count_cell
from screens.widgets.group_order import Kind, bar
from screens.widgets.numbers import NOTHING
from screens.widgets.text import cell
from screens.widgets.under_cursor import under_cursor

_STYLES: Final = {Severity.ERROR: "red", Severity.WARNING: "yellow", Severity.INFO: "dim"}
_MARKS: Final = {Severity.ERROR: "✗", Severity.WARNING: "!", Severity.INFO: "·"}
_BAR: Final = 8
"""Cells of a bar for all issues of the file."""


class GroupTable(DataTable[Text]):
    """A row for each kind of issue."""

    BINDINGS: ClassVar[list[BindingType]] = [*ISSUES.bindings(), *LIST.bindings()]

    def __init__(self) -> None:
        super().__init__(cursor_type="row", zebra_stripes=False)
        self.kinds: Sequence[Kind] = []
        """Those that are listed, in their order."""

    def on_mount(self) -> None:
        """The headings."""
        self.add_columns("", "Count", "Share", "Code", "Attribute", "First")

    def show(self, kinds: Sequence[Kind], issues: int) -> None:
        """List kinds of issues in their order, as shares of all the *issues* of the file, listed or not.

        The cursor stays on the kind that it is on.
        """
        before = self.kind
        self.kinds = kinds
        self.clear()
        for key, group in kinds:
            style = _STYLES[key.severity]
            self.add_row(
                cell(_MARKS[key.severity], style),
                count_cell(group.count),
                cell(bar(group.count, issues, _BAR), style),
                cell(key.code, width=40),
                cell(key.path or NOTHING, width=60),
                count_cell(group.first_record),
            )
        if before is not None:
            self.move_cursor(row=next((at for at, one in enumerate(kinds) if one[0] == before[0]), 0))

    @property
    def kind(self) -> Kind | None:
        """The kind of issue under the cursor."""
        return under_cursor(self, self.kinds)
