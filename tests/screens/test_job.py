"""One job, live: how far it is, what went wrong with its records, and the way from an error to its record."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime
from itertools import count
from pathlib import Path
from typing import cast

import pytest

from console.config import UiConfig
from console.credentials import Secret
from console.ocsf.issues import Issue, Severity
from console.records.model import JsonValue
from console.sandbox.prowler.model import Ingestion
from console.sandbox.prowler.worker import Check, Pace
from console.submissions.desk import Desk
from console.submissions.model import LocatedError, Selection, TrackedJob
from console.targets.base import Accepted, Job, JobError, JobSummary, Page
from screens.job import JobScreen
from screens.navigation import OpenJob, OpenRecords
from screens.records import RecordsScreen
from tests.screens.conftest import Look
from tests.screens.fixed_desk import FixedDesk
from tests.screens.fixed_desk import error as fixed_error
from tests.screens.fixed_desk import job as fixed_job
from tests.screens.job_stories import (
    NARROW,
    WIDE,
    SandboxStory,
    Story,
    at_console,
    at_sandbox,
    finding_file,
    job_id,
    make_desk,
    quick,
)
from tests.screens.test_records_triage import under_cursor
from tests.screens.test_targets import log_in, open_targets
from tests.targets.fault_server import Connection, answer, serving


async def submit(
    story: SandboxStory, path: Path, selection: Selection = Selection.ALL, *, stdin: Path | None = None
) -> str:
    """Send a file as the Submit screen does, and return its job's id."""
    desk = story.app.desk
    plan = await desk.prepare([path], "prowler", selection, stdin=stdin)
    outcomes = [outcome async for _, outcome in desk.send(plan)]
    assert isinstance(outcomes[0], Accepted)
    return outcomes[0].job.id


async def open_job(story: Story, job_id: str) -> JobScreen:
    """Open a job's screen."""
    story.app.post_message(OpenJob("prowler", job_id))
    return await story.on(JobScreen)


def waiting_job(story: SandboxStory) -> str:
    """A job in the sandbox that nobody works on, and that is not old enough to be looked at less often."""
    at = datetime.now(UTC)
    job = Ingestion(
        id=job_id(0),
        status="pending",
        total=5,
        inserted_at=at,
        requested_at=at,
        filename="scan.ocsf.json",
        sha256="",
        size=1,
        path=None,
    )
    story.sandbox.prowler.store.add(job)
    return str(job.id)


def the_17th_is_bad() -> Check:
    """A rule of the sandbox: the record that the target counts as its 17th, from 0 the 16th, is invalid."""
    seen = count()
    return lambda _record: [Issue(Severity.ERROR, "bad_record", "", "Bad.")] if next(seen) == 16 else []


async def test_an_error_leads_to_its_record_in_the_file(tmp_path: Path) -> None:
    path = finding_file(tmp_path, bad=[3, 17])
    async with at_sandbox(tmp_path) as story:
        await open_job(story, await submit(story, path))
        await story.sees("● completed", "28 processed · 2 invalid · 30 in all", "2 errors", "42 is not a severity")
        await story.press("j", "enter")
        screen = await story.on(RecordsScreen)

        assert [(one.path, one.record) for one in story.posted(OpenRecords)] == [(path, 17)]
        # The attribute that is wrong is seen, though the room shows a part of the record alone.
        await story.until(lambda: under_cursor(screen.record).startswith("severity_id"))
        await story.sees("severity_id 42 ✗")
        assert screen.table.has_focus


async def test_an_error_leads_to_the_right_record_when_only_a_part_of_the_file_was_sent(tmp_path: Path) -> None:
    # The record 3 breaks OCSF and stays behind; the sandbox knows record 17 as the 16th that it got.
    path = finding_file(tmp_path, bad=[3])
    async with at_sandbox(tmp_path, settings=quick(check=the_17th_is_bad())) as story:
        await open_job(story, await submit(story, path, Selection.VALID))
        await story.sees("1 error", "bad_record")
        await story.press("enter")
        await story.until(lambda: bool(story.posted(OpenRecords)))

        assert [one.record for one in story.posted(OpenRecords)] == [17]


