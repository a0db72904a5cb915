"""The issues of a file by kind: the worst first, then the most frequent."""

from __future__ import annotations

from typing import ClassVar, Final

from rich.text import Text
from textual.binding import BindingType
from textual.widgets import DataTable

from console.ocsf.issues import Severity
from console.ocsf.report import Group, GroupKey, Report
from screens.commands.lists import LIST
from screens.commands.validation import ISSUES
from screens.widgets.numbers import NOTHING, number
from screens.widgets.text import cell

_RANK: Final = {Severity.ERROR: 0, Severity.WARNING: 1, Severity.INFO: 2}
_STYLES: Final = {Severity.ERROR: "red", Severity.WARNING: "yellow", Severity.INFO: "dim"}
_MARKS: Final = {Severity.ERROR: "✗ error", Severity.WARNING: "! warning", Severity.INFO: "· info"}


class GroupTable(DataTable[Text]):
    """A row for each kind of issue."""

    BINDINGS: ClassVar[list[BindingType]] = [*ISSUES.bindings(), *LIST.bindings()]

    def __init__(self) -> None:
        super().__init__(cursor_type="row", zebra_stripes=False)
        self._groups: list[tuple[GroupKey, Group]] = []

    def on_mount(self) -> None:
        """The headings."""
        self.add_columns("Severity", "Code", "Attribute", "Count", "First", "Message")

    def show(self, report: Report) -> None:
        """List the groups of a report, and start at the first."""
        self._groups = sorted(report.groups.items(), key=lambda item: (_RANK[item[0].severity], -item[1].count))
        self.clear()
        for key, group in self._groups:
            self.add_row(
                cell(_MARKS[key.severity], _STYLES[key.severity]),
                cell(key.code, width=40),
                cell(key.path or NOTHING, width=60),
                _right(number(group.count)),
                _right(number(group.first_record)),
                cell(group.message, "dim", width=120),
            )

    @property
    def group(self) -> Group | None:
        """The group under the cursor."""
        return self._groups[self.cursor_row][1] if self.cursor_row < len(self._groups) else None


def _right(text: str) -> Text:
    aligned = cell(text)
    aligned.justify = "right"
    return aligned
