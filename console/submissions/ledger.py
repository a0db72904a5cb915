"""The ledger: the local SQLite store of submissions, batches and attempts.

Write-ahead: that a batch is being sent is committed before its first byte leaves. Whatever is found in that state
without a living process behind it is `unknown`, and stays so until somebody settles it. A `Ledger` belongs to the one
thread that opened it.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from console.errors import StateError
from console.submissions.model import BatchState, Plan, SentBatch, Submission
from console.targets.base import JobQuery, Page

APPLICATION_ID: Final = 0x0C5FC0
SCHEMA_VERSION: Final = 1

LEGAL: Final = (
    (BatchState.READY, BatchState.SENDING),
    (BatchState.SENDING, BatchState.READY),
    (BatchState.SENDING, BatchState.ACCEPTED),
    (BatchState.SENDING, BatchState.REFUSED),
    (BatchState.SENDING, BatchState.DENIED),
    (BatchState.SENDING, BatchState.UNKNOWN),
    (BatchState.DENIED, BatchState.SENDING),
)
"""The ways between the states of a batch. A trigger forbids all others."""

_STATES: Final = ", ".join(f"'{state}'" for state in BatchState)
_WAYS: Final = ", ".join(f"('{old}', '{new}')" for old, new in LEGAL)
_SCHEMA: Final = f"""
PRAGMA application_id = {APPLICATION_ID};
PRAGMA user_version = {SCHEMA_VERSION};
CREATE TABLE submission (
    id TEXT PRIMARY KEY,
    target TEXT NOT NULL,
    kind TEXT NOT NULL,
    origin TEXT NOT NULL,
    created_at TEXT NOT NULL
) STRICT;
CREATE TABLE batch (
    submission TEXT NOT NULL REFERENCES submission,
    number INTEGER NOT NULL CHECK (number > 0),
    records INTEGER NOT NULL CHECK (records >= 0),
    bytes INTEGER NOT NULL CHECK (bytes >= 0),
    sha256 TEXT NOT NULL,
    source BLOB NOT NULL,
    source_sha256 TEXT NOT NULL,
    state TEXT NOT NULL DEFAULT 'ready' CHECK (state IN ({_STATES})),
    job_id TEXT,
    detail TEXT NOT NULL DEFAULT '',
    PRIMARY KEY (submission, number),
    CHECK ((state = 'accepted') = (job_id IS NOT NULL))
) STRICT;
CREATE INDEX batch_job ON batch (job_id);
CREATE INDEX batch_content ON batch (sha256);
CREATE TABLE attempt (
    id TEXT PRIMARY KEY,
    submission TEXT NOT NULL,
    batch INTEGER NOT NULL,
    credential TEXT NOT NULL,
    started_at TEXT NOT NULL,
    ended_at TEXT,
    outcome TEXT,
    FOREIGN KEY (submission, batch) REFERENCES batch (submission, number)
) STRICT;
CREATE TRIGGER legal_way BEFORE UPDATE OF state ON batch
WHEN (OLD.state, NEW.state) NOT IN (VALUES {_WAYS})
BEGIN SELECT RAISE(ABORT, 'illegal way between states'); END;
CREATE TRIGGER attempts_stay BEFORE DELETE ON attempt
BEGIN SELECT RAISE(ABORT, 'attempts are never removed'); END;
"""

_BATCH: Final = """
SELECT number, records, bytes, sha256, source, source_sha256, state, job_id, detail,
       (SELECT count(*) FROM attempt WHERE attempt.submission = batch.submission AND attempt.batch = batch.number)
