"""The Jobs screen as it is lived with: thousands of jobs, counts, days, and the end of watched jobs."""

from __future__ import annotations

import asyncio
import csv
import json
import stat
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta
from functools import partial
from pathlib import Path
from uuid import UUID

import pytest
from textual.widgets import Input
from textual.widgets._toast import Toast

from console.config import Notice, UiConfig
from console.sandbox.prowler.worker import Pace
from console.sandbox.server import running
from screens.files import FilesScreen
from screens.job import JobScreen
from screens.jobs import JobsScreen
from screens.live_jobs import JobsLoaded, JobsTallied
from screens.navigation import OpenSubmit
from screens.widgets.days_dialog import DaysDialog
from screens.widgets.save_dialog import SaveDialog
from tests.screens.job_stories import (
    NARROW,
    START,
    WIDE,
    SandboxStory,
    at_sandbox,
    finding_file,
    job_id,
    quick,
    seed_jobs,
)
from tests.screens.test_job import waiting_job
from tests.screens.test_jobs import choose_all, open_jobs
from tests.targets.fault_server import Connection, answer, serving

MANY = 2_500
"""Jobs of each of two targets."""


@asynccontextmanager
async def at_two_targets(tmp_path: Path) -> AsyncIterator[tuple[SandboxStory, JobsScreen]]:
    """The Jobs screen on all jobs of two targets that have thousands."""
    settings = quick()
    again = quick()
    other = replace(again, prowler=replace(again.prowler, api_key=settings.prowler.api_key))
    with running(other) as second:
        async with at_sandbox(tmp_path, settings=settings, others={"staging": second.url}, size=WIDE) as story:
            for sandbox in (story.sandbox, second):
                await asyncio.to_thread(seed_jobs, sandbox.prowler.store, MANY)
            screen = await open_jobs(story)
            await choose_all(story)
            yield story, screen


def numbers(screen: JobsScreen) -> list[int]:
    """The numbers of the seeded jobs on the page."""
    return [int(tracked.job.id[:8], 16) - 1 for tracked in screen.table.jobs]


async def test_an_admin_watches_5000_jobs_over_two_targets(tmp_path: Path) -> None:
    async with at_two_targets(tmp_path) as (story, screen):
        await story.sees("page 1 of 250 · 5,000 jobs", "All 5,000", "Completed 1,250", "Failed 1,250", "Waiting")
        await story.press("+", "+")
        await story.sees("page 1 of 50 · 5,000 jobs")
        assert numbers(screen)[:4] == [MANY - 1, MANY - 1, MANY - 2, MANY - 2]

        # What is pressed while an answer is on its way is seen at once, and stays.
        looks = len(story.posted(JobsLoaded))
        await story.press("r", *["j"] * 30)
        assert screen.table.cursor == 30
        await story.until(lambda: len(story.posted(JobsLoaded)) > looks)
        assert screen.table.cursor == 30
        # It is told once the next look would come while one reads: after a slow answer it comes later anyway.
        while "paused: you read" not in story.text:
            await story.press("j", "k")

        await story.press("n", "n")
        await story.sees("page 3 of 50")
        assert numbers(screen)[0] == MANY - 1 - 100
        await story.press("F")
        await story.sees("page 1 of 13 · 1,250 jobs", "All 5,000", "Failed 1,250")
        assert {tracked.job.status for tracked in screen.table.jobs} == {"failed"}

        # The order of the targets, over all pages; then one that only this page can have, and that says so.
        await story.press(*["right"] * 8, "s")
        await story.sees("by started ▼")
        assert numbers(screen)[:2] == [1, 1]
        await story.press(*["left"] * 3, "s")
        await story.sees("by total ▼ on this page")

        await story.press("slash", *"scan-1234", "enter")
        await story.sees("No job matches the status failed and the search 'scan-1234'.", "Pending 2")
        await story.press("A")
        await story.until(lambda: numbers(screen) == [1234, 1234])
        await story.press("escape")
        await story.sees("5,000 jobs")


async def test_counts_are_asked_for_once_a_minute_and_never_of_a_target_that_throttles(tmp_path: Path) -> None:
    async with at_sandbox(tmp_path) as story:
        seed_jobs(story.sandbox.prowler.store, 45)
        screen = await open_jobs(story)
        await story.sees("All 45", "Pending 11", "Completed 12", "Failed 11")
        looks = len(story.posted(JobsLoaded))
        await story.until(lambda: len(story.posted(JobsLoaded)) > looks + 2)
        assert len(story.posted(JobsTallied)) == 1

        # A page that holds all of them is counted as it is.
        await story.press("slash", *"scan-7.ocsf", "enter")
        await story.sees("All 1", "pRocessing 1", "Pending 0")
        assert len(story.posted(JobsTallied)) == 1

        story.sandbox.faults.add("status=429,on=prowler.list,retry-after=120")
        await story.press("escape")
        await story.sees("trying again in 120 s")
        await story.press("C")
        await story.until(lambda: screen.refreshing.says(0) != "" and not screen.filters.search.value)
        assert len(story.posted(JobsTallied)) == 1


