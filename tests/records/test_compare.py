"""Two scans compared: what is new, gone and changed, whatever shape and state the files are in."""

from __future__ import annotations

import gzip
import json
import os
import tempfile
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from console.errors import StateError, UnreadableFile
from console.limits import DEFAULT_LIMITS, Limits
from console.progress import Cancel, Cancelled, Progress
from console.records import bounded
from console.records.compare.compare import Comparison, Difference, compare
from console.records.compare.scan import ScanLook, Standing
from console.records.compare.store import Kind, PairStore, Side
from console.records.compare.trend import Change, Trend
from console.records.reader import FindingFile
from console.records.sweep import PART_BYTES, sweep
from console.records.workers import Workers
from tests.examples import examples

Finding = dict[str, Any]
Write = Callable[[Sequence[Finding]], bytes]

_WRITERS: dict[str, Write] = {
    "array": lambda records: json.dumps(records).encode(),
    "pretty": lambda records: json.dumps(records, indent=4, ensure_ascii=False).encode(),
    "lines": lambda records: "".join(json.dumps(record) + "\n" for record in records).encode(),
    "crlf": lambda records: b"\r\n \r\n".join(json.dumps(record).encode() for record in records) + b"\r\n",
    "gzip": lambda records: gzip.compress(json.dumps(records).encode()),
}


def finding(uid: object, status_code: object = "PASS", **more: object) -> Finding:
    return {"finding_info": {"uid": uid, "title": f"title of {uid}"}, "status_code": status_code, **more}


@contextmanager
def comparing(
    old: bytes | Sequence[Finding], new: bytes | Sequence[Finding], limits: Limits = DEFAULT_LIMITS
) -> Iterator[Comparison]:
    with tempfile.TemporaryDirectory() as folder:
        paths = [Path(folder) / name for name in ("old", "new")]
        for path, content in zip(paths, (old, new), strict=True):
            path.write_bytes(content if isinstance(content, bytes) else _WRITERS["array"](content))
        with (
            FindingFile.open(paths[0], limits) as one,
            FindingFile.open(paths[1], limits) as other,
            compare(one, other) as comparison,
        ):
            yield comparison


def listed(comparison: Comparison) -> dict[Kind, set[tuple[int, int | None]]]:
    """The records of each kind: that of the entry, and that of how it was before."""
    return {
        kind: {(one.entry.record, one.before.record if one.before else None) for one in comparison.differences(kind)}
        for kind in Kind
    }


def _text(value: object) -> str:
    if value is None or isinstance(value, (dict, list)):
        return ""
    return value if isinstance(value, str) else json.dumps(value)


def _known(record: Finding) -> tuple[str, tuple[str, str, str]]:
    """Who a finding is and how it stands, said naively."""

    def under(name: str, key: str) -> str:
        inner = record.get(name)
        return _text(inner.get(key)) if isinstance(inner, dict) else ""

    captions = {4: "High", 99: "Other", 7: "Unknown (7)"}
    severity = _text(record.get("severity")) or captions.get(record.get("severity_id", 0), "")
    verdict = _text(record.get("status_code")) or under("compliance", "status")
    return under("finding_info", "uid") or under("finding", "uid"), (verdict, _text(record.get("status")), severity)


def _naive(old: Sequence[Finding], new: Sequence[Finding]) -> tuple[int, dict[Kind, set[tuple[int, int | None]]]]:
    """How many are unchanged, and the records of the others, by dictionaries."""
    scans: list[dict[str, list[tuple[int, tuple[str, str, str]]]]] = []
    for records in (old, new):
        by_uid = defaultdict(list)
        for index, record in enumerate(records):
            uid, state = _known(record)
            if uid:
                by_uid[uid].append((index, state))
        scans.append(by_uid)
    unchanged = 0
    found: dict[Kind, set[tuple[int, int | None]]] = {kind: set() for kind in Kind}
    for uid in scans[0].keys() | scans[1].keys():
        sides = [scan.get(uid, []) for scan in scans]
        alike = Counter(state for _, state in sides[0]) & Counter(state for _, state in sides[1])
        unchanged += alike.total()
        left = []
        for side in sides:
            spare, rest = Counter(alike), []
            for index, state in side:
                if spare[state]:
                    spare[state] -= 1
                else:
                    rest.append(index)
            left.append(rest)
        both = min(map(len, left))
        found[Kind.CHANGED] |= set(zip(left[1][:both], left[0][:both], strict=True))
        found[Kind.GONE] |= {(index, None) for index in left[0][both:]}
        found[Kind.NEW] |= {(index, None) for index in left[1][both:]}
    return unchanged, found


