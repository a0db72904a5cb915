"""How soon the Jobs screen shows what came: a page on which every job has moved on, and one of other jobs.

The screen runs as it does in a terminal, but draws for nobody, and no target is asked.
"""

from __future__ import annotations

import asyncio
import statistics
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from benchmarks.screen import SIZE, Watched, until
from benchmarks.targets import under
from console.cli.setup import make_validator
from console.config import Config
from console.credentials import Credentials
from console.submissions.desk import Desk
from console.submissions.listing import AllJobs
from console.submissions.model import TrackedJob
from console.targets.base import PROCESSING, Job, JobQuery, JobSummary, Page
from screens.jobs import JobsScreen
from screens.widgets.job_columns import NEWEST_FIRST
from screens.widgets.job_list import View

JOBS: Final = 500
_MOST_MILLISECONDS: Final = 150
_ROUNDS: Final = 15
_TIME: Final = "2026-11-19T10:15:00.123456Z"


def print_times(folder: Path) -> None:
    """Measure, and print what came of it."""
    moved, others = asyncio.run(_measure(folder))
    print(f"\nThe Jobs screen with {JOBS} jobs, p95 of {_ROUNDS}")
    for what, times in (("all have moved on", moved), ("all are others", others)):
        slowest = statistics.quantiles(times, n=20)[-1] * 1e3
        print(f"  refreshed when {what}: {slowest:.0f} ms    {under(slowest, _MOST_MILLISECONDS, 'ms')}")


async def _measure(folder: Path) -> tuple[list[float], list[float]]:
    """Seconds from an answer to the screen that shows it: for the same jobs further on, and for other jobs."""
    desk = Desk(Config(), Credentials(), folder, make_validator)
    try:
        app = Watched(desk, folder)
        async with app.run_test(size=SIZE) as pilot:
            await pilot.press("2")
            await until(lambda: isinstance(app.screen, JobsScreen))
            screen = app.screen
            assert isinstance(screen, JobsScreen)
            screen.refreshing.paused = True
            await _shown(app, screen, _jobs(0, 0))
            moved = [await _shown(app, screen, _jobs(0, step)) for step in range(1, _ROUNDS + 1)]
            others = [await _shown(app, screen, _jobs(step, 0)) for step in range(1, _ROUNDS + 1)]
            return moved, others
    finally:
        await desk.close()


async def _shown(app: Watched, screen: JobsScreen, jobs: Sequence[TrackedJob]) -> float:
    """Show a page of jobs, and give the seconds until it was drawn."""
    await asyncio.sleep(0.1)
    found = AllJobs(Page(jobs, 1, 1, len(jobs)), failures={}, asked=1)
    begun = time.perf_counter()
    screen.list.show(View("prowler", JobQuery()), found, None, NEWEST_FIRST)
    return await app.draws(begun)


def _jobs(first: int, step: int) -> list[TrackedJob]:
    """A page of jobs from the *first* on, each *step* records further than at the beginning."""
    return [
        TrackedJob(
            Job(
                id=f"{number:08x}-8e5f-4808-a95f-74f0afae8499",
                target="prowler",
                status=PROCESSING,
                summary=JobSummary(1_000, number % 500 + step, step % 7),
                requested_at=_TIME,
                started_at=_TIME,
            ),
            submission=None,
            files=[f"/scans/prowler-output-123456789012-{number}.ocsf.json"],
            sha256=None,
        )
        for number in range(first * JOBS, (first + 1) * JOBS)
    ]
