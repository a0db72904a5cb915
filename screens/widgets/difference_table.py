"""The findings that differ in one way between two scans, the most important ones first."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar, Final

from textual.binding import BindingType

from console.records.compare.compare import Difference
from console.records.compare.store import Kind
from console.records.compare.trend import Trend
from screens.commands.compare import DIFFERENCES
from screens.commands.lists import LIST
from screens.widgets.cells import count_cell
from screens.widgets.text import cell
from screens.widgets.text_table import TextTable
from screens.widgets.under_cursor import under_cursor

_SIGNS: Final = {Trend.WORSE: ("▲ worse", "red"), Trend.FIXED: ("▼ fixed", "green"), Trend.OTHER: ("changed", "dim")}
_WIDTH: Final = 48
"""Characters of a title or of a resource."""


class DifferenceTable(TextTable):
    """A line for each finding."""

    BINDINGS: ClassVar[list[BindingType]] = [*DIFFERENCES.bindings(), *LIST.bindings()]

    def __init__(self) -> None:
        super().__init__(cursor_type="row", zebra_stripes=True)
        self._shown: Sequence[Difference] = ()

    @property
    def difference(self) -> Difference | None:
        """The finding under the cursor."""
        return under_cursor(self, self._shown)

    def show(self, kind: Kind, differences: Sequence[Difference]) -> None:
        """List findings that differ in that way."""
        self._shown = differences
        self.clear(columns=True)
        first = "trend" if kind is Kind.CHANGED else "status"
        self.add_columns(first, "severity", "record", "title", "resource")
        for one in differences:
            entry = one.entry
            sign = cell(*_SIGNS[one.trend]) if one.before else cell(entry.state.status_code or entry.state.status)
            self.add_row(
                sign,
                cell(entry.state.severity, width=14),
                count_cell(entry.record),
                cell(entry.title, width=_WIDTH),
                cell(entry.resource, width=_WIDTH),
            )
