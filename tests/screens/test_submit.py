"""From a finding file to a job: what the operator is shown before sending, and what after, however it ends."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import pytest

from console.config import UiConfig
from console.errors import OutcomeUnknown, TargetUnavailable
from console.progress import Report, silent
from console.sandbox.prowler.model import Filter
from console.submissions.desk import Desk
from console.submissions.model import FrozenBatch, Plan, Selection, Submission
from console.targets.base import Accepted, InDoubt, Outcome, Throttled
from screens.files import FilesScreen
from screens.job import JobScreen
from screens.jobs import JobsScreen
from screens.log import LogScreen
from screens.navigation import OpenSubmit
from screens.submit import SubmitScreen
from screens.widgets.dialogs import ConfirmDialog, ErrorDialog
from tests.screens.conftest import Look
from tests.screens.fixed_desk import FILE, KEPT, FixedDesk, in_doubt
from tests.screens.fixed_desk import job as fixed_job
from tests.screens.fixed_desk import plan as fixed_plan
from tests.screens.job_stories import (
    NARROW,
    WIDE,
    SandboxStory,
    Story,
    at_console,
    at_sandbox,
    finding_file,
    make_desk,
    quick,
)
from tests.targets.fault_server import Connection, serving


async def plan(story: Story, path: Path) -> SubmitScreen:
    """Open the Submit screen on a file and wait for its plan."""
    story.app.post_message(OpenSubmit(path))
    screen = await story.on(SubmitScreen)
    await story.sees("Nothing has been sent yet.")
    return screen


async def send(story: Story) -> None:
    """Decide to send."""
    await story.press("s")
    await story.on(ConfirmDialog)
    await story.press("y")


def accepted(story: SandboxStory) -> int:
    """How many jobs the sandbox has."""
    return story.sandbox.prowler.store.count(Filter())


def frozen(tmp_path: Path) -> list[Path]:
    """What the spool holds."""
    return list((tmp_path / "state" / "spool").iterdir())


async def test_a_file_is_submitted_and_its_job_completes_in_the_live_list(tmp_path: Path) -> None:
    async with at_sandbox(tmp_path) as story:
        await plan(story, finding_file(tmp_path))
        await story.sees("Records 30", "the file, byte for byte", f"prowler at {story.sandbox.url}")
        await send(story)

        await story.on(JobScreen)
        await story.sees("completed", "30 processed", "scan.ocsf.json")
        await story.press("2")
        await story.on(JobsScreen)
        await story.sees("● completed", "scan.ocsf.json", "page 1 of 1 · 1 job")


async def test_the_job_is_seen_at_once_and_what_is_below_is_not_in_between(tmp_path: Path) -> None:
    async with at_sandbox(tmp_path) as story:
        await plan(story, finding_file(tmp_path))
        await story.press("s")
        await story.on(ConfirmDialog)
        seen: list[type[object]] = []
        story.app.screen_change_signal.subscribe(story.app, lambda screen: seen.append(type(screen)))
        await story.press("y")
        await story.on(JobScreen)
        assert seen == [SubmitScreen, JobScreen]

        await story.press("escape")
        await story.on(FilesScreen)


async def test_nothing_is_sent_without_a_yes_and_leaving_discards_the_plan(tmp_path: Path) -> None:
    async with at_sandbox(tmp_path) as story:
        await plan(story, finding_file(tmp_path))
        assert frozen(tmp_path)
        await story.press("s")
        await story.on(ConfirmDialog)
        await story.press("enter")  # the answer that is marked is the safe one
        await story.on(SubmitScreen)
        await story.press("escape")

        await story.until(lambda: not frozen(tmp_path))
        assert accepted(story) == 0


async def test_a_plan_is_discarded_when_the_console_is_left(tmp_path: Path) -> None:
    async with at_sandbox(tmp_path) as story:
        await plan(story, finding_file(tmp_path))
        assert frozen(tmp_path)

    assert frozen(tmp_path) == []


async def test_what_was_sent_before_is_said_before_it_is_sent_again(tmp_path: Path) -> None:
    async with at_sandbox(tmp_path) as story:
        path = finding_file(tmp_path)
        await plan(story, path)
        await send(story)
        await story.on(JobScreen)

        await plan(story, path)
        await story.sees("The same content was sent to prowler before")
        await story.press("s")
        await story.on(ConfirmDialog)
        await story.sees("The same content was sent there before.")


async def test_only_the_valid_records_are_planned_when_that_is_chosen(tmp_path: Path) -> None:
    async with at_sandbox(tmp_path) as story:
        screen = await plan(story, finding_file(tmp_path, bad=[3, 7]))
        await story.sees("! 2 records invalid by OCSF (2 × attribute_enum_value_unknown), which prowler may reject.")
        await story.press("s")
        await story.on(ConfirmDialog)
        await story.sees("records invalid by OCSF may be rejected.")
        await story.press("n")
        await story.on(SubmitScreen)
        await story.press("v", "down", "enter")
        await story.sees("Records 28", "2 left out")
        assert "invalid by OCSF" not in story.text

        assert len(frozen(tmp_path)) == 1, "the plan of all records is gone"
        assert screen.plan_view.left_out.row_count == 2


async def test_a_plan_that_was_not_the_one_asked_about_is_not_sent(tmp_path: Path) -> None:
    async with at_sandbox(tmp_path) as story:
        screen = await plan(story, finding_file(tmp_path, bad=[3, 7]))
        await story.press("s")
        await story.on(ConfirmDialog)
        await story.sees("Send 30 records")
        screen.choices.selection.value = Selection.VALID  # chosen before, and heard of only now
        await story.until(lambda: screen.plan_view.left_out.row_count == 2)
        await story.press("y")

        await story.on(SubmitScreen)
        await story.sees("Records 28", "Nothing has been sent yet.")
        await story.app.workers.wait_for_complete()
        assert accepted(story) == 0


class ImpatientDesk(Desk):
    """Its operator asks for another plan just when the first is made, and before it is shown."""

    ask_again: Callable[[], None] | None = None

    async def prepare(
        self,
        paths: Sequence[Path],
        target_name: str,
        selection: Selection,
        report: Report = silent,
        stdin: Path | None = None,
    ) -> Plan:
        made = await super().prepare(paths, target_name, selection, report)
        if self.ask_again is not None:
            asyncio.get_running_loop().call_soon(self.ask_again)
            self.ask_again = None
        return made


async def test_of_two_plans_of_the_same_choice_only_the_newer_stays(tmp_path: Path) -> None:
    honest = make_desk("http://127.0.0.1:9", tmp_path / "state", key=quick().prowler.api_key)
    desk = ImpatientDesk(honest.config, honest.credentials, tmp_path / "state", honest.validator)
    async with at_console(desk, tmp_path) as story:
        screen = await plan(story, finding_file(tmp_path))
        desk.ask_again = screen.action_plan_again
        await story.press("r")
        await story.until(lambda: desk.ask_again is None)
        await story.sees("Nothing has been sent yet.")
        await story.app.workers.wait_for_complete()

        assert len(frozen(tmp_path)) == 1


async def test_a_broken_file_is_explained_and_its_whole_records_can_be_sent(tmp_path: Path) -> None:
    path = finding_file(tmp_path, 5)
    path.write_bytes(path.read_bytes()[:-200])
    async with at_sandbox(tmp_path) as story:
        story.app.post_message(OpenSubmit(path))
        await story.sees("Nothing was sent.", "scan.ocsf.json", "inside the record that starts here.")
        await story.sees("Press v to choose only the valid ones; or R, in Files, to write all that is whole to a new")
        assert story.text.count("Nothing was sent") == 1
        assert "--select" not in story.text
        assert [entry.message for entry in story.app.log_of_session.entries if "scan.ocsf.json" in entry.message]
        await story.press("s")
        assert isinstance(story.app.screen, SubmitScreen), "there is no plan to confirm"

        await story.press("v", "down", "enter")
        await story.sees("Records 4", "1 left out")
        await send(story)
        await story.on(JobScreen)
        await story.sees("4 processed")


async def test_a_key_without_the_permission_is_told_that_nothing_was_accepted(tmp_path: Path) -> None:
    settings = quick()
    async with at_sandbox(tmp_path, settings=settings, key=settings.prowler.api_key_without_permission) as story:
        await plan(story, finding_file(tmp_path))
        await send(story)

        await story.sees("Denied: nothing was accepted.", "Manage Ingestions")
        assert accepted(story) == 0
        await story.press("!")
        await story.on(LogScreen)
        await story.sees("error", "Manage Ingestions")


async def test_a_target_that_is_gone_leaves_a_plan_that_can_be_made_again(tmp_path: Path) -> None:
    async with at_sandbox(tmp_path) as story:
        base_url = story.sandbox.url
    async with at_console(make_desk(base_url, tmp_path / "state", key=quick().prowler.api_key), tmp_path) as alone:
        screen = await plan(alone, finding_file(tmp_path))
        assert screen.plan is not None
        unsent = screen.plan.submission
        await send(alone)
        await alone.sees("Not sent: nothing was accepted.")
        assert len(alone.app.log_of_session.entries) == 1
        await alone.press("r")
        await alone.sees("Nothing has been sent yet.", f"left unsent of submission {unsent}", "cancels it")


async def test_a_sending_that_hangs_can_be_stopped_and_nothing_was_accepted(tmp_path: Path) -> None:
    with serving(Connection.hang) as server:
        desk = make_desk(server.url, tmp_path / "state", key=quick().prowler.api_key)
        async with at_console(desk, tmp_path) as story:
            # More than the sockets' buffers take, so that it can't be handed over whole.
            await plan(story, finding_file(tmp_path, 6_000))
            await send(story)
            await story.sees("Sending:")
            await story.press("escape")
            await story.on(ConfirmDialog)
            await story.press("y")

            await story.sees("Stopped before everything was handed over", "6,000 records are kept")
            await story.press("r")
            await story.sees("Nothing has been sent yet.")


async def test_quitting_while_it_is_sent_asks_first(tmp_path: Path) -> None:
    with serving(Connection.hang) as server:
        desk = make_desk(server.url, tmp_path / "state", key=quick().prowler.api_key)
        async with at_console(desk, tmp_path) as story:
            await plan(story, finding_file(tmp_path, 6_000))
            await send(story)
            await story.sees("Sending:")
            await story.press("2", "q")
            await story.on(ConfirmDialog)
            await story.sees("Quit all the same?")
            await story.press("y")

    assert list((tmp_path / "state").glob("spool/*/*.payload")), "it can be gone on with"


class HangingDesk(FixedDesk):
    """A sending that is stopped before the ledger has heard of it."""

    async def send(
        self,
        plan: Plan,
        report: Report = silent,
        unseen_since: datetime | None = None,
        halt: asyncio.Event | None = None,
    ) -> AsyncIterator[tuple[FrozenBatch, Outcome]]:
        await asyncio.Event().wait()
        async for sent in super().send(plan, report):
            yield sent


async def test_a_sending_that_is_stopped_before_it_began_is_over(tmp_path: Path) -> None:
    async with at_console(HangingDesk(tmp_path / "state", plan=fixed_plan()), tmp_path) as story:
        await plan(story, Path(FILE))
        await send(story)
        await story.sees("Sending …")
        await story.press("escape")
        await story.on(ConfirmDialog)
        await story.press("y")

        await story.sees("Nothing was sent.")


class FailingDesk(FixedDesk):
    """A sending that fails before a byte was seen to leave; *recorded* says whether the ledger had heard of it."""

    def __init__(self, state: Path, failure: Exception, *, recorded: bool) -> None:
        super().__init__(state, plan=fixed_plan(), submission=in_doubt() if recorded else None)
        self._failure = failure

    async def send(
        self,
        plan: Plan,
        report: Report = silent,
        unseen_since: datetime | None = None,
        halt: asyncio.Event | None = None,
    ) -> AsyncIterator[tuple[FrozenBatch, Outcome]]:
        if plan.batches:
            raise self._failure
        yield plan.batches[0], InDoubt(OutcomeUnknown("Never."))


async def test_an_outcome_that_could_not_be_written_down_is_unknown(tmp_path: Path) -> None:
    failure = OutcomeUnknown("Batch 1 is accepted as job 7, and that could not be written down.")
    async with at_console(FailingDesk(tmp_path / "state", failure, recorded=True), tmp_path) as story:
        await plan(story, Path(FILE))
        await send(story)

        await story.sees("The outcome is unknown.", "accepted as job 7", "Do not send it again before")
        assert [failure.message] == [entry.message for entry in story.app.log_of_session.entries]


async def test_a_sending_that_fails_unforeseen_is_told_and_over(tmp_path: Path) -> None:
    async with at_console(FailingDesk(tmp_path / "state", RuntimeError("surprise"), recorded=False), tmp_path) as story:
        await plan(story, Path(FILE))
        await send(story)
        await story.on(ErrorDialog)
        await story.press("enter")

        await story.sees("Nothing was sent.")


async def test_read_only_shows_the_plan_and_sends_nothing(tmp_path: Path) -> None:
    async with at_sandbox(tmp_path, ui=UiConfig(read_only=True)) as story:
        story.app.post_message(OpenSubmit(finding_file(tmp_path)))
        await story.sees("Read-only: nothing can be sent", "Records 30")
        await story.press("s")

        assert isinstance(story.app.screen, SubmitScreen)
        assert not story.app.screen.panel.send_button.display


async def test_a_hostile_file_name_is_only_shown(tmp_path: Path) -> None:
    path = finding_file(tmp_path).rename(tmp_path / "[red]\x1b[2J[@click=app.quit]x[].ocsf.json")
    async with at_sandbox(tmp_path) as story:
        await plan(story, path)

        await story.sees("[red]␛[2J[@click=app.quit]x")
        assert "\x1b" not in story.text


def without_drawbacks() -> Plan:
    return fixed_plan()


def with_drawbacks() -> Plan:
    return fixed_plan(left_out=12, sent_before=True, refusable=3, batches=12, accounts=7)


def with_invalid_records() -> Plan:
    return fixed_plan(invalid=7)


def refused_before() -> Plan:
    reasons = [("missing_resources", 900), ("attribute_enum_value_unknown", 100)]
    return replace(fixed_plan(), resend_of="5d9b8790-b9ad-4768-9745-0bdf23d8ecf0", refused=reasons)


@pytest.mark.parametrize("size", [NARROW, WIDE], ids=["narrow", "wide"])
@pytest.mark.parametrize("planned", [without_drawbacks, with_drawbacks, with_invalid_records, refused_before])
def test_look_of_a_plan(look: Look, tmp_path: Path, planned: Callable[[], Plan], size: tuple[int, int]) -> None:
    async def story(told: Story) -> None:
        await plan(told, Path(FILE))

    assert look(FixedDesk(tmp_path / "state", plan=planned()), tmp_path, story, size)


@pytest.mark.parametrize("size", [NARROW, WIDE], ids=["narrow", "wide"])
def test_look_of_a_plan_that_is_read_only(look: Look, tmp_path: Path, size: tuple[int, int]) -> None:
    async def story(told: Story) -> None:
        told.app.post_message(OpenSubmit(Path(FILE)))
        await told.sees("Read-only: nothing can be sent")

    assert look(FixedDesk(tmp_path / "state", plan=fixed_plan(), read_only=True), tmp_path, story, size)


@pytest.mark.parametrize("size", [NARROW, WIDE], ids=["narrow", "wide"])
def test_look_of_the_question_before_sending(look: Look, tmp_path: Path, size: tuple[int, int]) -> None:
    async def story(told: Story) -> None:
        await plan(told, Path(FILE))
        await told.press("s")
        await told.on(ConfirmDialog)

    assert look(FixedDesk(tmp_path / "state", plan=with_drawbacks()), tmp_path, story, size)


@pytest.mark.parametrize("size", [NARROW, WIDE], ids=["narrow", "wide"])
def test_look_of_an_unknown_outcome(look: Look, tmp_path: Path, size: tuple[int, int]) -> None:
    async def story(told: Story) -> None:
        await plan(told, Path(FILE))
        await send(told)
        await told.sees("It is still unknown what became of it.")

    assert look(FixedDesk(tmp_path / "state", plan=fixed_plan()), tmp_path, story, size)


class LookingDesk(FixedDesk):
    """A target that does not say for long what became of it."""

    async def reconcile(self, submission: str, pauses: Iterable[float] = ()) -> Submission:
        await asyncio.Event().wait()
        return await super().reconcile(submission, pauses)


@pytest.mark.parametrize("size", [NARROW, WIDE], ids=["narrow", "wide"])
def test_look_of_what_is_looked_for(look: Look, tmp_path: Path, size: tuple[int, int]) -> None:
    async def story(told: Story) -> None:
        await plan(told, Path(FILE))
        await send(told)
        await told.sees("Looking for what became of it")

    assert look(LookingDesk(tmp_path / "state", plan=fixed_plan()), tmp_path, story, size)


async def test_what_is_looked_for_need_not_be_waited_for(tmp_path: Path) -> None:
    async with at_console(LookingDesk(tmp_path / "state", plan=fixed_plan()), tmp_path) as story:
        screen = await plan(story, Path(FILE))
        await send(story)
        await story.sees("Looking for what became of it")
        await story.press("escape")
        await story.until(lambda: story.app.screen is not screen)


class ThrottledDesk(FixedDesk):
    """A target that asks to wait after a part was taken."""

    async def send(
        self,
        plan: Plan,
        report: Report = silent,
        unseen_since: datetime | None = None,
        halt: asyncio.Event | None = None,
    ) -> AsyncIterator[tuple[FrozenBatch, Outcome]]:
        self._submission = KEPT
        error = TargetUnavailable("https://api.prowler.com asks us to slow down (HTTP 429).", retry_after=900)
        yield plan.batches[0], Accepted(fixed_job(2).job)
        yield plan.batches[1], Throttled(error, 900)


@pytest.mark.parametrize("size", [NARROW, WIDE], ids=["narrow", "wide"])
def test_look_of_what_is_kept(look: Look, tmp_path: Path, size: tuple[int, int]) -> None:
    async def story(told: Story) -> None:
        await plan(told, Path(FILE))
        await send(told)
        await told.sees("2,000 records are kept")

    assert look(ThrottledDesk(tmp_path / "state", plan=fixed_plan(batches=3)), tmp_path, story, size)
