"""What a list of jobs is held to: statuses, a word, days, and whose jobs they are."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date

from textual import getters, on
from textual.app import ComposeResult
from textual.binding import Keymap
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.message import Message
from textual.widgets import Input, Static

from console.config import Config
from console.targets.base import JobQuery
from screens.commands.jobs import JOBS, Search, Target
from screens.commands.jobs import Days as DaysCommand
from screens.widgets.days_dialog import Days, DaysDialog
from screens.widgets.seen_input import SeenInput
from screens.widgets.status_filter import StatusFilter
from screens.widgets.target_select import TargetSelect
from screens.widgets.text import styled

_NO_DAYS = Days()


@dataclass(frozen=True, slots=True)
class Narrowing:
    """What the list is held to, beside the target."""

    statuses: tuple[str, ...] = ()
    search: str = ""
    days: Days = _NO_DAYS

    def applied(self, query: JobQuery) -> JobQuery:
        """The first page of a query that is held to this."""
        return replace(
            query,
            statuses=self.statuses,
            search=self.search,
            inserted=self.days.inserted,
            completed=self.days.completed,
            page=1,
        )


class DayChip(Static):
    """A day that the list is held to. A click changes it."""

    class Pressed(Message):
        """The chip was clicked."""

    def tell(self, name: str, day: date | None) -> None:
        """Show the day; nothing where there is none."""
        self.display = day is not None
        self.update(styled("$name [b]$day[/b]", name=name, day=day))

    def on_click(self) -> None:
        """Tell the filters."""
        self.post_message(self.Pressed())


def _hint(keymap: Keymap) -> Content:
    """What else the list can be held to."""
    return styled(
        "$search search   $days days   $target target",
        search=JOBS.key_of(Search, keymap),
        days=JOBS.key_of(DaysCommand, keymap),
        target=JOBS.key_of(Target, keymap),
    )


class JobFilters(Vertical):
    """The lines above a list of jobs. The screen that holds them calls the methods from its actions."""

    @dataclass
    class Changed(Message):
        """The list is held to something else now."""

        to: Narrowing

    class Left(Message):
        """The operator is done with typing."""

    statuses = getters.query_one(StatusFilter)
    searching = getters.query_one("#searching", Horizontal)
    search = getters.query_one("#search", Input)
    inserted = getters.query_one("#inserted", DayChip)
    completed = getters.query_one("#completed", DayChip)
    hint = getters.query_one("#hint", Static)
    target_select = getters.query_one(TargetSelect)

    def __init__(self, config: Config) -> None:
        super().__init__()
        self._config = config
        self.narrowing = Narrowing()
        """What the list is held to."""

    def compose(self) -> ComposeResult:
        """The statuses; below them what else is asked for, and of whom."""
        yield StatusFilter(self._config.keys)
        with Horizontal(id="narrowing"):
            with Horizontal(id="searching"):
                yield Static("/")
                yield SeenInput(placeholder="a word of the job; enter searches", id="search", compact=True)
            yield DayChip(id="inserted", classes="day")
            yield DayChip(id="completed", classes="day")
            yield Static(_hint(self._config.keys), id="hint")
            yield TargetSelect(self._config, offers_all=True)

    def on_mount(self) -> None:
        """Nothing is asked for yet."""
        self._show()

    def ask_word(self) -> None:
        """Ask for a word to search for."""
        self.searching.display, self.hint.display = True, False
        self.screen.set_focus(self.search)

    def ask_days(self) -> None:
        """Ask for days."""
        self.app.push_screen(DaysDialog(self.narrowing.days), self._take_days)

    def ask_target(self) -> None:
        """Open the list of targets."""
        self.target_select.focus()
        self.target_select.action_show_overlay()

    def clear(self) -> None:
        """Hold the list to no word and no day."""
        self.search.value = ""
        self._narrow(replace(self.narrowing, search="", days=_NO_DAYS))
        self.post_message(self.Left())

    @on(Input.Submitted, "#search")
    def _search(self, message: Input.Submitted) -> None:
        message.stop()
        self._narrow(replace(self.narrowing, search=message.value.strip()))
        self.post_message(self.Left())

    @on(StatusFilter.Changed)
    def _filter(self, message: StatusFilter.Changed) -> None:
        message.stop()
        self._narrow(replace(self.narrowing, statuses=message.statuses))

    @on(DayChip.Pressed)
    def _press(self, message: DayChip.Pressed) -> None:
        message.stop()
        self.ask_days()

    def _take_days(self, days: Days | None) -> None:
        if days is not None:
            self._narrow(replace(self.narrowing, days=days))

    def _narrow(self, to: Narrowing) -> None:
        changed, self.narrowing = to != self.narrowing, to
        self._show()
        if changed:
            self.post_message(self.Changed(to))

    def _show(self) -> None:
        """Show what the list is held to."""
        held = self.narrowing
        self.searching.display = bool(held.search)
        self.inserted.tell("inserted", held.days.inserted)
        self.completed.tell("completed", held.days.completed)
        self.hint.display = not held.search and held.days == _NO_DAYS
