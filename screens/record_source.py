"""What the Records screen reads: where the records of an open finding file are, and what a line of the list says.

Nothing here knows a widget. The functions run in threads; `RecordIndex` is what two threads share.
"""

from __future__ import annotations

from array import array
from bisect import bisect_left
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from time import monotonic
from typing import Final

from console.progress import Cancel
from console.records.decode import BadRecord, decode
from console.records.fields import Row, row
from console.records.model import Fault, JsonValue, Span
from console.records.reader import FindingFile

_STEP: Final = 200
"""Places between two looks at the clock and at the wish to stop."""
_PAUSE: Final = 0.1
"""Seconds between two tellings."""
_BROKEN_BYTES: Final = 2_000
"""Bytes of a record that can't be decoded which are shown as they are."""


@dataclass(frozen=True, slots=True)
class Line:
    """What the list shows of one place in the file."""

    index: int | None
    """The index of the record; None where a fault takes none."""
    content: Row | Fault
    """The record, or why there is none. Foreign text."""


@dataclass(frozen=True, slots=True)
class Reading:
    """One place in the file, read for looking at."""

    value: dict[str, JsonValue]
    """The record; or what there is to say of a broken place."""
    raw: bytes | None
    """The bytes of the record; None where there is no record."""


class RecordIndex:
    """The places of a file, one a row: spans, and faults where the file is broken.

    Written by one thread and read by another: a row that `len` counts is whole. A row takes a few machine words, so
    that a file of millions of records can be listed.
    """

    def __init__(self) -> None:
        self._columns = (array("q"), array("q"), array("q"), array("q"))
        self._faults: dict[int, Fault] = {}
        self._count = 0

    def __len__(self) -> int:
        return self._count

    @property
    def faults(self) -> int:
        """Rows that are faults."""
        return len(self._faults)

    def append(self, place: Span | Fault) -> None:
        """Add the next row."""
        if isinstance(place, Fault):
            self._faults[self._count] = place
            # A fault that takes no index stands under that of the record before it, which keeps the column sorted.
            before = self._columns[0][-1] if self._count else -1
            numbers = (before if place.index is None else place.index, 0, 0, 0)
        else:
            numbers = (place.index, place.offset, place.length, place.line)
        for column, number in zip(self._columns, numbers, strict=True):
            column.append(number)
        self._count += 1

    def __getitem__(self, at: int) -> Span | Fault:
        fault = self._faults.get(at)
        return fault or Span(*(column[at] for column in self._columns))

    def row_of(self, record: int) -> int | None:
        """The row of the record with that index; None where the file is not read that far."""
        found = bisect_left(self._columns[0], record, 0, self._count)
        return found if found < self._count else None

    @property
    def last_record(self) -> int:
        """The highest index so far; -1 where there is none."""
        return self._columns[0][self._count - 1] if self._count else -1


def fill(index: RecordIndex, file: FindingFile, tell: Callable[[], None], cancel: Cancel) -> None:
    """Read *file* through and enter its places. *tell* is called now and then, on the thread that works.

    Raises `Cancelled` when asked to stop and `UnreadableFile` when the file can't be read on; what was entered stays.
    """
    told = monotonic()
    for count, place in enumerate(file.spans(), 1):
        index.append(place)
        if count % _STEP == 0:
            cancel.check()
            if monotonic() - told >= _PAUSE:
                tell()
                told = monotonic()


def read_lines(file: FindingFile, places: Mapping[int, Span | Fault], cancel: Cancel) -> dict[int, Line]:
    """The lines of some rows. Raises `Cancelled`, and `UnreadableFile` when the file can't be read."""
    lines: dict[int, Line] = {}
    for number, place in places.items():
        cancel.check()
        lines[number] = Line(place.index, place if isinstance(place, Fault) else _content(file, place))
    return lines


def _content(file: FindingFile, span: Span) -> Row | Fault:
    try:
        return row(decode(file.raw(span), file.limits))
    except BadRecord as error:
        return error.fault(span)


def read_place(file: FindingFile, place: Span | Fault) -> Reading:
    """One place, for looking at. Raises `UnreadableFile` when the file can't be read."""
    if isinstance(place, Fault):
        return Reading(_described(place), None)
    raw = file.raw(place)
    try:
        return Reading(decode(raw, file.limits), raw)
    except BadRecord as error:
        bytes_there = raw[:_BROKEN_BYTES].decode("utf-8", "backslashreplace")
        return Reading({**_described(error.fault(place)), "bytes": bytes_there}, raw)


def _described(fault: Fault) -> dict[str, JsonValue]:
    return {"broken": fault.message, "code": fault.code, "line": fault.line, "offset": fault.offset}
