"""Two processes want to send the same, at the same time: what is sent goes once, whoever is first and whoever dies."""

from __future__ import annotations

import asyncio
import os
import pty
import signal
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

import pytest

from console.config import LimitsConfig
from console.errors import ConsoleError, ExitCode, StateError
from console.submissions.desk import Desk
from console.submissions.model import BatchState, Plan, Selection
from console.targets.base import JobQuery
from tests.submissions.conftest import make_desk
from tests.submissions.crash.conftest import NewStage
from tests.submissions.crash.stage import EVERYWHERE, Mine, Stage
from tests.submissions.crash.stories import STORIES

ROUNDS = 30 if EVERYWHERE else 1
_TO = ("--target", "prowler")
_BODY_SENT = "net:http11.send_request_body.complete"


@pytest.mark.parametrize("options", [(), ("--yes",)], ids=["unattended", "yes"])
def test_of_two_that_submit_at_once_one_does(new_stage: NewStage, options: Sequence[str]) -> None:
    for _ in range(ROUNDS):
        stage = new_stage()
        submit = ("submit", str(stage.scan), *_TO, *options)

        ended = stage.run_at_once(submit, submit)

        assert sorted(one.code for one in ended) == [ExitCode.OK, ExitCode.UNAVAILABLE], ended
        assert stage.drive_to_rest() == 0
        stage.check()


@dataclass(frozen=True, slots=True)
class _Terminal:
    """A terminal that a command asks at."""

    name: str
    _screen: int

    def wait_for(self, text: bytes) -> None:
        """Wait until it shows a text."""
        shown = b""
        while text not in shown:
            shown += os.read(self._screen, 4096)

    def type(self, text: bytes) -> None:
        """Answer."""
        os.write(self._screen, text)


@contextmanager
def _terminal() -> Iterator[_Terminal]:
    screen, line = pty.openpty()
    try:
        yield _Terminal(os.ttyname(line), screen)
    finally:
        os.close(line)
        os.close(screen)


def test_of_two_that_are_confirmed_at_once_one_sends(new_stage: NewStage) -> None:
    """Both plans are looked at before either is sent, so neither tells of the other."""
    for _ in range(ROUNDS):
        stage = new_stage()
        with _terminal() as left, _terminal() as right:
            commands = [stage.start("submit", str(stage.scan), *_TO, terminal=one.name) for one in (left, right)]
            for one in (left, right):
                one.wait_for(b"[y/N]")
            for one in (left, right):
                one.type(b"y\n")
            codes = sorted(command.wait().code for command in commands)

        assert codes == [ExitCode.OK, ExitCode.UNAVAILABLE]
        stage.check()


_PAIRS = {
    "two go on": ("denied", ("jobs", "resume"), ("jobs", "resume")),
    "one goes on and one gives up": ("denied", ("jobs", "resume"), ("jobs", "settle", "--abandon")),
    "one goes on and one submits": ("denied", ("jobs", "resume"), ("submit",)),
    "one goes on and one looks": ("denied", ("jobs", "resume"), ("jobs", "list")),
    "two ask the target": ("dead", ("jobs", "settle"), ("jobs", "settle")),
    "one asks the target and one sends again": ("dead", ("jobs", "settle"), ("jobs", "settle", "--resend")),
    "two send again": ("never arrived", ("jobs", "settle", "--resend"), ("jobs", "settle", "--resend")),
    "one sends again and one lets be": (
        "never arrived", ("jobs", "settle", "--resend"), ("jobs", "settle", "--abandon")
    ),
    "one sends again and one submits": ("never arrived", ("jobs", "settle", "--resend"), ("submit",)),
    "two find a dead one": ("dead", ("jobs", "list"), ("submit",)),
    "one throws its plan away and one looks": ("", ("submit", "--dry-run"), ("jobs", "list")),
    "two make room": ("made room", ("jobs", "list"), ("jobs", "list")),
}  # fmt: skip
"""What lies before, and what two processes then do at once."""


def test_two_upgrade_a_ledger_once(new_stage: NewStage) -> None:
    for _ in range(ROUNDS):
        stage = new_stage()
        submit = STORIES["upgraded"](stage)

        looked, sent = stage.run_at_once(("jobs", "list", *_TO), submit)

        assert (looked.code, sent.code) == (ExitCode.OK, ExitCode.OK), (looked, sent)
        stage.check()


