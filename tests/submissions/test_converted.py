"""Files that a target does not take as they are: converted, frozen, sent, and each error led back to the old file."""

from __future__ import annotations

import asyncio
import gzip
import json
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from console.convert.changes import ChangeKind, JsonObject
from console.convert.forms import Form
from console.errors import BadInput, DoesNotFit
from console.progress import Progress
from console.records.model import JsonValue, Span
from console.sandbox.server import running
from console.submissions.desk import Desk
from console.submissions.model import LocatedError, Plan, Selection
from console.targets.base import Accepted, PartlyAccepted
from tests.convert.records import prowler
from tests.submissions.conftest import Bench
from tests.targets.cisco_xdr.bundles import activity, bundle, finding
from tests.targets.cisco_xdr.conftest import as_json, speaking
from tests.targets.desks import IN_IRELAND, desk_at
from tests.targets.fault_server import serving
from tests.targets.security_hub.findings import finding as asff

ARN = "arn:aws:securityhub:eu-west-1:123456789012:product/123456789012/default"


@pytest.fixture
async def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Desk]:
    with running(IN_IRELAND) as sandbox:
        one = desk_at(sandbox, tmp_path / "state", monkeypatch)
        yield one
        await one.close()


def scanned(uid: str, **changes: JsonValue) -> JsonObject:
    """A finding as Prowler writes it, of that uid."""
    made = prowler(**changes)
    info = made["finding_info"]
    assert isinstance(info, dict)
    return made | {"finding_info": {**info, "uid": uid}}


def written(path: Path, *records: JsonValue) -> Path:
    """An array over many lines."""
    path.write_text(json.dumps(list(records), indent=1))
    return path


def spooled(tmp_path: Path) -> set[str]:
    """The names of what the spool holds of all submissions."""
    return {path.name for path in (tmp_path / "state" / "spool").glob("*/*")}


def at(path: Path, span: Span | None) -> JsonValue:
    """The record at a place of a file."""
    assert span is not None
    whole = path.read_bytes()
    found: JsonValue = json.loads(whole[span.offset : span.offset + span.length])
    return found


async def errors_of(desk: Desk, target: str, plan: Plan) -> list[LocatedError]:
    """The errors of the one job that a plan becomes."""
    ((_, outcome),) = [one async for one in desk.send(plan)]
    assert isinstance(outcome, PartlyAccepted | Accepted)
    return list((await desk.job_errors(target, outcome.job.id)).items)


async def test_ocsf_is_refused_for_security_hub_with_how_many_can_be_converted_and_by_which_command(
    desk: Desk, tmp_path: Path
) -> None:
    path = written(tmp_path / "my scan.json", *(scanned(f"f-{number}") for number in range(3)), activity("a"))

    with pytest.raises(DoesNotFit, match="line 2: hub refuses record 0") as of_all:
        await desk.prepare([path], "hub", Selection.ALL)
    with pytest.raises(DoesNotFit, match="every record is left out") as of_valid:
        await desk.prepare([path], "hub", Selection.VALID)

    command = f"ocsf-console convert '{path}' --to asff --account 123456789012 --region eu-west-1 -o NEW"
    for error in (of_all.value, of_valid.value):
        assert (error.records, error.form) == (3, "ASFF"), "the activity can't be converted"
        assert command in error.hint
    assert spooled(tmp_path) == set()


async def test_what_is_converted_is_told_value_by_value_and_frozen_as_it_will_be_sent(
    desk: Desk, tmp_path: Path
) -> None:
    long: JsonValue = {"desc": "x" * 600, "references": []}
    records = [activity("a"), scanned("f-1"), scanned("f-2", remediation=long), scanned("f-3")]
    path = written(tmp_path / "scan.json", *records)
    plan = await desk.prepare_converted([path], "hub", Selection.ALL)

    (conversion,) = plan.conversions
    tally = conversion.tally
    assert (conversion.source, conversion.form, tally.converted, tally.refused) == (path, Form.ASFF, 3, 1)
    assert [(one.code, one.index) for one in tally.refusals] == [("asff_class_unsupported", 0)]
    assert ("remediation.desc", 1) in {
        (one.path, one.count) for one in tally.changes if one.kind is ChangeKind.SHORTENED
    }
    assert tally.regions == {"eu-west-1": 3}
    (frozen,) = plan.batches
    assert (frozen.source, frozen.wrapped, plan.records) == (path, "converted to ASFF", 3)
    assert spooled(tmp_path) == {"1.payload", "1.index"}, "the converted file is gone"
    assert frozen.batch.path.stat().st_mode & 0o777 == 0o600
    payload = frozen.batch.path.read_bytes()

    path.write_text("changed meanwhile")
    assert frozen.batch.path.read_bytes() == payload
    written(path, *records)
    errors = await errors_of(desk, "hub", plan)
    assert errors == []
    again = await desk.prepare_converted([path], "hub", Selection.ALL)
    assert again.sent_before == [plan.submission], "the same file always becomes the same"


