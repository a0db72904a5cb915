"""One element of a finding file, as a record or as a fault; and where to go on after a broken one."""

from __future__ import annotations

import re
from typing import Final

from console.records.faults import FaultCode, sample, size
from console.records.model import Fault, Record, Span
from console.records.scan import FIRST_PRINTABLE, Ending, Value
from console.records.window import Window

OPEN_OBJECT: Final = b"{"[0]
_OPENING: Final = re.compile(rb'\{[ \t\r\n]{0,64}"[^"\\\x00-\x1f]{1,64}"')
"""How a record starts, up to the end of its first key. The records of one producer all start alike."""


def whole(index: int, offset: int, line: int, raw: bytes, limit: int) -> Record | Fault:
    """The record in *raw*, which ends where its value ends, or why it is none."""
    if raw[0] != OPEN_OBJECT:
        return not_an_object(index, offset, line, raw)
    if len(raw) > limit:
        return too_large(index, offset, line, len(raw), limit)
    return Record(Span(index, offset, len(raw), line), raw)


def judged(window: Window, index: int, value: Value, start: bytes, limit: int) -> Record | Fault:
    """What the object, array or string at the cursor came to, which was followed and which *start*s with some bytes."""
    if value.ending is Ending.OPEN:
        return _cut_off(index, value)
    if value.ending is Ending.DAMAGED:
        place = value.offset + value.length
        return damaged(index, value.offset, value.line, place, window.data[value.end])
    if start[0] != OPEN_OBJECT:
        return not_an_object(index, value.offset, value.line, start[: value.length])
    if value.length > limit:
        return too_large(index, value.offset, value.line, value.length, limit)
    return Record(Span(index, value.offset, value.length, value.line), window.data[window.at : value.end])


def overgrown(index: int, value: Value, following: int) -> Fault:
    """A record that has no end before another one starts, at the byte *following*."""
    message = f"The record is cut off, or not JSON: it has no end before the one that starts at byte {following:,}."
    return Fault(FaultCode.TRUNCATED, message, index, value.offset, value.line)


def opening_of(window: Window, value: Value, limit: int) -> bytes:
    """How the value at the cursor, just followed, starts; empty if it is no object, or is too large to be kept."""
    found = _OPENING.match(window.data, window.at, value.end) if value.length <= limit else None
    return found[0] if found else b""


def find_next(window: Window, damaged: Value, opening: bytes, limit: int) -> bool:
    """Move from the damage in the value at the cursor to the next place that starts with *opening*, if there is one."""
    if not opening:
        return False
    if damaged.length <= limit:
        # The damage may be a bracket or a quote of the next record already.
        window.move(max(window.at + 1, damaged.end - len(opening)))
    return window.find(opening)


def not_an_object(index: int, offset: int, line: int, value: bytes) -> Fault:
    """An element or a line whose *value* is sound JSON of another type than object."""
    message = f"An object is expected here, not {sample(value)}."
    return Fault(FaultCode.NOT_AN_OBJECT, message, index, offset, line)


def too_large(index: int, offset: int, line: int, length: int, limit: int) -> Fault:
    """A record of *length* bytes, which is over the *limit*."""
    message = f"The record has {length:,} bytes; the limit for one record is {size(limit)}."
    return Fault(FaultCode.RECORD_TOO_LARGE, message, index, offset, line)


def _cut_off(index: int, value: Value) -> Fault:
    message = f"The file ends at byte {value.offset + value.length:,}, inside the record that starts here."
    return Fault(FaultCode.TRUNCATED, message, index, value.offset, value.line)


def damaged(index: int, offset: int, line: int, place: int, byte: int) -> Fault:
    """A record that can't be followed beyond *byte*, which is at *place* in the file."""
    reason = (
        "a line break or another control character stands in a string"
        if byte < FIRST_PRINTABLE
        else f"a {chr(byte)} stands where none may"
    )
    message = f"The record is not JSON: at byte {place:,} {reason}."
    return Fault(FaultCode.MALFORMED, message, index, offset, line)
