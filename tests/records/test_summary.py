"""What a file holds, counted in one pass."""

from __future__ import annotations

import gzip
import hashlib
import json
import os
import threading
import tracemalloc
from array import array
from datetime import UTC, datetime
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from console.errors import UnreadableFile
from console.progress import Cancel, Cancelled, Progress
from console.records import bounded, sweep, uids
from console.records.model import Compression, Fault, Format, Record
from console.records.reader import FindingFile
from console.records.summary import usual
from console.records.summary.look import Counting
from console.records.summary.summarise import AccountCount, Summary, summarise
from console.records.uids import Repeats, marks_of
from console.records.workers import Workers
from tests.examples import examples

_PATHS = (
    ("class_uid",), ("severity",), ("severity_id",), ("status_code",), ("time",), ("metadata",), ("message",),
    ("metadata", "version"), ("metadata", "product"), ("metadata", "product", "name"), ("cloud",),
    ("metadata", "product", "version"), ("cloud", "provider"), ("cloud", "account"), ("cloud", "account", "uid"),
    ("unmapped",), ("unmapped", "provider"), ("unmapped", "provider_uid"), ("finding_info",), ("finding_info", "uid"),
    ("finding",), ("finding", "uid"),
)  # fmt: skip
_OBJECTS = {"metadata", "product", "cloud", "account", "unmapped", "finding_info", "finding"}
_NAMES = {path[-1] for path in _PATHS} - _OBJECTS - {"class_uid", "severity_id", "time"}
_TEXTS = ("null", '""', '" "', '"a"', '"b"', '"\\ud83d\\ude00"', '"é"', '"x\\"}],{["', '"2004"', f'"{"long" * 100}"')
_USUAL: dict[tuple[str, ...], tuple[str, ...]] = {
    **dict.fromkeys([path for path in _PATHS if path[-1] in _NAMES], _TEXTS),
    ("class_uid",): ("null", "2004", "5", '"2004"', '""', "9" * 30),
    ("severity_id",): ("null", "0", "5", "77", "-1"),
    ("time",): ("null", "0", "-0.0", "1e3", "1770273520", "1770273520000.5", "1" + "0" * 17, "-1e-999"),
    **dict.fromkeys([path for path in _PATHS if path[-1] in _OBJECTS], ("null", "{}", '{"x":[{}]}')),
}
"""Values of the types that OCSF has at each place, and null."""
_ODD = (
    *("2004", "2004.0", '"2004"', "true", "null", "[]", "{}", '["x"]', '{"uid":"x"}', '""', '"a"', "-0", "5.0", "1e3"),
    *("1e999", "9" * 30, "9" * 500 + ".5", "9" * 4500, "NaN", "Infinity", '"\\ud800"', '{"uid":{"uid":1}}', "x"),
    *("[" * 70 + "]" * 70, '{"a":' * 70 + "1" + "}" * 70),
)
"""Values that are of the wrong type in most places, and texts that are no JSON."""


def _usual(number: int) -> dict[str, object]:
    return {
        "message": f"m{number}",
        "metadata": {"version": "1.5.0", "product": {"name": "Prowler", "version": "5.46.0"}},
        "severity": "High",
        "severity_id": 4,
        "status_code": "FAIL",
        "class_uid": 2004,
        "cloud": {"provider": "aws", "account": {"uid": str(number % 2)}},
        "unmapped": {"provider": "aws", "provider_uid": "1"},
        "finding_info": {"uid": str(number % 7)},
        "finding": {"uid": "old"},
        "time": 1770273520 + number,
    }


def _record(number: int, changes: list[tuple[tuple[str, ...], str]]) -> str:
    """A usual record with JSON texts in place of some values."""
    record = _usual(number)
    texts: dict[str, str] = {}
    for path, text in changes:
        inner: object = record
        for key in path[:-1]:
            inner = inner.get(key) if isinstance(inner, dict) else None
        if isinstance(inner, dict):
            place = f"@{len(texts)}@"
            inner[path[-1]] = place
            texts[f'"{place}"'] = text
    written = json.dumps(record)
    for place, text in texts.items():
        written = written.replace(place, text)
    return written


