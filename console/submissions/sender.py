"""Sending the batches of a submission: intent on disk, then the bytes, then what is known of the outcome.

What a failure proves decides the state: a batch whose bytes were not all handed over can be tried again, one whose
bytes were is `unknown` unless the target's answer can be trusted. What would fail for every batch alike, such as a
revoked key or a target that is down, ends the sending: the batches that are left stay ready.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncGenerator, Coroutine, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from typing import Final, Protocol, assert_never
from uuid import uuid4

from console.errors import ConsoleError, OutcomeUnknown, StateError
from console.progress import Pause, Progress, Report, to_the_end
from console.submissions.ledger import Clock, now
from console.submissions.model import BatchState, KeptJob
from console.submissions.patience import Patience, Wait
from console.targets.base import (
    FAILED,
    Accepted,
    Batch,
    Capabilities,
    Denied,
    InDoubt,
    Job,
    JobError,
    JobSummary,
    NotSent,
    Outcome,
    PartlyAccepted,
    Refused,
    Sent,
    Throttled,
)

_TOO_LARGE: Final = 413
"""RFC 9110, section 15.5.14."""

_EARLIER: Final = InDoubt(OutcomeUnknown("An earlier try may have been accepted."))


class AttemptLog(Protocol):
    """The part of the ledger that sending needs. Each call returns when its fact is durable."""

    def begin_attempt(
        self, attempt: str, submission: str, batch: int, credential: str, clock_offset: float | None
    ) -> Coroutine[None, None, None]:
        """A batch is about to be sent."""
        ...

    def end_attempt(
        self,
        attempt: str,
        submission: str,
        batch: int,
        state: BatchState,
        *,
        job_id: str | None,
        detail: str,
        not_before: datetime | None,
        kept: KeptJob | None,
    ) -> Coroutine[None, None, None]:
        """What an attempt came to."""
        ...

    def allow_resend(self, submission: str, batch: int) -> Coroutine[None, None, None]:
        """A doubtful batch is to be sent again."""
        ...


class Sends(Protocol):
    """The part of a target that sending needs."""

    @property
    def name(self) -> str:
        """Our name of it."""
        ...

    @property
    def capabilities(self) -> Capabilities:
        """What it can do."""
        ...

    @property
    def credential(self) -> str:
        """A fingerprint of the secret in use."""
        ...

    @property
    def clock_offset(self) -> float | None:
        """How far its clock was seen to be ahead of ours."""
        ...

    async def send(self, batch: Batch, attempt: str, sent: Sent) -> Outcome:
        """Try once to send a batch."""
        ...


@dataclass(slots=True)
class Sender:
    """Sends the batches of one submission, each until it is settled or patience ends."""

    log: AttemptLog
    target: Sends
    submission: str
    report: Report
    patience: Patience = field(default_factory=Patience)
    clock: Clock = now
    halt: asyncio.Event = field(default_factory=asyncio.Event)
    """Once it is set, no further request is begun: what is on its way is waited for."""
    doubtful: frozenset[int] = frozenset()
    """Numbers of the batches that are in doubt when this begins. Only where sending twice does no harm."""
    _handed_over: dict[int, int] = field(default_factory=dict)
    """Bytes of each batch that its last try handed to the network."""
    _total: int = 0
    _count: int = 0
    _stopped: bool = False
    _next_start: float = 0

    async def send(self, batches: Sequence[Batch]) -> AsyncGenerator[tuple[Batch, Outcome], None]:
        """Send batches, as many at a time as the target allows, and yield what each came to, as it becomes known.

        Raises `StateError` when an intent could not be written down, and `OutcomeUnknown` when an outcome could not.
        However this ends, cancellation included, what is known of each batch is written down first.
        """
        waiting = deque(batches)
        self._total, self._count = sum(batch.length for batch in batches), len(batches)
        running: dict[asyncio.Task[Outcome], Batch] = {}
        try:
            while running or (waiting and not self._is_over):
                while waiting and not self._is_over and len(running) < self.target.capabilities.concurrency:
                    batch = waiting.popleft()
                    running[asyncio.create_task(self._deliver(batch))] = batch
                done, _ = await asyncio.wait(running, return_when=asyncio.FIRST_COMPLETED)
                for task in done:
                    yield running.pop(task), task.result()
        finally:
            await _stop(list(running))

    @property
    def _is_over(self) -> bool:
        """Whether no further request is begun."""
        return self._stopped or self.halt.is_set()

    async def _deliver(self, batch: Batch) -> Outcome:
        """Try a batch until nothing is won by trying again."""
        clock = asyncio.get_running_loop().time
        begun, tried = clock(), 0
        doubt = _EARLIER if batch.number in self.doubtful else None
        while True:
            await self._keep_to_the_rate()
            if doubt is not None:
                await self.log.allow_resend(self.submission, batch.number)
            tried += 1
            outcome, wait = await self._try(batch, tried, clock() - begun, doubt)
            if wait is None or wait.parked or self._is_over:
                self._stopped = self._stopped or isinstance(outcome, Denied | InDoubt | NotSent | Throttled)
                return outcome
            doubt = doubt or (outcome if isinstance(outcome, InDoubt) else None)
            self._tell_pause(wait, tried + 1, verdict(outcome)[2])
            if await self._is_halted_within(wait.seconds):
                self._stopped = True
                return outcome

    async def _is_halted_within(self, seconds: float) -> bool:
        """Wait for so long, or until no further request is to be begun."""
        with suppress(TimeoutError):
            await asyncio.wait_for(self.halt.wait(), seconds)
        return self.halt.is_set()

    async def _keep_to_the_rate(self) -> None:
        """Wait for this request's turn, where the target allows only so many in a second."""
        rate = self.target.capabilities.per_second
        if rate is None:
            return
        clock = asyncio.get_running_loop().time
        turn = max(self._next_start, clock())
        self._next_start = turn + 1 / rate
        await asyncio.sleep(turn - clock())

    async def _try(self, batch: Batch, tried: int, spent: float, doubt: InDoubt | None) -> tuple[Outcome, Wait | None]:
        """Try once. However this ends, cancellation included, what is known is written down first.

        *doubt* is that of the try before: one that comes to nothing does not undo it.
        """
        attempt = str(uuid4())
        self._handed_over[batch.number] = 0
        try:
            await self._begin(attempt, batch)
            outcome = await self.target.send(batch, attempt, partial(self._note_handed_over, batch))
        except StateError:
            raise
        except BaseException:
            # Whatever stopped us, a cancellation most of all: the ledger must not go on saying that it is being sent.
            # Where the disk refuses now, the next start finds it so, without a living process, and calls it unknown.
            with suppress(StateError):
                await self._end(attempt, batch, *self._when_stopped(batch, doubt))
            raise
        wait = self.patience.wait(outcome, tried, spent, idempotent=self.target.capabilities.idempotent)
        if doubt is not None and isinstance(outcome, Denied | NotSent | Throttled):
            outcome = _still(doubt, outcome.error)
        await self._write_down(attempt, batch, outcome, wait)
        return outcome, wait

    def _note_handed_over(self, batch: Batch, count: int) -> None:
        """So many bytes of a batch were handed to the network."""
        self._handed_over[batch.number] = count
        self._tell("Sending" if self._count == 1 else f"Sending batch {batch.number} of {self._count}")

    def _when_stopped(self, batch: Batch, doubt: InDoubt | None) -> tuple[BatchState, str]:
        """What is known of a batch whose try was stopped before an answer came."""
        if doubt is not None:
            return BatchState.UNKNOWN, doubt.error.message
        if self._handed_over[batch.number] < batch.length:
            return BatchState.READY, "Stopped before everything was handed over: nothing was accepted."
        return BatchState.UNKNOWN, "Stopped after everything was handed over, before the answer came."

    async def _write_down(self, attempt: str, batch: Batch, outcome: Outcome, wait: Wait | None) -> None:
        """Make an outcome durable. Raises `OutcomeUnknown` when it can't be."""
        state, job_id, detail = verdict(outcome)
        not_before = None
        if state is BatchState.READY and wait is not None:
            state, not_before = BatchState.WAITING, self.clock() + timedelta(seconds=wait.seconds)
        kept = self._to_be_kept(outcome, batch, attempt)
        try:
            await self._end(attempt, batch, state, detail, job_id=job_id, not_before=not_before, kept=kept)
        except StateError as error:
            raise self._unrecorded(batch, state, job_id, error) from error

    def _to_be_kept(self, outcome: Outcome, batch: Batch, attempt: str) -> KeptJob | None:
        """The job of an outcome that the ledger has to keep, since the target keeps none: of what is refused too."""
        if self.target.capabilities.remote_jobs:
            return None
        match outcome:
            case Accepted(job):
                return KeptJob(job)
            case PartlyAccepted(job, errors):
                return KeptJob(job, errors)
            case Refused() if is_too_large(outcome, batch, self.target.capabilities):
                return None  # it is sent in parts, and these have jobs
            case Refused(error, errors):
                at = self.clock().isoformat(timespec="milliseconds")
                summary = JobSummary(batch.records, 0, batch.records)
                job = Job(attempt, self.target.name, FAILED, summary, at, at, at, at)
                return KeptJob(job, errors or [JobError(error.message, error.code)])
            case _:
                return None

    async def _begin(self, attempt: str, batch: Batch) -> None:
        """Make the intent durable. Raises `StateError` when it can't be: nothing was sent."""
        target = self.target
        try:
            await to_the_end(
                self.log.begin_attempt(attempt, self.submission, batch.number, target.credential, target.clock_offset)
            )
        except StateError as error:
            raise StateError(f"{error.message} Batch {batch.number} was not sent.", hint=error.hint) from error

    async def _end(
        self,
        attempt: str,
        batch: Batch,
        state: BatchState,
        detail: str,
        *,
        job_id: str | None = None,
        not_before: datetime | None = None,
        kept: KeptJob | None = None,
    ) -> None:
        """Make durable what an attempt came to, even while we are cancelled. Raises `StateError` when it can't be."""
        ending = self.log.end_attempt(
            attempt,
            self.submission,
            batch.number,
            state,
            job_id=job_id,
            detail=detail,
            not_before=not_before,
            kept=kept,
        )
        await to_the_end(ending)

    def _unrecorded(self, batch: Batch, state: BatchState, job_id: str | None, error: StateError) -> OutcomeUnknown:
        """The error of an outcome that is known and could not be written down."""
        known = f"{state} as job {job_id}" if job_id else state
        return OutcomeUnknown(
            f"Batch {batch.number} is {known}, and that could not be written down. {error.message}",
            hint=f"Do not send it again before you have looked at the jobs of {self.target.name}.",
        )

    def _tell(self, message: str) -> None:
        self.report(Progress(self._done, self._total, "bytes", message))

    def _tell_pause(self, wait: Wait, attempt: int, why: str) -> None:
        attempts = self.patience.attempts
        message = f"Waiting {wait.seconds:.0f} s before try {attempt} of {attempts}"
        self.report(Pause(self._done, self._total, "bytes", message, wait.seconds, attempt, attempts, why))

    @property
    def _done(self) -> int:
        """Bytes that were handed over, of all batches together."""
        return sum(self._handed_over.values())


def verdict(outcome: Outcome) -> tuple[BatchState, str | None, str]:
    """What an outcome makes of a batch: its state, the job's id, and why."""
    match outcome:
        case Accepted(job, note):
            return BatchState.ACCEPTED, job.id, note
        case PartlyAccepted(job):
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


def is_too_large(outcome: Outcome, batch: Batch, capabilities: Capabilities) -> bool:
    """Whether a batch was refused for its size alone, and can be sent in parts.

    Not where a target makes a job of each request and keeps it: how many jobs there are is the operator's choice then.
    """
    refused = isinstance(outcome, Refused) and outcome.error.status == _TOO_LARGE
    return refused and batch.records > 1 and not capabilities.remote_jobs


def _still(doubt: InDoubt, later: ConsoleError) -> InDoubt:
    """The outcome of a try that came to nothing, after one that may have been accepted."""
    error = OutcomeUnknown(f"{doubt.error.message} Sent again, it came to this: {later.message}", hint=later.hint)
    return InDoubt(error)


async def _stop(tasks: Sequence[asyncio.Task[Outcome]]) -> None:
    """Stop what is still being sent, and wait until what is known of it is written down."""
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