async def test_jobs_of_a_day_are_listed_and_a_wrong_day_is_told_while_it_is_typed(tmp_path: Path) -> None:
    async with at_sandbox(tmp_path) as story:
        store = story.sandbox.prowler.store
        seed_jobs(store, 4)
        store.finish(job_id(2), "completed", START + timedelta(days=3))
        screen = await open_jobs(story)
        await story.sees("4 jobs")

        await story.press("d", "tab", *"2026-11-3")
        await story.on(DaysDialog)
        await story.sees("paused: dialog", "2026-11-3")
        await story.press("1")
        await story.sees("2026-11-31 is no day: write YYYY-MM-DD")
        await story.press("enter")
        assert isinstance(story.app.screen, DaysDialog), "it stays until that is mended"
        await story.press(*["backspace"] * 2, *"22", "enter")
        await story.on(JobsScreen)
        await story.until(lambda: numbers(screen) == [2])
        await story.sees("completed 2026-11-22")

        await story.press("d", *"yesterday", "enter")
        await story.sees("No job matches inserted on", "and completed on 2026-11-22")
        await story.press("escape")
        await story.sees("4 jobs", "/ search d days")


async def test_a_watched_job_is_told_of_when_it_ends_wherever_one_is(tmp_path: Path) -> None:
    async with at_sandbox(tmp_path) as story:
        identifier = waiting_job(story)
        screen = await open_jobs(story)
        await story.sees("○ pending")
        await story.press("w")
        await story.sees("○ pending ◉")
        await story.press("w", "w", "1")
        await story.on(FilesScreen)
        story.sandbox.prowler.store.finish(job_id(0), "failed", START)
        await story.sees(f"Job {identifier[:8]} of prowler is")

        await story.press("2")
        await story.sees("✗ failed")
        assert "◉" not in story.text
        await story.press("w")
        await story.sees("This has no end to wait for.")
        assert screen.is_active


async def test_what_is_sent_from_here_is_watched_by_itself_through_an_outage(tmp_path: Path) -> None:
    settings = quick(pace=Pace(pending_seconds=600))
    async with at_sandbox(tmp_path, settings=settings) as story:
        path = finding_file(tmp_path)
        await story.press("1")
        await story.on(FilesScreen)
        story.app.post_message(OpenSubmit(path))
        await story.sees("Nothing has been sent yet.")
        await story.press("s", "y")
        await story.on(JobScreen)
        await story.sees("○ pending", "◉ its end will be told")
        await story.press("3")
        ((_, identifier),) = story.app.lookout.watched
        story.sandbox.faults.add("status=503,on=prowler.show,times=2")
        await story.until(lambda: story.sandbox.journal.count("prowler.show") > 3)
        story.sandbox.prowler.store.finish(UUID(identifier), "completed", START)
        told = f"Job {identifier[:8]} of prowler, from scan.ocsf.json, is completed"
        await story.until(lambda: story.said_last.startswith(told))
        assert not story.app.lookout.watched


@pytest.mark.parametrize(
    ("ways", "toasts", "rings", "notices"),
    [((), 0, 0, 0), (("toast",), 1, 0, 0), (("bell", "terminal"), 0, 1, 1)],
    ids=["never", "toast", "bell-and-terminal"],
)
async def test_the_end_of_a_job_is_told_in_the_ways_of_the_configuration(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    ways: tuple[Notice, ...],
    toasts: int,
    rings: int,
    notices: int,
) -> None:
    ui = UiConfig(refresh_seconds=1, notify=ways)
    async with at_sandbox(tmp_path, ui=ui) as story:
        rung, written = list[bool](), list[str]()
        driver = story.app._driver
        assert driver is not None
        monkeypatch.setattr(story.app, "bell", lambda: rung.append(True))
        monkeypatch.setattr(driver, "write", written.append)
        waiting_job(story)
        await open_jobs(story)
        await story.sees("○ pending")
        await story.press("w")
        story.sandbox.prowler.store.finish(job_id(0), "failed", START)
        await story.until(lambda: not story.app.lookout.watched)
        await story.pilot.pause()

        assert len(story.app.screen.query(Toast)) == toasts
        assert len(rung) == rings
        told = [text for text in written if text.startswith("\x1b]9;")]
        assert told == ["\x1b]9;Job 00000001 of prowler is failed: 0 processed, 0 invalid.\x1b\\"] * notices


