"""A window over a finding file: the only part of it that is in memory, and a cursor in it."""

from __future__ import annotations

import re
from typing import Final

from console.records.faults import SAMPLE_BYTES
from console.records.source import Source

WINDOW_BYTES: Final = 1024 * 1024
END: Final = -1
"""What `Window.peek` gives where nothing is left."""

_SPACE: Final = re.compile(rb"[ \t\r\n]*")


class Window:
    """What is in memory of a source: from the cursor, or a little before it, to wherever reading has come.

    Positions are indexes into `data`. They hold until `more` is called (by `peek`, `skip`, `sample` or `find`,
    too), which moves what is at the cursor to 0.
    """

    def __init__(self, source: Source, start: int = 0, window_bytes: int = WINDOW_BYTES) -> None:
        self._source = source
        self._base = start
        self.window_bytes = window_bytes
        self.data = b""
        """The bytes in memory."""
        self.at = 0
        """The cursor: a position in `data`. Move it with `move` only."""
        self.line = 1
        """The line of the file that the cursor is on."""

    @property
    def offset(self) -> int:
        """The cursor's place in the file, in bytes."""
        return self._base + self.at

    def offset_of(self, position: int) -> int:
        """A position's place in the file, in bytes."""
        return self._base + position

    def line_of(self, position: int) -> int:
        """The line of a position at or after the cursor."""
        return self.line + self.data.count(b"\n", self.at, position)

    def move(self, position: int) -> None:
        """Put the cursor further on. What is before it is no longer needed."""
        self.line = self.line_of(position)
        self.at = position

    def more(self) -> bool:
        """Forget what is before the cursor and read on. False when nothing is left to read.

        The cursor is then at position 0. A window that holds a large record grows by doubling, so that reading it
        costs time in proportion to its size.
        """
        kept = self.data[self.at :]
        fresh = self._source.read(self._base + len(self.data), max(self.window_bytes, len(kept)))
        self._base += self.at
        self.at = 0
        self.data = kept + fresh
        return bool(fresh)

    def peek(self) -> int:
        """Move to the next byte that is not white space and give it, or `END`."""
        self.skip(_SPACE)
        return self.data[self.at] if self.at < len(self.data) else END

    def skip(self, pattern: re.Pattern[bytes]) -> None:
        """Move past all that *pattern*, a repeated set of bytes, matches."""
        while True:
            found = pattern.match(self.data, self.at)
            self.move(found.end() if found else self.at)
            if self.at < len(self.data) or not self.more():
                return

    def sample(self) -> bytes:
        """The bytes at the cursor, as many as a message may quote. Positions change."""
        while len(self.data) - self.at < SAMPLE_BYTES and self.more():
            pass
        return self.data[self.at : self.at + SAMPLE_BYTES]

    def find(self, wanted: bytes) -> bool:
        """Move to the next place that reads *wanted*, or to the end. Says whether it was found."""
        while (found := self.data.find(wanted, self.at)) < 0:
            self.move(max(self.at, len(self.data) - len(wanted) + 1))
            if not self.more():
                self.move(len(self.data))
                return False
        self.move(found)
        return True
