"""The line that a part of a file's name is typed into. What it finds comes as one types."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar, Final

from textual import getters, on, work
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal
from textual.content import Content
from textual.message import Message
from textual.widgets import Input, Static

from console.progress import Cancel, in_thread
from screens.commands.files import NAMES
from screens.file_search import FileSearch, Matches
from screens.widgets.numbers import counted, number
from screens.widgets.seen_input import SeenInput
from screens.widgets.text import styled

_LONGEST: Final = 200
"""Characters that can be typed."""


@dataclass
class Walked(Message):
    """More names are known."""

    search: FileSearch


@dataclass
class Matched(Message):
    """Files were found by their names."""

    search: FileSearch
    text: str
    matches: Matches


class NameInput(SeenInput):
    """A line that one leaves downwards, for the list below it."""

    BINDINGS: ClassVar[list[BindingType]] = NAMES.bindings()

    @dataclass
    class Left(Message):
        """The user wants to go to the list."""

    def action_list(self) -> None:
        """Go to what was found."""
        self.post_message(self.Left())


class NameFilter(Horizontal):
    """Asks for a part of a name, and finds the files that have it. It is seen for as long as it is used."""

    @dataclass
    class Found(Message):
        """Other files than before are found."""

        matches: Matches

    @dataclass
    class Emptied(Message):
        """Nothing is looked for any more."""

    input = getters.query_one(NameInput)
    said = getters.query_one("#said", Static)

    def __init__(self) -> None:
        super().__init__()
        self._folder = Path()
        self._text = ""
        """What is looked for."""
        self._search: FileSearch | None = None
        self._found: Matches | None = None

    def compose(self) -> ComposeResult:
        """The line, and how much was found."""
        yield Static("/", id="slash")
        yield NameInput(placeholder="part of a file's or a folder's name", max_length=_LONGEST, compact=True)
        yield Static(id="said")

    @property
    def is_used(self) -> bool:
        """Whether something is typed, or was."""
        return bool(self.display)

    def ask(self, folder: Path) -> None:
        """Let the user type what is looked for in a folder."""
        self._folder = folder
        self.display = True
        self.screen.set_focus(self.input)

    def look_again(self) -> bool:
        """Read the folders again; whether there is anything that is looked for."""
        self._stop()
        if self._text:
            self._start()
        return bool(self._text)

    def clear(self) -> None:
        """Look for nothing, and disappear. Nobody is told."""
        self._stop()
        self._text = self.input.value = ""
        self.display = False

    def _stop(self) -> None:
        self.workers.cancel_node(self)
        self._search = self._found = None
        self.said.update("")

    def _start(self) -> None:
        if self._search is None:
            self._search = FileSearch(self._folder)
            self.walk(self._search)
        self.match(self._search, self._text)

    @on(Input.Changed)
    def _typed(self, event: Input.Changed) -> None:
        event.stop()
        text = event.value.strip()
        if text == self._text:
            return
        self._text = text
        if text:
            self._start()
        else:
            self._stop()
            self.post_message(self.Emptied())

    @work(exclusive=True, group="walk")
    async def walk(self, search: FileSearch) -> None:
        """Find all names below the folder."""
        cancel = Cancel()
        await in_thread(cancel, lambda: search.walk(lambda: self.post_message(Walked(search)), cancel))
        self.post_message(Walked(search))

    @work(exclusive=True, group="match")
    async def match(self, search: FileSearch, text: str) -> None:
        """Find the files that have a text in their names."""
        self.post_message(Matched(search, text, await asyncio.to_thread(search.matching, text)))

    @on(Walked)
    def _walked(self, message: Walked) -> None:
        if message.search is self._search and self._text:
            self.match(message.search, self._text)

    @on(Matched)
    def _matched(self, message: Matched) -> None:
        search, matches = message.search, message.matches
        if search is not self._search or message.text != self._text:
            return
        self.said.update(_found_words(search, matches))
        if matches != self._found and (matches.count or search.ended or search.cut):
            self._found = matches
            self.post_message(self.Found(matches))


def _found_words(search: FileSearch, matches: Matches) -> Content:
    """How much was found, and whether more may come."""
    known, found = counted(len(search.names), "file"), number(matches.count)
    if search.cut:
        return styled("$found of the nearest $known", found=found, known=known)
    return styled("$found of $known$more", found=found, known=known, more="" if search.ended else " …")
