"""The lower part of the Submit screen: what is going on, how far it is, and the buttons for what may come next."""

from __future__ import annotations

from textual import getters
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.widgets import Button, ProgressBar, Static

from console.progress import Progress
from screens.widgets.numbers import number, size
from screens.widgets.outcome_words import Certainty
from screens.widgets.text import styled


class SendPanel(Vertical):
    """Says what the screen tells it. Its buttons have the ids `send` and `open-job`."""

    notice = getters.query_one("#notice", Static)
    bar = getters.query_one(ProgressBar)
    send_button = getters.query_one("#send", Button)
    job_button = getters.query_one("#open-job", Button)

    def compose(self) -> ComposeResult:
        """A bar, a notice and the buttons."""
        yield ProgressBar(show_eta=False)
        yield Static(id="notice")
        with Horizontal(id="answers"):
            yield Button("Send …", variant="primary", compact=True, id="send")
            yield Button("Open the job", variant="success", compact=True, id="open-job")

    def on_mount(self) -> None:
        """Nothing is going on yet."""
        self.bar.display = False
        self.offer(send=False, job=False)

    def say(self, words: Content, certainty: Certainty | None = None) -> None:
        """Say what is going on, or what became of it and how sure that is."""
        self.bar.display = False
        self.notice.update(words)
        for one in Certainty:
            self.notice.set_class(one is certainty, one)

    def offer(self, *, send: bool, job: bool) -> None:
        """Show the buttons for what may be done now, and make the one that is there the obvious one."""
        self.send_button.display = send
        self.job_button.display = job
        if send or job:
            (self.send_button if send else self.job_button).focus()

    def advance(self, progress: Progress) -> None:
        """Show how far planning or sending is."""
        self.bar.display = progress.total is not None
        self.bar.update(total=progress.total, progress=progress.done)
        if progress.unit == "bytes" and progress.done == progress.total:
            self.notice.update("All of it is sent. Waiting for the answer …")
        elif progress.unit == "bytes":
            total = size(progress.total or 0)
            self.notice.update(
                styled("$doing: $done of $total", doing=progress.message, done=size(progress.done), total=total)
            )
        else:
            done = number(progress.done)
            self.notice.update(styled("$doing: $done $unit", doing=progress.message, done=done, unit=progress.unit))
