"""The row of statuses by which jobs are filtered: several at once, by key or by mouse."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from textual import on
from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.content import Content
from textual.message import Message
from textual.widgets import Static

from console.targets.base import COMPLETED, FAILED, PENDING, PROCESSING, UNKNOWN
from screens.widgets.text import styled

ALL: Final = "all"

_LABELS: Final = {
    ALL: styled("[u]A[/u]ll"),
    PENDING: styled("[u]P[/u]ending"),
    PROCESSING: styled("p[u]R[/u]ocessing"),
    COMPLETED: styled("[u]C[/u]ompleted"),
    FAILED: styled("[u]F[/u]ailed"),
    UNKNOWN: styled("[u]U[/u]nknown"),
}


class Chip(Static):
    """One status, chosen or not."""

    @dataclass
    class Pressed(Message):
        """The chip was clicked."""

        status: str

    def __init__(self, status: str, label: Content) -> None:
        super().__init__(label)
        self.status = status

    def on_click(self) -> None:
        """Tell the row."""
        self.post_message(self.Pressed(self.status))


class StatusFilter(Horizontal):
    """The statuses to list, all when none is chosen.

    Those of unknown outcome are in our ledger and not in the target's list, so they are listed alone.
    """

    """For the screen that holds the row; its `action_filter` calls `toggle`."""

    @dataclass
    class Changed(Message):
        """Other statuses are chosen now."""

        statuses: tuple[str, ...]

    def __init__(self) -> None:
        super().__init__()
        self._chosen: set[str] = set()

    def compose(self) -> ComposeResult:
        """One chip for each status, and one for all."""
        for status, label in _LABELS.items():
            yield Chip(status, label)

    def on_mount(self) -> None:
        """Show that nothing is filtered yet."""
        self._mark()

    @on(Chip.Pressed)
    def _press(self, message: Chip.Pressed) -> None:
        message.stop()
        self.toggle(message.status)

    def toggle(self, status: str) -> None:
        """Choose a status, or no longer."""
        if status in (ALL, UNKNOWN):
            self._chosen = {UNKNOWN} - self._chosen if status == UNKNOWN else set()
        else:
            self._chosen = (self._chosen ^ {status}) - {UNKNOWN}
        self._mark()
        self.post_message(self.Changed(tuple(one for one in _LABELS if one in self._chosen)))

    def tell_unknown(self, count: int) -> None:
        """Show how many submissions have an unknown outcome: they must not be overlooked."""
        for chip in self.query(Chip):
            if chip.status == UNKNOWN:
                chip.update(styled("[u]U[/u]nknown [b]$count[/b]", count=count) if count else _LABELS[UNKNOWN])
                chip.set_class(count > 0, "-alarming")

    def _mark(self) -> None:
        for chip in self.query(Chip):
            chip.set_class(chip.status in self._chosen or (chip.status == ALL and not self._chosen), "-chosen")
