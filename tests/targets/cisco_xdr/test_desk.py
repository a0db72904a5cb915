"""The whole way against the sandbox: from the finding file to the job, to its errors, and back to the record."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Sequence
from datetime import UTC, datetime
from itertools import chain
from pathlib import Path

import pytest

from console.config import LimitsConfig
from console.errors import BadConfig, BadInput
from console.records.model import JsonValue
from console.sandbox.cisco_xdr.intake import CiscoXdrSettings
from console.sandbox.journal import Entry
from console.sandbox.server import Sandbox, running
from console.sandbox.settings import Settings
from console.submissions.desk import Desk
from console.submissions.model import BatchState, Plan, Selection
from console.targets.base import UNKNOWN, Accepted, InDoubt, JobQuery, Outcome, PartlyAccepted, Throttled
from tests.targets.cisco_xdr.bundles import TIME, Event, activity, bundle, finding, minimal
from tests.targets.cisco_xdr.conftest import LAST, AtDesk, MakeBatch, MakeTarget, as_json, custom, speaking
from tests.targets.fault_server import serving


def write(path: Path, *contents: JsonValue) -> Path:
    """A finding file of these records; one that is alone stands by itself."""
    path.write_text(json.dumps(list(contents) if len(contents) > 1 else contents[0], indent=1))
    return path


async def prepared(desk: Desk, *paths: Path, select: Selection = Selection.ALL) -> Plan:
    return await desk.prepare(list(paths), "xdr", select)


async def sent(desk: Desk, plan: Plan) -> list[Outcome]:
    return [outcome async for _, outcome in desk.send(plan)]


def uids_in(entry: Entry) -> list[str]:
    """The uids of what a request left."""
    left = entry.taken if isinstance(entry.taken, list) else []
    return [str(one["uid"]) for one in left if isinstance(one, dict)]


def taken(sandbox: Sandbox, *endpoints: str) -> list[list[str]]:
    """The uids that each request left, in order."""
    names = endpoints or ("cisco.bundles", "cisco.custom")
    return [uids for name in names for entry in sandbox.journal.entries(name) if (uids := uids_in(entry))]


def sound(*uids: str) -> Sequence[Event]:
    """Bundles in which nothing is wrong."""
    return [bundle(finding(uid, f"a-{uid}"), activity(f"a-{uid}")) for uid in uids]


async def test_bundles_become_one_job_that_the_ledger_keeps(at_desk: AtDesk, sandbox: Sandbox, tmp_path: Path) -> None:
    async with at_desk() as desk:
        plan = await prepared(desk, write(tmp_path / "b.json", *sound("f-1", "f-2")))
        [outcome] = await sent(desk, plan)
        page = await desk.jobs("xdr", JobQuery())

    assert isinstance(outcome, Accepted)
    [tracked] = page.items
    assert (tracked.job.id, tracked.job.status, tracked.submission) == (outcome.job.id, "completed", plan.submission)
    assert tracked.job.raw["rate"] == {"limit": 8000, "remaining": 7999}
    assert taken(sandbox) == [["f-1", "f-2"]]


async def test_simplified_findings_go_one_by_one_and_never_with_bundles(
    at_desk: AtDesk, sandbox: Sandbox, tmp_path: Path
) -> None:
    mixed = write(tmp_path / "m.json", *sound("f-1", "f-2"), custom("c-1"), custom("c-2"), *sound("f-3"))
    alone = write(tmp_path / "c.json", custom("c-3"))
    async with at_desk() as desk:
        outcomes = await sent(desk, await prepared(desk, mixed, alone))

    assert all(isinstance(outcome, Accepted) for outcome in outcomes)
    assert taken(sandbox, "cisco.bundles") == [["f-1", "f-2"], ["f-3"]]
    assert taken(sandbox, "cisco.custom") == [["c-1"], ["c-2"], ["c-3"]]


async def test_requests_are_as_large_as_the_configuration_says(
    at_desk: AtDesk, sandbox: Sandbox, tmp_path: Path
) -> None:
    uids = [f"f-{number}" for number in range(205)]
    path = write(tmp_path / "b.json", *sound(*uids))
    async with at_desk() as desk:
        usual = await prepared(desk, path)
        await desk.discard(usual)
    async with at_desk(LimitsConfig(batch_records=150)) as desk:
        more = await prepared(desk, path)
        await desk.discard(more)
    async with at_desk(LimitsConfig(batch_bytes=20_000)) as desk:
        fewer = await prepared(desk, path)
        await sent(desk, fewer)

    assert [one.batch.records for one in usual.batches] == [100, 100, 5]
    assert [one.batch.records for one in more.batches] == [150, 55]
    assert all(15_000 < one.batch.length <= 20_000 for one in fewer.batches[:-1])
    assert list(chain.from_iterable(taken(sandbox))) == uids


async def test_a_uid_stands_once_in_a_request_and_the_later_finding_comes_later(
    at_desk: AtDesk, sandbox: Sandbox, tmp_path: Path
) -> None:
    again = bundle({**finding("f-1"), "severity_id": 5})
    async with at_desk() as desk:
        await sent(desk, await prepared(desk, write(tmp_path / "b.json", *sound("f-1", "f-2"), again)))

    assert taken(sandbox) == [["f-1", "f-2"], ["f-1"]]


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (bundle(finding("f"), finding("g")), "events: A bundle must have exactly one Detection Finding"),
        (bundle(activity("a")), "events: A bundle must have exactly one Detection Finding (class_uid 2004), not 0"),
        (bundle(finding(), activity(class_uid=6003)), "all of unsupported classes"),
        (bundle(finding(), activity(time=TIME // 1000)), "events[1].time: time counts seconds"),
        (bundle({**finding(), "metadata": {"version": "1.5.0"}}), "events[0].metadata.version: Events must be compat"),
        (bundle({**finding(), "finding_info": {}}), "events[0].finding_info.uid: Cisco XDR needs a non-empty"),
        (finding(), "ocsf-console convert --to cisco-bundle"),
        ({"a": 1}, "A record must be an OCSF bundle"),
        (custom(severity="Urgent"), "detection_findings.severity: It must be one of"),
        (custom(time=TIME // 1000), "detection_findings.time: It counts seconds"),
        (custom(title="x" * 501), "detection_findings.finding_info.title"),
    ],
    ids=range(11),
)
async def test_what_cisco_would_refuse_is_told_with_record_field_and_rule_before_anything_is_sent(
    at_desk: AtDesk, sandbox: Sandbox, tmp_path: Path, content: Event, words: str
) -> None:
    path = write(tmp_path / "b.json", *sound("f-1"), content)
    async with at_desk() as desk:
        with pytest.raises(BadInput) as refused:
            await prepared(desk, path)
        plan = await prepared(desk, path, select=Selection.VALID)
        await sent(desk, plan)

    where = words.partition(": ")
    told = str(refused.value)
    assert "refuses record 1" in told
    assert where[0] in told
    assert where[2] in told
    assert "(cisco_" in told
    assert [left.index for left in plan.left_out] == [1]
    assert taken(sandbox) == [["f-1"]]


async def test_the_example_of_the_guide_is_sent_as_it_is(at_desk: AtDesk, sandbox: Sandbox, tmp_path: Path) -> None:
    """It is not whole OCSF: that is no error for Cisco, also where only what is valid is asked for."""
    async with at_desk() as desk:
        plan = await prepared(desk, write(tmp_path / "b.json", minimal()), select=Selection.VALID)
        [outcome] = await sent(desk, plan)

    assert isinstance(outcome, Accepted)
    assert taken(sandbox) == [["external-uid-456"]]


async def test_an_error_of_the_intake_leads_back_to_its_record(at_desk: AtDesk, tmp_path: Path) -> None:
    """The intake knows better than our rules: here it is another one, which finds f-2 wrong."""
    error: JsonValue = {"code": "cisco_later_rule", "detail": "Not any more.", "uid": "f-2"}
    told: JsonValue = {"data": {"version": "1.4.0", "timestamp": "2026-01-02T03:04:05Z"}, "errors": [error]}
    path = write(tmp_path / "b.json", *sound("f-1", "f-2", "f-3"))
    with serving(speaking(as_json(told))) as server:
        async with at_desk(base_url=server.url, token_url=server.url + "/oauth2/token") as desk:
            [outcome] = await sent(desk, await prepared(desk, path))
            assert isinstance(outcome, PartlyAccepted)
            errors = await desk.job_errors("xdr", outcome.job.id)
            again = await desk.prepare_again("xdr", outcome.job.id)

    [located] = errors.items
    assert located.span is not None
    assert (located.span.index, located.file, located.error.code) == (1, str(path), "cisco_later_rule")
    whole = path.read_bytes()
    assert json.loads(whole[located.span.offset : located.span.offset + located.span.length]) == sound("f-2")[0]
    assert [one.batch.records for one in again.batches] == [1]


async def test_without_a_module_instance_nothing_is_even_frozen(
    at_desk: AtDesk, tmp_path: Path, sandbox: Sandbox
) -> None:
    async with at_desk() as desk:
        desk.config.targets["xdr"] = desk.config.targets["xdr"].model_copy(update={"module_instance_id": None})
        with pytest.raises(BadConfig, match="has no module_instance_id") as refused:
            await prepared(desk, write(tmp_path / "b.json", *sound("f-1")))
        assert (await desk.jobs("xdr", JobQuery())).count == 0

    assert "CISCO_XDR_MODULE_INSTANCE_ID" in refused.value.hint
    assert sandbox.journal.entries("cisco.token") == []


async def test_a_token_that_ends_between_two_batches_is_renewed(
    at_desk: AtDesk, sandbox: Sandbox, tmp_path: Path
) -> None:
    sandbox.faults.add("expired,on=cisco.bundles,nth=2")
    async with at_desk(LimitsConfig(batch_records=1)) as desk:
        outcomes = await sent(desk, await prepared(desk, write(tmp_path / "b.json", *sound("f-1", "f-2", "f-3"))))

    assert all(isinstance(outcome, Accepted) for outcome in outcomes)
    assert taken(sandbox) == [["f-1"], ["f-2"], ["f-3"]]
    assert [entry.status for entry in sandbox.journal.entries("cisco.bundles")] == [200, 401, 200, 200]
    assert len(sandbox.journal.entries("cisco.token")) == 2


async def test_a_quota_that_is_used_up_puts_the_rest_aside(at_desk: AtDesk, sandbox: Sandbox, tmp_path: Path) -> None:
    sandbox.faults.add("status=429,retry-after=3172s,on=cisco.bundles,nth=2")
    async with at_desk(LimitsConfig(batch_records=1)) as desk:
        plan = await prepared(desk, write(tmp_path / "b.json", *sound("f-1", "f-2", "f-3")))
        outcomes = await sent(desk, plan)
        found = await desk.submission(plan.submission)

    assert isinstance(outcomes[1], Throttled)
    assert outcomes[1].retry_after == 3172
    assert [batch.state for batch in found.batches] == [BatchState.ACCEPTED, BatchState.WAITING, BatchState.READY]
    wait = datetime.fromisoformat(found.batches[1].not_before or "") - datetime.now(UTC)
    assert 3100 < wait.total_seconds() < 3180


async def test_findings_that_arrived_without_an_answer_are_read_back_and_adopted(
    at_desk: AtDesk, sandbox: Sandbox, tmp_path: Path
) -> None:
    sandbox.faults.add("no-reply=reset,on=cisco.bundles,times=1")
    path = write(tmp_path / "b.json", *sound("f-1", "f-2"))
    async with at_desk() as desk:
        plan = await prepared(desk, path)
        [outcome] = await sent(desk, plan)
        assert isinstance(outcome, InDoubt)
        found = await desk.reconcile(plan.submission, [0])
        [batch] = found.batches
        page = await desk.jobs("xdr", JobQuery())

    assert (batch.state, batch.inferred) == (BatchState.ACCEPTED, True)
    [tracked] = page.items
    assert (tracked.job.id, tracked.job.status, tracked.inferred) == (batch.job_id, "completed", True)
    assert tracked.job.summary.total == 2
    assert taken(sandbox) == [["f-1", "f-2"]]


@pytest.mark.parametrize("query", [True, False], ids=["read back", "no read-back"])
async def test_findings_that_did_not_arrive_wait_for_the_operator(
    at_desk: AtDesk, sandbox: Sandbox, tmp_path: Path, *, query: bool
) -> None:
    """One was there from an earlier scan, with another time: that proves nothing."""
    async with at_desk() as desk:
        earlier = bundle({**finding("f-1"), "time": TIME - 1}, activity(time=TIME - 1))
        await sent(desk, await prepared(desk, write(tmp_path / "a.json", earlier)))
    sandbox.faults.add("html=502,on=cisco.bundles,times=1")
    async with at_desk() as desk:
        if not query:
            desk.config.targets["xdr"] = desk.config.targets["xdr"].model_copy(update={"query_url": None})
        plan = await prepared(desk, write(tmp_path / "b.json", *sound("f-1")))
        [outcome] = await sent(desk, plan)
        found = await desk.reconcile(plan.submission, [0])
        assert [one.job.status for one in (await desk.jobs("xdr", JobQuery(statuses=(UNKNOWN,)))).items] == [UNKNOWN]
        await desk.allow_resend(plan.submission)
        again = [one async for _, one in desk.resume(plan.submission)]

    assert isinstance(outcome, InDoubt)
    assert found.batches[0].state is BatchState.UNKNOWN
    assert isinstance(again[0], Accepted)
    assert taken(sandbox) == [["f-1"], ["f-1"]]


async def test_a_simplified_finding_is_read_back_too(sandbox: Sandbox, at_desk: AtDesk, tmp_path: Path) -> None:
    sandbox.faults.add("no-reply=reset,on=cisco.custom,times=1")
    async with at_desk() as desk:
        plan = await prepared(desk, write(tmp_path / "c.json", custom("c-1")))
        await sent(desk, plan)
        found = await desk.reconcile(plan.submission, [0])

    assert found.batches[0].state is BatchState.ACCEPTED


async def test_one_finding_that_is_missing_leaves_the_batch_in_doubt(
    sandbox: Sandbox, at_desk: AtDesk, tmp_path: Path, make_target: MakeTarget, make_batch: MakeBatch
) -> None:
    async with at_desk() as desk:
        await sent(desk, await prepared(desk, write(tmp_path / "b.json", *sound("f-1"))))
    target = make_target(sandbox)

    assert await target.candidates(make_batch(*sound("f-1", "f-2")), LAST) == []
    assert await target.candidates(make_batch(bundle(activity("a"))), LAST) == []
    [job] = await target.candidates(make_batch(*sound("f-1")), LAST)
    [same] = await target.candidates(make_batch(*sound("f-1"), number=2), LAST)
    assert job.id == same.id
    batch = make_batch(*sound("f-1"))
    batch.path.unlink()
    assert await target.candidates(batch, LAST) == []


async def test_findings_are_listed_filtered_and_paged_like_those_of_any_target(at_desk: AtDesk, tmp_path: Path) -> None:
    async with at_desk(LimitsConfig(batch_records=1)) as desk:
        await sent(desk, await prepared(desk, write(tmp_path / "one.json", *sound("f-1", "f-2", "f-3"))))
        await sent(desk, await prepared(desk, write(tmp_path / "two.json", custom("c-1"))))
        first = await desk.jobs("xdr", JobQuery(page_size=3))
        second = await desk.jobs("xdr", JobQuery(page=2, page_size=3))
        named = await desk.jobs("xdr", JobQuery(search="two.json"))
        failed = await desk.jobs("xdr", JobQuery(statuses=("failed",)))
        today = await desk.jobs("xdr", JobQuery(inserted=datetime.now(UTC).date()))
        oldest = await desk.jobs("xdr", JobQuery(sort="inserted_at", page_size=1))

    assert [len(first.items), len(second.items), first.count] == [3, 1, 4]
    assert [one.files for one in named.items] == [[str(tmp_path / "two.json")]]
    assert (failed.count, today.count) == (0, 4)
    assert oldest.items[0].job.id == second.items[0].job.id


async def test_two_batches_of_one_target_share_a_token(make_target: MakeTarget, make_batch: MakeBatch) -> None:
    with running(Settings(cisco_xdr=CiscoXdrSettings())) as sandbox:
        target = make_target(sandbox)
        batches = [make_batch(*sound(f"f-{number}"), number=number) for number in (1, 2)]
        outcomes = await asyncio.gather(*(target.send(one, f"attempt-{one.number}", lambda _: None) for one in batches))

        assert all(isinstance(outcome, Accepted) for outcome in outcomes)
        assert len(sandbox.journal.entries("cisco.token")) == 1
        ids = {dict(entry.headers)["x-request-id"] for entry in sandbox.journal.entries("cisco.bundles")}
    assert ids == {"attempt-1", "attempt-2"}
