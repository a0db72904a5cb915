"""Which accounts the records of a batch are about. A target may bill each that it does not know yet."""

from __future__ import annotations

from collections import Counter
from collections.abc import Container, Iterable, Sequence
from dataclasses import replace

from console.records.model import Record
from console.submissions.model import Account
from console.targets.base import Target


class Accounts:
    """Counts the records of each account that a target would book them on."""

    def __init__(self, target: Target) -> None:
        self._target = target
        self._records: Counter[tuple[str, str]] = Counter()

    def add(self, record: Record) -> None:
        """Count a record."""
        account = self._target.account(record)
        if account is not None:
            self._records[account] += 1

    def counted(self) -> Sequence[Account]:
        """The accounts so far, in the order in which they came."""
        return [Account(provider, uid, records) for (provider, uid), records in self._records.items()]


def together(batches: Iterable[Sequence[Account]], seen: Container[tuple[str, str]]) -> Sequence[Account]:
    """The accounts of several batches, each once, those that were not *seen* first, then those of most records."""
    records: Counter[tuple[str, str]] = Counter()
    for accounts in batches:
        for account in accounts:
            records[account.provider, account.uid] += account.records
    merged = [Account(provider, uid, count) for (provider, uid), count in records.items()]
    judged = [replace(account, is_new=(account.provider, account.uid) not in seen) for account in merged]
    return sorted(judged, key=lambda account: (not account.is_new, -account.records, account.provider, account.uid))
