"""The records of JSON documents that stand one after another in a file. Usually there is one, an array.

Several come from programs that append to a file, or write one object after another. An object may also be a wrapper
around the array of records, as AWS Security Hub has it in `BatchImportFindings` and `GetFindings`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from console.limits import Limits
from console.records.array import ArrayReader
from console.records.elements import find_next, judged, opening_of
from console.records.faults import FaultCode, sample
from console.records.model import Fault, Record
from console.records.scan import Ending, Nesting, follow
from console.records.stretch import Take
from console.records.window import END, Window

_OPEN_ARRAY: Final = b"["[0]
_WRAPPER_BYTES: Final = 4096
"""Bytes within which a wrapper's array must start."""
_FINDINGS: Final = b'"Findings"'
_OPEN: Final = re.compile(rb"\{\s*")
_KEY: Final = re.compile(rb'("[^"\\]*")\s*:\s*(\[)?')
_SCALAR: Final = re.compile(rb"[a-z0-9.eE+-]+")
_COMMA: Final = re.compile(rb"\s*,\s*")
_DOCUMENT: Final = re.compile(rb'\[\s*([\]{]|$)|\{\s*(["}]|$)')
"""How an array or an object starts, where other things stand, too."""
_NEXT_DOCUMENT: Final = re.compile(rb'\[\s{0,64}[\]{]|\{\s{0,64}["}]')
_BEFORE_BYTES: Final = 256
"""Bytes before a start that are looked at."""
_NEXT_BYTES: Final = 66
"""Bytes of the longest start that is looked for."""


@dataclass(frozen=True, slots=True)
class Inside:
    """The array that a place is in."""

    opening: bytes
    """How its records start; empty where that is not known."""
    wrapped: bool = False
    """Whether it is the array of a wrapper."""


def wrapped(text: bytes, at: int = 0) -> int | None:
    """Where the array is in a wrapper that starts at *at*; None where no wrapper starts."""
    text = text[at : at + _WRAPPER_BYTES]
    if _FINDINGS not in text or not (place := _OPEN.match(text)):
        return None
    while key := _KEY.match(text, place.end()):
        if key[1] == _FINDINGS:
            return at + key.start(2) if key[2] else None
        end = _value_end(text, key.start(2) if key[2] else key.end())
        place = _COMMA.match(text, end)
        if not place:
            return None
    return None


def _value_end(text: bytes, at: int) -> int:
    """Where the value that starts at *at* ends; where it is no value, nowhere that a comma follows."""
    if text[at : at + 1] in (b"{", b"[", b'"'):
        return Nesting().advance(text, at)
    scalar = _SCALAR.match(text, at)
    return scalar.end() if scalar else len(text)