_usual_changes = st.sampled_from([(path, text) for path, texts in _USUAL.items() for text in texts])
_odd_changes = st.tuples(st.sampled_from(_PATHS), st.sampled_from(_ODD))
_usual_records = st.builds(_record, st.integers(0, 9), st.lists(_usual_changes, max_size=6))
_odd_records = st.builds(_record, st.integers(0, 9), st.lists(_odd_changes, min_size=1, max_size=2))


def _written(records: list[str], joint: str) -> bytes:
    # The first one tells a reader how the others start.
    text = joint.join([_record(0, []), *records])
    return f"[{text}]".encode() if "," in joint else text.encode()


_contents = st.builds(
    _written,
    st.lists(_usual_records, max_size=6) | st.lists(_usual_records | _odd_records, max_size=6),
    st.sampled_from([",", ",\n", "\n"]),
)
"""Arrays and lines, about half of them of records that may be counted many at once."""


def _summary(path: Path, data: bytes) -> Summary:
    path.write_bytes(data)
    with FindingFile.open(path) as file:
        return summarise(file)


def test_the_real_file_is_counted(sample: Path) -> None:
    with FindingFile.open(sample) as file:
        found = summarise(file)
    records = json.loads(sample.read_bytes())
    assert found.path == sample
    assert (found.format, found.compression) == (Format.ARRAY, Compression.NONE)
    assert found.bytes == sample.stat().st_size
    assert found.sha256 == hashlib.sha256(sample.read_bytes()).hexdigest()
    assert found.records == len(records) == 1000
    assert found.versions == {"1.5.0": 1000}
    assert found.classes == {"2004": 1000}
    assert found.producers == {"Prowler 5.46.0": 1000}
    for counted, key in ((found.severities, "severity"), (found.statuses, "status_code")):
        assert dict(counted) == {
            name: sum(record[key] == name for record in records) for name in {record[key] for record in records}
        }
    assert sum(account.records for account in found.accounts) == 1000
    assert {account.uid for account in found.accounts} == {record["unmapped"]["provider_uid"] for record in records}
    assert found.accounts[0].records == max(account.records for account in found.accounts)
    assert found.duplicates == 1000 - len({record["finding_info"]["uid"] for record in records})
    assert found.first == found.last == datetime(2026, 2, 5, 6, 38, 40, tzinfo=UTC)
    assert (found.faults, found.fault_count) == ((), 0)


def test_a_record_that_cannot_be_decoded_is_a_record_and_a_fault(tmp_path: Path) -> None:
    found = _summary(tmp_path / "a", b'[{"class_uid":2004},\n{"class_uid":NaN},7,{"class_uid":2004}')
    assert found.records == 3
    assert found.classes == {"2004": 2}
    assert [(fault.code, fault.index, fault.line) for fault in found.faults] == [
        ("not_finite", 1, 2),
        ("not_an_object", 2, 2),
        ("not_closed", None, 2),
    ]
    assert found.fault_count == 3


def test_repeated_identifiers_and_the_time_span_are_counted(tmp_path: Path) -> None:
    lines = [
        {"finding_info": {"uid": uid}, "time": time, "cloud": {"provider": "aws", "account": {"uid": "1"}}}
        for uid, time in (("a", 20), ("b", 10), ("a", "x"), ("a", 30), ("", 20))
    ]
    found = _summary(tmp_path / "a", gzip.compress("\n".join(map(json.dumps, lines)).encode()))
    assert (found.format, found.compression) == (Format.NDJSON, Compression.GZIP)
    assert found.duplicates == 2
    assert found.first == datetime(1970, 1, 1, 0, 0, 10, tzinfo=UTC)
    assert found.last == datetime(1970, 1, 1, 0, 0, 30, tzinfo=UTC)
    assert found.accounts == (AccountCount("aws", "1", 5),)
    assert found.sha256 == hashlib.sha256((tmp_path / "a").read_bytes()).hexdigest()