async def test_a_job_that_was_not_sent_from_here_says_why_no_record_can_be_opened(tmp_path: Path) -> None:
    path = finding_file(tmp_path, bad=[3])
    settings = quick(data=tmp_path / "sandbox")
    async with at_sandbox(tmp_path, settings=settings) as elsewhere:
        job_id = await submit(elsewhere, path)
        await open_job(elsewhere, job_id)
        await elsewhere.sees("1 error")
    (tmp_path / "here").mkdir()
    (tmp_path / "sandbox").rename(tmp_path / "here" / "sandbox")
    async with at_sandbox(tmp_path / "here", settings=quick(data=tmp_path / "here" / "sandbox")) as story:
        await open_job(story, job_id)
        await story.sees("1 error", "not sent from here")
        await story.press("enter")
        await story.sees("This job was not sent from here, so the file of the record is not known.")


async def test_a_record_that_came_on_stdin_is_in_no_file_that_can_be_opened(tmp_path: Path) -> None:
    path = finding_file(tmp_path, bad=[3])
    async with at_sandbox(tmp_path) as story:
        await open_job(story, await submit(story, path, stdin=path))
        await story.sees("1 error")
        await story.press("enter")
        await story.sees("What was sent came on stdin: there is no file that holds this record.")


async def test_a_job_is_followed_while_it_is_worked_on(tmp_path: Path) -> None:
    settings = quick(pace=Pace(records_per_second=20))
    async with at_sandbox(tmp_path, settings=settings) as story:
        await open_job(story, await submit(story, finding_file(tmp_path)))
        await story.sees("◐ processing", "30 in all")
        await story.sees("● completed", "30 processed")
        await story.sees("The target is done with this job.")


async def test_the_targets_own_words_are_folded_out_and_in(tmp_path: Path) -> None:
    async with at_sandbox(tmp_path) as story:
        await open_job(story, await submit(story, finding_file(tmp_path)))
        await story.sees("● completed")
        assert '"type": "ingestions"' not in story.text
        await story.press("x")
        await story.sees('"type": "ingestions"')
        await story.press("x")
        await story.until(lambda: '"type": "ingestions"' not in story.text)


async def test_what_is_folded_out_leaves_room_for_errors_on_a_small_terminal(tmp_path: Path) -> None:
    async with at_console(FixedDesk(tmp_path / "state"), tmp_path, NARROW) as story:
        await open_job(story, fixed_job(3).job.id)
        await story.sees("12 errors")
        await story.press("t")
        await story.sees("planned", "14,941", "29,881")


async def test_a_job_that_is_not_there_is_a_sentence(tmp_path: Path) -> None:
    async with at_sandbox(tmp_path) as story:
        screen = await open_job(story, "3650fef9-8e5f-4808-a95f-74f0afae8499")
        await story.sees("✗", "3650fef9-8e5f-4808-a95f-74f0afae8499", "trying again in")
        await story.press("escape")
        await story.until(lambda: story.app.screen is not screen)


async def test_a_key_that_is_revoked_while_a_job_is_followed_is_a_sentence_and_the_app_lives(tmp_path: Path) -> None:
    async with at_sandbox(tmp_path) as story:
        screen = await open_job(story, waiting_job(story))
        await story.sees("○ pending", "following")
        story.sandbox.prowler.keys.revoke(story.sandbox.access.prowler.api_key)
        await story.sees("✗", "revoked", "trying again in", "Press 3 for Targets to log in.")

        assert story.app.screen is screen, "no dialog"
        assert "○ pending" in story.text, "what was seen stays"


async def test_a_target_that_stops_while_a_job_is_followed_is_said_to_be_silent(tmp_path: Path) -> None:
    async with at_sandbox(tmp_path) as story:
        await open_job(story, waiting_job(story))
        await story.sees("○ pending", "following")
        await story.stop()
        await story.sees("✗ prowler has not answered since")