async def test_a_page_of_jobs_is_written_as_the_command_line_writes_it(tmp_path: Path) -> None:
    async with at_sandbox(tmp_path) as story:
        seed_jobs(story.sandbox.prowler.store, 4)
        await open_jobs(story)
        await story.sees("4 jobs")
        path = tmp_path / "jobs.csv"
        await story.press("e")
        dialog = await story.on(SaveDialog)
        dialog.query_one(Input).value = str(tmp_path / "jobs.txt")
        await story.sees("The ending says the format: .csv or .json.")
        dialog.query_one(Input).value = str(path)
        await story.press("enter")
        await story.sees("4 jobs written to")
        with path.open(newline="") as file:
            rows = list(csv.DictReader(file))
        assert [row["id"] for row in rows] == [str(job_id(number)) for number in (3, 2, 1, 0)]
        assert stat.S_IMODE(path.stat().st_mode) == 0o600

        path.write_text("mine")
        await story.press("e")
        dialog = await story.on(SaveDialog)
        dialog.query_one(Input).value = str(path)
        await story.press("enter")
        await story.sees("is there already: choose another name.")
        assert path.read_text() == "mine"
        await story.press("escape", "e")
        dialog = await story.on(SaveDialog)
        dialog.query_one(Input).value = str(tmp_path / "jobs.json")
        await story.press("enter")
        await story.until((tmp_path / "jobs.json").exists)
        written = json.loads((tmp_path / "jobs.json").read_text())
        assert (written["jobs"][0]["id"], written["count"]) == (str(job_id(3)), 4)


NONSENSE = {
    "html": (200, b"<html>Sign in</html>"),
    "no-list": (200, b'{"data": 5, "meta": 7}'),
    "half": (200, b'{"data": [{"id": '),
    "deep": (200, b"[" * 5_000),
    "strange": (
        200,
        json.dumps(
            {
                "data": [
                    {"type": "ingestions", "id": f"1{at}" if at else 17, "attributes": attributes}
                    for at, attributes in enumerate(
                        [
                            {"status": "queued2", "summary": {"total": -5, "processed": "many", "invalid": None}},
                            {"status": None, "summary": None, "requested_at": 12},
                            {"status": "COMPLETED", "summary": [], "requested_at": "0001-01-01T00:00:00"},
                            {"status": "processing", "summary": {"total": 5, "processed": 2**70, "invalid": 9}},
                        ]
                    )
                ],
                "meta": {"pagination": {"page": -1, "pages": 10**9, "count": "x"}},
                "links": {"next": "http://169.254.169.254/"},
            }
        ).encode(),
    ),
}


def _speak(status: int, body: bytes, connection: Connection) -> None:
    connection.read_all()
    connection.send(answer(f"{status} OK", body, "Connection: close"))


@pytest.mark.parametrize("kind", NONSENSE)
async def test_a_target_that_answers_nonsense_shows_it_and_the_screen_stays_usable(tmp_path: Path, kind: str) -> None:
    with serving(partial(_speak, *NONSENSE[kind])) as server:
        async with at_sandbox(tmp_path, others={"odd": server.url}) as story:
            seed_jobs(story.sandbox.prowler.store, 3)
            screen = await open_jobs(story)
            await story.sees("3 jobs")
            screen.filters.target_select.value = "odd"
            if kind == "strange":
                await story.sees("queued2", "COMPLETED")
                assert [bool(one.job.id) for one in screen.table.jobs] == [False, True, True, True]
                await story.press("g", "w", "enter")
                await story.sees("The target lists it without an id")
                await story.press("escape")
                await story.on(JobsScreen)
                await story.press("s", "right", "s", "right", "s", "right", "s", "right", "s", "n", "p", "w")
            else:
                await story.sees(server.url.removeprefix("http://"), "trying again in")
            await story.press("F", "A", "j", "r", "d", "escape", "slash", "x", "escape")
            screen.filters.target_select.value = "prowler"
            await story.sees("3 jobs")
            assert story.app.screen is screen


async def test_the_smallest_terminals_and_a_storm_of_resizes_break_nothing(tmp_path: Path) -> None:
    async with at_sandbox(tmp_path, size=(20, 5)) as story:
        seed_jobs(story.sandbox.prowler.store, 45)
        screen = await open_jobs(story)
        await story.until(lambda: len(screen.table.jobs) == 20)
        await story.press("j", "right", "s", "d", "escape", "e", "escape", "n")
        for width, height in (NARROW, (1, 1), WIDE, (7, 3), (20, 5)):
            await story.pilot.resize_terminal(width, height)
        await story.press("enter")
        await story.on(JobScreen)
        await story.press("t", "x", "c")
        for width, height in ((1, 1), WIDE, NARROW):
            await story.pilot.resize_terminal(width, height)
        await story.press("escape")
        await story.on(JobsScreen)