class DocumentReader:
    """Reads the documents from the window's cursor on.

    *inside* of an array the cursor is on an element of it, number *index*.

    What is found from a record on hangs on nothing that was before it, but for how the records of its array start.
    """

    def __init__(
        self,
        window: Window,
        limits: Limits,
        take: Take | None = None,
        *,
        index: int = 0,
        inside: Inside | None = None,
        goes_on: bool = False,
    ) -> None:
        self._window = window
        self._limits = limits
        self._take = take
        self._index = index
        self._started_inside = inside
        self._goes_on = goes_on
        self.second_document = False
        """Whether a second document was met."""
        self.wrappers = 0
        """Wrappers that were met."""
        self._object_opening = b""
        """How the last object started that is a document, if it was whole and no array came after it."""
        self._last_opening = b""
        """How the records of the last document start."""
        self._stopped = False
        """Whether a fault was met that nothing can be read after."""
        self._array: ArrayReader | None = None
        """The array that is being read..."""
        self._in_wrapper = False
        """...and whether it is in a wrapper."""
        self._after_object = False
        """Whether the document before is an object that is a record."""

    @property
    def inside(self) -> Inside | None:
        """The array that is being read, if one is."""
        return Inside(self._array.opening, self._in_wrapper) if self._array else None

    def read(self) -> Iterator[Record | Fault]:
        """Everything in all documents, in file order."""
        window = self._window
        if self._started_inside is not None:
            yield from self._elements(self._started_inside)
        elif (first := window.peek()) != END and first in b"[{":
            yield from self._document(first)
        while not self._stopped and (byte := window.peek()) != END:
            if _DOCUMENT.match(window.sample()):
                yield from self._seam(byte)
                yield from self._document(byte)
            else:
                yield self._junk()

    def _document(self, first: int) -> Iterator[Record | Fault]:
        """The document at the cursor, which has that *first* byte."""
        window = self._window
        if first == _OPEN_ARRAY:
            yield from self._elements()
        elif (array := wrapped(window.sample(_WRAPPER_BYTES))) is not None:
            self.wrappers += 1
            window.move(window.at + array)
            yield from self._elements(wrapped=True)
        else:
            yield self._object()

    def _elements(self, inside: Inside | None = None, *, wrapped: bool = False) -> Iterator[Record | Fault]:
        """The records of the array at the cursor, or of the one that it is *inside* of; and the rest of its wrapper."""
        self._array = array = ArrayReader(
            self._window,
            self._limits,
            self._take,
            index=self._index,
            inside=inside is not None,
            opening=inside.opening if inside else b"",
            goes_on=self._goes_on,
        )
        self._in_wrapper = inside.wrapped if inside else wrapped
        yield from array.read()
        self._index = array.index
        self._stopped = not array.closed
        self.second_document = self.second_document or array.second_document
        self._array = None
        self._last_opening = array.opening
        self._object_opening = b""
        self._after_object = False
        if self._in_wrapper and not self._stopped:
            yield from self._end_of_wrapper()

    def _end_of_wrapper(self) -> Iterator[Fault]:
        """Pass over what else is in the wrapper."""
        window = self._window
        value = follow(window, 0, Nesting(b"{"))
        window.move(value.end)
        if value.ending is not Ending.WHOLE:
            self._stopped = True
            message = "The object around the records has no closing bracket."
            yield Fault(FaultCode.NOT_CLOSED, message, None, window.offset, window.line)

    def _object(self) -> Record | Fault:
        """The object at the cursor, which is a record."""
        window, limit = self._window, self._limits.record_bytes
        start = window.sample()
        value = follow(window, limit)
        piece = judged(window, self._index, value, start, limit)
        self._index += 1
        self._after_object = True
        if value.ending is Ending.WHOLE:
            self._object_opening = self._last_opening = opening_of(window, value, limit)
            window.move(value.end)
        else:
            self._stopped = value.ending is Ending.OPEN or not find_next(window, value, self._object_opening, limit)
        return piece

    def _seam(self, first: int) -> Iterator[Fault]:
        """What there is to say between two documents. Of objects that follow one another only the second is told."""
        self.second_document = True
        if first == _OPEN_ARRAY or not self._after_object or self._index == 1:
            message = "A second document starts here: were two runs written to one file?"
            yield Fault(FaultCode.SECOND_DOCUMENT, message, None, self._window.offset, self._window.line)

    def _junk(self) -> Fault:
        """A fault for what stands at the cursor, and is passed up to the next document."""
        window = self._window
        message = f"The document has ended, and this follows: {sample(window.sample())}."
        fault = Fault(FaultCode.TRAILING_DATA, message, None, window.offset, window.line)
        window.move(window.at + 1)
        while window.search(_NEXT_DOCUMENT, _NEXT_BYTES) and not self._may_start_here():
            window.move(window.at + 1)
        return fault

    def _may_start_here(self) -> bool:
        """Whether what is at the cursor, after junk, may be a document, and not the inside of something broken."""
        window = self._window
        before = window.before(_BEFORE_BYTES)
        opening = self._last_opening
        if opening and window.sample(len(opening)) == opening:
            return True
        if before.rstrip()[-1:] in (b":", b",", b"[", b"{"):
            return False
        starts_line = not before.rpartition(b"\n")[2].strip()
        return window.data[window.at] == _OPEN_ARRAY or starts_line
