"""The issues of a file by kind: how grave, how many, and where."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar, Final

from rich.text import Text
from textual.binding import BindingType

from console.ocsf.issues import Severity
from console.ocsf.report import Group, GroupKey
from screens.commands.lists import LIST
from screens.commands.validation import ISSUES
from screens.widgets.cells import count_cell
from screens.widgets.group_order import Kind, bar
from screens.widgets.numbers import NOTHING
from screens.widgets.text import cell, fit_middle
from screens.widgets.text_table import TextTable
from screens.widgets.under_cursor import under_cursor

_STYLES: Final = {Severity.ERROR: "red", Severity.WARNING: "yellow", Severity.INFO: "dim"}
_MARKS: Final = {Severity.ERROR: "✗", Severity.WARNING: "!", Severity.INFO: "·"}
_BAR: Final = 8
"""Cells of a bar for all issues of the file."""
_HEADINGS: Final = ("", "Count", "Share", "Code", "Attribute", "First")
_PATH: Final = _HEADINGS.index("Attribute")
_LEAST: Final = 16
"""Cells of a path that are shown at least."""


class GroupTable(TextTable):
    """A row for each kind of issue."""

    BINDINGS: ClassVar[list[BindingType]] = [*ISSUES.bindings(), *LIST.bindings()]

    def __init__(self) -> None:
        super().__init__(cursor_type="row", zebra_stripes=False)
        self.kinds: Sequence[Kind] = []
        """Those that are listed, in their order."""
        self._issues = 0
        self._made_for = 0
        """Cells of the lines for which the columns were made."""

    def on_mount(self) -> None:
        """The headings."""
        for heading in _HEADINGS:
            self.add_column(heading, width=len(heading))

    def on_resize(self) -> None:
        """There is more room for paths now, or less."""
        if self.size.width != self._made_for:
            self.show(self.kinds, self._issues)

    def show(self, kinds: Sequence[Kind], issues: int) -> None:
        """List kinds of issues in their order, as shares of all the *issues* of the file, listed or not.

        The cursor stays on the kind that it is on.
        """
        before = self.kind
        self.kinds, self._issues = kinds, issues
        self._made_for = self.size.width
        rows = [_row(key, group, issues) for key, group in kinds]
        self.clear()
        for column, width in zip(self.ordered_columns, self._widths(rows), strict=True):
            column.width = width
        room = self.ordered_columns[_PATH].width
        for (key, _), row in zip(kinds, rows, strict=True):
            row[_PATH] = cell(fit_middle(key.path or NOTHING, room).rstrip())
            self.add_row(*row)
        if before is not None:
            self.move_cursor(row=next((at for at, one in enumerate(kinds) if one[0] == before[0]), 0))

    def _widths(self, rows: Sequence[Sequence[Text]]) -> Sequence[int]:
        """Cells of each column. Paths get what the others leave, so that what stands behind them is seen too."""
        widths = [max([len(name), *(row[at].cell_len for row in rows)]) for at, name in enumerate(_HEADINGS)]
        padding = 2 * self.cell_padding * len(widths)
        left = self.size.width - padding - sum(widths) + widths[_PATH]
        widths[_PATH] = min(widths[_PATH], max(_LEAST, left))
        return widths

    @property
    def kind(self) -> Kind | None:
        """The kind of issue under the cursor."""
        return under_cursor(self, self.kinds)


def _row(key: GroupKey, group: Group, issues: int) -> list[Text]:
    """A kind of issue, whatever room there is, as a share of all the *issues* of the file."""
    style = _STYLES[key.severity]
    return [
        cell(_MARKS[key.severity], style),
        count_cell(group.count),
        cell(bar(group.count, issues, _BAR), style),
        cell(key.code, width=40),
        cell(key.path or NOTHING, width=60),
        count_cell(group.first_record),
    ]
