"""The ledger's tables, what they forbid, and the ways from older versions to this one.

What must never happen is forbidden by the database itself, so that no slip of ours can bring it about: an illegal way
between states, two attempts in flight, a way out of a doubt that nobody settled, an attempt that is changed or gone.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping
from typing import Final

from console.submissions.model import BatchState, Judge, Settled

APPLICATION_ID: Final = 0x0C5FC0
SCHEMA_VERSION: Final = 2

LEGAL: Final = (
    (BatchState.READY, BatchState.SENDING),
    (BatchState.READY, BatchState.CANCELLED),
    (BatchState.SENDING, BatchState.READY),
    (BatchState.SENDING, BatchState.WAITING),
    (BatchState.SENDING, BatchState.ACCEPTED),
    (BatchState.SENDING, BatchState.REFUSED),
    (BatchState.SENDING, BatchState.DENIED),
    (BatchState.SENDING, BatchState.UNKNOWN),
    (BatchState.WAITING, BatchState.SENDING),
    (BatchState.WAITING, BatchState.CANCELLED),
    (BatchState.REFUSED, BatchState.CANCELLED),
    (BatchState.DENIED, BatchState.SENDING),
    (BatchState.DENIED, BatchState.CANCELLED),
    (BatchState.UNKNOWN, BatchState.ACCEPTED),
    (BatchState.UNKNOWN, BatchState.READY),
    (BatchState.UNKNOWN, BatchState.ABANDONED),
)
"""The ways between the states of a batch. A trigger forbids all others."""


def _names(values: type[BatchState] | type[Settled] | type[Judge]) -> str:
    return ", ".join(f"'{value}'" for value in values)


_WAYS: Final = ", ".join(f"('{old}', '{new}')" for old, new in LEGAL)

_TABLES: Final = f"""
CREATE TABLE submission (
    sequence INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    target TEXT NOT NULL,
    kind TEXT NOT NULL,
    origin TEXT NOT NULL,
    resend_of TEXT,
    created_at TEXT NOT NULL,
    retired_at TEXT
) STRICT;
CREATE TABLE batch (
    submission TEXT NOT NULL REFERENCES submission (id),
    number INTEGER NOT NULL CHECK (number > 0),
    records INTEGER NOT NULL CHECK (records >= 0),
    bytes INTEGER NOT NULL CHECK (bytes >= 0),
    sha256 TEXT NOT NULL,
    source BLOB NOT NULL,
    source_sha256 TEXT NOT NULL,
    state TEXT NOT NULL DEFAULT 'ready' CHECK (state IN ({_names(BatchState)})),
    not_before TEXT,
    job_id TEXT,
    inferred INTEGER NOT NULL DEFAULT 0 CHECK (inferred IN (0, 1)),
    detail TEXT NOT NULL DEFAULT '',
    PRIMARY KEY (submission, number),
    CHECK ((state = 'accepted') = (job_id IS NOT NULL)),
    CHECK (state = 'accepted' OR inferred = 0),
    CHECK ((state = 'waiting') = (not_before IS NOT NULL))
) STRICT;
CREATE TABLE account (
    submission TEXT NOT NULL,
    batch INTEGER NOT NULL,
    provider TEXT NOT NULL,
    uid TEXT NOT NULL,
    records INTEGER NOT NULL CHECK (records > 0),
    PRIMARY KEY (submission, batch, provider, uid),
    FOREIGN KEY (submission, batch) REFERENCES batch (submission, number)
) STRICT;
CREATE TABLE attempt (
    sequence INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    submission TEXT NOT NULL,
    batch INTEGER NOT NULL,
    credential TEXT NOT NULL,
    started_at TEXT NOT NULL,
    clock_offset REAL,
    ended_at TEXT,
    outcome TEXT CHECK (outcome IS NULL OR outcome IN ({_names(BatchState)})),
    detail TEXT NOT NULL DEFAULT '',
    CHECK ((ended_at IS NULL) = (outcome IS NULL)),
    FOREIGN KEY (submission, batch) REFERENCES batch (submission, number)
) STRICT;
CREATE TABLE job (
    sequence INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    submission TEXT NOT NULL,
    batch INTEGER NOT NULL,
    status TEXT NOT NULL,
    total INTEGER,
    processed INTEGER,
    invalid INTEGER,
    inserted_at TEXT,
    requested_at TEXT,
    started_at TEXT,
    completed_at TEXT,
    raw TEXT NOT NULL,
    FOREIGN KEY (submission, batch) REFERENCES batch (submission, number)
) STRICT;
CREATE TABLE job_error (
    sequence INTEGER PRIMARY KEY,
    job TEXT NOT NULL REFERENCES job (id),
    message TEXT NOT NULL,
    code TEXT NOT NULL,
    record INTEGER,
    uid TEXT,
    pointer TEXT,
    raw TEXT NOT NULL
) STRICT;
CREATE TABLE ending (
    submission TEXT NOT NULL,
    batch INTEGER NOT NULL,
    status TEXT NOT NULL,
    at TEXT NOT NULL,
    PRIMARY KEY (submission, batch),
    FOREIGN KEY (submission, batch) REFERENCES batch (submission, number)
) STRICT;
CREATE TABLE settlement (
    sequence INTEGER PRIMARY KEY,
    attempt TEXT NOT NULL REFERENCES attempt (id),
    judge TEXT NOT NULL CHECK (judge IN ({_names(Judge)})),
    verdict TEXT NOT NULL CHECK (verdict IN ({_names(Settled)})),
    job_id TEXT,
    evidence TEXT NOT NULL,
    at TEXT NOT NULL,
    CHECK ((verdict = 'adopted') = (job_id IS NOT NULL))
) STRICT;
"""

_RULES: Final = f"""
CREATE INDEX batch_job ON batch (job_id) WHERE job_id IS NOT NULL;
CREATE INDEX batch_content ON batch (sha256);
CREATE INDEX batch_unfinished ON batch (state) WHERE state IN ('ready', 'waiting', 'denied', 'sending', 'unknown');
CREATE INDEX attempt_batch ON attempt (submission, batch);
CREATE INDEX settlement_attempt ON settlement (attempt);
CREATE INDEX job_error_job ON job_error (job);
CREATE INDEX job_batch ON job (submission, batch);
CREATE INDEX account_name ON account (provider, uid);
CREATE UNIQUE INDEX one_attempt_in_flight ON attempt (submission, batch) WHERE ended_at IS NULL;
CREATE TRIGGER legal_way BEFORE UPDATE OF state ON batch
WHEN (OLD.state, NEW.state) NOT IN (VALUES {_WAYS})
BEGIN SELECT RAISE(ABORT, 'illegal way between states'); END;
CREATE TRIGGER doubt_is_settled BEFORE UPDATE OF state ON batch
WHEN OLD.state = 'unknown' AND NOT EXISTS (
    SELECT 1 FROM settlement JOIN attempt ON attempt.id = settlement.attempt
    WHERE attempt.sequence = (
        SELECT max(sequence) FROM attempt WHERE submission = OLD.submission AND batch = OLD.number
    ) AND settlement.verdict = CASE NEW.state
        WHEN 'accepted' THEN 'adopted' WHEN 'ready' THEN 'resend' ELSE 'abandoned' END
)
BEGIN SELECT RAISE(ABORT, 'nobody settled the doubt'); END;
CREATE TRIGGER sending_is_attempted BEFORE UPDATE OF state ON batch
WHEN NEW.state = 'sending' AND NOT EXISTS (
    SELECT 1 FROM attempt WHERE submission = OLD.submission AND batch = OLD.number AND ended_at IS NULL
)
BEGIN SELECT RAISE(ABORT, 'nothing is sent without an attempt'); END;
CREATE TRIGGER attempts_end_once BEFORE UPDATE ON attempt
WHEN OLD.ended_at IS NOT NULL
BEGIN SELECT RAISE(ABORT, 'an attempt that ended is never changed'); END;
CREATE TRIGGER attempts_stay BEFORE DELETE ON attempt
WHEN NOT EXISTS (SELECT 1 FROM submission WHERE id = OLD.submission AND retired_at IS NOT NULL)
BEGIN SELECT RAISE(ABORT, 'attempts are never removed'); END;
CREATE TRIGGER settlements_stay BEFORE UPDATE ON settlement
BEGIN SELECT RAISE(ABORT, 'a settlement is never changed'); END;
CREATE TRIGGER only_the_settled_retire BEFORE UPDATE OF retired_at ON submission
WHEN EXISTS (
    SELECT 1 FROM batch WHERE submission = OLD.id
    AND state IN ('ready', 'waiting', 'denied', 'sending', 'unknown')
)
BEGIN SELECT RAISE(ABORT, 'what is not settled stays'); END;
CREATE TRIGGER endings_stay BEFORE UPDATE ON ending
BEGIN SELECT RAISE(ABORT, 'what has ended has ended'); END;
"""  # noqa: S608 (nothing but our own words)

# Version 1 had no waiting, no settlements and no accounts. It noted no detail of an attempt. What it left unended was
# cut off by the death of its process.
_FROM_1: Final = f"""
DROP TRIGGER legal_way;
DROP TRIGGER attempts_stay;
DROP INDEX batch_job;
DROP INDEX batch_content;
ALTER TABLE attempt RENAME TO attempt_1;
ALTER TABLE batch RENAME TO batch_1;
ALTER TABLE submission RENAME TO submission_1;
{_TABLES}
INSERT INTO submission (id, target, kind, origin, created_at)
SELECT id, target, kind, origin, created_at FROM submission_1 ORDER BY created_at, rowid;
INSERT INTO batch (submission, number, records, bytes, sha256, source, source_sha256, state, job_id, detail)
SELECT submission, number, records, bytes, sha256, source, source_sha256, state, job_id, detail FROM batch_1;
INSERT INTO attempt (id, submission, batch, credential, started_at, ended_at, outcome)
SELECT id, submission, batch, credential, started_at,
       CASE WHEN in_flight THEN NULL ELSE coalesce(ended_at, started_at) END,
       CASE WHEN in_flight THEN NULL ELSE coalesce(outcome, 'unknown') END
