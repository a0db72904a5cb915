"""Dialogs that any screen may open: an error to read, a question to answer, a number to give."""

from __future__ import annotations

from typing import ClassVar, Final, Literal

from textual import getters, on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.content import Content
from textual.events import Event
from textual.geometry import Region
from textual.message import Message
from textual.strip import Strip
from textual.widgets import Button, Input, Static

from console.errors import ConsoleError
from screens.commands.dialogs import FORM, MESSAGE, QUESTION, No, Yes
from screens.widgets.dialog import Dialog
from screens.widgets.plain_input import PlainInput
from screens.widgets.scrolled_text import ScrolledText
from screens.widgets.text import plain, styled

_CANCEL: Final = Content("Cancel")
_MESSAGE_LINES: Final = 40
_VALUE_LINES: Final = 200
_VALUE_WIDTH: Final = 2_000
"""Characters of one line of a value: a line of a million takes a widget a second to lay out."""


class ErrorDialog(Dialog[None]):
    """What went wrong, and what to do about it."""

    BINDINGS: ClassVar[list[BindingType]] = MESSAGE.bindings()

    def __init__(self, error: ConsoleError) -> None:
        super().__init__()
        self.error = error
        """The error that is shown."""

    def compose(self) -> ComposeResult:
        """The sentence, the hint, and the way out."""
        with Vertical(classes="dialog -error"):
            yield Static("That did not work", classes="dialog-title")
            with ScrolledText(classes="dialog-body"):
                yield Static(plain(self.error.message, lines=_MESSAGE_LINES), id="message")
                if self.error.hint:
                    yield Static(plain(self.error.hint, lines=_MESSAGE_LINES), id="hint")
            yield Static("[b]enter[/b] close", classes="dialog-keys")

    def action_close(self) -> None:
        """Close the dialog."""
        self.dismiss()


class Question(Static):
    """What is asked. It tells its dialog when it is drawn: whoever sees it can answer."""

    def render_lines(self, crop: Region) -> list[Strip]:
        """Its lines, for drawing."""
        if isinstance(self.screen, ConfirmDialog):
            self.screen.note_drawn()
        return super().render_lines(crop)


class ConfirmDialog(Dialog[bool]):
    """A question with two answers. The safe one has the focus; escape gives it too.

    What was pressed before the question was on the screen is no answer to it: see `is_early`.
    """

    BINDINGS: ClassVar[list[BindingType]] = QUESTION.bindings()

    def __init__(
        self,
        question: Content,
        *,
        yes: Content,
        no: Content = _CANCEL,
        variant: Literal["primary", "warning", "error"] = "primary",
    ) -> None:
        """Ask *question* (made by `plain` or `styled`). *yes* and *no* name what the answers do."""
        super().__init__()
        self._question = question
        self._yes = yes
        self._no = no
        self._variant: Literal["primary", "warning", "error"] = variant
        self._seen_since: float | None = None
        """When the question came to be on the screen, by the clock of events; None while it is not."""

    def compose(self) -> ComposeResult:
        """The question over its two answers."""
        with Vertical(classes="dialog"):
            with VerticalScroll(classes="dialog-body", can_focus=False):
                yield Question(self._question, id="question")
            with Horizontal(classes="dialog-answers"):
                yield Button(self._no, id="no", compact=True)
                yield Button(self._yes, id="yes", variant=self._variant, compact=True)
            # Escape means no as well, but `n` is what people look for.
            keymap = {No.keymap_id(QUESTION.place): "n", **self.keymap}
            yield Static(
                styled(
                    "[b]$yes[/b] yes   [b]$no[/b] no   [b]enter[/b] the marked one",
                    yes=QUESTION.key_of(Yes, keymap),
                    no=QUESTION.key_of(No, keymap),
                ),
                classes="dialog-keys",
            )

    def on_mount(self) -> None:
        """Start on the answer that changes nothing."""
        self.query_one("#no").focus()

    def on_screen_resume(self) -> None:
        """It is on top, for the first time or once more, and will be drawn."""
        self._seen_since = None
        self.refresh()

    def note_drawn(self) -> None:
        """The question is being drawn. It is not seen while something lies on it."""
        if self._seen_since is None and self.is_current:
            # Every message bears the time at which it was made, and so do keys.
            self._seen_since = Message().time

    @property
    def is_seen(self) -> bool:
        """Whether the question is on the screen."""
        return self._seen_since is not None

    def is_early(self, event: Event) -> bool:
        """Whether that happened before the question was on the screen: nobody answers what they have not seen."""
        return self._seen_since is None or event.time < self._seen_since

    @on(Button.Pressed)
    def _pressed(self, event: Button.Pressed) -> None:
        self.dismiss(event.button.id == "yes")

    def action_answer(self, yes: bool) -> None:
        """Close with this answer."""
        self.dismiss(yes)


class NumberDialog(Dialog[int | None]):
    """Asks for a whole number. None when the user thinks better of it."""

    BINDINGS: ClassVar[list[BindingType]] = FORM.bindings()

    number = getters.query_one(Input)

    def __init__(self, question: Content, *, highest: int) -> None:
        """Ask for a number from 0 to *highest*."""
        super().__init__()
        self._question = question
        self._highest = highest

    def compose(self) -> ComposeResult:
        """One line to type into."""
        with Vertical(classes="dialog -small"):
            yield Static(self._question, classes="dialog-title")
            yield PlainInput(type="integer", max_length=12, compact=True)
            yield Static("[b]enter[/b] go   [b]esc[/b] cancel", classes="dialog-keys")

    @on(Input.Submitted)
    def _typed(self, event: Input.Submitted) -> None:
        """A number beyond the end means the end."""
        self.dismiss(min(max(int(event.value), 0), self._highest) if event.value.strip("+-") else None)

    def action_cancel(self) -> None:
        """Close without a number."""
        self.dismiss(None)


class ValueDialog(Dialog[None]):
    """One value of a record, to be read as a whole: as much of it as a screen can bear."""

    BINDINGS: ClassVar[list[BindingType]] = MESSAGE.bindings()

    def __init__(self, key: str, value: str) -> None:
        super().__init__()
        self._key = key
        self._value = value

    def compose(self) -> ComposeResult:
        """The attribute's name over its value."""
        with Vertical(classes="dialog -tall"):
            yield Static(
                styled("$key  [dim]$length characters[/dim]", key=self._key, length=f"{len(self._value):,}"),
                classes="dialog-title",
            )
            with ScrolledText(classes="dialog-body"):
                yield Static(plain(self._value, width=_VALUE_WIDTH, lines=_VALUE_LINES), id="value")
            yield Static("[b]esc[/b] close", classes="dialog-keys")

    def action_close(self) -> None:
        """Close the dialog."""
        self.dismiss()