_uids = st.sampled_from(["a", "b", "c", "\x00", "é\u2028{", 'x"},{"finding_info', "", None, 5, True, ["a"]])
_words = st.sampled_from(["PASS", "FAIL", "", None, 1, {"a": "b"}, "long " * 30, "long " * 30 + "!"])
_findings = st.fixed_dictionaries(
    {},
    optional={
        "finding_info": st.fixed_dictionaries({}, optional={"uid": _uids}) | st.sampled_from([None, "a", 7]),
        "finding": st.fixed_dictionaries({"uid": _uids}),
        "status_code": _words,
        "status": st.sampled_from(["New", "Suppressed"]),
        "compliance": st.fixed_dictionaries({"status": _words}),
        "severity": st.sampled_from(["Low", ""]),
        "severity_id": st.sampled_from([4, 7, 99]),
        "unmapped": st.sampled_from([{}, {"finding_info": {"uid": "z"}}, "é"]),
    },
)
_plain = st.builds(finding, st.sampled_from("abcd"), st.sampled_from(["PASS", "FAIL"]))
_scans = st.lists(_plain | _findings, min_size=1, max_size=10) | st.lists(_plain, min_size=1, max_size=10)


@settings(max_examples=examples(150), deadline=None)
@given(_scans, _scans, st.sampled_from(sorted(_WRITERS)), st.sampled_from(sorted(_WRITERS)))
def test_any_two_scans_are_compared_as_by_dictionaries(
    old: list[Finding], new: list[Finding], one: str, other: str
) -> None:
    with comparing(_WRITERS[one](old), _WRITERS[other](new)) as comparison:
        totals, found = comparison.totals, listed(comparison)
        unchanged, expected = _naive(old, new)
        assert found == expected
        assert totals.unchanged == unchanged
        assert (totals.new, totals.gone, totals.changed) == tuple(
            len(expected[kind]) for kind in (Kind.NEW, Kind.GONE, Kind.CHANGED)
        )
        for side, records in ((Side.OLD, old), (Side.NEW, new)):
            uids = [uid for uid, _ in map(_known, records)]
            scan = comparison.scans[side]
            assert scan.records == len(records)
            assert scan.without_uid == uids.count("")
            assert scan.repeated == len([uid for uid in uids if uid]) - len({uid for uid in uids if uid})
            assert scan.complete


@settings(max_examples=examples(100), deadline=None)
@given(_scans, st.sampled_from(sorted(_WRITERS)))
def test_records_are_found_where_they_are_many_at_once_or_one_by_one(records: list[Finding], shape: str) -> None:
    content = _WRITERS[shape](records)
    unpacked = gzip.decompress(content) if shape == "gzip" else content
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "a"
        path.write_bytes(content)
        with FindingFile.open(path) as file:
            swept = [row for found in sweep(file, ScanLook()) for row in found.result.standings(found.index)]
            alone = ScanLook().finder(file.reading())
            for piece in file.records():
                alone.add(piece)
    assert swept == list(alone.result().standings())
    for row in swept:
        assert json.loads(unpacked[row.offset : row.offset + row.length]) == records[row.record]
    assert [row.record for row in swept] == [index for index, one in enumerate(records) if _known(one)[0]]


def test_the_real_scan_against_itself_is_unchanged(sample: Path) -> None:
    with FindingFile.open(sample) as old, FindingFile.open(sample) as new, compare(old, new) as comparison:
        totals = comparison.totals
        assert (totals.unchanged, totals.new, totals.gone, totals.changed) == (1000, 0, 0, 0)
        assert not comparison.changes
        assert not comparison.warnings()


