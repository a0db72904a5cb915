"""Asks on which days jobs were inserted or completed, and says what is wrong with a day while it is typed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import ClassVar, Final

from textual import getters, on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.widgets import Input, Static

from screens.commands.dialogs import FORM
from screens.widgets.dialog import Dialog
from screens.widgets.plain_input import PlainInput
from screens.widgets.text import styled

_AGO: Final = {"today": 0, "yesterday": 1}
_NOTHING: Final = Content("")
_LONGEST: Final = 20
"""Characters that can be typed."""


@dataclass(frozen=True, slots=True)
class Days:
    """The days, in UTC as targets have them, that a list of jobs is held to."""

    inserted: date | None = None
    completed: date | None = None


class BadDay(ValueError):
    """What was typed is no day. Says why."""


def day_of(text: str, today: date) -> date | None:
    """The day that *text* means: `YYYY-MM-DD`, `today`, `yesterday`. None for nothing. Raises `BadDay`."""
    word = text.strip().lower()
    if not word:
        return None
    if word in _AGO:
        return today - timedelta(days=_AGO[word])
    try:
        return datetime.strptime(word, "%Y-%m-%d").replace(tzinfo=UTC).date()
    except ValueError:
        raise BadDay("is no day: write YYYY-MM-DD, today or yesterday") from None


class DaysDialog(Dialog[Days | None]):
    """Two lines to type a day into. None when the user thinks better of it."""

    BINDINGS: ClassVar[list[BindingType]] = FORM.bindings()

    inserted = getters.query_one("#inserted", Input)
    completed = getters.query_one("#completed", Input)
    wrong = getters.query_one("#wrong", Static)

    def __init__(self, days: Days) -> None:
        """Ask, with *days* filled in."""
        super().__init__()
        self._days = days

    def compose(self) -> ComposeResult:
        """The lines, and what is wrong with them."""
        with Vertical(classes="dialog"):
            yield Static("Jobs of a day (UTC)", classes="dialog-title")
            for name, day in (("inserted", self._days.inserted), ("completed", self._days.completed)):
                with Horizontal(classes="dialog-line"):
                    yield Static(styled("$name", name=name.capitalize()), classes="dialog-label")
                    yield PlainInput(
                        value="" if day is None else day.isoformat(),
                        placeholder="YYYY-MM-DD",
                        max_length=_LONGEST,
                        id=name,
                        compact=True,
                    )
            yield Static(id="wrong", classes="dialog-wrong")
            yield Static("[b]enter[/b] list   [b]esc[/b] cancel", classes="dialog-keys")

    @on(Input.Changed)
    def _check(self) -> None:
        """Say what is wrong, as far as it is typed."""
        self._read()

    @on(Input.Submitted)
    def _submit(self) -> None:
        days = self._read()
        if days is not None:
            self.dismiss(days)

    def action_cancel(self) -> None:
        """Close and change nothing."""
        self.dismiss(None)

    def _read(self) -> Days | None:
        """What is typed. None, and why on the screen, where that is no day."""
        today, wrong, days = datetime.now(UTC).date(), _NOTHING, dict[str, date | None]()
        for line in (self.inserted, self.completed):
            try:
                days[str(line.id)] = day_of(line.value, today)
            except BadDay as bad:
                wrong = styled("$text $why.", text=line.value, why=bad)
            line.set_class(str(line.id) not in days, "-invalid")
        self.wrong.update(wrong)
        return None if wrong else Days(days["inserted"], days["completed"])
