"""The ledger as version 1 of this console made it."""

from __future__ import annotations

from typing import Final

SCHEMA: Final = """
PRAGMA application_id = 810944;
PRAGMA user_version = 1;
CREATE TABLE submission (
    id TEXT PRIMARY KEY, target TEXT NOT NULL, kind TEXT NOT NULL, origin TEXT NOT NULL, created_at TEXT NOT NULL
) STRICT;
CREATE TABLE batch (
    submission TEXT NOT NULL REFERENCES submission,
    number INTEGER NOT NULL CHECK (number > 0),
    records INTEGER NOT NULL CHECK (records >= 0),
    bytes INTEGER NOT NULL CHECK (bytes >= 0),
    sha256 TEXT NOT NULL,
    source BLOB NOT NULL,
    source_sha256 TEXT NOT NULL,
    state TEXT NOT NULL DEFAULT 'ready'
        CHECK (state IN ('ready', 'sending', 'accepted', 'refused', 'denied', 'unknown')),
    job_id TEXT,
    detail TEXT NOT NULL DEFAULT '',
    PRIMARY KEY (submission, number),
    CHECK ((state = 'accepted') = (job_id IS NOT NULL))
) STRICT;
CREATE INDEX batch_job ON batch (job_id);
CREATE INDEX batch_content ON batch (sha256);
CREATE TABLE attempt (
    id TEXT PRIMARY KEY, submission TEXT NOT NULL, batch INTEGER NOT NULL, credential TEXT NOT NULL,
    started_at TEXT NOT NULL, ended_at TEXT, outcome TEXT,
    FOREIGN KEY (submission, batch) REFERENCES batch (submission, number)
) STRICT;
CREATE TRIGGER legal_way BEFORE UPDATE OF state ON batch
WHEN (OLD.state, NEW.state) NOT IN (VALUES ('ready', 'sending'), ('sending', 'ready'), ('sending', 'accepted'),
    ('sending', 'refused'), ('sending', 'denied'), ('sending', 'unknown'), ('denied', 'sending'))
BEGIN SELECT RAISE(ABORT, 'illegal way between states'); END;
CREATE TRIGGER attempts_stay BEFORE DELETE ON attempt
BEGIN SELECT RAISE(ABORT, 'attempts are never removed'); END;
"""
