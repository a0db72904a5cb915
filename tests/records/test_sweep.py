"""What is found in a file part by part is what is found in it as a whole, with workers or without."""

from __future__ import annotations

import gzip
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import ClassVar

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from console.errors import UnreadableFile
from console.progress import Cancel, Cancelled, Progress
from console.records import sweep
from console.records.model import Fault, Format, Record
from console.records.reader import FindingFile
from console.records.reading import Reading
from console.records.stretch import Decoders, Stretch
from console.records.sweep import Found
from console.records.workers import Workers
from tests.conftest import NewFolder
from tests.examples import examples
from tests.records.support import Pieces, contents, faults

_DECODERS: Decoders[dict[str, object]] = Decoders.of(dict[str, object])
Numbers = list[tuple[int, int]]


@dataclass(frozen=True)
class Everything:
    """Looks for everything: each piece, and each stretch as its index and its number of records."""

    counts_lines: ClassVar[bool] = True
    takes: bool = True

    def finder(self, reading: Reading) -> EverythingFinder:
        assert reading.limits.record_bytes
        return EverythingFinder(takes=self.takes)


class EverythingFinder:
    def __init__(self, *, takes: bool) -> None:
        self._takes = takes
        self._taken: Numbers = []
        self._pieces: Pieces = []

    def take(self, stretch: Stretch) -> int:
        records = stretch.decode(_DECODERS) if self._takes else None
        self._taken += [(stretch.index, len(records))] if records else []
        return len(records or ())

    def add(self, piece: Record | Fault) -> None:
        self._pieces.append(piece)

    def result(self) -> tuple[Numbers, Pieces]:
        return self._taken, self._pieces


@pytest.fixture(scope="module")
def workers() -> Iterator[Workers]:
    with Workers(2) as running:
        yield running


@pytest.fixture(autouse=True)
def small_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    """Stretches and parts of a few records each."""
    monkeypatch.setattr("console.records.array.STRETCH_BYTES", 30)
    monkeypatch.setattr("console.records.ndjson.STRETCH_BYTES", 30)
    monkeypatch.setattr(sweep, "PART_BYTES", 40)


def moved(piece: Record | Fault, found: Found[object]) -> Record | Fault:
    """A piece as it stands in the file."""
    if isinstance(piece, Record):
        span = piece.span
        return replace(piece, span=replace(span, index=span.index + found.index, line=span.line + found.line))
    index = None if piece.index is None else piece.index + found.index
    return replace(piece, index=index, line=None if piece.line is None else piece.line + found.line)


def assert_whole(file: FindingFile, workers: Workers | None) -> None:
    """Check what a sweep finds against what the file holds."""
    expected = list(file.records())
    shape = file.format
    parts = list(sweep.sweep(file, Everything(takes=False), workers))
    assert [moved(piece, found) for found in parts for piece in found.result[1]] == expected
    assert file.format is shape
    counted = 0
    for found in parts:
        assert found.first == counted
        counted += found.count
    indexes = [piece.span.index if isinstance(piece, Record) else piece.index for piece in expected]
    assert counted == max([index + 1 for index in indexes if index is not None], default=0)
    assert_taken(file, workers, expected)


def assert_taken(file: FindingFile, workers: Workers | None, expected: Pieces) -> None:
    """Check that what is taken and what is left over are together what the file holds."""
    indexes: list[int] = []
    broken: Pieces = []
    for found in sweep.sweep(file, Everything(), workers):
        taken, pieces = found.result
        for first, count in taken:
            indexes += range(first + found.index, first + found.index + count)
        indexes += [piece.span.index + found.index for piece in pieces if isinstance(piece, Record)]
        broken += [moved(piece, found) for piece in pieces if isinstance(piece, Fault)]
    assert sorted(indexes) == [piece.span.index for piece in expected if isinstance(piece, Record)]
    assert broken == faults(expected)


@given(data=contents, packed=st.booleans())
def test_one_process_finds_everything(new_folder: NewFolder, data: bytes, packed: bool) -> None:
    path = new_folder() / "findings"
    path.write_bytes(gzip.compress(data, mtime=0) if packed else data)
    try:
        opened = FindingFile.open(path)
    except UnreadableFile:
        assume(False)
    with opened as file:
        assert_whole(file, None)


