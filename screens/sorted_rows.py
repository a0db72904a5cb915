"""Rows in another order than that of the file: sorted by a column, or the other way round.

What is sorted are records. Places that hold none have nothing to be sorted by, and are left out.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from array import array
from collections.abc import Iterator, Sequence
from typing import TypeAlias

from console.progress import Cancel, Report
from console.records.model import Fault, Record
from console.records.sharing import spare_workers
from console.records.sort_keys import Keys
from console.records.sort_order import SortOrder
from console.records.sweep import Look, sweep
from screens.record_rows import FileRows, HitRows, record_at
from screens.record_source import Line, Wanted, line_of

Found: TypeAlias = FileRows | HitRows
"""The rows that can be put into another order, once all are found."""


class Reordered(ABC):
    """Rows in another order. All are known."""

    can_guess = False
    ended = True

    def __init__(self, base: Found, count: int) -> None:
        """Put *count* of the rows of *base* into another order."""
        self.file = base.file
        """The open file."""
        self.count = self.known = count
        """How many rows there are."""
        self.highest = base.highest
        """A number that no line's number is higher than."""

    def read(self, wanted: Wanted, cancel: Cancel) -> Iterator[tuple[int, Line]]:
        """The wanted rows. Raises `Cancelled` and `UnreadableFile`."""
        for row, piece in enumerate(self.pieces(wanted.first, wanted.last, cancel), wanted.first):
            yield row, line_of(self.file, piece)

    @abstractmethod
    def pieces(self, first: int, last: int, cancel: Cancel) -> Iterator[Record | Fault]:
        """What is in some rows. Raises `Cancelled` and `UnreadableFile`."""

    @abstractmethod
    def numbers(self, first: int, last: int, cancel: Cancel) -> Sequence[int]:
        """The indexes of the records in some rows. Raises `Cancelled` and `UnreadableFile`."""

    def reaches(self, record: int) -> bool:
        """True: all rows are known."""
        return record >= 0

    @abstractmethod
    def row_of(self, record: int) -> int:
        """The row of the record with that index. Raises `UnreadableFile`."""


class SortedRows(Reordered):
    """Records, sorted by their keys."""

    def __init__(self, base: Found, order: SortOrder, positions: array[int]) -> None:
        super().__init__(base, len(positions))
        self._order = order
        self._positions = positions

    def pieces(self, first: int, last: int, cancel: Cancel) -> Iterator[Record | Fault]:
        """The records of some rows. Raises `Cancelled` and `UnreadableFile`."""
        for position in self._positions[first:last]:
            cancel.check()
            yield record_at(self.file, *self._order.place(position))

    def numbers(self, first: int, last: int, cancel: Cancel) -> Sequence[int]:
        """The indexes of the records in some rows. Raises `Cancelled`."""
        cancel.check()
        return [self._order.place(position)[0] for position in self._positions[first:last]]

    def row_of(self, record: int) -> int:
        """The row of the record with that index; the first one where it has none."""
        position = self._order.position_of(record)
        try:
            return self._positions.index(position)
        except ValueError:
            return 0


class ReversedRows(Reordered):
    """All rows, from the last to the first."""

    def __init__(self, base: Found) -> None:
        super().__init__(base, base.known)
        self._base = base

    def pieces(self, first: int, last: int, cancel: Cancel) -> Iterator[Record | Fault]:
        """What is in some rows. Raises `Cancelled` and `UnreadableFile`."""
        ahead = list(self._base.pieces(max(self.count - last, 0), self.count - first, cancel))
        yield from reversed(ahead)

    def numbers(self, first: int, last: int, cancel: Cancel) -> Sequence[int]:
        """The indexes of the records in some rows. Raises `Cancelled` and `UnreadableFile`."""
        return self._base.numbers(max(self.count - last, 0), self.count - first, cancel)

    def row_of(self, record: int) -> int:
        """The row of the record with that index, or of the next one in the file. Raises `UnreadableFile`."""
        return max(self.count - 1 - self._base.row_of(record), 0)


class Sorting:
    """The order of the records of a file by one column. Read once: it can be turned round, and held to a filter."""

    def __init__(self, look: Look[Keys] | None) -> None:
        """Sort by the keys that *look* finds; without one, by the order of the file."""
        self._look = look
        self._order: SortOrder | None = None

    def rows(self, base: Found, tell: Report, cancel: Cancel, *, descending: bool) -> Reordered:
        """The rows of *base*, all of which were found, in this order.

        To be called in a thread. Raises `Cancelled`, `UnreadableFile` and `StateError`.
        """
        if self._look is None:
            return ReversedRows(base)
        if self._order is None:
            self._order = _ordered(base, self._look, tell, cancel)
        records = base.numbers(0, base.known, cancel) if isinstance(base, HitRows) else None
        return SortedRows(base, self._order, self._order.positions(records, descending=descending, cancel=cancel))


def _ordered(base: Found, look: Look[Keys], tell: Report, cancel: Cancel) -> SortOrder:
    """Read the keys of all records, and compare them."""
    order = SortOrder()
    with spare_workers(base.file, preload=[type(look).__module__]) as workers:
        for found in sweep(base.file, look, workers, tell, cancel, "Sorting"):
            order.add(found)
    order.rank(cancel)
    return order
