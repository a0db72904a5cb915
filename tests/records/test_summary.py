"""What a file holds, counted in one pass."""

from __future__ import annotations

import gzip
import hashlib
import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from console.progress import Cancel, Cancelled, Progress
from console.records import summary as module
from console.records.model import Compression, Format
from console.records.reader import FindingFile
from console.records.summary import AccountCount, Summary, summarise


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
    for counts, key in ((found.severities, "severity"), (found.statuses, "status_code")):
        assert dict(counts) == {
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
    monkeypatch.setattr(module, "DISTINCT_KEPT", 3)
    monkeypatch.setattr(module, "FAULTS_KEPT", 2)
    records = [
        json.dumps({"class_uid": number, "cloud": {"account": {"uid": number}}}) for number in (1, 2, 3, 4, 5, 1)
    ]
    found = _summary(tmp_path / "a", f"[{','.join(records)},0,0,0]".encode())
    assert found.classes == {"1": 2, "2": 1, "3": 1, "(others)": 2}
    assert sum(account.records for account in found.accounts) == 6
    assert (len(found.faults), found.fault_count) == (2, 3)


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