def test_two_forget_the_same(new_stage: NewStage) -> None:
    for _ in range(ROUNDS):
        stage = new_stage()
        look = STORIES["forgotten"](stage)

        ended = stage.run_at_once(look, look)

        assert [one.code for one in ended] == [ExitCode.OK, ExitCode.OK], ended
        assert not stage.batches()


@pytest.mark.parametrize("pair", _PAIRS)
def test_two_that_see_to_the_same_at_once_send_it_once(new_stage: NewStage, pair: str) -> None:
    for _ in range(ROUNDS):
        stage = new_stage()
        before, *commands = _PAIRS[pair]
        _tell(stage, before)
        found = stage.submissions()
        accepted = {row["sha256"] for row in stage.batches() if row["state"] == "accepted"}

        ended = stage.run_at_once(*[_line(stage, command, found) for command in commands])

        stage.count_words()
        if any(command[0] == "submit" for command in commands):
            # That is a word too: what was accepted before the command began is wanted once more.
            stage.words.update(accepted)
        assert all(one.code in _HONEST for one in ended), ended
        stage.drive_to_rest()
        stage.check(sent=False)


_HONEST = (ExitCode.OK, ExitCode.USAGE, ExitCode.UNKNOWN, ExitCode.UNAVAILABLE, ExitCode.DENIED)


def _tell(stage: Stage, story: str) -> None:
    """Tell what lies before."""
    if story == "dead":
        assert stage.submit(mine=Mine(_BODY_SENT, visit=2)).was_killed
    elif story in ("denied", "never arrived"):
        stage.run(*STORIES[story](stage))
    elif story:
        STORIES[story](stage)


def _line(stage: Stage, command: Sequence[str], submissions: Sequence[str]) -> list[str]:
    """A command with what it is about."""
    first, *rest = command
    if first == "submit":
        return [first, str(stage.scan), *_TO, *rest]
    about = [] if rest[0] == "list" else submissions
    return [first, *rest, *_TO, *about]


def test_who_waits_for_one_that_dies_goes_on(stage: Stage) -> None:
    """One dies in the middle of writing its submission down, while the other waits to do so."""
    dying = stage.start("submit", str(stage.scan), *_TO, mine=Mine(
        "console.submissions.ledger:Ledger._record_batch", "after", 2, signal.SIGSTOP
    ))  # fmt: skip
    dying.wait_until_stopped()
    waiting = stage.start("submit", str(stage.scan), *_TO, mine=Mine("sql:BEGIN", "before", 1, signal.SIGSTOP))
    waiting.wait_until_stopped()

    waiting.send_signal(signal.SIGCONT)
    dying.send_signal(signal.SIGKILL)

    assert dying.wait().was_killed
    assert waiting.wait().code == ExitCode.OK
    stage.settle_down()
    stage.check()


def test_who_comes_while_one_sends_is_refused_and_after_its_death_asked_to_settle(stage: Stage) -> None:
    dying = stage.start("submit", str(stage.scan), *_TO, mine=Mine(_BODY_SENT, visit=2, number=signal.SIGSTOP))
    dying.wait_until_stopped()

    beside = stage.submit()
    dying.send_signal(signal.SIGKILL)
    dying.wait()
    after = stage.submit()

    assert (beside.code, after.code) == (ExitCode.UNAVAILABLE, ExitCode.UNKNOWN)
    assert "Another process is sending the same content" in beside.stderr
    assert stage.submissions()[0] in after.stderr
    stage.drive_to_rest()
    stage.check()


def test_what_a_living_process_has_not_begun_to_send_is_left_to_it(stage: Stage) -> None:
    mine = Mine("console.submissions.sender:Sender._try", number=signal.SIGSTOP)
    living = stage.start("submit", str(stage.scan), *_TO, mine=mine)
    living.wait_until_stopped()

    beside = stage.submit()
    living.send_signal(signal.SIGCONT)

    assert (living.wait().code, beside.code) == (ExitCode.OK, ExitCode.UNAVAILABLE)
    stage.settle_down()
    stage.check()


