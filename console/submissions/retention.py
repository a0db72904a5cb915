"""What is forgotten, and when: old submissions whole, and payloads where they take too much room.

It is looked at when the ledger is opened, which costs a look at each submission that is settled.
Only what is settled is ever forgotten. The payload of a settled submission is kept so that its failed records can be
sent again; the row of it, so that the same content is recognised.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

from console.submissions.history import History
from console.submissions.ledger import Ledger
from console.submissions.spool import Spool


@dataclass(frozen=True, slots=True)
class Retention:
    """For how long, and up to what size, the history is kept."""

    days: float = 365
    payload_bytes: int = 2 * 1024**3


DEFAULT_RETENTION: Final = Retention()


def prune(ledger: Ledger, spool: Spool, retention: Retention) -> None:
    """Forget what is too old, and payloads beyond the size, the oldest first. Also what no ledger knows any more."""
    history = History(ledger.database)
    oldest = datetime.now(UTC) - timedelta(days=retention.days)
    kept = []
    for submission, created_at in history.closed_ones():
        if created_at < oldest:
            ledger.retire(submission)
            spool.discard(submission)
        else:
            kept.append((submission, spool.payload_bytes(submission)))
    room = sum(size for _, size in kept)
    for submission, size in kept:
        if room <= retention.payload_bytes:
            break
        spool.drop_payloads(submission)
        room -= size
    spool.sweep(history.known())
