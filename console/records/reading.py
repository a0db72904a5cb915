"""Reading the records of content of any layout, one after another, and what is known of it meanwhile."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from console.limits import Limits
from console.records.documents import DocumentReader, Inside
from console.records.model import Fault, Layout, Record
from console.records.ndjson import LineReader
from console.records.stretch import Stretch, Take
from console.records.window import Window


@dataclass(frozen=True, slots=True)
class Place:
    """A place in a finding file where reading can start."""

    offset: int
    """Bytes from the start of the (unpacked) file."""
    index: int = 0
    """The index of the record that starts here."""
    line: int = 1
    inside: Inside | None = None
    """The array that it is in, if it is in one."""


class Reading:
    """Reads on from some place. What it says of itself is true at every moment."""

    def __init__(self, window: Window, layout: Layout, limits: Limits, start: Place, *, goes_on: bool = False) -> None:
        """The *window* is at the *start*. An array that *goes_on* is a part of one, and ends after a comma."""
        self.start = start
        """Where it starts."""
        self.limits = limits
        """The caps that the records are read with."""
        self.count = 0
        """Indexes that were met so far: of records, taken or not, and of faults in the place of one."""
        self.sound = False
        """Whether everything was read, and there was no fault."""
        self._window = window
        self._layout = layout
        self._goes_on = goes_on
        self._documents: DocumentReader | None = None

    def pieces(self, take: Take | None = None) -> Iterator[Record | Fault]:
        """The records and faults, once, without what *take* takes. Raises `UnreadableFile` when reading fails."""
        sound = True
        for piece in self._reader(self._counting(take) if take else None).read():
            index = piece.span.index if isinstance(piece, Record) else piece.index
            if index is not None:
                self.count = index + 1 - self.start.index
            sound = sound and isinstance(piece, Record)
            yield piece
        if damage := self._window.damage:
            sound = False
            yield Fault(damage.code, damage.message, None, self._window.offset, self._window.line)
        self.sound = sound

    @property
    def second_document(self) -> bool:
        """Whether more than one document was met. Lines are no documents."""
        return self._documents is not None and self._documents.second_document

    @property
    def line(self) -> int:
        """The line that was come to. Line breaks in taken records are counted, in the file, when this is asked."""
        return self._window.line

    @property
    def offset(self) -> int:
        """How far the file was read, in bytes."""
        return self._window.offset

    @property
    def wrappers(self) -> int:
        """Wrappers that were met around the records."""
        return self._documents.wrappers if self._documents else 0

    def place_of(self, found: Record | Fault | Stretch) -> Place | None:
        """Where reading can start again with what was come to last; None where it can't.

        It can with a record, a stretch, and a fault that stands in the place of a record of an array or on a line.
        """
        inside = self._documents.inside if self._documents else None
        if isinstance(found, Fault):
            if found.index is None or found.offset is None or found.line is None or (self._documents and not inside):
                return None
            return Place(found.offset, found.index, found.line, inside)
        where = found.span if isinstance(found, Record) else found
        return Place(where.offset, where.index, where.line, inside)

    def _reader(self, take: Take | None) -> DocumentReader | LineReader:
        start = self.start
        if self._layout is Layout.LINES:
            return LineReader(self._window, self.limits, take, index=start.index)
        self._documents = DocumentReader(
            self._window, self.limits, take, index=start.index, inside=start.inside, goes_on=self._goes_on
        )
        return self._documents

    def _counting(self, take: Take) -> Take:
        """*take*, with what it takes counted."""

        def counted(stretch: Stretch) -> int:
            taken = take(stretch)
            if taken:
                self.count = stretch.index + taken - self.start.index
            return taken

        return counted
