"""The desk, from a finding file to a settled job, on a real sandbox."""

from __future__ import annotations

import asyncio
import hashlib
import json
import os
import sqlite3
import threading
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from uuid import UUID

import pytest

from console.config import LimitsConfig
from console.errors import BadConfig, BadInput, JobTimeout, StateError, TargetDenied
from console.progress import Progress, silent
from console.sandbox.samples import as_array, findings
from console.submissions.ledger import Ledger
from console.submissions.ledger_thread import LedgerThread
from console.submissions.model import Plan, Selection
from console.submissions.sender import Sender
from console.submissions.spool import Spool
from console.targets.base import Accepted, Batch, Job, JobQuery, Outcome, Sent
from console.targets.prowler.target import ProwlerTarget
from tests.submissions.conftest import Bench, make_desk


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A finding file of 12 records, of which number 5 lacks what the target asks for."""
    records = list(findings(12))
    records[5]["resources"] = []
    path = tmp_path / "scan.ocsf.json"
    path.write_bytes(as_array(records))
    return path


async def _begin_to_send(state: Path, plan: Plan) -> None:
    """Leave the ledger as a process does that dies, or still lives, while it sends."""
    ledger = LedgerThread(state)
    await ledger.record(plan)
    await ledger.begin_attempt("attempt", plan.submission, 1, "key", None)
    await ledger.close()


async def test_what_is_sent_is_what_was_planned_even_when_the_file_changes(bench: Bench, path: Path) -> None:
    before = path.read_bytes()
    plan = await bench.desk.prepare([path], "prowler", Selection.ALL)
    path.write_bytes(b"[]")

    [(_, outcome)] = [sent async for sent in bench.desk.send(plan)]

    assert isinstance(outcome, Accepted)
    tracked = await bench.desk.job("prowler", outcome.job.id)
    assert tracked.sha256 == hashlib.sha256(before).hexdigest()
    assert plan.bytes == len(before)
    assert tracked.job.summary.total == 12


async def test_a_plan_counts_what_the_target_will_refuse(bench: Bench, path: Path) -> None:
    assert (await bench.desk.prepare([path], "prowler", Selection.ALL)).refusable_count == 1


async def test_only_valid_records_are_frozen_each_byte_for_byte(bench: Bench, path: Path) -> None:
    plan = await bench.desk.prepare([path], "prowler", Selection.VALID)

    (frozen,) = plan.batches
    sent = frozen.batch.path.read_bytes()
    assert json.loads(sent) == [record for at, record in enumerate(json.loads(path.read_bytes())) if at != 5]
    assert (plan.records, plan.left_out_count, plan.left_out[0].index) == (11, 1, 5)


async def test_an_error_leads_to_the_record_in_the_file_not_in_the_batch(bench: Bench, path: Path) -> None:
    """With two records left out, what the target calls record 8 is record 10 of the file."""
    records = list(findings(12))
    records[2]["resources"] = records[4]["resources"] = []
    records[10]["finding_info"] = {"uid": 7}
    path.write_bytes(as_array(records))
    desk = bench.desk
    plan = await desk.prepare([path], "prowler", Selection.VALID)
    assert plan.records == 9

    spans = [Spool(bench.state).origin(plan.submission, 1, at) for at in range(9)]

    assert [span.index for span in spans if span] == [0, 1, 3, 5, 6, 7, 8, 9, 11]
    raw = path.read_bytes()
    assert all(raw[span.offset : span.offset + span.length].startswith(b"{") for span in spans if span)


async def test_an_element_that_is_no_object_does_not_shift_the_errors_after_it(bench: Bench, path: Path) -> None:
    sound = list(findings(4))
    records = [sound[0], 42, sound[1], sound[2], sound[3]]
    records[3] = {**sound[2], "resources": []}
    path.write_text(json.dumps(records))

    job = await bench.send(path)
    async for _ in bench.desk.watch("prowler", job.id, 30):
        pass
    page = await bench.desk.job_errors("prowler", job.id)

    assert {located.span.index for located in page.items if located.span} == {1, 3}


async def test_jobs_know_their_submission_and_their_file(bench: Bench, path: Path) -> None:
    job = await bench.send(path)

    page = await bench.desk.jobs("prowler", JobQuery())

    assert [(tracked.job.id, list(tracked.files)) for tracked in page.items] == [(job.id, [str(path)])]
    assert page.items[0].submission


async def test_watching_ends_with_the_job(bench: Bench, path: Path) -> None:
    job = await bench.send(path)

    seen = [tracked.job async for tracked in bench.desk.watch("prowler", job.id, 30)]

    assert (seen[-1].status, seen[-1].summary.processed, seen[-1].summary.invalid) == ("completed", 11, 1)


async def test_patience_ends_and_the_job_goes_on(slow_bench: Bench, path: Path) -> None:
    job = await slow_bench.send(path)

    with pytest.raises(JobTimeout, match=rf"{job.id} was accepted and was not seen to end in time\."):
        async for _ in slow_bench.desk.watch("prowler", job.id, 0):
            pass

    assert (await slow_bench.desk.job("prowler", job.id)).job.id == job.id


async def test_a_job_that_has_ended_is_seen_to_without_any_patience(bench: Bench, path: Path) -> None:
    job = await bench.send(path)
    await asyncio.to_thread(bench.sandbox.prowler.store.wait, lambda: _ended(bench, job), 30)

    seen = [tracked.job.status async for tracked in bench.desk.watch("prowler", job.id, 0)]

    assert seen == ["completed"]


def _ended(bench: Bench, job: Job) -> bool:
    found = bench.sandbox.prowler.store.ingestion(UUID(job.id))
    return found is not None and found.status == "completed"


async def test_a_key_that_is_revoked_in_the_middle_loses_nothing(bench: Bench, path: Path) -> None:
    job = await bench.send(path)
    bench.sandbox.prowler.keys.revoke(bench.sandbox.access.prowler.api_key)

    with pytest.raises(TargetDenied):
        async for _ in bench.desk.watch("prowler", job.id, 30):
            pass

    with closing(sqlite3.connect(bench.state / "ledger.sqlite3")) as ledger:
        assert ledger.execute("SELECT state, job_id FROM batch").fetchall() == [("accepted", job.id)]


async def _opened_with(bench: Bench, limits: LimitsConfig) -> None:
    """Open the ledger with these limits: that is when room is made."""
    desk = make_desk(bench.sandbox, bench.state, limits)
    await desk.jobs("prowler", JobQuery())
    await desk.close()


async def test_what_was_sent_is_kept_as_long_as_there_is_room_for_it(bench: Bench, path: Path) -> None:
    await bench.send(path)
    records = list(findings(3))
    records[0]["resources"] = []
    path.write_bytes(as_array(records))
    later = await bench.send(path)
    size = path.stat().st_size

    await _opened_with(bench, LimitsConfig(history_bytes=size))

    kept = [one.parent.name for one in bench.state.glob("spool/*/*.payload")]
    assert kept == [(await bench.desk.job("prowler", later.id)).submission]
    assert len(list(bench.state.glob("spool/*/*.index"))) == 2, "the way back to the records stays"


async def test_nothing_is_kept_of_what_was_taken_without_an_error(bench: Bench, tmp_path: Path, path: Path) -> None:
    sound = tmp_path / "sound.ocsf.json"
    sound.write_bytes(as_array(list(findings(3))))
    taken, rejected = await bench.send(sound), await bench.send(path)
    for job in (taken, rejected):
        async for _ in bench.desk.watch("prowler", job.id, 30):
            pass

    kept = [one.parent.name for one in bench.state.glob("spool/*/*.payload")]
    assert kept == [(await bench.desk.job("prowler", rejected.id)).submission]


async def test_what_is_in_doubt_is_kept_whatever_room_it_takes(bench: Bench, path: Path) -> None:
    plan = await bench.desk.prepare([path], "prowler", Selection.ALL)
    await _begin_to_send(bench.state, plan)

    await _opened_with(bench, LimitsConfig(history_bytes=0, history_days=0))

    page = await bench.desk.jobs("prowler", JobQuery(statuses=("unknown",)))
    assert [one.job.id for one in page.items] == [plan.submission]
    assert plan.batches[0].batch.path.exists()


def _make_older(state: Path, days: int) -> None:
    """Let all submissions be that much older."""
    with closing(sqlite3.connect(state / "ledger.sqlite3", isolation_level=None)) as ledger:
        ledger.execute(
            "UPDATE submission SET created_at = strftime('%Y-%m-%dT%H:%M:%S+00:00', created_at, ?)", (f"-{days} days",)
        )


async def test_what_is_old_and_settled_is_forgotten(bench: Bench, path: Path) -> None:
    old = await bench.send(path)
    _make_older(bench.state, 3)
    path.write_bytes(as_array(list(findings(3))))
    new = await bench.send(path)

    await _opened_with(bench, LimitsConfig(history_days=0))

    assert (await bench.desk.job("prowler", old.id)).submission is None
    kept = (await bench.desk.job("prowler", new.id)).submission
    assert [one.name for one in bench.state.glob("spool/*")] == [kept]


async def test_nothing_is_forgotten_for_a_clock_that_is_wrong(bench: Bench, path: Path) -> None:
    """Age counts back from the latest submission."""
    job = await bench.send(path)
    _make_older(bench.state, 1_000)

    await _opened_with(bench, LimitsConfig(history_days=1))

    assert (await bench.desk.job("prowler", job.id)).submission is not None


async def test_a_plan_that_nobody_sent_is_swept_a_day_later(bench: Bench, path: Path) -> None:
    old = await bench.desk.prepare([path], "prowler", Selection.ALL)
    new = await bench.desk.prepare([path], "prowler", Selection.ALL)
    folder = old.batches[0].batch.path.parent
    os.utime(folder, (0, 0))

    await _opened_with(bench, LimitsConfig())

    assert not folder.exists()
    assert new.batches[0].batch.path.exists()


async def test_the_same_content_goes_once_and_the_copy_is_named(bench: Bench, path: Path, tmp_path: Path) -> None:
    copy = tmp_path / "copy.ocsf.json"
    copy.write_bytes(path.read_bytes())

    plan = await bench.desk.prepare([path, copy], "prowler", Selection.ALL)

    assert [frozen.source for frozen in plan.batches] == [path]
    assert [left.path for left in plan.left_out] == [copy]


async def test_a_ledger_that_is_closed_while_it_is_being_opened_is_closed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    opens, may_open, closed = threading.Event(), threading.Event(), threading.Event()

    class Slow(Ledger):
        def __init__(self, path: Path) -> None:
            opens.set()
            may_open.wait(10)
            super().__init__(path)

        def close(self) -> None:
            super().close()
            closed.set()

    monkeypatch.setattr("console.submissions.ledger_thread.Ledger", Slow)
    ledger = LedgerThread(tmp_path)
    asked = asyncio.create_task(ledger.ask(lambda history: history.being_sent()))
    await asyncio.to_thread(opens.wait, 10)
    closing_it = asyncio.create_task(ledger.close())
    await asyncio.sleep(0)
    may_open.set()
    await closing_it

    assert not await asked
    assert closed.is_set()


async def test_an_outcome_is_written_down_even_when_the_sender_is_stopped_meanwhile(bench: Bench, path: Path) -> None:
    """The ledger's thread is busy while the answer comes, and the task is cancelled while it waits its turn."""
    plan = await bench.desk.prepare([path], "prowler", Selection.ALL)
    ledger = LedgerThread(bench.state)
    await ledger.record(plan)
    free = threading.Event()
    blocked: list[asyncio.Future[object]] = []

    class Answers:
        """A target that accepts, and keeps the ledger busy at that moment."""

        name = "prowler"
        credential = "key"
        clock_offset = None
        capabilities = ProwlerTarget.capabilities

        async def send(self, batch: Batch, attempt: str, sent: Sent) -> Outcome:
            sent(batch.length)
            blocked.append(asyncio.ensure_future(ledger.run(lambda _: free.wait(10))))
            await asyncio.sleep(0)
            asyncio.get_running_loop().call_soon(sending.cancel)
            asyncio.get_running_loop().call_later(0.05, free.set)
            return Accepted(Job("job-1", "prowler", "pending"))

    with Spool(bench.state).lock(plan.submission):
        sender = Sender(ledger, Answers(), plan.submission, silent)
        sending = asyncio.create_task(anext(sender.send([plan.batches[0].batch])))
        with pytest.raises(asyncio.CancelledError):
            await sending

    found = await ledger.ask(lambda history: history.submission(plan.submission))
    await ledger.close()
    assert found is not None
    assert [(batch.state, batch.job_id) for batch in found.batches] == [("accepted", "job-1")]


