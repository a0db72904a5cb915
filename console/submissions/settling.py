"""What became of a batch in doubt: by the target's own means, and where these are not certain, by the operator's word.

A target that tells jobs by time and count only can show a job of somebody else. So a job is adopted only when it is the
one thing that can be it, and the one batch that can have become it; and it stays marked as inferred.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Final

from console.display import safe_text
from console.errors import BadInput, NoSuchJob, TooManyJobs
from console.records.model import JsonValue
from console.submissions.history import Doubt
from console.submissions.ledger import Ledger
from console.submissions.ledger_thread import LedgerThread
from console.submissions.model import UNSENT, BatchState, Judge, KeptJob, SentBatch, Settled, Submission
from console.targets.base import Job, Target

_GIVEN_UP: Final = "Given up by the operator."
_MOST_EVIDENCE: Final = 20
"""Candidates that are written down."""


@dataclass(frozen=True, slots=True)
class Finding:
    """What a look at one doubtful batch came to."""

    submission: str
    batch: int
    verdict: Settled
    candidates: Sequence[Job]
    """The jobs that can be it."""

    @property
    def job(self) -> Job | None:
        """The job that it was found to have become."""
        return self.candidates[0] if self.verdict is Settled.ADOPTED else None


Key = tuple[str, int]


def decide(doubts: Sequence[Doubt], claims: Mapping[Key, Sequence[Job]]) -> list[Finding]:
    """What follows for each of the doubtful batches from the jobs that each can have become, by `key`.

    Others have claims too: what is just being sent may have a job before we know of it. A job that has not told how
    many records it holds may be anybody's: it proves nothing yet.
    """
    claimed = Counter(job.id for jobs in claims.values() for job in jobs)
    found = []
    for doubt in doubts:
        jobs = claims.get(key(doubt), ())
        if not jobs:
            verdict = Settled.NOT_FOUND
        elif len(jobs) == 1 and claimed[jobs[0].id] == 1 and jobs[0].summary.total == doubt.records:
            verdict = Settled.ADOPTED
        else:
            verdict = Settled.SEVERAL
        found.append(Finding(doubt.submission, doubt.number, verdict, jobs))
    return found


def key(doubt: Doubt) -> Key:
    """What a doubtful batch is told by."""
    return doubt.submission, doubt.number


async def look(ledger: LedgerThread, target: Target) -> list[Finding]:
    """Look once what became of everything that is in doubt at a target, and write down what follows.

    Nothing follows where the target has no way to tell. Raises `TargetError` when the target does not answer.
    """
    if not target.capabilities.shows_doubts:
        return []
    doubts = await ledger.ask(lambda history: history.doubts(target.origin))
    mine = [doubt for doubt in doubts if doubt.target == target.name and doubt.state is BatchState.UNKNOWN]
    if not mine:
        return []
    try:
        claims = {key(doubt): await _claims(ledger, target, doubt) for doubt in doubts}
    except TooManyJobs:
        return []  # What could not be looked through may hold anything: nothing follows.
    keeps = not target.capabilities.remote_jobs
    return [finding for finding in decide(mine, claims) if await _write_down(ledger, finding, keeps=keeps)]


async def _claims(ledger: LedgerThread, target: Target, doubt: Doubt) -> Sequence[Job]:
    """The jobs that a batch can have become: those that can't have come from anything else that we know of."""
    jobs = await target.candidates(ledger.batch_of(doubt), doubt.last)
    ids = [job.id for job in jobs]
    known = await ledger.ask(lambda history: history.known_jobs(target.origin, ids))
    return [job for job in jobs if job.id not in known]


async def _write_down(ledger: LedgerThread, finding: Finding, *, keeps: bool) -> bool:
    """Commit a finding, with its job where the ledger *keeps* them.

    False when it is settled otherwise by now, or its job has found another owner.
    """
    job = finding.job
    evidence: dict[str, JsonValue] = {"candidates": [_evidence(one) for one in finding.candidates[:_MOST_EVIDENCE]]}
    try:
        return await ledger.run(
            lambda opened: opened.settle(
                finding.submission,
                finding.batch,
                Judge.TARGET,
                finding.verdict,
                job_id=job.id if job else None,
                evidence=evidence,
                kept=KeptJob(job) if job and keeps else None,
            )
        )
    except BadInput:
        return False


def _evidence(job: Job) -> dict[str, JsonValue]:
    return {"id": job.id, "status": job.status, "requested_at": job.requested_at, "total": job.summary.total}


