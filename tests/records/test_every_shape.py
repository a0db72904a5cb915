"""Any records, written in every shape and compression, are read back the same; and what is whole survives every cut."""

from __future__ import annotations

import gzip
import json
import zlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from console.errors import UnreadableFile
from console.records.faults import FaultCode
from console.records.model import Compression, Fault, Format, JsonValue, Record
from console.records.reader import FindingFile
from console.records.sniff import BYTE_ORDER_MARK
from console.records.stretch import Decoders, Stretch
from console.records.window import WINDOW_BYTES
from tests.conftest import NewFolder
from tests.examples import examples
from tests.records.support import Pieces, codes, faults, findings, values

Finding = dict[str, object]
Group = Sequence[Finding]

_SLICES: Final[Decoders[msgspec.Raw]] = Decoders.of(msgspec.Raw)


@dataclass(frozen=True, slots=True)
class Content:
    """What a file shall hold, and what shall be read from it."""

    text: str
    records: list[Finding]
    format: Format
    documents: int = 1
    """How many JSON documents stand one after another; 1 for lines, which are no documents."""


Shape = Callable[[Group], Content]
"""Writes some records, at least one."""


def _compact(value: object) -> str:
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False)


def _pretty(value: object) -> str:
    """JSON over several lines, also where it is an empty object."""
    return json.dumps(value, indent=2, ensure_ascii=False) if value != {} else "{\n}"


def _as_prowler_writes(records: Group) -> str:
    return "[" + ",".join(json.dumps(record, indent=4) for record in records) + "]"


def _with_carriage_returns(records: Group) -> str:
    return json.dumps(records, indent=1).replace("\n", "\r\n") + "\r\n"


def _array(write: Callable[[Group], str]) -> Shape:
    return lambda records: Content(write(records), list(records), Format.ARRAY)


def _lines(before: str, between: str, after: str) -> Shape:
    """One line alone is an object: nothing tells that others could have followed."""

    def write(records: Group) -> Content:
        shape = Format.NDJSON if len(records) > 1 else Format.OBJECT
        return Content(before + between.join(map(_compact, records)) + after, list(records), shape)

    return write


def _object(records: Group) -> Content:
    return Content(_pretty(records[0]), [records[0]], Format.OBJECT)


def _pairs(records: Group) -> list[Group]:
    """The records two by two."""
    return [records[at : at + 2] for at in range(0, len(records), 2)]


def _arrays(write: Callable[[Group], str], between: str) -> Shape:
    """Two records are an array of their own, as from a program that appends. The last run found nothing."""

    def concatenated(records: Group) -> Content:
        runs = [*_pairs(records), []]
        return Content(between.join(map(write, runs)), list(records), Format.ARRAY, len(runs))

    return concatenated


def _objects(write: Callable[[object], str], between: str) -> Shape:
    def concatenated(records: Group) -> Content:
        return Content(between.join(map(write, records)), list(records), Format.OBJECT, len(records))

    return concatenated


def _as_asff(number: int, record: Finding) -> Finding:
    """A finding with what tells the AWS Security Finding Format."""
    return {
        "SchemaVersion": "2018-10-08",
        "Id": f"finding/{number}",
        "ProductArn": "arn:aws:securityhub:eu-west-1::product/prowler/prowler",
        "AwsAccountId": "123456789012",
        "UserDefinedFields": record,
    }


def _asff(write: Callable[[object], str], *, wrapped: bool) -> Shape:
    def written(records: Group) -> Content:
        found = [_as_asff(number, record) for number, record in enumerate(records)]
        return Content(write({"Findings": found} if wrapped else found), found, Format.ASFF)

    return written


def _bundle(events: Group) -> Finding:
    return {"count": len(events), "start_time": 1_763_547_300_000, "events": list(events)}


def _one_bundle(records: Group) -> Content:
    bundle = _bundle(records)
    return Content(_compact(bundle), [bundle], Format.BUNDLE)


def _bundles(write: Callable[[object], str]) -> Shape:
    def written(records: Group) -> Content:
        bundles = [_bundle(events) for events in ([], *_pairs(records))]
        return Content(write(bundles), bundles, Format.BUNDLES)

    return written


def _cisco_custom(records: Group) -> Content:
    request: Finding = {"module_instance_id": "a", "detection_findings": list(records)}
    return Content(_pretty(request), [request], Format.CISCO_CUSTOM)


