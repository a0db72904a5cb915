"""The ledger: what was decided to be sent, every try to send it, and what became of it.

Write-ahead: that a batch is being sent is committed before its first byte leaves. Whatever is found in that state
without a living process behind it is `unknown`, and stays so until the target or the operator settles it. A `Ledger`
belongs to the one thread that opened it. `console.submissions.history` has the questions that only read.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

from console.errors import AlreadySubmitted, BadInput, OutcomeUnknown
from console.records.model import JsonValue
from console.submissions.database import Database, storable
from console.submissions.model import CUT_OFF, UNSENT, BatchState, FrozenBatch, Judge, KeptJob, Plan, Settled

_UNSENT: Final = ", ".join(f"'{state}'" for state in UNSENT)
_SHORT_WAIT: Final = timedelta(minutes=2)
"""What our own pauses between two tries may leave of themselves when a process dies in one."""

Clock = Callable[[], datetime]


def now() -> datetime:
    """The time, as the ledger writes it down."""
    return datetime.now(UTC)


class Ledger:
    """The open ledger. Every method commits before it returns; each raises `StateError` when the disk refuses."""

    def __init__(self, path: Path, clock: Clock = now) -> None:
        self.database = Database(path)
        self._clock = clock

    def close(self) -> None:
        """Close the file."""
        self.database.close()

    def _now(self) -> str:
        return self._clock().isoformat(timespec="milliseconds")

    def record(self, plan: Plan, is_alive: Callable[[str], bool], unseen_since: datetime | None = None) -> None:
        """Write a plan down as a submission whose batches are ready, unless the same content is on its way already.

        *is_alive* says whether a process is at a submission. What an earlier submission of the same content left unsent
        takes this one's place no more: it is cancelled. Raises `AlreadySubmitted` when another process sends the same,
        when it was sent so recently that nobody can have known (after the plan was made, or after *unseen_since*), and
        when the target wants to be left alone. Raises `OutcomeUnknown` while it is unknown what became of the same
        content.
        """
        with self.database.transaction():
            for frozen in plan.batches:
                self._refuse_doubt(plan, frozen)
            for frozen in plan.batches:
                self._give_way(plan, frozen, is_alive, unseen_since)
            self.database.execute(
                "INSERT INTO submission (id, target, kind, origin, resend_of, created_at) VALUES (?, ?, ?, ?, ?, ?)",
                plan.submission, plan.target, plan.kind, plan.origin, plan.resend_of, self._now(),
            )  # fmt: skip
            for frozen in plan.batches:
                self._record_batch(plan.submission, frozen)

    def _record_batch(self, submission: str, frozen: FrozenBatch) -> None:
        batch = frozen.batch
        self.database.execute(
            "INSERT INTO batch (submission, number, records, bytes, sha256, source, source_sha256)"
            " VALUES (?, ?, ?, ?, ?, ?, ?)",
            submission, batch.number, batch.records, batch.length, batch.sha256, os.fsencode(frozen.source),
            frozen.source_sha256,
        )  # fmt: skip
        for account in frozen.accounts:
            self.database.execute(
                "INSERT INTO account (submission, batch, provider, uid, records) VALUES (?, ?, ?, ?, ?)",
                submission, batch.number, storable(account.provider), storable(account.uid), account.records,
            )  # fmt: skip

    def _refuse_doubt(self, plan: Plan, frozen: FrozenBatch) -> None:
        """Raise `OutcomeUnknown` while something of the same finding file is in doubt, however it was wrapped."""
        rows = self.database.query(
            "SELECT submission.id, submission.target FROM batch JOIN submission ON submission.id = batch.submission"
            " WHERE (batch.sha256 = ? OR batch.source_sha256 = ?) AND submission.origin = ?"
            " AND batch.state = 'unknown' ORDER BY submission.sequence",
            frozen.batch.sha256, frozen.source_sha256, plan.origin,
        )  # fmt: skip
        for other, target in rows:
            if other != plan.resend_of:
                raise _doubtful_twin(plan, other, target)

    def _give_way(
        self, plan: Plan, frozen: FrozenBatch, is_alive: Callable[[str], bool], unseen_since: datetime | None
    ) -> None:
        """Refuse what would be a second copy that nobody asked for; cancel what this one replaces."""
        rows = self.database.query(
            "SELECT submission.id, batch.number, batch.state, batch.job_id, batch.not_before,"  # noqa: S608
            " (SELECT max(ended_at) FROM attempt AS tried"
            "  WHERE tried.submission = batch.submission AND tried.batch = batch.number),"
            " EXISTS (SELECT 1 FROM batch AS beside WHERE beside.submission = batch.submission"
            f"  AND beside.state IN ({_UNSENT}))"
            " FROM batch JOIN submission ON submission.id = batch.submission"
            " WHERE batch.sha256 = ? AND submission.origin = ?",
            frozen.batch.sha256, plan.origin,
        )  # fmt: skip
        for other, number, state, job_id, not_before, ended_at, is_unfinished in rows:
            if state == BatchState.SENDING or (state in (BatchState.ACCEPTED, *UNSENT) and is_alive(other)):
                raise _living_twin(other)
            if state in UNSENT:
                self._replace(plan, other, number, not_before)
            elif state == BatchState.ACCEPTED and is_unfinished and unseen_since is not None:
                raise _unfinished_twin(plan, other)
            elif state == BatchState.ACCEPTED and _is_news(plan, other, ended_at, unseen_since):
                raise AlreadySubmitted(
                    f"The same content has just been sent by submission {other}, as job {job_id}. Nothing was sent.",
                    hint="Submit it again if another job of it is wanted.",
                )

    def _replace(self, plan: Plan, other: str, number: int, not_before: str | None) -> None:
        """Cancel what was left unsent of the same content, unless the target wants to be left alone."""
        if not_before is not None and datetime.fromisoformat(not_before) > self._clock() + _SHORT_WAIT:
            raise AlreadySubmitted(
                f"The target asked submission {other}, of the same content, not to try again before {not_before}."
                " Nothing was sent.",
                hint=f"Go on with it then: ocsf-console jobs resume --target {plan.target} {other}",
            )
        self._move(other, number, BatchState.CANCELLED, f"Replaced by submission {plan.submission}.")

    def begin_attempt(
        self, attempt: str, submission: str, batch: int, credential: str, clock_offset: float | None = None
    ) -> None:
        """Commit that a batch is being sent, and with which secret (its fingerprint). Call it before the first byte.

        *clock_offset* is how far the target's clock was seen to be ahead of ours, in seconds.
        """
        with self.database.transaction():
            self.database.execute(
                "INSERT INTO attempt (id, submission, batch, credential, started_at, clock_offset)"
                " VALUES (?, ?, ?, ?, ?, ?)",
                attempt, submission, batch, credential, self._now(), clock_offset,
            )  # fmt: skip
            self._move(submission, batch, BatchState.SENDING, "")

    def end_attempt(
        self,
        attempt: str,
        submission: str,
        batch: int,
        state: BatchState,
        *,
        job_id: str | None = None,
        detail: str = "",
        not_before: datetime | None = None,
        kept: KeptJob | None = None,
    ) -> None:
        """Commit what an attempt came to.

        *not_before* goes with a batch that waits, and *kept* with a job that nobody else keeps.
        """
        with self.database.transaction():
            self._end(attempt, state, detail)
            self._move(submission, batch, state, detail, job_id=job_id, not_before=not_before)
            if kept is not None:
                self._keep(submission, batch, kept)

    def doubt(self, submission: str, is_alive: Callable[[str], bool]) -> None:
        """Whoever sent this submission is gone: what was being sent is unknown from now on.

        *is_alive* is asked once more when nobody can begin to send any more: somebody may just have gone on with it.
        """
        with self.database.transaction():
            if is_alive(submission):
                return
            rows = self.database.query(
                "SELECT attempt.id, attempt.batch FROM attempt JOIN batch"
                " ON batch.submission = attempt.submission AND batch.number = attempt.batch"
                " WHERE attempt.submission = ? AND attempt.ended_at IS NULL AND batch.state = 'sending'",
                submission,
            )
            for attempt, batch in rows:
                self._end(attempt, BatchState.UNKNOWN, CUT_OFF)
                self._move(submission, batch, BatchState.UNKNOWN, CUT_OFF)

    def settle(
        self,
        submission: str,
        batch: int,
        judge: Judge,
        verdict: Settled,
        *,
        job_id: str | None = None,
        evidence: Mapping[str, JsonValue],
        kept: KeptJob | None = None,
    ) -> bool:
        """Commit what a look at a doubtful batch came to. False when somebody else has settled it already.

        *kept* is the job that it shall have become, where nobody else keeps it. Raises `BadInput` when that job is
        another batch's.
        """
        states = {
            Settled.ADOPTED: BatchState.ACCEPTED,
            Settled.RESEND: BatchState.READY,
            Settled.ABANDONED: BatchState.ABANDONED,
        }
        with self.database.transaction():
            rows = self.database.query(
                "SELECT attempt.id, submission.origin FROM batch"
                " JOIN submission ON submission.id = batch.submission JOIN attempt"
                " ON attempt.submission = batch.submission AND attempt.batch = batch.number"
                " WHERE batch.submission = ? AND batch.number = ? AND batch.state = 'unknown'"
                " ORDER BY attempt.sequence DESC LIMIT 1",
                submission, batch,
            )  # fmt: skip
            if not rows:
                return False
            ((attempt, origin),) = rows
            if job_id is not None:
                self._must_be_free(origin, job_id)
            self.database.execute(
                "INSERT INTO settlement (attempt, judge, verdict, job_id, evidence, at) VALUES (?, ?, ?, ?, ?, ?)",
                attempt, judge, verdict, job_id, json.dumps(evidence), self._now(),
            )  # fmt: skip
            if verdict in states:
                self._move(submission, batch, states[verdict], "", job_id=job_id, inferred=job_id is not None)
            if kept is not None:
                self._keep(submission, batch, kept)
        return True

    def _must_be_free(self, origin: str, job_id: str) -> None:
        taken = self.database.query(
            "SELECT submission.id FROM batch JOIN submission ON submission.id = batch.submission"
            " WHERE batch.job_id = ? AND submission.origin = ?",
            job_id, origin,
        )  # fmt: skip
        if taken:
            raise BadInput(f"Job {job_id} came from submission {taken[0][0]}: no other can have become the same job.")

    def _keep(self, submission: str, batch: int, kept: KeptJob) -> None:
        """Write down a job, with its errors, that the target will not tell of again."""
        job, summary = kept.job, kept.job.summary
        self.database.execute(
            "INSERT INTO job (id, submission, batch, status, total, processed, invalid, inserted_at, requested_at,"
            " started_at, completed_at, raw) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            storable(job.id), submission, batch, storable(job.status), summary.total, summary.processed,
            summary.invalid, job.inserted_at, job.requested_at, job.started_at, job.completed_at, json.dumps(job.raw),
        )  # fmt: skip
        for error in kept.errors:
            self.database.execute(
                "INSERT INTO job_error (job, message, code, record, uid, pointer, raw) VALUES (?, ?, ?, ?, ?, ?, ?)",
                storable(job.id), storable(error.message), storable(error.code), error.record,
                error.uid and storable(error.uid), error.pointer and storable(error.pointer), json.dumps(error.raw),
            )  # fmt: skip

    def cancel(self, submission: str, batch: int, detail: str) -> None:
        """Commit that what is certain not to have been accepted is given up."""
        with self.database.transaction():
            self._move(submission, batch, BatchState.CANCELLED, detail)

    def note_ending(self, submission: str, batch: int, status: str) -> None:
        """Commit how the job of a batch was seen to have ended. What was seen first stays."""
        with self.database.transaction():
            self.database.execute(
                "INSERT INTO ending (submission, batch, status, at) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING",
                submission, batch, status, self._now(),
            )  # fmt: skip

    def split(self, submission: str, batch: int, parts: Sequence[FrozenBatch]) -> None:
        """Commit that other batches take the place of one that was refused for its size."""
        numbers = " and ".join(str(part.batch.number) for part in parts)
        with self.database.transaction():
            self._move(submission, batch, BatchState.CANCELLED, f"Too large for one request: it goes as {numbers}.")
            for part in parts:
                self._record_batch(submission, part)

    def retire(self, submission: str) -> None:
        """Forget a submission of which nothing is open any more."""
        with self.database.transaction():
            self.database.execute("UPDATE submission SET retired_at = ? WHERE id = ?", self._now(), submission)
            self.database.execute(
                "DELETE FROM settlement WHERE attempt IN (SELECT id FROM attempt WHERE submission = ?)", submission
            )
            self.database.execute(
                "DELETE FROM job_error WHERE job IN (SELECT id FROM job WHERE submission = ?)", submission
            )
            for table in ("account", "job", "attempt", "ending", "batch"):
                self.database.execute(f"DELETE FROM {table} WHERE submission = ?", submission)  # noqa: S608
            self.database.execute("DELETE FROM submission WHERE id = ?", submission)

    def _end(self, attempt: str, outcome: BatchState, detail: str) -> None:
        self.database.execute(
            "UPDATE attempt SET ended_at = ?, outcome = ?, detail = ? WHERE id = ?",
            self._now(), outcome, storable(detail), attempt,
        )  # fmt: skip

    def _move(
        self,
        submission: str,
        batch: int,
        state: BatchState,
        detail: str,
        *,
        job_id: str | None = None,
        inferred: bool = False,
        not_before: datetime | None = None,
    ) -> None:
        until = not_before.isoformat(timespec="milliseconds") if not_before else None
        self.database.execute(
            "UPDATE batch SET state = ?, job_id = ?, detail = ?, inferred = ?, not_before = ?"
            " WHERE submission = ? AND number = ?",
            state, job_id, storable(detail), inferred, until, submission, batch,
        )  # fmt: skip


def _is_news(plan: Plan, other: str, ended_at: str | None, unseen_since: datetime | None) -> bool:
    """Whether the operator can't have known, when this plan was decided on, that the same content had been sent."""
    if other not in plan.sent_before:
        return True
    return unseen_since is not None and ended_at is not None and datetime.fromisoformat(ended_at) >= unseen_since


def _unfinished_twin(plan: Plan, other: str) -> AlreadySubmitted:
    return AlreadySubmitted(
        f"A part of the same content was accepted already, as submission {other}, which was not sent whole."
        " Nothing was sent now.",
        hint=f"Go on with it: ocsf-console jobs resume --target {plan.target} {other}",
    )


def _living_twin(other: str) -> AlreadySubmitted:
    return AlreadySubmitted(
        f"Another process is sending the same content, as submission {other}. Nothing was sent.",
        hint="Wait until it is done.",
    )


def _doubtful_twin(plan: Plan, other: str, target: str) -> OutcomeUnknown:
    """*target* is the name under which the other one was sent to the same place."""
    return OutcomeUnknown(
        f"The same content may have been accepted already: what became of submission {other} is unknown."
        " Nothing was sent now.",
        hint=f"Settle it first: ocsf-console jobs settle --target {target} {other} with {plan.settled_with}.",
    )
