"""A screen over an open finding file: it opens the file, finds its rows in the background, and closes it."""

from __future__ import annotations

import asyncio
from abc import abstractmethod
from collections.abc import Callable, Sequence
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from pathlib import Path
from time import monotonic
from typing import Final

from textual import work
from textual.message import Message
from textual.message_pump import MessagePump
from textual.widget import Widget
from textual.worker import WorkerError

from console.errors import ConsoleError, UnreadableFile
from console.progress import Cancel, Progress, Report, in_thread
from console.records.reader import FindingFile
from screens.base import ConsoleScreen
from screens.record_rows import FileRows, HitRows

_PAUSE: Final = 0.2
"""Seconds between two looks at how much was found."""


@dataclass
class Opened(Message):
    """The file is open, and its first rows are here."""

    rows: FileRows


@dataclass
class Unreadable(Message):
    """The file can't be opened."""

    error: ConsoleError


@dataclass
class Troubled(Message):
    """The open file can't be read as it was."""

    error: ConsoleError


@dataclass
class Grown(Message):
    """More rows were found."""

    rows: FileRows | HitRows
    progress: Progress | None
    """How far finding them is; None when it has ended."""

    def can_replace(self, message: MessagePump | Message) -> bool:
        """Only the newest counts."""
        return isinstance(message, Grown) and message.rows is self.rows


class FileScreen(ConsoleScreen):
    """Holds one finding file open for as long as anybody reads it."""

    def __init__(self, path: Path) -> None:
        """Show *path*."""
        super().__init__()
        self.path = path
        """The file."""
        self._resources = ExitStack()
        """Holds the open file, from before the screen hears of it until nobody reads it any more."""

    @property
    @abstractmethod
    def readers(self) -> Sequence[Widget]:
        """The widgets that read the file."""

    async def on_unmount(self) -> None:
        """Close the file once nobody reads it."""
        for node in (self, *self.readers):
            for worker in self.workers.cancel_node(node):
                with suppress(WorkerError):
                    await worker.wait()
        await asyncio.to_thread(self._resources.close)

    @work(group="open")
    async def open_file(self) -> None:
        """Open the file and read its first rows."""
        limits = self.config.limits.for_files()

        def opened() -> FileRows:
            return FileRows(self._resources.enter_context(FindingFile.open(self.path, limits)))

        try:
            self.post_message(Opened(await in_thread(Cancel(), opened)))
        except UnreadableFile as error:
            self.post_message(Unreadable(error))

    @work(group="index")
    async def find_records(self, rows: FileRows) -> None:
        """Find where the records are, from the first to the last."""
        await self._find(rows)

    @work(exclusive=True, group="search")
    async def search(self, hits: HitRows) -> None:
        """Find the records that the filter lets through."""
        await self._find(hits)

    async def _find(self, rows: FileRows | HitRows) -> None:
        cancel = Cancel()
        tell = now_and_then(lambda progress: self.post_message(Grown(rows, progress)))
        try:
            await in_thread(cancel, lambda: rows.find(tell, cancel))
        except ConsoleError as error:
            rows.stopped = True
            self.post_message(Troubled(error))
        self.post_message(Grown(rows, None))


def now_and_then(tell: Callable[[Progress], object]) -> Report:
    """What takes every progress, and tells one now and then."""
    due = 0.0

    def told(progress: Progress) -> None:
        nonlocal due
        if monotonic() >= due:
            due = monotonic() + _PAUSE
            tell(progress)

    return told
