"""Ways to read finding files, and findings to write into them, that the tests of records share."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

from hypothesis import strategies as st

from console.limits import DEFAULT_LIMITS, Limits
from console.records.model import Fault, JsonValue, Layout, Record
from console.records.reader import FindingFile
from console.records.reading import Place, Reading
from console.records.window import WINDOW_BYTES, Window

Pieces = list[Record | Fault]


class Memory:
    """A source of bytes that needs no file."""

    damage = None

    def __init__(self, data: bytes) -> None:
        self._data = data
        self.largest = 0
        """Bytes of the largest piece that was asked for at once."""
        self.reads = 0

    def read(self, offset: int, length: int) -> bytes:
        self.largest = max(self.largest, length)
        self.reads += 1
        return self._data[offset : offset + length]

    def close(self) -> None:
        self._data = b""


def read_bytes(
    data: bytes, layout: Layout = Layout.ARRAY, window_bytes: int = WINDOW_BYTES, limits: Limits = DEFAULT_LIMITS
) -> Pieces:
    """Everything in content of a known shape, read through windows of some size."""
    return list(Reading(Window(Memory(data), 0, window_bytes), layout, limits, Place(0)).pieces())


def read_file(path: Path, limits: Limits = DEFAULT_LIMITS) -> Pieces:
    """Everything in a file."""
    with FindingFile.open(path, limits) as file:
        return list(file.records())


def sound(found: Pieces) -> Pieces:
    """What was read, without the records that are whole and no JSON."""

    def is_json(piece: Record | Fault) -> bool:
        try:
            return isinstance(piece, Fault) or json.loads(piece.raw) is not None
        except ValueError:
            return False

    return [piece for piece in found if is_json(piece)]


def values(found: Pieces) -> list[JsonValue]:
    """The records in what was read, decoded by the standard library."""
    return [json.loads(piece.raw) for piece in found if isinstance(piece, Record)]


def faults(found: Pieces) -> list[Fault]:
    """The faults in what was read."""
    return [piece for piece in found if isinstance(piece, Fault)]


def codes(found: Pieces) -> list[str]:
    """The codes of the faults in what was read."""
    return [fault.code for fault in faults(found)]


# Texts full of what could confuse a reader that looks for brackets and line breaks.
_texts = st.text(st.sampled_from('{}[],:"\\\n a0é\u2028😀'), max_size=12)
json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | _texts,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_texts, inner, max_size=3),
    max_leaves=8,
)
findings = st.dictionaries(_texts, json_values, max_size=4) | st.builds(
    lambda value: {"message": value, "class_uid": 2004}, json_values
)
"""Objects of any content; about half of them start alike, as those of one producer do."""

_lookalikes = st.sampled_from(
    [
        {"message": [{"message": 1}, {"message": 2}], "x": {"message": {}}},
        {"message": 'x"},{"message":"y', "more": '\n},\n    {"message'},
        {"message": "", "é": ["\u2028", '},{"message"']},
    ]
)
"""Records with places in them that look like the start of another one."""

_WRITERS: dict[str, Callable[[list[dict[str, object]]], str]] = {
    "compact": lambda records: json.dumps(records, separators=(",", ":"), ensure_ascii=False),
    "pretty": lambda records: json.dumps(records, indent=2),
    "prowler": lambda records: "[" + ",".join(json.dumps(record, indent=4) for record in records) + "]",
    "crlf": lambda records: json.dumps(records, indent=1).replace("\n", "\r\n") + "\r\n",
    "lines": lambda records: "".join(json.dumps(record, ensure_ascii=False) + "\n" for record in records),
    "crlf lines": lambda records: "\r\n".join(json.dumps(record) for record in records),
    "blank lines": lambda records: "\n" + "\n \r\n".join(json.dumps(record) for record in records) + "\n\n\n",
}
_JUNK = [b"", b",", b"\n", b"}", b"{", b"]", b'"', b"null,", b"\xff", b"\x00", b'},{"message":1}', b"}\n{"]

_documents = st.builds(
    lambda records, name: _WRITERS[name](records).encode(),
    st.lists(findings | _lookalikes, min_size=1, max_size=12),
    st.sampled_from(sorted(_WRITERS)),
)
_single = st.builds(
    lambda record, indent: json.dumps(record, indent=indent).encode(),
    findings | _lookalikes,
    st.sampled_from([None, 1]),
)
_wrappers = st.builds(
    lambda before, array, after: b'{%b"Findings": %b%b}' % (before, array, after),
    st.sampled_from([b"", b'"NextToken": "x", ', b'"ResponseMetadata": {"a": [1, {}]}, "n": 1,']),
    st.builds(lambda records: json.dumps(records).encode(), st.lists(findings | _lookalikes, max_size=4)),
    st.sampled_from([b"", b', "NextToken": "]}"', b', "More": {"message": [{"message": 1}]}']),
)
_contents = _documents | st.builds(
    lambda documents, joint: joint.join(documents),
    st.lists(_documents | _single | _wrappers | st.just(b"[]"), min_size=1, max_size=5),
    st.sampled_from([b"", b"\n", b" junk "]),
)


def _with_damage(data: bytes, place: int, length: int, junk: bytes) -> bytes:
    """Content with some bytes replaced by others."""
    place %= len(data)
    return data[:place] + junk + data[place + length :]


contents = _contents | st.builds(
    _with_damage, _contents, st.integers(0, 1000), st.integers(0, 20), st.sampled_from(_JUNK)
)
"""Finding files as bytes: arrays, lines, wrappers and what follows one another, in several styles; about half of them
are damaged somewhere.
"""