def test_the_real_scan_after_some_changes(sample: Path) -> None:
    before = json.loads(sample.read_bytes())
    after = json.loads(sample.read_bytes())
    failing = [index for index, one in enumerate(after) if one["status_code"] == "FAIL"]
    after[failing[0]]["status_code"] = "PASS"
    after[failing[1]]["severity"] = "Fatal"
    del after[failing[2]]
    with comparing(before, _WRITERS["lines"](after)) as comparison:
        assert (comparison.totals.changed, comparison.totals.gone, comparison.totals.unchanged) == (2, 1, 997)
        severe, fixed = comparison.differences(Kind.CHANGED)
        (gone,) = comparison.differences(Kind.GONE)
    assert fixed.trend is Trend.FIXED
    assert fixed.changes == (Change("status_code", "FAIL", "PASS"),)
    assert severe.entry.state.severity == "Fatal"
    was = before[failing[2]]
    assert (gone.entry.uid, gone.entry.title) == (was["finding_info"]["uid"], was["finding_info"]["title"])
    assert gone.entry.resource == was["resources"][0]["name"]
    assert gone.entry.record == failing[2]


def test_a_repeated_finding_written_in_another_order_is_unchanged() -> None:
    old = [finding("a", "PASS"), finding("a", "FAIL"), finding("a", "MANUAL")]
    with comparing(old, old[::-1]) as comparison:
        assert comparison.totals.unchanged == 3
        assert comparison.scans[Side.OLD].repeated == 2
        assert "2 records that name the same finding" in comparison.warnings()[0]


@pytest.mark.parametrize(
    ("old", "new", "trend"),
    [
        (("PASS", "New"), ("FAIL", "New"), Trend.WORSE),
        (("MANUAL", "New"), ("fail", "New"), Trend.WORSE),
        (("FAIL", "Suppressed"), ("FAIL", "New"), Trend.WORSE),
        (("PASS", "New"), ("FAIL", "Suppressed"), Trend.OTHER),
        (("FAIL", "New"), ("FAIL", "Suppressed"), Trend.OTHER),
        (("FAIL", "New"), ("PASS", "New"), Trend.FIXED),
        (("FAIL", "Suppressed"), ("PASS", "New"), Trend.FIXED),
        (("FAIL", "New"), ("MANUAL", "New"), Trend.OTHER),
        (("FAIL", "New"), ("FAIL", "In Progress"), Trend.OTHER),
    ],
)
def test_a_change_is_worse_or_fixed_by_the_verdict_and_whether_it_is_muted(
    old: tuple[str, str], new: tuple[str, str], trend: Trend
) -> None:
    before, after = ([finding("a", code, status=status)] for code, status in (old, new))
    with comparing(before, after) as comparison:
        (one,) = comparison.differences(Kind.CHANGED)
        assert one.trend is trend
        assert (comparison.totals.worse, comparison.totals.fixed) == (trend is Trend.WORSE, trend is Trend.FIXED)


def test_what_got_worse_comes_first_and_then_what_is_more_severe() -> None:
    codes = {"fixed": "FAIL PASS", "mild": "PASS FAIL", "same": "PASS PASS", "bad": "PASS FAIL"}
    severities = {"fixed": "Critical", "mild": "Low", "same": "High", "bad": "Critical"}
    old, new = (
        [
            finding(uid, both.split()[at], severity=severities[uid] if at else "High", status=f"{at}")
            for uid, both in codes.items()
        ]
        for at in (0, 1)
    )
    with comparing(old, new) as comparison:
        assert [one.entry.uid for one in comparison.differences(Kind.CHANGED)] == ["bad", "mild", "same", "fixed"]


def test_what_is_new_lists_the_failing_first() -> None:
    new = [finding("passing", severity="Critical"), finding("low", "FAIL", severity="Low"), finding("b", "FAIL")]
    with comparing([finding("z")], new) as comparison:
        assert [one.entry.uid for one in comparison.differences(Kind.NEW)] == ["low", "b", "passing"]
        assert (comparison.totals.new, comparison.totals.new_failing) == (3, 2)
        assert (comparison.totals.gone, comparison.totals.gone_failing) == (1, 0)
        assert "no finding in common" in comparison.warnings()[0]


def test_a_verdict_that_stands_under_compliance_is_compared() -> None:
    old, new = (
        [{"finding_info": {"uid": "a"}, "compliance": {"status": verdict}, "status": "New"}]
        for verdict in ("Pass", "Fail")
    )
    with comparing(old, new) as comparison:
        assert comparison.changes == {Change("status_code", "Pass", "Fail"): 1}
        assert comparison.totals.worse == 1


def test_texts_that_differ_only_far_behind_their_start_differ() -> None:
    with comparing([finding("a", "x" * 5_000 + "1")], [finding("a", "x" * 5_000 + "2")]) as comparison:
        (one,) = comparison.differences(Kind.CHANGED)
        assert one.changes == (Change("status_code", "x" * 5_000 + "1", "x" * 5_000 + "2"),)
        assert max(len(change.new) for change in comparison.changes) < 100


