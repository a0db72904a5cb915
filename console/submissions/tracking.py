"""Joining what a target says of its jobs with what the ledger knows of where they came from."""

from __future__ import annotations

from collections.abc import Sequence

from console.submissions.model import BatchState, LocatedError, Submission, TrackedJob
from console.submissions.spool import Spool
from console.targets.base import UNKNOWN, Job, JobError, JobSummary


def tracked(job: Job, submission: Submission | None) -> TrackedJob:
    """A job with its submission, if it came from this console."""
    if submission is None:
        return TrackedJob(job, None, (), None)
    mine = [batch for batch in submission.batches if batch.job_id == job.id]
    return TrackedJob(job, submission.id, [str(batch.source) for batch in mine], mine[0].sha256)


def unknown_as_job(submission: Submission) -> TrackedJob:
    """A submission of unknown outcome, in the place of the job that nobody has seen."""
    unknown = [batch for batch in submission.batches if batch.state is BatchState.UNKNOWN]
    job = Job(
        id=submission.id,
        target=submission.target,
        status=UNKNOWN,
        summary=JobSummary(total=sum(batch.records for batch in unknown)),
        requested_at=submission.created_at,
    )
    return TrackedJob(job, submission.id, [str(batch.source) for batch in unknown], unknown[0].sha256)


def located(spool: Spool, submission: Submission | None, job_id: str, errors: Sequence[JobError]) -> list[LocatedError]:
    """Each error of a job with the place of its record in the finding file. Reads the spool's index."""
    batch = next((one for one in submission.batches if one.job_id == job_id), None) if submission else None
    if submission is None or batch is None:
        return [LocatedError(error, file=None, span=None) for error in errors]
    return [
        LocatedError(
            error,
            file=str(batch.source),
            span=None if error.record is None else spool.origin(submission.id, batch.number, error.record),
        )
        for error in errors
    ]
