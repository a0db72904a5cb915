"""Findings by the desk to Security Hub: frozen in batches, sent, kept as jobs, and led back to the file."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from console.cli.setup import make_validator
from console.config import Config, LimitsConfig, SecurityHubConfig
from console.credentials import Credentials
from console.errors import BadInput
from console.sandbox.security_hub.store import CREATED
from console.sandbox.server import Sandbox
from console.submissions.desk import Desk
from console.submissions.model import BatchState, Plan, Selection
from console.submissions.patience import Patience
from console.targets.base import (
    COMPLETED,
    FAILED,
    UNKNOWN,
    Accepted,
    Denied,
    InDoubt,
    JobQuery,
    Outcome,
    PartlyAccepted,
    Refused,
)
from tests.targets.security_hub.findings import Finding, finding

MEGABYTES_6 = 6_000_000
FRAME = len(b'{"Findings":[]}')


@pytest.fixture
async def desk(sandbox: Sandbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Desk]:
    """A desk whose target `hub` is the sandbox, and which waits for nothing before it tries again."""
    access = sandbox.access.security_hub
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", access.access_key_id)
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", access.secret_access_key.reveal())
    hub = SecurityHubConfig(
        kind="security-hub", region=access.region, account_id=access.account_id, endpoint_url=access.endpoint_url
    )
    (tmp_path / "state").mkdir()
    one = Desk(Config(targets={"hub": hub}, limits=LimitsConfig()), Credentials({}), tmp_path / "state", make_validator)
    one._delivery.patience = Patience(draw=lambda _least, _most: 0)
    yield one
    await one.close()


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "scan.asff.json"


def many(count: int, **changes: object) -> list[Finding]:
    return [finding(Id=f"f-{number}", **changes) for number in range(count)]


def sized(number: int, size: int) -> Finding:
    """A finding of exactly so many bytes of JSON, which the format has nothing against."""
    one = finding(Id=f"f-{number}", SourceUrl="u")
    one["SourceUrl"] = "u" * (size - len(json.dumps(one)) + 1)
    assert len(json.dumps(one)) == size
    return one


def write(path: Path, findings: list[Finding]) -> None:
    path.write_text("[" + ",\n".join(map(json.dumps, findings)) + "]")


async def planned(desk: Desk, path: Path, selection: Selection = Selection.ALL) -> Plan:
    return await desk.prepare([path], "hub", selection)


async def sent(desk: Desk, plan: Plan) -> list[Outcome]:
    return [outcome async for _, outcome in desk.send(plan)]


@pytest.mark.parametrize("wrapped", [False, True], ids=["array", "wrapped"])
async def test_the_whole_way_from_a_file_to_the_record_that_failed(
    desk: Desk, sandbox: Sandbox, path: Path, wrapped: bool
) -> None:
    write(path, many(250))
    if wrapped:
        path.write_text('{"Findings": ' + path.read_text() + "}")
    plan = await planned(desk, path)
    outcomes = await sent(desk, plan)
    page = await desk.jobs("hub", JobQuery(statuses=(COMPLETED,), sort="requested_at", page_size=2))

    assert [frozen.batch.records for frozen in plan.batches] == [100, 100, 50]
    assert [type(outcome) for outcome in outcomes] == [Accepted] * 3
    assert (page.pages, page.count, [tracked.job.summary.processed for tracked in page.items]) == (2, 3, [100, 100])
    assert [list(tracked.files) for tracked in page.items] == [[str(path)]] * 2
    assert {tracked.submission for tracked in page.items} == {plan.submission}
    assert len(sandbox.security_hub.store.taken()) == 250
    one = await desk.job("hub", page.items[0].job.id)
    assert one.job == page.items[0].job
    assert (await desk.job_errors("hub", one.job.id)).items == []


async def test_each_failed_finding_leads_to_its_line_and_can_be_sent_again_alone(
    desk: Desk, sandbox: Sandbox, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The sandbox refuses by the rules that we check too, so here nobody checks before."""
    findings = many(150)
    for number in (3, 120, 149):
        findings[number]["Title"] = "x" * 257
    write(path, findings)
    target = await desk.target("hub")
    monkeypatch.setattr(target, "check", lambda record: [])
    plan = await planned(desk, path)
    outcomes = await sent(desk, plan)
    jobs = [outcome.job for outcome in outcomes if isinstance(outcome, PartlyAccepted)]

    assert [(job.status, job.summary.processed, job.summary.invalid) for job in jobs] == [
        (COMPLETED, 99, 1), (COMPLETED, 48, 2)
    ]  # fmt: skip
    errors = [error for job in jobs for error in (await desk.job_errors("hub", job.id)).items]
    assert [(one.error.uid, one.span.index, one.span.line, one.file) for one in errors if one.span] == [
        (f"f-{number}", number, number + 1, str(path)) for number in (3, 120, 149)
    ]

    again = await desk.prepare_again("hub", jobs[1].id)
    assert [one["Id"] for one in _payload(again, 0)["Findings"]] == ["f-120", "f-149"]
    (outcome,) = await sent(desk, again)
    assert isinstance(outcome, PartlyAccepted)
    assert (outcome.job.status, (await desk.jobs("hub", JobQuery(statuses=(FAILED,)))).count) == (FAILED, 1)


