"""Dialogs that make a new file from a finding file: ask for its name, write it, and say what became of everything."""

from __future__ import annotations

import asyncio
import stat
from abc import abstractmethod
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

from textual import getters, on, work
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.message import Message
from textual.widgets import Button, Input, Static

from console.errors import ConsoleError
from console.limits import Limits
from console.paths import new_file
from console.progress import Cancel, Report, in_thread
from console.records.reader import FindingFile
from screens.base import DeskApp
from screens.commands.dialogs import NEW_FILE
from screens.new_names import Naming, chosen, proposed
from screens.widgets.dialog import Dialog
from screens.widgets.plain_input import PlainInput
from screens.widgets.progress_line import ProgressLine
from screens.widgets.scrolled_text import ScrolledText
from screens.widgets.text import plain, styled

_READABLE = 0o666
"""A new file may be read by those who may read the old one, never run, as the umask allows."""

Write = Callable[[bytes], object]
Work = Callable[[FindingFile, Write, Report, Cancel], Content]
"""Writes the new file, and says what became of everything, below the line that says where it is."""


class NothingWritten(Exception):
    """There is nothing to write; what there is to say of that."""

    def __init__(self, account: Content) -> None:
        super().__init__()
        self.account = account


@dataclass
class Proposed(Message):
    """A free name was found."""

    name: str


@dataclass
class Made(Message):
    """It has ended well."""

    path: Path | None
    """The new file; None where there was nothing to write."""
    account: Content


@dataclass
class Unmade(Message):
    """It could not be done. No file was left behind."""

    error: ConsoleError


class NewFileDialog(Dialog[Path | None]):
    """Asks for the name of a new file and writes it. What is there already is never written over.

    Closes with the new file, where the user wants to go there.
    """

    CSS_PATH = "new_file.tcss"
    BINDINGS: ClassVar[list[BindingType]] = NEW_FILE.bindings()

    app = getters.app(DeskApp)
    name_input = getters.query_one("#new-name", Input)
    said = getters.query_one("#new-said", Static)
    progress = getters.query_one(ProgressLine)
    account = getters.query_one("#account", Static)
    start_button = getters.query_one("#start", Button)

    def __init__(self, path: Path, limits: Limits) -> None:
        super().__init__()
        self._path = path
        self._limits = limits
        self._proposed = ""
        """The name that was proposed last."""
        self.made: Path | None = None
        """The new file, once it is written."""
        self._is_over = False

    @property
    def _beside(self) -> Path:
        """The file beside which the new one is put. What came on stdin is in a folder that will be gone."""
        return Path.cwd() / self._path.name if self._path == self.app.stdin else self._path

    @property
    @abstractmethod
    def question(self) -> Content:
        """What is going to be done."""

    @property
    @abstractmethod
    def naming(self) -> Naming:
        """How the new file is called."""

    @abstractmethod
    def compose_choices(self) -> ComposeResult:
        """What else can be chosen."""

    @abstractmethod
    def assignment(self) -> Work:
        """What is to be done, as it is chosen now. Raises `BadInput` where something is missing."""

    def compose(self) -> ComposeResult:
        """The question, the choices, and room for the account."""
        with Vertical(classes="dialog -tall"):
            yield Static(self.question, classes="dialog-title")
            with Vertical(id="asking"):
                yield from self.compose_choices()
                with Horizontal(classes="field"):
                    yield Static("New file", classes="field-label")
                    yield PlainInput(id="new-name", compact=True, max_length=1_000)
                yield Static(id="new-said")
            yield ProgressLine()
            with ScrolledText(id="account-page", classes="dialog-body"):
                yield Static(id="account")
            with Horizontal(classes="dialog-answers"):
                yield Button("Cancel", id="cancel", compact=True)
                yield Button("Write the file", id="start", variant="primary", compact=True)
            yield Static("[b]enter[/b] go ahead   [b]tab[/b] next field   [b]esc[/b] cancel", classes="dialog-keys")

    def on_mount(self) -> None:
        """Propose a name."""
        self.query_one("#account-page").display = False
        self.name_input.focus()
        self.propose(self.naming)

    @work(exclusive=True, group="propose")
    async def propose(self, naming: Naming) -> None:
        """Look for a free name."""
        self.post_message(Proposed(await asyncio.to_thread(proposed, self._beside, naming)))

    @on(Proposed)
    def _propose(self, message: Proposed) -> None:
        """What the user typed stays."""
        if self.name_input.value == self._proposed:
            self.name_input.value = self._proposed = message.name

    @on(Input.Submitted)
    @on(Button.Pressed, "#start")
    def _start(self) -> None:
        if self._is_over:
            self.dismiss(self.made)
            return
        try:
            task, name = self.assignment(), self.name_input.value
        except ConsoleError as error:
            self._say(error)
            return
        self._say(None)
        self.progress.begin()
        self._enable(on=False)
        self.make(task, name)

    @work(exclusive=True, group="make")
    async def make(self, task: Work, name: str) -> None:
        """Write the new file."""
        cancel = Cancel()
        try:
            self.post_message(await in_thread(cancel, lambda: self._write(task, name, cancel)))
        except ConsoleError as error:
            self.post_message(Unmade(error))

    def _write(self, task: Work, name: str, cancel: Cancel) -> Made:
        path = chosen(name, self._beside)
        try:
            with FindingFile.open(self._path, self._limits) as file:
                mode = stat.S_IMODE(self._path.stat().st_mode) & _READABLE
                with new_file(path, mode) as out:
                    account: Content = task(file, out.write, self.progress.report, cancel)
        except NothingWritten as nothing:
            return Made(None, nothing.account)
        where = styled(
            "[$text-success]● $name is written[/] [dim]in $folder[/dim]\n", name=path.name, folder=path.parent
        )
        where += account
        return Made(path, where)

    @on(Unmade)
    def _unmade(self, message: Unmade) -> None:
        self.progress.end()
        self._enable(on=True)
        self._say(message.error)

    @on(Made)
    def _show(self, message: Made) -> None:
        self._is_over, self.made = True, message.path
        self.progress.end()
        self.query_one("#asking").display = False
        self.query_one("#account-page").display = True
        self.query_one("#account-page").focus()
        self.account.update(message.account)
        self.start_button.disabled = message.path is None
        self.start_button.label = "Go to it"
        self.query_one("#cancel", Button).label = "Close"
        if message.path is not None:
            self.start_button.focus()

    def _enable(self, *, on: bool) -> None:
        self.query_one("#asking").disabled = not on
        self.start_button.disabled = not on
        if on:
            self.name_input.focus()

    def _say(self, error: ConsoleError | None) -> None:
        words = plain("")
        if error is not None:
            words = styled("[$text-error]✗ $message[/] $hint", message=error.message, hint=error.hint)
        self.said.update(words)

    @on(Button.Pressed, "#cancel")
    def action_stop(self) -> None:
        """Stop writing, and leave nothing of it behind; or close."""
        working = [worker for worker in self.workers if worker.group == "make" and not worker.is_finished]
        if working:
            self.workers.cancel_group(self, "make")
            self.progress.end()
            self._enable(on=True)
            self.said.update("Stopped. Nothing was written.")
        else:
            self.dismiss(None)
