"""The records of a file with one JSON object on each line."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

import msgspec

from console.limits import Limits
from console.records.elements import damaged, too_large, whole
from console.records.faults import SAMPLE_BYTES, FaultCode, sample
from console.records.model import Fault, Layout, Record
from console.records.scan import Ending, Nesting
from console.records.stretch import STRETCH_BYTES, Stretch, Take
from console.records.window import END, Window

_REST_OF_LINE: Final = re.compile(rb"[^\n]*")
_SPACE: Final = b" \t\r"
_NO_SPACE: Final = re.compile(rb"[^" + _SPACE + rb"]")
_value: Final = msgspec.json.Decoder(msgspec.Raw)


class LineReader:
    """Reads the lines from the window's cursor on. A line that is not blank takes an index, whatever is on it.

    The first of them is number *index*.
    """

    def __init__(self, window: Window, limits: Limits, take: Take | None = None, *, index: int = 0) -> None:
        self._window = window
        self._limit = limits.record_bytes
        self._take = take
        self._index = index
        self._offered_until = 0
        """The place in the file before which lines were offered in vain."""

    def read(self) -> Iterator[Record | Fault]:
        """What each line holds, in file order."""
        window = self._window
        while window.peek() != END:
            if self._take and window.offset >= self._offered_until and self._were_taken(self._take):
                continue
            offset, line = window.offset, window.line
            length = self._line_length()
            if length is None:
                window.skip(_REST_OF_LINE)
                yield too_large(self._index, offset, line, window.offset - offset, self._limit)
            else:
                raw = window.data[window.at : window.at + length].rstrip(_SPACE)
                window.move(window.at + length)
                yield from self._on_line(raw, offset, line)
            self._index += 1

    def _were_taken(self, take: Take) -> bool:
        """Offer the whole lines at the cursor, and move past them if they were taken."""
        window = self._window
        reach = min(STRETCH_BYTES, window.window_bytes)
        if len(window.data) - window.at < reach:
            window.more()
        end = window.data.rfind(b"\n", window.at, window.at + reach)
        self._offered_until = window.offset_of(max(end, window.at + 1))
        if not 0 <= end - window.at <= self._limit:
            return False
        lines = window.data[window.at : end]
        count = take(Stretch(self._index, window.offset, lines, Layout.LINES, window.line_at))
        if count:
            self._index += count
            window.move(end)
        return count > 0

    def _line_length(self) -> int | None:
        """Bytes from the cursor to the end of the line, all in the window; None when they are over the limit."""
        window = self._window
        searched = 0
        while (end := window.data.find(b"\n", window.at + searched)) < 0:
            searched = len(window.data) - window.at
            if searched > self._limit:
                return None
            if not window.more():
                return searched
        length = end - window.at
        return length if length <= self._limit else None

    def _on_line(self, raw: bytes, offset: int, line: int) -> Iterator[Record | Fault]:
        """The record on one line, and what else is there."""
        if _is_json(raw):
            yield whole(self._index, offset, line, raw, self._limit)
        elif raw[0] in b'{["':
            yield from self._followed(raw, offset, line)
        else:
            message = f"This line is not JSON: {sample(raw)}."
            yield Fault(FaultCode.MALFORMED, message, self._index, offset, line)

    def _followed(self, raw: bytes, offset: int, line: int) -> Iterator[Record | Fault]:
        """What is on a line that is not one sound JSON value."""
        start = 0
        while True:
            nesting = Nesting()
            end = nesting.advance(raw, start)
            if nesting.ending is Ending.DAMAGED:
                yield damaged(self._index, offset + start, line, offset + end, raw[end])
                return
            if nesting.ending is Ending.OPEN:
                message = "The line ends inside the record that starts here."
                yield Fault(FaultCode.TRUNCATED, message, self._index, offset + start, line)
                return
            yield whole(self._index, offset + start, line, raw[start:end], self._limit)
            following = _NO_SPACE.search(raw, end)
            if following is None:
                return
            start = following.start()
            if raw[start] not in b"{[":
                message = (
                    f"This follows the record on its line and is not read: {sample(raw[start : start + SAMPLE_BYTES])}."
                )
                yield Fault(FaultCode.TRAILING_DATA, message, None, offset + start, line)
                return
            message = "A second document starts here, on the line of another."
            yield Fault(FaultCode.SECOND_DOCUMENT, message, None, offset + start, line)
            self._index += 1


def _is_json(raw: bytes) -> bool:
    """Whether *raw* is one JSON value; its strings are not looked into."""
    try:
        _value.decode(raw)
    except (msgspec.DecodeError, RecursionError):
        return False
    return True
