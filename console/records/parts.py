"""A finding file in parts, so that several processes can read it at the same time.

A file is cut by guess, before what looks like the start of a record, and the guess is proven afterwards: a part that
starts at a record and is read without a fault to its very end, comma and all, ends where the next record starts. So the
second part starts at a record if the first was sound, the third if the second was, and so on. Of what follows an
unsound part nothing is known: the file is read on from the start of that part in one go.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

from console.limits import Limits
from console.records.array import ArrayReader
from console.records.model import Fault, Format, Record
from console.records.pieces import pieces
from console.records.source import PlainSource, Source
from console.records.stretch import Stretch, Take
from console.records.window import END, Window

_LOOK_BYTES: Final = 64 * 1024
"""Bytes that are read at once where a cut is looked for."""
_FARTHEST: Final = 1024 * 1024
"""Bytes after the wanted place in which a cut is looked for. Where none is found the part gets longer."""
_SEAM_BYTES: Final = 128
_SEAM: Final = re.compile(rb"\}[ \t\r\n]*,[ \t\r\n]*\Z")
"""What stands before a record of an array, if another record is before it."""


@dataclass(frozen=True, slots=True)
class Part:
    """A part of a finding file. It can be sent to another process."""

    offset: int
    """Bytes from the start of the (unpacked) file to the part's first byte."""
    length: int
    """Bytes of the part; those on disk for a compressed file, which is one part."""
    opening: bytes
    """How each record of the array starts, if this part starts at one; else empty, as it is for lines."""
    last: bool
    """Whether the part goes on to the end of the file."""


class PartReader:
    """Reads one part alone. Iterate over it once, then ask what came of it while the file is still open.

    Indexes count from 0 and lines from 1, at the start of the part. Offsets are those of the file.
    """

    def __init__(self, part: Part, source: Source, shape: Format, limits: Limits, take: Take | None) -> None:
        self._window = Window(source, part.offset)
        counting = self._counting(take) if take else None
        self._pieces = self._noted(
            pieces(self._window, shape, limits, counting, opening=part.opening, goes_on=not part.last)
        )
        self.count = 0
        """Indexes that were met so far: of records, taken or not, and of faults in the place of one."""
        self.sound = False
        """Whether the part was read to its end without a fault. If it starts at a record, so does the next part then.

        If not, what came of this part may be wrong. Read it again, and all that follows it, with `FindingFile.rest`.
        """

    def __iter__(self) -> Iterator[Record | Fault]:
        """The records that were not taken, and the faults. Raises `UnreadableFile` when reading fails midway."""
        return self._pieces

    @property
    def newlines(self) -> int:
        """Line breaks that were passed so far. Those in taken records are counted, in the file, when this is asked."""
        return self._window.line - 1

    def _noted(self, found: Iterator[Record | Fault]) -> Iterator[Record | Fault]:
        """What is *found*, with its indexes counted; in the end, whether it was all sound."""
        sound = True
        for piece in found:
            index = piece.span.index if isinstance(piece, Record) else piece.index
            if index is not None:
                self.count = index + 1
            sound = sound and isinstance(piece, Record)
            yield piece
        self.sound = sound

    def _counting(self, take: Take) -> Take:
        """*take*, with what it takes counted."""

        def counted(stretch: Stretch) -> int:
            taken = take(stretch)
            if taken:
                self.count = stretch.index + taken
            return taken

        return counted


def cut(source: PlainSource, start: int, end: int, shape: Format, limits: Limits, part_bytes: int) -> list[Part]:
    """The parts of the file from *start* to *end*, each of about *part_bytes*. Only a little around cuts is read.

    There is one part where nothing tells how records start. Raises `UnreadableFile` when reading fails.
    """
    opening = _opening(source, start, limits) if shape is Format.ARRAY else b""
    places = [start]
    if opening or shape is Format.NDJSON:
        for wanted in range(start + part_bytes, end, part_bytes):
            near = source.up_to(min(wanted + _FARTHEST, end))
            if wanted > places[-1] and (place := _place(near, wanted, opening)):
                places.append(place)
    return [
        Part(place, following - place, opening if place > start else b"", last=following == end)
        for place, following in pairwise([*places, end])
    ]


def _opening(source: Source, start: int, limits: Limits) -> bytes:
    """How the first record of an array starts; empty if the array starts with something else."""
    window = Window(source, start)
    window.peek()
    reader = ArrayReader(window, limits)
    next(reader.read(), None)
    return reader.opening


def _place(source: Source, wanted: int, opening: bytes) -> int | None:
    """The first place from *wanted* on that looks like the start of a record; without an *opening*, of one on a line.

    None where the source has none.
    """
    window = Window(source, wanted, _LOOK_BYTES)
    if not opening:
        window.find(b"\n")
        return None if window.peek() == END else window.offset
    while window.find(opening):
        before = max(window.offset - _SEAM_BYTES, 0)
        if _SEAM.search(source.read(before, window.offset - before)):
            return window.offset
        window.move(window.at + 1)
    return None
