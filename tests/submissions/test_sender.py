"""What is written down around one try to send: intent first, and the truth about every ending."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from console.errors import OutcomeUnknown, StateError, TargetDenied, TargetRefused, TargetUnavailable
from console.progress import silent
from console.submissions.model import BatchState
from console.submissions.sender import send_batch, verdict
from console.targets.base import (
    Accepted,
    Batch,
    Denied,
    InDoubt,
    Job,
    NotSent,
    Outcome,
    PartlyAccepted,
    Refused,
    Sent,
    Throttled,
)

BATCH = Batch(1, records=2, path=Path("1.payload"), length=100, sha256="aa", filename="a.json")
JOB = Job("job-1", "prowler", "pending")


class Log:
    """An attempt log that only remembers."""

    def __init__(self) -> None:
        self.entries: list[str] = []

    async def begin_attempt(self, attempt: str, submission: str, batch: int, credential: str) -> None:
        self.entries.append("sending")

    async def end_attempt(
        self, attempt: str, submission: str, batch: int, state: BatchState, *, job_id: str | None, detail: str
    ) -> None:
        self.entries.append(state)


class Stuck:
    """A target that takes some bytes and then never answers."""

    name = "prowler"
    credential = "fingerprint"

    def __init__(self, log: Log, taken: int) -> None:
        self.log = log
        self.taken = taken
        self.reached = asyncio.Event()

    async def send(self, batch: Batch, attempt: str, sent: Sent) -> Outcome:
        assert self.log.entries == ["sending"], "the intent is on disk before the first byte"
        sent(self.taken)
        self.reached.set()
        await asyncio.Event().wait()
        raise AssertionError("never answers")


@pytest.mark.parametrize(("taken", "state"), [(0, "ready"), (99, "ready"), (100, "unknown")])
async def test_stopping_is_in_doubt_only_once_everything_was_handed_over(taken: int, state: str) -> None:
    log = Log()
    target = Stuck(log, taken)
    sending = asyncio.create_task(send_batch(log, target, "s1", BATCH, silent))
    await target.reached.wait()

    sending.cancel()
    with pytest.raises(asyncio.CancelledError):
        await sending

    assert log.entries == ["sending", state]


class FullDisk(Log):
    """A log that takes the intent and not the outcome."""

    async def end_attempt(
        self, attempt: str, submission: str, batch: int, state: BatchState, *, job_id: str | None, detail: str
    ) -> None:
        raise StateError("disk full")


class Accepting:
    """A target that takes everything."""

    name = "prowler"
    credential = "fingerprint"

    async def send(self, batch: Batch, attempt: str, sent: Sent) -> Outcome:
        return Accepted(JOB)


async def test_an_outcome_that_cannot_be_written_down_is_told_and_not_called_unsent() -> None:
    with pytest.raises(OutcomeUnknown, match=r"accepted as job job-1.*disk full"):
        await send_batch(FullDisk(), Accepting(), "s1", BATCH, silent)


@pytest.mark.parametrize(
    ("outcome", "state"),
    [
        (Accepted(JOB), BatchState.ACCEPTED),
        (PartlyAccepted(JOB, []), BatchState.ACCEPTED),
        (Refused(TargetRefused("no")), BatchState.REFUSED),
        (Denied(TargetDenied("no")), BatchState.DENIED),
        (Throttled(TargetUnavailable("later"), 5), BatchState.READY),
        (NotSent(TargetUnavailable("down")), BatchState.READY),
        (InDoubt(TargetUnavailable("?")), BatchState.UNKNOWN),
    ],
)
def test_only_what_proves_that_nothing_was_accepted_may_be_sent_again(outcome: Outcome, state: BatchState) -> None:
    assert verdict(outcome)[0] is state
