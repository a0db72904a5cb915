"""The findings of two scans side by side, in a private database on disk, so that memory does not grow with the scans.

SQLite deletes the database by itself, however the process ends. It holds no text of a finding but those of its state.
"""

from __future__ import annotations

import sqlite3
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from enum import StrEnum
from typing import Final, NamedTuple, TypeAlias

from console.errors import StateError
from console.records.compare.scan import Standing


class Side(StrEnum):
    """Which of the two scans."""

    OLD = "old"
    NEW = "new"


class Kind(StrEnum):
    """How a finding differs between the scans."""

    NEW = "new"
    """It is only in the new one."""
    GONE = "gone"
    """It is only in the old one."""
    CHANGED = "changed"
    """It is in both, and stands differently."""


class Pair(NamedTuple):
    """A finding in the old scan and in the new one; None where it is missing. It is never missing in both."""

    old: Standing | None
    new: Standing | None

    @property
    def kind(self) -> Kind | None:
        """How the two differ; None where they don't."""
        if self.old is None:
            return Kind.NEW
        if self.new is None:
            return Kind.GONE
        return None if self.old[:4] == self.new[:4] else Kind.CHANGED


_SCHEMA: Final = """
    PRAGMA journal_mode = OFF;
    PRAGMA temp_store = FILE;
    PRAGMA cache_size = -8192;
    CREATE TABLE finding (side, uid, status_code, status, severity, record, offset, length);
    CREATE TABLE unmatched (side, uid, status_code, status, severity, record, offset, length);
    CREATE TABLE difference (
        kind, weight,
        old_uid, old_status_code, old_status, old_severity, old_record, old_offset, old_length,
        new_uid, new_status_code, new_status, new_severity, new_record, new_offset, new_length
    );
    BEGIN;
"""
"""A negative cache size is in KiB. Each sort may take as much again."""
_ADD: Final = "INSERT INTO finding VALUES (?, ?, ?, ?, ?, ?, ?, ?)"
_LEAVE: Final = "INSERT INTO unmatched VALUES (?, ?, ?, ?, ?, ?, ?, ?)"
_KEEP: Final = "INSERT INTO difference VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
_BY_STATE: Final = """
    SELECT uid, status_code, status, severity, record, offset, length FROM finding WHERE side = ?
    ORDER BY uid, status_code, status, severity, record
"""
_BY_PLACE: Final = """
    SELECT uid, status_code, status, severity, record, offset, length FROM unmatched WHERE side = ?
    ORDER BY uid, record
"""
_LIST: Final = """
    SELECT * FROM difference WHERE kind = ? ORDER BY weight DESC, coalesce(new_record, old_record)
"""
_NOTHING: Final = (None,) * len(Standing._fields)

Key: TypeAlias = Callable[[Standing], tuple[object, ...]]


class PairStore:
    """Takes the findings of both scans, pairs them, and keeps the pairs that differ. Use it as a context manager.

    Everything here raises `StateError` when the disk refuses.
    """

    def __init__(self) -> None:
        with _disk():
            # Without a name it is a file that is deleted when it is closed: https://sqlite.org/inmemorydb.html
            self._database = sqlite3.connect("", isolation_level=None)
            self._database.executescript(_SCHEMA)
        self.repeated: Counter[Side] = Counter()
        """Findings that stand in a scan more than once: how many records beyond the first ones. Known after pairing."""

    def close(self) -> None:
        """Delete everything."""
        self._database.close()

    def add(self, side: Side, standings: Iterable[Standing]) -> None:
        """Take findings of one scan."""
        with _disk():
            self._database.executemany(_ADD, ((side, *one) for one in standings))

    def pairs(self) -> Iterator[Pair]:
        """Every finding of both scans once.

        Where an identifier stands several times, findings that stand alike are paired, so that it makes no difference
        in which order a scanner wrote them. What is left is paired in the order of the files.
        """
        alike = _merged(self._counted(Side.OLD), self._counted(Side.NEW), _uid_and_state)
        for pair in alike:
            if pair.old and pair.new:
                yield pair
            else:
                self._leave(pair)
        yield from _merged(self._standings(_BY_PLACE, Side.OLD), self._standings(_BY_PLACE, Side.NEW), _uid)

    def keep(self, kind: Kind, weight: int, pair: Pair) -> None:
        """Keep a pair that differs, to be listed later."""
        with _disk():
            self._database.execute(_KEEP, (kind, weight, *(pair.old or _NOTHING), *(pair.new or _NOTHING)))

    def listed(self, kind: Kind) -> Iterator[Pair]:
        """What was kept of that kind, the greatest weight first, then in the order of the new file or else the old."""
        middle = 2 + len(Standing._fields)
        for values in self._selected(_LIST, kind):
            old, new = values[2:middle], values[middle:]
            yield Pair(Standing._make(old) if old[0] else None, Standing._make(new) if new[0] else None)

    def _leave(self, pair: Pair) -> None:
        """Leave over a finding for which there is none that stands alike."""
        with _disk():
            if pair.old:
                self._database.execute(_LEAVE, (Side.OLD, *pair.old))
            if pair.new:
                self._database.execute(_LEAVE, (Side.NEW, *pair.new))

    def _counted(self, side: Side) -> Iterator[Standing]:
        """The findings of a scan, by state, with the repeated ones counted."""
        before = b""
        for one in self._standings(_BY_STATE, side):
            self.repeated[side] += one.uid == before
            before = one.uid
            yield one

    def _standings(self, query: str, side: Side) -> Iterator[Standing]:
        return map(Standing._make, self._selected(query, side))

    def _selected(self, query: str, parameter: str) -> Iterator[tuple[object, ...]]:
        """The answer to a query, a little at a time."""
        with _disk():
            cursor = self._database.execute(query, (parameter,))
        while True:
            with _disk():
                some = cursor.fetchmany(1_000)
            if not some:
                return
            yield from some


def _uid(one: Standing) -> tuple[object, ...]:
    return one[:1]


def _uid_and_state(one: Standing) -> tuple[object, ...]:
    return one[:4]


def _merged(old: Iterator[Standing], new: Iterator[Standing], key: Key) -> Iterator[Pair]:
    """Two sorted scans in step: what has the same key is paired, and what has no partner stands alone."""
    one, other = next(old, None), next(new, None)
    while one or other:
        if one and other and key(one) == key(other):
            yield Pair(one, other)
            one, other = next(old, None), next(new, None)
        elif other is None or (one and key(one) < key(other)):
            yield Pair(one, None)
            one = next(old, None)
        else:
            yield Pair(None, other)
            other = next(new, None)


@contextmanager
def _disk() -> Iterator[None]:
    """Say it in our words when the disk refuses."""
    try:
        yield
    except sqlite3.Error as error:
        raise StateError(
            f"What is compared can't be kept on disk: {error}.", hint="Name a folder with more room in TMPDIR."
        ) from error