@pytest.mark.parametrize("uid", ["nul \x00 a", "\x00", "u" * 1_000_000, "\u202e\x1b[2J", "😀"])
def test_any_text_is_an_identifier(uid: str) -> None:
    with comparing([finding(uid), finding(uid + "2")], [finding(uid, "FAIL")]) as comparison:
        (changed,) = comparison.differences(Kind.CHANGED)
        (gone,) = comparison.differences(Kind.GONE)
    assert (changed.entry.uid, gone.entry.uid) == (uid, uid + "2")


def test_a_broken_old_file_makes_new_findings_doubtful_and_says_so() -> None:
    records = [finding(uid) for uid in "abc"]
    whole = _WRITERS["array"](records)
    with comparing(whole[: whole.rindex(b"{")] + b'{"finding_info":', whole) as comparison:
        old = comparison.scans[Side.OLD]
        assert (old.complete, old.fault_count, comparison.scans[Side.NEW].complete) == (False, 1, True)
        assert [fault.code for fault in old.faults] == ["truncated"]
        assert comparison.totals.new == 1
        assert "The old file is broken in 1 place" in comparison.warnings()[0]


@pytest.mark.parametrize("at", [0, 1, 2])
@pytest.mark.parametrize(
    ("bad", "code"),
    [
        (b'{"finding_info":{"uid":"b\\ud800"}}', "lone_surrogate"),
        (b'{"finding_info":{"uid":"b"},"message":"\xff"}', "invalid_utf8"),
        (b'{"finding_info":{"uid":"b"},"time":NaN}', "not_finite"),
    ],
)
def test_a_record_that_cannot_be_decoded_is_told_wherever_it_stands(bad: bytes, code: str, at: int) -> None:
    records = [b'{"finding_info":{"uid":"a"}}', b'{"finding_info":{"uid":"c"}}']
    records.insert(at, bad)
    with comparing([finding(uid, "") for uid in "abc"], b"[" + b",".join(records) + b"]") as comparison:
        scan = comparison.scans[Side.NEW]
        assert (scan.records, scan.complete) == (3, False)
        assert [(fault.code, fault.index) for fault in scan.faults] == [(code, at)]
        assert (comparison.totals.gone, comparison.totals.unchanged) == (1, 2)


def test_an_appended_run_loses_nothing() -> None:
    one, two = (_WRITERS["array"]([finding(uid)]) for uid in "ab")
    with comparing(one + two, [finding("a"), finding("b")]) as comparison:
        scan = comparison.scans[Side.OLD]
        assert (scan.records, scan.complete, scan.fault_count) == (2, True, 1)
        assert comparison.files[Side.OLD].format == "concatenated"


@pytest.mark.parametrize(
    ("content", "code", "complete"),
    [
        (b"[%b,%b]", "", True),
        (b"[%b %b]", "missing_comma", True),
        (b"[%b,%b,]", "trailing_comma", True),
        (b"[%b,,%b]", "extra_comma", True),
        (b"[%b,%b", "not_closed", False),
    ],
)
def test_what_stands_between_records_takes_none_away_but_an_end_that_is_missing_may(
    content: bytes, code: str, complete: bool
) -> None:
    records = [json.dumps(finding(uid)).encode() for uid in "ab"]
    with comparing(content % tuple(records), [finding("a"), finding("b")]) as comparison:
        scan = comparison.scans[Side.OLD]
        assert [fault.code for fault in scan.faults] == ([code] if code else [])
        assert (scan.records, scan.complete) == (2, complete)
        assert bool(comparison.warnings()) is not complete


def test_a_finding_over_a_limit_is_still_known_and_listed() -> None:
    deep: object = 1
    for _ in range(20):
        deep = [deep]
    new = [finding("a"), finding("b", "FAIL", unmapped=deep)]
    with comparing([finding("a")], new, Limits(depth=10)) as comparison:
        (one,) = comparison.differences(Kind.NEW)
    assert (one.entry.uid, one.entry.state.status_code, one.entry.title) == ("b", "FAIL", "")


