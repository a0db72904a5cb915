"""Where the records of a finding file are: found once, kept small, and then any record is at hand.

A file's places, which are its records and its faults, are numbered in file order: these numbers are rows. Of most rows
nothing is kept. There is a mark about every 128 KiB, from which the rows after it are read again.
"""

from __future__ import annotations

from array import array
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import islice
from typing import ClassVar, Final

import msgspec

from console.progress import Cancel, Report, silent
from console.records.documents import Inside
from console.records.model import Fault, Record
from console.records.reader import FindingFile
from console.records.reading import Place, Reading
from console.records.stretch import Decoders, Stretch
from console.records.sweep import Found, sweep
from console.records.workers import Workers

_MARK_BYTES: Final = 64 * 1024
"""Bytes from one mark to the next, at least; and no more than twice a stretch, where records are smaller."""


class _Anything(msgspec.Struct):
    """Any object at all."""


_ANYTHING: Final = Decoders.of(_Anything)


@dataclass(slots=True)
class Marks:
    """Places from which a file can be read, by their rows. Numbers are kept in columns: a file has many marks."""

    rows: array[int] = field(default_factory=lambda: array("q"))
    indexes: array[int] = field(default_factory=lambda: array("q"))
    offsets: array[int] = field(default_factory=lambda: array("q"))
    lines: array[int] = field(default_factory=lambda: array("q"))
    insides: array[int] = field(default_factory=lambda: array("q"))
    """Numbers in `arrays`."""
    arrays: list[Inside | None] = field(default_factory=list)
    """What the places are inside of."""

    def __len__(self) -> int:
        return len(self.insides)

    def add(self, row: int, place: Place) -> None:
        """Add the next mark."""
        if not self.arrays or self.arrays[-1] != place.inside:
            self.arrays.append(place.inside)
        self.rows.append(row)
        self.indexes.append(place.index)
        self.offsets.append(place.offset)
        self.lines.append(place.line)
        # The last, because it is what is counted: other threads read while one writes.
        self.insides.append(len(self.arrays) - 1)

    def place(self, number: int) -> Place:
        """The place of one mark."""
        inside = self.arrays[self.insides[number]]
        return Place(self.offsets[number], self.indexes[number], self.lines[number], inside)


@dataclass(frozen=True, slots=True)
class Marked:
    """The marks in a part of a file. Rows count from the start of the part."""

    marks: Marks
    rows: int
    faults: int
    """Rows that are faults."""


@dataclass(frozen=True, slots=True)
class Marking:
    """The look for places from which a file can be read."""

    counts_lines: ClassVar[bool] = True

    def finder(self, reading: Reading) -> _Marker:
        """What marks one part."""
        return _Marker(reading)


class _Marker:
    """Marks places in a part of a file."""

    def __init__(self, reading: Reading) -> None:
        self._reading = reading
        self._marks = Marks()
        self._rows = 0
        self._faults = 0
        self._due = 0
        """The place in the file from which on the next mark is made."""
        if reading.offset == reading.start.offset:
            self._mark(reading.start)

    def take(self, stretch: Stretch) -> int:
        """Count many records at once."""
        records = stretch.decode(_ANYTHING)
        if records is None:
            return 0
        if stretch.offset >= self._due:
            self._mark(self._reading.place_of(stretch))
        self._rows += len(records)
        return len(records)

    def add(self, piece: Record | Fault) -> None:
        """Count one record, or a fault."""
        offset = piece.span.offset if isinstance(piece, Record) else piece.offset
        if offset is not None and offset >= self._due:
            self._mark(self._reading.place_of(piece))
        self._faults += isinstance(piece, Fault)
        self._rows += 1

    def result(self) -> Marked:
        """The marks, and what was counted."""
        return Marked(self._marks, self._rows, self._faults)

    def _mark(self, place: Place | None) -> None:
        if place is not None:
            self._marks.add(self._rows, place)
            self._due = place.offset + _MARK_BYTES


class RecordIndex:
    """The rows of a file, as far as they are known. Written by one thread and read by others."""

    def __init__(self) -> None:
        self.marks = Marks()
        """From where rows are read."""
        self.rows = 0
        """Records and faults that are known."""
        self.records = 0
        """Indexes that are known: those of the records, and of faults in the place of one."""
        self.faults = 0
        """Rows that are faults."""
        self.end = 0
        """How far the (unpacked) file is known, in bytes."""
        self.complete = False
        """Whether all of the file is known."""

    def add(self, found: Found[Marked]) -> None:
        """Add what comes next in the file."""
        marked = found.result
        for number in range(len(marked.marks)):
            place = marked.marks.place(number)
            moved = Place(place.offset, place.index + found.index, place.line + found.line, place.inside)
            self.marks.add(self.rows + marked.marks.rows[number], moved)
        self.records = found.first + found.count
        self.faults += marked.faults
        self.end = found.end
        # The last: a row that is counted can be read.
        self.rows += marked.rows

    def build(
        self,
        file: FindingFile,
        workers: Workers | None = None,
        tell: Report = silent,
        cancel: Cancel | None = None,
    ) -> Iterator[None]:
        """Find all rows of *file*, and yield whenever more of them are known.

        Raises as `sweep` does; what was found by then stays.
        """
        for found in sweep(file, Marking(), workers, tell, cancel, "Finding the records"):
            self.add(found)
            yield
        self.complete = True

    def read(self, file: FindingFile, first: int, last: int) -> Iterator[Record | Fault]:
        """The rows from *first* up to, not including, *last*, as far as they are known. Raises `UnreadableFile`."""
        last = min(last, self.rows)
        if first >= last:
            return iter(())
        number = bisect_right(self.marks.rows, first, 0, len(self.marks)) - 1
        before = self.marks.rows[number]
        reading = file.reading(self.marks.place(number))
        return islice(reading.pieces(), first - before, last - before)

    def row_of(self, file: FindingFile, record: int) -> int | None:
        """The row of the record with that index; None where the file is not known that far. Raises `UnreadableFile`."""
        if not 0 <= record < self.records:
            return None
        number = max(bisect_right(self.marks.indexes, record, 0, len(self.marks)) - 1, 0)
        row = self.marks.rows[number]
        for piece in file.reading(self.marks.place(number)).pieces():
            index = piece.span.index if isinstance(piece, Record) else piece.index
            if index is not None and index >= record:
                return row
            row += 1
        return None

    def estimate(self, size: int) -> int:
        """How many rows a file of *size* unpacked bytes will have, by what is known."""
        return self.rows if self.complete or not self.end else max(self.rows * size // self.end, self.rows)
