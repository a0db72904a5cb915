"""The plan: batches within the limits, what is left out and why, and the accounts that may be new."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from console.config import LimitsConfig
from console.errors import BadInput
from console.progress import Progress
from console.sandbox.samples import as_array, findings
from console.submissions.accounts import together
from console.submissions.misgivings import at_stake, invalid_words, refusable_words, refused_words
from console.submissions.model import Account, Plan, Selection
from console.submissions.spool import Spool
from console.targets.base import Accepted
from tests.examples import examples
from tests.submissions.conftest import Bench, make_desk


async def _plan(bench: Bench, path: Path, limits: LimitsConfig, selection: Selection = Selection.ALL) -> Plan:
    desk = make_desk(bench.sandbox, bench.state, limits)
    plan = await desk.prepare([path], "prowler", selection)
    await desk.close()
    return plan


def _sent(plan: Plan) -> list[list[dict[str, Any]]]:
    """The records of each batch."""
    return [json.loads(frozen.batch.path.read_bytes()) for frozen in plan.batches]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "scan.ocsf.json"
    path.write_bytes(as_array(list(findings(12))))
    return path


@pytest.mark.parametrize(("most", "sizes"), [(5, [5, 5, 2]), (6, [6, 6]), (1, [1] * 12), (12, [12]), (0, [12])])
async def test_a_file_goes_in_as_many_batches_as_the_limit_asks(
    bench: Bench, path: Path, most: int, sizes: list[int]
) -> None:
    plan = await _plan(bench, path, LimitsConfig(batch_records=most))

    assert [frozen.batch.records for frozen in plan.batches] == sizes
    assert [frozen.batch.number for frozen in plan.batches] == list(range(1, len(sizes) + 1))
    assert [record for batch in _sent(plan) for record in batch] == json.loads(path.read_bytes())
    assert plan.left_out_count == 0


async def test_only_a_file_in_one_piece_is_sent_byte_for_byte(bench: Bench, path: Path) -> None:
    whole = await _plan(bench, path, LimitsConfig(batch_records=12))
    parts = await _plan(bench, path, LimitsConfig(batch_records=11))

    assert whole.batches[0].batch.path.read_bytes() == path.read_bytes()
    assert (whole.batches[0].wrapped, [one.wrapped for one in parts.batches]) == ("", ["in 2 parts"] * 2)


@pytest.mark.parametrize(("batch_bytes", "packed"), [(0, False), (1_000_000, False), (0, True)])
async def test_planning_tells_how_much_of_the_file_is_read(
    bench: Bench, path: Path, batch_bytes: int, packed: bool
) -> None:
    """Whether it goes whole or in parts it is read from end to end once. Of a packed one nobody knows the end."""
    content = as_array(list(findings(1_200)))
    path.write_bytes(gzip.compress(content) if packed else content)
    desk, told = make_desk(bench.sandbox, bench.state, LimitsConfig(batch_bytes=batch_bytes)), list[Progress]()
    plan = await desk.prepare([path], "prowler", Selection.ALL, told.append)
    await desk.close()

    places = [one.done for one in told if one.message.startswith("Freezing")]
    assert (len(plan.batches) > 1) == bool(batch_bytes)
    assert {(one.unit, one.total) for one in told} == {("bytes", None if packed else len(content))}
    assert len(places) == 3
    assert places == sorted(places)
    assert content[places[-1] : places[-1] + 1] == b"{", "the 1,001st record"


@settings(max_examples=examples(30), suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.integers(3_000, 40_000))
async def test_no_batch_is_larger_than_the_limit(bench: Bench, path: Path, most: int) -> None:
    plan = await _plan(bench, path, LimitsConfig(batch_bytes=most), Selection.ALL)

    assert all(frozen.batch.length <= most for frozen in plan.batches)
    assert all(frozen.batch.path.stat().st_size == frozen.batch.length for frozen in plan.batches)
    assert plan.records + plan.left_out_count == 12


async def test_a_record_that_no_request_can_hold_is_left_out_alone(bench: Bench, path: Path) -> None:
    records: list[dict[str, Any]] = list(findings(12))
    records[4]["unmapped"]["note"] = "x" * 50_000
    path.write_bytes(as_array(records))

    plan = await _plan(bench, path, LimitsConfig(batch_bytes=20_000))

    assert [(left.index, left.reason.partition(" bytes")[2]) for left in plan.left_out] == [
        (4, ", and the target takes 20,000 at most.")
    ]
    assert [record for batch in _sent(plan) for record in batch] == [r for n, r in enumerate(records) if n != 4]


async def test_what_is_no_record_is_not_lost_by_splitting(bench: Bench, path: Path) -> None:
    path.write_bytes(b"[7," + path.read_bytes()[1:])

    with pytest.raises(BadInput, match="Nothing was sent"):
        await _plan(bench, path, LimitsConfig(batch_records=5))


async def test_an_error_in_any_part_leads_to_its_record_in_the_file(bench: Bench, path: Path) -> None:
    plan = await _plan(bench, path, LimitsConfig(batch_records=5))

    spans = [
        Spool(bench.state).origin(plan.submission, frozen.batch.number, at)
        for frozen in plan.batches
        for at in range(frozen.batch.records)
    ]

    assert [span.index for span in spans if span] == list(range(12))


def _booked(provider: str, uid: str) -> dict[str, Any]:
    (finding,) = findings(1)
    finding["unmapped"] = {"provider": provider, "provider_uid": uid}
    return finding


async def test_accounts_are_new_until_the_target_has_accepted_records_of_them(bench: Bench, path: Path) -> None:
    path.write_bytes(as_array([_booked("aws", "1"), _booked("aws", "1"), _booked("gcp", "p")]))
    first = await bench.desk.prepare([path], "prowler", Selection.ALL)
    async for _, outcome in bench.desk.send(first):
        assert isinstance(outcome, Accepted)
    path.write_bytes(as_array([_booked("aws", "1"), _booked("azure", "\ud800".encode("utf-8", "replace").decode())]))

    second = await bench.desk.prepare([path], "prowler", Selection.ALL)

    assert list(first.accounts) == [Account("aws", "1", 2, is_new=True), Account("gcp", "p", 1, is_new=True)]
    assert list(second.accounts) == [Account("azure", "?", 1, is_new=True), Account("aws", "1", 1)]


async def test_what_was_refused_makes_no_account_known(bench: Bench, path: Path) -> None:
    bench.sandbox.faults.add("status=413,on=prowler.submit,times=1")
    path.write_bytes(as_array([_booked("aws", "1")]))
    refused = await bench.desk.prepare([path], "prowler", Selection.ALL)
    async for _ in bench.desk.send(refused):
        pass

    assert (await bench.desk.prepare([path], "prowler", Selection.ALL)).new_accounts


async def test_a_record_without_an_account_of_prowlers_own_is_booked_on_that_of_its_cloud(
    bench: Bench, path: Path
) -> None:
    (finding,) = findings(1)
    del finding["unmapped"]
    finding["cloud"] = {"provider": "aws", "account": {"uid": "999"}}
    nameless = {**finding, "cloud": {"account": {"uid": 7}}}
    path.write_bytes(as_array([finding, nameless]))

    plan = await bench.desk.prepare([path], "prowler", Selection.ALL)

    assert list(plan.accounts) == [Account("aws", "999", 1, is_new=True)]


def test_accounts_of_several_batches_are_counted_together_the_new_ones_first() -> None:
    one = [Account("aws", "1", 5), Account("aws", "2", 1)]
    other = [Account("aws", "2", 1), Account("gcp", "1", 1)]

    assert together([one, other], {("aws", "1")}) == [
        Account("aws", "2", 2, is_new=True),
        Account("gcp", "1", 1, is_new=True),
        Account("aws", "1", 5),
    ]


async def _rejected(bench: Bench, path: Path) -> str:
    """Submit 12 records of which the target rejects numbers 2, 5 and 7: the job that did."""
    records: list[dict[str, Any]] = list(findings(12))
    for at in (2, 5, 7):
        records[at]["resources"] = []
    path.write_bytes(as_array(records))
    job = await bench.send(path)
    async for tracked in bench.desk.watch("prowler", job.id, 30):
        if tracked.job.ended:
            assert tracked.job.summary.invalid == 3
    return job.id


async def test_failed_records_are_frozen_again_byte_for_byte(bench: Bench, path: Path) -> None:
    job_id = await _rejected(bench, path)
    content = path.read_bytes()
    path.unlink()

    plan = await bench.desk.prepare_again("prowler", job_id)

    sent = plan.batches[0].batch.path.read_bytes()
    assert json.loads(sent) == [json.loads(content)[at] for at in (2, 5, 7)]
    before = await bench.desk.job("prowler", job_id)
    assert (plan.records, plan.resend_of, plan.batches[0].source) == (3, before.submission, path)
    assert list(plan.refused) == [("prowler_resources_missing", 3)]
    assert "refused exactly this before: 3 records (3 × prowler_resources_missing)" in refused_words(plan)
    spans = [Spool(bench.state).origin(plan.submission, 1, at) for at in range(3)]
    assert [span.index for span in spans if span] == [2, 5, 7], "errors lead to the finding file again"


async def test_failed_records_are_sent_as_a_submission_of_their_own(bench: Bench, path: Path) -> None:
    plan = await bench.desk.prepare_again("prowler", await _rejected(bench, path))

    [(_, outcome)] = [one async for one in bench.desk.send(plan)]

    assert isinstance(outcome, Accepted)
    again = await bench.desk.submission(plan.submission)
    assert again.resend_of == plan.resend_of
    assert again.batches[0].records == 3


async def test_a_job_that_did_not_come_from_here_cannot_be_resent(bench: Bench, path: Path, tmp_path: Path) -> None:
    job_id = await _rejected(bench, path)
    stranger = make_desk(bench.sandbox, tmp_path / "elsewhere")

    with pytest.raises(BadInput, match="did not come from this console"):
        await stranger.prepare_again("prowler", job_id)

    await stranger.close()
    assert not list((tmp_path / "elsewhere").glob("spool/*"))


async def test_a_job_without_failed_records_leaves_nothing_to_resend(bench: Bench, path: Path) -> None:
    job = await bench.send(path)
    async for _ in bench.desk.watch("prowler", job.id, 30):
        pass

    with pytest.raises(BadInput, match="nothing to send again"):
        await bench.desk.prepare_again("prowler", job.id)


async def test_what_is_not_kept_any_more_cannot_be_resent(bench: Bench, path: Path) -> None:
    job_id = await _rejected(bench, path)
    for payload in bench.state.glob("spool/*/*.payload"):
        payload.unlink()

    with pytest.raises(BadInput, match="not kept any more"):
        await bench.desk.prepare_again("prowler", job_id)


def _with_errors(path: Path) -> None:
    """40 records: number 30 is refused by the target's own rules; 5 have one error by OCSF, 2 another, 1 both kinds."""
    records: list[dict[str, Any]] = list(findings(40))
    records[30].update(resources=[], severity_id=42)
    for number in (1, 6, 18, 27, 39):
        records[number]["severity_id"] = 42
    for number in (3, 20):
        del records[number]["metadata"]["product"]
    path.write_bytes(as_array(records))