def test_records_without_identifier_are_counted_and_told() -> None:
    with comparing([{"message": "x"}, finding("a")], [finding("a")]) as comparison:
        assert comparison.scans[Side.OLD].without_uid == 1
        assert "1 of 2 records that name no finding" in comparison.warnings()[0]


def test_different_changes_without_end_are_not_all_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bounded, "DISTINCT_KEPT", 2)
    old, new = ([finding(number, f"{word} {number % 5}") for number in range(50)] for word in ("was", "is"))
    with comparing(old, new) as comparison:
        changes = dict(comparison.changes)
        assert changes.pop(Change("status_code", "(others)", "(others)")) == 30
        assert list(changes.values()) == [10, 10]


@pytest.mark.parametrize("instead", [finding("c"), finding("b", "FAIL")], ids=["other uid", "same uid"])
def test_a_file_that_is_overwritten_before_it_is_listed_is_refused(tmp_path: Path, instead: Finding) -> None:
    old, new = tmp_path / "old", tmp_path / "new"
    old.write_bytes(_WRITERS["array"]([finding("a")]))
    new.write_bytes(_WRITERS["array"]([finding("b")]))
    with FindingFile.open(old) as one, FindingFile.open(new) as other, compare(one, other) as comparison:
        new.write_bytes(_WRITERS["array"]([instead]))
        os.utime(new, ns=(1, 1))  # The clock of a file system may be too coarse to tell two writes apart.
        with pytest.raises(UnreadableFile, match="was changed"):
            list(comparison.differences(Kind.NEW))


def test_a_record_that_was_overwritten_without_a_trace_is_not_taken_for_another(tmp_path: Path) -> None:
    old, new = tmp_path / "old", tmp_path / "new"
    old.write_bytes(_WRITERS["array"]([finding("a")]))
    new.write_bytes(_WRITERS["array"]([finding("b")]))
    os.utime(new, ns=(1, 1))
    with FindingFile.open(old) as one, FindingFile.open(new) as other, compare(one, other) as comparison:
        new.write_bytes(_WRITERS["array"]([finding("c")]))
        os.utime(new, ns=(1, 1))
        with pytest.raises(UnreadableFile, match="another record 0"):
            list(comparison.differences(Kind.NEW))


def test_a_full_disk_is_told_in_our_words() -> None:
    store = PairStore()
    store._database.execute("PRAGMA max_page_count = 16")
    rows = [Standing(os.urandom(16), "PASS", "New", "Low", number, 0, 1) for number in range(5_000)]
    with pytest.raises(StateError, match="full") as failed:
        store.add(Side.OLD, rows)
    assert "TMPDIR" in failed.value.hint
    store.close()


def test_progress_is_told_for_both_files_and_a_wish_to_stop_is_heard(tmp_path: Path) -> None:
    path = tmp_path / "a"
    path.write_bytes(_WRITERS["array"]([finding(number) for number in range(50)]))
    told: list[Progress] = []
    cancel = Cancel()
    with FindingFile.open(path) as file:
        compare(file, file, tell=told.append, cancel=cancel).close()
        cancel.ask()
        with pytest.raises(Cancelled):
            compare(file, file, cancel=cancel)
    assert [one.message for one in told] == ["Reading the old file", "Reading the new file", "Comparing"]
    assert {one.done for one in told[:2]} == {path.stat().st_size}


@pytest.mark.parametrize("broken", [False, True])
def test_several_processes_find_what_one_finds(tmp_path: Path, *, broken: bool) -> None:
    padding = "x" * 4_000
    paths = tmp_path / "old", tmp_path / "new"
    for path, code in zip(paths, ("PASS", "FAIL"), strict=True):
        records = [finding(number, code if number % 7 == 0 else "PASS", desc=padding) for number in range(2_500)]
        content = _WRITERS["array"](records[: 2_400 if code == "PASS" else None])
        path.write_bytes(content.replace(b'"uid": 1500,', b'"uid": 1500;') if broken else content)
        assert path.stat().st_size > 2 * PART_BYTES

    def found(workers: Workers | None) -> tuple[object, ...]:
        with (
            FindingFile.open(paths[0]) as old,
            FindingFile.open(paths[1]) as new,
            compare(old, new, workers) as comparison,
        ):
            differences: list[Difference] = [one for kind in Kind for one in comparison.differences(kind)]
            return comparison.totals, comparison.scans, comparison.changes, differences

    with Workers(2) as workers:
        together = found(workers)
    assert together == found(None)
