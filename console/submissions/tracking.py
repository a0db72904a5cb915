"""Joining what a target says of its jobs with what the ledger knows of where they came from."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from console.errors import BadInput
from console.limits import Limits
from console.records.model import Span
from console.submissions.model import UNSENT, BatchState, LocatedError, SentBatch, Submission, TrackedJob
from console.submissions.resending import Frozen
from console.submissions.spool import Spool
from console.targets.base import UNKNOWN, Job, JobError, JobQuery, JobSummary

WAITING: Final = "waiting"
"""The status of what was not sent whole, and still can be. No target knows it."""

LOCAL_STATUSES: Final = (UNKNOWN, WAITING)
"""What is known to this console alone."""


def tracked(job: Job, submission: Submission | None) -> TrackedJob:
    """A job with its submission, if it came from this console."""
    if submission is None:
        return TrackedJob(job, None, (), None)
    mine = [batch for batch in submission.batches if batch.job_id == job.id]
    inferred = any(batch.inferred for batch in mine)
    return TrackedJob(job, submission.id, [str(batch.source) for batch in mine], mine[0].sha256, inferred)


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
    return next((one for one in submission.batches if one.job_id == job_id), None) if submission else None
