"""The lower part of the screens that send: what is going on, how far it is, and buttons for what may come next."""

from __future__ import annotations

from enum import StrEnum
from typing import Final

from textual import getters
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.widgets import Button, ProgressBar, Static

from console.progress import Progress
from screens.widgets.numbers import number, size
from screens.widgets.outcome_words import Certainty
from screens.widgets.text import styled

_PAUSE: Final = "Waiting"
"""Begins what the sender says between two tries."""


class Offer(StrEnum):
    """What may be done. The values are the ids of the buttons."""

    SEND = "send"
    CONVERT = "convert"
    GO_ON = "go-on"
    SETTLE = "settle"
    JOB = "open-job"


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

    def offer(self, *offers: Offer) -> None:
        """Show the buttons for what may be done now, and make the first of them the obvious one."""
        for button in self.query(Button):
            button.display = button.id in offers
        self.answers.display = bool(offers)
        if offers:
            self.query_one(f"#{offers[0]}").focus()

    def advance(self, progress: Progress, *, sends: bool) -> None:
        """Show how far planning or, where it *sends*, sending is."""
        self.bar.display = progress.total is not None
        self.bar.update(total=progress.total, progress=progress.done)
        if progress.message.startswith(_PAUSE):
            self.notice.update(styled("$doing: nothing was accepted so far.", doing=progress.message))
        elif sends and progress.unit == "bytes" and progress.done == progress.total:
            self.notice.update("All of it is sent. Waiting for the answer …")
        elif progress.unit == "bytes":
            total = size(progress.total or 0)
            self.notice.update(
                styled("$doing: $done of $total", doing=progress.message, done=size(progress.done), total=total)
            )
        else:
            done = number(progress.done)
            self.notice.update(styled("$doing: $done $unit", doing=progress.message, done=done, unit=progress.unit))
