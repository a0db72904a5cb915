"""The questions that the ledger answers. Nothing here changes it."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from console.submissions.database import Database, Row, storable
from console.submissions.model import UNSENT, Account, BatchState, SentBatch, Submission
from console.targets.base import Try

_BATCH = """
SELECT number, records, bytes, sha256, source, source_sha256, state, job_id, detail, inferred, not_before,
       (SELECT count(*) FROM attempt WHERE attempt.submission = batch.submission AND attempt.batch = batch.number),
       (SELECT status FROM ending WHERE ending.submission = batch.submission AND ending.batch = batch.number),
       (SELECT max(id) FROM job WHERE job.submission = batch.submission AND job.batch = batch.number),
       (SELECT max(invalid) FROM job WHERE job.submission = batch.submission AND job.batch = batch.number)
FROM batch WHERE submission = ? ORDER BY number
"""

_OPEN = ", ".join(f"'{state}'" for state in (*UNSENT, BatchState.SENDING, BatchState.UNKNOWN))

_LISTED = 20
"""Submissions of one content that are listed."""


@dataclass(frozen=True, slots=True)
class Doubt:
    """A batch of which it is not known, or not yet, what the target made of it."""

    submission: str
    target: str
    """Our name of the target that it is for."""
    number: int
    records: int
    bytes: int
    sha256: str
    state: BatchState
    """`UNKNOWN`, or `SENDING` while a process is at it."""
    last: Try


@dataclass(frozen=True, slots=True)
class History:
    """What the open ledger knows. Each question raises `StateError` when the disk refuses."""

    database: Database

    def submission(self, submission: str) -> Submission | None:
        """One submission, whole."""
        rows = self.database.query(
            "SELECT id, target, kind, created_at, origin, resend_of FROM submission WHERE id = ?", submission
        )
        if not rows:
            return None
        ((found, target, kind, created_at, origin, resend_of),) = rows
        batches = [_batch(row) for row in self.database.query(_BATCH, submission)]
        return Submission(found, target, kind, created_at, batches, origin, resend_of)

    def of_job(self, origin: str, job_id: str) -> Submission | None:
        """The submission that a job at that address came from."""
        rows = self.database.query(
            "SELECT submission.id FROM submission JOIN batch ON batch.submission = submission.id"
            " WHERE submission.origin = ? AND batch.job_id = ?"
            " UNION SELECT submission.id FROM submission JOIN job ON job.submission = submission.id"
            " WHERE submission.origin = ? AND job.id = ?",
            origin, job_id, origin, job_id,
        )  # fmt: skip
        return self.submission(rows[0][0]) if rows else None

    def sent_before(self, origin: str, sha256: str) -> list[str]:
        """Submissions to that address that sent, or may have sent, the same bytes. The latest last."""
        rows = self.database.query(
            "SELECT DISTINCT submission.id FROM submission JOIN batch ON batch.submission = submission.id"
            " WHERE submission.origin = ? AND batch.sha256 = ?"
            " AND batch.state IN ('accepted', 'sending', 'unknown', 'abandoned') ORDER BY submission.sequence",
            origin, sha256,
        )  # fmt: skip
        return [row[0] for row in rows]

    def left_unsent(self, origin: str, sha256: str) -> list[str]:
        """Submissions to that address that did not send the same bytes, and still can. The latest last."""
        states = ", ".join(f"'{state}'" for state in UNSENT)
        rows = self.database.query(
            "SELECT DISTINCT submission.id FROM submission JOIN batch ON batch.submission = submission.id"  # noqa: S608
            f" WHERE submission.origin = ? AND batch.sha256 = ? AND batch.state IN ({states})"
            " ORDER BY submission.sequence",
            origin, sha256,
        )  # fmt: skip
        return [row[0] for row in rows]

    def of_content(self, sha256: str) -> list[Submission]:
        """The latest submissions, to any target, of a file with that content or of those very bytes. Newest first."""
        rows = self.database.query(
            "SELECT DISTINCT submission.id FROM submission JOIN batch ON batch.submission = submission.id"
            " WHERE batch.source_sha256 = ? OR batch.sha256 = ? ORDER BY submission.sequence DESC LIMIT ?",
            sha256, sha256, _LISTED,
        )  # fmt: skip
        return [found for row in rows if (found := self.submission(row[0]))]

    def seen_accounts(self, origin: str, accounts: Sequence[Account]) -> set[tuple[str, str]]:
        """Those of the accounts of which that address has accepted records, as (provider, uid)."""
        accepted = (
            "SELECT 1 FROM account"
            " JOIN batch ON batch.submission = account.submission AND batch.number = account.batch"
            " JOIN submission ON submission.id = batch.submission"
            " WHERE account.provider = ? AND account.uid = ? AND submission.origin = ?"
            " AND batch.state = 'accepted' LIMIT 1"
        )
        names = {(account.provider, account.uid) for account in accounts}
        return {name for name in names if self.database.query(accepted, *map(storable, name), origin)}

    def open_ones(self, target: str, origin: str) -> list[Submission]:
        """Submissions to that target, at that address, that somebody has to see to: in doubt, or not sent whole.

        Newest first. Two targets may have one address, as two tenants of one service have.
        """
        rows = self.database.query(
            "SELECT DISTINCT submission.id FROM submission JOIN batch ON batch.submission = submission.id"  # noqa: S608
            " WHERE submission.target = ? AND submission.origin = ?"
            f" AND batch.state IN ({_OPEN}) ORDER BY submission.sequence DESC",
            target,
            origin,
        )
        return [found for row in rows if (found := self.submission(row[0]))]

    def doubts(self, origin: str) -> list[Doubt]:
        """Every batch for that address that is in doubt or on its way, in the order of the attempts."""
        rows = self.database.query(
            "SELECT batch.submission, submission.target, batch.number, batch.records, batch.bytes, batch.sha256,"
            " batch.state, attempt.started_at, attempt.ended_at, attempt.clock_offset"
            " FROM batch JOIN submission ON submission.id = batch.submission JOIN attempt ON attempt.sequence = ("
            "   SELECT max(sequence) FROM attempt AS tried"
            "   WHERE tried.submission = batch.submission AND tried.batch = batch.number)"
            " WHERE submission.origin = ? AND batch.state IN ('unknown', 'sending') ORDER BY attempt.sequence",
            origin,
        )
        return [
            Doubt(
                submission, target, number, records, length, sha256, BatchState(state),
                Try(datetime.fromisoformat(started_at), _moment(ended_at), clock_offset),
            )
            for submission, target, number, records, length, sha256, state, started_at, ended_at, clock_offset in rows
        ]  # fmt: skip

    def known_jobs(self, origin: str, ids: Sequence[str]) -> set[str]:
        """Those of the jobs at that address of which it is known where they came from."""
        from_here = (
            "SELECT 1 FROM batch JOIN submission ON submission.id = batch.submission"
            " WHERE batch.job_id = ? AND submission.origin = ? LIMIT 1"
        )
        return {job_id for job_id in ids if self.database.query(from_here, job_id, origin)}

    def being_sent(self) -> list[str]:
        """Submissions with a batch that some process was sending when it last wrote."""
        return [row[0] for row in self.database.query("SELECT DISTINCT submission FROM batch WHERE state = 'sending'")]

    def known(self) -> set[str]:
        """All submissions."""
        return {row[0] for row in self.database.query("SELECT id FROM submission")}

    def latest(self) -> datetime | None:
        """When the latest submission was made."""
        rows = self.database.query("SELECT created_at FROM submission ORDER BY sequence DESC LIMIT 1")
        return datetime.fromisoformat(rows[0][0]) if rows else None

    def closed_ones(self) -> list[tuple[str, datetime]]:
        """Submissions of which nothing is open any more, and when each was made. The oldest first."""
        rows = self.database.query(
            "SELECT id, created_at FROM submission WHERE NOT EXISTS ("  # noqa: S608
            f"  SELECT 1 FROM batch WHERE batch.submission = submission.id AND state IN ({_OPEN})) ORDER BY sequence"
        )
        return [(submission, datetime.fromisoformat(created_at)) for submission, created_at in rows]


def _batch(row: Row) -> SentBatch:
    (
        number, records, length, sha256, source, source_sha256, state, job_id, detail, inferred, not_before, attempts,
        ended_as, kept_job, kept_invalid,
    ) = row  # fmt: skip
    return SentBatch(
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
        inferred=bool(inferred),
        not_before=not_before,
        ended_as=ended_as,
        kept_job=kept_job,
        kept_invalid=kept_invalid or 0,
    )


def _moment(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None
