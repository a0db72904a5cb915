"""Waiting for the end of watched jobs: how much is asked, and what is told."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import replace
from itertools import pairwise

import pytest

from console.errors import ConsoleError, NoSuchJob, TargetDenied, TargetUnavailable
from console.submissions.model import TrackedJob
from console.targets.base import Job, JobSummary
from screens import lookout as module
from screens.lookout import End, Key, Lookout
from screens.widgets import end_words

NEAR: Key = ("near", "a")
Answer = Callable[[], TrackedJob]


def job(status: str, key: Key = NEAR, invalid: int = 0) -> TrackedJob:
    target, identifier = key
    return TrackedJob(Job(identifier, target, status, JobSummary(5, 5 - invalid, invalid)), None, (), None)


def failing(error: ConsoleError) -> Answer:
    def fail() -> TrackedJob:
        raise error

    return fail


class Days:
    """A clock that leaps from one look to the next, and what was asked at which time."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, answers: dict[Key, list[Answer]], interval: float = 5) -> None:
        self.now = 1_000.0
        self.asked: list[tuple[float, Key]] = []
        self._answers = answers
        self.lookout = Lookout(self._look, interval)
        monkeypatch.setattr(module, "monotonic", lambda: self.now)
        monkeypatch.setattr(module, "_wait", self._leap)

    async def _look(self, target: str, identifier: str) -> TrackedJob:
        key = (target, identifier)
        self.asked.append((self.now - 1_000, key))
        answers = self._answers[key]
        return (answers.pop(0) if len(answers) > 1 else answers[0])()

    async def _leap(self, _news: asyncio.Event, seconds: float) -> None:
        self.now += seconds

    async def ends(self) -> list[Sequence[End]]:
        return [ends async for ends in self.lookout.ends()]


async def test_a_job_is_asked_for_less_often_the_longer_it_takes_and_told_once(monkeypatch: pytest.MonkeyPatch) -> None:
    running = lambda: job("processing")  # noqa: E731
    days = Days(monkeypatch, {NEAR: [running] * 12 + [lambda: job("completed")]})
    days.lookout.add(NEAR)
    days.lookout.add(NEAR)

    ((end,),) = await days.ends()

    assert end.tracked == job("completed")
    times = [at for at, _ in days.asked]
    pauses = [later - earlier for earlier, later in pairwise(times)]
    assert times[0] == 5
    assert pauses == sorted(pauses)
    assert pauses[-1] == 60
    assert not days.lookout.watched


async def test_what_a_screen_saw_is_not_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    days = Days(monkeypatch, {NEAR: [lambda: job("completed")]})
    days.lookout.add(NEAR)
    days.now += 4
    days.lookout.saw(job("processing"))
    days.lookout.saw(job("processing", ("near", "another")))
    assert await days.ends() == [[End(NEAR, job("completed"))]]
    assert days.asked == [(9, NEAR)]

    days.lookout.add(NEAR)
    days.lookout.saw(job("failed"))
    assert await days.ends() == [[End(NEAR, job("failed"))]]
    assert len(days.asked) == 1


async def test_a_target_that_fails_is_left_alone_and_the_others_are_not(monkeypatch: pytest.MonkeyPatch) -> None:
    far, farther = ("far", "a"), ("far", "b")
    down, denied = failing(TargetUnavailable("Slow down.", retry_after=90)), failing(TargetDenied("No."))
    days = Days(
        monkeypatch,
        {
            NEAR: [lambda: job("completed")],
            far: [down, denied, lambda: job("failed", far)],
            farther: [lambda: job("completed", farther)],
        },
    )
    for key in (far, farther, NEAR):
        days.lookout.add(key)

    told = await days.ends()

    assert [end.key for ends in told for end in ends] == [NEAR, farther, far]
    assert [at for at, key in days.asked if key == NEAR] == [5]
    # Once Retry-After has passed; then not before the peace after a denial is over.
    assert [at for at, key in days.asked if key == far] == [5, 95, 395]
    assert [at for at, key in days.asked if key == farther] == [95]


async def test_a_job_that_is_not_shown_any_more_is_told_of(monkeypatch: pytest.MonkeyPatch) -> None:
    days = Days(monkeypatch, {NEAR: [failing(NoSuchJob("Unknown."))]})
    days.lookout.add(NEAR)

    assert await days.ends() == [[End(NEAR, None)]]
    assert len(days.asked) == 3


async def test_an_outage_of_days_stops_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    down = failing(TargetUnavailable("Down."))
    days = Days(monkeypatch, {NEAR: [down] * 2_000 + [lambda: job("completed")]})
    days.lookout.add(NEAR)

    assert len(await days.ends()) == 1
    assert days.asked[-1][0] > 2_000 * 250


async def test_what_is_watched_no_longer_is_not_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    days = Days(monkeypatch, {NEAR: [lambda: job("completed")]})
    days.lookout.add(NEAR)
    days.lookout.remove(NEAR)

    assert await days.ends() == []
    assert days.asked == []


def test_the_end_of_jobs_is_one_sentence_and_as_grave_as_the_worst() -> None:
    good, mixed, bad = (End(NEAR, job(*of)) for of in (("completed",), ("completed", NEAR, 2), ("failed",)))
    gone = End(("near", "\x1b]9;x\x07[b]"), None)

    assert end_words.told([mixed]).plain == "Job a of near is completed: 3 processed, 2 invalid."
    hostile = replace(job("completed", NEAR, 2), files=[f"/scans/\x1b[31m[b]{'x' * 200}.ocsf.json"], inferred=True)
    said = end_words.told([End(NEAR, hostile)]).plain
    assert said.startswith("Job a of near, from ≈ ␛[31m[b]")
    assert said.endswith(", is completed: 3 processed, 2 invalid.")
    assert len(said) < 120
    assert end_words.told([good, mixed, bad, gone]).plain == (
        "4 watched jobs have ended: 2 completed, 1 failed, 1 vanished."
    )
    assert end_words.told([gone]).plain.startswith("near does not show job ␛]9;x␇[b] any more.")
    assert [end_words.severity(ends) for ends in ([good], [good, mixed], [gone], [good, bad])] == [
        "information", "warning", "warning", "error",
    ]  # fmt: skip
