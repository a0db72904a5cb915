"""Whole files through the validator."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Final

import pytest

from console.ocsf.issues import LocatedIssue, Severity
from console.ocsf.report import GroupKey, Report
from console.ocsf.run import validate_file
from console.ocsf.store import SchemaStore
from console.ocsf.validator import Validator
from console.progress import Cancel, Cancelled, Progress
from console.records.reader import FindingFile

VALIDATOR: Final = Validator(SchemaStore(None))
SOUND: Final = {
    "class_uid": 2004,
    "category_uid": 2,
    "activity_id": 1,
    "type_uid": 200401,
    "severity_id": 1,
    "time": 1_700_000_000_000,
    "metadata": {"version": "1.5.0", "product": {"name": "Probe"}},
    "finding_info": {"uid": "1", "title": "A finding"},
}
LINE: Final = json.dumps(SOUND)
BAD_LINE: Final = json.dumps(SOUND | {"severity_id": 42, "zzz": 1})


def validated(path: Path) -> tuple[Report, list[LocatedIssue]]:
    found: list[LocatedIssue] = []
    with FindingFile.open(path) as file:
        report = validate_file(file, VALIDATOR, on_issue=found.append)
    return report, found


def written(folder: Path, content: str) -> Path:
    path = folder / "findings.json"
    path.write_text(content)
    return path


def test_issues_come_in_the_order_of_the_file_with_their_place(tmp_path: Path) -> None:
    report, found = validated(written(tmp_path, f"{LINE}\n{BAD_LINE}\n{LINE}\n{BAD_LINE}\n"))
    second, fourth = len(LINE) + 1, 2 * len(LINE) + len(BAD_LINE) + 3
    assert [(one.record, one.offset, one.line, one.issue.path) for one in found] == [
        (1, second, 2, "severity_id"),
        (1, second, 2, "zzz"),
        (3, fourth, 4, "severity_id"),
        (3, fourth, 4, "zzz"),
    ]
    assert (report.records, report.valid, report.invalid, report.errors) == (4, 2, 2, 4)
    assert report.groups[GroupKey("attribute_unknown", Severity.ERROR, "zzz")].first_record == 1


@pytest.mark.parametrize("packed", [False, True], ids=["plain", "gzip"])
def test_an_array_gives_the_same_report_packed_or_not(tmp_path: Path, packed: bool) -> None:
    path = written(tmp_path, f"[{LINE},\n{BAD_LINE}]")
    if packed:
        path.write_bytes(gzip.compress(path.read_bytes()))
    report, _ = validated(path)
    assert (report.records, report.invalid) == (2, 1)
    assert (report.versions, report.classes) == ({"1.5.0": 2}, {"2004": 2})


def test_what_is_whole_around_a_broken_place_is_validated(tmp_path: Path) -> None:
    report, found = validated(written(tmp_path, f"{LINE}\n7\n{BAD_LINE}\n"))
    assert (report.records, report.valid, report.invalid, report.errors) == (2, 1, 1, 3)
    assert (found[0].record, found[0].line, found[0].issue.severity) == (1, 2, Severity.ERROR)
    assert found[0].issue.code == "not_an_object"
    assert {one.record for one in found[1:]} == {2}


def test_a_truncated_file_yields_what_is_whole_and_one_error(tmp_path: Path) -> None:
    report, found = validated(written(tmp_path, f"[{LINE},{LINE},{LINE[:50]}"))
    assert (report.records, report.valid, report.errors) == (2, 2, 1)
    (one,) = found
    assert one.issue.code == "truncated"


def test_a_record_that_hides_a_broken_value_is_an_error_and_the_next_one_is_read(tmp_path: Path) -> None:
    report, found = validated(written(tmp_path, f"{LINE}\n" + '{"class_uid": 2004, "x": nul}\n' + f"{LINE}\n"))
    assert report.valid == 2
    assert report.errors == 1
    assert (found[0].record, found[0].line) == (1, 2)


@pytest.mark.parametrize("line", [LINE, "7", "{junk"], ids=["sound", "no object", "junk"])
def test_work_tells_how_far_it_is_and_stops_when_asked(tmp_path: Path, line: str) -> None:
    path = written(tmp_path, f"{LINE}\n" + f"{line}\n" * 1_200)
    cancel = Cancel()
    told: list[Progress] = []

    def tell(progress: Progress) -> None:
        told.append(progress)
        cancel.ask()

    with FindingFile.open(path) as file, pytest.raises(Cancelled):
        validate_file(file, VALIDATOR, tell=tell, cancel=cancel)
    assert [progress.done for progress in told] == [500]


def test_a_real_prowler_file_has_no_error(sample: Path) -> None:
    report, _ = validated(sample)
    assert (report.records, report.valid, report.errors) == (1_000, 1_000, 0)
    assert (report.versions, report.classes) == ({"1.5.0": 1_000}, {"2004": 1_000})