async def test_a_target_invents_the_number_of_a_record(bench: Bench, path: Path) -> None:
    plan = await bench.desk.prepare([path], "prowler", Selection.ALL)

    for record in (-1, 12, 10**16, 10**30):
        assert Spool(bench.state).origin(plan.submission, 1, record) is None


async def test_a_plan_goes_nowhere_else_than_it_was_made_for(bench: Bench, path: Path) -> None:
    plan = await bench.desk.prepare([path], "prowler", Selection.ALL)
    moved = replace(plan, origin="https://api.example.com")

    with pytest.raises(BadInput, match=r"planned for https://api\.example\.com.*Nothing was sent"):
        async for _ in bench.desk.send(moved):
            pass

    assert bench.sandbox.prowler.store.count() == 0


async def test_leaving_a_target_does_not_break_what_is_being_sent_to_it(bench: Bench, path: Path) -> None:
    plan = await bench.desk.prepare([path], "prowler", Selection.ALL)
    forgotten: list[asyncio.Future[None]] = []

    def report(_progress: Progress) -> None:
        forgotten.append(asyncio.ensure_future(bench.desk.forget_target("prowler")))

    [(_, outcome)] = [sent async for sent in bench.desk.send(plan, report)]

    assert isinstance(outcome, Accepted)
    assert forgotten


