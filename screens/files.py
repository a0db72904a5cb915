"""The Files screen: folders and finding files, and what the file under the cursor holds."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Final

import msgspec
from textual import getters, on, work
from textual.app import App, ComposeResult
from textual.containers import Container
from textual.events import ScreenResume

from console.errors import ConsoleError, StateError
from console.limits import Limits
from console.progress import Cancel, Progress, in_thread
from console.records.model import Identity
from screens import recent
from screens.commands.files import FILES, Reload, SentBefore
from screens.file_actions import FileActions
from screens.file_facts import Learner, identity_of
from screens.file_reading import Advanced, Outdated, Recalled, Summarised, Unsummarised, read_through
from screens.folders import Entry, Kind, why_not_listed
from screens.widgets.file_summary import FileSummary
from screens.widgets.file_tree import FileTree
from screens.widgets.folder_tree import FolderTree
from screens.widgets.name_filter import NameFilter, NameInput
from screens.widgets.target_select import is_configured
from screens.widgets.text import plain, short_path, styled

if TYPE_CHECKING:
    from console.ocsf.validator import Validator
    from console.submissions.model import Submission

_REST: Final = 0.15
"""Seconds that the cursor must rest on a file before it is read."""
_WATCH: Final = 2.0
"""Seconds between two looks at whether a file is still what it was when it was read."""


class FilesScreen(FileActions):
    """Find a finding file and see what it is, before doing anything with it."""

    TITLE = "Files"
    CSS_PATH = "files.tcss"
    AUTO_FOCUS = "FolderTree"
    # Side by side, tree and summary need more room than other screens do.
    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (120, "-wide")]

    folders = getters.query_one(FileTree)
    summary = getters.query_one(FileSummary)
    names = getters.query_one(NameFilter)

    def __init__(self, start: Path) -> None:
        """Open at *start*, a folder or a finding file in one."""
        super().__init__()
        self._start = start
        self._earlier: Sequence[Submission] = ()
        self._sha256 = ""
        """That of the file under the cursor, once it is known."""

    def compose_body(self) -> ComposeResult:
        """The tree, and the summary beside or below it."""
        yield NameFilter()
        with Container(id="body"):
            learner = Learner(self.app.facts, self._make_validator, self.config.limits.for_files())
            yield FileTree(self._start, self.app.facts, learner)
            yield FileSummary(self.config.keys)

    def _make_validator(self) -> Validator:
        # In the thread that needs one, so that nobody waits until the desk is open.
        return self.desk.validator()

    def on_mount(self) -> None:
        """Read the first folder."""
        self._advise()
        self.app.app_resume_signal.subscribe(self, self._take_back)
        self.app.jobs_ended.subscribe(self, self._recall)
        if self._start.is_dir():
            self._open_folder(self._start, None)
        else:
            self.go_to(self._start)
            self.look_for_start()

    @work(group="start")
    async def look_for_start(self) -> None:
        """Say why the file to start with is not shown, where it is not."""
        if (why_not := await asyncio.to_thread(why_not_listed, self._start)) is not None:
            raise why_not

    def _open_folder(self, folder: Path, sought: Path | None) -> None:
        self.names.clear()
        self.folders.open_at(folder, sought)
        self.show_context(plain(short_path(folder)))
        self.app.remember(msgspec.structs.replace(self.app.memory.now, folder=recent.written(folder.absolute())))

    def go_to(self, path: Path) -> None:
        """Open the folder of a file, the cursor on the file."""
        self._open_folder(path.parent, path)

    # The file under the cursor.

    @property
    def file(self) -> Path | None:
        """The file under the cursor."""
        return self.folders.file

    @property
    def marked(self) -> Path | None:
        """The file that is marked."""
        return self.folders.marked

    @property
    def others(self) -> Sequence[Path]:
        """The files of the tree."""
        return self.folders.files

    @property
    def earlier(self) -> Sequence[Submission]:
        """The earlier submissions of the content of the file."""
        return self._earlier

    @on(FolderTree.Moved)
    def _moved(self, message: FolderTree.Moved) -> None:
        self._look_at(message.entry)
        self.refresh_bindings()

    def _advise(self) -> None:
        """Say what can be done here."""
        targets = self.config.targets
        self.summary.advise(needs_target=not any(is_configured(name, target) for name, target in targets.items()))

    def _look_at(self, entry: Entry | None) -> None:
        """Read the file under the cursor, and no other any more."""
        for group in ("summary", "watch", "earlier"):
            self.workers.cancel_group(self, group)
        self._earlier, self._sha256 = (), ""
        if entry is None or entry.kind is not Kind.FILE:
            self._advise()
            self.folders.go_on()
            return
        self.folders.wait()
        self.summary.wait(entry.path.name)
        self.summarise(entry.path, self.config.limits.for_files())

    @work(exclusive=True, group="summary")
    async def summarise(self, path: Path, limits: Limits) -> None:
        """Read a file through and count what it holds, unless that is known."""
        identity = await asyncio.to_thread(identity_of, path)
        known = self.app.facts.summary(identity) if identity else None
        if known is not None and identity is not None:
            self.post_message(Summarised(path, replace(known, path=path), identity))
            return
        await asyncio.sleep(_REST)
        cancel = Cancel()

        def tell(progress: Progress) -> None:
            self.post_message(Advanced(path, progress))

        try:
            facts, key = self.app.facts, FILES.key_of(Reload, self.config.keys)
            self.post_message(await in_thread(cancel, lambda: read_through(path, limits, facts, tell, cancel, key)))
        except ConsoleError as error:
            self.post_message(Unsummarised(path, error))

    @work(exclusive=True, group="watch")
    async def keep_watch(self, path: Path, identity: Identity) -> None:
        """See whether a file stays what it is, and stays there: one that was changed may be deleted, too."""
        is_told = False
        while (now := await asyncio.to_thread(identity_of, path)) is not None:
            if now != identity and not is_told:
                is_told = True
                self.post_message(Outdated(path, gone=False))
            await asyncio.sleep(_WATCH)
        self.post_message(Outdated(path, gone=True))

    @work(exclusive=True, group="earlier")
    async def ask_ledger(self, path: Path, sha256: str) -> None:
        """Ask what became of the same content before."""
        try:
            desk = await asyncio.to_thread(lambda: self.desk)
            self.post_message(Recalled(path, await desk.submissions_of(sha256)))
        except StateError as error:
            self.post_message(Recalled(path, (), error))

    @on(Advanced)
    def _advanced(self, message: Advanced) -> None:
        if message.path == self.file:
            self.summary.wait(message.path.name, message.progress)

    @on(Summarised)
    def _summarised(self, message: Summarised) -> None:
        if message.path == self.file:
            self.summary.show(message.summary)
            self.keep_watch(message.path, message.identity)
            self._sha256 = message.summary.sha256
            self.ask_ledger(message.path, self._sha256)
            self.folders.identify(message.path, message.identity)
            self.folders.go_on()

    @on(Unsummarised)
    def _unsummarised(self, message: Unsummarised) -> None:
        if message.path == self.file:
            self.app.log_of_session.add_once(message.error)
            self.summary.fail(message.path.name, message.error)
            self.folders.go_on()

    @on(Recalled)
    def _recalled(self, message: Recalled) -> None:
        if message.path == self.file:
            from screens.widgets.earlier_words import earlier_words

            self._earlier = message.earlier
            words = earlier_words(message.earlier, FILES.key_of(SentBefore, self.config.keys))
            if message.error is not None:
                words = styled("[$text-warning]! $message[/]\n", message=message.error.message)
            self.summary.show_earlier(words)
            self.refresh_bindings()

    @on(Outdated)
    def _outdated(self, message: Outdated) -> None:
        if message.path == self.file:
            if message.gone:
                self.summary.tell_gone(message.path.name)
            else:
                self.summary.tell_changed()

    @on(FolderTree.FileChosen)
    def _open_file(self) -> None:
        self.action_open()

    @on(ScreenResume)
    def _come_back(self) -> None:
        """Something may have been done with a file meanwhile."""
        self.folders.look_again()
        self._recall()

    def _recall(self, _news: object = None) -> None:
        """Ask anew what became of the same content before: the ledger may have learnt more of it."""
        if self.file is not None and self._sha256:
            self.ask_ledger(self.file, self._sha256)

    def _take_back(self, _app: App[object]) -> None:
        """An editor had the terminal, and may have changed the file."""
        self.folders.look_again()
        self._look_at(self.folders.entry)

    # Finding files by their names.

    def action_filter(self) -> None:
        """Ask for a part of a name."""
        self.names.ask(self.folders.folder)

    @on(NameFilter.Found)
    def _found(self, message: NameFilter.Found) -> None:
        self.folders.show_matches(message.matches, self.file)

    @on(NameInput.Left)
    def _leave_filter(self) -> None:
        self.folders.focus()

    @on(NameFilter.Emptied)
    def _show_tree(self) -> None:
        """Show the folders again, the cursor where it was."""
        entry = self.folders.entry
        self.folders.open_at(self.folders.folder, entry.path if entry else None)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """While there is a filter there is something to go back from, though this is a mode's own screen."""
        if action == "back" and self.is_mounted:
            return self.names.is_used
        return super().check_action(action, parameters)

    def action_back(self) -> None:
        """From what a filter found back to the folders."""
        self.names.clear()
        self.folders.focus()
        self._show_tree()

    # The folder.

    def action_parent(self) -> None:
        """Go to the folder above, the cursor on the one that we came from."""
        here = Path(os.path.normpath(self.folders.folder.absolute()))
        self._open_folder(here.parent, here)

    def action_reload(self) -> None:
        """Read the folder again; the cursor stays where it was, or near there where that has gone."""
        if not self.names.look_again():
            self.folders.read_again()
