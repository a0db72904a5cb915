"""The jobs of the Prowler intake, in the sandbox's database.

Times are kept as whole microseconds since 1970 UTC, so that they sort and compare as numbers. Every method may be
called from any thread and may block for a disk write: call them off the event loop.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Final
from uuid import UUID

from console.sandbox.database import Database, Value
from console.sandbox.prowler.model import EVERYTHING, Filter, Ingestion, RecordError
from console.targets.base import PROCESSING

SCHEMA: Final = """
CREATE TABLE ingestions (
    id TEXT PRIMARY KEY, status TEXT NOT NULL, total INTEGER NOT NULL, processed INTEGER NOT NULL,
    invalid INTEGER NOT NULL, inserted_at INTEGER NOT NULL, requested_at INTEGER NOT NULL, started_at INTEGER,
    completed_at INTEGER, filename TEXT NOT NULL, folded_name TEXT NOT NULL, sha256 TEXT NOT NULL,
    size INTEGER NOT NULL, path TEXT, stuck INTEGER NOT NULL, listed_at INTEGER, skew INTEGER NOT NULL
) STRICT;
CREATE INDEX ingestions_by_time ON ingestions (inserted_at);
CREATE INDEX open_ingestions ON ingestions (stuck)
    WHERE stuck = 0 AND path IS NOT NULL AND status IN ('pending', 'processing');
CREATE TABLE errors (
    ingestion TEXT NOT NULL REFERENCES ingestions (id), number INTEGER NOT NULL, id TEXT NOT NULL, record INTEGER,
    pointer TEXT NOT NULL, code TEXT NOT NULL, title TEXT NOT NULL, detail TEXT NOT NULL, field TEXT, uid TEXT,
    PRIMARY KEY (ingestion, number)
) STRICT, WITHOUT ROWID;
"""
"""The tables of the jobs and their errors. Errors are numbered from 0, so that any page of them is found at once."""
_INSERT: Final = """
INSERT INTO ingestions VALUES (
    :id, :status, :total, :processed, :invalid, :inserted_at, :requested_at, :started_at, :completed_at,
    :filename, :folded_name, :sha256, :size, :path, :stuck, :listed_at, :skew
)"""
_INSERT_ERROR: Final = """
INSERT INTO errors VALUES (
    :ingestion, :number, :id, :record, :pointer, :code, :title, :detail, :field, :uid
)"""
_COUNT_ERRORS: Final = "SELECT coalesce(max(number) + 1, 0) FROM errors WHERE ingestion = :id"
_FORGET_ERRORS: Final = "DELETE FROM errors WHERE ingestion = :id"
_BEGIN: Final = """
UPDATE ingestions SET status = :status, processed = 0, invalid = 0, started_at = :at WHERE id = :id"""
_ADVANCE: Final = "UPDATE ingestions SET processed = :processed, invalid = :invalid WHERE id = :id"
_FINISH: Final = "UPDATE ingestions SET status = :status, completed_at = :at WHERE id = :id"
# In the words of the index, which alone finds the one job that is open among thousands that are not.
_OPEN: Final = """
SELECT * FROM ingestions WHERE stuck = 0 AND path IS NOT NULL AND status IN ('pending', 'processing')
ORDER BY rowid LIMIT 1"""
_FILTERED: Final = """
FROM ingestions
WHERE (:statuses IS NULL OR status IN (SELECT value FROM json_each(:statuses)))
  AND (:inserted IS NULL OR inserted_at BETWEEN :inserted AND :inserted + 86399999999)
  AND (:completed IS NULL OR completed_at BETWEEN :completed AND :completed + 86399999999)
  AND (:listed IS NULL OR listed_at IS NULL OR listed_at <= :listed)
  AND NOT EXISTS (
      SELECT 1 FROM json_each(:terms)
      WHERE instr(ingestions.id, value) = 0 AND instr(status, value) = 0 AND instr(folded_name, value) = 0
  )
