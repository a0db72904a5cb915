"""Validating with several processes gives what one process gives."""

from __future__ import annotations

import json
import multiprocessing
import os
import select
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from zlib import adler32, crc32

import pytest

from console.errors import StateError, UnreadableFile
from console.ocsf.report import Report
from console.ocsf.rules import Policy, RuleSet
from console.ocsf.run import validate_file
from console.ocsf.store import SchemaStore
from console.ocsf.together import validate_together, validators
from console.ocsf.validator import Validator
from console.progress import Cancel, Cancelled, Progress
from console.records import sweep
from console.records.reader import FindingFile
from console.records.workers import Workers
from console.sandbox.samples import findings

RECORDS = 400


@pytest.fixture(scope="module")
def workers() -> Iterator[Workers]:
    with validators(2) as running:
        yield running


@pytest.fixture(autouse=True)
def small_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    """Parts of a few records each."""
    monkeypatch.setattr(sweep, "PART_BYTES", 30_000)


def lines() -> list[bytes]:
    """Sound records, every seventh with an error, every fifth with the finding uid of the one before."""
    made: list[bytes] = []
    for number, invented in enumerate(findings(RECORDS)):
        record: dict[str, Any] = json.loads(json.dumps(invented))
        if number % 7 == 3:
            record["severity_id"] = "high"
        if number % 5 == 4:
            record["finding_info"]["uid"] = json.loads(made[-1])["finding_info"]["uid"]
        made.append(json.dumps(record).encode())
    return made


def array(path: Path, records: list[bytes]) -> Path:
    path.write_bytes(b"[" + b",\n".join(records) + b"]")
    return path


def both(workers: Workers, path: Path, policy: Policy | None = None) -> tuple[Report, Report]:
    """The report by the workers, and by this process."""
    validator = Validator(SchemaStore(None), policy or Policy())
    with FindingFile.open(path) as file:
        assert len(file.parts(sweep.PART_BYTES)) > 4
        return validate_together(file, validator, workers), validate_file(file, validator)


@pytest.mark.parametrize("rules", RuleSet)
def test_the_report_is_that_of_one_process(workers: Workers, tmp_path: Path, rules: RuleSet) -> None:
    parted, whole = both(workers, array(tmp_path / "f.json", lines()), Policy(rules))
    assert parted == whole
    assert (whole.records, whole.invalid) == (RECORDS, len(range(3, RECORDS, 7)))
    assert ("duplicate_finding_uid" in {key.code for key in whole.groups}) == (rules is RuleSet.FULL)


def checksum_twins() -> tuple[str, str]:
    """Two texts with the same CRC-32 and the same Adler-32: 48 places where either of two blocks may stand.

    The blocks leave Adler-32 as it is, and which of them leave CRC-32 as it is, is linear algebra.
    """
    blocks = [b"abba"] * 48
    base = crc32(b"".join(blocks))
    reduced: dict[int, tuple[int, frozenset[int]]] = {}
    for place in range(len(blocks)):
        change = base ^ crc32(b"".join([*blocks[:place], b"baab", *blocks[place + 1 :]]))
        places = frozenset((place,))
        while change and change.bit_length() in reduced:
            other, more = reduced[change.bit_length()]
            change, places = change ^ other, places ^ more
        if not change:
            twin = [b"baab" if number in places else block for number, block in enumerate(blocks)]
            return b"".join(blocks).decode(), b"".join(twin).decode()
        reduced[change.bit_length()] = change, places
    raise AssertionError("33 places are enough")


def test_nobody_can_write_findings_that_seem_to_be_duplicates(workers: Workers, tmp_path: Path) -> None:
    one, other = checksum_twins()
    assert (one != other, crc32(one.encode()), adler32(one.encode())) == (
        True, crc32(other.encode()), adler32(other.encode()),
    )  # fmt: skip
    records = [json.loads(line) for line in lines()]
    for number, record in enumerate(records):
        record["finding_info"]["uid"] = {0: one, 300: other}.get(number, str(number))
    parted, _ = both(workers, array(tmp_path / "f.json", [json.dumps(record).encode() for record in records]))
    assert "duplicate_finding_uid" not in {key.code for key in parted.groups}


