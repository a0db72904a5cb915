"""The line that a filter is typed into: an expression, and below it what is wrong with it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Final

from textual import getters, on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.message import Message
from textual.widgets import Input, Static

from console.ocsf.having import HavingIssue
from console.records.query import BadQuery, Query, parse
from screens.commands.records import FILTER
from screens.widgets.text import styled

_LONGEST: Final = 10_000
"""Characters of an expression that can be typed."""
_REMEMBERED: Final = 100
"""Expressions that are remembered."""


@dataclass(frozen=True, slots=True)
class Filter:
    """What the list is held to."""

    text: str
    """The expression, as it was typed."""
    query: Query | HavingIssue
    """What it means: an expression that was typed, or an issue that another screen found."""

    @property
    def typed(self) -> str:
        """The expression, where one was typed."""
        return self.text if isinstance(self.query, Query) else ""


class History:
    """The expressions of a session, and which of them one is looking at."""

    def __init__(self) -> None:
        self._entries: list[str] = []
        self._at = 0
        self._draft = ""
        """What was being typed before an older one was looked at."""

    def add(self, entry: str) -> None:
        """Remember another one, as the newest."""
        self._entries = [*(one for one in self._entries if one != entry), entry][-_REMEMBERED:]
        self._at = len(self._entries)

    def step(self, steps: int, shown: str) -> str:
        """The one that is so many *steps* on from what is *shown*: to older ones for negative numbers."""
        if self._at == len(self._entries):
            self._draft = shown
        self._at = max(0, min(self._at + steps, len(self._entries)))
        return self._entries[self._at] if self._at < len(self._entries) else self._draft


_session: Final = History()
"""The session is the process."""


class FilterInput(Input):
    """A line with a history."""

    BINDINGS: ClassVar[list[BindingType]] = FILTER.bindings()

    def action_recall(self, steps: int) -> None:
        """Show an older or a newer expression."""
        self.value = _session.step(steps, self.value)
        self.cursor_position = len(self.value)


class FilterLine(Vertical):
    """Asks for an expression. It is seen while one is typed, and for as long as one is in force."""

    @dataclass
    class Chosen(Message):
        """The user wants to see what a filter lets through."""

        filter: Filter

    @dataclass
    class Emptied(Message):
        """The user wants to see everything."""

    input = getters.query_one(FilterInput)
    said = getters.query_one("#said", Static)

    def compose(self) -> ComposeResult:
        """The line, and what is said about it."""
        with Horizontal():
            yield Static("/", id="slash")
            yield FilterInput(
                placeholder='severity>=high status=FAIL "free text"', max_length=_LONGEST, compact=True, id="filter"
            )
        yield Static(id="said")

    @property
    def is_typed(self) -> bool:
        """Whether the user is typing into it."""
        return self.input.has_focus

    def ask(self) -> None:
        """Let the user type."""
        self.display = True
        # At once, and not after what was typed ahead.
        self.screen.set_focus(self.input)

    def rest(self, text: str) -> None:
        """Show the expression that is in force; disappear where there is none."""
        self.input.value = text
        self.display = bool(text)
        self.tell(Content(""))

    def tell(self, words: Content) -> None:
        """Say something below the line."""
        if words or self.said.display:
            self.said.update(words)
            self.said.display = bool(words)

    @on(Input.Changed)
    def _typed(self, event: Input.Changed) -> None:
        """What was wrong may be right now."""
        event.stop()
        if self.is_typed:
            self.tell(Content(""))

    @on(Input.Submitted)
    def _submitted(self, event: Input.Submitted) -> None:
        event.stop()
        text = event.value.strip()
        if not text:
            self.post_message(self.Emptied())
            return
        try:
            query = parse(text)
        except BadQuery as error:
            self.input.cursor_position = event.value.index(text) + error.column - 1
            self.tell(styled("[$text-error]✗ $message[/] [dim]$hint[/]", message=error.message, hint=error.hint))
        else:
            _session.add(text)
            self.post_message(self.Chosen(Filter(text, query)))
