"""What the operator may say of a submission: each choice with its key, and what it means."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from enum import StrEnum
from typing import Final

from textual.app import ComposeResult
from textual.binding import Keymap
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.widgets import Button, Static

from screens.commands.command import Command, Group
from screens.commands.settle import SETTLE, Adopt, Again, GiveUp, LetBe
from screens.commands.submit import SENDING, GoOn
from screens.widgets.text import styled


class Word(StrEnum):
    """What may be said. The values are the ids of the buttons."""

    ADOPT = "adopt"
    SEND_AGAIN = "send-again"
    LET_BE = "let-be"
    GO_ON = "go-on"
    GIVE_UP = "give-up"


_COMMANDS: Final[Mapping[Word, tuple[Group, type[Command]]]] = {
    Word.ADOPT: (SETTLE, Adopt),
    Word.SEND_AGAIN: (SETTLE, Again),
    Word.LET_BE: (SETTLE, LetBe),
    Word.GO_ON: (SENDING, GoOn),
    Word.GIVE_UP: (SETTLE, GiveUp),
}
_MEANINGS: Final = {
    Word.ADOPT: Content("The marked job is what became of it. Nothing is sent."),
    Word.SEND_AGAIN: Content("Sent once more. If it was accepted, it is there twice."),
    Word.LET_BE: Content("Not sent again, and no job is taken for it."),
    Word.GO_ON: Content("What was not accepted is sent."),
    Word.GIVE_UP: Content("Not sent. The file can be submitted anew at any time."),
}


class Line(Horizontal):
    """One choice."""

    def __init__(self, word: Word, keymap: Keymap) -> None:
        super().__init__()
        self._keymap = keymap
        self.word = word

    def compose(self) -> ComposeResult:
        """The button, and what it means."""
        group, command = _COMMANDS[self.word]
        label = styled("[b]$key[/b] $title", key=group.key_of(command, self._keymap), title=command.title())
        yield Button(label, id=self.word, compact=True)
        yield Static(_MEANINGS[self.word], classes="meaning")


class SettleChoices(Vertical):
    """A line for each choice. Buttons have the ids of `Word`."""

    def __init__(self, keymap: Keymap) -> None:
        super().__init__()
        self._keymap = keymap

    def compose(self) -> ComposeResult:
        """All of them."""
        for word in Word:
            yield Line(word, self._keymap)

    def on_mount(self) -> None:
        """Nothing is known yet."""
        self.offer(())

    def focus_on(self, word: Word) -> None:
        """Make one choice the obvious one."""
        self.query_one(f"#{word}", Button).focus()

    def offer(self, words: Collection[Word]) -> None:
        """Show the choices that there are."""
        self.display = bool(words)
        for line in self.query(Line):
            line.display = line.word in words
