"""The line that words are typed into, to see only kinds of issues in which they stand."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Final

from textual import getters, on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal
from textual.message import Message
from textual.widgets import Input, Static

from screens.commands.validation import ISSUE_FILTER
from screens.widgets.seen_input import SeenInput
from screens.widgets.text import styled

_LONGEST: Final = 200
"""Characters that can be typed."""


class WordsInput(SeenInput):
    """A line that one leaves downwards, for the list below it."""

    BINDINGS: ClassVar[list[BindingType]] = ISSUE_FILTER.bindings()

    def action_done(self) -> None:
        """Go to what was found."""
        self.post_message(GroupFilter.Left())


class GroupFilter(Horizontal):
    """Asks for words. It is seen for as long as it is used."""

    @dataclass
    class Changed(Message):
        """Other words stand there now."""

    @dataclass
    class Left(Message):
        """The user wants to go to the list."""

    input = getters.query_one(WordsInput)
    said = getters.query_one("#shown", Static)

    def compose(self) -> ComposeResult:
        """The line, and how much it leaves."""
        yield Static("/", id="slash")
        yield WordsInput(placeholder="words of severity, code, attribute or message", max_length=_LONGEST, compact=True)
        yield Static(id="shown")

    @property
    def text(self) -> str:
        """The words."""
        return self.input.value

    @property
    def is_used(self) -> bool:
        """Whether something is typed, or was."""
        return bool(self.display)

    def ask(self) -> None:
        """Let the user type."""
        self.display = True
        # At once, and not after what was typed ahead.
        self.screen.set_focus(self.input)

    def clear(self) -> None:
        """Forget the words, and disappear. Nobody is told."""
        with self.input.prevent(Input.Changed):
            self.input.value = ""
        self.display = False

    def tell(self, shown: int, of_all: int) -> None:
        """Say how many kinds are left."""
        self.said.update(styled("$shown of $all kinds", shown=shown, all=of_all))

    @on(Input.Changed)
    def _typed(self, event: Input.Changed) -> None:
        event.stop()
        self.post_message(self.Changed())
