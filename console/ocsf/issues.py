"""What can be wrong with a record or a file, one thing at a time, and all that is wrong with one record."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum


class Severity(StrEnum):
    """How bad an issue is. Only an error makes a record invalid."""

    ERROR = "error"
    WARNING = "warning"
    INFO = "info"


@dataclass(frozen=True, slots=True)
class Issue:
    """One thing wrong with a record, or with the file around it."""

    severity: Severity
    code: str
    """A stable word; where the official OCSF server has one for the case, the same."""
    path: str
    """The attribute, as in `resources[0].uid`; empty where the whole record or file is meant. Foreign text: keys
    come from the file."""
    message: str
    """One sentence. Foreign text: it may quote the record."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What there is to say of one record."""

    version: str | None
    """The OCSF version that the record declares; None where it declares none. Foreign text."""
    class_uid: int | None
    """The class that the record declares; None where it declares none."""
    issues: Sequence[Issue]
    """Empty when the record is clean."""

    @property
    def valid(self) -> bool:
        """Whether no issue is an error."""
        return all(issue.severity is not Severity.ERROR for issue in self.issues)


@dataclass(frozen=True, slots=True)
class LocatedIssue:
    """An issue, with the place in the file. The three are None for an issue of the whole file."""

    record: int | None
    """Index of the record; 0 for the first."""
    offset: int | None
    """Bytes from the start of the (unpacked) file."""
    line: int | None
    """1 for the first."""
    issue: Issue