@pytest.mark.parametrize("most", [0, 7])
async def test_a_plan_of_all_counts_what_is_invalid_by_ocsf_beside_what_the_targets_rules_refuse(
    bench: Bench, path: Path, most: int
) -> None:
    """Also where the file was first judged as a whole, and then went in parts."""
    _with_errors(path)

    plan = await _plan(bench, path, LimitsConfig(batch_records=most))

    assert (plan.records, plan.refusable_count, plan.left_out_count) == (40, 1, 0)
    assert list(plan.refusable) == [("prowler_resources_missing", 1)]
    assert list(plan.invalid) == [("attribute_enum_value_unknown", 5), ("attribute_required_missing", 2)]
    assert plan.invalid_count == 7
    assert invalid_words(plan).startswith("7 more records invalid by OCSF (5 × attribute_enum_value_unknown, 2 × ")
    assert at_stake(plan).endswith("7 more records invalid by OCSF may be rejected.")


@pytest.mark.parametrize("most", [0, 5])
async def test_a_plan_says_why_the_target_will_refuse_records_the_most_frequent_first(
    bench: Bench, path: Path, most: int
) -> None:
    """Each record counts for the first rule that it breaks; an element that is no record counts too."""
    records: list[dict[str, Any]] = list(findings(12))
    for number in (2, 7):
        records[number]["finding_info"] = 7
    for number in (3, 5, 11):
        records[number]["resources"] = []
    path.write_bytes(as_array(records) if most else b"[7," + as_array(records)[1:])

    plan = await _plan(bench, path, LimitsConfig(batch_records=most), Selection.ALL)

    no_record = [] if most else [("not_an_object", 1)]
    found = [("prowler_resources_missing", 3), ("prowler_finding_info_missing", 2), *no_record]
    assert (list(plan.refusable), plan.refusable_count) == (found, 5 + len(no_record))
    assert refusable_words(plan).startswith(
        f"By its own rules, prowler will refuse {5 + len(no_record)} records (3 × prowler_resources_missing, 2 × "
    )