async def test_an_error_at_security_hub_leads_to_the_record_that_was_converted(
    desk: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The service refuses by the rules that we check too, so here nobody checks before."""
    bad = asff(Id="a-1", ProductArn=ARN, Title="x" * 257)
    path = written(tmp_path / "scan.json", activity("a"), scanned("f-1"), bad, scanned("f-2"))
    target = await desk.target("hub")
    assert target.conversion is not None
    monkeypatch.setattr(type(target), "conversion", replace(target.conversion, check_own=lambda record: ()))
    monkeypatch.setattr(target, "check", lambda record: [])
    plan = await desk.prepare_converted([path], "hub", Selection.ALL)

    (error,) = await errors_of(desk, "hub", plan)

    assert (error.error.uid, error.file) == ("a-1", str(path))
    assert error.span is not None
    assert (error.span.index, at(path, error.span)) == (2, bad)


async def test_findings_become_bundles_with_their_activities_and_an_error_leads_to_the_finding(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Packed, the activities before and after their findings, and one bundle that is two."""
    records: list[JsonValue] = [
        activity("a-1"), finding("f-1", "a-1", "a-2"), activity("a-2"), bundle(finding("f-2"), finding("f-3")),
        activity("stray"),
    ]  # fmt: skip
    path = tmp_path / "scan.json.gz"
    path.write_bytes(gzip.compress(json.dumps(records).encode()))
    refused: JsonValue = {"code": "cisco_later_rule", "detail": "Not any more.", "uid": "f-3"}
    told: JsonValue = {"data": {"version": "1.4.0", "timestamp": "2026-01-02T03:04:05Z"}, "errors": [refused]}
    with running(IN_IRELAND) as sandbox, serving(speaking(as_json(told))) as server:
        desk = desk_at(sandbox, tmp_path / "state", monkeypatch, cisco=server.url)
        with pytest.raises(DoesNotFit) as caught:
            await desk.prepare([path], "xdr", Selection.ALL)
        plan = await desk.prepare_converted([path], "xdr", Selection.ALL)
        (error,) = await errors_of(desk, "xdr", plan)
        await desk.close()

    assert (caught.value.records, caught.value.form) == (5, "OCSF bundles")
    assert (plan.records, plan.batches[0].wrapped) == (3, "converted to OCSF bundles, unpacked from gzip")
    (conversion,) = plan.conversions
    assert [(one.code, one.index) for one in conversion.tally.refusals] == [("cisco_activity_left_over", 4)]
    assert error.span is not None
    assert (error.span.index, error.error.uid, error.file) == (3, "f-3", str(path))


async def test_what_became_of_a_record_is_still_judged_by_the_target(desk: Desk, tmp_path: Path) -> None:
    elsewhere = scanned("f-2", cloud={"provider": "aws", "account": {"uid": "210987654321"}, "region": "eu-west-1"})
    path = written(tmp_path / "scan.json", scanned("f-1"), elsewhere)

    with pytest.raises(BadInput, match=r"refuses what became of record 1 at ProductArn.*asff_other_account") as caught:
        await desk.prepare_converted([path], "hub", Selection.ALL)
    assert not isinstance(caught.value, DoesNotFit), "it is converted already"

    plan = await desk.prepare_converted([path], "hub", Selection.VALID)
    assert (plan.records, [(one.index, one.path) for one in plan.left_out], plan.convertible) == (1, [(1, path)], 0)


async def test_where_none_can_be_converted_the_reasons_are_told_and_nothing_is_left_behind(
    desk: Desk, tmp_path: Path
) -> None:
    path = written(tmp_path / "scan.json", scanned("f-1", severity_id=99), scanned("f-2", severity_id=0))

    with pytest.raises(BadInput) as caught:
        await desk.prepare_converted([path], "hub", Selection.ALL)

    assert "None of 2 records" in caught.value.message
    assert "record 0: " in caught.value.message
    assert "(asff_severity_unknown)" in caught.value.message
    assert "--severity-for-unknown" in caught.value.hint
    assert spooled(tmp_path) == set()


async def test_a_conversion_that_is_stopped_leaves_nothing_behind(desk: Desk, tmp_path: Path) -> None:
    path = written(tmp_path / "scan.json", *(scanned(f"f-{number}", raw_data="x" * 50_000) for number in range(300)))
    begun = asyncio.Event()
    loop = asyncio.get_running_loop()

    def report(progress: Progress) -> None:
        if progress.message == "Converting":
            loop.call_soon_threadsafe(begun.set)

    planning = asyncio.ensure_future(desk.prepare_converted([path], "hub", Selection.ALL, report))
    await begun.wait()
    planning.cancel()
    with pytest.raises(asyncio.CancelledError):
        await planning

    assert spooled(tmp_path) == set()


async def test_a_target_that_takes_ocsf_converts_nothing(bench: Bench, tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="takes records as they are"):
        await bench.desk.prepare_converted([written(tmp_path / "scan.json", scanned("f"))], "prowler", Selection.ALL)
