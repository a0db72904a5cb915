"""Where a JSON value ends, found exactly by its strings and brackets, however the file is cut into windows.

This is the slow and sure way: it needs no sound JSON, follows a value of any size in constant memory, looks at each
byte once, and says where a value is damaged beyond following. What is inside a string or between two brackets is left
to the decoder. The grammar is RFC 8259.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import Enum, auto
from typing import Final

from console.records.window import Window

_DEEPEST: Final = 2 * 1024**2
"""Brackets that are followed. It bounds memory, and is far above what any decoder takes."""

# Groups repeat a bounded number of times because each repetition takes memory; the loops around them go on. They are
# not possessive, because Python before 3.11.5 matches possessive groups wrongly (CPython issue 106052).
_CHARACTERS: Final = rb'[^"\\\x00-\x1f]*'
_ESCAPED: Final = rb"(?:\\[^\x00-\x1f]" + _CHARACTERS + rb"){0,64}"
_IN_STRING: Final = re.compile(_CHARACTERS + _ESCAPED)
_BETWEEN: Final = rb'[^"{}\[\]]*'
_PLAIN: Final = re.compile(_BETWEEN + rb'(?:"' + _CHARACTERS + _ESCAPED + rb'"' + _BETWEEN + rb"){0,64}")
"""Everything up to the next bracket, or up to a string that is not taken in one look."""

_QUOTE, _BACKSLASH = b'"\\'
FIRST_PRINTABLE: Final = 0x20
"""Bytes below this are control characters, which no JSON string may hold as they are."""

_PARTNERS: Final = {b"}"[0]: b"{"[0], b"]"[0]: b"["[0]}
_MAY_STAND_BEFORE: Final = {b"{"[0]: b":", b"["[0]: b"[,"}
"""The bytes after which an object or an array may open, by the bracket that is open around it."""


class Ending(Enum):
    """How a value ends."""

    OPEN = auto()
    """The file, or what was seen of it, ends before the value does."""
    WHOLE = auto()
    """Its last bracket or quote was found."""
    DAMAGED = auto()
    """A bracket or a control character stands where none may: where the value ends can't be known."""


class Nesting:
    """Follows one object, array or string through the windows that it spans."""

    __slots__ = ("_escaped", "_last", "_quoted", "_stack", "ending")

    def __init__(self, around: bytes = b"") -> None:
        """Start at a value; or between the members of what has the brackets *around* it."""
        self.ending = Ending.OPEN
        """What is known after the last `advance`."""
        self._stack = bytearray(around)
        """The brackets that are open."""
        self._quoted = False
        """Whether we are inside a string, and there..."""
        self._escaped = False
        """...just after a backslash that ended a window."""
        self._last = 0
        """The last byte before here that is not white space."""

    def advance(self, data: bytes, position: int) -> int:
        """Look at *data* from *position* on. Gives the position after a whole value, of the damage, or `len(data)`."""
        while self.ending is Ending.OPEN and position < len(data):
            position = self._in_string(data, position) if self._quoted else self._to_bracket(data, position)
        return position

    def _in_string(self, data: bytes, position: int) -> int:
        """Go on inside a string, to its end if that is here."""
        if self._escaped:
            self._escaped = False
            return position + 1 if data[position] >= FIRST_PRINTABLE else self._damaged(position)
        end = _past(_IN_STRING, data, position)
        if end == len(data):
            return end
        if data[end] == _QUOTE:
            self._quoted = False
            return self._closed(data, end)
        if data[end] != _BACKSLASH:
            return self._damaged(end)
        self._escaped = True
        return end + 1

    def _to_bracket(self, data: bytes, position: int) -> int:
        """Go on to the next bracket and take it, or into a string that is not whole here."""
        # Outside of any bracket there is only the value's first byte.
        end = _past(_PLAIN, data, position) if self._stack else position
        passed = data[position:end].rstrip()
        if passed:
            self._last = passed[-1]
        if end == len(data):
            return end
        byte = data[end]
        if byte == _QUOTE:
            self._quoted = True
            return end + 1
        if byte in _PARTNERS:
            paired = self._stack and self._stack.pop() == _PARTNERS[byte]
            return self._closed(data, end) if paired else self._damaged(end)
        if not self._may_open():
            return self._damaged(end)
        self._stack.append(byte)
        self._last = byte
        return end + 1

    def _may_open(self) -> bool:
        """Whether an object or an array may stand here, by what is around it and before it."""
        if not self._stack:
            return True
        return self._last in _MAY_STAND_BEFORE[self._stack[-1]] and len(self._stack) < _DEEPEST

    def _closed(self, data: bytes, position: int) -> int:
        """A string or a bracket closes at *position*, and perhaps the value with it."""
        self._last = data[position]
        if not self._stack:
            self.ending = Ending.WHOLE
        return position + 1

    def _damaged(self, position: int) -> int:
        self.ending = Ending.DAMAGED
        return position


@dataclass(frozen=True, slots=True)
class Value:
    """A value that was followed to its end."""

    ending: Ending
    offset: int
    """Where it starts in the file, in bytes."""
    line: int
    length: int
    """Its bytes up to its end, to the damage, or to the end of the file."""
    end: int
    """The position in the window that this is."""


def follow(window: Window, limit: int, nesting: Nesting | None = None, until: int | None = None) -> Value:
    """Follow the value at the cursor to its end; or, with a *nesting*, the value that it is inside of.

    The cursor stays at the start of the value, so that all of it is in the window, unless it is longer than *limit*
    bytes: then the cursor moves along and the value is not kept. A value that has no end before the byte *until* of the
    file is not followed further: it is `OPEN` then, and its *nesting* can be followed on.
    """
    offset, line = window.offset, window.line
    nesting = nesting or Nesting()
    position = window.at
    while True:
        end = len(window.data) if until is None else max(until - window.offset_of(0), 0)
        position = nesting.advance(window.data if end >= len(window.data) else window.data[:end], position)
        length = window.offset_of(position) - offset
        if length > limit:
            window.move(position)
        if nesting.ending is not Ending.OPEN or (until is not None and window.offset_of(position) >= until):
            break
        position -= window.at
        if not window.more():
            break
    return Value(nesting.ending, offset, line, length, position)


def _past(pattern: re.Pattern[bytes], data: bytes, position: int) -> int:
    """The position after what *pattern* matches, which may be nothing."""
    found = pattern.match(data, position)
    return found.end() if found else position
