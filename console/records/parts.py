"""A finding file in parts, so that several processes can read it at the same time.

A file is cut by guess, before what looks like the start of a record, and the guess is proven afterwards: a part that
starts at a record and is read without a fault to its very end, comma and all, ends where the next record starts. So the
second part starts at a record if the first was sound, the third if the second was, and so on. Of what follows an
unsound part nothing is known: the file is read on from the start of that part in one go.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

from console.limits import Limits
from console.records.array import ArrayReader
from console.records.documents import Inside
from console.records.model import Layout
from console.records.reading import Place
from console.records.source import PlainSource, Source
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

    start: Place
    """Where it starts. Its index and its line are not known: they count from the part's start."""
    length: int
    """Bytes of the part."""
    last: bool
    """Whether the part goes on to the end of the file."""


def cut(source: PlainSource, start: int, end: int, layout: Layout, limits: Limits, part_bytes: int) -> list[Part]:
    """The parts of the file from *start* to *end*, each of about *part_bytes*. Only a little around cuts is read.

    There is one part where nothing tells how records start. Raises `UnreadableFile` when reading fails.
    """
    opening = _opening(source, start, limits) if layout is Layout.ARRAY else b""
    places = [start]
    if opening or layout is Layout.LINES:
        for wanted in range(start + part_bytes, end, part_bytes):
            near = source.up_to(min(wanted + _FARTHEST, end))
            if wanted > places[-1] and (place := _place(near, wanted, opening)):
                places.append(place)
    return [
        Part(Place(place, inside=_inside(opening) if place > start else None), following - place, last=following == end)
        for place, following in pairwise([*places, end])
    ]


def guess(source: PlainSource, start: int, wanted: int, layout: Layout, limits: Limits) -> Place | None:
    """The first place from *wanted* on that looks like the start of a record, in content that begins at *start*.

    None where nothing does nearby, or nothing tells how records start. Raises `UnreadableFile`.
    """
    opening = _opening(source, start, limits) if layout is Layout.ARRAY else b""
    if not opening and layout is not Layout.LINES:
        return None
    place = _place(source.up_to(min(wanted + _FARTHEST, source.end)), max(wanted, start + 1), opening)
    return None if place is None else Place(place, inside=_inside(opening))


def _inside(opening: bytes) -> Inside | None:
    """The array whose records start that way; none for lines, which have no opening."""
    return Inside(opening) if opening else None


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
