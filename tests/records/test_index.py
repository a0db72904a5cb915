"""Any row of a file is read from a mark near it, as it is read from the start; and an index can be kept."""

from __future__ import annotations

import gzip
import os
from pathlib import Path

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from console.errors import UnreadableFile
from console.limits import Limits
from console.records import index as module
from console.records import index_cache, sweep
from console.records.index import RecordIndex
from console.records.model import Format, Record
from console.records.reader import FindingFile
from console.records.workers import Workers
from tests.conftest import NewFolder
from tests.records.support import contents

RECORDS = [b'{"a":%d,\n"text":"%s"}' % (number, b"x" * (number % 50)) for number in range(3000)]


@pytest.fixture
def many_marks(monkeypatch: pytest.MonkeyPatch) -> None:
    """Stretches, marks and parts of a few records."""
    monkeypatch.setattr("console.records.array.STRETCH_BYTES", 300)
    monkeypatch.setattr("console.records.ndjson.STRETCH_BYTES", 300)
    monkeypatch.setattr(module, "_MARK_BYTES", 100)
    monkeypatch.setattr(sweep, "PART_BYTES", 2000)


def indexed(file: FindingFile, workers: Workers | None = None) -> RecordIndex:
    index = RecordIndex()
    for _ in index.build(file, workers):
        pass
    return index


@given(data=contents, packed=st.booleans(), mark_bytes=st.integers(1, 60), part_bytes=st.integers(1, 300))
def test_every_row_is_what_it_is_in_the_file(
    new_folder: NewFolder, data: bytes, packed: bool, mark_bytes: int, part_bytes: int
) -> None:
    path = new_folder() / "findings"
    path.write_bytes(gzip.compress(data, mtime=0) if packed else data)
    try:
        opened = FindingFile.open(path)
    except UnreadableFile:
        assume(False)
    with pytest.MonkeyPatch.context() as patch, opened as file:
        patch.setattr(module, "_MARK_BYTES", mark_bytes)
        patch.setattr(sweep, "PART_BYTES", part_bytes)
        expected = list(file.records())
        index = indexed(file)
        assert index.rows == len(expected)
        assert index.complete
        assert index.faults == sum(not isinstance(piece, Record) for piece in expected)
        assert list(index.read(file, 0, index.rows)) == expected
        for row, piece in enumerate(expected):
            assert list(index.read(file, row, row + 1)) == [piece]
            record = piece.span.index if isinstance(piece, Record) else piece.index
            if record is not None:
                assert index.row_of(file, record) == row


@pytest.mark.usefixtures("many_marks")
@pytest.mark.parametrize(
    ("data", "shape"),
    [
        (b"[" + b",".join(RECORDS) + b"]", Format.ARRAY),
        (b"[" + b",".join(RECORDS[:100]) + b"]\n[" + b",".join(RECORDS[100:]) + b"]", Format.CONCATENATED),
        (b'{"Findings":[' + b",".join(RECORDS) + b"]}", Format.ASFF),
        (b"".join(RECORDS), Format.CONCATENATED),
        (b"\n".join(record.replace(b"\n", b"") for record in RECORDS), Format.NDJSON),
        (b"[1,{}," + b",".join(RECORDS), Format.ARRAY),
    ],
    ids=["array", "two arrays", "wrapper", "objects", "lines", "cut off"],
)
def test_rows_of_every_shape_are_marked(tmp_path: Path, data: bytes, shape: Format) -> None:
    path = tmp_path / "findings"
    path.write_bytes(data)
    with FindingFile.open(path) as file, Workers(2) as workers:
        expected = list(file.records())
        alone = indexed(file)
        assert len(alone.marks) > 100
        for index in (alone, indexed(file, workers)):
            assert file.format is shape
            assert index.rows == len(expected)
            for row in range(0, index.rows, 97):
                assert list(index.read(file, row, row + 5)) == expected[row : row + 5]
            assert index.row_of(file, index.records) is None
            assert index.row_of(file, -1) is None


def test_an_index_takes_little_room_however_small_records_are(tmp_path: Path) -> None:
    path = tmp_path / "findings"
    path.write_bytes(b"[" + b",".join([b'{"a":1}'] * 200_000) + b"]")
    with FindingFile.open(path) as file:
        index = indexed(file)
        assert index.rows == 200_000
        assert len(index.marks) < 2 * file.size // (64 * 1024)
        (last,) = list(index.read(file, 199_999, 200_005))
    assert isinstance(last, Record)
    assert last.span.index == 199_999


def test_what_is_known_of_a_file_grows_and_its_length_is_estimated_meanwhile(tmp_path: Path, many_marks: None) -> None:
    path = tmp_path / "findings"
    path.write_bytes(b"[" + b",".join(RECORDS) + b"]")
    with FindingFile.open(path) as file:
        index = RecordIndex()
        assert index.estimate(file.size) == 0
        build = index.build(file)
        next(build)
        assert 0 < index.rows < 300
        assert 2000 < index.estimate(file.size) < 5000
        assert [piece.raw for piece in list(index.read(file, 0, 9000)) if isinstance(piece, Record)] == RECORDS[
            : index.rows
        ]
        for _ in build:
            pass
        assert index.estimate(file.size) == index.rows == len(RECORDS)


