"""How far something is: a bar, and what is being done. It may be told on any thread."""

from __future__ import annotations

from dataclasses import dataclass

from textual import getters, on
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.message import Message
from textual.message_pump import MessagePump
from textual.widgets import ProgressBar, Static

from console.progress import Progress
from screens.widgets.numbers import amount
from screens.widgets.text import styled


class ProgressLine(Vertical):
    """A bar that is seen while something goes on."""

    @dataclass
    class Advanced(Message):
        """It went on."""

        progress: Progress

        def can_replace(self, message: MessagePump | Message) -> bool:
            """Only the newest counts."""
            return isinstance(message, ProgressLine.Advanced)

    DEFAULT_CSS = """
    ProgressLine {
        height: auto;
        display: none;
    }
    """

    bar = getters.query_one(ProgressBar)
    words = getters.query_one(Static)

    def compose(self) -> ComposeResult:
        """The words over the bar."""
        yield Static()
        yield ProgressBar(show_eta=False)

    def begin(self) -> None:
        """Something starts."""
        self.bar.update(total=None, progress=0)
        self.words.update("Reading …")
        self.display = True

    def end(self) -> None:
        """It has ended, one way or the other."""
        self.display = False

    def report(self, progress: Progress) -> None:
        """Take each progress."""
        self.post_message(self.Advanced(progress))

    @on(Advanced)
    def _advanced(self, message: Advanced) -> None:
        message.stop()
        progress = message.progress
        self.bar.update(total=progress.total, progress=progress.done)
        self.words.update(styled("$what … [dim]$amount[/dim]", what=progress.message, amount=amount(progress)))
