"""Ways to read finding files, and findings to write into them, that the tests of records share."""

from __future__ import annotations

import json
from pathlib import Path

from hypothesis import strategies as st

from console.limits import DEFAULT_LIMITS, Limits
from console.records.model import Fault, Format, JsonValue, Record
from console.records.reader import FindingFile, pieces
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
    data: bytes, shape: Format = Format.ARRAY, window_bytes: int = WINDOW_BYTES, limits: Limits = DEFAULT_LIMITS
) -> Pieces:
    """Everything in content of a known shape, read through windows of some size."""
    return list(pieces(Window(Memory(data), 0, window_bytes), shape, limits))


def read_file(path: Path, limits: Limits = DEFAULT_LIMITS) -> Pieces:
    """Everything in a file."""
    with FindingFile.open(path, limits) as file:
        return list(file.records())


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
