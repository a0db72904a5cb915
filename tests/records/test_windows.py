"""However a file is cut into windows, and whichever way boundaries are found, the records are the same."""

from __future__ import annotations

import json

import msgspec
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from console.limits import DEFAULT_LIMITS, Limits
from console.records import array
from console.records.array import ArrayReader
from console.records.model import Layout, Record
from console.records.reading import Place, Reading
from console.records.window import Window
from tests.records.support import Memory, codes, findings, json_values, read_bytes, values

_shapes = st.sampled_from([Layout.ARRAY, Layout.LINES, Layout.DOCUMENT])

# Pieces of JSON in any order: sound records, half records, and what a broken writer leaves between them.
_fragments = st.sampled_from(
    ['{"a":1}', '{"a":[{"a":2}]}', '{\n  "a": {"b": "c,}"}\n}', '{"b":NaN}', '{"a":{"a":1},{"a":2}', '{"a":"', ",{"]
) | st.sampled_from(["null", '\\"', '"s"', "[[]]", *'"{}[],:\n\\ 1xé\0'])
_anything = st.builds(
    lambda start, parts, end: (start + "".join(parts) + end).encode(),
    st.sampled_from(["[", "{", "[\n"]),
    st.lists(_fragments, max_size=14),
    st.sampled_from(["]", "", "\n"]),
)


@given(_anything, st.integers(1, 64), _shapes)
@example(b'[{"a":1},{"a":{"a":1},{"a":2},{"a":3}]', 3, Layout.ARRAY)
@example(b'[{"a":1},{"a":"x\n{"a":2}]', 1, Layout.ARRAY)
def test_tiny_windows_find_what_a_large_one_finds(data: bytes, window_bytes: int, shape: Layout) -> None:
    assert read_bytes(data, shape, window_bytes) == read_bytes(data, shape)


@given(_anything, st.integers(1, 64), _shapes, st.integers(1, 12))
def test_tiny_windows_find_what_a_large_one_finds_with_records_over_the_limit(
    data: bytes, window_bytes: int, shape: Layout, limit: int
) -> None:
    limits = Limits(record_bytes=limit)
    assert read_bytes(data, shape, window_bytes, limits) == read_bytes(data, shape, limits=limits)


@given(_anything)
@example(b'[{"a":1},{"a":2},][{"a":3}')
def test_the_fast_way_and_the_exact_way_find_the_same(data: bytes) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(ArrayReader, "_run", lambda _self: b"")
        exact = read_bytes(data)
    assert read_bytes(data) == exact


@given(st.lists(findings, max_size=8), st.none() | st.integers(0, 4), st.integers(1, 64))
def test_records_are_found_where_they_are(records: list[dict[str, object]], indent: int | None, window: int) -> None:
    data = json.dumps(records, indent=indent, ensure_ascii=False).encode()
    found = read_bytes(data, window_bytes=window)
    assert values(found) == records
    for index, piece in enumerate(found):
        assert isinstance(piece, Record)
        span = piece.span
        assert span.index == index
        assert data[span.offset : span.offset + span.length] == piece.raw
        assert span.line == 1 + data.count(b"\n", 0, span.offset)


@given(json_values, st.integers(1, 8))
def test_any_value_in_a_record_is_followed_to_its_end(value: object, window_bytes: int) -> None:
    data = json.dumps({"v": value}).encode()
    assert values(read_bytes(data, Layout.DOCUMENT, window_bytes)) == [{"v": value}]


def test_a_huge_string_is_looked_at_once_and_in_small_windows() -> None:
    data = b'[{"a":"' + b'\\"{' * 1_000_000 + b'"},{"a":1}]'
    source = Memory(data)
    limits = Limits(record_bytes=100_000)
    found = list(Reading(Window(source, 0, 4096), Layout.ARRAY, limits, Place(0)).pieces())
    assert codes(found) == ["record_too_large"]
    assert values(found) == [{"a": 1}]
    assert source.largest <= 2 * limits.record_bytes


def test_a_huge_line_is_passed_over_in_small_windows() -> None:
    source = Memory(b'{"a":"' + b"x" * 3_000_000 + b'"}\r\n{"a":1}')
    limits = Limits(record_bytes=100_000)
    found = list(Reading(Window(source, 0, 4096), Layout.LINES, limits, Place(0)).pieces())
    assert codes(found) == ["record_too_large"]
    assert values(found) == [{"a": 1}]
    assert source.largest <= 2 * limits.record_bytes


def test_a_million_brackets_are_followed() -> None:
    data = b'[{"a":' + b"[" * 500_000 + b"]" * 500_000 + b'},{"a":1}]'
    found = read_bytes(data)
    assert [piece.span.index for piece in found if isinstance(piece, Record)] == [0, 1]


def test_more_brackets_than_memory_is_given_for_are_a_fault(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("console.records.scan._DEEPEST", 1000)
    deeper_than_any_decoder_goes = b"[" * 100_000 + b"]" * 100_000
    found = read_bytes(b'[{"a":1},{"a":' + deeper_than_any_decoder_goes + b'},{"a":3}]')
    assert codes(found) == ["malformed"]
    assert values(found) == [{"a": 1}, {"a": 3}]


def test_a_large_record_is_read_in_few_steps() -> None:
    source = Memory(b'[{"a":"' + b"x" * 1_000_000 + b'"}]')
    assert len(list(Reading(Window(source, 0, 64), Layout.ARRAY, DEFAULT_LIMITS, Place(0)).pieces())) == 1
    assert source.reads < 20


def test_a_window_that_is_not_sound_is_not_decoded_again_for_each_record(monkeypatch: pytest.MonkeyPatch) -> None:
    attempts: list[bytes] = []

    class Refusing:
        def decode(self, data: bytes) -> list[msgspec.Raw]:
            attempts.append(data)
            raise msgspec.DecodeError

    monkeypatch.setattr(array, "_slices", Refusing())
    data = b"[" + b",".join([b'{"a":1}'] * 10_000) + b"]"
    assert len(read_bytes(data, window_bytes=8000)) == 10_000
    assert len(attempts) <= len(data) / 8000


@given(st.binary(max_size=40), st.integers(0, 40), st.integers(1, 6), st.integers(1, 9))
def test_bytes_are_found_across_windows(data: bytes, start: int, length: int, window_bytes: int) -> None:
    wanted = data[start : start + length] or b"none"
    window = Window(Memory(data), 0, window_bytes)
    assert window.find(wanted) is (wanted in data)
    assert window.offset == (data.find(wanted) if wanted in data else len(data))


def test_a_key_that_only_the_first_record_has_does_not_make_the_window_grow() -> None:
    data = b'[{"first":1}' + b',{"a":1}' * 20_000 + b"]"
    window = Window(Memory(data), 0, 1000)
    largest = 0
    for _ in Reading(window, Layout.ARRAY, DEFAULT_LIMITS, Place(0)).pieces():
        largest = max(largest, len(window.data))
    assert largest <= 3000
