"""A file read in parts: what is proven of them, and what follows, is what reading it in one go gives."""

from __future__ import annotations

import gzip
import json
import os
import pickle
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from console.errors import UnreadableFile
from console.limits import Limits
from console.records.documents import Inside
from console.records.faults import FaultCode
from console.records.model import Fault, Format, Layout, Record
from console.records.parts import Part
from console.records.reader import FindingFile
from console.records.reading import Place, Reading
from console.records.sniff import BYTE_ORDER_MARK
from console.records.stretch import Decoders, Stretch
from console.records.window import Window
from tests.conftest import NewFolder
from tests.records.support import Memory, Pieces, codes, contents, read_file

_DECODERS: Decoders[dict[str, object]] = Decoders.of(dict[str, object])


def _moved(piece: Record | Fault, index: int, line: int) -> Record | Fault:
    """A piece of a part that starts at record *index* and on *line*, as a piece of the file."""
    if isinstance(piece, Record):
        return replace(piece, span=replace(piece.span, index=piece.span.index + index, line=piece.span.line + line - 1))
    assert piece.index is not None
    assert piece.line is not None
    return replace(piece, index=piece.index + index, line=piece.line + line - 1)


def _read_in_parts(file: FindingFile, part_bytes: int) -> tuple[Pieces, int]:
    """Everything in a file by way of its parts, and how many of them were sound."""
    found: Pieces = []
    index, line = 0, 1
    for number, part in enumerate(file.parts(part_bytes)):
        reader = file.reading_of(part)
        alone = list(reader.pieces())
        if not reader.sound:
            place = replace(part.start, index=index, line=line)
            return [*found, *file.reading(place).pieces()], number
        found += [_moved(piece, index, line) for piece in alone]
        index += reader.count
        line += reader.line - 1
    return found, number + 1


@given(contents, st.integers(1, 200), st.booleans(), st.booleans())
@example(b'[{"a":1},{"b":[{"a":2},{"a":3},{"a":4}]},{"a":5}]', 20, False, False)
@example(b'[{"a":1},{"a":[0},{"a":{}]},{"a":5},{"a":6}]', 1, False, False)
def test_sound_parts_and_the_rest_are_the_file(
    new_folder: NewFolder, data: bytes, part_bytes: int, marked: bool, packed: bool
) -> None:
    path = new_folder() / "findings"
    data = BYTE_ORDER_MARK + data if marked else data
    path.write_bytes(gzip.compress(data) if packed else data)
    try:
        opened = FindingFile.open(path)
    except UnreadableFile:
        assume(False)
    with opened as file:
        assert _read_in_parts(file, part_bytes)[0] == list(file.records())


@given(contents, st.integers(1, 200))
def test_parts_lie_end_to_end(new_folder: NewFolder, data: bytes, part_bytes: int) -> None:
    path = new_folder() / "findings"
    path.write_bytes(data)
    try:
        opened = FindingFile.open(path)
    except UnreadableFile:
        assume(False)
    with opened as file:
        parts = file.parts(part_bytes)
    ends = [part.start.offset + part.length for part in parts]
    assert [part.start.offset for part in parts] == [0, *ends[:-1]]
    assert ends[-1] == len(data)
    assert [part.last for part in parts] == [False] * (len(parts) - 1) + [True]
    assert all(part.length > 0 for part in parts)


@given(contents, st.integers(1, 200))
def test_a_part_counts_what_is_taken_of_it(new_folder: NewFolder, data: bytes, part_bytes: int) -> None:
    def take(stretch: Stretch) -> int:
        return len(stretch.decode(_DECODERS) or ())

    path = new_folder() / "findings"
    path.write_bytes(data)
    try:
        opened = FindingFile.open(path)
    except UnreadableFile:
        assume(False)
    with opened as file:
        for part in file.parts(part_bytes):
            alone, taking = file.reading_of(part), file.reading_of(part)
            faults = [piece for piece in alone.pieces() if isinstance(piece, Fault)]
            assert [piece for piece in taking.pieces(take) if isinstance(piece, Fault)] == faults
            assert (taking.count, taking.line, taking.sound) == (alone.count, alone.line, alone.sound)


def _records(count: int) -> list[dict[str, object]]:
    return [{"a": number, "b": {"c": ["x" * (number % 700)] * 3}} for number in range(count)]


