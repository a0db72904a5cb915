"""The records of a JSON array.

The fast way decodes many elements at once, which proves where each of them ends: a taker does it, or we do, as a list
of raw slices. What the window cuts, and what is not sound JSON, is followed exactly. All ways find the same elements.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Final

import msgspec

from console.limits import Limits
from console.records.elements import OPEN_OBJECT, judged, not_an_object, opening_of, overgrown, whole
from console.records.faults import FaultCode, sample
from console.records.model import Fault, Layout, Record
from console.records.recovery import Recovery
from console.records.scan import Ending, Nesting, Value, follow
from console.records.stretch import STRETCH_BYTES, Stretch, Take
from console.records.window import END, SPACE, Window

_COMMA, _OPEN_ARRAY, _CLOSE_ARRAY, _QUOTE = b',[]"'
_COMMAS: Final = re.compile(rb"[, \t\r\n]*")
_JUNK: Final = re.compile(rb"[^,{\]]*")
_JOINT: Final = re.compile(rb"[ \t\r\n]*,[ \t\r\n]*")
_SCALAR: Final = re.compile(rb"(?:true|false|null|-?[0-9]+(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?)\s*(?=[,\]]|$)")

_BEFORE_BYTES: Final = 64
"""Bytes before an element that are looked at."""
_NOTHING_AFTER: Final = "No record can be found after it."

_slices: Final = msgspec.json.Decoder(list[msgspec.Raw])


class ArrayReader:
    """Reads the elements of the array that the window's cursor is on.

    An element takes an index whatever it is, so that an index means the same to us and to a target. *inside* of the
    array the cursor is on an element, number *index*, and not on the array's bracket; the *opening* is how its objects
    start, where that is known. An array that *goes_on* is a part of one, and ends after a comma.
    """

    def __init__(
        self,
        window: Window,
        limits: Limits,
        take: Take | None = None,
        *,
        index: int = 0,
        inside: bool = False,
        opening: bytes = b"",
        goes_on: bool = False,
    ) -> None:
        self._window = window
        self._recovery = Recovery(window)
        self._limit = limits.record_bytes
        self._take = take
        self.index = index
        """The index of the next element."""
        self._goes_on = goes_on
        self._inside = inside
        self.opening = opening
        """How the first object starts; empty until it was seen."""
        self._exact_until = 0
        """The place in the file before which the fast way was tried in vain."""
        self._wants_comma = False
        self._after_comma = False
        self.closed = False
        """Whether the closing bracket of the array was met, and the cursor is behind it."""
        self.second_document = False
        """Whether another array was met where an element should be, and is read as part of this one."""
        self._stopped = False
        """Whether a fault was met that nothing can be read after."""

    def read(self) -> Iterator[Record | Fault]:
        """Everything in the array, in file order."""
        window = self._window
        if not self._inside:
            window.move(window.at + 1)
        while (byte := window.peek()) not in (END, _CLOSE_ARRAY):
            yield from self._joint(byte) if self._wants_comma else self._element(byte)
            if self._stopped:
                return
        if byte == END:
            if not (self._goes_on and self._after_comma):
                yield self._fault(FaultCode.NOT_CLOSED, "The file ends here, and the array has no closing bracket.")
            return
        if self._after_comma:
            yield self._fault(FaultCode.TRAILING_COMMA, "A comma stands before the closing bracket of the array.")
        window.move(window.at + 1)
        self.closed = True

    def _joint(self, byte: int) -> Iterator[Fault]:
        """What stands after an element: a comma, or a fault."""
        window = self._window
        if byte == OPEN_OBJECT:
            yield self._fault(FaultCode.MISSING_COMMA, "A comma is missing before this record.")
        elif byte != _COMMA:
            yield self._junk()
        if window.peek() == _COMMA:
            window.move(window.at + 1)
            self._after_comma = True
        self._wants_comma = False

    def _element(self, byte: int) -> Iterator[Record | Fault]:
        """The element at the cursor; or, the fast way, all elements up to some boundary in the window."""
        if byte == OPEN_OBJECT and (text := self._run()):
            if self._was_taken(text):
                return
            if slices := _decoded(text):
                yield from self._proven(slices)
                return
            self._exact_until = self._window.offset + len(text)
        if byte in (OPEN_OBJECT, _OPEN_ARRAY, _QUOTE):
            yield self._followed()
        elif byte == _COMMA:
            yield self._fault(FaultCode.EXTRA_COMMA, "No record stands before this comma.")
            self._window.skip(_COMMAS)
            self._after_comma = True
        else:
            yield self._bare()
            self._window.skip(_JUNK)

    def _run(self) -> bytes:
        """The elements from the cursor to what looks like a boundary, as an array; empty where none is in sight."""
        window = self._window
        if not self.opening or window.offset < self._exact_until:
            return b""
        reach = min(STRETCH_BYTES, window.window_bytes)
        if len(window.data) - window.at < reach:
            window.more()
        boundary = self._last_boundary() if len(window.data) - window.at < reach else self._boundary(window.at + reach)
        if boundary < 0:
            self._exact_until = window.offset_of(len(window.data))
            return b""
        return b"".join((b"[", memoryview(window.data)[window.at : boundary], b"]"))

    def _boundary(self, end: int) -> int:
        """The position of the last comma before *end*, or else of the first one after it, that a record follows.

        Negative where there is none.
        """
        data, start = self._window.data, self._window.at + 1
        found = data.rfind(self.opening, start, end)
        if found < 0:
            found = data.find(self.opening, max(start, end - len(self.opening)))
        return data.rfind(b",", start, max(found, 0))

    def _last_boundary(self) -> int:
        """As `_boundary`, where the file ends in the window: perhaps the array's closing bracket."""
        data = self._window.data
        last = len(data.rstrip(SPACE)) - 1
        return last if last > self._window.at and data[last] in b",]" else self._boundary(len(data))

    def _was_taken(self, text: bytes) -> bool:
        """Offer the elements at the cursor, and move past them if they were taken."""
        window = self._window
        if self._take is None or len(text) > self._limit:
            return False
        count = self._take(Stretch(self.index, window.offset, text, Layout.ARRAY, window.line_at))
        if not count:
            return False
        self.index += count
        window.move(window.at + len(text) - len(b"[]"))
        self._wants_comma, self._after_comma = True, False
        return True

    def _proven(self, slices: list[msgspec.Raw]) -> Iterator[Record | Fault]:
        """The elements that the slices, which start at the cursor, stand for."""
        window, data = self._window, self._window.data
        for piece in slices:
            end = window.at + len(memoryview(piece))
            yield whole(self._taken(), window.offset, window.line, data[window.at : end], self._limit)
            joint = _JOINT.match(data, end)
            window.move(joint.end() if joint else end)
            self._wants_comma, self._after_comma = not joint, bool(joint)

    def _junk(self) -> Fault:
        """A fault for what stands between two records, and is passed up to the next one."""
        window = self._window
        start = window.offset
        words = f"This stands between two records and is not JSON: {sample(window.sample())}."
        fault = self._fault(FaultCode.MALFORMED, words)
        window.skip(_JUNK)
        if not self.opening or window.at == len(window.data) or window.data[window.at] == _CLOSE_ARRAY:
            return fault
        # What comes first may be the inside of something broken.
        window.jump(start)
        if self._recovery.find_joined(self.opening):
            return fault
        window.jump(start)
        window.skip(_JUNK)
        if window.peek() in (END, _COMMA) or window.before(_BEFORE_BYTES).rstrip()[-1:] not in (b":", b"["):
            return fault
        self._stopped = True
        return replace(fault, message=f"{words} {_NOTHING_AFTER}")

    def _followed(self) -> Record | Fault:
        """The object, array or string at the cursor, followed exactly."""
        window, limit = self._window, self._limit
        start, index = window.sample(), self._taken()
        nesting = Nesting()
        value = follow(window, limit, nesting, until=window.offset + limit + 1)
        if value.ending is Ending.OPEN:
            # It is broken, or too large: in either case what comes next must be told from what is inside.
            following = window.offset if self._recovery.find(self.opening, value.offset) else None
            value = self._followed_on(value, nesting, following)
            if following is not None and value.ending is not Ending.WHOLE:
                window.jump(following)
                self._wants_comma = False
                return overgrown(index, value, following)
        if start[0] == _OPEN_ARRAY and value.ending is Ending.WHOLE and self.opening:
            if self._is_second_document(value):
                self.index = index
                return self._second_document(value)
            value = follow(window, limit)
        piece = judged(window, index, value, start, limit)
        if not self.opening:
            self.opening = opening_of(window, value, limit)
        if value.ending is Ending.WHOLE:
            window.move(value.end)
        elif value.ending is Ending.OPEN:
            self._stopped = True
        elif isinstance(piece, Fault) and not self._finds_next(value):
            self._stopped = True
            return replace(piece, message=f"{piece.message} {_NOTHING_AFTER}")
        else:
            self._wants_comma = False
        return piece

    def _is_second_document(self, value: Value) -> bool:
        """Whether the array that was followed is that of another run, which was appended to this one after a comma.

        Then the file ends with it, and this array has no end of its own.
        """
        window = self._window
        window.jump(value.offset + value.length)
        is_last = window.peek() == END
        window.jump(value.offset + 1)
        window.peek()
        starts_so = window.sample(len(self.opening)) == self.opening
        window.jump(value.offset)
        return is_last and starts_so

    def _second_document(self, value: Value) -> Fault:
        """A fault for the array of another run, and a move into it."""
        self._window.jump(value.offset + 1)
        self.second_document = True
        self._wants_comma, self._after_comma = False, False
        message = "A second document starts here: were two runs written to one file?"
        return Fault(FaultCode.SECOND_DOCUMENT, message, None, value.offset, value.line)

    def _followed_on(self, value: Value, nesting: Nesting, until: int | None) -> Value:
        """The value, followed to its end; or no further than to the byte *until*."""
        window = self._window
        if value.length <= self._limit:
            # It ends with the file.
            window.jump(value.offset)
            return follow(window, self._limit, until=until)
        window.jump(value.offset + value.length)
        rest = follow(window, 0, nesting, until)
        return Value(rest.ending, value.offset, value.line, value.length + rest.length, rest.end)

    def _finds_next(self, broken: Value) -> bool:
        """Move from a record that is damaged to the next one, if there is one."""
        damage = broken.offset + broken.length
        if self._recovery.find(self.opening, broken.offset):
            return True
        self._window.jump(max(broken.offset + 1, damage - len(self.opening)))
        return bool(self.opening) and self._window.find(self.opening)

    def _bare(self) -> Fault:
        """The fault of an element without brackets and quotes: a number, `null`, or no JSON at all."""
        text = self._window.sample()
        scalar = _SCALAR.match(text)
        index = self._taken()
        if scalar:
            return not_an_object(index, self._window.offset, self._window.line, scalar[0])
        return self._fault(FaultCode.MALFORMED, f"This is not JSON: {sample(text)}.", index)

    def _taken(self) -> int:
        """The index of the element at the cursor, which is thereby taken."""
        self._wants_comma, self._after_comma = True, False
        self.index += 1
        return self.index - 1

    def _fault(self, code: FaultCode, message: str, index: int | None = None) -> Fault:
        """A fault at the cursor."""
        return Fault(code, message, index, self._window.offset, self._window.line)


def _decoded(text: bytes) -> list[msgspec.Raw]:
    """The elements of the array in *text*; none if it is not JSON, and the exact way has to tell what is wrong."""
    try:
        return _slices.decode(text)
    except (msgspec.DecodeError, RecursionError):
        return []
