"""Sending in several requests: what is told meanwhile, stopping between two of them, and the way to the jobs."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import datetime
from pathlib import Path

import pytest

from console.config import LimitsConfig
from console.progress import Pause, Progress, Report, silent
from console.submissions.model import FrozenBatch, Plan
from console.targets.base import Accepted, Batch, Outcome, Sent
from screens import sending
from screens.job import JobScreen
from screens.submit import SubmitScreen
from screens.widgets.dialogs import ConfirmDialog
from screens.widgets.pick_dialog import PickDialog
from tests.screens.conftest import Look
from tests.screens.fixed_desk import FILE, FixedDesk
from tests.screens.fixed_desk import job as fixed_job
from tests.screens.fixed_desk import plan as fixed_plan
from tests.screens.job_stories import NARROW, WIDE, SandboxStory, Story, at_console, at_sandbox, finding_file
from tests.screens.test_submit import accepted, plan, send

TENS = LimitsConfig(batch_records=10)


async def gated(story: SandboxStory, monkeypatch: pytest.MonkeyPatch, first: int) -> asyncio.Event:
    """Let every request from the *first*-th on wait until the event is set, with all its bytes handed over."""
    target, gate, count = await story.app.desk.target("prowler"), asyncio.Event(), 0
    send_on = target.send

    async def send_behind_gate(batch: Batch, attempt: str, sent: Sent) -> Outcome:
        nonlocal count
        count += 1
        if count >= first:
            sent(batch.length // 2)
            await gate.wait()
        return await send_on(batch, attempt, sent)

    monkeypatch.setattr(target, "send", send_behind_gate)
    return gate


async def test_a_stop_lets_the_request_end_keeps_the_rest_and_goes_on_to_several_jobs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with at_sandbox(tmp_path, limits=TENS) as story:
        await plan(story, finding_file(tmp_path))
        await story.sees("Records 30 in 3 batches of 10", "in a request")
        gate = await gated(story, monkeypatch, 2)
        await send(story)
        await story.sees("Sending batch 2 of 3", "10 of 30 records answered", "Accepted 10 · refused 0", "x Stop")
        await story.pilot.resize_terminal(120, 40)
        await story.pilot.resize_terminal(*NARROW)
        await story.press("x")
        await story.sees("Stopping after this request")
        await story.press("x")
        assert isinstance(story.app.screen, SubmitScreen)
        gate.set()

        await story.sees("Stopped between two requests", "accepted it as 2 jobs", "10 records are kept: press g")
        assert accepted(story) == 2
        await story.press("g")
        await story.on(PickDialog)
        await story.sees("The jobs that it became at prowler", "batch 3, 10 records")
        assert accepted(story) == 3
        await story.press("end", "enter")
        await story.on(JobScreen)
        await story.sees("10 processed")
        await story.press("escape")
        await story.on(SubmitScreen)
        await story.sees("Choose a job")


async def test_a_stop_ends_the_wait_for_another_try_and_nothing_was_accepted(tmp_path: Path) -> None:
    async with at_sandbox(tmp_path) as story:
        story.sandbox.faults.add("status=429,retry-after=60,on=prowler.submit")
        await plan(story, finding_file(tmp_path))
        await send(story)
        await story.sees("Waiting for another try", "Try 2 of 5 in", "asks us to slow down")
        await story.press("x")

        await story.sees("Stopped between two requests", "nothing was accepted", "30 records are kept")
        assert accepted(story) == 0


async def test_keys_that_are_pressed_too_fast_send_once(tmp_path: Path) -> None:
    async with at_sandbox(tmp_path) as story:
        screen = await plan(story, finding_file(tmp_path))
        await story.press("s", "s", "y", "y", "s", "y", "enter")
        await story.until(lambda: accepted(story) > 0)
        await story.until(lambda: not screen.is_sending)
        await story.app.workers.wait_for_complete()

        assert accepted(story) == 1


class SlowDesk(FixedDesk):
    """Tells how far it is and never ends; *pauses* says whether it waits for another try by then."""

    def __init__(self, state: Path, *, pauses: bool) -> None:
        super().__init__(state, plan=fixed_plan(batches=3))
        self._pauses = pauses

    async def send(
        self,
        plan: Plan,
        report: Report = silent,
        unseen_since: datetime | None = None,
        halt: asyncio.Event | None = None,
    ) -> AsyncIterator[tuple[FrozenBatch, Outcome]]:
        yield plan.batches[0], Accepted(fixed_job(2).job)
        report(Progress(9_200_000, plan.bytes, "bytes", "Sending batch 2 of 3"))
        if self._pauses:
            why = "https://api.prowler.com asks us to slow down (HTTP 429)."
            report(Pause(9_200_000, plan.bytes, "bytes", "Waiting", 30, 2, 5, why))
        await asyncio.Event().wait()


class Clock:
    """A clock that goes four seconds on at the first look after the start, and stands then."""

    def __init__(self) -> None:
        self._now = 96.0

    def __call__(self) -> float:
        self._now = min(self._now + 4, 104.0)
        return self._now


@pytest.mark.parametrize("size", [NARROW, WIDE], ids=["narrow", "wide"])
@pytest.mark.parametrize("pauses", [False, True], ids=["under-way", "waiting"])
def test_look_of_a_sending(
    look: Look, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, pauses: bool, size: tuple[int, int]
) -> None:
    clock = Clock()
    monkeypatch.setattr("screens.submit.monotonic", clock)
    monkeypatch.setattr(sending, "monotonic", clock)

    async def story(told: Story) -> None:
        await plan(told, Path(FILE))
        await send(told)
        await told.sees("1,000 of 3,000 records answered", "Try 2 of 5 in 30 s" if pauses else "left")

    assert look(SlowDesk(tmp_path / "state", pauses=pauses), tmp_path, story, size)


async def test_leaving_while_it_is_sent_asks_and_going_on_leaves_it_alone(tmp_path: Path) -> None:
    async with at_console(SlowDesk(tmp_path / "state", pauses=False), tmp_path) as story:
        await plan(story, Path(FILE))
        await send(story)
        await story.sees("Sending batch 2 of 3")
        await story.press("escape")
        await story.on(ConfirmDialog)
        await story.press("n")
        await story.on(SubmitScreen)
        await story.sees("Sending batch 2 of 3", "x Stop")