SHAPES: Final[dict[str, Shape]] = {
    "compact array": _array(_compact),
    "pretty array": _array(_pretty),
    "prowler": _array(_as_prowler_writes),
    "array with CRLF": _array(_with_carriage_returns),
    "lines": _lines("", "\n", "\n"),
    "lines with CRLF": _lines("", "\r\n", "\r\n"),
    "blank lines": _lines("\n", "\n \r\n", "\n\n"),
    "object": _object,
    "arrays": _arrays(_compact, ""),
    "prowler arrays on lines": _arrays(_as_prowler_writes, "\n"),
    "objects": _objects(_compact, ""),
    "objects apart": _objects(_pretty, " "),
    "objects on lines": _objects(_pretty, "\n"),
    "ASFF wrapper": _asff(_compact, wrapped=True),
    "pretty ASFF wrapper": _asff(_pretty, wrapped=True),
    "ASFF array": _asff(_pretty, wrapped=False),
    "bundle": _one_bundle,
    "bundles": _bundles(_compact),
    "pretty bundles": _bundles(_pretty),
    "Cisco custom": _cisco_custom,
}

Packing = Callable[[bytes], bytes]

PACKINGS: Final[dict[str, Packing]] = {
    "plain": lambda data: data,
    "gzip": gzip.compress,
    "members": lambda data: b"".join(gzip.compress(data[at : at + 40]) for at in range(0, len(data), 40)),
}

_traps: Final[st.SearchStrategy[Finding]] = st.sampled_from(
    [
        {"message": "}{", "x": "][", "y": '{"Findings":['},
        {"message": '"}\n{"message":"', "x": 'x"],"events":[{'},
        {"message": {"Findings": [{"message": 1}, {"message": 2}]}, "events": {}, "class_uid": 2004},
        {"message": [{"message": [{"message": "\\"}]}]},
    ]
)
"""Records with places in them that look like the end, or the start, of something else."""
_records: Final = st.lists(st.one_of(findings, _traps), min_size=1, max_size=7)

_THREE: Final[list[Finding]] = [
    {"a": 1, "b": {"c": ["x}\n", "é"]}},
    {"a": 2, "b": {"c": []}},
    {"a": 3, "b": "\\"},
]
"""Few records, for files that are cut at every byte."""


def read(path: Path) -> Pieces:
    """Everything in a file, record by record."""
    with FindingFile.open(path) as file:
        return list(file.records())


def taken(path: Path) -> tuple[list[JsonValue], list[Fault]]:
    """The records of a file, in order, and its faults, where whatever can be taken at once is taken."""
    found: dict[int, JsonValue] = {}

    def take(stretch: Stretch) -> int:
        slices = stretch.decode(_SLICES) or []
        found.update((index, json.loads(bytes(one))) for index, one in enumerate(slices, stretch.index))
        return len(slices)

    with FindingFile.open(path) as file:
        left = list(file.records(take=take))
    found.update((piece.span.index, json.loads(piece.raw)) for piece in left if isinstance(piece, Record))
    return [found[index] for index in sorted(found)], faults(left)


def _assert_read(path: Path, content: Content, packing: str, *, marked: bool) -> None:
    """Write a file, and check everything that is read of it."""
    data = (BYTE_ORDER_MARK if marked else b"") + content.text.encode()
    path.write_bytes(PACKINGS[packing](data))
    with FindingFile.open(path) as file:
        assert file.compression is (Compression.NONE if packing == "plain" else Compression.GZIP)
        assert file.byte_order_mark is marked
        found = list(file.records())
        whole = [piece for piece in found if isinstance(piece, Record)]
        assert values(found) == content.records
        assert [piece.span.index for piece in whole] == list(range(len(whole)))
        line, counted = 1, 0
        for piece in whole:
            span = piece.span
            line, counted = line + data.count(b"\n", counted, span.offset), span.offset
            assert span.line == line
            assert data[span.offset : span.offset + span.length] == piece.raw == file.raw(span)
        assert file.format is (content.format if content.documents == 1 else Format.CONCATENATED)
        assert set(codes(found)) == ({FaultCode.SECOND_DOCUMENT} if content.documents > 1 else set())
    assert taken(path) == (content.records, faults(found))


@pytest.mark.parametrize("packing", PACKINGS)
@pytest.mark.parametrize("shape", SHAPES)
@settings(max_examples=examples(20), deadline=None)
@given(records=_records, marked=st.booleans())
def test_any_records_are_read_back_from_every_shape(
    new_folder: NewFolder, shape: str, packing: str, records: list[Finding], marked: bool
) -> None:
    _assert_read(new_folder() / "findings", SHAPES[shape](records), packing, marked=marked)


@pytest.mark.parametrize("packing", ["plain", "gzip"])
@pytest.mark.parametrize("shape", SHAPES)
def test_many_records_are_read_back_from_every_shape(tmp_path: Path, shape: str, packing: str) -> None:
    records = [{**_THREE[number % 3], "text": "y{" * (number % 400)} for number in range(1_500)]
    content = SHAPES[shape](records)
    assert len(content.text) > 2 * WINDOW_BYTES or shape == "object"
    _assert_read(tmp_path / "findings", content, packing, marked=False)