def test_the_choices_of_the_operator_reach_the_workers(workers: Workers, tmp_path: Path) -> None:
    path = array(tmp_path / "f.json", lines())
    parted, whole = both(workers, path, Policy(version="1.8.0", missing_recommended=True))
    assert parted == whole
    assert {"version_earlier", "attribute_recommended_missing"} <= {key.code for key in parted.groups}


def test_lines_are_shared_out_too(workers: Workers, tmp_path: Path) -> None:
    path = tmp_path / "f.ndjson"
    path.write_bytes(b"\n".join(lines()))
    parted, whole = both(workers, path)
    assert parted == whole


@pytest.mark.parametrize("place", [0, 1, RECORDS // 2, RECORDS - 1])
def test_what_follows_a_broken_place_is_found_as_by_one_process(workers: Workers, tmp_path: Path, place: int) -> None:
    records = lines()
    records[place] = records[place][:-9] + b"]}"
    parted, whole = both(workers, array(tmp_path / "f.json", records))
    assert parted == whole
    assert whole.errors > len(range(3, RECORDS, 7)) - 1


def test_a_file_that_was_replaced_meanwhile_is_refused(workers: Workers, tmp_path: Path) -> None:
    path = array(tmp_path / "f.json", lines())
    with FindingFile.open(path) as file:
        array(tmp_path / "other.json", lines()).replace(path)
        with pytest.raises(UnreadableFile, match="changed or replaced"):
            validate_together(file, Validator(SchemaStore(None)), workers)


def test_the_work_stops_when_asked_and_the_workers_go_on_to_other_files(workers: Workers, tmp_path: Path) -> None:
    path = array(tmp_path / "f.json", lines())
    cancel = Cancel()
    told: list[Progress] = []

    def tell(progress: Progress) -> None:
        told.append(progress)
        cancel.ask()

    with FindingFile.open(path) as file, pytest.raises(Cancelled):
        validate_together(file, Validator(SchemaStore(None)), workers, tell, cancel)
    assert len(told) == 1
    assert told[0].total == path.stat().st_size
    parted, whole = both(workers, path)
    assert parted == whole


def test_a_worker_that_dies_is_an_error_of_ours(tmp_path: Path) -> None:
    path = array(tmp_path / "f.json", lines())
    with validators(2) as mortal:
        before = set(multiprocessing.active_children())

        def kill(_progress: Progress) -> None:
            for process in set(multiprocessing.active_children()) - before:
                process.kill()

        with FindingFile.open(path) as file, pytest.raises(StateError, match="worker process ended"):
            validate_together(file, Validator(SchemaStore(None)), mortal, kill)


STARTS_WORKERS = """
import multiprocessing, sys
from pathlib import Path
from console.ocsf.store import SchemaStore
from console.ocsf.together import validate_together, validators
from console.ocsf.validator import Validator
from console.records import sweep
from console.records.reader import FindingFile

if __name__ == "__main__":
    sweep.PART_BYTES = 30_000
    with validators(2) as pool, FindingFile.open(Path(sys.argv[1])) as file:
        validate_together(file, Validator(SchemaStore(None)), pool)
        print(*(process.pid for process in multiprocessing.active_children()), flush=True)
        sys.stdin.read()
"""


@pytest.mark.skipif(not hasattr(os, "pidfd_open"), reason="only Linux can wait for a process that is not a child")
def test_workers_end_with_their_parent_even_if_it_is_killed(tmp_path: Path) -> None:
    path = array(tmp_path / "f.json", lines())
    script = tmp_path / "parent.py"
    script.write_text(STARTS_WORKERS)
    with subprocess.Popen(
        [sys.executable, script, path], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as parent:
        assert parent.stdout is not None
        running = [os.pidfd_open(int(pid)) for pid in parent.stdout.readline().split()]
        parent.kill()
    ended = [select.select([descriptor], [], [], 20)[0] for descriptor in running]
    for descriptor in running:
        os.close(descriptor)
    assert ended == [[descriptor] for descriptor in running]
    assert running