@pytest.mark.parametrize(
    "data",
    [
        json.dumps(_records(500)).encode(),
        json.dumps(_records(500), indent=4).encode(),
        json.dumps(_records(500), indent=4).encode().replace(b"\n", b"\r\n"),
        b"\n".join(json.dumps(record).encode() for record in _records(500)),
    ],
    ids=["compact", "pretty", "crlf", "lines"],
)
def test_a_sound_file_is_cut_into_sound_parts_of_about_the_wanted_size(data: bytes, tmp_path: Path) -> None:
    path = tmp_path / "a"
    path.write_bytes(data)
    with FindingFile.open(path) as file:
        found, sound = _read_in_parts(file, 50_000)
        parts = file.parts(50_000)
        assert found == list(file.records())
    assert sound == len(parts) == -(-len(data) // 50_000)
    assert all(abs(part.length - 50_000) < 5000 for part in parts[:-1])


def test_a_cut_that_was_guessed_wrong_makes_the_part_before_it_unsound(tmp_path: Path) -> None:
    path = tmp_path / "a"
    nested = b'{"b":[' + b",".join([b'{"a":1}'] * 40) + b"]}"
    path.write_bytes(b'[{"a":0},' + nested + b',{"a":2}]')
    with FindingFile.open(path) as file:
        first, second, *_ = file.parts(100)
        reader = file.reading_of(first)
        assert [piece.code for piece in reader.pieces() if isinstance(piece, Fault)] == ["truncated"]
        assert not reader.sound
        # It looks sound, and is inside of a record.
        assert second.start.inside == Inside(b'{"a"')


def test_objects_that_follow_no_other_one_are_not_taken_for_records(tmp_path: Path) -> None:
    path = tmp_path / "a"
    record = b'{"a":{"a":[{"a":{"a":0}},0,{"a":0}]}}'
    path.write_bytes(b"[" + b",\n".join([record] * 100) + b"]")
    with FindingFile.open(path) as file:
        places = {piece.span.offset for piece in file.records() if isinstance(piece, Record)}
        for part_bytes in range(60, 100):
            parts = file.parts(part_bytes)
            assert places.issuperset(part.start.offset for part in parts[1:])
            assert len(parts) > 30


@pytest.mark.parametrize(
    ("data", "expected"), [(b'[{"a":0}, ', []), (b'[{"a":0}', [FaultCode.NOT_CLOSED]), (b"[", [FaultCode.NOT_CLOSED])]
)
def test_a_part_that_is_not_the_last_ends_after_a_comma(data: bytes, expected: list[FaultCode]) -> None:
    assert (
        codes(list(Reading(Window(Memory(data)), Layout.ARRAY, Limits(), Place(0), goes_on=True).pieces())) == expected
    )


def test_a_part_is_not_sound_before_it_was_read_to_its_end(tmp_path: Path) -> None:
    path = tmp_path / "a"
    path.write_bytes(json.dumps(_records(100)).encode())
    with FindingFile.open(path) as file:
        reader = file.reading_of(file.parts(5000)[0])
        found = reader.pieces()
        next(found)
        assert not reader.sound
        assert len([*found]) + 1 == reader.count
        assert reader.sound


def test_what_nothing_tells_how_to_cut_is_one_part(tmp_path: Path) -> None:
    path = tmp_path / "a"
    records = b",".join([b'{"a":0}'] * 50)
    for data in (
        b'{"a":[' + records + b"]}",
        b"[1," + records + b"]",
        b"[{}," + records + b"]",
    ):
        path.write_bytes(data)
        with FindingFile.open(path) as file:
            (part,) = file.parts(20)
            assert part == Part(Place(0), len(data), last=True)
            assert list(file.reading_of(part).pieces()) == list(file.records())


def test_a_packed_file_is_cut_as_what_it_unpacks_to(tmp_path: Path) -> None:
    path = tmp_path / "a"
    data = json.dumps(_records(100)).encode()
    path.write_bytes(data)
    with FindingFile.open(path) as file:
        parts = file.parts(5000)
    path.write_bytes(gzip.compress(data, mtime=0))
    with FindingFile.open(path) as file:
        assert file.parts(5000) == parts
        assert _read_in_parts(file, 5000) == (list(file.records()), len(parts))


def test_cutting_reads_only_a_little_around_each_cut(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "a"
    path.write_bytes(json.dumps(_records(5000)).encode())
    read: list[int] = []
    pread = os.pread

    def counting(descriptor: int, length: int, offset: int) -> bytes:
        data = pread(descriptor, length, offset)
        read.append(len(data))
        return data

    with FindingFile.open(path) as file:
        monkeypatch.setattr(os, "pread", counting)
        assert len(file.parts(file.size // 3)) == 3
    assert sum(read) < 500_000


def test_a_part_can_be_read_where_the_file_is_opened_again(tmp_path: Path) -> None:
    path = tmp_path / "a"
    path.write_bytes(json.dumps(_records(100)).encode())
    with FindingFile.open(path) as file:
        sent = pickle.dumps((file.identity, file.parts(5000)))
        expected = [piece.raw for piece in file.records() if isinstance(piece, Record)]
    identity, parts = pickle.loads(sent)
    found: list[bytes] = []
    for part in reversed(parts):
        with FindingFile.open(path, expected=identity) as file:
            found[:0] = [piece.raw for piece in file.reading_of(part).pieces() if isinstance(piece, Record)]
    assert found == expected


@pytest.mark.parametrize("change", ["written", "replaced"])
def test_a_file_that_is_another_one_now_is_not_opened_as_the_one_before(change: str, tmp_path: Path) -> None:
    path = tmp_path / "a"
    path.write_bytes(b'[{"a":1}]')
    os.utime(path, ns=(1, 1))
    with FindingFile.open(path) as file:
        identity = file.identity
    FindingFile.open(path, expected=identity).close()
    if change == "written":
        path.write_bytes(b'[{"a":2}]')
    else:
        other = tmp_path / "b"
        other.write_bytes(b'[{"a":1}]')
        os.utime(other, ns=(1, 1))
        other.rename(path)
    with pytest.raises(UnreadableFile, match="was changed or replaced while it was being read"):
        FindingFile.open(path, expected=identity)
    assert len(read_file(path)) == 1


def test_lines_are_cut_after_line_breaks(tmp_path: Path) -> None:
    path = tmp_path / "a"
    path.write_bytes(b"".join(b'{"a":%d}\n' % (number % 10) for number in range(10)))
    with FindingFile.open(path) as file:
        assert file.format is Format.NDJSON
        assert [(part.start.offset, part.length) for part in file.parts(20)] == [(0, 24), (24, 24), (48, 16), (64, 16)]
