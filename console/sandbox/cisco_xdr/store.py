"""The findings that the Cisco XDR intake took in, in the sandbox's database.

Every method may be called from any thread and may block for a disk write: call them off the event loop.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Final

import msgspec

from console.convert.changes import Change
from console.sandbox.cisco_xdr.model import Caller, ReceivedFinding, Way
from console.sandbox.database import Database, Value

SCHEMA: Final = """
CREATE TABLE cisco_findings (
    number INTEGER PRIMARY KEY, uid TEXT NOT NULL, way TEXT NOT NULL, module_instance_id TEXT NOT NULL,
    source TEXT NOT NULL, workflow_run_id TEXT, request_id TEXT NOT NULL, received_at INTEGER NOT NULL,
    sha256 TEXT NOT NULL, size INTEGER NOT NULL, bundle BLOB NOT NULL, changes TEXT NOT NULL
) STRICT;
CREATE INDEX cisco_findings_by_uid ON cisco_findings (uid);
"""
"""The table of the findings: one row each time that a finding was taken in."""
_INSERT: Final = """
INSERT INTO cisco_findings VALUES (
    NULL, :uid, :way, :module_instance_id, :source, :workflow_run_id, :request_id, :received_at, :sha256, :size,
    :bundle, :changes
)"""
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND: Final = timedelta(microseconds=1)


class Store:
    """The findings, in a table of the sandbox's database. Nothing is ever removed or changed."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def add(self, findings: Sequence[ReceivedFinding]) -> None:
        """Keep the findings of one request, all or none, in their order."""
        with self._database.writing() as database:
            database.executemany(_INSERT, map(_row, findings))

    def count(self, uid: str | None = None) -> int:
        """How often findings were taken in: those of that uid, or all."""
        statement = "SELECT count(*) FROM cisco_findings WHERE :uid IS NULL OR uid = :uid"
        return int(self._database.read(statement, {"uid": uid})[0][0])

    def latest(self, uid: str) -> ReceivedFinding | None:
        """The finding of that uid that was taken in last."""
        statement = "SELECT * FROM cisco_findings WHERE uid = :uid ORDER BY number DESC LIMIT 1"
        rows = self._database.read(statement, {"uid": uid})
        return _finding(rows[0]) if rows else None

    def findings(self, *, limit: int, offset: int = 0) -> list[ReceivedFinding]:
        """Findings in the order in which they were taken in."""
        statement = "SELECT * FROM cisco_findings ORDER BY number LIMIT :limit OFFSET :offset"
        return [_finding(row) for row in self._database.read(statement, {"limit": limit, "offset": offset})]


def _row(finding: ReceivedFinding) -> dict[str, Value]:
    return {
        "uid": finding.uid,
        "way": finding.way,
        "module_instance_id": finding.caller.module_instance_id,
        "source": finding.caller.source,
        "workflow_run_id": finding.caller.workflow_run_id,
        "request_id": finding.caller.request_id,
        "received_at": (finding.received_at - _EPOCH) // _MICROSECOND,
        "sha256": finding.sha256,
        "size": finding.size,
        "bundle": finding.bundle,
        "changes": msgspec.json.encode(finding.changes).decode(),
    }


def _finding(row: sqlite3.Row) -> ReceivedFinding:
    return ReceivedFinding(
        uid=row["uid"],
        way=Way(row["way"]),
        caller=Caller(row["module_instance_id"], row["source"], row["workflow_run_id"], row["request_id"]),
        received_at=_EPOCH + row["received_at"] * _MICROSECOND,
        sha256=row["sha256"],
        size=row["size"],
        bundle=row["bundle"],
        changes=msgspec.json.decode(row["changes"], type=list[Change]),
    )
