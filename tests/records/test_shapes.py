"""Any records, in any shape and compression, are read back the same; and whatever is whole survives a cut."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from console.errors import UnreadableFile
from console.limits import Limits
from console.records.decode import decode
from console.records.faults import FaultCode
from console.records.model import Compression, Fault, Format, Record, Span
from console.records.reader import FindingFile
from console.records.sniff import BYTE_ORDER_MARK
from tests.conftest import NewFolder
from tests.records.support import codes, faults, findings, read_file, values

Writer = Callable[[list[dict[str, object]]], bytes]
_RECORDS: list[dict[str, object]] = [{"a": 1, "b": {"c": ["x}\n", "é"]}}, {"a": 2, "b": {}}, {"a": 3, "b": "\\"}]


def _array(records: list[dict[str, object]]) -> bytes:
    return json.dumps(records).encode()


def _pretty(records: list[dict[str, object]]) -> bytes:
    return json.dumps(records, indent=4, ensure_ascii=False).encode()


def _as_prowler_writes(records: list[dict[str, object]]) -> bytes:
    return b"[" + b",".join(json.dumps(record, indent=4).encode() for record in records) + b"]"


def _lines(records: list[dict[str, object]]) -> bytes:
    return b"".join(json.dumps(record).encode() + b"\n" for record in records)


def _spaced_lines(records: list[dict[str, object]]) -> bytes:
    return b"\n" + b"\r\n \n".join(json.dumps(record).encode() for record in records)


_contents = st.builds(
    lambda records, writer, marked: (records, (BYTE_ORDER_MARK if marked else b"") + writer(records)),
    st.lists(findings, min_size=1, max_size=5),
    st.sampled_from([_array, _pretty, _as_prowler_writes, _lines, _spaced_lines]),
    st.booleans(),
)
"""Records, and a file that holds them."""


@given(_contents, st.booleans())
def test_records_in_every_shape_and_compression_are_read_back_the_same(
    new_folder: NewFolder, content: tuple[list[dict[str, object]], bytes], packed: bool
) -> None:
    records, data = content
    path = new_folder() / "findings"
    path.write_bytes(gzip.compress(data) if packed else data)
    with FindingFile.open(path) as file:
        assert file.compression is (Compression.GZIP if packed else Compression.NONE)
        assert file.byte_order_mark is data.startswith(BYTE_ORDER_MARK)
        assert file.size == path.stat().st_size
        found = list(file.records())
        assert values(found) == records
        for index, piece in enumerate(found):
            assert isinstance(piece, Record)
            assert piece.span.index == index
            assert piece.span.line == 1 + data.count(b"\n", 0, piece.span.offset)
            assert data[piece.span.offset :].startswith(piece.raw)
            assert file.raw(piece.span) == piece.raw
        assert list(file.spans()) == [piece.span for piece in found if isinstance(piece, Record)]


@pytest.mark.parametrize("writer", [_array, _pretty, _as_prowler_writes, _lines])
@pytest.mark.parametrize("packed", [False, True], ids=["plain", "gzip"])
def test_a_file_cut_at_any_byte_yields_what_is_whole_and_names_the_fault(
    writer: Writer, packed: bool, tmp_path: Path
) -> None:
    data = writer(_RECORDS)
    path = tmp_path / "whole"
    path.write_bytes(data)
    ends = [span.offset + span.length for span in FindingFile.open(path).spans() if isinstance(span, Span)]
    whole = gzip.compress(data) if packed else data
    refused: list[int] = []
    for cut in range(len(whole)):
        path.write_bytes(whole[:cut])
        try:
            found = read_file(path)
        except UnreadableFile:
            refused.append(cut)
            continue
        seen = values(found)
        assert seen == _RECORDS[: len(seen)]
        if packed:
            assert [fault.code for fault in faults(found)][-1] == FaultCode.GZIP_TRUNCATED
            continue
        assert len(seen) == sum(end <= cut for end in ends)
        # Lines may end after any record, and the last one needs no line break.
        assert faults(found) or (writer is _lines and (cut in ends or cut - 1 in ends))
    # Nothing is refused but what nothing can be made of: no byte at all, or just the start of a compressed file.
    assert refused == list(range(len(refused)))
    assert len(refused) <= (len(whole) // 2 if packed else 1)


def test_the_real_file_holds_what_the_standard_library_reads(sample: Path) -> None:
    found = read_file(sample)
    expected = json.loads(sample.read_bytes())
    assert len(expected) == 1000
    assert [decode(piece.raw) for piece in found if isinstance(piece, Record)] == expected
    assert not faults(found)


def test_reading_from_a_record_on_leaves_out_what_is_before(tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    path.write_bytes(b'[{"a":0},1,{"a":2},{"a":3}')
    with FindingFile.open(path) as file:
        found = list(file.spans(2))
    assert [place.index for place in found] == [2, 3, None]


def test_two_readings_of_one_file_do_not_disturb_each_other(tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    path.write_bytes(gzip.compress(_array(_RECORDS)))
    with FindingFile.open(path) as file:
        first, second = file.spans(), file.spans()
        pairs = list(zip(first, second, strict=True))
    assert [a for a, _ in pairs] == [b for _, b in pairs]
    assert len(pairs) == len(_RECORDS)


def test_content_decides_the_format_and_the_name_does_not(tmp_path: Path) -> None:
    for name, data, shape in (
        ("a.json", b'{"a":1}\n{"a":2}\n', Format.NDJSON),
        ("b.ndjson", b'[{"a":1}]', Format.ARRAY),
        ("c.gz", b'{"a":1}\n', Format.OBJECT),
        ("d.json", b'{"a":\n1}\n', Format.OBJECT),
        ("e.json", b'{"a":\n{"a":2}\n{"a":3}', Format.NDJSON),
        ("f.json", b'{"a": tru}\n{"a":2}', Format.NDJSON),
        ("g.json", b'{"a": [\n{"a":2},\n{"a":3}\n]}', Format.OBJECT),
        ("h.json", b'{"a":1}\n{"a":', Format.NDJSON),
        ("i.json", b"[]", Format.ARRAY),
        ("l.json", b'{\n"a":1\n}\n{\n"a":2\n}', Format.OBJECT),
        ("j.json", b"\n\n  [", Format.ARRAY),
        ("k.json", b"{}", Format.OBJECT),
    ):
        path = tmp_path / name
        path.write_bytes(data)
        with FindingFile.open(path) as file:
            assert (name, file.format) == (name, shape)


def test_lines_whose_first_record_is_larger_than_a_window_are_lines(tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    path.write_bytes(b'{"a":"' + b"x" * 2_000_000 + b'"}\n{"a":2}\n')
    with FindingFile.open(path) as file:
        assert file.format is Format.NDJSON
        assert [piece.span.line for piece in file.records() if isinstance(piece, Record)] == [1, 2]


def test_a_record_larger_than_the_limit_is_passed_over_in_every_shape(tmp_path: Path) -> None:
    path = tmp_path / "a"
    large = b'{"a":"' + b"x" * 5000 + b'"}'
    for data, index in (
        (b'[{"a":0},' + large + b',{"a":2}]', 1),
        (b'{"a":0}\n' + large + b'\n{"a":2}\n', 1),
        (large, 0),
    ):
        path.write_bytes(data)
        found = read_file(path, Limits(record_bytes=1024))
        (fault,) = faults(found)
        assert fault == Fault(
            FaultCode.RECORD_TOO_LARGE,
            "The record has 5,008 bytes; the limit for one record is 1 KiB.",
            index,
            data.index(large),
            1 + data.count(b"\n", 0, data.index(large)),
        )
        assert values(found) == ([{"a": 0}, {"a": 2}] if index else [])


def test_lines_after_a_first_one_that_is_larger_than_any_record_are_read(tmp_path: Path) -> None:
    path = tmp_path / "a"
    path.write_bytes(b'{"a":"' + b"x" * 1_200_000 + b'"}\n{"a":1}\n{"a":2}\n')
    found = read_file(path, Limits(record_bytes=1024))
    assert codes(found) == ["record_too_large"]
    assert values(found) == [{"a": 1}, {"a": 2}]


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (b'[{"class_uid":2004}]', Format.ARRAY),
        (b'{"events":[{"class_uid":2004}],"count":1}', Format.BUNDLE),
        (b'[{"count":1,"events":[{"class_uid":2004}]}]', Format.BUNDLES),
        (
            b'{"count":1,"start_time":null,"end_time_dt":"x","events":[' + b'{"a":"' + b"x" * 1_100_000 + b'"}]}',
            Format.BUNDLE,
        ),
        (b'[{"events":[],"class_uid":2004}]', Format.ARRAY),
        (b'{"Findings":[]}', Format.ASFF),
        (b'{\n  "NextToken": "x",\n  "Findings" : [\n{}]}', Format.ASFF),
        (b'{"Findings":{}}', Format.OBJECT),
        (b'{"ResponseMetadata":{"a":[1,"]}"]},"n":1,"Findings":[{}]}', Format.ASFF),
        (b'{"Findings":[{}]}\n{"Findings":[{}]}', Format.ASFF),
        (b'[{"SchemaVersion":"2018-10-08","Id":"a","ProductArn":"b"}]', Format.ASFF),
        (b'[{"Id":"a","ProductArn":"b"}]', Format.ARRAY),
        (b'{"AwsAccountId":"1","ProductArn":"b"}', Format.ASFF),
        (b'{"detection_findings":{},"email_activity":[]}', Format.CISCO_CUSTOM),
        (b'{"detection_findings":{},"class_uid":1}', Format.OBJECT),
        (b'{"events":[]}\n{"events":[]}', Format.NDJSON),
    ],
)
def test_a_format_of_its_own_is_told_by_the_first_record(tmp_path: Path, data: bytes, expected: Format) -> None:
    path = tmp_path / "a"
    path.write_bytes(data)
    with FindingFile.open(path) as file:
        assert file.format is expected


def test_several_documents_are_known_once_the_second_is_met(tmp_path: Path) -> None:
    path = tmp_path / "a"
    path.write_bytes(b'[{"a":0}]\n[{"a":1}]')
    with FindingFile.open(path) as file:
        known = [file.format]
        assert len([piece for piece in file.records() if isinstance(piece, Record)]) == 2
        assert [*known, file.format] == [Format.ARRAY, Format.CONCATENATED]


@pytest.mark.parametrize(
    ("name", "data", "words"),
    [
        ("a.json", b'[{"a":1}]', ""),
        ("a.json", b'\xef\xbb\xbf[{"a":1}]', "byte order mark"),
        ("a.json", gzip.compress(b'[{"a":1}]', mtime=0), "its name does not say so"),
        ("a.json.gz", gzip.compress(b'[{"a":1}]', mtime=0), ""),
        ("a.json.GZ", b'[{"a":1}]', "not compressed"),
        ("a.gz", gzip.compress(b'[{"a":1},', mtime=0) + gzip.compress(b'{"a":2}]', mtime=0), "several gzip members"),
    ],
)
def test_what_is_unusual_is_noted(tmp_path: Path, name: str, data: bytes, words: str) -> None:
    path = tmp_path / name
    path.write_bytes(data)
    with FindingFile.open(path) as file:
        assert not faults(list(file.records()))
        assert len(file.notes) == bool(words)
        assert words in "".join(file.notes)


@pytest.mark.parametrize(("start", "expected"), [(b'{"Findings":[', Format.ASFF), (b'{"events":[', Format.BUNDLE)])
def test_what_stands_on_one_line_that_is_longer_than_any_record_is_told_too(
    tmp_path: Path, start: bytes, expected: Format
) -> None:
    path = tmp_path / "a"
    path.write_bytes(start + b'{"a":1},' * 200_000 + b"{}]}")
    with FindingFile.open(path, Limits(record_bytes=1000)) as file:
        assert file.format is expected
        assert len(list(file.records())) == (200_001 if expected is Format.ASFF else 1)
