"""What the Records screen lists: rows that somebody reads as they are wanted, and the lines that are made of them.

Nothing here knows a widget. What reads the file runs in threads.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from time import monotonic
from typing import Final, Protocol, TypeAlias

from console.errors import UnreadableFile
from console.progress import Cancel
from console.records.decode import BadRecord, decode
from console.records.fields import Row
from console.records.model import Fault, JsonValue, Record, Span
from console.records.reader import FindingFile, changed
from console.records.rows import row_of

_PATIENCE: Final = 0.1
"""Seconds after which lines are given that came so far."""
_BROKEN_BYTES: Final = 2_000
"""Bytes of a record that can't be decoded which are shown as they are."""

Where: TypeAlias = Span | Fault
"""Where a row is."""


def start_of(place: Where) -> int:
    """The byte that a row starts at."""
    return place.offset or 0


def end_of(place: Where) -> int:
    """The byte that a row ends before."""
    return place.offset + place.length if isinstance(place, Span) else start_of(place) + 1


@dataclass(frozen=True, slots=True)
class Line:
    """What the list shows of one place in the file."""

    number: int | None
    """The index of the record; None where a fault takes none. Of a guessed line, the row that it probably is."""
    content: Row | Fault
    """The record, or why there is none. Foreign text."""
    place: Where
    """Where it is. Of a guessed line only the offset and the length are known."""
    guessed: bool = False
    """Whether the file is not known up to here yet, so that the number is a guess."""

    @property
    def start(self) -> int:
        """The byte that it starts at."""
        return start_of(self.place)

    @property
    def end(self) -> int:
        """The byte that it ends before."""
        return end_of(self.place)


@dataclass(frozen=True, slots=True)
class Wanted:
    """Rows that the list lacks."""

    first: int
    last: int
    """The row after the last that is wanted."""
    length: int
    """How many rows the list has."""
    after: int | None = None
    """The byte at which the row before them ends, if the list has that one."""
    before: int | None = None
    """The byte at which the row after them starts, if the list has that one."""


@dataclass(frozen=True, slots=True)
class Reading:
    """One place in the file, read for looking at."""

    value: dict[str, JsonValue]
    """The record; or what there is to say of a broken place."""
    raw: bytes | None
    """The bytes of the record; None where there is no record."""


class Rows(Protocol):
    """What a list shows. It may grow while it is shown."""

    @property
    def file(self) -> FindingFile:
        """The open file."""
        ...

    @property
    def count(self) -> int:
        """How many rows there are, or probably are."""
        ...

    @property
    def known(self) -> int:
        """How many rows are known for sure."""
        ...

    @property
    def highest(self) -> int:
        """A number that no line's number is higher than."""
        ...

    @property
    def ended(self) -> bool:
        """Whether no more rows will be found."""
        ...

    @property
    def can_guess(self) -> bool:
        """Whether rows can be read that are not known yet."""
        ...

    def read(self, wanted: Wanted, cancel: Cancel) -> Iterator[tuple[int, Line]]:
        """The wanted rows, as far as there are any. Raises `Cancelled` and `UnreadableFile`."""
        ...

    def pieces(self, first: int, last: int, cancel: Cancel) -> Iterator[Record | Fault]:
        """What is in the rows from *first* up to, not including, *last*, as far as they are known for sure.

        Raises `Cancelled` and `UnreadableFile`.
        """
        ...

    def numbers(self, first: int, last: int, cancel: Cancel) -> Sequence[int]:
        """The indexes of the records in those rows. Raises `Cancelled` and `UnreadableFile`."""
        ...

    def reaches(self, record: int) -> bool:
        """Whether it is known which row the record with that index has."""
        ...

    def row_of(self, record: int) -> int:
        """The row of the record with that index, of the next one where it has none, else the last.

        Raises `UnreadableFile`.
        """
        ...


def read_lines(rows: Rows, wanted: Wanted, give: Callable[[dict[int, Line]], None], cancel: Cancel) -> None:
    """Read the wanted rows and *give* them, on the thread that works; some of them early, where it takes long.

    Raises `Cancelled`; and `UnreadableFile` when not all can be read, which the lines then say, or when the file is not
    what it was.
    """
    lines: dict[int, Line] = {}
    reached, due = wanted.first, monotonic() + _PATIENCE
    try:
        for row, line in rows.read(wanted, cancel):
            lines[row], reached = line, row + 1
            if monotonic() >= due:
                give(lines)
                lines, due = {}, monotonic() + _PATIENCE
    except UnreadableFile as error:
        fault = Fault("unreadable", error.message, None, None, None)
        give(lines | {row: Line(None, fault, fault) for row in range(reached, wanted.last)})
        raise
    give(lines)
    rows.file.check_unchanged()


def read_whole(file: FindingFile, line: Line) -> Reading:
    """All of what a line is about, for looking at.

    Raises `UnreadableFile` when the file can't be read, or has something else there than when the line was read.
    """
    place = line.place
    if isinstance(place, Fault):
        return Reading(_described(place), None)
    raw = file.raw(place)
    try:
        value = decode(raw, file.limits)
        is_as_listed = row_of(value) == line.content
    except BadRecord as error:
        bytes_there = raw[:_BROKEN_BYTES].decode("utf-8", "backslashreplace")
        value = {**_described(error.fault(place)), "bytes": bytes_there}
        is_as_listed = isinstance(line.content, Fault)
    if not is_as_listed:
        raise changed(file.name)
    return Reading(value, raw)


def _described(fault: Fault) -> dict[str, JsonValue]:
    return {"broken": fault.message, "code": fault.code, "line": fault.line, "offset": fault.offset}


def line_of(file: FindingFile, piece: Record | Fault) -> Line:
    """The line of what stands in a file."""
    if isinstance(piece, Fault):
        return Line(piece.index, piece, piece)
    try:
        content: Row | Fault = row_of(decode(piece.raw, file.limits))
    except BadRecord as error:
        content = error.fault(piece.span)
    return Line(piece.span.index, content, piece.span)