async def test_a_file_of_nothing_but_faults_can_be_stopped(bench: Bench, tmp_path: Path) -> None:
    junk = tmp_path / "junk.ndjson"
    junk.write_bytes(b'{"a": 1}\n' + b"junk\n" * 200_000)
    loop, reading = asyncio.get_running_loop(), asyncio.Event()

    def report(_progress: Progress) -> None:
        loop.call_soon_threadsafe(reading.set)

    planning = asyncio.ensure_future(bench.desk.prepare([junk], "prowler", Selection.VALID, report))
    await reading.wait()

    planning.cancel()
    with pytest.raises(asyncio.CancelledError):
        await planning

    assert not list(bench.state.glob("spool/*"))


async def test_what_was_being_sent_when_the_console_died_is_unknown(bench: Bench, path: Path) -> None:
    plan = await bench.desk.prepare([path], "prowler", Selection.ALL)
    await _begin_to_send(bench.state, plan)

    desk = make_desk(bench.sandbox, bench.state)
    page = await desk.jobs("prowler", JobQuery(statuses=("unknown",)))
    await desk.close()

    assert [(tracked.job.id, tracked.job.status) for tracked in page.items] == [(plan.submission, "unknown")]


async def test_what_a_living_process_is_sending_is_left_alone(bench: Bench, path: Path) -> None:
    plan = await bench.desk.prepare([path], "prowler", Selection.ALL)

    with Spool(bench.state).lock(plan.submission):
        await _begin_to_send(bench.state, plan)
        desk = make_desk(bench.sandbox, bench.state)
        page = await desk.jobs("prowler", JobQuery(statuses=("unknown",)))
        await desk.close()

    assert page.count == 0


