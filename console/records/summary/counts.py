"""What was counted in some records. What was counted in the parts of a file adds up to what the file holds."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from console.display import ELLIPSIS
from console.records.bounded import OTHERS, Amounts, Faults
from console.records.fields import Account
from console.records.uids import UidMarks, marks_of

_NAME_KEPT: Final = 200
"""Characters of a value that is counted. Longer ones are told apart by so many of them."""


def _other_text(_text: str) -> str:
    return OTHERS


def _other_account(_account: Account) -> Account:
    return Account("", OTHERS)


def _texts() -> Amounts[str]:
    return Amounts(_other_text)


def _accounts() -> Amounts[Account]:
    return Amounts(_other_account)


@dataclass(slots=True)
class Counts:
    """What was counted in some records. It can be sent to another process, and its size has an end."""

    records: int = 0
    """Records whose place was found, whether they can be decoded or not."""
    versions: Amounts[str] = field(default_factory=_texts)
    classes: Amounts[str] = field(default_factory=_texts)
    severities: Amounts[str] = field(default_factory=_texts)
    statuses: Amounts[str] = field(default_factory=_texts)
    producers: Amounts[str] = field(default_factory=_texts)
    accounts: Amounts[Account] = field(default_factory=_accounts)
    first: datetime | None = None
    """The earliest time of a record."""
    last: datetime | None = None
    faults: Faults = field(default_factory=Faults)
    marks: UidMarks = field(default_factory=lambda: marks_of([], b""))
    """What is left of the finding identifiers."""

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
        for ours, theirs in zip(self._amounts(), later._amounts(), strict=True):
            ours.merge(theirs)
        self.accounts.merge(later.accounts)
        self.add_time(later.first)
        self.add_time(later.last)
        self.faults.merge(later.faults, index=index, line=line)

    def _amounts(self) -> Iterable[Amounts[str]]:
        return self.versions, self.classes, self.severities, self.statuses, self.producers


def shortened(name: str) -> str:
    """A value that is counted, cut where it is longer than any that tells something."""
    return name if len(name) <= _NAME_KEPT else name[:_NAME_KEPT] + ELLIPSIS
