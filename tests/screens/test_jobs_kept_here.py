"""Targets, Jobs and Job for the two services that keep no jobs: the same screens as for one that does."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from console.config import LimitsConfig
from console.sandbox.server import running
from console.submissions.model import Selection
from console.targets.base import Accepted
from screens.job import JobScreen
from screens.jobs import JobsScreen
from screens.records import RecordsScreen
from screens.targets import TargetsScreen
from screens.widgets.target_select import TargetSelect
from tests.screens.job_stories import WIDE, Story, at_console
from tests.targets.cisco_xdr.bundles import activity, bundle, finding
from tests.targets.desks import IN_IRELAND, desk_at
from tests.targets.security_hub.findings import finding as asff

ARN = "arn:aws:securityhub:eu-west-1:123456789012:product/123456789012/default"
BAD = 4
"""The place of the record in the file that the service refuses."""


def to_hub(at: int) -> object:
    return asff(Id=f"f-{at}", ProductArn=ARN, **({"Title": "x" * 257} if at == BAD else {}))


def to_xdr(at: int) -> object:
    return bundle(finding(f"f-{at}", f"a-{at}"), activity(f"a-{at}", 6003 if at == BAD else 4001))


@asynccontextmanager
async def at_jobs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, target: str, record: Callable[[int], object]
) -> AsyncIterator[tuple[Story, JobsScreen]]:
    """The Jobs screen on a target that was sent twelve records, each as a job of its own, one of them a bad one."""
    path = tmp_path / "scan.json"
    path.write_text("[" + ",\n".join(json.dumps(record(at)) for at in range(12)) + "]")
    with running(IN_IRELAND) as sandbox:
        desk = desk_at(sandbox, tmp_path / "state", monkeypatch, limits=LimitsConfig(batch_records=1))
        monkeypatch.setattr(await desk.target(target), "check", lambda record: [])  # the service knows a rule more
        plan = await desk.prepare([path], target, Selection.ALL)
        outcomes = [outcome async for _, outcome in desk.send(plan)]
        assert all(isinstance(outcome, Accepted) for at, outcome in enumerate(outcomes) if at != BAD)
        assert not isinstance(outcomes[BAD], Accepted)
        async with at_console(desk, tmp_path, WIDE) as story:
            await story.press("2")
            screen = await story.on(JobsScreen)
            screen.query_one(TargetSelect).value = target
            yield story, screen


@pytest.mark.parametrize(
    ("target", "record", "words"),
    [
        ("hub", to_hub, "should NOT be longer than 256 characters"),
        ("xdr", to_xdr, "unsupported classes"),
    ],
)
async def test_jobs_are_paged_sorted_filtered_and_lead_to_the_record_that_failed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, target: str, record: Callable[[int], object], words: str
) -> None:
    async with at_jobs(tmp_path, monkeypatch, target, record) as (story, screen):
        await story.sees("page 1 of 1 · 12 jobs", "● completed", "✗ failed", "scan.json", "by requested ▼")
        await story.press("minus")
        await story.sees("page 1 of 2 · 12 jobs")
        newest = [tracked.job.id for tracked in screen.table.jobs]
        await story.press("n")
        await story.until(lambda: len(screen.table.jobs) == 2)
        oldest = [tracked.job.id for tracked in screen.table.jobs]
        await story.press(*["right"] * 3, "s")  # `requested`, the other way round
        await story.sees("by requested ▲")
        await story.until(lambda: [tracked.job.id for tracked in screen.table.jobs][:2] == oldest[::-1])
        await story.press("F")
        await story.sees("page 1 of 1 · 1 job")
        assert screen.table.jobs[0].job.id not in newest[:7], "it is the fifth that was sent"

        await story.press("enter")
        await story.on(JobScreen)
        await story.sees("failed", "1 invalid", "scan.json", words)
        await story.press("tab", "enter")
        records = await story.on(RecordsScreen)
        await story.sees(f"f-{BAD}")
        assert records.table.cursor == BAD


@pytest.mark.parametrize(
    ("target", "words"), [("hub", "Security Hub is enabled in eu-west-1"), ("xdr", "a token is good for")]
)
async def test_the_way_is_tested_step_by_step(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, target: str, words: str
) -> None:
    with running(IN_IRELAND) as sandbox:
        desk = desk_at(sandbox, tmp_path / "state", monkeypatch)
        async with at_console(desk, tmp_path, WIDE) as story:
            await story.press("3")
            await story.on(TargetsScreen)
            await story.sees("security-hub", "cisco-xdr", sandbox.url)
            await story.press(*(["j"] if target == "hub" else []), "t")
            await story.sees(words)
