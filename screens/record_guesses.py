"""Rows of a finding file that is not known yet, by guess: where they probably are, and what is there.

A guess need not be right, but it must hold together: rows side by side are side by side in the file, the last row is
the last one of the file, and how many rows there are does not change under somebody who looks at guessed ones.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from dataclasses import replace
from itertools import islice
from typing import Final

from console.progress import Cancel
from console.records.index import RecordIndex
from console.records.model import Record
from console.records.reader import FindingFile
from screens.record_source import Wanted, Where, end_of, start_of

_LEAST_BACK: Final = 64 * 1024
_MOST_BACK: Final = 64 * 1024**2
"""Bytes before a place within which the rows before it are looked for."""


class RowGuesses:
    """Guesses of the rows beyond an index, for a file of which the first rows are known."""

    def __init__(self, file: FindingFile, index: RecordIndex, head_rows: int, head_end: int) -> None:
        """*head_rows* are known from the start, up to the byte *head_end*. Raises `UnreadableFile`."""
        self._file = file
        self._index = index
        self._head = (head_rows, head_end)
        self.possible = head_rows > 0 and file.place_near(file.size // 2) is not None
        """Whether anything tells where rows may start."""
        self._pinned: int | None = None
        """How many rows there are taken to be, since the first guess."""

    @property
    def count(self) -> int:
        """How many rows the file probably has; none where nothing can be guessed."""
        if not self.possible:
            return 0
        rows, end = self._known
        return max(rows * self._file.size // end, rows) if self._pinned is None else self._pinned

    @property
    def _known(self) -> tuple[int, int]:
        """How many rows are known, and where they end."""
        return (self._index.rows, self._index.end) if self._index.rows > self._head[0] else self._head

    @property
    def _row_bytes(self) -> float:
        """What a row takes, as far as is known."""
        rows, end = self._known
        return end / rows

    def row_near(self, offset: int) -> int:
        """The row that is probably at that byte."""
        rows, end = self._known
        left = max(self._file.size - end, 1)
        return min(rows + (offset - end) * max(self.count - rows, 0) // left, self.count - 1)

    def read(self, wanted: Wanted, first: int, cancel: Cancel) -> Iterator[tuple[int, Where]]:
        """What is probably in the wanted rows from *first* on, as far as anything is.

        They are those after or before some row that is shown, or the last ones of the file, or somewhere in it. Raises
        `Cancelled` and `UnreadableFile`.
        """
        # The list may have been told less than is known by now, and what it calls its end is its end.
        self._pinned = wanted.length
        after, before, last = wanted.after, wanted.before, wanted.last
        if after is None and before is None and last >= wanted.length:
            before = self._file.size
        if after is None and before is not None:
            places = self._before(before, last - first, cancel)
            yield from enumerate(places, last - len(places))
        else:
            yield from self._forwards(first, last, self._offset_of(first) if after is None else after, cancel)

    def _forwards(self, first: int, last: int, offset: int, cancel: Cancel) -> Iterator[tuple[int, Where]]:
        """The rows from some byte on. Learns how many rows there are, where the file or the estimate ends."""
        end, row = offset, first
        for place in islice(self._from(offset), last - first + 1):
            cancel.check()
            if row == last:
                # There is more in the file than these.
                self._pinned = max(self.count, last + max(int((self._file.size - end) / self._row_bytes), 1))
                return
            yield row, place
            end, row = end_of(place), row + 1
        if row > first:
            self._pinned = row

    def _before(self, end: int, count: int, cancel: Cancel) -> list[Where]:
        """The last rows before some byte, *count* if there are so many nearby."""
        back = max(int(count * self._row_bytes * 1.5), _LEAST_BACK)
        while True:
            start = max(end - back, 0)
            found: deque[Where] = deque(maxlen=count)
            for place in self._from(start):
                cancel.check()
                if start_of(place) >= end:
                    break
                found.append(place)
            if len(found) == count or start == 0 or back >= _MOST_BACK:
                return list(found)
            back *= 2

    def _offset_of(self, row: int) -> int:
        """The byte that a row is probably at."""
        rows, end = self._known
        return end + (self._file.size - end) * (row - rows) // max(self.count - rows, 1)

    def _from(self, offset: int) -> Iterator[Where]:
        """What is in the file from some byte on. Of its lines and indexes nothing is known."""
        place = self._file.place_near(offset)
        if place is None:
            return
        for piece in self._file.reading(place).pieces():
            yield piece.span if isinstance(piece, Record) else replace(piece, index=None, line=None)
