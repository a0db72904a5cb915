"""Sending one batch: intent on disk, then the bytes, then what is known of the outcome.

What a failure proves decides the state: a batch whose bytes were not all handed over can be sent again, one whose
bytes were is `unknown` unless the target's answer can be trusted.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Protocol, assert_never
from uuid import uuid4

from console.errors import OutcomeUnknown, StateError
from console.progress import Progress, Report
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

    async def begin_attempt(self, attempt: str, submission: str, batch: int, credential: str) -> None:
        """A batch is about to be sent."""
        ...

    async def end_attempt(
        self, attempt: str, submission: str, batch: int, state: BatchState, *, job_id: str | None, detail: str
    ) -> None:
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
    """Try once to send a batch. When this is cancelled, what is known so far is written down first."""
    attempt = str(uuid4())
    handed_over = 0

    def sent(count: int) -> None:
        nonlocal handed_over
        handed_over = count
        report(Progress(count, batch.length, "bytes", "Sending"))

    async def end(state: BatchState, job_id: str | None, detail: str) -> None:
        await log.end_attempt(attempt, submission, batch.number, state, job_id=job_id, detail=detail)

    await log.begin_attempt(attempt, submission, batch.number, target.credential)
    try:
        outcome = await target.send(batch, attempt, sent)
    except asyncio.CancelledError:
        await asyncio.shield(_interrupted(end, whole=handed_over >= batch.length))
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


async def _interrupted(end: Callable[[BatchState, str | None, str], Awaitable[None]], *, whole: bool) -> None:
    """Write down that the operator stopped the sending."""
    if whole:
        await end(BatchState.UNKNOWN, None, "Stopped after everything was handed over, before the answer came.")
    else:
        await end(BatchState.READY, None, "Stopped before everything was handed over: nothing was accepted.")


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