"""
_ERRORS: Final = "SELECT * FROM errors WHERE ingestion = :id AND number >= :offset ORDER BY number LIMIT :limit"

# PostgreSQL, which the real service runs on, puts what is missing last when ascending and first when descending.
_ORDERS: Final = {
    sign + name: f"{name} {order}"
    for name in ("inserted_at", "requested_at", "started_at", "completed_at")
    for sign, order in (("", "ASC NULLS LAST"), ("-", "DESC NULLS FIRST"))
}
_NEWEST_FIRST: Final = ("-inserted_at",)
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND: Final = timedelta(microseconds=1)


class Store:
    """The jobs and their errors, in tables of the sandbox's database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def wait(self, until: Callable[[], bool], timeout: float | None = None) -> bool:
        """Wait until *until* holds: it is asked again after every change. False when *timeout* seconds passed first."""
        return self._database.wait(until, timeout)

    def wake(self) -> None:
        """Let everyone who waits look again."""
        self._database.wake()

    def add(self, ingestion: Ingestion) -> None:
        """Keep a new job, in whatever state it is."""
        with self._database.writing() as database:
            database.execute(_INSERT, _row(ingestion))

    def begin(self, job: UUID, at: datetime) -> None:
        """Start to process a job, from its first record: what an earlier process left of it is forgotten."""
        with self._database.writing() as database:
            _begin(database, job, at)

    def advance(self, job: UUID, *, processed: int, invalid: int, errors: Sequence[RecordError]) -> None:
        """Set a job's counters and add to its errors, all or nothing."""
        with self._database.writing() as database:
            _advance(database, job, processed, invalid, errors)

    def finish(self, job: UUID, status: str, at: datetime) -> None:
        """End a job."""
        with self._database.writing() as database:
            _finish(database, job, status, at)

    def settle(
        self,
        job: UUID,
        status: str,
        *,
        started_at: datetime,
        completed_at: datetime,
        processed: int,
        invalid: int,
        errors: Sequence[RecordError],
    ) -> None:
        """Begin, advance and end a job at once: it costs a small one no more than one write."""
        with self._database.writing() as database:
            _begin(database, job, started_at)
            _advance(database, job, processed, invalid, errors)
            _finish(database, job, status, completed_at)

    def next_open(self) -> Ingestion | None:
        """The oldest job that waits to be processed, or that an earlier process began and did not end."""
        rows = self._database.read(_OPEN, {})
        return _ingestion(rows[0]) if rows else None

    def ingestion(self, job: UUID, where: Filter = EVERYTHING) -> Ingestion | None:
        """One job, if it is there and meets the condition."""
        rows = self._database.read("SELECT * " + _FILTERED + " AND id = :id", {**_values(where), "id": str(job)})
        return _ingestion(rows[0]) if rows else None

    def count(self, where: Filter = EVERYTHING) -> int:
        """How many jobs meet the condition."""
        return int(self._database.read("SELECT count(*) " + _FILTERED, _values(where))[0][0])

    def ingestions(
        self, where: Filter = EVERYTHING, sort: Sequence[str] = (), *, limit: int, offset: int = 0
    ) -> list[Ingestion]:
        """Jobs that meet the condition, sorted by names of times (`-` for descending), newest first by default."""
        order = ", ".join(_ORDERS[name] for name in sort or _NEWEST_FIRST)
        statement = "SELECT * " + _FILTERED + f" ORDER BY {order}, rowid LIMIT :limit OFFSET :offset"
        return [
            _ingestion(row)
            for row in self._database.read(statement, {**_values(where), "limit": limit, "offset": offset})
        ]

    def count_errors(self, job: UUID) -> int:
        """How many errors a job has."""
        return int(self._database.read(_COUNT_ERRORS, {"id": str(job)})[0][0])

    def errors(self, job: UUID, *, limit: int, offset: int = 0) -> list[RecordError]:
        """Errors of a job, in file order."""
        rows = self._database.read(_ERRORS, {"id": str(job), "limit": limit, "offset": offset})
        return [_record_error(row) for row in rows]


