"""`submit --select EXPRESSION`: exactly what matches is sent, and what might not be meant is not."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from console.errors import BadInput
from console.records.query import BadQuery
from console.records.reader import FindingFile
from console.sandbox.samples import as_array, findings
from console.submissions.model import Picked, Selection
from console.targets.base import Accepted
from tests.submissions.conftest import Bench


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A finding file of 40 records, of which number 5 lacks what the target asks for."""
    records = list(findings(40))
    records[5]["resources"] = []
    path = tmp_path / "scan.ocsf.json"
    path.write_bytes(as_array(records))
    return path


async def test_exactly_the_records_that_match_are_sent_byte_for_byte(bench: Bench, path: Path) -> None:
    content = path.read_bytes()
    wanted = [one for one in json.loads(content) if one["severity_id"] >= 4]

    plan = await bench.desk.prepare([path], "prowler", Selection.parse("severity>=high"))
    (frozen,) = plan.batches
    sent = frozen.batch.path.read_bytes()
    [(_, outcome)] = [one async for one in bench.desk.send(plan)]

    assert isinstance(outcome, Accepted)
    assert json.loads(sent) == wanted
    assert 0 < len(wanted) < 40
    assert (plan.records, plan.not_selected, plan.left_out_count) == (len(wanted), 40 - len(wanted), 0)
    assert all(record in content for record in re.split(rb"(?<=\n\}),(?=\{)", sent[1:-1]))
    assert "only the records that match" in frozen.wrapped
    assert (await bench.desk.job("prowler", outcome.job.id)).job.summary.total == len(wanted)


async def test_an_expression_that_means_all_sends_all(bench: Bench, path: Path) -> None:
    plan = await bench.desk.prepare([path], "prowler", Selection.parse("severity=*"))

    assert (plan.records, plan.not_selected) == (40, 0)
    assert plan.refusable_count == 1


async def test_broken_places_are_left_out_and_named(bench: Bench, path: Path) -> None:
    good = path.read_bytes()[1:-1]
    path.write_bytes(b'[{"a":1e999},7,' + good + b',{"severity":')

    plan = await bench.desk.prepare([path], "prowler", Selection.parse("not nosuchthing"))

    assert plan.records == 40
    assert plan.left_out_count == 3
    assert [left.index for left in plan.left_out] == [0, 1, 42]


@pytest.mark.parametrize("selection", ["valid", "severity=*"])
@pytest.mark.parametrize("joint", [b"][", b" ", b",,", b",]["])
async def test_a_broken_place_that_takes_no_record_away_leaves_none_out(
    bench: Bench, path: Path, selection: str, joint: bytes
) -> None:
    good = as_array(list(findings(4)))[1:-1]
    path.write_bytes(b"[" + good + joint + good + b",")

    plan = await bench.desk.prepare([path], "prowler", Selection.parse(selection))

    assert (plan.records, plan.left_out_count) == (8, 0)
    with pytest.raises(BadInput, match="Nothing was sent"):
        await bench.desk.prepare([path], "prowler", Selection.ALL)


async def test_nothing_that_matches_is_an_error_that_quotes_the_expression(bench: Bench, path: Path) -> None:
    with pytest.raises(BadInput, match=r"none of 40 matches severity=fatal in .*scan\.ocsf\.json"):
        await bench.desk.prepare([path], "prowler", Selection.parse("severity=fatal"))

    assert not list(bench.state.glob("spool/*"))


async def test_what_is_not_decided_in_time_sends_nothing(bench: Bench, path: Path) -> None:
    records = list(findings(10))
    records[7]["message"] = "x" * 5_000
    path.write_bytes(as_array(records))

    with pytest.raises(BadInput, match="too long for record 7"):
        await bench.desk.prepare([path], "prowler", Selection.parse("message~/(x+x+)+y/ or nosuch=1"))

    assert not list(bench.state.glob("spool/*"))


@pytest.mark.parametrize("order", ["message~/(x+x+)+y/ severity>=high", "severity>=high message~/(x+x+)+y/"])
async def test_a_record_that_another_term_excludes_need_not_be_decided(bench: Bench, path: Path, order: str) -> None:
    records = list(findings(10))
    for number, one in enumerate(records):
        one.update(message="xxy", severity="High", severity_id=4)
        if number == 7:
            one.update(message="x" * 5_000, severity="Low", severity_id=2)
    path.write_bytes(as_array(records))

    plan = await bench.desk.prepare([path], "prowler", Selection.parse(order))

    assert (plan.records, plan.not_selected) == (9, 1)


@pytest.mark.parametrize("text", ["valdi", "al", "ALL", "Valid", "vaild", "  all ", "everything", "critical", "-valid"])
def test_a_word_that_may_be_a_misspelt_selection_is_refused(text: str) -> None:
    with pytest.raises(BadInput, match="quotes"):
        Selection.parse(text)


@pytest.mark.parametrize("text", ["valid severity=high", "all or x=1", "not (a valid)"])
def test_all_and_valid_are_no_part_of_an_expression(text: str) -> None:
    with pytest.raises(BadInput, match="part of an expression"):
        Selection.parse(text)


@pytest.mark.parametrize("text", ['"valdi"', '"valid"', "a b", "status=all", "-word", "/valid/"])
def test_what_is_plainly_an_expression_is_taken_for_one(text: str) -> None:
    assert Selection.parse(text).query is not None


def test_the_names_are_no_expressions() -> None:
    assert Selection.parse("all") == Selection.ALL
    assert Selection.parse("valid") == Selection.VALID
    with pytest.raises(BadQuery):
        Selection.parse("")


def picked(path: Path, *indexes: int) -> Selection:
    """The records of these indexes, of the file as it is now."""
    with FindingFile.open(path) as file:
        return Selection(f"{len(indexes)} picked", picked=Picked(frozenset(indexes), file.identity))


async def test_exactly_the_records_that_were_picked_are_sent(bench: Bench, path: Path) -> None:
    whole = json.loads(path.read_bytes())
    broken = b'[7,{"a":1e999},' + path.read_bytes()[1:-1] + b',{"severity":'
    path.write_bytes(broken)

    plan = await bench.desk.prepare([path], "prowler", picked(path, 0, 2, 41))

    assert json.loads(plan.batches[0].batch.path.read_bytes()) == [whole[0], whole[39]]
    assert (plan.records, plan.not_selected, plan.selected) == (2, 39, "3 picked")
    assert [left.index for left in plan.left_out] == [0], "what is broken elsewhere was not picked"
    assert list(plan.reasons) == [("not_an_object", 1)]
    assert "only the records that were picked" in plan.batches[0].wrapped


async def test_nothing_is_picked_from_a_file_that_was_changed_since(bench: Bench, path: Path) -> None:
    selection = picked(path, 1)
    path.write_bytes(as_array(list(findings(3))))

    with pytest.raises(BadInput, match="was changed or replaced since its records were picked"):
        await bench.desk.prepare([path], "prowler", selection)
    assert not list(bench.state.glob("spool/*"))
