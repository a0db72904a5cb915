"""Records are put into the order that a list of their rows, sorted at once, would have."""

from __future__ import annotations

import json
import random
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from console.progress import Cancel, Cancelled
from console.records import sort_order
from console.records.decode import BadRecord, decode
from console.records.fields import SEVERITIES, Row
from console.records.model import Record
from console.records.reader import FindingFile
from console.records.rows import row_of
from console.records.sort_keys import Column, Keying
from console.records.sort_order import SortOrder, in_order
from console.records.sweep import sweep
from console.records.workers import Workers

_GRAVE_FIRST = ("Fatal", "Critical", "High", "Medium", "Low", "Informational")


def _order(path: Path, column: Column, workers: Workers | None = None) -> SortOrder:
    order = SortOrder()
    with FindingFile.open(path) as file:
        for found in sweep(file, Keying(column), workers):
            order.add(found)
    order.rank(Cancel())
    return order


def _indexes(order: SortOrder, *, descending: bool, records: Iterable[int] | None = None) -> list[int]:
    positions = order.positions(records, descending=descending, cancel=Cancel())
    return [order.place(position)[0] for position in positions]


def _row(raw: bytes) -> Row:
    try:
        return row_of(decode(raw))
    except BadRecord:
        return row_of({})


def _key(row: Row, column: Column) -> tuple[str, int] | None:
    """What a person would sort by."""
    match column:
        case Column.SEVERITY:
            grave = row.severity in _GRAVE_FIRST
            return ("", len(_GRAVE_FIRST) - _GRAVE_FIRST.index(row.severity) if grave else 0) if row.severity else None
        case Column.TIME:
            return ("", int(row.time.timestamp() * 1_000)) if row.time else None
        case _:
            text = getattr(row, column)
            return (text[:64].casefold(), 0) if text else None


def _sorted_at_once(path: Path, column: Column, *, descending: bool) -> list[int]:
    with FindingFile.open(path) as file:
        keys = [
            (piece.span.index, _key(_row(piece.raw), column)) for piece in file.records() if isinstance(piece, Record)
        ]
    known = [(index, key) for index, key in keys if key is not None]
    known.sort(key=lambda one: one[1], reverse=descending)
    return [index for index, _ in known] + [index for index, key in keys if key is None]


def _finding(number: int) -> dict[str, object]:
    """A finding in one of several formats, some of which lack what one sorts by."""
    chance = random.Random(number)
    severity_id = chance.choice([*SEVERITIES, 7, None])
    moment = 1_763_547_300_000 + chance.randrange(50) * 86_400_000
    if number % 5 == 0:
        when = datetime.fromtimestamp(moment / 1_000, UTC).isoformat()
        return {
            "SchemaVersion": "2018-10-08",
            "AwsAccountId": f"{chance.randrange(3):012}",
            "Title": f"Title {chance.randrange(9)}",
            "Severity": {"Label": chance.choice(["HIGH", "LOW", "CRITICAL"])},
            "Compliance": {"Status": "FAILED"},
            "UpdatedAt": when,
            "Resources": [{"Id": f"arn:{chance.randrange(99)}"}],
        }
    found: dict[str, object] = {
        "class_uid": 2004,
        "severity_id": severity_id,
        "status_code": chance.choice(["PASS", "fail", "Fail", ""]),
        "finding_info": {"title": chance.choice(["title 1", "Ärger", "zzz", "x" * 100])},
        "resources": [{"name": f"r-{chance.randrange(40)}"}],
        "cloud": {"account": {"uid": str(chance.randrange(4))}},
        "time": moment,
    }
    for key in chance.sample(sorted(found), chance.randrange(3)):
        found.pop(key)
    if number % 11 == 0:
        return {"events": [found, {"class_uid": 3002}]}
    return {"detection_findings": {**found}} if number % 13 == 0 else found


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Findings of all formats in lines, with broken places and records that are no JSON between them."""
    lines = [json.dumps(_finding(number)) for number in range(700)]
    lines[50] = '"no record"'
    lines[60] = '{"severity_id": NaN}'
    lines[70] = "{}"
    path = tmp_path_factory.mktemp("sort") / "mixed.jsonl"
    path.write_text("\n".join(lines))
    return path


@pytest.mark.parametrize("column", Column)
@pytest.mark.parametrize("descending", [False, True], ids=["up", "down"])
def test_records_of_all_formats_are_in_the_order_of_their_rows(path: Path, column: Column, descending: bool) -> None:
    assert _indexes(_order(path, column), descending=descending) == _sorted_at_once(path, column, descending=descending)


def test_places_lead_to_the_records(path: Path) -> None:
    order = _order(path, Column.TITLE)
    with FindingFile.open(path) as file:
        spans = [piece.span for piece in file.records() if isinstance(piece, Record)]
    assert [order.place(number) for number in range(len(order))] == [(s.index, s.offset, s.length) for s in spans]


def test_some_records_are_sorted_among_themselves(path: Path) -> None:
    order = _order(path, Column.RESOURCE)
    some = [index for index in range(700) if index % 3 == 0 and index not in (50,)]
    everything = _indexes(order, descending=True)
    assert _indexes(order, descending=True, records=some) == [index for index in everything if index in some]


def test_workers_find_the_same_keys(tmp_path: Path) -> None:
    path = tmp_path / "large.json"
    path.write_text(json.dumps([{**_finding(number), "unmapped": {"filler": "x" * 4_000}} for number in range(2_500)]))
    with Workers(2) as workers:
        shared = _indexes(_order(path, Column.RESOURCE, workers), descending=False)
    assert shared == _indexes(_order(path, Column.RESOURCE), descending=False)


@given(st.lists(st.text(max_size=4), unique=True), st.integers(2, 6))
def test_sorting_in_steps_is_sorting(keys: list[str], heap: int) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sort_order, "_HEAP", heap)
        assert list(in_order(keys, Cancel())) == sorted(keys)


def test_sorting_stops_when_asked(path: Path) -> None:
    order, cancel = _order(path, Column.TIME), Cancel()
    cancel.ask()
    with pytest.raises(Cancelled):
        order.positions(None, descending=False, cancel=cancel)
