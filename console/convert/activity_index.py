"""Where the activities of a finding file are, by the `metadata.uid` that findings name them by.

They are kept in a temporary file of SQLite's, which has no name and ends with it: memory does not grow with the file.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from hashlib import blake2b
from types import TracebackType
from typing import Final, NamedTuple, Self

from console.errors import StateError
from console.records.model import Span

_TEMPORARY: Final = ""
"""SQLite's name for a database in a temporary file."""
_MARK_BYTES: Final = 16
_SCHEMA: Final = (
    "CREATE TABLE activities (record INTEGER PRIMARY KEY, mark BLOB, start INTEGER, length INTEGER, line INTEGER,"
    " used INTEGER DEFAULT 0)"
)


class Unused(NamedTuple):
    """The activities that no finding brought along."""

    number: int
    first: Span | None


class ActivityIndex:
    """The activities of one file. Use it as a context manager."""

    def __init__(self) -> None:
        self.count = 0
        """How many there are."""
        with _no_room():
            self._database = sqlite3.connect(_TEMPORARY, isolation_level=None)
            self._database.execute("PRAGMA journal_mode=OFF")
            self._database.execute("PRAGMA synchronous=OFF")
            self._database.execute(_SCHEMA)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._database.close()

    def add(self, uid: str | None, span: Span) -> None:
        """Take in one activity; one without a uid, too, which nothing finds. Raises `StateError`."""
        self.count += 1
        with _no_room():
            self._database.execute(
                "INSERT INTO activities (mark, record, start, length, line) VALUES (?, ?, ?, ?, ?)",
                (None if uid is None else _mark(uid), span.index, span.offset, span.length, span.line),
            )

    def complete(self) -> None:
        """All are in: make ready to find them."""
        with _no_room():
            self._database.execute("CREATE INDEX by_mark ON activities (mark)")

    def find(self, uids: Sequence[str]) -> Iterator[Span]:
        """Where the activities with those uids are, in the order of the uids."""
        for uid in uids:
            with _no_room(), closing(self._database.cursor()) as cursor:
                found = cursor.execute(
                    "SELECT record, start, length, line FROM activities WHERE mark = ? ORDER BY record", (_mark(uid),)
                ).fetchall()
            yield from (Span(*row) for row in found)

    def use(self, span: Span) -> None:
        """Note that one went with a finding. It may go with others, too."""
        with _no_room():
            self._database.execute("UPDATE activities SET used = 1 WHERE record = ?", (span.index,))

    def unused(self) -> Unused:
        """Those that no finding brought along."""
        with _no_room():
            (count,) = self._database.execute("SELECT count(*) FROM activities WHERE used = 0").fetchone()
            first = self._database.execute(
                "SELECT record, start, length, line FROM activities WHERE used = 0 ORDER BY record LIMIT 1"
            ).fetchone()
        return Unused(count, Span(*first) if first else None)


def _mark(uid: str) -> bytes:
    return blake2b(uid.encode(), digest_size=_MARK_BYTES).digest()


@contextmanager
def _no_room() -> Iterator[None]:
    """Say what SQLite's errors mean here."""
    try:
        yield
    except sqlite3.Error as error:
        raise StateError(f"The temporary file of what belongs together can't be used: {error}.") from error
