"""What a report is made of, and what every format of it can be told."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import ClassVar, Final

from console.ocsf.issues import LocatedIssue, Severity
from console.ocsf.report import Report
from console.records.model import Compression, Format

Write = Callable[[str], object]
"""Takes each piece of the text, in order."""

ISSUE_COLUMNS: Final = ("file", "record", "offset", "line", "severity", "code", "path", "message")
"""The facts of one issue, by the names that they have in every format."""


class FailOn(StrEnum):
    """What makes a validation fail."""

    ERROR = "error"
    WARNING = "warning"
    NEVER = "never"

    def counts(self, severity: Severity) -> bool:
        """Whether an issue of that severity makes it fail."""
        if self is FailOn.NEVER:
            return False
        return severity is Severity.ERROR or (self is FailOn.WARNING and severity is Severity.WARNING)

    def fails(self, report: Report) -> bool:
        """Whether a file with that report makes it fail."""
        return bool(
            (report.errors and self.counts(Severity.ERROR)) or (report.warnings and self.counts(Severity.WARNING))
        )


@dataclass(frozen=True, slots=True)
class CheckedFile:
    """A file, and what validation found in it."""

    label: str
    """What the user calls it; `-` is stdin. Foreign text."""
    format: Format
    compression: Compression
    bytes: int
    report: Report


@dataclass(frozen=True, slots=True)
class UnreadFile:
    """A file, or a folder, that could not be read, or not to its end."""

    label: str
    """As in `CheckedFile`."""
    message: str
    """Why. Foreign text."""
    hint: str


@dataclass(frozen=True, slots=True)
class Totals:
    """The counts of several files together."""

    files: int
    records: int
    valid: int
    invalid: int
    errors: int
    warnings: int
    bytes: int

    @classmethod
    def of(cls, checked: Iterable[CheckedFile]) -> Totals:
        """Add the files up."""
        files = list(checked)
        reports = [one.report for one in files]
        return cls(
            len(files),
            sum(one.records for one in reports),
            sum(one.valid for one in reports),
            sum(one.invalid for one in reports),
            sum(one.errors for one in reports),
            sum(one.warnings for one in reports),
            sum(one.bytes for one in files),
        )


class ReportWriter:
    """Writes a report in one format. Told in this order: `begin`; for each file its issues, then how it ended; `end`.

    A format takes from what it is told what it has a place for.
    """

    lists_issues: ClassVar[bool] = True
    """Whether `issue` is of use. Where it is not, validation may be quicker, and shared between processes."""

    def __init__(self, write: Write, fail_on: FailOn = FailOn.ERROR) -> None:
        self._write = write
        self._fail_on = fail_on

    @property
    def remark(self) -> str:
        """What whoever asked for the report should know of it, when it is written: what is not in it. May be empty."""
        return ""

    def begin(self) -> None:
        """Nothing was looked at yet."""

    def issue(self, label: str, located: LocatedIssue) -> None:
        """An issue was found in the file that is looked at."""

    def checked(self, file: CheckedFile) -> None:
        """A file was read to its end."""

    def unread(self, file: UnreadFile) -> None:
        """A file could not be read, or not to its end."""

    def end(self, seconds: float) -> None:
        """That was all, and it took so long."""


class KeptReport(ReportWriter):
    """One that is written at the end, from what all files came to."""

    def __init__(self, write: Write, fail_on: FailOn = FailOn.ERROR) -> None:
        super().__init__(write, fail_on)
        self._checked: list[CheckedFile] = []
        self._unread: list[UnreadFile] = []

    def checked(self, file: CheckedFile) -> None:
        """Keep it."""
        self._checked.append(file)

    def unread(self, file: UnreadFile) -> None:
        """Keep it."""
        self._unread.append(file)


def issue_row(label: str, located: LocatedIssue) -> tuple[str | int | None, ...]:
    """The facts of an issue, in the order of `ISSUE_COLUMNS`."""
    issue = located.issue
    return (
        label,
        located.record,
        located.offset,
        located.line,
        issue.severity,
        issue.code,
        issue.path,
        issue.message,
    )


def place_in_words(located: LocatedIssue) -> str:
    """Where an issue is, as far as it is in one place: `record 12, byte 81234`. Ours, all of it."""
    places = (("record", located.record), ("byte", located.offset))
    return ", ".join(f"{name} {place}" for name, place in places if place is not None)
