"""What is written down around the tries to send: intent first, and the truth about every ending."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from console.errors import OutcomeUnknown, StateError, TargetDenied, TargetRefused, TargetUnavailable
from console.progress import Pause, Progress, silent
from console.submissions.model import BatchState, KeptJob
from console.submissions.patience import Patience
from console.submissions.sender import Sender, verdict
from console.targets.base import (
    Accepted,
    Batch,
    Capabilities,
    Denied,
    InDoubt,
    Job,
    JobError,
    NotSent,
    Outcome,
    PartlyAccepted,
    Refused,
    Sent,
    Throttled,
)

BATCH = Batch(1, records=2, path=Path("1.payload"), length=100, sha256="aa", filename="a.json")
JOB = Job("job-1", "prowler", "pending")
NOON = datetime(2026, 11, 29, 12, tzinfo=UTC)
ONE_BY_ONE = Capabilities(
    remote_jobs=True,
    partial_success=True,
    idempotent=False,
    shows_doubts=True,
    gzip=False,
    concurrency=1,
    per_second=None,
    verbatim=None,
    judges_records=True,
)
UNREACHABLE = NotSent(TargetUnavailable("down"))
UNTRUSTED = NotSent(TargetUnavailable("no such authority"), passing=False)
EAGER = Patience(draw=lambda _low, _high: 0)
"""Waits for nothing."""


class Log:
    """An attempt log that only remembers."""

    def __init__(self) -> None:
        self.entries: list[str] = []
        self.not_before: list[datetime] = []
        self.kept: list[KeptJob] = []

    async def begin_attempt(
        self, attempt: str, submission: str, batch: int, credential: str, clock_offset: float | None
    ) -> None:
        self.entries.append("sending")

    async def end_attempt(
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
    ) -> None:
        self.entries.append(state)
        if not_before is not None:
            self.not_before.append(not_before)
        if kept is not None:
            self.kept.append(kept)

    async def allow_resend(self, submission: str, batch: int) -> None:
        self.entries.append("ready")


@dataclass
class Scripted:
    """A target that answers as it is told, in order."""

    outcomes: Iterator[Outcome]
    capabilities: Capabilities = ONE_BY_ONE
    name: str = "prowler"
    credential: str = "fingerprint"
    clock_offset: float | None = None

    async def send(self, batch: Batch, attempt: str, sent: Sent) -> Outcome:
        return next(self.outcomes)


async def _send(
    log: Log, outcomes: Sequence[Outcome], batches: Sequence[Batch] = (BATCH,), patience: Patience = EAGER
) -> list[Outcome]:
    sender = Sender(log, Scripted(iter(outcomes)), "s1", silent, patience, clock=lambda: NOON)
    return [outcome async for _, outcome in sender.send(batches)]


class Stuck:
    """A target that takes some bytes and then never answers."""

    name = "prowler"
    credential = "fingerprint"
    clock_offset = None

    def __init__(self, log: Log, taken: int, capabilities: Capabilities = ONE_BY_ONE) -> None:
        self.log = log
        self.taken = taken
        self.capabilities = capabilities
        self.reached = asyncio.Semaphore(0)

    async def send(self, batch: Batch, attempt: str, sent: Sent) -> Outcome:
        assert self.log.entries[-1] == "sending", "the intent is on disk before the first byte"
        sent(self.taken)
        self.reached.release()
        await asyncio.Event().wait()
        raise AssertionError("never answers")


@pytest.mark.parametrize(("taken", "state"), [(0, "ready"), (99, "ready"), (100, "unknown")])
async def test_stopping_is_in_doubt_only_once_everything_was_handed_over(taken: int, state: str) -> None:
    log = Log()
    target = Stuck(log, taken)

    async def work() -> None:
        async for _ in Sender(log, target, "s1", silent, EAGER).send([BATCH]):
            pass

    sending = asyncio.create_task(work())
    await target.reached.acquire()

    sending.cancel()
    with pytest.raises(asyncio.CancelledError):
        await sending

    assert log.entries == ["sending", state]


class FullDisk(Log):
    """A log that takes the intent and not the outcome."""

    async def end_attempt(
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
    ) -> None:
        raise StateError("disk full")


async def test_an_outcome_that_cannot_be_written_down_is_told_and_not_called_unsent() -> None:
    with pytest.raises(OutcomeUnknown, match=r"accepted as job job-1.*disk full"):
        await _send(FullDisk(), [Accepted(JOB)])


class NoRoom(Log):
    """A log that does not even take the intent."""

    async def begin_attempt(
        self, attempt: str, submission: str, batch: int, credential: str, clock_offset: float | None
    ) -> None:
        raise StateError("disk full.")


async def test_what_cannot_be_announced_is_not_sent() -> None:
    with pytest.raises(StateError, match=r"disk full\. Batch 1 was not sent"):
        await _send(NoRoom(), [])


@pytest.mark.parametrize(
    ("outcome", "state"),
    [
        (Accepted(JOB), BatchState.ACCEPTED),
        (PartlyAccepted(JOB, []), BatchState.ACCEPTED),
        (Refused(TargetRefused("no")), BatchState.REFUSED),
        (Denied(TargetDenied("no")), BatchState.DENIED),
        (Throttled(TargetUnavailable("later"), 5), BatchState.READY),
        (UNREACHABLE, BatchState.READY),
        (InDoubt(TargetUnavailable("?")), BatchState.UNKNOWN),
    ],
)
def test_only_what_proves_that_nothing_was_accepted_may_be_sent_again(outcome: Outcome, state: BatchState) -> None:
    assert verdict(outcome)[0] is state


async def test_what_was_not_sent_is_tried_again_until_it_is_accepted() -> None:
    log = Log()

    outcomes = await _send(log, [UNREACHABLE, Throttled(TargetUnavailable("later"), None), Accepted(JOB)])

    assert outcomes == [Accepted(JOB)]
    assert log.entries == ["sending", "waiting", "sending", "waiting", "sending", "accepted"]


async def test_what_may_be_sent_twice_is_sent_again_when_in_doubt() -> None:
    log = Log()
    harmless = replace(ONE_BY_ONE, idempotent=True)
    sender = Sender(
        log, Scripted(iter([InDoubt(TargetUnavailable("?")), Accepted(JOB)]), harmless), "s1", silent, EAGER
    )

    assert [outcome async for _, outcome in sender.send([BATCH])] == [Accepted(JOB)]

    assert log.entries == ["sending", "unknown", "ready", "sending", "accepted"]


@pytest.mark.parametrize("last", [NotSent, Denied, lambda error: Throttled(error, 3_600)])
async def test_a_doubt_is_not_undone_by_a_later_try_that_comes_to_nothing(
    last: Callable[[TargetUnavailable], Outcome],
) -> None:
    log = Log()
    harmless = replace(ONE_BY_ONE, idempotent=True)
    outcomes = [InDoubt(TargetUnavailable("no answer.")), *[UNREACHABLE] * 3, last(TargetUnavailable("not now"))]
    sender = Sender(log, Scripted(iter(outcomes), harmless), "s1", silent, EAGER)

    [(_, outcome)] = [one async for one in sender.send([BATCH])]

    assert isinstance(outcome, InDoubt)
    assert outcome.error.message == "no answer. Sent again, it came to this: not now"
    assert log.entries == ["sending", "unknown", *["ready", "sending", "unknown"] * 4]


@pytest.mark.parametrize(("remote_jobs", "kept"), [(True, []), (False, [KeptJob(JOB, [JobError("no")])])])
async def test_a_job_that_the_target_will_not_tell_of_again_is_kept(remote_jobs: bool, kept: list[KeptJob]) -> None:
    log = Log()
    target = Scripted(iter([PartlyAccepted(JOB, [JobError("no")])]), replace(ONE_BY_ONE, remote_jobs=remote_jobs))

    assert [outcome async for _, outcome in Sender(log, target, "s1", silent, EAGER).send([BATCH])]

    assert log.kept == kept


async def test_what_is_refused_is_kept_as_a_failed_job_where_the_target_keeps_none() -> None:
    log = Log()
    target = Scripted(iter([Refused(TargetRefused("too large"))]), replace(ONE_BY_ONE, remote_jobs=False))

    assert [outcome async for _, outcome in Sender(log, target, "s1", silent, EAGER).send([BATCH])]

    (kept,) = log.kept
    assert (kept.job.status, kept.job.summary.total, kept.job.summary.invalid) == ("failed", 2, 2)
    assert [error.message for error in kept.errors] == ["too large"]


async def test_five_tries_are_enough() -> None:
    log = Log()

    assert await _send(log, [UNREACHABLE] * 9) == [UNREACHABLE]

    assert log.entries == ["sending", "waiting"] * 4 + ["sending", "ready"]


@pytest.mark.parametrize(
    "outcome",
    [
        UNTRUSTED,
        InDoubt(TargetUnavailable("?")),
        Refused(TargetRefused("no")),
        Denied(TargetDenied("no")),
        Accepted(JOB),
    ],
)
async def test_nothing_else_is_tried_again(outcome: Outcome) -> None:
    log = Log()

    assert await _send(log, [outcome]) == [outcome]

    assert log.entries.count("sending") == 1


async def test_a_long_wait_is_written_down_and_not_waited_for() -> None:
    log = Log()
    throttled = Throttled(TargetUnavailable("later"), 3172.0)

    assert await _send(log, [throttled]) == [throttled]

    assert log.entries == ["sending", "waiting"]
    assert log.not_before == [NOON + timedelta(seconds=3172)]


@pytest.mark.parametrize(
    "outcome",
    [
        UNTRUSTED,
        Denied(TargetDenied("revoked")),
        InDoubt(TargetUnavailable("?")),
        Throttled(TargetUnavailable("x"), 900),
    ],
)
async def test_what_would_meet_every_batch_ends_the_sending(outcome: Outcome) -> None:
    log = Log()

    assert await _send(log, [outcome, Accepted(JOB)], [BATCH, replace(BATCH, number=2)]) == [outcome]

    assert log.entries.count("sending") == 1


async def test_a_batch_that_is_refused_holds_up_no_other() -> None:
    refused = Refused(TargetRefused("no"))

    assert await _send(Log(), [refused, Accepted(JOB)], [BATCH, replace(BATCH, number=2)]) == [refused, Accepted(JOB)]


async def test_as_many_are_on_their_way_as_the_target_allows_and_all_are_accounted_for_when_stopped() -> None:
    log = Log()
    target = Stuck(log, 100, replace(ONE_BY_ONE, concurrency=3))

    async def work() -> None:
        async for _ in Sender(log, target, "s1", silent, EAGER).send([replace(BATCH, number=n) for n in range(1, 9)]):
            pass

    sending = asyncio.create_task(work())
    for _ in range(3):
        await target.reached.acquire()
    assert log.entries == ["sending"] * 3

    sending.cancel()
    with pytest.raises(asyncio.CancelledError):
        await sending

    assert log.entries == ["sending"] * 3 + ["unknown"] * 3


async def test_progress_is_of_all_batches_together() -> None:
    @dataclass
    class Telling(Scripted):
        async def send(self, batch: Batch, attempt: str, sent: Sent) -> Outcome:
            sent(60)
            sent(batch.length)
            return await super().send(batch, attempt, sent)

    told: list[Progress] = []
    sender = Sender(Log(), Telling(iter([Accepted(JOB)] * 2)), "s1", told.append, EAGER)
    assert [outcome async for _, outcome in sender.send([BATCH, replace(BATCH, number=2)])]

    assert [(one.done, one.total, one.message) for one in told] == [
        (60, 200, "Sending batch 1 of 2"),
        (100, 200, "Sending batch 1 of 2"),
        (160, 200, "Sending batch 2 of 2"),
        (200, 200, "Sending batch 2 of 2"),
    ]


async def test_no_request_is_begun_after_a_halt_and_the_one_on_its_way_is_waited_for() -> None:
    halt = asyncio.Event()

    @dataclass
    class Halting(Scripted):
        async def send(self, batch: Batch, attempt: str, sent: Sent) -> Outcome:
            halt.set()
            return await super().send(batch, attempt, sent)

    log = Log()
    sender = Sender(log, Halting(iter([Accepted(JOB)])), "s1", silent, EAGER, halt=halt)
    batches = [BATCH, replace(BATCH, number=2)]

    assert [outcome async for _, outcome in sender.send(batches)] == [Accepted(JOB)]
    assert log.entries == ["sending", "accepted"]


async def test_a_halt_ends_the_pause_before_another_try() -> None:
    halt, log = asyncio.Event(), Log()

    def tell(progress: Progress) -> None:
        assert isinstance(progress, Pause)
        assert (progress.seconds, progress.attempt, progress.why) == (3_600, 2, "down")
        halt.set()

    patience = Patience(total_seconds=9_999, longest_seconds=3_600, first_seconds=3_600, draw=_longest)
    sender = Sender(log, Scripted(iter([UNREACHABLE])), "s1", tell, patience, clock=lambda: NOON, halt=halt)

    assert [outcome async for _, outcome in sender.send([BATCH])] == [UNREACHABLE]
    assert log.entries == ["sending", "waiting"], "it is kept"


def _longest(_low: float, high: float) -> float:
    return high


def _shortest(low: float, _high: float) -> float:
    return low


@pytest.mark.parametrize("draw", [_longest, _shortest])
@pytest.mark.parametrize(
    ("retry_after", "seconds", "parked"), [(0, 0, False), (120, 120, False), (301, 301, True), (86_400, 86_400, True)]
)
def test_what_the_target_asks_for_is_kept_to(
    retry_after: float, seconds: float, parked: bool, draw: Callable[[float, float], float]
) -> None:
    wait = Patience(draw=draw).wait(Throttled(TargetUnavailable("x"), retry_after), 1, 0)

    assert wait is not None
    assert (seconds <= wait.seconds <= seconds + 1, wait.parked) == (True, parked)


def test_without_being_asked_the_waits_grow_up_to_a_minute() -> None:
    patience = Patience(attempts=100, total_seconds=10_000, draw=_longest)

    waits = [patience.wait(UNREACHABLE, tried, 0) for tried in range(1, 9)]

    assert [wait.seconds for wait in waits if wait] == [1, 2, 4, 8, 16, 32, 60, 60]


@pytest.mark.parametrize(("tried", "spent"), [(5, 0), (1, 899.5), (4, 900)])
def test_patience_ends_by_tries_and_by_time(tried: int, spent: float) -> None:
    assert Patience(draw=_longest).wait(UNREACHABLE, tried, spent) is None


def test_a_target_that_asks_to_wait_is_put_aside_when_patience_ends() -> None:
    wait = Patience(draw=_shortest).wait(Throttled(TargetUnavailable("x"), 10), 5, 0)

    assert wait is not None
    assert wait.parked
