"""How soon the Jobs screen shows what came: a page on which every job has moved on, and one of other jobs.

The screen runs as it does in a terminal, but draws for nobody, and no target is asked. A bare table of Textual's,
filled with the same words, is the yardstick, since a machine may be slow today.
"""

from __future__ import annotations

import asyncio
import statistics
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final

from rich.text import Text
from textual import getters
from textual.app import ComposeResult
from textual.screen import Screen
from textual.widgets import DataTable

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
from screens.widgets.job_columns import COLUMNS, NEWEST_FIRST
from screens.widgets.job_list import View

JOBS: Final = 500
_MOST_MILLISECONDS: Final = 150
_MOST_OF_BARE: Final = 0.4
"""Compared with a bare table."""
_ROUNDS: Final = 15
_TIME: Final = "2026-11-19T10:15:00.123456Z"

Show = Callable[[Sequence[TrackedJob]], None]
Times = tuple[list[float], list[float]]
"""For the same jobs further on, and for other jobs."""


class Bare(Screen[None]):
    """A table of Textual's and nothing else."""

    table = getters.query_one(DataTable)

    def compose(self) -> ComposeResult:
        """The table."""
        yield DataTable[Text](cursor_type="row", fixed_columns=1)

    def on_mount(self) -> None:
        """Make the columns."""
        for one in COLUMNS:
            self.table.add_column(one.label, key=one.key)

    def show(self, jobs: Sequence[TrackedJob]) -> None:
        """Fill the table anew."""
        self.table.clear()
        self.table.add_rows([Text(one.words(tracked)) for one in COLUMNS] for tracked in jobs)


def print_times(folder: Path) -> None:
    """Measure, and print what came of it."""
    ours, bare = asyncio.run(_measure(folder))
    print(f"\nThe Jobs screen with {JOBS} jobs, p95 of {_ROUNDS}")
    for what, mine, theirs in zip(("all have moved on", "all are others"), ours, bare, strict=True):
        slowest = statistics.quantiles(mine, n=20)[-1] * 1e3
        ratio = statistics.median(mine) / statistics.median(theirs)
        print(f"  refreshed when {what}: {slowest:.0f} ms    {under(slowest, _MOST_MILLISECONDS, 'ms')}")
        print(f"    x a bare DataTable, in the median: {ratio:.2f}    {under(ratio, _MOST_OF_BARE, 'x')}")


async def _measure(folder: Path) -> tuple[Times, Times]:
    """What it takes the Jobs screen, and a bare table."""
    desk = Desk(Config(), Credentials(), folder, make_validator)
    try:
        app = Watched(desk, folder)
        async with app.run_test(size=SIZE) as pilot:
            await pilot.press("2")
            await until(lambda: isinstance(app.screen, JobsScreen))
            screen, bare = app.screen, Bare()
            assert isinstance(screen, JobsScreen)
            screen.refreshing.paused = True

            def show(jobs: Sequence[TrackedJob]) -> None:
                found = AllJobs(Page(jobs, 1, 1, len(jobs)), failures={}, asked=1)
                screen.list.show(View("prowler", JobQuery()), found, None, NEWEST_FIRST)

            ours = await _times(app, show)
            await app.push_screen(bare)
            return ours, await _times(app, bare.show)
    finally:
        await desk.close()


async def _times(app: Watched, show: Show) -> Times:
    """Seconds from an answer to the screen that shows it: for the same jobs further on, and for other jobs."""
    await _shown(app, show, _jobs(0, 0))
    moved = [await _shown(app, show, _jobs(0, step)) for step in range(1, _ROUNDS + 1)]
    return moved, [await _shown(app, show, _jobs(step, 0)) for step in range(1, _ROUNDS + 1)]


async def _shown(app: Watched, show: Show, jobs: Sequence[TrackedJob]) -> float:
    """Show a page of jobs, and give the seconds until it was drawn."""
    await asyncio.sleep(0.1)
    begun = time.perf_counter()
    show(jobs)
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
