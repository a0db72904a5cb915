"""Joining what a target says of its jobs with what the ledger knows of where they came from."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final

from console.display import safe_text
from console.errors import BadInput
from console.limits import Limits
from console.records.model import Span
from console.submissions.model import UNSENT, BatchState, LocatedError, SentBatch, Submission, TrackedJob
from console.submissions.resending import Frozen
from console.submissions.spool import Spool
from console.targets.base import COMPLETED, UNKNOWN, Job, JobError, JobQuery, JobSummary
from console.targets.moments import moment

WAITING: Final = "waiting"
"""The status of what was not sent whole, and still can be. No target knows it."""

LOCAL_STATUSES: Final = (UNKNOWN, WAITING)
"""What is known to this console alone."""

STALLED_AFTER: Final = timedelta(days=1)
"""A job that has not ended by then may be stuck."""


def tracked(job: Job, submission: Submission | None, at: datetime) -> TrackedJob:
    """A job with its submission, if it came from this console, and with what is odd about it at that time.

    One that was seen to have ended has ended, whatever the target says of it later.
    """
    stalled = _is_stalled(job, at)
    batch = batch_of(submission, job.id)
    if submission is None or batch is None:
        return TrackedJob(job, None, (), None, remarks=_remarks(job, stalled=stalled), stalled=stalled)
    remarks = _remarks(job, stalled=stalled)
    if batch.ended_as is not None and batch.ended_as != job.status:
        said = safe_text(job.status, width=40)
        remarks.append(
            f"It was seen to be {batch.ended_as} before, and {submission.target} says now that it is {said}."
        )
        job, stalled = replace(job, status=batch.ended_as), False
    mine = [one for one in submission.batches if job.id in (one.job_id, one.kept_job)]
    return TrackedJob(
        job, submission.id, [str(one.source) for one in mine], batch.sha256, any(one.inferred for one in mine),
        remarks, stalled,
    )  # fmt: skip


def remembered(submission: Submission, job_id: str, at: datetime) -> TrackedJob | None:
    """A job of a submission as far as the ledger tells what became of it: it was accepted, and may be known to have
    ended. None where no batch became that job.
    """
    batch = batch_of(submission, job_id)
    if batch is None:
        return None
    status = batch.ended_as or batch.state.value
    return tracked(Job(job_id, submission.target, status, JobSummary(total=batch.records)), submission, at)


def _remarks(job: Job, *, stalled: bool) -> list[str]:
    remarks = [*job.remarks, *_doubts_about_counters(job)]
    # A status that we do not know is no end, but who gives the time of the end does not sit on the job.
    if stalled and moment(job.completed_at) is None:
        remarks.append(f"It has been {safe_text(job.status, width=40)} for more than a day: it may be stuck.")
    return remarks


def _doubts_about_counters(job: Job) -> Iterator[str]:
    """Counters that contradict each other. Whether those processed include the invalid ones is documented nowhere."""
    total, processed, invalid = job.summary.total, job.summary.processed or 0, job.summary.invalid or 0
    if not total:
        return  # Before it has begun, a target may not know it, or call it 0.
    counts = f"{processed:,} processed and {invalid:,} invalid of {total:,}"
    if max(processed, invalid) > total:
        yield f"Its counters do not add up: {counts}."
    elif job.status == COMPLETED and job.summary.processed is not None and processed + invalid < total:
        yield f"It is {COMPLETED}, and does not account for every record: {counts}."


def _is_stalled(job: Job, at: datetime) -> bool:
    """Whether a job has not ended for so long that it may be stuck."""
    since = moment(job.requested_at) or moment(job.inserted_at)
    return not job.ended and since is not None and at - since > STALLED_AFTER


def as_job(submission: Submission) -> TrackedJob:
    """A submission that somebody has to see to, in the place of the job that nobody has seen."""
    doubtful = submission.in_state(BatchState.UNKNOWN, BatchState.SENDING)
    open_ones = doubtful or submission.in_state(*UNSENT)
    job = Job(
        id=submission.id,
        target=submission.target,
        status=UNKNOWN if doubtful else WAITING,
        summary=JobSummary(total=sum(batch.records for batch in open_ones)),
        requested_at=submission.created_at,
        raw={"detail": " ".join(dict.fromkeys(batch.detail for batch in open_ones if batch.detail))},
    )
    sources = list(dict.fromkeys(str(batch.source) for batch in open_ones))
    return TrackedJob(job, submission.id, sources, open_ones[0].sha256)


def is_meant(one: TrackedJob, query: JobQuery) -> bool:
    """Whether the query means what is known to this console alone: by status, text and day."""
    if query.statuses and one.job.status not in query.statuses:
        return False
    if query.completed or (query.inserted and (one.job.requested_at or "")[:10] != query.inserted.isoformat()):
        return False
    text = query.search.casefold()
    return any(text in field.casefold() for field in (one.job.id, one.job.status, *one.files))


def located(
    spool: Spool, limits: Limits, submission: Submission | None, batch: SentBatch | None, errors: Sequence[JobError]
) -> list[LocatedError]:
    """Each error of a batch with the place of its record in the finding file. Reads the spool.

    The record is the one that the target names by its index; else the only one that has the uid that it names.
    """
    if submission is None or batch is None:
        return [LocatedError(error, file=None, span=None) for error in errors]
    by_uid = _by_uid(Frozen(spool, submission.id, batch, limits), errors)

    def span(error: JobError) -> Span | None:
        index = error.record
        if index is None and len(named := by_uid.get(error.uid or "", [])) == 1:
            index = named[0]
        return None if index is None else spool.origin(submission.id, batch.number, index)

    return [LocatedError(error, file=str(batch.source), span=span(error)) for error in errors]


def _by_uid(frozen: Frozen, errors: Sequence[JobError]) -> dict[str, list[int]]:
    """The records that uids name, where a target gives no index. Empty when what was sent is not kept any more."""
    uids = {error.uid for error in errors if error.record is None and error.uid is not None}
    try:
        return frozen.by_uid(uids) if uids else {}
    except BadInput:
        return {}


def batch_of(submission: Submission | None, job_id: str) -> SentBatch | None:
    """The batch of a submission that became a job."""
    batches = submission.batches if submission else ()
    return next((one for one in batches if job_id in (one.job_id, one.kept_job)), None)