async def test_a_job_of_a_target_that_is_down_is_shown_as_it_was_known_and_told_to_be_old(tmp_path: Path) -> None:
    async with at_sandbox(tmp_path) as story:
        theirs = waiting_job(story)
        ours = await submit(story, finding_file(tmp_path))
        await story.press("2")
        await story.sees("○ pending", "2 jobs")
        await story.stop()

        # The list has seen it; or the ledger alone knows of it.
        await story.press("slash", *"no such", "enter")
        await story.sees("could not be reached")
        await open_job(story, ours)
        await story.sees("● completed", "scan.ocsf.json", "30 in all", "This is old: prowler has not answered")
        await story.press("t")
        await story.sees("seen to end")
        await story.press("escape")
        known = TrackedJob(Job(theirs, "prowler", "pending", JobSummary(5)), None, [], None)
        story.app.post_message(OpenJob("prowler", theirs, known))
        await story.sees("○ pending", "5 in all", "This is old: prowler has not answered", "could not be reached")


async def test_after_logging_in_the_job_is_there_at_once(tmp_path: Path) -> None:
    settings = quick()
    async with at_sandbox(tmp_path, settings=settings) as elsewhere:
        job_id = waiting_job(elsewhere)
        patient = UiConfig(refresh_seconds=60)
        desk = make_desk(elsewhere.sandbox.url, tmp_path / "own", key=None, ui=patient)
        async with at_console(desk, tmp_path) as story:
            await story.press("2")
            await open_job(story, job_id)
            await story.sees("trying again in")
            await open_targets(story)
            await log_in(story, settings.prowler.api_key, "#session")
            await story.sees("Logged in to prowler")
            await story.press("2")
            await story.sees("○ pending", "following")


class GrowingDesk(FixedDesk):
    """A job with ever more errors, of which the first page is full."""

    def __init__(self, state: Path) -> None:
        super().__init__(state)
        self.grow = asyncio.Event()

    async def watch(self, target_name: str, job_id: str, timeout: float | None = None) -> AsyncIterator[TrackedJob]:
        await self.grow.wait()
        seen = await self.job(target_name, job_id)
        yield replace(seen, job=replace(seen.job, summary=JobSummary(1_000, 500, 20)))

    async def job_errors(self, target_name: str, job_id: str, page: int = 1) -> Page[LocatedError]:
        pages = 2 if self.grow.is_set() else 1
        return Page([fixed_error(number) for number in range(10)], page, pages, 10 * pages)


async def test_the_number_of_errors_is_told_anew_when_the_page_stays_the_same(tmp_path: Path) -> None:
    desk = GrowingDesk(tmp_path / "state")
    async with at_console(desk, tmp_path) as story:
        await open_job(story, fixed_job(1).job.id)
        await story.sees("10 errors · page 1 of 1")
        desk.grow.set()
        await story.sees("20 errors · page 1 of 2")


class WordyDesk(FixedDesk):
    """A job whose own words begin with so many lines, and end in what can't be written out."""

    def __init__(self, state: Path, lines: int) -> None:
        super().__init__(state)
        self._lines = lines

    async def job(self, target_name: str, job_id: str) -> TrackedJob:
        seen = await super().job(target_name, job_id)
        unwritable = cast(JsonValue, object())
        return replace(seen, job=replace(seen.job, raw={"counts": list(range(self._lines)), "rest": unwritable}))


async def test_the_targets_own_words_are_not_written_out_while_they_are_folded_in(tmp_path: Path) -> None:
    async with at_console(WordyDesk(tmp_path / "state", lines=0), tmp_path) as story:
        await open_job(story, fixed_job(1).job.id)
        await story.sees("◐ processing", "12 errors")


async def test_the_targets_own_words_are_written_out_as_far_as_they_are_shown(tmp_path: Path) -> None:
    async with at_console(WordyDesk(tmp_path / "state", lines=300), tmp_path) as story:
        await open_job(story, fixed_job(1).job.id)
        await story.sees("◐ processing")
        await story.press("x")
        await story.sees('"counts": [', "│ 0,", "│ 1,")


