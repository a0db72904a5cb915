"""What was done to bring a batch to its target, step by step, as the ledger wrote it down."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from console.submissions.database import Database
from console.submissions.model import SentBatch, Submission


class Step(StrEnum):
    """What kind of thing happened."""

    PLANNED = "planned"
    ATTEMPT = "attempt"
    SETTLED = "settled"
    """The target or the operator said what became of an attempt in doubt."""
    ENDED = "ended"
    """The job was first seen to have ended."""


@dataclass(frozen=True, slots=True)
class Event:
    """One thing that happened."""

    step: Step
    at: str
    """ISO 8601, by our clock."""
    until: str | None = None
    """When an attempt was over; None while it is on its way."""
    outcome: str = ""
    """What it came to: a state of the batch, a verdict with who gave it, or the job's status. May be foreign."""
    detail: str = ""
    """Why, with the target's code where it gave one. May quote the target: foreign text."""
    reference: str = ""
    """The identifier of an attempt, which goes with its request so that the target's support finds it."""


def timeline(database: Database, submission: Submission, batch: SentBatch) -> list[Event]:
    """Everything that happened to a batch, the earliest first. Raises `StateError` when the disk refuses."""
    key = (submission.id, batch.number)
    attempts = database.query(
        "SELECT started_at, ended_at, outcome, detail, id FROM attempt WHERE submission = ? AND batch = ?"
        " ORDER BY sequence",
        *key,
    )
    settlements = database.query(
        "SELECT settlement.at, settlement.judge, settlement.verdict, settlement.job_id FROM settlement"
        " JOIN attempt ON attempt.id = settlement.attempt WHERE attempt.submission = ? AND attempt.batch = ?"
        " ORDER BY settlement.sequence",
        *key,
    )
    endings = database.query("SELECT at, status FROM ending WHERE submission = ? AND batch = ?", *key)
    events = [
        Event(Step.PLANNED, submission.created_at, detail=f"{batch.records:,} records from {batch.source.name}"),
        *(
            Event(Step.ATTEMPT, started, ended, outcome or "sending", detail, reference)
            for started, ended, outcome, detail, reference in attempts
        ),
        *(
            Event(Step.SETTLED, at, outcome=f"{verdict} by the {judge}", detail=f"as job {job}" if job else "")
            for at, judge, verdict, job in settlements
        ),
        *(Event(Step.ENDED, at, outcome=status) for at, status in endings),
    ]
    return sorted(events, key=lambda event: event.at)
