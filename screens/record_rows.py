"""The rows of an open finding file: all of them, or those that a filter lets through.

`find` and what reads rows run in threads, the rest is for the screen.
"""

from __future__ import annotations

from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Final

from console.ocsf.having import HavingIssue
from console.progress import Cancel, Report
from console.records import index as index_module
from console.records import index_cache, search
from console.records.index import RecordIndex
from console.records.model import Compression, Fault, Record, Span
from console.records.query import Query
from console.records.reader import FindingFile
from console.records.search import Hits, Search
from console.records.sharing import SHARED_BYTES, spare_workers
from console.records.sweep import WORTH_BYTES, Found, sweep
from screens.record_guesses import RowGuesses
from screens.record_source import Line, Wanted, Where, end_of, line_of

_HEAD_ROWS: Final = 100
"""Rows that are read when the file is opened: a screen of them."""
_HEAD_BYTES: Final = 1024**2
"""Bytes after which the head ends, however few rows that is."""
_KEPT_BYTES: Final = 16 * 1024**2
"""Finding the rows of smaller files takes no longer than remembering them."""


class FileRows:
    """All rows of a file: exact as far as the index goes, and guessed beyond."""

    def __init__(self, file: FindingFile) -> None:
        """Reads the first rows. Raises `UnreadableFile`."""
        self.file = file
        """The open file."""
        self.index = RecordIndex()
        """Where the rows are, as far as that is known."""
        self.stopped = False
        """Whether the index stays incomplete, because the file can't be read on."""
        self._head = list(_head(file))
        head_end = self._head[-1].end if self._head else 0
        self._guesses = RowGuesses(file, self.index, len(self._head), head_end)

    @property
    def known(self) -> int:
        """How many rows are known for sure."""
        return self.index.rows if self.index.complete else max(self.index.rows, len(self._head))

    @property
    def count(self) -> int:
        """How many rows there are; an estimate until all are known. Without guesses, those that are known."""
        if self.ended:
            return self.known
        return max(self.known, self._guesses.count)

    @property
    def highest(self) -> int:
        """A number that no line's number is higher than."""
        return self.count

    @property
    def ended(self) -> bool:
        """Whether no more rows will be found."""
        return self.index.complete or self.stopped

    @property
    def can_guess(self) -> bool:
        """Whether rows can be shown that are not known yet."""
        return self._guesses.possible and not self.ended

    def find(self, tell: Report, cancel: Cancel) -> None:
        """Find all rows, or remember them from an earlier time. Raises `Cancelled`, `UnreadableFile`, `StateError`."""
        file = self.file
        kept = index_cache.load(file)
        if kept is not None:
            if file.compression is not Compression.NONE:
                # So that no row has to wait for it, unseen.
                file.shared(tell, cancel)
            self.index = kept
            return
        with spare_workers(file, preload=[index_module.__name__]) as workers:
            for _ in self.index.build(file, workers, tell, cancel):
                pass
        if self.index.end >= _KEPT_BYTES:
            index_cache.keep(file, self.index)

    def read(self, wanted: Wanted, cancel: Cancel) -> Iterator[tuple[int, Line]]:
        """The wanted rows, as far as there are any. Raises `Cancelled` and `UnreadableFile`."""
        can_guess, indexed = self.can_guess, self.index.rows
        for row, piece in enumerate(self.pieces(wanted.first, min(wanted.last, indexed), cancel), wanted.first):
            yield row, line_of(self.file, piece)
        for row in range(max(wanted.first, indexed), min(wanted.last, len(self._head))):
            yield row, self._head[row]
        first = max(wanted.first, indexed, len(self._head))
        if first < wanted.last and can_guess:
            for row, place in self._guesses.read(wanted, first, cancel):
                yield row, _guessed_line(self.file, row, place)

    def pieces(self, first: int, last: int, cancel: Cancel) -> Iterator[Record | Fault]:
        """What is in some rows, as far as the index goes. Raises `Cancelled` and `UnreadableFile`."""
        for piece in self.index.read(self.file, first, last):
            cancel.check()
            yield piece

    def numbers(self, first: int, last: int, cancel: Cancel) -> Sequence[int]:
        """The indexes of the records in some rows. Raises `Cancelled` and `UnreadableFile`."""
        if not self.index.faults:
            return range(first, last)
        return [piece.span.index for piece in self.pieces(first, last, cancel) if isinstance(piece, Record)]

    def reaches(self, record: int) -> bool:
        """Whether it is known which row the record with that index has."""
        return self.ended or record < self.index.records

    def row_of(self, record: int) -> int:
        """The row of the record with that index; the last one where there are fewer. Raises `UnreadableFile`."""
        row = self.index.row_of(self.file, record)
        return max(self.known - 1, 0) if row is None else row

    def is_known(self, offset: int) -> bool:
        """Whether it is known which row is at that byte."""
        return self.index.complete or offset < self.index.end

    def row_at(self, offset: int) -> int | None:
        """The row of what is at that byte. None where it is not known yet. Raises `UnreadableFile`."""
        marks = self.index.marks
        number = bisect_right(marks.offsets, offset, 0, len(marks)) - 1
        if not self.is_known(offset) or number < 0:
            return None
        row = marks.rows[number]
        for piece in self.file.reading(marks.place(number)).pieces():
            if end_of(piece.span if isinstance(piece, Record) else piece) > offset:
                break
            row += 1
        return min(row, self.known - 1)

    def row_near(self, offset: int) -> int:
        """The row that is probably at that byte, which is not known yet."""
        return self._guesses.row_near(offset)