HOSTILE = "\x1b]0;owned\x07[@click=app.quit]x[/b][/x]\u202e\n"


class HostileDesk(Desk):
    """A target that writes what it can to break a terminal or the markup of a widget."""

    async def job(self, target_name: str, job_id: str) -> TrackedJob:
        job = Job(
            id=HOSTILE,
            target=target_name,
            status=HOSTILE,
            summary=JobSummary(total=1, processed=2**62, invalid=1),
            requested_at=HOSTILE,
            raw={HOSTILE: [HOSTILE] * 500},
        )
        return TrackedJob(job, HOSTILE, [HOSTILE], HOSTILE)

    async def watch(self, target_name: str, job_id: str, timeout: float | None = None) -> AsyncIterator[TrackedJob]:
        yield await self.job(target_name, job_id)

    async def job_errors(self, target_name: str, job_id: str, page: int = 1) -> Page[LocatedError]:
        error = JobError(HOSTILE, code=HOSTILE, record=2**40, uid=HOSTILE, pointer=HOSTILE)
        return Page([LocatedError(error, file=HOSTILE, span=None)] * 3, 1, 1, 3)


async def test_a_job_that_the_target_answers_with_another_one_is_told(tmp_path: Path) -> None:
    other = "../../etc/passwd"
    body = json.dumps({"data": {"type": "ingestions", "id": other, "attributes": {"status": "completed"}}}).encode()

    def mistake(connection: Connection) -> None:
        connection.read_all()
        connection.send(answer("200 OK", body, "Connection: close"))

    with serving(mistake) as server:
        desk = make_desk(server.url, tmp_path / "state", key=Secret("pk_example1.secret"))
        async with at_console(desk, tmp_path) as story:
            await open_job(story, "id-0")
            await story.sees("! Job id-0 was asked for, and the target answered with job ../../etc/passwd.")


async def test_a_hostile_job_is_only_shown(tmp_path: Path) -> None:
    honest = make_desk("http://127.0.0.1:9", tmp_path / "state", key=None)
    desk = HostileDesk(honest.config, honest.credentials, tmp_path / "state", honest.validator)
    async with at_console(desk, tmp_path, size=(400, 60)) as story:
        screen = await open_job(story, HOSTILE)
        await story.sees("3 errors")
        await story.press("x", "enter")
        await story.sees("Where this record was in its file is no longer known.")

        assert story.text.count("␛]0;owned␇[@click=app.quit]x[/b][/x]\\u{202e}␊") > 10
        assert not set(story.text) & set("\x1b\x07\u202e")
        await story.pilot.click("Errors", offset=(60, 1))
        assert story.app.screen is screen


@pytest.fixture
def no_clock(monkeypatch: pytest.MonkeyPatch) -> None:
    """The time stands still, so that ages do."""
    monkeypatch.setattr("screens.job.monotonic", lambda: 100.0)


@pytest.mark.usefixtures("no_clock")
@pytest.mark.parametrize("size", [NARROW, WIDE], ids=["narrow", "wide"])
@pytest.mark.parametrize("number", [1, 3], ids=["at-work", "partly-invalid"])
def test_look_of_a_job(look: Look, tmp_path: Path, number: int, size: tuple[int, int]) -> None:
    async def story(told: Story) -> None:
        await open_job(told, fixed_job(number).job.id)
        await told.sees("12 errors")

    assert look(FixedDesk(tmp_path / "state"), tmp_path, story, size)


@pytest.mark.usefixtures("no_clock")
@pytest.mark.parametrize("size", [NARROW, WIDE], ids=["narrow", "wide"])
def test_look_of_the_targets_own_words(look: Look, tmp_path: Path, size: tuple[int, int]) -> None:
    async def story(told: Story) -> None:
        await open_job(told, fixed_job(2).job.id)
        await told.sees("completed")
        await told.press("x")
        await told.sees('"type": "ingestions"')

    assert look(FixedDesk(tmp_path / "state"), tmp_path, story, size)
