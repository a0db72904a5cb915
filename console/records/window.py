"""A window over a finding file: the only part of it that is in memory, and a cursor in it."""

from __future__ import annotations

import re
from typing import Final

from console.progress import Cancel
from console.records.faults import SAMPLE_BYTES
from console.records.source import Damage, Source

WINDOW_BYTES: Final = 256 * 1024
"""Bytes that are read at once. More of them would leave the caches before they are looked at."""
_SMALL_WINDOW_BYTES: Final = 32 * 1024
"""Of a window for a short look ahead."""
END: Final = -1
"""What `Window.peek` gives where nothing is left."""

SPACE: Final = b" \t\r\n"
"""The bytes that are white space in JSON."""
_SPACES: Final = re.compile(b"[" + SPACE + b"]*")


class Window:
    """What is in memory of a source: from the cursor, or a little before it, to wherever reading has come.

    Positions are indexes into `data`. They hold until `more` is called (by `peek`, `skip`, `sample` or `find`,
    too), which moves what is at the cursor to 0.
    """

    def __init__(
        self,
        source: Source,
        start: int = 0,
        window_bytes: int = WINDOW_BYTES,
        line: int = 1,
        cancel: Cancel | None = None,
    ) -> None:
        """*cancel* is looked at whenever more is read, which is when `Cancelled` is raised."""
        self._source = source
        self._base = start
        self.window_bytes = window_bytes
        self.data = b""
        """The bytes in memory."""
        self.at = 0
        """The cursor: a position in `data`. Move it with `move` only."""
        self._line = line
        self._counted = start
        self._cancel = cancel
        """The place in the file that `_line` is the line of."""

    @property
    def offset(self) -> int:
        """The cursor's place in the file, in bytes."""
        return self._base + self.at

    @property
    def line(self) -> int:
        """The line of the file that the cursor is on."""
        return self.line_at(self.offset)

    def line_at(self, offset: int) -> int:
        """The line of a place in the file. Only what lies between it and the place last asked for is counted.

        What is no longer in memory is read again: counting all that passes would cost a third of parsing it.
        """
        counted = self._counted
        if self._base <= counted <= offset:
            self._line += self.data.count(b"\n", counted - self._base, offset - self._base)
        elif counted <= offset:
            self._line += self._line_breaks(counted, offset)
        else:
            self._line -= self._line_breaks(offset, counted)
        self._counted = offset
        return self._line

    @property
    def damage(self) -> Damage | None:
        """Why the source ended early. Known once its end was read."""
        return self._source.damage

    def offset_of(self, position: int) -> int:
        """A position's place in the file, in bytes."""
        return self._base + position

    def jump(self, offset: int) -> None:
        """Put the cursor at any place in the file. It is read anew from there. Positions change."""
        self._base, self.data, self.at = offset, b"", 0

    def another(self, offset: int) -> Window:
        """A window over the same file that starts at *offset*. Its lines count from there."""
        return Window(self._source, offset, _SMALL_WINDOW_BYTES, cancel=self._cancel)

    def before(self, count: int) -> bytes:
        """The bytes before the cursor: *count*, or as many as there are."""
        start = max(self.offset - count, 0)
        return self._source.read(start, self.offset - start)

    def move(self, position: int) -> None:
        """Put the cursor further on. What is before it is no longer needed."""
        self.at = position

    def more(self) -> bool:
        """Forget what is before the cursor and read on. False when nothing is left to read.

        The cursor is then at position 0. A window that holds a large record grows by doubling, so that reading it
        costs time in proportion to its size.
        """
        if self._cancel is not None:
            self._cancel.check()
        kept = self.data[self.at :]
        fresh = self._source.read(self._base + len(self.data), max(self.window_bytes, len(kept)))
        self._base += self.at
        self.at = 0
        self.data = kept + fresh
        return bool(fresh)

    def peek(self) -> int:
        """Move to the next byte that is not white space and give it, or `END`."""
        self.skip(_SPACES)
        return self.data[self.at] if self.at < len(self.data) else END

    def skip(self, pattern: re.Pattern[bytes]) -> None:
        """Move past all that *pattern*, a repeated set of bytes, matches."""
        while True:
            found = pattern.match(self.data, self.at)
            self.move(found.end() if found else self.at)
            if self.at < len(self.data) or not self.more():
                return

    def sample(self, count: int = SAMPLE_BYTES) -> bytes:
        """The bytes at the cursor: *count*, by default as many as a message may quote. Positions change."""
        while len(self.data) - self.at < count and self.more():
            pass
        return self.data[self.at : self.at + count]

    def find(self, wanted: bytes) -> bool:
        """Move to the next place that reads *wanted*, or to the end. Says whether it was found."""
        while (found := self.data.find(wanted, self.at)) < 0:
            self.move(max(self.at, len(self.data) - len(wanted) + 1))
            if not self.more():
                self.move(len(self.data))
                return False
        self.move(found)
        return True

    def search(self, pattern: re.Pattern[bytes], longest: int) -> bool:
        """Move to the next place that *pattern* matches, with *longest* bytes at most, or to the end.

        Says whether it was found.
        """
        while not (found := pattern.search(self.data, self.at)):
            self.move(max(self.at, len(self.data) - longest + 1))
            if not self.more():
                self.move(len(self.data))
                return False
        self.move(found.start())
        return True

    def _line_breaks(self, start: int, end: int) -> int:
        """How many line breaks stand between two places in the file."""
        count = 0
        while start < min(end, self._base):
            passed = self._source.read(start, min(end, self._base, start + self.window_bytes) - start)
            count += passed.count(b"\n")
            start += len(passed)
        return count + self.data.count(b"\n", start - self._base, max(end - self._base, 0))
