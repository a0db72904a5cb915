"""The records of JSON documents that stand one after another in a file. Usually there is one, an array.

Several come from programs that append to a file, or write one object after another. An object may also be a wrapper
around the array of records, as AWS Security Hub has it in `BatchImportFindings` and `GetFindings`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from console.limits import Limits
from console.records.array import ArrayReader
from console.records.elements import find_next, opening_of, read_value
from console.records.faults import FaultCode, sample
from console.records.model import Fault, Record
from console.records.scan import Ending, Nesting, follow
from console.records.stretch import Take
from console.records.window import END, Window

_OPEN_ARRAY: Final = b"["[0]
_WRAPPER: Final = re.compile(rb'\{\s*(?:"[^"\\]*"\s*:\s*(?:"[^"\\]*"|[a-z0-9.eE+-]+)\s*,\s*)*"Findings"\s*:\s*(?=\[)')
_WRAPPER_BYTES: Final = 1024
"""Bytes within which a wrapper's array must start."""
_NO_BRACKETS: Final = re.compile(rb"[^\[{]*")
_DOCUMENT: Final = re.compile(rb'\[\s*([\]{]|$)|\{\s*(["}]|$)')
"""How an array or an object starts, where other things stand, too."""


def wrapped(text: bytes, at: int = 0) -> int | None:
    """Where the array is in a wrapper that starts at *at*; None where no wrapper starts."""
    found = _WRAPPER.match(text, at, at + _WRAPPER_BYTES)
    return found.end() if found else None


class DocumentReader:
    """Reads the documents from the window's cursor on.

    With an *opening* the cursor is on a record inside an array, number *index*, whose records start that way.
    """

    def __init__(
        self,
        window: Window,
        limits: Limits,
        take: Take | None = None,
        *,
        index: int = 0,
        opening: bytes = b"",
        goes_on: bool = False,
    ) -> None:
        self._window = window
        self._limits = limits
        self._take = take
        self._index = index
        self._opening = opening
        self._goes_on = goes_on
        self.second_document = False
        """Whether a second document was met."""
        self._object_opening = b""
        """How an object that is a document starts; empty until a whole one was seen."""
        self._told = index > 0 and not opening
        """Whether it was said that objects follow one another."""
        self._stopped = False
        """Whether a fault was met that nothing can be read after."""
        self._array: ArrayReader | None = None
        """The array that is being read."""

    @property
    def opening(self) -> bytes | None:
        """How the records of the array start that is being read: None until it was seen, empty outside of arrays."""
        return (self._array.opening or None) if self._array else b""

    def read(self) -> Iterator[Record | Fault]:
        """Everything in all documents, in file order."""
        window = self._window
        if self._opening:
            yield from self._elements(self._opening)
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
        elif wrapped(window.sample(_WRAPPER_BYTES)) is not None:
            yield from self._wrapper()
        else:
            yield self._object()

    def _elements(self, opening: bytes = b"") -> Iterator[Record | Fault]:
        """The records of the array at the cursor; or, with an *opening*, of the array that the cursor is in."""
        self._array = array = ArrayReader(
            self._window, self._limits, self._take, index=self._index, opening=opening, goes_on=self._goes_on
        )
        yield from array.read()
        self._index = array.index
        self._stopped = not array.closed
        self._array = None

    def _wrapper(self) -> Iterator[Record | Fault]:
        """The records of the array in the wrapper at the cursor. What else is in the wrapper is passed over."""
        window = self._window
        window.move(window.at + (wrapped(window.data[window.at : window.at + _WRAPPER_BYTES]) or 0))
        yield from self._elements()
        if self._stopped:
            return
        value = follow(window, 0, Nesting(b"{"))
        window.move(value.end)
        if value.ending is not Ending.WHOLE:
            self._stopped = True
            message = "The object around the records has no closing bracket."
            yield Fault(FaultCode.NOT_CLOSED, message, None, window.offset, window.line)

    def _object(self) -> Record | Fault:
        """The object at the cursor, which is a record."""
        window, limit = self._window, self._limits.record_bytes
        value, piece = read_value(window, self._index, limit)
        self._index += 1
        if value.ending is Ending.WHOLE:
            self._object_opening = self._object_opening or opening_of(window, value, limit)
            window.move(value.end)
        else:
            self._stopped = value.ending is Ending.OPEN or not find_next(window, value, self._object_opening, limit)
        return piece

    def _seam(self, first: int) -> Iterator[Fault]:
        """What there is to say between two documents. That objects follow one another is said once."""
        self.second_document = True
        if first == _OPEN_ARRAY or not self._told:
            message = "A second document starts here: were two runs written to one file?"
            yield Fault(FaultCode.SECOND_DOCUMENT, message, None, self._window.offset, self._window.line)
        self._told = self._told or first != _OPEN_ARRAY

    def _junk(self) -> Fault:
        """A fault for what stands at the cursor, and is passed up to the next document."""
        window = self._window
        message = f"The document has ended, and this follows: {sample(window.sample())}."
        fault = Fault(FaultCode.TRAILING_DATA, message, None, window.offset, window.line)
        window.move(window.at + 1)
        window.skip(_NO_BRACKETS)
        while (text := window.sample()) and not _DOCUMENT.match(text):
            window.move(window.at + 1)
            window.skip(_NO_BRACKETS)
        return fault