async def test_a_plan_is_sent_by_one_process_only(bench: Bench, path: Path) -> None:
    plan = await bench.desk.prepare([path], "prowler", Selection.ALL)

    with (
        Spool(bench.state).lock(plan.submission),
        pytest.raises(StateError, match=f"Process {os.getpid()} is"),
    ):
        async for _ in bench.desk.send(plan):
            pass

    assert (await bench.desk.jobs("prowler", JobQuery())).count == 0


@pytest.mark.parametrize("content", [b"[]", b'[{"class_uid": 1'])
async def test_nothing_is_left_of_a_submission_that_could_not_be_planned(
    bench: Bench, tmp_path: Path, content: bytes
) -> None:
    bad = tmp_path / "bad.json"
    bad.write_bytes(content)

    with pytest.raises(BadInput):
        await bench.desk.prepare([bad], "prowler", Selection.ALL)

    assert not list(bench.state.glob("spool/*"))


async def test_an_unknown_target_is_named_with_those_that_there_are(bench: Bench) -> None:
    with pytest.raises(BadConfig, match="prowler"):
        await bench.desk.target("prowlr")


async def test_only_the_owner_can_read_what_is_frozen(bench: Bench, path: Path) -> None:
    plan = await bench.desk.prepare([path], "prowler", Selection.ALL)

    (frozen,) = plan.batches
    assert frozen.batch.path.stat().st_mode & 0o777 == 0o600
    assert frozen.batch.path.parent.stat().st_mode & 0o777 == 0o700
