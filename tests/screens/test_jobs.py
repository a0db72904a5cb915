"""The live list of jobs: filtered, sorted, searched and paged by a real server, and what shows when that fails."""

from __future__ import annotations

import asyncio
import json
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from time import monotonic

import pytest

from console.config import UiConfig
from console.credentials import Secret
from console.errors import TargetUnavailable
from console.sandbox.server import running
from console.submissions.desk import Desk
from console.submissions.model import BatchState, TrackedJob
from console.submissions.tracking import LOCAL_STATUSES, as_job
from console.targets.base import Job, JobQuery, JobSummary, Page
from screens.job import JobScreen
from screens.jobs import JobsScreen
from screens.live_jobs import JobsLoaded
from screens.navigation import OpenJob
from screens.widgets.drop_down import Offers
from screens.widgets.job_columns import COLUMNS, NEWEST_FIRST
from screens.widgets.job_list import pages_words
from screens.widgets.status_filter import Chip
from tests.screens.conftest import Look
from tests.screens.fixed_desk import FixedDesk, sent, submission
from tests.screens.fixed_desk import job as fixed_job
from tests.screens.job_stories import (
    NARROW,
    START,
    WIDE,
    SandboxStory,
    Story,
    at_console,
    at_sandbox,
    job_id,
    make_desk,
    quick,
    seed_jobs,
)
from tests.screens.test_targets import log_in, open_targets
from tests.targets.fault_server import Connection, answer, serving

SEEDED = 45
PAGE = 20


