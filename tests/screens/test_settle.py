"""What goes wrong while it is sent: what the console finds out by itself, and what it takes the operator's word on."""

from __future__ import annotations

from pathlib import Path

import pytest

from console.config import LimitsConfig, UiConfig
from console.sandbox.prowler.model import Filter
from console.submissions.desk import Desk
from console.submissions.model import CUT_OFF, BatchState, Selection
from console.targets.base import Accepted
from screens.files import FilesScreen
from screens.job import JobScreen
from screens.jobs import JobsScreen
from screens.navigation import OpenResend, OpenSettle
from screens.settle import SettleScreen
from screens.submit import SubmitScreen
from screens.widgets.dialogs import ConfirmDialog
from screens.widgets.settle_words import heading
from tests.screens.conftest import Look
from tests.screens.fixed_desk import KEPT, SUBMISSION, FixedDesk, in_doubt, sent, submission
from tests.screens.fixed_desk import job as fixed_job
from tests.screens.job_stories import (
    NARROW,
    WIDE,
    SandboxStory,
    Story,
    at_console,
    at_sandbox,
    finding_file,
    make_desk,
)
from tests.screens.test_job import open_job, submit
from tests.screens.test_submit import plan, send

LOST = "no-reply=reset,on=prowler.submit,times=1"
"""A job is opened, and the answer is lost."""
FAILED = "status=503,on=prowler.submit,times=1"
"""No job is opened, and the answer leaves it open whether one was."""