def _begin(database: sqlite3.Connection, job: UUID, at: datetime) -> None:
    database.execute(_FORGET_ERRORS, {"id": str(job)})
    database.execute(_BEGIN, {"id": str(job), "status": PROCESSING, "at": _stamp(at)})


def _advance(
    database: sqlite3.Connection, job: UUID, processed: int, invalid: int, errors: Sequence[RecordError]
) -> None:
    database.execute(_ADVANCE, {"id": str(job), "processed": processed, "invalid": invalid})
    if errors:
        first = int(database.execute(_COUNT_ERRORS, {"id": str(job)}).fetchone()[0])
        database.executemany(
            _INSERT_ERROR, [_error_row(job, number, error) for number, error in enumerate(errors, first)]
        )


def _finish(database: sqlite3.Connection, job: UUID, status: str, at: datetime) -> None:
    database.execute(_FINISH, {"id": str(job), "status": status, "at": _stamp(at)})


def _stamp(at: datetime) -> int:
    return (at - _EPOCH) // _MICROSECOND


def _time(stamp: int) -> datetime:
    return _EPOCH + stamp * _MICROSECOND


def _day(day: date | None) -> int | None:
    """The stamp of a day's first instant."""
    return None if day is None else _stamp(datetime(day.year, day.month, day.day, tzinfo=UTC))


def _values(where: Filter) -> dict[str, Value]:
    """What stands for the names in `_FILTERED`."""
    return {
        "statuses": None if where.statuses is None else json.dumps(where.statuses),
        "inserted": _day(where.inserted),
        "completed": _day(where.completed),
        "listed": None if where.listed_by is None else _stamp(where.listed_by),
        "terms": json.dumps([term.casefold() for term in where.terms]),
    }


def _row(ingestion: Ingestion) -> dict[str, Value]:
    return {
        "id": str(ingestion.id),
        "status": ingestion.status,
        "total": ingestion.total,
        "processed": ingestion.processed,
        "invalid": ingestion.invalid,
        "inserted_at": _stamp(ingestion.inserted_at),
        "requested_at": _stamp(ingestion.requested_at),
        "started_at": None if ingestion.started_at is None else _stamp(ingestion.started_at),
        "completed_at": None if ingestion.completed_at is None else _stamp(ingestion.completed_at),
        "filename": ingestion.filename,
        "folded_name": ingestion.filename.casefold(),
        "sha256": ingestion.sha256,
        "size": ingestion.size,
        "path": None if ingestion.path is None else str(ingestion.path),
        "stuck": ingestion.stuck,
        "listed_at": None if ingestion.listed_at is None else _stamp(ingestion.listed_at),
        "skew": ingestion.skew // _MICROSECOND,
    }


def _ingestion(row: sqlite3.Row) -> Ingestion:
    return Ingestion(
        id=UUID(row["id"]),
        status=row["status"],
        total=row["total"],
        processed=row["processed"],
        invalid=row["invalid"],
        inserted_at=_time(row["inserted_at"]),
        requested_at=_time(row["requested_at"]),
        started_at=None if row["started_at"] is None else _time(row["started_at"]),
        completed_at=None if row["completed_at"] is None else _time(row["completed_at"]),
        filename=row["filename"],
        sha256=row["sha256"],
        size=row["size"],
        path=None if row["path"] is None else Path(row["path"]),
        stuck=bool(row["stuck"]),
        listed_at=None if row["listed_at"] is None else _time(row["listed_at"]),
        skew=row["skew"] * _MICROSECOND,
    )


def _error_row(job: UUID, number: int, error: RecordError) -> dict[str, Value]:
    return {
        "number": number,
        "id": str(error.id),
        "ingestion": str(job),
        "record": error.record,
        "pointer": error.pointer,
        "code": error.code,
        "title": error.title,
        "detail": error.detail,
        "field": error.field,
        "uid": error.uid,
    }


def _record_error(row: sqlite3.Row) -> RecordError:
    return RecordError(
        id=UUID(row["id"]),
        record=row["record"],
        pointer=row["pointer"],
        code=row["code"],
        title=row["title"],
        detail=row["detail"],
        field=row["field"],
        uid=row["uid"],
    )