def _payload(plan: Plan, at: int) -> Any:
    return json.loads(plan.batches[at].batch.path.read_bytes())


@pytest.mark.parametrize("fault", ["no-reply=reset", "cut=9", "status=500", "status=429", "html=502", "reset=before"])
async def test_what_fails_on_the_way_is_sent_again_by_the_same_bytes_and_taken_once(
    desk: Desk, sandbox: Sandbox, path: Path, fault: str
) -> None:
    sandbox.faults.add(f"{fault},on=hub.import,times=2")
    write(path, many(20))

    (outcome,) = await sent(desk, await planned(desk, path))

    assert isinstance(outcome, Accepted)
    entries = sandbox.journal.entries("hub.import")
    assert [entry.status for entry in entries][-1] == 200
    assert len({entry.sha256 for entry in entries if entry.complete}) == 1
    assert [taken.outcome for taken in sandbox.security_hub.store.taken()].count(CREATED) == 20
    assert (await desk.jobs("hub", JobQuery())).count == 1


@pytest.mark.parametrize("word", [False, True], ids=["resumed", "settled"])
async def test_what_stays_in_doubt_is_unknown_until_the_same_bytes_are_sent_again(
    desk: Desk, sandbox: Sandbox, path: Path, *, word: bool
) -> None:
    fault = sandbox.faults.add("no-reply=reset,on=hub.import")
    write(path, many(2))
    plan = await planned(desk, path)
    await sent(desk, plan)
    sandbox.faults.remove(fault)

    found = await desk.reconcile(plan.submission)  # there is nothing to wait for
    assert [batch.state for batch in found.batches] == [BatchState.UNKNOWN]
    assert "it may have been imported" in found.batches[0].detail
    assert [one.job.status for one in (await desk.jobs("hub", JobQuery(statuses=(UNKNOWN,)))).items] == [UNKNOWN]

    sandbox.faults.add("status=401,on=hub.import,times=1")  # nobody took it now: that undoes nothing
    (outcome,) = [outcome async for _, outcome in desk.resume(plan.submission)]
    (batch,) = (await desk.submission(plan.submission)).batches
    assert (type(outcome), batch.state) == (InDoubt, BatchState.UNKNOWN)

    if word:
        await desk.allow_resend(plan.submission)
    (outcome,) = [outcome async for _, outcome in desk.resume(plan.submission)]
    assert isinstance(outcome, Accepted)
    assert len({entry.sha256 for entry in sandbox.journal.entries("hub.import") if entry.complete}) == 1
    assert [taken.outcome for taken in sandbox.security_hub.store.taken()].count(CREATED) == 2


async def test_a_denial_stops_the_batches_that_are_left(desk: Desk, sandbox: Sandbox, path: Path) -> None:
    sandbox.faults.add("status=403,on=hub.import")
    write(path, many(600))

    outcomes = await sent(desk, await planned(desk, path))

    assert 1 <= len(outcomes) < 6
    assert {type(outcome) for outcome in outcomes} == {Denied}


@pytest.mark.parametrize(("extra", "batches"), [(0, 1), (1, 2)])
async def test_a_request_has_6_mb_at_most_with_its_frame(desk: Desk, path: Path, extra: int, batches: int) -> None:
    size = 190_000
    count = MEGABYTES_6 // size
    last = MEGABYTES_6 - FRAME - count * (size + 1) + extra
    write(path, [*(sized(number, size) for number in range(count)), sized(count, last)])

    plan = await planned(desk, path)

    assert len(plan.batches) == batches
    assert plan.batches[0].batch.length == (MEGABYTES_6 if batches == 1 else MEGABYTES_6 - last)


async def test_101_findings_go_in_two_requests_and_no_id_is_twice_in_one(desk: Desk, path: Path) -> None:
    write(path, many(101))
    assert [frozen.batch.records for frozen in (await planned(desk, path)).batches] == [100, 1]

    newer = finding(Id="f-1", ProductArn="arn:aws:securityhub:us-east-1:123456789012:product/123456789012/default")
    write(path, [*many(3), newer])
    assert [frozen.batch.records for frozen in (await planned(desk, path)).batches] == [3, 1]


