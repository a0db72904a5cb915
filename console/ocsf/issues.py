"""What can be wrong with a record or a file, one thing at a time, and all that is wrong with one record."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple


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


class Declared(NamedTuple):
    """What an event says it is."""

    version: str | None
    """The OCSF version; None where it declares none. Foreign text."""
    class_uid: int | None
    """None where it declares none."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What there is to say of one record."""

    events: Mapping[Declared, int]
    """What the record declares itself to be; of a bundle, how many of its events declare what."""
    issues: Sequence[Issue]
    """Empty when the record is clean."""
    finding_uid: str | None = None
    """Its `finding_info.uid`, by which findings of a file are told apart. Foreign text."""

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
