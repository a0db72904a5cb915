"""The Files screen: folders and finding files, and what the file under the cursor holds."""

from __future__ import annotations

import asyncio
import os
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar, Final

from textual import getters, on, work
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Container
from textual.message import Message
from textual.message_pump import MessagePump

from console.errors import ConsoleError, UnreadableFile
from console.limits import Limits
from console.progress import Cancel, Progress, in_thread
from console.progress import Report as Tell
from console.records.model import Identity
from console.records.reader import FindingFile
from console.records.summary.summarise import Summary, summarise_together
from screens.base import ConsoleScreen
from screens.commands.files import FILES
from screens.folders import Entry, Kind
from screens.navigation import OpenRecords, OpenSubmit, OpenValidation
from screens.widgets.file_summary import FileSummary
from screens.widgets.folder_tree import FolderTree
from screens.widgets.text import plain

_REST: Final = 0.15
"""Seconds that the cursor must rest on a file before it is read."""
_WATCH: Final = 2.0
"""Seconds between two looks at whether a file is still what it was when it was read."""


@dataclass
class Summarised(Message):
    """A file was read."""

    path: Path
    summary: Summary
    identity: Identity
    """What the file was when it was read."""


@dataclass
class Unsummarised(Message):
    """A file can't be read."""

    path: Path
    error: ConsoleError


@dataclass
class Outdated(Message):
    """A file is not what it was when it was read."""

    path: Path
    gone: bool
    """Whether there is no such file any more."""


@dataclass
class Advanced(Message):
    """A file is read further."""

    path: Path
    progress: Progress

    def can_replace(self, message: MessagePump | Message) -> bool:
        """Only the newest counts."""
        return isinstance(message, Advanced)


class FilesScreen(ConsoleScreen):
    """Find a finding file and see what it is, before doing anything with it."""

    TITLE = "Files"
    CSS_PATH = "files.tcss"
    BINDINGS: ClassVar[list[BindingType]] = FILES.bindings()

    folders = getters.query_one(FolderTree)
    summary = getters.query_one(FileSummary)

    def __init__(self, start: Path) -> None:
        """Open at *start*, a folder or a finding file in one."""
        super().__init__()
        self._start = start

    def compose_body(self) -> ComposeResult:
        """The tree, and the summary beside or below it."""
        with Container(id="body"):
            yield FolderTree(self._start)
            yield FileSummary()

    def on_mount(self) -> None:
        """Read the first folder."""
        self.summary.advise()
        if self._start.is_dir():
            self._open_folder(self._start, None)
        else:
            self._open_folder(self._start.parent, self._start)

    def _open_folder(self, folder: Path, sought: Path | None) -> None:
        self.folders.open_at(folder, sought)
        self.show_context(plain(_short(folder)))

    @property
    def _file(self) -> Path | None:
        """The file under the cursor."""
        entry = self.folders.entry
        return entry.path if entry is not None and entry.kind is Kind.FILE else None

    @on(FolderTree.Moved)
    def _moved(self, message: FolderTree.Moved) -> None:
        self._look_at(message.entry)
        self.refresh_bindings()

    def _look_at(self, entry: Entry | None) -> None:
        """Read the file under the cursor, and no other any more."""
        self.workers.cancel_group(self, "summary")
        self.workers.cancel_group(self, "watch")
        if entry is None or entry.kind is not Kind.FILE:
            self.summary.advise()
            return
        self.summary.wait(entry.path.name)
        self.summarise(entry.path, self.desk.config.limits.for_files())

    @work(exclusive=True, group="summary")
    async def summarise(self, path: Path, limits: Limits) -> None:
        """Read a file through and count what it holds."""
        await asyncio.sleep(_REST)
        cancel = Cancel()

        def tell(progress: Progress) -> None:
            self.post_message(Advanced(path, progress))

        try:
            self.post_message(await in_thread(cancel, lambda: _summarise(path, limits, tell, cancel)))
        except ConsoleError as error:
            self.post_message(Unsummarised(path, error))

    @work(exclusive=True, group="watch")
    async def keep_watch(self, path: Path, identity: Identity) -> None:
        """See whether a file stays what it is."""
        while (now := await asyncio.to_thread(_identity, path)) == identity:
            await asyncio.sleep(_WATCH)
        self.post_message(Outdated(path, gone=now is None))

    @on(Advanced)
    def _advanced(self, message: Advanced) -> None:
        if message.path == self._file:
            self.summary.wait(message.path.name, message.progress)

    @on(Summarised)
    def _summarised(self, message: Summarised) -> None:
        if message.path == self._file:
            self.summary.show(message.summary)
            self.keep_watch(message.path, message.identity)

    @on(Unsummarised)
    def _unsummarised(self, message: Unsummarised) -> None:
        if message.path == self._file:
            self.summary.fail(message.path.name, message.error)

    @on(Outdated)
    def _outdated(self, message: Outdated) -> None:
        if message.path == self._file:
            self.summary.outdate(gone=message.gone)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Grey out what needs a file while there is none under the cursor."""
        if action in {"open", "validate", "submit"} and self.is_mounted and self._file is None:
            return None
        return super().check_action(action, parameters)

    @on(FolderTree.FileChosen)
    def action_open(self) -> None:
        """Page through the records of the file."""
        if self._file is not None:
            self.post_message(OpenRecords(self._file))

    def action_validate(self) -> None:
        """Check the file against OCSF."""
        if self._file is not None:
            self.post_message(OpenValidation(self._file))

    def action_submit(self) -> None:
        """Plan the submission of the file."""
        if self._file is not None:
            self.post_message(OpenSubmit(self._file))

    def action_parent(self) -> None:
        """Go to the folder above, the cursor on the one that we came from."""
        here = Path(os.path.normpath(self.folders.folder.absolute()))
        self._open_folder(here.parent, here)

    def action_reload(self) -> None:
        """Read the folder again; the cursor stays where it was, if that is still there."""
        entry = self.folders.entry
        self._open_folder(self.folders.folder, entry.path if entry else None)


def _summarise(path: Path, limits: Limits, tell: Tell, cancel: Cancel) -> Summarised:
    """Read a file that was listed. Raises `Cancelled` and any `ConsoleError`."""
    try:
        with FindingFile.open(path, limits) as file:
            return Summarised(path, summarise_together(file, tell, cancel), file.identity)
    except UnreadableFile as error:
        if _identity(path) is not None:
            raise
        raise UnreadableFile(
            "This file is gone: it was deleted, moved or renamed since the folder was listed.",
            hint="r reads the folder again.",
        ) from error


def _identity(path: Path) -> Identity | None:
    """What is at a path now; None where nothing is, or nothing that we may see."""
    try:
        status = path.stat()
    except OSError:
        return None
    return Identity(status.st_dev, status.st_ino, status.st_size, status.st_mtime_ns)


def _short(folder: Path) -> str:
    """A folder as people write it: from their home where it is in it."""
    home = Path.home()
    return f"~/{folder.relative_to(home)}" if folder.is_relative_to(home) and folder != home else str(folder)