async def test_only_what_goes_is_counted_as_invalid(bench: Bench, path: Path) -> None:
    _with_errors(path)

    some = await _plan(bench, path, LimitsConfig(), Selection.parse("severity_id=42 not resources=*"))
    others = await _plan(bench, path, LimitsConfig(), Selection.parse("not severity_id=42"))
    valid = await _plan(bench, path, LimitsConfig(), Selection.VALID)

    assert (some.records, some.refusable_count, some.invalid_count) == (1, 1, 0)
    assert (others.records, dict(others.invalid)) == (34, {"attribute_required_missing": 2})
    assert (valid.records, valid.left_out_count, valid.invalid_count, at_stake(valid)) == (32, 8, 0, "")


async def test_a_plan_counts_what_repeats_a_finding_and_why_records_are_left_out(bench: Bench, path: Path) -> None:
    records: list[dict[str, Any]] = list(findings(12))
    for number in (4, 9):
        records[number]["finding_info"]["uid"] = records[1]["finding_info"]["uid"]
    records[2]["severity_id"] = 42
    records[3]["finding_info"] = 7
    path.write_bytes(as_array(records))

    whole = await _plan(bench, path, LimitsConfig(batch_records=0), Selection.ALL)
    valid = await _plan(bench, path, LimitsConfig(batch_records=5), Selection.VALID)

    assert (whole.records, whole.repeated, list(whole.reasons)) == (12, 2, [])
    assert (valid.records, valid.repeated, sum(count for _, count in valid.reasons)) == (10, 2, 2)
    assert dict(valid.reasons) == {"attribute_enum_value_unknown": 1, "prowler_finding_info_missing": 1}
