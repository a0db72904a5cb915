"""Issues are counted as the pass that explains finds them, and records are sorted by these counts."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import pytest

from console.ocsf.issue_counts import IssueCounter, IssueCounts, IssueKeying
from console.ocsf.issues import Issue, Severity
from console.ocsf.run import Demands
from console.ocsf.store import SchemaStore
from console.ocsf.validator import Validator
from console.progress import Cancel
from console.records.model import Record
from console.records.reader import FindingFile
from console.records.sort_order import SortOrder
from console.records.sweep import sweep
from tests.ocsf.events import finding


@pytest.fixture(scope="module")
def validator() -> Validator:
    return Validator(SchemaStore(None))


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Clean records, some with a warning, some with errors, and one that is no JSON."""
    records = [json.dumps(finding()) for _ in range(100)]
    records[20] = json.dumps(finding(severity="Low", severity_id=5))
    records[30] = json.dumps(finding(severity_id=42))
    records[40] = json.dumps({**finding(severity_id=42), "time": "now"})
    records[50] = '{"broken": NaN}'
    path = tmp_path / "findings.json"
    path.write_text("[" + ",".join(records) + "]")
    return path


def test_counts_are_those_of_the_issues(path: Path, validator: Validator) -> None:
    counter = IssueCounter.by(validator)
    with FindingFile.open(path) as file:
        records = [piece for piece in file.records() if isinstance(piece, Record)]

    counted = [counter.counts(record) for record in records]

    assert counted == [IssueCounts.of(validator.check(record.raw)) for record in records]
    assert {place for place, counts in enumerate(counted) if counts.errors} == {30, 40, 50}
    assert counted[20].warnings
    assert not counted[20].errors


def odd(record: Record) -> Sequence[Issue]:
    """A rule of somebody else."""
    return [Issue(Severity.ERROR, "odd", "", "It is odd.")] if record.span.index % 2 else []


@pytest.mark.parametrize("ocsf", [True, False], ids=["too", "alone"])
def test_the_rules_of_others_count(path: Path, validator: Validator, ocsf: bool) -> None:
    demands = Demands(also=(odd,), ocsf=ocsf)
    counter, order = IssueCounter.by(validator, demands), SortOrder()
    with FindingFile.open(path) as file:
        records = [piece for piece in file.records() if isinstance(piece, Record)]
        for found in sweep(file, IssueKeying.by(validator, demands)):
            order.add(found)
    order.rank(Cancel())
    positions = order.positions(None, descending=True, cancel=Cancel())
    faulty = {record.span.index for record in records if counter.counts(record).errors}

    assert faulty == {*range(1, 100, 2), *({30, 40, 50} if ocsf else ())}
    assert {order.place(position)[0] for position in positions[: len(faulty)]} == faulty


def test_the_gravest_records_come_first(path: Path, validator: Validator) -> None:
    order = SortOrder()
    with FindingFile.open(path) as file:
        for found in sweep(file, IssueKeying.by(validator)):
            order.add(found)
    order.rank(Cancel())
    positions = order.positions(None, descending=True, cancel=Cancel())

    indexes = [order.place(position)[0] for position in positions]

    assert indexes[0] == 40
    assert set(indexes[1:3]) == {30, 50}
    assert indexes[3] == 20
    assert indexes[4:] == [index for index in range(100) if index not in (20, 30, 40, 50)]
