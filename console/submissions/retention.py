"""What is forgotten, and when: old submissions whole, and payloads where they take too much room.

It is looked at when the ledger is opened, which costs a look at each submission that is settled.
Only what is settled is ever forgotten. The payload of a settled submission is kept so that its failed records can be
sent again; the row of it, so that the same content is recognised.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

from console.errors import StateError
from console.submissions.history import History
from console.submissions.ledger import Ledger
from console.submissions.spool import Spool


@dataclass(frozen=True, slots=True)
class Retention:
    """For how long, and up to what size, the history is kept."""

    days: float = 365
    payload_bytes: int = 2 * 1024**3


DEFAULT_RETENTION: Final = Retention()


_AT_LEAST: Final = timedelta(days=2)
"""Nothing is forgotten sooner, whatever the configuration says: jobs in doubt are told from those that are known."""


def prune(ledger: Ledger, spool: Spool, retention: Retention) -> None:
    """Forget what is too old, and payloads beyond the size, the oldest first. Also what no ledger knows any more.

    Age counts back from the latest submission, not from today: a clock that is wrong for a day forgets nothing. Raises
    `StateError` when the disk refuses.
    """
    history = History(ledger.database)
    latest = history.latest()
    oldest = min(datetime.now(UTC), latest or datetime.now(UTC)) - max(timedelta(days=retention.days), _AT_LEAST)
    kept = []
    try:
        for submission, created_at in history.closed_ones():
            if created_at < oldest:
                ledger.retire(submission)
                spool.discard(submission)
            else:
                kept.append((submission, spool.payload_bytes(submission)))
        _make_room(spool, kept, retention.payload_bytes)
        spool.sweep(history.known())
    except OSError as error:
        raise StateError(f"The folder of frozen submissions can't be tidied: {error.strerror}.") from error


def _make_room(spool: Spool, kept: Sequence[tuple[str, int]], most: int) -> None:
    """Remove the payloads of the oldest, until the rest takes no more than *most* bytes."""
    room = sum(size for _, size in kept)
    for submission, size in kept:
        if room <= most:
            return
        spool.drop_payloads(submission)
        room -= size