class HitRows:
    """The records of a file that a filter means, as far as they have been found."""

    def __init__(self, rows: FileRows, query: Query | HavingIssue) -> None:
        self._all = rows
        self.file = rows.file
        """The open file."""
        self.query = query
        """What is looked for."""
        self.searched = 0
        """Records that were looked at."""
        self.complete = False
        """Whether all were."""
        self.stopped = False
        """Whether the others never will be, because the file can't be read on."""
        self._hits = Hits()

    @property
    def known(self) -> int:
        """How many records were found."""
        return len(self._hits.lengths)

    @property
    def count(self) -> int:
        """How many records were found."""
        return self.known

    @property
    def highest(self) -> int:
        """A number that no line's number is higher than: that of all records."""
        return self._all.highest

    @property
    def can_guess(self) -> bool:
        """False: what will be found is not known."""
        return False

    @property
    def ended(self) -> bool:
        """Whether no more will be found."""
        return self.complete or self.stopped

    @property
    def undecided(self) -> int:
        """Records for which a regular expression took too long."""
        return self._hits.undecided

    def find(self, tell: Report, cancel: Cancel) -> None:
        """Search the file. Raises `Cancelled`, `UnreadableFile` and `StateError`."""
        # Who looks for an issue validates each record.
        least = WORTH_BYTES if isinstance(self.query, Query) else SHARED_BYTES
        with spare_workers(self.file, preload=[search.__name__], least_bytes=least) as workers:
            found_in = (
                sweep(self.file, Search(self.query), workers, tell, cancel, "Searching")
                if isinstance(self.query, Query)
                else self.query.found_in(self.file, workers, tell, cancel)
            )
            for found in found_in:
                self._add(found)
        self.complete = True

    def read(self, wanted: Wanted, cancel: Cancel) -> Iterator[tuple[int, Line]]:
        """The wanted rows, as far as they were found. Raises `Cancelled` and `UnreadableFile`."""
        for row, piece in enumerate(self.pieces(wanted.first, wanted.last, cancel), wanted.first):
            yield row, line_of(self.file, piece)

    def pieces(self, first: int, last: int, cancel: Cancel) -> Iterator[Record]:
        """The records of some rows, as far as they were found. Raises `Cancelled` and `UnreadableFile`."""
        hits = self._hits
        for row in range(first, min(last, self.known)):
            cancel.check()
            yield record_at(self.file, hits.indexes[row], hits.offsets[row], hits.lengths[row])

    def numbers(self, first: int, last: int, cancel: Cancel) -> Sequence[int]:
        """The indexes of the records in some rows. Raises `Cancelled`."""
        cancel.check()
        return self._hits.indexes[first:last]

    def reaches(self, record: int) -> bool:
        """Whether the first hit from that record on was found, or there is none."""
        return self.ended or (self.known > 0 and self._hits.indexes[self.known - 1] >= record)

    def row_of(self, record: int) -> int:
        """The row of the record with that index, or of the next hit, or the last."""
        return max(min(bisect_left(self._hits.indexes, record, 0, self.known), self.known - 1), 0)

    def _add(self, found: Found[Hits]) -> None:
        more = found.result
        self._hits.indexes.extend(array("q", (index + found.index for index in more.indexes)))
        self._hits.offsets.extend(more.offsets)
        self._hits.undecided += more.undecided
        self.searched = found.first + found.count
        # The last: a row that is counted can be read.
        self._hits.lengths.extend(more.lengths)


def record_at(file: FindingFile, index: int, offset: int, length: int) -> Record:
    """A record of which is known where it is, but for its line. Raises `UnreadableFile`."""
    span = Span(index, offset, length, 0)
    return Record(span, file.raw(span))


def _head(file: FindingFile) -> Iterator[Line]:
    """The first lines of a file."""
    for count, piece in enumerate(file.reading().pieces(), 1):
        line = line_of(file, piece)
        yield line
        if count == _HEAD_ROWS or line.end >= _HEAD_BYTES:
            return


def _guessed_line(file: FindingFile, row: int, place: Where) -> Line:
    piece = Record(place, file.raw(place)) if isinstance(place, Span) else place
    return replace(line_of(file, piece), number=row, guessed=True)