def test_values_and_faults_without_end_are_not_all_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bounded, "DISTINCT_KEPT", 3)
    records = [
        json.dumps({"class_uid": number, "cloud": {"account": {"uid": number}}}) for number in (1, 2, 3, 4, 5, 1)
    ]
    found = _summary(tmp_path / "a", f"[{','.join(records)}{',0' * 103}]".encode())
    assert found.classes == {"1": 2, "2": 1, "3": 1, "(others)": 2}
    assert sum(account.records for account in found.accounts) == 6
    assert found.account_count == 3
    assert (len(found.faults), found.fault_count) == (100, 103)


def test_a_value_of_any_length_takes_little_room(tmp_path: Path) -> None:
    lines = [json.dumps({"status_code": f"{'x' * 5000}{end}"}) for end in ("a", "b")]
    found = _summary(tmp_path / "a", "\n".join(lines).encode())
    assert found.statuses == {"x" * 200 + "…": 2}


def test_only_what_is_counted_need_be_within_the_caps(tmp_path: Path) -> None:
    deep = '{"class_uid":2004,"unmapped":{"x":' + "[" * 300 + "]" * 300 + ',"provider":"aws"}}'
    large = '{"class_uid":2004,"message":1e999}'
    found = _summary(tmp_path / "a", f"{deep}\n{large}\n".encode() + b'{"time":1e999}\n{"message":"\xff"}\n')
    assert found.records == 4
    assert found.classes == {"2004": 2}
    assert [(fault.code, fault.index) for fault in found.faults] == [("number_out_of_range", 2), ("invalid_utf8", 3)]


@pytest.mark.parametrize(
    ("classes", "product", "label", "note"),
    [
        ([2003, 2003], "Prowler", "Prowler compliance report", "All records are of class 2003"),
        ([2003, 2003], "Other", "Compliance report", "All records are of class 2003"),
        ([2003, 2004], "Prowler", "", "1 of 2 records are of class 2003"),
        ([2004, 2004], "Prowler", "", None),
    ],
)
def test_compliance_results_are_told_from_findings(
    tmp_path: Path, classes: list[int], product: str, label: str, note: str | None
) -> None:
    records = [{"class_uid": one, "metadata": {"product": {"name": product, "version": "5.46.0"}}} for one in classes]
    found = _summary(tmp_path / "scan.ocsf.json", json.dumps(records).encode())
    assert found.label == label
    assert [one.startswith(note) for one in found.notes if note] == ([True] if note else [])


@pytest.mark.parametrize("most", [0, 100])
def test_too_many_identifiers_are_not_all_compared_and_that_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, most: int
) -> None:
    monkeypatch.setattr(uids, "MARKS_KEPT", most)
    line = '{"finding_info":{"uid":"%s"}}\n'
    found = _summary(tmp_path / "a", "".join(line % uid for uid in "abcab").encode())
    assert found.duplicates == (2 if most else 0)
    assert any("identifiers" in note for note in found.notes) == (not most)


def test_what_has_no_identifier_repeats_nothing() -> None:
    repeats = Repeats()
    repeats.add(marks_of(["", None, "a", "", None, "a"], b"key"))
    assert repeats.count() == 1


