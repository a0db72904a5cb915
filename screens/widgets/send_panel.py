"""The lower part of the screens that send: what is going on, how far it is, and buttons for what may come next."""

from __future__ import annotations

from enum import StrEnum

from textual import getters
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.widgets import Button, ProgressBar, Static

from console.progress import Progress
from screens.widgets.course import Course
from screens.widgets.numbers import amount
from screens.widgets.outcome_words import Certainty
from screens.widgets.text import styled


class Offer(StrEnum):
    """What may be done. The values are the ids of the buttons."""

    SEND = "send"
    CONVERT = "convert"
    GO_ON = "go-on"
    SETTLE = "settle"
    JOB = "open-job"
    STOP = "halt"


class SendPanel(Vertical):
    """Says what the screen tells it. Its buttons have the ids of `Offer`."""

    notice = getters.query_one("#notice", Static)
    bar = getters.query_one(ProgressBar)
    send_button = getters.query_one("#send", Button)
    answers = getters.query_one("#answers", Horizontal)

    def compose(self) -> ComposeResult:
        """A bar, a notice and the buttons."""
        yield ProgressBar(show_eta=False)
        yield Static(id="notice")
        with Horizontal(id="answers"):
            yield Button("Send …", variant="primary", compact=True, id=Offer.SEND)
            yield Button("Convert", variant="primary", compact=True, id=Offer.CONVERT)
            yield Button("Settle …", variant="warning", compact=True, id=Offer.SETTLE)
            yield Button("Go on", variant="primary", compact=True, id=Offer.GO_ON)
            yield Button("Open the job", variant="success", compact=True, id=Offer.JOB)
            yield Button("Stop", variant="warning", compact=True, id=Offer.STOP)

    def on_mount(self) -> None:
        """Nothing is going on yet."""
        self.bar.display = False
        self.offer()

    def say(self, words: Content, certainty: Certainty | None = None) -> None:
        """Say what is going on, or what became of it and how sure that is."""
        self.bar.display = False
        self.notice.update(words)
        for one in Certainty:
            self.notice.set_class(one is certainty, one)

    def name_conversion(self, form: str) -> None:
        """Say what would be converted to, in our words."""
        self.query_one(f"#{Offer.CONVERT}", Button).label = styled("Convert to $form", form=form)

    def name_jobs(self, count: int) -> None:
        """Say to how many jobs it leads."""
        self.query_one(f"#{Offer.JOB}", Button).label = "Open the job" if count < 2 else "Choose a job"

    def offer(self, *offers: Offer) -> None:
        """Show the buttons for what may be done now, and make the first of them the obvious one.

        To stop is never obvious: a key that is pressed once too often must not do it.
        """
        for button in self.query(Button):
            button.display = button.id in offers
        self.answers.display = bool(offers)
        if offers and offers[0] is not Offer.STOP:
            self.query_one(f"#{offers[0]}").focus()

    def advance(self, progress: Progress) -> None:
        """Show how far planning is."""
        self._show_bar(progress.total, progress.done)
        self.notice.update(styled("$doing: $amount", doing=progress.message, amount=amount(progress)))

    def follow(self, course: Course, at: float, stop: str) -> None:
        """Show how a sending goes; *stop* is the key to stop it at once."""
        self._show_bar(course.bytes, course.sent)
        self.notice.update(course.words(at, stop))

    def _show_bar(self, total: int | None, done: int) -> None:
        self.bar.display = total is not None
        self.bar.update(total=total, progress=done)
