"""Whole files through the validator."""

from __future__ import annotations

import gzip
import json
import os
from collections.abc import Callable, Mapping
from pathlib import Path
from random import Random
from typing import Final

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from console.ocsf.finding_uids import duplicate_uid
from console.ocsf.issues import Issue, LocatedIssue, Severity, Verdict
from console.ocsf.report import GroupKey, Report
from console.ocsf.rules import Policy, RuleSet
from console.ocsf.run import validate_file
from console.ocsf.validator import Validator
from console.progress import Cancel, Cancelled, Progress
from console.records.model import Fault, JsonValue
from console.records.reader import FindingFile
from tests.conftest import NewFolder
from tests.ocsf.damaged import damaged
from tests.ocsf.damaged import written as written_on_a_line
from tests.ocsf.events import STORE
from tests.ocsf.generated import Maker

Learn = Callable[[Mapping[str, JsonValue]], None]

FILES: Final = int(os.environ.get("FAST_PASS_EXAMPLES", "2"))
VALIDATOR: Final = Validator(STORE)
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
NEXT: Final = json.dumps(SOUND | {"finding_info": {"uid": "2", "title": "Another finding"}})
BAD_LINE: Final = json.dumps(SOUND | {"severity_id": 42, "zzz": 1, "finding_info": {"uid": "", "title": "None"}})


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
    report, found = validated(written(tmp_path, f"{LINE}\n{BAD_LINE}\n{NEXT}\n{BAD_LINE}\n"))
    second, fourth = len(LINE) + 1, len(LINE) + len(BAD_LINE) + len(NEXT) + 3
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
    report, found = validated(written(tmp_path, f"[{LINE},{NEXT},{LINE[:50]}"))
    assert (report.records, report.valid, report.errors) == (2, 2, 1)
    (one,) = found
    assert one.issue.code == "truncated"


def test_a_record_that_hides_a_broken_value_is_an_error_and_the_next_one_is_read(tmp_path: Path) -> None:
    report, found = validated(written(tmp_path, f"{LINE}\n" + '{"class_uid": 2004, "x": nul}\n' + f"{NEXT}\n"))
    assert report.valid == 2
    assert report.errors == 1
    assert (found[0].record, found[0].line) == (1, 2)


@pytest.mark.parametrize(
    "line", [LINE, BAD_LINE, "7" + " " * 200, "{junk" + " " * 200], ids=["sound", "with errors", "no object", "junk"]
)
def test_work_tells_how_far_it_is_and_stops_when_asked(tmp_path: Path, line: str) -> None:
    path = written(tmp_path, f"{LINE}\n" + f"{line}\n" * 8_000)
    cancel = Cancel()
    told: list[int] = []

    def tell(progress: Progress) -> None:
        assert (progress.total, progress.unit) == (path.stat().st_size, "bytes")
        told.append(progress.done)
        if progress.done > 500_000:
            cancel.ask()

    with FindingFile.open(path) as file, pytest.raises(Cancelled):
        validate_file(file, VALIDATOR, tell=tell, cancel=cancel)
    assert told[0] == 0
    assert 500_000 < told[-1] < 1_000_000


def test_a_real_prowler_file_has_no_error(sample: Path) -> None:
    report, _ = validated(sample)
    assert (report.records, report.valid, report.errors) == (1_000, 1_000, 0)
    assert (report.versions, report.classes) == ({"1.5.0": 1_000}, {"2004": 1_000})


# Against each record by itself


def reference(path: Path, validator: Validator) -> Report:
    """The report as it would be if every record were explained, one by one."""
    report = Report()
    first: dict[str, int] = {}
    with FindingFile.open(path) as file:
        for piece in file.records():
            if isinstance(piece, Fault):
                report.add_issue(Issue(Severity.ERROR, piece.code, "", piece.message), piece.index)
                continue
            index, verdict = piece.span.index, validator.examine(piece.raw)
            report.add_record(index, verdict)
            uid = verdict.finding_uid
            if uid and validator.policy.rules is RuleSet.FULL and first.setdefault(uid, index) != index:
                report.add_issue(duplicate_uid(first[uid]), index)
    return report


def assert_same_report(path: Path, validator: Validator) -> None:
    with FindingFile.open(path) as file:
        assert validate_file(file, validator) == reference(path, validator)


def some_lines(random: Random) -> list[bytes]:
    """Records of a few producers in runs, alternating, broken here and there, growing in shape."""
    lines: list[bytes] = []
    producers = [producer(random) for _ in range(random.choice((1, 2, 4)))]
    for _ in range(random.choice((4, 12))):
        chosen = random.sample(producers, min(len(producers), random.choice((1, 1, 2, 3))))
        for _ in range(random.choice((3, 20, 40))):
            lines.append(random.choice(random.choice(chosen)))
        if random.random() < 0.4:
            lines.append(random.choice((b"7", b"{", b"{}", b'{"events": []}', b"null", b'{"class_uid": 1}')))
    return lines


def producer(random: Random) -> list[bytes]:
    """The records that one producer writes: mostly sound ones, of a few kinds."""
    schema = STORE.get(random.choice(("1.1.0", "1.5.0", "1.8.0")))
    maker = Maker(schema, random)
    uid = random.choice(sorted(schema.classes))
    kinds = [maker.event(uid, maker.some_profiles()) for _ in range(random.choice((1, 3, 6)))]
    for number, kind in enumerate(kinds):
        if isinstance(info := kind.get("finding_info"), dict):
            info["uid"] = random.choice(("", "1", f"{uid}-{number}"))
    broken = [damaged(random.choice(kinds), maker, schema, random).replace(b"\n", b" ") for _ in range(3)]
    return [written_on_a_line(kind, random) for kind in kinds] * 5 + random.choice(([], broken, broken[:1]))


@pytest.mark.parametrize("policy", [Policy(), Policy(RuleSet.OFFICIAL), Policy(missing_recommended=True)])
@pytest.mark.parametrize("form", ["lines", "array", "pretty"])
@settings(deadline=None, max_examples=FILES)
@given(random=st.randoms(use_true_random=True))
def test_the_report_is_that_of_each_record_by_itself(
    new_folder: NewFolder, form: str, policy: Policy, random: Random
) -> None:
    lines = some_lines(random)
    path = new_folder() / "findings.json"
    if form == "pretty":
        lines = [pretty(line) for line in lines]
    joined = b"\n".join(lines) if form == "lines" else b"[" + b",\n".join(lines) + b"]\n"
    path.write_bytes(b"{}\n" + joined if form == "lines" else joined)
    assert_same_report(path, Validator(STORE, policy))


def pretty(line: bytes) -> bytes:
    """The same over several lines, if it is JSON."""
    try:
        return json.dumps(json.loads(line), indent=4, ensure_ascii=False).encode()
    except (ValueError, RecursionError):
        return line


def test_most_records_are_not_explained(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    explained = 0
    examine = Validator.examine

    def counted(self: Validator, raw: bytes, learn: Learn | None = None) -> Verdict:
        nonlocal explained
        explained += 1
        return examine(self, raw, learn)

    monkeypatch.setattr(Validator, "examine", counted)
    path = written(tmp_path, f"{LINE}\n" * 2_000)
    with FindingFile.open(path) as file:
        report = validate_file(file, VALIDATOR)
    assert (report.records, report.valid, report.warnings) == (2_000, 2_000, 1_999)
    assert explained < 1_000
