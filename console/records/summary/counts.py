"""What was counted in some records. What was counted in the parts of a file adds up to what the file holds."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Final, Generic, TypeVar

from console.display import ELLIPSIS
from console.records.fields import Account
from console.records.model import Fault
from console.records.uids import Marks, marks_of

FAULTS_KEPT: Final = 100
"""Faults that a summary lists. A hostile file has millions: the rest are only counted."""
DISTINCT_KEPT: Final = 10_000
"""Different values that are counted apart. The rest are counted together, so that memory stays bounded."""
OTHERS: Final = "(others)"
"""The name that the rest are counted under."""
_NAME_KEPT: Final = 200
"""Characters of a value that is counted. Longer ones are told apart by so many of them."""

Name = TypeVar("Name", str, Account)


class Tally(Generic[Name]):
    """Records by one thing that they say, in the order in which the different values were met."""

    def __init__(self, others: Name) -> None:
        """*others* is what the values are counted under that are too many to be counted apart."""
        self.counts: dict[Name, int] = {}
        """How many records there are of each value."""
        self._others: Name = others

    def add(self, name: Name, count: int = 1) -> None:
        """Count records of one value."""
        if name not in self.counts and len(self.counts) >= DISTINCT_KEPT:
            name = self._others
        self.counts[name] = self.counts.get(name, 0) + count

    def merge(self, later: Tally[Name]) -> None:
        """Add what was counted in records that follow."""
        for name, count in later.counts.items():
            self.add(name, count)

    def ranked(self) -> Mapping[Name, int]:
        """The counts, the largest first."""
        return dict(Counter(self.counts).most_common())


def _texts() -> Tally[str]:
    return Tally(OTHERS)


def _accounts() -> Tally[Account]:
    return Tally(Account("", OTHERS))


@dataclass(slots=True)
class Counts:
    """What was counted in some records. It can be sent to another process, and its size has an end."""

    records: int = 0
    """Records whose place was found, whether they can be decoded or not."""
    versions: Tally[str] = field(default_factory=_texts)
    classes: Tally[str] = field(default_factory=_texts)
    severities: Tally[str] = field(default_factory=_texts)
    statuses: Tally[str] = field(default_factory=_texts)
    producers: Tally[str] = field(default_factory=_texts)
    accounts: Tally[Account] = field(default_factory=_accounts)
    first: datetime | None = None
    """The earliest time of a record."""
    last: datetime | None = None
    faults: list[Fault] = field(default_factory=list)
    """The first faults, at most `FAULTS_KEPT`."""
    fault_count: int = 0
    marks: Marks = field(default_factory=lambda: marks_of([], b""))
    """What is left of the finding identifiers."""

    def add_fault(self, fault: Fault) -> None:
        """Count a fault, and keep it if it is one of the first."""
        self.fault_count += 1
        if len(self.faults) < FAULTS_KEPT:
            self.faults.append(fault)

    def add_time(self, time: datetime | None) -> None:
        """Take in the time of a record, if it has one."""
        if time is not None:
            self.first = min(self.first or time, time)
            self.last = max(self.last or time, time)

    def add_account(self, account: Account, count: int = 1) -> None:
        """Count records of one account."""
        self.accounts.add(Account(shortened(account.provider), shortened(account.uid)), count)

    def merge(self, later: Counts, *, index: int, line: int) -> None:
        """Add what was counted in records that follow, and whose faults are so many indexes and lines further on."""
        self.records += later.records
        for ours, theirs in zip(self._tallies(), later._tallies(), strict=True):
            ours.merge(theirs)
        self.accounts.merge(later.accounts)
        self.add_time(later.first)
        self.add_time(later.last)
        for fault in later.faults[: FAULTS_KEPT - len(self.faults)]:
            self.faults.append(_moved(fault, index, line))
        self.fault_count += later.fault_count

    def _tallies(self) -> Iterable[Tally[str]]:
        return self.versions, self.classes, self.severities, self.statuses, self.producers


def shortened(name: str) -> str:
    """A value that is counted, cut where it is longer than any that tells something."""
    return name if len(name) <= _NAME_KEPT else name[:_NAME_KEPT] + ELLIPSIS


def _moved(fault: Fault, index: int, line: int) -> Fault:
    """A fault with its place in the file."""
    return replace(
        fault,
        index=None if fault.index is None else fault.index + index,
        line=None if fault.line is None else fault.line + line,
    )