@pytest.mark.parametrize("shape", ["arrays", "prowler arrays on lines"])
def test_each_further_array_is_told_where_it_starts(tmp_path: Path, shape: str) -> None:
    data = SHAPES[shape](_THREE).text.encode()
    path = tmp_path / "findings"
    path.write_bytes(data)
    told = faults(read(path))
    starts = [at for at in range(1, len(data)) if data.startswith(b"[", at) and _is_whole(data[:at])]
    assert len(starts) == 2
    assert [(fault.offset, fault.index) for fault in told] == [(start, None) for start in starts]
    assert [fault.line for fault in told] == [1 + data.count(b"\n", 0, start) for start in starts]


def test_an_object_on_one_line_hides_none_of_those_on_several(tmp_path: Path) -> None:
    path = tmp_path / "findings"
    for objects in ([_compact(_THREE[0]), _pretty(_THREE[1])], [_pretty(_THREE[0]), _compact(_THREE[1])]):
        path.write_text("\n".join(objects))
        assert values(read(path)) == _THREE[:2]


@settings(max_examples=examples(60), deadline=None)
@given(
    shape=st.sampled_from(sorted(SHAPES)),
    packing=st.sampled_from(sorted(PACKINGS)),
    records=_records,
    part_bytes=st.integers(1, 300),
)
def test_sound_parts_together_hold_the_same_records(
    new_folder: NewFolder, shape: str, packing: str, records: list[Finding], part_bytes: int
) -> None:
    content = SHAPES[shape](records)
    path = new_folder() / "findings"
    path.write_bytes(PACKINGS[packing](content.text.encode()))
    found: Pieces = []
    with FindingFile.open(path) as file:
        expected = list(file.records())
        for part in file.parts(part_bytes):
            reading = file.reading_of(part)
            found += reading.pieces()
            if not reading.sound:
                return
    assert values(found) == values(expected) == content.records
    offsets = [[piece.span.offset for piece in some if isinstance(piece, Record)] for some in (found, expected)]
    assert offsets[0] == offsets[1]


_PACKED: Final = {FaultCode.GZIP_TRUNCATED, FaultCode.GZIP_CORRUPT}
"""A cut in the two bytes by which a member is known may look like either."""


def _is_whole(data: bytes) -> bool:
    """Whether this is one JSON document, or several, and nothing else, by the standard library."""
    decoder = json.JSONDecoder()
    text = data.decode(errors="replace")
    rest = text.strip()
    while rest:
        try:
            _, end = decoder.raw_decode(rest)
        except ValueError:
            return False
        rest = rest[end:].strip()
    return bool(text.strip())


def _ends(path: Path) -> list[int]:
    """Where each record of a file that is whole ends."""
    return [piece.span.offset + piece.span.length for piece in read(path) if isinstance(piece, Record)]


def _assert_cut(path: Path, content: Content, ends: list[int], there: bytes, *, damaged: bool = False) -> None:
    """Check what is read of a file that holds no more than *there*; its compression may be *damaged*."""
    count = sum(end <= len(there) for end in ends)
    try:
        found = read(path)
    except UnreadableFile:
        assert count == 0
        return
    assert values(found) == content.records[:count]
    assert taken(path) == (content.records[:count], faults(found))
    named = set(codes(found)) - {FaultCode.SECOND_DOCUMENT}
    assert bool(named & _PACKED) is damaged
    assert bool(named - _PACKED) is not _is_whole(there)
    for fault in faults(found):
        assert fault.offset is not None
        assert fault.line == 1 + there.count(b"\n", 0, fault.offset)


@pytest.mark.parametrize("shape", SHAPES)
def test_whatever_is_whole_survives_a_cut_at_any_byte(tmp_path: Path, shape: str) -> None:
    content = SHAPES[shape](_THREE)
    data = content.text.encode()
    path = tmp_path / "findings"
    path.write_bytes(data)
    ends = _ends(path)
    assert len(ends) == len(content.records)
    for cut in range(len(data) + 1):
        path.write_bytes(data[:cut])
        _assert_cut(path, content, ends, data[:cut])


@pytest.mark.parametrize("packing", ["gzip", "members"])
@pytest.mark.parametrize("shape", SHAPES)
def test_whatever_is_whole_survives_a_cut_at_any_byte_of_a_packed_file(
    tmp_path: Path, shape: str, packing: str
) -> None:
    content = SHAPES[shape](_THREE)
    packed = PACKINGS[packing](content.text.encode())
    path = tmp_path / "findings"
    path.write_bytes(packed)
    ends = _ends(path)
    for cut in range(len(packed) + 1):
        path.write_bytes(packed[:cut])
        there, is_complete = _unpacked(packed[:cut])
        _assert_cut(path, content, ends, there, damaged=not is_complete)


def _unpacked(packed: bytes) -> tuple[bytes, bool]:
    """All that zlib can make of the start of a gzip file, and whether that ends where a member does."""
    there = b""
    while packed:
        member = zlib.decompressobj(wbits=31)
        there += member.decompress(packed)
        if not member.eof:
            return there, False
        packed = member.unused_data
    return there, True
