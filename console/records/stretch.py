"""Many records at once: runs of bytes that a reader offers, and the decode that proves what they are."""

from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Final, Generic, Self, TypeAlias, TypedDict, TypeVar, cast

import msgspec

from console.records.model import JsonValue, Layout

STRETCH_BYTES: Final = 128 * 1024
"""Bytes of a stretch, at most, where records are smaller. What is decoded of it at once should fit into caches."""

_BLANK_LINES: Final = (b"\n", b"\r\n")

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Decoders(Generic[T]):
    """Two decoders of one type of record. The type must take JSON objects and nothing else."""

    array: msgspec.json.Decoder[list[T]]
    line: msgspec.json.Decoder[T]
    skips: bool
    """Whether the type may leave out attributes. What is left out is not even checked to be UTF-8."""

    @classmethod
    def of(cls, kind: type[T], *, skips: bool = True) -> Self:
        """The decoders of *kind*."""
        return cls(msgspec.json.Decoder(list[kind]), msgspec.json.Decoder(kind), skips)  # type: ignore[valid-type]  # known at run time


@lru_cache(16)
def attributes(keys: frozenset[str]) -> Decoders[dict[str, JsonValue]]:
    """Decoders of records that leave out all but some top-level attributes."""
    # Not a Struct: keys may be any text, and those that a record lacks must stay lacking.
    kind = TypedDict("kind", dict.fromkeys(keys, object), total=False)  # type: ignore[misc]  # known at run time
    return cast("Decoders[dict[str, JsonValue]]", Decoders.of(kind))


@dataclass(frozen=True, slots=True)
class Stretch:
    """A run of bytes that probably is a whole number of whole records. `decode` tells whether it is."""

    index: int
    """The index of its first record."""
    offset: int
    """Bytes from the start of the (unpacked) file to the first record."""
    data: bytes
    """By `layout`: the text of a JSON array, whose first byte is a bracket that we added; or lines, without the last
    line break."""
    layout: Layout
    """`ARRAY` or `LINES`."""
    line_at: Callable[[int], int] = field(repr=False, compare=False)
    """The line of an offset of the file."""

    @property
    def line(self) -> int:
        """The line that the first record starts on. It is counted when it is asked for, because counting line breaks
        takes a third of the time that parsing does.
        """
        return self.line_at(self.offset)

    def decode(self, decoders: Decoders[T]) -> list[T] | None:
        """The records, if all of this is sound JSON in UTF-8 and of the decoders' type; otherwise None.

        That a list is returned proves where the records are: no other reading of these bytes is JSON. The caps on
        nesting and on digits are not looked at, nor is the size of numbers in attributes that the type leaves out.
        """
        try:
            if decoders.skips and not self.data.isascii():
                self.data.decode()
            if self.layout is Layout.ARRAY:
                return decoders.array.decode(self.data)
            # Not `decode_lines`: it takes two records on one line, and one on two lines.
            decode = decoders.line.decode
            return [decode(line) for line in io.BytesIO(self.data) if line not in _BLANK_LINES]
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            return None


Take: TypeAlias = Callable[[Stretch], int]
"""Is offered a stretch, and says how many records it took: all that are there, as `Stretch.decode` gave them, or 0.

What was taken is not read again. What was not is read record by record.
"""
