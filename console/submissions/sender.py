"""Sending one batch: intent on disk, then the bytes, then what is known of the outcome.

What a failure proves decides the state: a batch whose bytes were not all handed over can be sent again, one whose
bytes were is `unknown` unless the target's answer can be trusted.
"""

from __future__ import annotations

from collections.abc import Coroutine
from typing import Protocol, assert_never
from uuid import uuid4

from console.errors import OutcomeUnknown, StateError
from console.progress import Progress, Report, to_the_end
from console.submissions.model import BatchState
from console.targets.base import (
    Accepted,
    Batch,
    Denied,
    InDoubt,
    NotSent,
    Outcome,
    PartlyAccepted,
    Refused,
    Sent,
    Throttled,
)


class AttemptLog(Protocol):
    """The part of the ledger that sending needs. Each call returns when its fact is durable."""

    def begin_attempt(self, attempt: str, submission: str, batch: int, credential: str) -> Coroutine[None, None, None]:
        """A batch is about to be sent."""
        ...

    def end_attempt(
        self, attempt: str, submission: str, batch: int, state: BatchState, *, job_id: str | None, detail: str
    ) -> Coroutine[None, None, None]:
        """What an attempt came to."""
        ...


class Sends(Protocol):
    """The part of a target that sending needs."""

    @property
    def name(self) -> str:
        """Our name of it."""
        ...

    @property
    def credential(self) -> str:
        """A fingerprint of the secret in use."""
        ...

    async def send(self, batch: Batch, attempt: str, sent: Sent) -> Outcome:
        """Try once to send a batch."""
        ...


async def send_batch(log: AttemptLog, target: Sends, submission: str, batch: Batch, report: Report) -> Outcome:
    """Try once to send a batch. However this ends, cancellation included, what is known is written down first.

    Raises `StateError` when the intent could not be written down: nothing was sent. Raises `OutcomeUnknown` when the
    outcome could not.
    """
    attempt = str(uuid4())
    handed_over = 0

    def sent(count: int) -> None:
        nonlocal handed_over
        handed_over = count
        report(Progress(count, batch.length, "bytes", "Sending"))

    async def end(state: BatchState, job_id: str | None, detail: str) -> None:
        await to_the_end(log.end_attempt(attempt, submission, batch.number, state, job_id=job_id, detail=detail))

    try:
        await to_the_end(log.begin_attempt(attempt, submission, batch.number, target.credential))
        outcome = await target.send(batch, attempt, sent)
    except StateError:
        raise
    except BaseException:
        # Whatever stopped us, a cancellation most of all: the ledger must not go on saying that it is being sent.
        if handed_over < batch.length:
            await end(BatchState.READY, None, "Stopped before everything was handed over: nothing was accepted.")
        else:
            await end(BatchState.UNKNOWN, None, "Stopped after everything was handed over, before the answer came.")
        raise
    state, job_id, detail = verdict(outcome)
    try:
        await end(state, job_id, detail)
    except StateError as error:
        known = f"{state} as job {job_id}" if job_id else state
        raise OutcomeUnknown(
            f"Batch {batch.number} is {known}, and that could not be written down. {error.message}",
            hint=f"Do not send it again before you have looked at the jobs of {target.name}.",
        ) from error
    return outcome


def verdict(outcome: Outcome) -> tuple[BatchState, str | None, str]:
    """What an outcome makes of a batch: its state, the job's id, and why."""
    match outcome:
        case Accepted(job) | PartlyAccepted(job):
            return BatchState.ACCEPTED, job.id, ""
        case Refused(error):
            return BatchState.REFUSED, None, error.message
        case Denied(error):
            return BatchState.DENIED, None, error.message
        case Throttled(error) | NotSent(error):
            return BatchState.READY, None, error.message
        case InDoubt(error):
            return BatchState.UNKNOWN, None, error.message
        case _:
            assert_never(outcome)
