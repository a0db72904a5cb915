"""The records and faults of content of any known shape."""

from __future__ import annotations

from collections.abc import Iterator

from console.limits import Limits
from console.records.array import ArrayReader
from console.records.elements import read_object
from console.records.model import Fault, Format, Record
from console.records.ndjson import LineReader
from console.records.stretch import Take
from console.records.window import Window


def pieces(
    window: Window,
    shape: Format,
    limits: Limits,
    take: Take | None = None,
    *,
    index: int = 0,
    opening: bytes = b"",
    goes_on: bool = False,
) -> Iterator[Record | Fault]:
    """The records and faults from the window's cursor on, without what *take* takes, and what is wrong with the source.

    The cursor is at the start of the content; or, with an *index*, at that record, and in an array with its *opening*.
    An array that *goes_on* is a part of one, and ends after a comma.
    """
    if shape is Format.ARRAY:
        window.peek()
        yield from ArrayReader(window, limits, take, index=index, opening=opening, goes_on=goes_on).read()
    elif shape is Format.NDJSON:
        yield from LineReader(window, limits, take, index=index).read()
    else:
        yield from read_object(window, limits)
    if damage := window.damage:
        yield Fault(damage.code, damage.message, None, window.offset, window.line)