def test_a_kept_index_is_the_one_that_was_made(tmp_path: Path, many_marks: None) -> None:
    path = tmp_path / "findings"
    path.write_bytes(b"[" + b",".join(RECORDS[:100]) + b"][" + b",".join(RECORDS[100:]) + b"]")
    cache = tmp_path / "cache"
    with FindingFile.open(path) as file:
        assert index_cache.load(file, cache) is None
        made = indexed(file)
        index_cache.keep(file, made, cache)
    with FindingFile.open(path) as file:
        loaded = index_cache.load(file, cache)
        assert loaded is not None
        assert file.format is Format.CONCATENATED
        assert vars(loaded) == vars(made)
        assert list(loaded.read(file, 0, loaded.rows)) == list(file.records())
    (stored,) = cache.iterdir()
    assert stored.stat().st_mode & 0o777 == 0o600
    assert cache.stat().st_mode & 0o777 == 0o700


@pytest.mark.parametrize("change", ["content", "length", "time", "limits", "spoilt", "foreign"])
def test_a_kept_index_is_for_no_other_content(tmp_path: Path, change: str) -> None:
    path, cache = tmp_path / "findings", tmp_path / "cache"
    path.write_bytes(b"[" + b",".join(RECORDS) + b"]")
    os.utime(path, ns=(1, 1))
    with FindingFile.open(path) as file:
        index_cache.keep(file, indexed(file), cache)
        assert index_cache.load(file, cache) is not None
    limits = Limits()
    (stored,) = cache.iterdir()
    if change == "content":
        with path.open("r+b") as out:
            out.write(b" ")
        os.utime(path, ns=(1, 1))
    elif change == "length":
        with path.open("ab") as out:
            out.write(b" ")
        os.utime(path, ns=(1, 1))
    elif change == "time":
        os.utime(path, ns=(2, 2))
    elif change == "limits":
        limits = Limits(record_bytes=20)
    elif change == "spoilt":
        stored.write_bytes(stored.read_bytes()[:-9])
    else:
        stored.write_bytes(b"\x93\x01\x02\x03")
    with FindingFile.open(path, limits) as file:
        assert index_cache.load(file, cache) is None


def test_an_index_that_cannot_be_kept_is_no_harm(tmp_path: Path) -> None:
    path = tmp_path / "findings"
    path.write_bytes(b"[" + b",".join(RECORDS) + b"]")
    blocked = tmp_path / "file"
    blocked.touch()
    with FindingFile.open(path) as file:
        index_cache.keep(file, indexed(file), blocked / "cache")
        assert index_cache.load(file, blocked / "cache") is None


def test_only_the_newest_indexes_are_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(index_cache, "_MOST_KEPT", 2)
    cache = tmp_path / "cache"
    kept: list[str] = []
    for number in range(4):
        path = tmp_path / f"findings{number}"
        path.write_bytes(b'[{"a":1}]')
        with FindingFile.open(path) as file:
            index_cache.keep(file, indexed(file), cache)
        (new,) = {stored.name for stored in cache.iterdir()} - set(kept)
        kept = [*kept, new][-2:]
        os.utime(cache / new, (number, number))
        assert {stored.name for stored in cache.iterdir()} == set(kept)


def test_a_place_is_guessed_near_any_byte(tmp_path: Path) -> None:
    path = tmp_path / "findings"
    path.write_bytes(b"[" + b",".join(RECORDS) + b"]")
    with FindingFile.open(path) as file:
        starts = {piece.span.offset for piece in file.records() if isinstance(piece, Record)}
        for offset in range(0, file.size - 100, 997):
            place = file.place_near(offset)
            assert place is not None
            assert 0 <= place.offset - offset < 100
            assert place.offset in starts
            found = next(file.reading(place).pieces())
            assert isinstance(found, Record)
        assert file.place_near(file.size - 3) is None
    path.write_bytes(gzip.compress(path.read_bytes()))
    with FindingFile.open(path) as file:
        assert file.place_near(10) is None


@pytest.mark.parametrize(
    "element",
    [b'{"\\u0061":%d}', b'{"' + b"a" * 100 + b'":%d}', b"%d"],
    ids=["escaped key", "long key", "no objects"],
)
def test_rows_that_do_not_start_as_records_do_are_marked_as_well(
    tmp_path: Path, many_marks: None, element: bytes
) -> None:
    path = tmp_path / "findings"
    path.write_bytes(b"[" + b",".join(element % number for number in range(2000)) + b"]")
    with FindingFile.open(path) as file:
        expected = list(file.records())
        index = indexed(file)
        assert len(index.marks) > 50
        for row in range(0, index.rows, 97):
            assert list(index.read(file, row, row + 5)) == expected[row : row + 5]