FROM batch WHERE submission = ? ORDER BY number
"""


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds")


class Ledger:
    """The open ledger. Every method commits before it returns; each raises `StateError` when the disk refuses."""

    def __init__(self, path: Path, clock: Callable[[], str] = _now) -> None:
        self._path = path
        self._clock = clock
        try:
            # SQLite would make the file with the umask's mode.
            os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600))
            self._database = sqlite3.connect(path, timeout=10, isolation_level=None)
        except (OSError, sqlite3.Error) as error:
            raise self._unusable(str(error)) from error
        try:
            self._prepare()
        except sqlite3.Error as error:
            self._database.close()
            raise self._failed(error) from error
        except StateError:
            self._database.close()
            raise

    def _prepare(self) -> None:
        """Set what SQLite does not keep in the file, and make the tables of a new ledger."""
        # A rollback journal: SQLite before 3.51.3 can damage a write-ahead log that two processes write.
        self._database.executescript(
            "PRAGMA journal_mode = DELETE; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON"
        )
        with self._database:
            self._database.execute("BEGIN IMMEDIATE")
            (application,) = self._database.execute("PRAGMA application_id").fetchone()
            (version,) = self._database.execute("PRAGMA user_version").fetchone()
            tables = self._database.execute("SELECT count(*) FROM sqlite_schema").fetchone()[0]
            if tables == 0:
                for statement in _statements(_SCHEMA):
                    self._database.execute(statement)
            elif application != APPLICATION_ID:
                raise self._unusable("it is another program's file")
            elif version != SCHEMA_VERSION:
                raise self._unusable(f"it has version {version}, and this console knows version {SCHEMA_VERSION}")

    def _unusable(self, why: str) -> StateError:
        return StateError(
            f"The ledger {self._path} can't be used: {why}. It was left as it is.",
            hint="Move it away to start a new one, or name another folder in OCSF_CONSOLE_STATE_DIR.",
        )

    def close(self) -> None:
        """Close the file."""
        self._database.close()

    def record(self, plan: Plan) -> None:
        """Write a plan down as a submission whose batches are ready."""
        with self._transaction():
            self._database.execute(
                "INSERT INTO submission VALUES (?, ?, ?, ?, ?)",
                (plan.submission, plan.target, plan.kind, plan.origin, self._clock()),
            )
            self._database.executemany(
                "INSERT INTO batch (submission, number, records, bytes, sha256, source, source_sha256)"
                " VALUES (?, ?, ?, ?, ?, ?, ?)",
                [
                    (
                        plan.submission,
                        frozen.batch.number,
                        frozen.batch.records,
                        frozen.batch.length,
                        frozen.batch.sha256,
                        os.fsencode(frozen.source),
                        frozen.source_sha256,
                    )
                    for frozen in plan.batches
                ],
            )

    def begin_attempt(self, attempt: str, submission: str, batch: int, credential: str) -> None:
        """Commit that a batch is being sent, and with which secret (its fingerprint). Call it before the first byte."""
        with self._transaction():
            self._move(submission, batch, BatchState.SENDING, None, "")
            self._database.execute(
                "INSERT INTO attempt (id, submission, batch, credential, started_at) VALUES (?, ?, ?, ?, ?)",
                (attempt, submission, batch, credential, self._clock()),
            )

    def end_attempt(
        self, attempt: str, submission: str, batch: int, state: BatchState, *, job_id: str | None, detail: str
    ) -> None:
        """Commit what an attempt came to."""
        with self._transaction():
            self._database.execute(
                "UPDATE attempt SET ended_at = ?, outcome = ? WHERE id = ?", (self._clock(), state, attempt)
            )
            self._move(submission, batch, state, job_id, detail)

    def _move(self, submission: str, batch: int, state: BatchState, job_id: str | None, detail: str) -> None:
        self._database.execute(
            "UPDATE batch SET state = ?, job_id = ?, detail = ? WHERE submission = ? AND number = ?",
            (state, job_id, detail, submission, batch),
        )

    def being_sent(self) -> list[str]:
        """Submissions with a batch that some process was sending when it last wrote."""
        return [row[0] for row in self._query("SELECT DISTINCT submission FROM batch WHERE state = 'sending'")]

    def doubt(self, submission: str) -> None:
        """Whoever sent this submission is gone: what was being sent is unknown from now on."""
        with self._transaction():
            self._database.execute(
                "UPDATE batch SET state = 'unknown', detail = 'The console stopped while this was being sent.'"
                " WHERE submission = ? AND state = 'sending'",
                (submission,),
            )

    def submission(self, submission: str) -> Submission | None:
        """One submission, whole."""
        rows = self._query("SELECT id, target, kind, created_at FROM submission WHERE id = ?", submission)
        if not rows:
            return None
        batches = [
            SentBatch(
                number=number,
                records=records,
                bytes=length,
                sha256=sha256,
                source=Path(os.fsdecode(source)),
                source_sha256=source_sha256,
                state=BatchState(state),
                job_id=job_id,
                attempts=attempts,
                detail=detail,
            )
            for number, records, length, sha256, source, source_sha256, state, job_id, detail, attempts in self._query(
                _BATCH, submission
            )
        ]
        ((found, target, kind, created_at),) = rows
        return Submission(found, target, kind, created_at, batches)

    def of_job(self, origin: str, job_id: str) -> Submission | None:
        """The submission that a job at that address came from."""
        rows = self._query(
            "SELECT submission.id FROM submission JOIN batch ON batch.submission = submission.id"
            " WHERE submission.origin = ? AND batch.job_id = ?",
            origin,
            job_id,
        )
        return self.submission(rows[0][0]) if rows else None

    def sent_before(self, origin: str, sha256: str) -> list[str]:
        """Submissions to that address that sent, or may have sent, the same bytes."""
        rows = self._query(
            "SELECT DISTINCT submission.id FROM submission JOIN batch ON batch.submission = submission.id"
            " WHERE submission.origin = ? AND batch.sha256 = ? AND batch.state IN ('accepted', 'sending', 'unknown')",
            origin,
            sha256,
        )
        return [row[0] for row in rows]

    def unknown(self, origin: str, query: JobQuery) -> Page[Submission]:
        """Submissions to that address with a batch whose outcome is unknown, newest first."""
        rows = self._query(
            "SELECT DISTINCT submission.id, submission.created_at FROM submission"
            " JOIN batch ON batch.submission = submission.id"
            " WHERE submission.origin = ? AND batch.state = 'unknown' ORDER BY submission.created_at DESC",
            origin,
        )
        first = (query.page - 1) * query.page_size
        found = [self.submission(row[0]) for row in rows[first : first + query.page_size]]
        return Page(
            items=[submission for submission in found if submission],
            number=query.page,
            pages=max(1, -(-len(rows) // query.page_size)),
            count=len(rows),
        )

    def known(self) -> set[str]:
        """All submissions."""
        return {row[0] for row in self._query("SELECT id FROM submission")}

    def _query(self, statement: str, *values: str) -> list[tuple[Any, ...]]:
        try:
            return self._database.execute(statement, values).fetchall()
        except sqlite3.Error as error:
            raise self._failed(error) from error

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        """One write: all of it or nothing, durable when it ends."""
        try:
            self._database.execute("BEGIN IMMEDIATE")
            try:
                yield
                self._database.execute("COMMIT")
            finally:
                # A failed commit leaves the transaction open; some failures have rolled it back already.
                if self._database.in_transaction:
                    self._database.execute("ROLLBACK")
        except sqlite3.Error as error:
            raise self._failed(error) from error

    def _failed(self, error: sqlite3.Error) -> StateError:
        """What a failure of SQLite means for the user."""
        if error.sqlite_errorcode & 0xFF in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
            return StateError(
                f"The ledger {self._path} is in use by another process, which does not let go of it.",
                hint="Try again in a moment.",
            )
        return self._unusable(str(error))


def _statements(script: str) -> list[str]:
    """Split a script into statements. `executescript` would commit the transaction around it."""
    statements: list[str] = []
    pending = ""
    for line in script.strip().splitlines(keepends=True):
        pending += line
        if sqlite3.complete_statement(pending):
            statements.append(pending)
            pending = ""
    return statements