def test_who_finds_a_dead_one_does_not_doubt_the_living_that_goes_on_for_it(stage: Stage) -> None:
    """Between the look at the lock and the word that it is in doubt, another process has settled it and sends again."""
    assert stage.submit(mine=Mine("net:connection.connect_tcp.started", visit=2)).was_killed
    mine = Mine("console.submissions.ledger:Ledger.doubt", number=signal.SIGSTOP)
    finding = stage.start("jobs", "list", *_TO, mine=mine)
    finding.wait_until_stopped()
    (submission,) = stage.submissions()
    again = ("jobs", "settle", *_TO, submission, "--resend")
    sending = stage.start(*again, mine=Mine(_BODY_SENT, number=signal.SIGSTOP))
    sending.wait_until_stopped()

    finding.send_signal(signal.SIGCONT)
    assert finding.wait().code == ExitCode.OK
    sending.send_signal(signal.SIGCONT)

    assert sending.wait().code == ExitCode.OK
    stage.settle_down()
    stage.count_words()
    stage.check()


def test_who_only_looks_at_a_lock_keeps_nobody_from_it(stage: Stage) -> None:
    stage.run(*STORIES["denied"](stage))
    looking = stage.start("jobs", "list", *_TO, mine=Mine("fcntl:flock", "after", number=signal.SIGSTOP))
    looking.wait_until_stopped()
    going_on = stage.start("jobs", "resume", *_TO, *stage.submissions(), mine=Mine("time:sleep", number=signal.SIGSTOP))
    going_on.wait_until_stopped()

    looking.send_signal(signal.SIGCONT)
    looking.wait()
    going_on.send_signal(signal.SIGCONT)

    assert going_on.wait().code == ExitCode.OK
    stage.settle_down()
    stage.check()


def _desk(stage: Stage) -> Desk:
    """What a screen works with, in this very process."""
    stage.state.mkdir(mode=0o700, exist_ok=True)
    return make_desk(stage.sandbox, stage.state, LimitsConfig(batch_records=3))


async def _send(desk: Desk, plan: Plan) -> str:
    """Send a plan. Empty, or why it was not sent."""
    try:
        async for _ in desk.send(plan):
            pass
    except ConsoleError as error:
        return error.message
    return ""


async def test_of_a_screen_and_a_command_one_sends(new_stage: NewStage) -> None:
    for _ in range(ROUNDS):
        stage = new_stage()
        desk = _desk(stage)
        plan = await desk.prepare([stage.scan], "prowler", Selection.ALL)
        command = stage.start("submit", str(stage.scan), *_TO, gate=True)
        sending = asyncio.create_task(_send(desk, plan))
        stage.server.ask(do="open")

        ended, refusal = await asyncio.to_thread(command.wait), await sending

        await desk.close()
        assert (ended.code == ExitCode.OK) != (not refusal), (ended, refusal)
        stage.check()


async def test_a_screen_leaves_alone_what_a_command_sends_and_sees_when_it_dies(stage: Stage) -> None:
    desk = _desk(stage)
    plan = await desk.prepare([stage.scan], "prowler", Selection.ALL)
    dying = stage.start("submit", str(stage.scan), *_TO, mine=Mine(_BODY_SENT, visit=1, number=signal.SIGSTOP))
    dying.wait_until_stopped()
    (submission,) = stage.submissions()

    living = await desk.jobs("prowler", JobQuery())
    refusal = await _send(desk, plan)
    with pytest.raises(StateError, match=f"Process {dying.process} is sending"):
        await desk.abandon(submission)
    dying.send_signal(signal.SIGKILL)
    dying.wait()
    dead = await desk.jobs("prowler", JobQuery(statuses=("unknown",)))

    assert "Another process is sending the same content" in refusal
    assert submission not in [one.job.id for one in living.items]
    assert [one.job.id for one in dead.items] == [submission]
    assert [batch.state for batch in (await desk.submission(submission)).batches] == [
        BatchState.UNKNOWN, BatchState.READY, BatchState.READY
    ]  # fmt: skip
    await desk.close()
    stage.settle_down()
    stage.drive_to_rest()
    stage.check()