@settings(max_examples=examples(40), deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=contents, packed=st.booleans())
def test_workers_find_everything(workers: Workers, new_folder: NewFolder, data: bytes, packed: bool) -> None:
    path = new_folder() / "findings"
    path.write_bytes(gzip.compress(data, mtime=0) if packed else data)
    try:
        opened = FindingFile.open(path)
    except UnreadableFile:
        assume(False)
    with opened as file:
        assert_whole(file, workers)


RECORDS = b",\n".join(b'{"a":%d}' % number for number in range(100))


@pytest.mark.parametrize(
    ("data", "shape"),
    [
        (b"[" + RECORDS + b"]", Format.ARRAY),
        (b"[" + RECORDS + b"]\n[" + RECORDS + b"]", Format.CONCATENATED),
        (b'{"Findings":[' + RECORDS + b"]}", Format.ASFF),
        (RECORDS.replace(b",\n", b""), Format.CONCATENATED),
        (RECORDS.replace(b",\n", b"\n"), Format.NDJSON),
        (b"[" + RECORDS[:-1], Format.ARRAY),
        (b"[" + RECORDS.replace(b'{"a":50}', b'{"a":[50}') + b"]", Format.ARRAY),
    ],
    ids=["array", "two arrays", "wrapper", "objects", "lines", "cut off", "damaged"],
)
@pytest.mark.parametrize("packed", [False, True])
def test_every_shape_is_swept_by_workers(
    workers: Workers, tmp_path: Path, data: bytes, shape: Format, packed: bool
) -> None:
    path = tmp_path / "findings"
    path.write_bytes(gzip.compress(data, mtime=0) if packed else data)
    with FindingFile.open(path) as file:
        for _ in sweep.sweep(file, Everything(), workers):
            pass
        assert file.format is shape
        assert_whole(file, workers)


def test_a_sweep_is_in_parts_and_tells_how_far_it_is(tmp_path: Path) -> None:
    path = tmp_path / "findings"
    path.write_bytes(b"[" + RECORDS + b"]")
    told: list[Progress] = []
    with FindingFile.open(path) as file:
        parts = list(sweep.sweep(file, Everything(), None, told.append, message="Looking"))
    assert len(parts) > 10
    assert [progress.done for progress in told] == [found.end for found in parts]
    assert told[-1].done == told[-1].total == path.stat().st_size
    assert {progress.message for progress in told} == {"Looking"}


@pytest.mark.parametrize("alone", [True, False])
def test_a_sweep_stops_when_asked(workers: Workers, tmp_path: Path, alone: bool) -> None:
    path = tmp_path / "findings"
    path.write_bytes(b"[" + RECORDS + b"]")
    cancel = Cancel()
    with FindingFile.open(path) as file:
        parts = sweep.sweep(file, Everything(), None if alone else workers, cancel=cancel)
        next(parts)
        cancel.ask()
        with pytest.raises(Cancelled):
            next(parts)


@pytest.mark.parametrize("alone", [True, False])
def test_a_file_that_changes_meanwhile_is_said_to_have(workers: Workers, tmp_path: Path, alone: bool) -> None:
    path = tmp_path / "findings"
    path.write_bytes(b"[" + RECORDS + b"]")
    with FindingFile.open(path) as file:
        parts = sweep.sweep(file, Everything(), None if alone else workers)
        next(parts)
        with path.open("ab") as more:
            more.write(b"\n")
        with pytest.raises(UnreadableFile, match="changed or replaced"):
            list(parts)


def test_workers_stay_for_the_next_file(workers: Workers, tmp_path: Path) -> None:
    path = tmp_path / "findings"
    path.write_bytes(b"[" + RECORDS + b"]")
    with FindingFile.open(path) as file:
        list(sweep.sweep(file, Everything(), workers))
        before = workers.processes
        list(sweep.sweep(file, Everything(), workers))
    assert before
    assert workers.processes == before