@pytest.fixture(scope="module")
def seeded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What a sandbox with many jobs has on disk."""
    folder = tmp_path_factory.mktemp("seeded")
    with running(quick(data=folder)) as sandbox:
        seed_jobs(sandbox.prowler.store, SEEDED)
    return folder


@pytest.fixture
def data(seeded: Path, tmp_path: Path) -> Path:
    """The folder of a sandbox with many jobs."""
    return shutil.copytree(seeded, tmp_path / "sandbox")


@asynccontextmanager
async def at_jobs(tmp_path: Path) -> AsyncIterator[tuple[SandboxStory, JobsScreen]]:
    """The Jobs screen on a sandbox with many jobs, once it shows the first page of them."""
    async with at_sandbox(tmp_path, settings=quick(data=tmp_path / "sandbox")) as story:
        screen = await open_jobs(story)
        await story.until(lambda: listed(screen) == NEWEST[:PAGE])
        yield story, screen


async def open_jobs(story: Story) -> JobsScreen:
    """Go to the Jobs screen."""
    await story.press("2")
    return await story.on(JobsScreen)


def listed(screen: JobsScreen) -> list[int]:
    """The numbers of the seeded jobs on the page, in order."""
    numbers = {str(job_id(number)): number for number in range(SEEDED)}
    return [numbers[tracked.job.id] for tracked in screen.table.jobs]


NEWEST = list(range(SEEDED - 1, -1, -1))


@pytest.mark.usefixtures("data")
async def test_the_newest_jobs_come_first_and_pages_turn_both_ways(tmp_path: Path) -> None:
    async with at_jobs(tmp_path) as (story, screen):
        await story.press("n")
        await story.until(lambda: listed(screen) == NEWEST[PAGE : 2 * PAGE])
        await story.press("p", "n", "n")  # faster than the answers come
        await story.until(lambda: listed(screen) == NEWEST[2 * PAGE :])
        await story.sees("page 3 of 3 · 45 jobs")
        await story.press("n")  # there is no fourth
        await story.press("p")
        await story.until(lambda: listed(screen) == NEWEST[PAGE : 2 * PAGE])


@pytest.mark.usefixtures("data")
async def test_a_list_that_became_shorter_is_shown_from_its_last_page(tmp_path: Path) -> None:
    ended = [number for number in NEWEST if number % 4 in (0, 1)]
    async with at_jobs(tmp_path) as (story, screen):
        await story.press("C", "F", "-")
        await story.until(lambda: listed(screen) == ended[:10])
        await story.press("n", "n")
        await story.until(lambda: listed(screen) == ended[20:])
        for number in ended[20:]:
            story.sandbox.prowler.store.finish(job_id(number), "archived", START)
        await story.press("r")
        await story.until(lambda: listed(screen) == ended[10:20])
        await story.sees("page 2 of 2 · 20 jobs")
        await story.press("p")
        await story.until(lambda: listed(screen) == ended[:10])


@pytest.mark.usefixtures("data")
async def test_the_keys_move_the_cursor_again_after_a_filter_that_nothing_matched(tmp_path: Path) -> None:
    async with at_jobs(tmp_path) as (story, screen):
        await story.press("U")
        await story.sees("No job matches the status unknown.")
        await story.press("A")
        await story.until(lambda: listed(screen) == NEWEST[:PAGE])
        await story.press("j", "j")

        assert screen.table.cursor == 2


@pytest.mark.usefixtures("data")
async def test_a_larger_page_shows_more_jobs(tmp_path: Path) -> None:
    async with at_jobs(tmp_path) as (story, screen):
        await story.press("+")
        await story.until(lambda: listed(screen) == NEWEST)
        assert story.said_last == "Up to 50 jobs on a page."
        await story.press("-", "-", "-")
        await story.until(lambda: listed(screen) == NEWEST[:10])
        assert story.said_last == "Up to 10 jobs on a page."

        # What was at the top stays in sight.
        await story.press("n", "n", "n")
        await story.until(lambda: listed(screen) == NEWEST[30:40])
        await story.press("+")
        await story.until(lambda: listed(screen) == NEWEST[20:40])


@pytest.mark.usefixtures("data")
async def test_how_many_jobs_are_on_a_page_is_said_where_there_is_room(tmp_path: Path) -> None:
    async with at_jobs(tmp_path) as (story, _):
        await story.sees("page 1 of 3 · 45 jobs · by requested")
        await story.pilot.resize_terminal(*WIDE)
        await story.sees("page 1 of 3 · 45 jobs, 20 each · by requested")
        await story.press("+")
        await story.sees("page 1 of 1 · 45 jobs · by requested")


async def test_more_pages_than_the_jobs_can_fill_are_not_believed(tmp_path: Path) -> None:
    jobs = [{"type": "ingestions", "id": f"id-{at}", "attributes": {"status": "completed"}} for at in range(20)]
    meta = {"pagination": {"page": 1, "pages": 10**9, "count": 64}}

    def boast(connection: Connection) -> None:
        connection.read_all()
        connection.send(answer("200 OK", json.dumps({"data": jobs, "meta": meta}).encode(), "Connection: close"))

    with serving(boast) as server:
        desk = make_desk(server.url, tmp_path / "state", key=Secret("pk_example1.secret"))
        async with at_console(desk, tmp_path) as story:
            await open_jobs(story)
            await story.sees("page 1 · 64 jobs, though the target speaks of 1,000,000,000 pages · by requested")
            await story.press("n")
            await story.sees("page 2 · 64 jobs, though")


@pytest.mark.parametrize(
    ("pages", "items", "believed"), [(4, 20, True), (5, 20, False), (7, 10, True), (4, 5, True), (4, 0, True)]
)
def test_pages_are_believed_where_the_target_gives_fewer_jobs_at_once(pages: int, items: int, believed: bool) -> None:
    shown = pages_words(Page([fixed_job(at) for at in range(items)], 1, pages, 64), 20)
    assert shown.startswith(f"page 1 of {pages} · 64 jobs") == believed


@pytest.mark.usefixtures("data")
async def test_statuses_are_filtered_one_or_several_at_once(tmp_path: Path) -> None:
    async with at_jobs(tmp_path) as (story, screen):
        await story.press("F")
        await story.until(lambda: listed(screen) == [number for number in NEWEST if number % 4 == 1])
        await story.press("P", "+")
        await story.until(lambda: listed(screen) == [number for number in NEWEST if number % 4 in (1, 2)])
        await story.press("F")
        await story.until(lambda: listed(screen) == [number for number in NEWEST if number % 4 == 2])
        await story.press("A")
        await story.until(lambda: listed(screen) == NEWEST)


@pytest.mark.usefixtures("data")
async def test_a_status_can_be_chosen_with_the_mouse(tmp_path: Path) -> None:
    async with at_jobs(tmp_path) as (story, screen):
        await story.sees("Failed 11")
        await story.pilot.click(next(chip for chip in screen.query(Chip) if chip.status == "failed"))
        await story.until(lambda: listed(screen) == [number for number in NEWEST if number % 4 == 1])


@pytest.mark.usefixtures("data")
async def test_times_are_sorted_by_the_target_over_all_pages(tmp_path: Path) -> None:
    async with at_jobs(tmp_path) as (story, screen):
        await story.press("C", *["right"] * 7, "s")  # the column of `started`; what was started last is the oldest
        completed = [number for number in range(SEEDED) if number % 4 == 0]
        await story.until(lambda: listed(screen) == completed)
        await story.sees("by started ▼", "Started ▼")
        await story.press("s")
        await story.until(lambda: listed(screen) == completed[::-1])
        await story.sees("by started ▲", "Started ▲")


@pytest.mark.usefixtures("data")
async def test_other_columns_are_sorted_within_the_page_and_that_is_said(tmp_path: Path) -> None:
    async with at_jobs(tmp_path) as (story, screen):
        await story.press(*["right"] * 4, "s")
        await story.sees("by total ▼ on this page")

        assert listed(screen) == sorted(NEWEST[:PAGE], key=lambda number: -((number * 37) % SEEDED))


@pytest.mark.usefixtures("data")
async def test_a_click_on_a_header_sorts_by_it(tmp_path: Path) -> None:
    async with at_jobs(tmp_path) as (story, screen):
        await story.pilot.click("JobTable", offset=(2, 0))
        await story.sees("by status ▲ on this page")

        statuses = [tracked.job.status for tracked in screen.table.jobs]
        assert statuses == sorted(statuses)


@pytest.mark.usefixtures("data")
async def test_a_search_is_made_by_the_target_and_escape_clears_it(tmp_path: Path) -> None:
    async with at_jobs(tmp_path) as (story, screen):
        await story.press("slash", *"scan-7.ocsf", "enter")
        await story.until(lambda: listed(screen) == [7])
        await story.press("escape")
        await story.until(lambda: listed(screen) == NEWEST[:PAGE])


@pytest.mark.usefixtures("data")
async def test_a_filter_that_nothing_matches_says_so_and_how_to_get_out(tmp_path: Path) -> None:
    async with at_jobs(tmp_path) as (story, _screen):
        await story.press("slash", *"nowhere", "enter")
        await story.sees("No job matches the search 'nowhere'.", "Press A for every status, esc to clear the search")


async def test_a_target_without_jobs_says_what_to_do(tmp_path: Path) -> None:
    async with at_sandbox(tmp_path) as story:
        await open_jobs(story)
        await story.sees("prowler has no jobs yet.", "Press 1 for Files")


@pytest.mark.usefixtures("data")
async def test_the_list_follows_the_target_and_the_cursor_stays_on_its_job(tmp_path: Path) -> None:
    async with at_jobs(tmp_path) as (story, screen):
        await story.press("j", "j", "j")
        looked_at = NEWEST[3]
        story.sandbox.prowler.store.finish(job_id(looked_at), "completed-by-hand", START)
        await story.sees("· completed-by-hand")
        assert screen.table.job is not None
        assert screen.table.job.job.id == str(job_id(looked_at))

        # All jobs above it leave the list, and come back.
        await story.press("slash", *"completed-by-hand", "enter")
        await story.until(lambda: listed(screen) == [looked_at])
        assert screen.table.job.job.id == str(job_id(looked_at))
        await story.press("escape")
        await story.until(lambda: len(listed(screen)) == PAGE)
        assert screen.table.job.job.id == str(job_id(looked_at))


@pytest.mark.usefixtures("data")
async def test_a_paused_list_stays_as_it_is_until_asked(tmp_path: Path) -> None:
    async with at_jobs(tmp_path) as (story, _screen):
        await story.press("a")
        await story.sees("paused")
        story.sandbox.prowler.store.finish(job_id(NEWEST[0]), "new-status", START)
        await story.sees("updated 2 s ago · paused")  # later than a list that is not paused would have asked
        assert "new-status" not in story.text

        await story.press("r")
        await story.sees("new-status")


@pytest.mark.usefixtures("data")
async def test_a_key_that_is_revoked_shows_below_the_list_and_the_app_lives(tmp_path: Path) -> None:
    async with at_jobs(tmp_path) as (story, screen):
        story.sandbox.prowler.keys.revoke(story.sandbox.access.prowler.api_key)
        await story.sees("✗", "revoked", "trying again in", "Press 3 for Targets to log in.")

        assert story.app.screen is screen, "no dialog"
        assert len(listed(screen)) == PAGE, "what was seen stays"


@pytest.mark.usefixtures("data")
async def test_a_target_that_stops_shows_below_the_list_and_the_app_lives(tmp_path: Path) -> None:
    async with at_jobs(tmp_path) as (story, screen):
        await story.stop()
        await story.sees("✗", story.sandbox.url, "trying again in 2 s")

        assert story.app.screen is screen, "no dialog"
        assert len(listed(screen)) == PAGE, "what was seen stays"


@pytest.mark.usefixtures("data")
async def test_a_target_that_never_answers_is_waited_for_in_sight(tmp_path: Path) -> None:
    async with at_jobs(tmp_path) as (story, screen):
        story.sandbox.faults.add("no-reply")
        await story.press("r")
        await story.sees("page 1 of 3 · 45 jobs · by requested ▼ · updated", "s ago · asking … 3 s")
        await story.press("n")  # what is asked for now has not been on its way for long
        await story.sees("· asking …")
        await story.sees("page 1 of 3", "s ago · asking … 2 s")

        assert listed(screen) == NEWEST[:PAGE], "what was seen stays"


@pytest.mark.usefixtures("data")
async def test_what_could_not_be_asked_for_is_not_answered_with_what_was_there_before(tmp_path: Path) -> None:
    async with at_jobs(tmp_path) as (story, screen):
        await story.stop()
        await story.press(*["l"] * 8, "h", "s")  # by `started`, which the target alone can
        await story.sees("trying again in")
        assert listed(screen) == NEWEST[:PAGE], "these are still what was asked for"
        assert screen.order == NEWEST_FIRST
        await story.press(*["left"] * 4)
        await story.sees("Requested ▼")

        await story.press("F")
        await story.until(lambda: not listed(screen))
        await story.sees("could not be reached")


async def test_without_credentials_the_way_to_log_in_is_shown(tmp_path: Path) -> None:
    async with at_console(make_desk("http://127.0.0.1:9", tmp_path / "state", key=None), tmp_path) as story:
        await open_jobs(story)
        await story.sees("PROWLER_CLOUD_API_KEY", "Press 3 for Targets")


async def test_after_logging_in_the_jobs_are_there_at_once(tmp_path: Path) -> None:
    settings = quick()
    async with at_sandbox(tmp_path, settings=settings) as elsewhere:
        patient = UiConfig(refresh_seconds=60)
        desk = make_desk(elsewhere.sandbox.url, tmp_path / "own", key=None, ui=patient)
        async with at_console(desk, tmp_path) as story:
            await open_jobs(story)
            await story.sees("trying again in")
            await open_targets(story)
            await log_in(story, settings.prowler.api_key, "#session")
            await story.sees("Logged in to prowler")
            await open_jobs(story)
            await story.sees("prowler has no jobs yet.")


@pytest.mark.usefixtures("data")
async def test_enter_opens_the_job_under_the_cursor(tmp_path: Path) -> None:
    async with at_jobs(tmp_path) as (story, _screen):
        await story.press("j", "enter")
        await story.on(JobScreen)

        assert [(one.target, one.job_id) for one in story.posted(OpenJob)] == [("prowler", str(job_id(NEWEST[1])))]


HOSTILE = "\x1b]0;owned\x07[@click=app.quit]x[/b][/x]\u202e\n"


class HostileDesk(Desk):
    """A target that writes what it can to break a terminal or the markup of a widget."""

    async def jobs(self, target_name: str, query: JobQuery) -> Page[TrackedJob]:
        job = Job(
            id=HOSTILE,
            target=target_name,
            status=HOSTILE,
            summary=JobSummary(total=2**62, processed=1, invalid=1),
            requested_at=HOSTILE,
            started_at="0001-01-01T00:00:00+14:00",
            completed_at="9999-12-31T23:59:59-14:00",
        )
        return Page([TrackedJob(job, None, [HOSTILE], None)] * 2, 1, 1, 2)


async def test_hostile_jobs_are_only_shown(tmp_path: Path) -> None:
    honest = make_desk("http://127.0.0.1:9", tmp_path / "state", key=None)
    desk = HostileDesk(honest.config, honest.credentials, tmp_path / "state", honest.validator)
    async with at_console(desk, tmp_path, size=(400, 24)) as story:
        screen = await open_jobs(story)
        await story.until(lambda: len(screen.table.jobs) == 2)
        for _ in COLUMNS:
            await story.press("s", "right")

        assert "␛]0;owned␇[@click=app." in story.text
        assert not set(story.text) & set("\x1b\x07\u202e")
        await story.pilot.click("JobTable", offset=(20, 1))
        assert story.app.screen is screen


@pytest.fixture
def no_clock(monkeypatch: pytest.MonkeyPatch) -> None:
    """The time stands still, so that ages do."""
    monkeypatch.setattr("screens.live_jobs.monotonic", lambda: 100.0)


@pytest.mark.usefixtures("no_clock")
@pytest.mark.parametrize("size", [NARROW, WIDE], ids=["narrow", "wide"])
def test_look_of_the_list(look: Look, tmp_path: Path, size: tuple[int, int]) -> None:
    async def story(told: Story) -> None:
        await open_jobs(told)
        await told.sees("page 1 of 3 · 45 jobs")
        await told.press("j", "j", "right", "right")
        await told.sees("paused: you read")

    assert look(FixedDesk(tmp_path / "state"), tmp_path, story, size)


@pytest.mark.usefixtures("no_clock")
@pytest.mark.parametrize("size", [NARROW, WIDE], ids=["narrow", "wide"])
def test_look_of_a_filtered_list(look: Look, tmp_path: Path, size: tuple[int, int]) -> None:
    async def story(told: Story) -> None:
        await open_jobs(told)
        await told.sees("page 1 of 3 · 45 jobs")
        await told.press("F", "C", "slash", *"scan")
        await told.sees("page 1 of 2 · 27 jobs")

    assert look(FixedDesk(tmp_path / "state"), tmp_path, story, size)


@pytest.mark.usefixtures("no_clock")
@pytest.mark.parametrize("size", [NARROW, WIDE], ids=["narrow", "wide"])
def test_look_of_all_targets(look: Look, tmp_path: Path, size: tuple[int, int]) -> None:
    waiting = as_job(submission(sent(BatchState.READY)))
    doubtful = as_job(submission(sent(BatchState.UNKNOWN)))
    inferred = replace(fixed_job(3), inferred=True)

    async def story(told: Story) -> None:
        await open_jobs(told)
        await choose_all(told)
        await told.sees("Without staging", "29+")

    jobs = [doubtful, waiting, inferred, *map(fixed_job, range(4, 30))]
    assert look(FixedDesk(tmp_path / "state", jobs=jobs), tmp_path, story, size)


async def choose_all(story: Story) -> None:
    """Choose all targets, which is the last choice."""
    await unfold_targets(story)
    await story.press("end", "enter")
    await story.sees("All targets")


async def unfold_targets(story: Story) -> None:
    """Have the targets to choose from on the screen."""
    await story.press("t")
    await story.until(lambda: isinstance(story.app.focused, Offers))


async def test_jobs_that_come_after_one_was_elsewhere_take_the_keys(tmp_path: Path) -> None:
    jobs = list[TrackedJob]()
    async with at_console(FixedDesk(tmp_path / "state", jobs=jobs), tmp_path) as story:
        screen = await open_jobs(story)
        await story.sees("prowler has no jobs yet.")
        await open_targets(story)
        await open_jobs(story)
        jobs += map(fixed_job, range(3))
        await story.press("r")
        await story.until(lambda: screen.table.has_focus)


async def test_jobs_that_come_leave_what_was_folded_out_meanwhile(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk, answered = FixedDesk(tmp_path / "state"), asyncio.Event()
    jobs = desk.jobs

    async def jobs_later(target_name: str, query: JobQuery) -> Page[TrackedJob]:
        await answered.wait()
        return await jobs(target_name, query)

    monkeypatch.setattr(desk, "jobs", jobs_later)
    async with at_console(desk, tmp_path) as story:
        screen = await open_jobs(story)
        await unfold_targets(story)
        answered.set()
        await story.until(lambda: bool(screen.table.jobs))
        await story.pilot.pause()
        assert isinstance(story.app.focused, Offers)


async def test_the_jobs_of_all_targets_are_one_list(tmp_path: Path, seeded: Path) -> None:
    """The seeded sandbox, and another that takes the same key."""
    data = shutil.copytree(seeded, tmp_path / "sandbox")
    settings = quick(data=data)
    again = quick(data=shutil.copytree(seeded, tmp_path / "other"))
    other = replace(again, prowler=replace(again.prowler, api_key=settings.prowler.api_key))
    with running(other) as second:
        async with at_sandbox(tmp_path, settings=settings, others={"staging": second.url}, size=WIDE) as story:
            screen = await open_jobs(story)
            await story.until(lambda: listed(screen) == NEWEST[:PAGE])
            await choose_all(story)
            both = [number for number in NEWEST for _ in range(2)]
            await story.until(lambda: listed(screen) == both[:PAGE])
            assert {tracked.job.target for tracked in screen.table.jobs} == {"prowler", "staging"}
            await story.sees("Target", "staging", "page 1 of 5 · 90 jobs")
            await story.press("n", "n", "n", "n")
            await story.until(lambda: listed(screen) == both[4 * PAGE :])
            await story.press("F")
            await story.until(lambda: listed(screen) == [number for number in both if number % 4 == 1][:PAGE])
            await story.press("enter")
            await story.on(JobScreen)


@pytest.mark.usefixtures("data")
async def test_a_target_that_is_down_is_named_and_the_others_are_listed(tmp_path: Path) -> None:
    settings = quick(data=tmp_path / "sandbox")
    async with at_sandbox(tmp_path, settings=settings, others={"staging": "http://127.0.0.1:9"}) as story:
        screen = await open_jobs(story)
        await choose_all(story)
        await story.until(lambda: listed(screen) == NEWEST[:PAGE])
        await story.sees("✗ Without staging:", "127.0.0.1:9", "page 1 of 3 · 45 jobs")

        await story.stop()
        await story.sees("✗ Without prowler:", "trying again in")
        assert listed(screen) == NEWEST[:PAGE], "what was seen stays"


async def test_of_all_targets_one_that_throttles_is_left_alone_and_holds_up_nobody(tmp_path: Path) -> None:
    settings = quick()
    again = quick()
    other = replace(again, prowler=replace(again.prowler, api_key=settings.prowler.api_key))
    with running(other) as second:
        async with at_sandbox(tmp_path, settings=settings, others={"staging": second.url}) as story:
            seed_jobs(story.sandbox.prowler.store, 4)
            second.faults.add("status=429,on=prowler.list,retry-after=3600")
            await open_jobs(story)
            await choose_all(story)
            await story.sees("✗ Without staging for 59 min", "slow down", "4 jobs", "All 4", "Failed 1")
            asked = second.journal.count("prowler.list")

            # One comes by itself, and one is asked for.
            story.sandbox.prowler.store.finish(job_id(2), "completed", START)
            await story.sees("Completed 2", "✗ Without staging for 59 min")
            looks = len(story.posted(JobsLoaded))
            await story.press("r")
            await story.until(lambda: len(story.posted(JobsLoaded)) > looks)
            assert second.journal.count("prowler.list") == asked


async def test_where_no_target_answers_each_says_so_and_the_one_that_throttles_holds_up_nobody(tmp_path: Path) -> None:
    async with at_sandbox(tmp_path, others={"staging": "http://127.0.0.1:9"}) as story:
        story.sandbox.faults.add("status=429,on=prowler.list,retry-after=3600")
        screen = await open_jobs(story)
        await choose_all(story)
        await story.sees("Without staging:", "Without prowler for", "trying again in")
        assert screen.refreshing.is_due(monotonic() + 300)
        assert story.sandbox.journal.count("prowler.list") == 1


async def test_a_target_that_is_down_has_peace_while_no_other_has_a_job_at_work(tmp_path: Path) -> None:
    async with at_sandbox(tmp_path, others={"staging": "http://127.0.0.1:9"}) as story:
        await open_jobs(story)
        await choose_all(story)
        await story.sees("Without staging:", "idle: every")


@pytest.mark.usefixtures("no_clock")
@pytest.mark.parametrize("size", [NARROW, WIDE], ids=["narrow", "wide"])
def test_look_without_a_job(look: Look, tmp_path: Path, size: tuple[int, int]) -> None:
    async def story(told: Story) -> None:
        await open_jobs(told)
        await told.sees("prowler has no jobs yet.")

    assert look(FixedDesk(tmp_path / "state", jobs=()), tmp_path, story, size)


@pytest.mark.usefixtures("no_clock")
@pytest.mark.parametrize("size", [NARROW, WIDE], ids=["narrow", "wide"])
def test_look_without_credentials(look: Look, tmp_path: Path, desk: Desk, size: tuple[int, int]) -> None:
    async def story(told: Story) -> None:
        await open_jobs(told)
        await told.sees("Press 3 for Targets")

    assert look(desk, tmp_path, story, size)


@pytest.mark.usefixtures("no_clock")
@pytest.mark.parametrize("size", [NARROW, WIDE], ids=["narrow", "wide"])
def test_look_of_days_and_of_watched_and_odd_jobs(look: Look, tmp_path: Path, size: tuple[int, int]) -> None:
    odd = replace(fixed_job(2), remarks=["Its counters do not add up."])

    async def story(told: Story) -> None:
        await open_jobs(told)
        await told.sees("3 jobs")
        await told.press("w", "d", *"2026-11-19", "enter")
        await told.sees("inserted 2026-11-19", "◉")

    assert look(FixedDesk(tmp_path / "state", jobs=[fixed_job(1), odd, fixed_job(0)]), tmp_path, story, size)


@pytest.mark.usefixtures("no_clock")
@pytest.mark.parametrize("size", [NARROW, WIDE], ids=["narrow", "wide"])
def test_look_while_a_day_is_typed(look: Look, tmp_path: Path, size: tuple[int, int]) -> None:
    async def story(told: Story) -> None:
        await open_jobs(told)
        await told.sees("page 1 of 3 · 45 jobs")
        await told.press("d", *"2026-11-31")
        await told.sees("2026-11-31 is no day")

    assert look(FixedDesk(tmp_path / "state"), tmp_path, story, size)


class SilentDesk(FixedDesk):
    """Targets that have not answered yet."""

    async def jobs(self, target_name: str, query: JobQuery) -> Page[TrackedJob]:
        if set(query.statuses) & set(LOCAL_STATUSES):
            return await super().jobs(target_name, query)
        return await asyncio.Future()


class ThrottlingDesk(SilentDesk):
    """Targets that want to be left alone."""

    async def jobs(self, target_name: str, query: JobQuery) -> Page[TrackedJob]:
        if set(query.statuses) & set(LOCAL_STATUSES):
            return await super().jobs(target_name, query)
        slow_down = "https://api.prowler.com asks us to slow down (HTTP 429)."
        raise TargetUnavailable(slow_down, hint="It is asked again then.", retry_after=120)


@pytest.mark.usefixtures("no_clock")
@pytest.mark.parametrize("size", [NARROW, WIDE], ids=["narrow", "wide"])
@pytest.mark.parametrize(
    ("kind", "words"), [(SilentDesk, "Asking prowler for jobs …"), (ThrottlingDesk, "trying again in 120 s")]
)
def test_look_without_an_answer(
    look: Look, tmp_path: Path, kind: type[FixedDesk], words: str, size: tuple[int, int]
) -> None:
    async def story(told: Story) -> None:
        await open_jobs(told)
        await told.sees(words)

    assert look(kind(tmp_path / "state"), tmp_path, story, size)