def test_repeats_are_counted_exactly_in_the_memory_that_there_is(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(uids, "MARKS_KEPT", 100)
    repeats = Repeats()
    for _ in range(50):
        repeats.add(marks_of(map(str, range(20)), b"key"))
    assert (repeats.count(), repeats.is_complete) == (49 * 20, True)
    repeats.add(marks_of(map(str, range(20, 120)), b"key"))
    assert not repeats.is_complete


def test_two_million_identifiers_take_little_memory() -> None:
    drawn = Random(1)
    tracemalloc.start()
    try:
        repeats = Repeats()
        for _ in range(40):
            repeats.add(array("Q", drawn.randbytes(8 * 50_000)))
        assert repeats.count() == 0
        _, most = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert most < 40_000_000


@given(_contents)
@settings(max_examples=examples(300), deadline=None)
def test_counting_many_at_once_and_one_by_one_come_to_the_same(content: bytes) -> None:
    with TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patch:
        quick = _summary(Path(folder) / "a", content)
        patch.setattr(usual, "usual", lambda _: None)
        assert _summary(Path(folder) / "a", content) == quick


def test_the_real_file_is_counted_many_at_once(sample: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    one_by_one = []

    def counted(counting: Counting, piece: Record | Fault) -> None:
        one_by_one.append(piece)
        add(counting, piece)

    add = Counting.add
    monkeypatch.setattr(Counting, "add", counted)
    with FindingFile.open(sample) as file:
        assert summarise(file).records == 1000
    assert len(one_by_one) < 100


def test_workers_come_to_the_same(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sweep, "PART_BYTES", 50_000)
    records = [json.dumps(_usual(number)) for number in range(1000)]
    records[600] = '{"message":NaN}'
    records[800] = '"x"'
    (tmp_path / "large.ocsf.json").write_text("[" + ",\n".join(records) + "]")
    with FindingFile.open(tmp_path / "large.ocsf.json") as file, Workers(2) as workers:
        alone, together = summarise(file), summarise(file, workers=workers)
    assert (alone.records, alone.duplicates) == (999, 991)
    assert [(fault.code, fault.index, fault.line) for fault in together.faults] == [
        ("not_finite", 600, 601),
        ("not_an_object", 800, 801),
    ]
    assert together == alone


def _until_told_to_stop(_file: FindingFile, cancel: Cancel) -> str:
    """Hash a file without end."""
    while True:
        cancel.check()


def test_reading_that_fails_stops_the_hashing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(FindingFile, "sha256", _until_told_to_stop)
    path = tmp_path / "a"
    path.write_bytes(b'{"a":1}\n' * 1000)
    with FindingFile.open(path) as file:
        os.utime(path, (1, 1))
        with pytest.raises(UnreadableFile, match="changed"):
            summarise(file)
    assert not [thread for thread in threading.enumerate() if thread.name.startswith("sha256")]


def test_hashing_that_takes_longer_than_reading_is_told_and_may_be_stopped(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(FindingFile, "sha256", _until_told_to_stop)
    (tmp_path / "a").write_bytes(b'{"a":1}\n{"a":1}\n')
    cancel = Cancel()

    def tell(progress: Progress) -> None:
        if progress == Progress(16, 16, "bytes", "Computing the SHA-256"):
            cancel.ask()

    with FindingFile.open(tmp_path / "a") as file, pytest.raises(Cancelled):
        summarise(file, tell, cancel)


def test_a_digest_is_never_that_of_other_content_than_was_counted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, changed = tmp_path / "a", threading.Event()
    path.write_bytes(b'{"a":1}\n{"a":1}\n')
    compute = FindingFile.sha256

    def late(file: FindingFile, cancel: Cancel | None = None) -> str:
        assert changed.wait(30)
        return compute(file, cancel)

    def tell(progress: Progress) -> None:
        if progress.message == "Computing the SHA-256":
            path.write_bytes(b'{"a":1}\n{"a":3}\n')
            os.utime(path, ns=(1, 1))  # The clock of a file system may be too coarse to tell two writes apart.
            changed.set()

    monkeypatch.setattr(FindingFile, "sha256", late)
    with FindingFile.open(path) as file, pytest.raises(UnreadableFile, match="changed"):
        summarise(file, tell)


def test_progress_is_told_in_bytes_and_a_wish_to_stop_is_heard(tmp_path: Path) -> None:
    path = tmp_path / "a"
    path.write_bytes(b"[" + b",".join([b'{"a":"%s"}' % (b"x" * 100_000)] * 100) + b"]")
    told: list[Progress] = []
    cancel = Cancel()
    with FindingFile.open(path) as file:
        summarise(file, told.append)
        assert [progress.done for progress in told] == sorted({progress.done for progress in told})
        assert len(told) > 1
        assert {(progress.total, progress.unit) for progress in told} == {(path.stat().st_size, "bytes")}
        cancel.ask()
        with pytest.raises(Cancelled):
            summarise(file, cancel=cancel)
        with pytest.raises(Cancelled):
            file.sha256(cancel)
