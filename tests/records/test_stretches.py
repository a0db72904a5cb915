"""Many records taken at once: with a taker nothing is lost, found twice or found elsewhere than without one."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable
from pathlib import Path
from random import Random

import msgspec
import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from console.errors import UnreadableFile
from console.limits import Limits
from console.records import array, ndjson
from console.records.model import Layout, Record
from console.records.reader import FindingFile
from console.records.reading import Place, Reading
from console.records.sniff import BYTE_ORDER_MARK
from console.records.stretch import STRETCH_BYTES, Decoders, Stretch
from console.records.window import Window
from tests.conftest import NewFolder
from tests.records.support import Memory, Pieces, contents, findings

Values = dict[str, object]


class Taker:
    """Takes what it can decode and wants, and remembers it."""

    def __init__(self, wants: Callable[[], bool] = lambda: True) -> None:
        self._wants = wants
        self._decoders: Decoders[Values] = Decoders.of(Values)
        self.offered: list[Stretch] = []
        self.taken: list[tuple[Stretch, list[Values]]] = []

    def __call__(self, stretch: Stretch) -> int:
        self.offered.append(stretch)
        found = stretch.decode(self._decoders) if self._wants() else None
        if found is None:
            return 0
        self.taken.append((stretch, found))
        return len(found)


def _assert_same(found: Pieces, taker: Taker, expected: Pieces) -> None:
    """What was taken and what was left are *expected* together, without overlap."""
    records = {piece.span.index: piece for piece in expected if isinstance(piece, Record)}
    taken: set[int] = set()
    # Backwards, because a line may be asked for at any time.
    for stretch, values in reversed(taker.taken):
        indexes = range(stretch.index, stretch.index + len(values))
        assert taken.isdisjoint(indexes)
        taken.update(indexes)
        assert [msgspec.json.decode(records[index].raw) for index in indexes] == values
        first = records[stretch.index].span
        assert (stretch.offset, stretch.line) == (first.offset, first.line)
    assert found == [piece for piece in expected if not (isinstance(piece, Record) and piece.span.index in taken)]


@given(contents, st.booleans(), st.booleans(), st.integers(1, 200), st.none() | st.integers(0, 100))
def test_what_is_taken_and_what_is_left_are_the_file(
    new_folder: NewFolder,
    data: bytes,
    marked: bool,
    packed: bool,
    stretch_bytes: int,
    seed: int | None,
) -> None:
    path = new_folder() / "findings"
    data = BYTE_ORDER_MARK + data if marked else data
    path.write_bytes(gzip.compress(data)[: -1 if seed == 1 else None] if packed else data)
    chance = Random(seed)
    taker = Taker() if seed is None else Taker(lambda: chance.random() < 0.5)
    try:
        opened = FindingFile.open(path)
    except UnreadableFile:
        assume(False)
    with opened as file, pytest.MonkeyPatch.context() as patch:
        expected = list(file.records())
        patch.setattr(array, "STRETCH_BYTES", stretch_bytes)
        patch.setattr(ndjson, "STRETCH_BYTES", stretch_bytes)
        _assert_same(list(file.records(take=taker)), taker, expected)


@given(contents, st.integers(1, 100), st.integers(1, 300), st.sampled_from([Layout.ARRAY, Layout.LINES]))
@example(b'[{"a":1},{"a":2},{"a":3},{"a":4}]', 100, 12, Layout.ARRAY)
def test_limits_and_tiny_windows_make_no_difference(data: bytes, window: int, limit: int, shape: Layout) -> None:
    limits = Limits(record_bytes=limit)
    taker = Taker()
    found = list(Reading(Window(Memory(data), 0, window), shape, limits, Place(0)).pieces(taker))
    _assert_same(found, taker, list(Reading(Window(Memory(data)), shape, limits, Place(0)).pieces()))
    assert all(len(stretch.data) <= limit for stretch in taker.offered)


@given(st.lists(findings, min_size=1), st.sampled_from([Layout.ARRAY, Layout.LINES]), st.integers(10, 300))
def test_no_byte_is_offered_twice(records: list[Values], shape: Layout, window: int) -> None:
    lines = [json.dumps(record).encode() for record in records]
    data = b"[" + b",".join(lines) + b"]" if shape is Layout.ARRAY else b"\n".join(lines)
    taker = Taker(lambda: False)
    assert len(list(Reading(Window(Memory(data), 0, window), shape, Limits(), Place(0)).pieces(taker))) == len(records)
    until = 0
    for stretch in taker.offered:
        assert stretch.offset >= until
        until = stretch.offset + len(stretch.data.removeprefix(b"["))


@pytest.mark.parametrize(
    ("before", "between", "after", "left"),
    [(b"[", b",", b"]", 1), (b"[\n", b",\r\n", b"\n]\n", 1), (b"", b"\n", b"\n", 0), (b"\n", b"\r\n", b"\r\n\n", 0)],
)
def test_all_records_of_a_large_file_can_be_taken(
    before: bytes, between: bytes, after: bytes, left: int, tmp_path: Path
) -> None:
    path = tmp_path / "large"
    path.write_bytes(before + between.join(b'{"a":%d,"b":"%s"}' % (i, b"x" * 1000) for i in range(2000)) + after)
    taker = Taker()
    with FindingFile.open(path) as file:
        # How an array's records start is learned from the first one.
        assert len(list(file.records(take=taker))) == left
    numbers = [record["a"] for _, records in taker.taken for record in records]
    assert numbers == list(range(left, 2000))
    assert max(len(stretch.data) for stretch in taker.offered) <= STRETCH_BYTES + 1


def test_records_larger_than_a_stretch_are_offered_one_by_one(tmp_path: Path) -> None:
    path = tmp_path / "large"
    path.write_bytes(b"[" + b",".join(b'{"a":"%s"}' % (b"x" * (STRETCH_BYTES + 9)) for _ in range(9)) + b"]")
    taker = Taker()
    with FindingFile.open(path) as file:
        _assert_same(list(file.records(take=taker)), taker, list(file.records()))
    assert {len(values) for _, values in taker.taken} == {1}


def test_only_what_starts_at_the_wanted_record_or_later_is_offered(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(array, "STRETCH_BYTES", 20)
    path = tmp_path / "a"
    path.write_bytes(b"[" + b",".join(b'{"a":%d}' % number for number in range(10)) + b"]")
    taker = Taker()
    with FindingFile.open(path) as file:
        _assert_same(list(file.records(4, taker)), taker, list(file.records(4)))
    assert min(stretch.index for stretch in taker.offered) == 5


class Known(msgspec.Struct):
    """A record of which one attribute is looked at."""

    a: object = None


_DECODERS: Decoders[Known] = Decoders.of(Known)


def _decoded(data: bytes, shape: Layout) -> list[Known] | None:
    return Stretch(0, 0, data, shape, lambda _offset: 1).decode(_DECODERS)


@pytest.mark.parametrize(
    "data",
    [
        # As many records as lines, but not one on each.
        b'{"a":0}\n{"a":\n1}{"a":2}',
        b'{"a":0}{"a":1}\n',
        b'{"a":0},\n{"a":1}',
        b'{"a":0}\n\x0c\n{"a":1}',
        b'{"a":"x\n{"a":"}',
        b'{"a":0}\nnull',
        b"[]",
    ],
)
def test_lines_that_do_not_hold_one_record_each_are_not_taken(data: bytes) -> None:
    assert _decoded(data, Layout.LINES) is None


def test_blank_lines_and_line_breaks_of_two_characters_may_stand_between_records() -> None:
    found = _decoded(b'{"a":0}\r\n\r\n\n {"a":1} \r\n{"a":2}\r', Layout.LINES)
    assert found == [Known(0), Known(1), Known(2)]


@pytest.mark.parametrize(
    "record",
    [
        b'{"a":"\xff"}',
        b'{"b":"\xff"}',
        b'{"b\xff":1}',
        b'{"b":{"c":["\xed\xa0\x80"]}}',
        b'{"b":"\\ud800 and more"}',
        b'{"b":NaN}',
        b'{"b":1}}',
        b"1",
        b'{"b":' + b"[" * 1_000_000,
        b'{"a":' + b"[" * 10_000 + b"]" * 10_000 + b"}",
    ],
)
def test_what_is_not_sound_is_not_taken_even_where_the_type_does_not_look(record: bytes) -> None:
    assert _decoded(b'[{"a":"\xc3\xa9"},' + record + b"]", Layout.ARRAY) is None
    assert _decoded(b'{"a":"\xc3\xa9"}\n' + record, Layout.LINES) is None
