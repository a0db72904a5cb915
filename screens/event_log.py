"""What went wrong in this session, and what else is worth a second look: kept in memory, shown by the Log screen."""

from __future__ import annotations

import logging
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from console.errors import ConsoleError

_MOST: Final = 500
"""Entries that are kept; older ones are forgotten."""
_MOST_CHARACTERS: Final = 20_000
"""Of one entry."""


@dataclass(frozen=True, slots=True)
class Entry:
    """Something that happened."""

    at: datetime
    level: int
    """How grave, as `logging` counts."""
    message: str
    """One sentence. It may hold foreign text."""
    detail: str = ""
    """What to do about it, or where in our code it happened."""

    @property
    def text(self) -> str:
        """All of it, for a report."""
        head = f"{self.at.isoformat(timespec='seconds')} {logging.getLevelName(self.level)} {self.message}"
        return f"{head}\n{self.detail}" if self.detail else head


def now() -> datetime:
    """The time, for an entry."""
    return datetime.now(UTC)


class EventLog(logging.Handler):
    """Keeps the newest entries: what libraries and we ourselves log from warnings on, and the errors that were shown.

    While the screens own the terminal nothing else may write there, so this is the one handler of the root logger.
    """

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.entries: deque[Entry] = deque(maxlen=_MOST)
        """The oldest first."""

    def emit(self, record: logging.LogRecord) -> None:
        """Keep what was logged. It may come from any thread."""
        message, _, detail = record.getMessage()[:_MOST_CHARACTERS].partition("\n")
        self._add(record.levelno, message, detail)

    def add(self, error: ConsoleError) -> None:
        """Keep an error that was shown."""
        self._add(logging.ERROR, error.message[:_MOST_CHARACTERS], error.hint)

    def add_once(self, error: ConsoleError) -> None:
        """Keep an error that was shown, unless it is there already: such as a file that one comes by again."""
        if all(entry.message != error.message[:_MOST_CHARACTERS] for entry in self.entries):
            self.add(error)

    def _add(self, level: int, message: str, detail: str) -> None:
        self.entries.append(Entry(now(), level, message, detail))

    @contextmanager
    def listening(self) -> Iterator[None]:
        """Take what is logged, in place of whoever took it before."""
        root = logging.getLogger()
        before = root.handlers[:]
        root.handlers[:] = [self]
        try:
            yield
        finally:
            root.handlers[:] = before
