"""The line that a filter is typed into: an expression, and below it what is wrong with it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar, Final

import msgspec
from textual import getters, on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.message import Message
from textual.widgets import Input, Static

from console.ocsf.having import HavingIssue
from console.ocsf.report import GroupKey
from console.records.query import BadQuery, Query, parse
from console.submissions.model import Selection
from screens.base import DeskApp
from screens.commands.records import FILTER
from screens.memory import with_newest
from screens.widgets.seen_input import SeenInput
from screens.widgets.text import styled, toast

_LONGEST: Final = 10_000
"""Characters of an expression that can be typed."""


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

    @property
    def issue(self) -> GroupKey | None:
        """The kind of issue, where another screen found one."""
        return self.query.group if isinstance(self.query, HavingIssue) else None

    @property
    def selection(self) -> Selection | None:
        """The records to send that it means, where an expression was typed."""
        return Selection(name=self.text, query=self.query) if isinstance(self.query, Query) else None


class History:
    """The expressions of before, and which of them one is looking at."""

    def __init__(self, entries: Sequence[str] = ()) -> None:
        """Look at what is being typed, after *entries*."""
        self._entries = entries
        self._at = len(entries)
        self._draft = ""
        """What was being typed before an older one was looked at."""

    def step(self, steps: int, shown: str) -> str:
        """The one that is so many *steps* on from what is *shown*: to older ones for negative numbers."""
        if self._at == len(self._entries):
            self._draft = shown
        self._at = max(0, min(self._at + steps, len(self._entries)))
        return self._entries[self._at] if self._at < len(self._entries) else self._draft


class FilterInput(SeenInput):
    """A line with a history."""

    BINDINGS: ClassVar[list[BindingType]] = FILTER.bindings()

    @dataclass
    class SaveWanted(Message):
        """The user wants to save the expression that is typed."""

        text: str

    history = History()
    """What the arrows bring back."""

    def action_recall(self, steps: int) -> None:
        """Show an older or a newer expression."""
        self.value = self.history.step(steps, self.value)
        self.cursor_position = len(self.value)

    def action_save(self) -> None:
        """Save what is typed, once it is right."""
        text = self.value.strip()
        if text:
            try:
                parse(text)
            except BadQuery as error:
                toast(self.app, styled("Not saved: $message", message=error.message), severity="warning")
            else:
                self.post_message(self.SaveWanted(text))


class FilterLine(Vertical):
    """Asks for an expression. It is seen while one is typed, and for as long as one is in force."""

    @dataclass
    class Chosen(Message):
        """The user wants to see what a filter lets through."""

        filter: Filter

    @dataclass
    class Emptied(Message):
        """The user wants to see everything."""

    app = getters.app(DeskApp)
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
        self.input.history = History(self.app.memory.now.filters)
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

    def enter(self, text: str) -> None:
        """Filter by *text*, as if it were typed."""
        self.ask()
        self.input.value = text
        self._choose(self.input.value)

    @on(Input.Submitted)
    def _submitted(self, event: Input.Submitted) -> None:
        event.stop()
        self._choose(event.value)

    def _choose(self, value: str) -> None:
        text = value.strip()
        if not text:
            self.post_message(self.Emptied())
            return
        try:
            query = parse(text)
        except BadQuery as error:
            self.input.cursor_position = value.index(text) + error.column - 1
            self.tell(styled("[$text-error]✗ $message[/] [dim]$hint[/]", message=error.message, hint=error.hint))
        else:
            remembered = self.app.memory.now
            self.app.remember(msgspec.structs.replace(remembered, filters=with_newest(remembered.filters, text)))
            self.post_message(self.Chosen(Filter(text, query)))