async def test_findings_of_which_the_hub_keeps_one_of_each_are_counted_before_anything_is_sent(
    desk: Desk, path: Path
) -> None:
    elsewhere = finding(Id="f-1", ProductArn="arn:aws:securityhub:us-east-1:123456789012:product/123456789012/default")
    write(path, [*many(3), *many(2), elsewhere])
    other = path.with_name("again.asff.json")
    write(other, many(1))

    plan = await desk.prepare([path, other], "hub", Selection.ALL)

    assert (plan.records, plan.kept_once) == (7, 3)


async def test_a_finding_of_241_kb_is_named_before_anything_is_sent(desk: Desk, path: Path) -> None:
    write(path, [*many(2), sized(7, 241 * 1024)])

    with pytest.raises(BadInput, match=r"refuses record 2: .*240 KB.*246,784 bytes.*Nothing was sent"):
        await planned(desk, path)

    plan = await planned(desk, path, Selection.VALID)
    assert [(left.index, "246,784 bytes" in left.reason) for left in plan.left_out] == [(2, True)]
    assert plan.records == 2


ARN = "arn:aws:securityhub:eu-west-1::product/prowler/prowler"


@pytest.mark.parametrize(
    ("changes", "field", "rule"),
    [
        ({"ProductArn": ARN}, "ProductArn", "asff_other_region"),
        ({"AwsAccountId": "210987654321"}, "AwsAccountId", "asff_other_account"),
        ({"Remediation": {"Recommendation": {"Text": ""}}}, "Remediation.Recommendation.Text", "asff_too_short"),
        ({"Types": [""]}, "Types[0]", "asff_pattern_mismatch"),
        ({"UpdatedAt": 1_763_547_300}, "UpdatedAt", "asff_type_wrong"),
        ({"UpdatedAt": "1763547300"}, "UpdatedAt", "asff_pattern_mismatch"),
        ({"Resources": []}, "Resources", "asff_too_few"),
        ({"Severity": {"Label": "Bad"}}, "Severity.Label", "asff_not_allowed"),
    ],
)
async def test_what_would_be_refused_names_record_field_and_rule_before_anything_is_sent(
    desk: Desk, sandbox: Sandbox, path: Path, changes: dict[str, object], field: str, rule: str
) -> None:
    write(path, [*many(3), finding(**changes)])

    with pytest.raises(BadInput) as caught:
        await planned(desk, path)

    said = caught.value.message
    assert f"line 4: hub refuses record 3 at {field}: " in said
    assert f"({rule})" in said
    assert "Nothing was sent" in said
    assert "validate --for security-hub" in caught.value.hint
    assert sandbox.journal.entries() == []


async def test_only_what_is_valid_goes_where_that_is_asked_for(desk: Desk, path: Path) -> None:
    """By the rules of the finding format: those of OCSF have nothing to say of it."""
    write(path, [*many(3), finding(Title="")])

    plan = await planned(desk, path, Selection.VALID)

    assert plan.records == 3
    (left,) = plan.left_out
    assert (left.index, left.reason) == (3, "asff_too_short: data.Title should NOT be shorter than 1 characters")


async def test_what_is_too_large_for_one_request_goes_in_parts(desk: Desk, sandbox: Sandbox, path: Path) -> None:
    """Refused twice: the whole, and the first half of it."""
    write(path, many(12))
    sandbox.faults.add("status=413,on=hub.import,times=2")
    plan = await planned(desk, path)

    numbers = [(frozen.batch.number, type(outcome)) async for frozen, outcome in desk.send(plan)]

    assert numbers == [(4, Accepted), (5, Accepted), (3, Accepted)]
    found = await desk.submission(plan.submission)
    assert [(batch.state, batch.records) for batch in found.batches] == [
        ("cancelled", 12), ("cancelled", 6), ("accepted", 6), ("accepted", 3), ("accepted", 3)
    ]  # fmt: skip
    assert sorted(one.identifier.id for one in sandbox.security_hub.store.taken()) == sorted(
        f"f-{number}" for number in range(12)
    )
    jobs = await desk.jobs("hub", JobQuery())
    assert sorted(tracked.job.summary.total or 0 for tracked in jobs.items) == [3, 3, 6]


async def test_one_finding_that_is_too_large_alone_is_refused_and_kept_as_failed(
    desk: Desk, sandbox: Sandbox, path: Path
) -> None:
    write(path, many(2))
    sandbox.faults.add("status=413,on=hub.import,times=2")

    outcomes = await sent(desk, await planned(desk, path))

    assert [type(outcome) for outcome in outcomes] == [Refused, Accepted]
    (failed,) = (await desk.jobs("hub", JobQuery(statuses=(FAILED,)))).items
    assert (failed.job.summary.invalid, list(failed.files)) == (1, [str(path)])
    assert (await desk.job_errors("hub", failed.job.id)).count == 1
