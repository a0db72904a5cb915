"""The JSON shape of a submission that `CONTRACT` promises, made from our own values."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import Final

from console.cli.output import JsonData
from console.submissions.job_shapes import error_shape, inferred_shape, job_shape
from console.submissions.model import BatchState, LocatedError, Plan, SentBatch, Submission, TrackedJob
from console.targets.base import JobError

_WORST_FIRST: Final = (
    BatchState.UNKNOWN,
    BatchState.DENIED,
    BatchState.REFUSED,
    BatchState.SENDING,
    BatchState.WAITING,
    BatchState.READY,
    BatchState.ABANDONED,
    BatchState.CANCELLED,
)


@dataclass(frozen=True, slots=True)
class SubmissionShape:
    """What `submit` says of a submission, in the order of `CONTRACT`."""

    submission: str
    target: str
    kind: str
    state: str
    records: int
    accepted: int
    """Before the jobs have ended, records that the target took over; afterwards, those that it processed."""
    rejected: int
    batches: list[dict[str, JsonData]]
    job: dict[str, JsonData] | None
    """The one job, where there is one and it was waited for."""
    dry_run: bool
    expected: dict[str, JsonData] | None = None
    """What the target is expected to refuse of what was planned. None once it is sent: then the target says so."""

    def document(self) -> dict[str, JsonData]:
        """The JSON document."""
        found: dict[str, JsonData] = {field.name: getattr(self, field.name) for field in fields(self)}
        if self.expected is None:
            del found["expected"]
        return found


def planned(plan: Plan) -> SubmissionShape:
    """A submission that was planned and not sent."""
    batches = [
        _batch(frozen.batch.number, frozen.batch.records, frozen.batch.length, "planned") for frozen in plan.batches
    ]
    expected: dict[str, JsonData] = {
        "refused": plan.refusable_count,
        "refused_reasons": dict(plan.refusable),
        "invalid": plan.invalid_count,
        "reasons": dict(plan.invalid),
    }
    return SubmissionShape(
        plan.submission,
        plan.target,
        plan.kind,
        "planned",
        plan.records,
        0,
        0,
        batches,
        None,
        dry_run=True,
        expected=expected,
    )


def submitted(
    submission: Submission, seen: Sequence[TrackedJob], errors: dict[int, list[LocatedError]], *, ended: bool
) -> SubmissionShape:
    """A submission that was sent, and what became of it so far. *errors* are by batch number."""
    by_id = {tracked.job.id: tracked for tracked in seen}
    batches = []
    accepted = rejected = 0
    for batch in submission.batches:
        tracked = by_id.get(batch.job_id or "")
        taken, refused = _taken(batch, tracked)
        accepted += taken
        rejected += refused
        found: list[JsonData] = [error_shape(error) for error in errors.get(batch.number, [])]
        if batch.detail and batch.state is not BatchState.ACCEPTED:
            said = JobError(batch.detail, code=batch.state)
            found.insert(0, error_shape(LocatedError(said, str(batch.source), None)))
        shape = _batch(batch.number, batch.records, batch.bytes, batch.state, batch.job_id, batch.attempts, found)
        status: dict[str, JsonData] = {} if tracked is None else {"job_status": tracked.job.status}
        batches.append(shape | status | inferred_shape(batch.inferred))
    return SubmissionShape(
        submission=submission.id,
        target=submission.target,
        kind=submission.kind,
        state=_state(submission, ended=ended),
        records=sum(batch.records for batch in _counted(submission)),
        accepted=accepted,
        rejected=rejected,
        batches=batches,
        job=job_shape(seen[0]) if len(seen) == 1 else None,
        dry_run=False,
    )


def _counted(submission: Submission) -> Sequence[SentBatch]:
    """The batches that hold its records: not those in whose place others stand, unless nothing else is left."""
    return [one for one in submission.batches if one.state is not BatchState.CANCELLED] or submission.batches


def _batch(
    number: int,
    records: int,
    length: int,
    state: str,
    job_id: str | None = None,
    attempts: int = 0,
    errors: Sequence[JsonData] = (),
) -> dict[str, JsonData]:
    return {
        "number": number,
        "records": records,
        "bytes": length,
        "state": state,
        "job_id": job_id,
        "attempts": attempts,
        "errors": errors,
    }


def _taken(batch: SentBatch, tracked: TrackedJob | None) -> tuple[int, int]:
    """How many records of a batch the target took, and how many it rejected."""
    if batch.state is BatchState.REFUSED:
        return 0, batch.records
    if tracked is not None and tracked.job.ended:
        return tracked.job.summary.processed or 0, tracked.job.summary.invalid or 0
    return (batch.records if batch.state is BatchState.ACCEPTED else 0), 0


def _state(submission: Submission, *, ended: bool) -> str:
    """One word for all batches: what is worst about them, else how far they are."""
    states = {batch.state for batch in _counted(submission)}
    return next((state for state in _WORST_FIRST if state in states), "done" if ended else "accepted")
