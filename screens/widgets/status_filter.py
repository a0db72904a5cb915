"""The row of statuses by which jobs are filtered: several at once, by key or by mouse, each with how many there are."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from textual import on
from textual.app import ComposeResult
from textual.binding import Keymap
from textual.containers import Horizontal
from textual.content import Content
from textual.message import Message
from textual.widgets import Static

from console.submissions.tracking import LOCAL_STATUSES, WAITING
from console.targets.base import COMPLETED, FAILED, PENDING, PROCESSING, UNKNOWN
from screens.commands import jobs
from screens.commands.jobs import STATUSES
from screens.widgets.numbers import number, short_number
from screens.widgets.text import plain, styled

ALL: Final = "all"

_COMMANDS: Final = {
    ALL: jobs.All,
    PENDING: jobs.Pending,
    PROCESSING: jobs.Processing,
    COMPLETED: jobs.Completed,
    FAILED: jobs.Failed,
    UNKNOWN: jobs.Unknown,
    WAITING: jobs.Waiting,
}
_SHORT: Final = 4
"""Letters of a name where there is little room."""
_PADDING: Final = 2
"""Cells of a chip beside its label."""


class Chip(Static):
    """One status, chosen or not."""

    @dataclass
    class Pressed(Message):
        """The chip was clicked."""

        status: str

    def __init__(self, status: str) -> None:
        super().__init__()
        self.status = status

    def on_click(self) -> None:
        """Tell the row."""
        self.post_message(self.Pressed(self.status))


class StatusFilter(Horizontal):
    """The statuses to list, all when none is chosen.

    Those that are in our ledger and not in the target's list are listed alone. The screen that holds the row calls
    `toggle` from its `action_filter`.
    """

    @dataclass
    class Changed(Message):
        """Other statuses are chosen now."""

        statuses: tuple[str, ...]

    def __init__(self, keymap: Keymap) -> None:
        super().__init__()
        keys = {status: STATUSES.key_of(command, keymap) for status, command in _COMMANDS.items()}
        self._long = {status: _named(status, key) for status, key in keys.items()}
        self._short = {status: _named(status[:_SHORT], key) for status, key in keys.items()}
        self._chosen: set[str] = set()
        self._counts: Mapping[str, int] = {}
        self._partial = False

    def compose(self) -> ComposeResult:
        """One chip for each status, and one for all."""
        for status in _COMMANDS:
            yield Chip(status)

    def on_mount(self) -> None:
        """Show that nothing is filtered yet."""
        self._mark()

    def on_resize(self) -> None:
        """Use the longer names where there is room."""
        self._label()

    @on(Chip.Pressed)
    def _press(self, message: Chip.Pressed) -> None:
        message.stop()
        self.toggle(message.status)

    def toggle(self, status: str) -> None:
        """Choose a status, or no longer."""
        if status == ALL:
            self._chosen = set()
        else:
            of_its_kind = {one for one in self._chosen if (one in LOCAL_STATUSES) is (status in LOCAL_STATUSES)}
            self._chosen = of_its_kind ^ {status}
        self._mark()
        self.post_message(self.Changed(tuple(one for one in _COMMANDS if one in self._chosen)))

    def show(self, counts: Mapping[str, int], *, partial: bool) -> None:
        """Show how many jobs there are by status, and under `ALL` of them all; what is not there is not known.

        *partial* says that a target is not counted: there may be more of what targets know.
        """
        if (counts, partial) != (self._counts, self._partial):
            self._counts, self._partial = dict(counts), partial
            self._label()

    def _label(self) -> None:
        """Name each chip, in short where the row would not hold all; where it still would not, count in short too."""
        ways = ((self._long, number), (self._short, number), (self._short, short_number))
        names, digits = next((way for way in ways if self._width(*way) <= self.size.width), ways[-1])
        counts = {status: self._count(status, digits) for status in _COMMANDS}
        for chip in self.query(Chip):
            name, count = names[chip.status], counts[chip.status]
            chip.update(_counted(name, count))
            # What somebody has to see to must not be overlooked.
            chip.set_class(chip.status in LOCAL_STATUSES and self._counts.get(chip.status, 0) > 0, "-alarming")

    def _width(self, names: Mapping[str, Content], digits: Callable[[int], str]) -> int:
        """The cells of all chips, named and counted in that way."""
        return sum(name.cell_length + len(self._count(status, digits)) + _PADDING for status, name in names.items())

    def _count(self, status: str, digits: Callable[[int], str]) -> str:
        """A count, as it stands behind a name. Nothing where it is not known, or where there is none of it."""
        count = self._counts.get(status)
        if not count:
            return "" if count is None or status in LOCAL_STATUSES else " 0"
        more = "+" if self._partial and status not in LOCAL_STATUSES else ""
        return f" {digits(count)}{more}"

    def _mark(self) -> None:
        for chip in self.query(Chip):
            chip.set_class(chip.status in self._chosen or (chip.status == ALL and not self._chosen), "-chosen")


def _named(word: str, key: str) -> Content:
    """A status, with its key marked where that is one of its letters."""
    before, found, after = word.partition(key.lower())
    if not found:
        return plain(word.capitalize())
    return styled("$before[u]$key[/u]$after", before=before, key=key, after=after)


def _counted(name: Content, count: str) -> Content:
    """The name of a status, and how many jobs have it, where that is known."""
    return name + styled("[b]$count[/b]", count=count) if count else name
