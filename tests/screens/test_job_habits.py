"""How the jobs are listed is as it was the last time."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from console.targets.base import JobQuery
from screens.job_habits import remembered_order, remembered_page_size
from screens.jobs import JobsScreen
from screens.memory import Memory, Remembered
from screens.widgets.job_columns import NEWEST_FIRST, JobOrder
from tests.screens.fixed_desk import FixedDesk
from tests.screens.job_stories import Story, app_at


@asynccontextmanager
async def jobs(folder: Path, memory: Memory) -> AsyncIterator[tuple[Story, JobsScreen]]:
    """The Jobs screen of one run."""
    desk = FixedDesk(folder)
    app = app_at(desk, folder, memory)
    try:
        async with app.run_test() as pilot:
            story = Story(app, pilot, [])
            await story.press("2")
            screen = await story.on(JobsScreen)
            await story.until(lambda: screen.found is not None)
            yield story, screen
    finally:
        await desk.close()


def query_of(screen: JobsScreen) -> JobQuery:
    """What is asked for."""
    assert screen.view is not None
    return screen.view.query


async def test_the_order_and_the_size_of_a_page_are_those_of_the_last_run(tmp_path: Path) -> None:
    memory = Memory.of(tmp_path)
    async with jobs(tmp_path, memory) as (story, screen):
        assert (query_of(screen).sort, query_of(screen).page_size) == ("-requested_at", 20)
        await story.press("+", *["right"] * 7, "s")
        await story.until(lambda: query_of(screen).sort == "-started_at")
        await story.press("s")
        await story.until(lambda: query_of(screen).sort == "started_at")
    memory.keep()

    async with jobs(tmp_path, Memory.of(tmp_path)) as (story, screen):
        assert (query_of(screen).sort, query_of(screen).page_size) == ("started_at", 50)
        assert screen.order == JobOrder("started_at", descending=False)


async def test_an_order_within_the_page_is_remembered_too(tmp_path: Path) -> None:
    memory = Memory(None)
    async with jobs(tmp_path, memory) as (story, screen):
        await story.press(*["right"] * 4, "s")
        await story.sees("by total ▼ on this page")
    async with jobs(tmp_path, memory) as (story, screen):
        await story.sees("by total ▼ on this page")
        assert query_of(screen).sort == "-requested_at"


@pytest.mark.parametrize("odd", [Remembered(), Remembered(job_order="-size", jobs_on_page=7)])
def test_what_there_is_not_is_as_at_first(odd: Remembered) -> None:
    assert remembered_order(odd) == NEWEST_FIRST
    assert remembered_page_size(odd) == 20