async def adopt(
    ledger: LedgerThread, target: Target, submission: Submission, job_id: str, number: int | None = None
) -> None:
    """Write down, by the operator's word, that a job is what became of a doubtful batch of a submission.

    *number* says of which, where several can be meant. Raises `BadInput` where that can't be, and `TargetError` when
    the target does not answer.
    """
    doubtful = [one for one in submission.in_state(BatchState.UNKNOWN) if number in (None, one.number)]
    if not doubtful:
        raise nothing_in_doubt(submission)
    if not target.capabilities.remote_jobs:
        raise BadInput(
            f"{target.name} keeps no jobs, so none of them can be what became of it: nothing was settled.",
            hint="If the findings are there, let it be with --abandon; if they are not, send them with --resend.",
        )
    try:
        job = await target.job(job_id)
    except NoSuchJob as error:
        raise BadInput(f"{target.name} has no job {safe_text(job_id, width=80)}: nothing was settled.") from error
    # One that failed before it counted, or has not begun to, tells of none.
    fitting = [batch for batch in doubtful if job.summary.total in (None, 0, batch.records)]
    if not fitting:
        raise BadInput(
            f"Job {safe_text(job.id, width=80)} holds {job.summary.total} records, and what is in doubt"
            f" {' or '.join(str(batch.records) for batch in doubtful)}: it did not become that job."
        )
    await _by_operator(ledger, submission, _the_one(submission, fitting), Settled.ADOPTED, job.id, _evidence(job))


def _the_one(submission: Submission, batches: Sequence[SentBatch]) -> SentBatch:
    """The only batch that can be meant. Raises `BadInput` when there are several."""
    if len(batches) > 1:
        numbers = ", ".join(str(batch.number) for batch in batches)
        raise BadInput(
            f"Several batches of submission {submission.id} may have become that job: {numbers}.",
            hint="Say which, with --batch NUMBER. Their records differ, and errors lead back to them.",
        )
    return batches[0]


async def resend(ledger: LedgerThread, submission: Submission) -> None:
    """Write down, by the operator's word, that what is in doubt is to be sent once more."""
    for batch in submission.in_state(BatchState.UNKNOWN):
        await _by_operator(ledger, submission, batch, Settled.RESEND, None, {})


async def abandon(ledger: LedgerThread, submission: Submission) -> None:
    """Write down, by the operator's word, that what is in doubt is let be, and what is unsent is given up.

    Raises `BadInput` when everything is settled already.
    """
    if not submission.in_state(BatchState.UNKNOWN, *UNSENT):
        raise nothing_in_doubt(submission)
    for batch in submission.in_state(BatchState.UNKNOWN):
        await _by_operator(ledger, submission, batch, Settled.ABANDONED, None, {})
    for batch in submission.in_state(*UNSENT):
        await ledger.run(partial(Ledger.cancel, submission=submission.id, batch=batch.number, detail=_GIVEN_UP))


def nothing_in_doubt(submission: Submission) -> BadInput:
    """The error of a word that nobody asked for."""
    return BadInput(f"Submission {submission.id} is settled already: {_states(submission)}.")


def to_go_on_with(submission: Submission, target: Target) -> Sequence[SentBatch]:
    """The batches that may be sent without anybody's word: those that were not accepted, and those in doubt where
    sending twice does no harm. Raises `BadInput` when there are none.
    """
    harmless = (BatchState.UNKNOWN,) if target.capabilities.idempotent else ()
    batches = submission.in_state(*UNSENT, *harmless)
    if not batches:
        raise nothing_unsent(submission, target)
    return batches


def words_of(target: Target) -> str:
    """The options by which the operator says what became of something in doubt at that target."""
    return f"{'--adopt ID, ' if target.capabilities.remote_jobs else ''}--resend or --abandon"


def nothing_unsent(submission: Submission, target: Target) -> BadInput:
    """The error of going on with what may not be sent any more, or not before it is settled."""
    doubtful = bool(submission.in_state(BatchState.UNKNOWN))
    cancelled = submission.in_state(BatchState.CANCELLED)
    why = dict.fromkeys(batch.detail for batch in cancelled) if len(cancelled) == len(submission.batches) else ()
    said = "".join(f" {safe_text(detail)}" for detail in why)
    settle = f"Settle it first: ocsf-console jobs settle --target {submission.target} {submission.id}"
    return BadInput(
        f"There is nothing to go on with in submission {submission.id}: {_states(submission)}.{said}",
        hint=f"{settle} with {words_of(target)}." if doubtful else "",
    )


def _states(submission: Submission) -> str:
    return ", ".join(sorted({str(batch.state) for batch in submission.batches}))


async def _by_operator(
    ledger: LedgerThread,
    submission: Submission,
    batch: SentBatch,
    verdict: Settled,
    job_id: str | None,
    evidence: Mapping[str, JsonValue],
) -> None:
    """Commit the operator's word. Raises `BadInput` when it was settled otherwise meanwhile."""
    settled = await ledger.run(
        lambda opened: opened.settle(
            submission.id, batch.number, Judge.OPERATOR, verdict, job_id=job_id, evidence=evidence
        )
    )
    if not settled:
        raise BadInput(f"Batch {batch.number} of submission {submission.id} has just been settled otherwise.")