@pytest.fixture(autouse=True)
def short_looks(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is looked for at once, and not again a minute later."""
    monkeypatch.setattr(Desk.reconcile, "__defaults__", ((0.0,),))


def count(story: SandboxStory) -> int:
    """How many jobs the sandbox has."""
    return story.sandbox.prowler.store.count(Filter())


async def sent_in_doubt(story: SandboxStory, tmp_path: Path, fault: str) -> SubmitScreen:
    """Submit a file while that goes wrong."""
    story.sandbox.faults.add(fault)
    screen = await plan(story, finding_file(tmp_path))
    await send(story)
    return screen


async def to_settle(story: SandboxStory, tmp_path: Path) -> SettleScreen:
    """Submit a file that no job comes of, and go where that can be settled."""
    await sent_in_doubt(story, tmp_path, FAILED)
    await story.sees("It is still unknown what became of it.")
    await story.press("e")
    screen = await story.on(SettleScreen)
    await story.sees("? Unknown:", "scan.ocsf.json", "prowler lists no job that can be it")
    return screen


async def answer(story: Story, key: str) -> None:
    """Answer the question that is asked."""
    await story.on(ConfirmDialog)
    await story.press(key)


async def test_a_job_whose_answer_was_lost_is_found_and_stays_marked_as_inferred(tmp_path: Path) -> None:
    async with at_sandbox(tmp_path) as story:
        await sent_in_doubt(story, tmp_path, LOST)
        await story.sees("prowler lists a job that can only be it", "inferred from its time and its number of records")
        assert count(story) == 1

        await story.press("enter")
        await story.on(JobScreen)
        await story.sees("scan.ocsf.json", "inferred: ")
        await story.press("2")
        await story.on(JobsScreen)
        await story.sees("● completed", "≈ scan ")


async def test_what_is_in_doubt_is_not_planned_again_and_is_listed_first(tmp_path: Path) -> None:
    async with at_sandbox(tmp_path) as story:
        screen = await sent_in_doubt(story, tmp_path, FAILED)
        await story.sees("It is still unknown what became of it.", "not sent again without your word")
        await story.press("r", "s", "g")
        assert story.app.screen is screen
        assert "It is still unknown" in story.text

        await story.press("2")
        await story.sees("? unknown", "scan.ocsf.json", "Unknown 1")
        await story.press("enter")
        await story.on(SettleScreen)


async def test_the_same_content_is_refused_while_it_is_in_doubt_and_the_way_to_settle_it_is_told(
    tmp_path: Path,
) -> None:
    async with at_sandbox(tmp_path) as story:
        await sent_in_doubt(story, tmp_path, FAILED)
        await story.sees("It is still unknown what became of it.")
        await plan(story, tmp_path / "scan.ocsf.json")
        await story.sees("The same content was sent to prowler before")
        await send(story)

        await story.sees("Nothing was sent.", "may have been accepted already", "Press 2 for Jobs")
        assert count(story) == 0


async def test_it_can_be_sent_again_by_the_operators_word(tmp_path: Path) -> None:
    async with at_sandbox(tmp_path) as story:
        await to_settle(story, tmp_path)
        await story.press("s")
        await story.on(ConfirmDialog)
        await story.sees("Send 30 records to prowler once more?", "If they were accepted the first time")
        await story.press("enter")  # the answer that is marked is the safe one
        await story.on(SettleScreen)
        assert count(story) == 0

        await story.press("s")
        await answer(story, "y")
        await story.on(JobScreen)
        await story.sees("completed", "30 processed", "scan.ocsf.json")
        assert count(story) == 1


async def test_it_can_be_let_be(tmp_path: Path) -> None:
    async with at_sandbox(tmp_path) as story:
        await to_settle(story, tmp_path)
        await story.press("x")
        await answer(story, "y")

        await story.sees("● Let be:")
        await story.press("s", "a", "g")
        assert isinstance(story.app.screen, SettleScreen), "nothing more can be said"
        await story.press("2")
        await story.sees("prowler has no jobs yet.")


async def look_alikes(story: SandboxStory, tmp_path: Path) -> list[str]:
    """Two jobs of as many records, sent by somebody else just now."""
    desk = make_desk(story.sandbox.url, tmp_path / "elsewhere", key=story.sandbox.access.prowler.api_key)
    jobs = []
    for bad in ([3], [4]):
        folder = tmp_path / f"other-{bad[0]}"
        folder.mkdir()
        made = await desk.prepare([finding_file(folder, bad=bad)], "prowler", Selection.ALL)
        jobs += [outcome.job.id async for _, outcome in desk.send(made) if isinstance(outcome, Accepted)]
    await desk.close()
    return jobs


async def test_one_of_several_jobs_can_be_adopted(tmp_path: Path) -> None:
    async with at_sandbox(tmp_path) as story:
        screen = await to_settle(story, tmp_path)
        await story.press("a")
        assert story.app.screen is screen, "there is nothing to adopt"
        jobs = await look_alikes(story, tmp_path)
        await story.press("r")
        await story.sees("2 jobs of prowler can be it:", "Adopt")
        await story.press("j", "enter")
        await story.on(ConfirmDialog)
        marked = screen.candidates.job
        assert marked is not None
        assert marked.id in jobs
        await story.sees(f"Is job {marked.id}")
        await story.press("y")

        await story.sees(f"job {marked.id} is taken for what became of it (inferred)", "Open the job")
        await story.press("enter")
        await story.on(JobScreen)
        await story.sees(marked.id, "scan.ocsf.json", "inferred: ")


async def test_what_is_found_while_it_is_settled_is_adopted_without_a_word(tmp_path: Path) -> None:
    async with at_sandbox(tmp_path) as story:
        story.sandbox.faults.add("status=503,on=prowler.list,times=1")
        await sent_in_doubt(story, tmp_path, LOST)
        await story.sees("It is still unknown what became of it.")
        await story.press("e")

        await story.on(SettleScreen)
        await story.sees("is taken for what became of it (inferred)")


@pytest.mark.parametrize(
    ("details", "known"),
    [
        (["No answer."], "everything was handed over, and no answer says"),
        (["No answer.", CUT_OFF], "sending had begun; how much was handed over is not known, and no answer says"),
    ],
)
def test_it_is_said_that_all_was_handed_over_only_where_that_is_known(details: list[str], known: str) -> None:
    batches = [sent(BatchState.UNKNOWN, number, detail=detail) for number, detail in enumerate(details, 1)]
    assert known in heading(submission(*batches)).plain


async def test_a_target_that_does_not_answer_is_told_and_it_can_be_settled_all_the_same(tmp_path: Path) -> None:
    async with at_sandbox(tmp_path) as story:
        await sent_in_doubt(story, tmp_path, FAILED)
        await story.sees("It is still unknown what became of it.")
        await story.stop()
        await story.press("e")
        await story.on(SettleScreen)
        await story.sees("That did not work.", story.sandbox.url)
        assert "lists no job that can be it" not in story.text
        await story.press("x")
        await answer(story, "y")
        await story.sees("● Let be:")


async def throttled(story: SandboxStory, tmp_path: Path, seconds: int) -> None:
    """Submit a file to a target that asks to be left alone for so long."""
    story.sandbox.faults.add(f"status=429,retry-after={seconds},on=prowler.submit,times=1")
    await plan(story, finding_file(tmp_path))
    await send(story)


async def test_a_pause_between_two_tries_is_told(tmp_path: Path) -> None:
    async with at_sandbox(tmp_path) as story:
        await throttled(story, tmp_path, 60)
        await story.sees("Try 2 of 5 in", "Nothing of this request was accepted so far")


async def test_what_has_to_wait_is_kept_and_waits_in_the_list(tmp_path: Path) -> None:
    async with at_sandbox(tmp_path) as story:
        await throttled(story, tmp_path, 3_000)
        await story.sees("Not now: nothing was accepted.", "30 records are kept", "not to be tried again before")
        await story.press("g")
        await story.sees("Nothing was sent.", "not to be tried again before")

        await story.press("2")
        await story.sees("‖ waiting", "scan.ocsf.json")
        await story.press("enter")
        await story.on(SettleScreen)
        await story.sees("‖ Waiting:", "Go on", "Give up")
        await story.press("x")
        await answer(story, "y")
        await story.sees("● Given up:")
        assert count(story) == 0


async def test_what_had_to_wait_is_gone_on_with_once_the_time_has_come(tmp_path: Path) -> None:
    async with at_sandbox(tmp_path, limits=ONE_TRY) as story:
        await throttled(story, tmp_path, 1)
        await story.sees("not to be tried again before")
        while not isinstance(story.app.screen, JobScreen):
            await story.press("g")  # too early is a sentence
        await story.sees("completed", "30 processed")
        assert count(story) == 1


async def test_what_was_not_reached_is_gone_on_with_from_where_it_ended(tmp_path: Path) -> None:
    async with at_sandbox(tmp_path, limits=ONE_TRY) as story:
        await not_reached(story, tmp_path)
        await story.press("g")
        await story.on(JobScreen)
        await story.sees("completed", "3,000 processed")
        assert count(story) == 1


async def test_what_was_not_reached_is_gone_on_with_from_the_list(tmp_path: Path) -> None:
    async with at_sandbox(tmp_path, limits=ONE_TRY) as story:
        await not_reached(story, tmp_path)
        await story.press("2")
        await story.sees("‖ waiting")
        await story.press("enter")
        await story.on(SettleScreen)
        await story.sees("Go on")
        await story.press("enter")
        await story.on(JobScreen)
        await story.sees("completed", "3,000 processed")
        assert count(story) == 1


async def test_what_was_not_sent_is_listed_and_given_up_while_nobody_answers(tmp_path: Path) -> None:
    async with at_sandbox(tmp_path, limits=ONE_TRY) as story:
        await not_reached(story, tmp_path)
        await story.stop()
        await story.press("2")
        await story.sees("‖ waiting", "scan.ocsf.json", "Waiting 1", "✗ trying again in", "could not be reached")
        await story.press("C")
        await story.sees("could not be reached", "Waiting 1")
        await story.until(lambda: "‖ waiting" not in story.text)
        await story.press("A")
        await story.sees("‖ waiting")
        await story.press("enter")
        await story.on(SettleScreen)
        await story.press("x")
        await answer(story, "y")
        await story.sees("● Given up:")
        await story.press("escape")
        await story.until(lambda: "‖ waiting" not in story.text)


ONE_TRY = LimitsConfig(send_attempts=1)


async def not_reached(story: SandboxStory, tmp_path: Path) -> None:
    """Submit a file over a connection that breaks before it is handed over."""
    story.sandbox.faults.add("reset=before,on=prowler.submit,times=1")
    await plan(story, finding_file(tmp_path, 3_000))
    await send(story)
    await story.sees("Not sent: nothing was accepted.", "3,000 records are kept: press g to go on")


async def test_a_sending_can_be_stopped_between_two_tries(tmp_path: Path) -> None:
    async with at_sandbox(tmp_path) as story:
        await throttled(story, tmp_path, 60)
        await story.sees("Try 2 of 5 in")
        await story.press("escape")
        await answer(story, "y")
        await story.sees("30 records are kept")


async def test_read_only_shows_what_is_in_doubt_and_settles_nothing(tmp_path: Path) -> None:
    async with at_sandbox(tmp_path) as story:
        await sent_in_doubt(story, tmp_path, FAILED)
        await story.sees("It is still unknown what became of it.")
        key, url = story.sandbox.access.prowler.api_key, story.sandbox.url
        desk = make_desk(url, tmp_path / "state", key=key, ui=UiConfig(read_only=True, refresh_seconds=1))
        async with at_console(desk, tmp_path) as reader:
            await reader.press("2")
            await reader.sees("? unknown")
            await reader.press("enter")
            screen = await reader.on(SettleScreen)
            await reader.sees("? Unknown:", "Read-only: nothing can be settled", "lists no job that can be it")
            await reader.press("s", "x", "a", "g")
            assert reader.app.screen is screen
            assert not screen.choices.display


async def test_the_records_that_a_job_rejected_are_sent_again(tmp_path: Path) -> None:
    async with at_sandbox(tmp_path) as story:
        job = await submit(story, finding_file(tmp_path, bad=[3, 7]))
        await open_job(story, job)
        await story.sees("2 errors", "Send rejected")
        await story.press("s")
        screen = await story.on(SubmitScreen)
        await story.sees("Records 2", "only the records that failed", "what failed of submission")
        await story.press("t", "v")
        assert story.app.screen is screen, "there is nothing to choose"
        await send(story)
        await story.on(JobScreen)
        await story.sees("0 processed · 2 invalid · 2 in all")
        assert count(story) == 2


async def test_a_job_without_errors_or_from_elsewhere_offers_nothing_to_send_again(tmp_path: Path) -> None:
    async with at_sandbox(tmp_path) as story:
        await open_job(story, await submit(story, finding_file(tmp_path)))
        await story.sees("The target is done with this job.")
        await story.press("s")
        await story.pilot.pause()
        assert not story.posted(OpenResend)


async def test_what_can_not_be_sent_again_is_a_sentence(tmp_path: Path) -> None:
    async with at_sandbox(tmp_path) as story:
        job = await submit(story, finding_file(tmp_path, bad=[3]))
        await open_job(story, job)
        await story.sees("1 error")
        for payload in (tmp_path / "state").glob("spool/*/*.payload"):
            payload.unlink()
        await story.press("s")
        await story.on(SubmitScreen)
        await story.sees("Nothing was sent.", "is not kept any more")


async def test_quitting_while_it_is_gone_on_with_asks_first(tmp_path: Path) -> None:
    async with at_sandbox(tmp_path, limits=ONE_TRY) as story:
        await not_reached(story, tmp_path)
        story.sandbox.faults.add("latency=600s,on=prowler.submit,times=1")
        await story.press("2")
        await story.sees("‖ waiting")
        await story.press("enter")
        await story.sees("Go on")
        await story.press("g")
        await story.sees("Sending:")
        await story.press("1", "q")  # out of the plan
        await story.on(FilesScreen)
        await story.press("q")
        await story.on(ConfirmDialog)
        await story.sees("Quit all the same?")


def settling(tmp_path: Path, kind: str) -> FixedDesk:
    """A desk with a submission in that state."""
    match kind:
        case "nothing-found":
            return FixedDesk(tmp_path / "state", submission=in_doubt())
        case "several":
            return FixedDesk(tmp_path / "state", submission=in_doubt(), candidates=[fixed_job(1), fixed_job(2)])
        case "read-only":
            return FixedDesk(tmp_path / "state", submission=in_doubt(), read_only=True)
        case "adopted":
            adopted = sent(BatchState.ACCEPTED, job_id="3650fef9-8e5f-4808-a95f-74f0afae8499", inferred=True)
            return FixedDesk(tmp_path / "state", submission=submission(adopted))
    return FixedDesk(tmp_path / "state", submission=KEPT)


@pytest.mark.parametrize("size", [NARROW, WIDE], ids=["narrow", "wide"])
@pytest.mark.parametrize(
    ("kind", "words"),
    [
        ("nothing-found", "lists no job that can be it"),
        ("several", "2 jobs of prowler can be it"),
        ("read-only", "lists no job that can be it"),
        ("kept", "Give up"),
        ("adopted", "is taken for what became of it"),
    ],
    ids=["nothing-found", "several", "read-only", "kept", "adopted"],
)
def test_look_of_what_is_to_be_settled(
    look: Look, tmp_path: Path, kind: str, words: str, size: tuple[int, int]
) -> None:
    async def story(told: Story) -> None:
        told.app.post_message(OpenSettle(SUBMISSION))
        await told.on(SettleScreen)
        await told.sees(words)

    assert look(settling(tmp_path, kind), tmp_path, story, size)


@pytest.mark.parametrize("size", [NARROW, WIDE], ids=["narrow", "wide"])
def test_look_of_the_question_before_sending_again(look: Look, tmp_path: Path, size: tuple[int, int]) -> None:
    async def story(told: Story) -> None:
        told.app.post_message(OpenSettle(SUBMISSION))
        await told.sees("2 jobs of prowler can be it")
        await told.press("s")
        await told.on(ConfirmDialog)

    assert look(settling(tmp_path, "several"), tmp_path, story, size)
