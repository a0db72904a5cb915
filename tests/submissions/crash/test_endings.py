"""What a command says in the end, and by which code, when not everything went well."""

from __future__ import annotations

from datetime import datetime

import pytest

from console.config import LimitsConfig
from console.errors import ExitCode, StateError
from console.submissions.ledger_thread import LedgerThread
from console.submissions.model import Plan, Selection
from tests.submissions.conftest import make_desk
from tests.submissions.crash.stage import Stage


def test_what_is_left_unsent_is_no_success(stage: Stage) -> None:
    """The first batch is found at the target after all; the two behind it were not sent for its sake."""
    stage.sandbox.faults.add("no-reply=reset,on=prowler.submit,nth=1")

    ended = stage.submit()

    assert [row["state"] for row in stage.batches()] == ["accepted", "ready", "ready"]
    assert ended.code == ExitCode.UNAVAILABLE
    assert "2 batches not accepted so far" in ended.stderr
    stage.drive_to_rest()
    stage.check()


def test_the_same_content_in_doubt_is_told_by_its_own_code(stage: Stage) -> None:
    stage.sandbox.faults.add("status=503,on=prowler.submit,nth=1")
    assert stage.submit().code == ExitCode.UNKNOWN

    again = stage.submit()

    assert again.code == ExitCode.UNKNOWN
    assert again.stderr.count("Error: ") == 1
    assert "may have been accepted already" in again.stderr


def test_nobody_need_hear_for_everything_to_be_sent(stage: Stage) -> None:
    """What stderr leads to takes nothing any more, as a full disk does, or a pipe that nobody reads from."""
    ended = stage.start("submit", str(stage.scan), "--target", "prowler", errors="/dev/full").wait()

    assert ended.code == ExitCode.OK
    stage.check()


def test_what_the_target_lists_late_is_not_sent_again(stage: Stage) -> None:
    """There is a job, and no look at the list shows it: nothing follows from that."""
    for fault in ("no-reply=reset", "late=3600"):
        stage.sandbox.faults.add(f"{fault},on=prowler.submit,nth=2")
    assert stage.submit().code == ExitCode.UNKNOWN
    (submission,) = stage.submissions()

    assert stage.run("jobs", "settle", "--target", "prowler", submission).code == ExitCode.UNKNOWN
    assert stage.run("jobs", "resume", "--target", "prowler", submission).code == ExitCode.OK

    assert [row["state"] for row in stage.batches()] == ["accepted", "unknown", "accepted"]
    assert [len(jobs) for jobs in stage.taken().values()] == [1, 1, 1]


async def test_what_became_a_submission_keeps_what_was_frozen_for_it_whatever_was_told(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The last sync of a commit fails: SQLite tells of a failure, and the rows are there."""
    record = LedgerThread.record

    async def record_and_fail(ledger: LedgerThread, plan: Plan, unseen_since: datetime | None = None) -> None:
        await record(ledger, plan, unseen_since)
        raise StateError("disk I/O error")

    stage.state.mkdir(mode=0o700)
    desk = make_desk(stage.sandbox, stage.state, LimitsConfig(batch_records=3))
    plan = await desk.prepare([stage.scan], "prowler", Selection.ALL)
    with monkeypatch.context() as failing:
        failing.setattr(LedgerThread, "record", record_and_fail)
        with pytest.raises(StateError):
            await anext(aiter(desk.send(plan)))
    await desk.close()

    assert not stage.taken()[plan.batches[0].batch.sha256]
    stage.drive_to_rest()
    stage.check()