FROM (
    SELECT attempt_1.*, attempt_1.rowid AS position,
           attempt_1.ended_at IS NULL AND batch_1.state = 'sending' AND attempt_1.rowid = (
               SELECT max(other.rowid) FROM attempt_1 AS other
               WHERE other.submission = attempt_1.submission AND other.batch = attempt_1.batch
           ) AS in_flight
    FROM attempt_1 JOIN batch_1 ON batch_1.submission = attempt_1.submission AND batch_1.number = attempt_1.batch
) ORDER BY position;
DROP TABLE attempt_1;
DROP TABLE batch_1;
DROP TABLE submission_1;
{_RULES}
"""  # noqa: S608 (nothing but our own words)

_MIGRATIONS: Final[Mapping[int, str]] = {1: _FROM_1}
"""By the version that each leads away from, to the next one."""


def create(database: sqlite3.Connection) -> None:
    """Make the tables of a new ledger, within the transaction that is open."""
    _run(database, _TABLES + _RULES)
    database.execute(f"PRAGMA application_id = {APPLICATION_ID}")
    database.execute(f"PRAGMA user_version = {SCHEMA_VERSION}")


def can_migrate(version: int) -> bool:
    """Whether there is a way from an older version to this one."""
    return version in _MIGRATIONS


def migrate(database: sqlite3.Connection, version: int) -> None:
    """Lead an older ledger to this version, within the transaction that is open."""
    for step in range(version, SCHEMA_VERSION):
        _run(database, _MIGRATIONS[step])
    database.execute(f"PRAGMA user_version = {SCHEMA_VERSION}")


def _run(database: sqlite3.Connection, script: str) -> None:
    """Execute a script statement by statement. `executescript` would commit the transaction around it."""
    pending = ""
    for line in script.splitlines(keepends=True):
        pending += line
        if sqlite3.complete_statement(pending):
            database.execute(pending)
            pending = ""
