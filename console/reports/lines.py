"""A line for each issue: JSON Lines, and CSV."""

from __future__ import annotations

from console.ocsf.issues import LocatedIssue
from console.reports.model import ISSUE_COLUMNS, ReportWriter, issue_row
from console.serialise import csv_rows, to_csv, to_json


class JsonLinesReport(ReportWriter):
    """One object a line."""

    def issue(self, label: str, located: LocatedIssue) -> None:
        """Write it."""
        self._write(to_json(dict(zip(ISSUE_COLUMNS, issue_row(label, located), strict=True)), indent=None) + "\n")


class CsvReport(ReportWriter):
    """One row each, below a header; safe to open in a spreadsheet."""

    def begin(self) -> None:
        """Write the header."""
        self._write(to_csv(ISSUE_COLUMNS, []))

    def issue(self, label: str, located: LocatedIssue) -> None:
        """Write it."""
        self._write(csv_rows([issue_row(label, located)]))
