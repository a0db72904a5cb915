"""A line of a form: a label, a field to type into or to choose from, and below it what is wrong with what is there."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from textual import on
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.message import Message
from textual.widgets import Input, Select, Static

from console.display import safe_text
from screens.widgets.text import styled

LONGEST: Final = 2_000
"""Characters of a value."""


class FormField(Vertical):
    """One value of a form. An empty one stands for none."""

    @dataclass
    class Changed(Message):
        """The value is another one now."""

        field: FormField

    def __init__(self, name: str, label: Content, field: Input | Select[str], value: str = "") -> None:
        """A value called *name*, for reading *label*, that is typed or chosen in *field*, where *value* is now."""
        super().__init__()
        self.key = name
        """What the form calls it."""
        self._label = label
        self._field = field
        self._start = value
        self._fault = Static(classes="fault")

    def compose(self) -> ComposeResult:
        """The label and the field over the fault."""
        with Horizontal(classes="field-line"):
            yield Static(self._label, classes="field-label")
            yield self._field
        yield self._fault

    def on_mount(self) -> None:
        """Start with what is there. Nothing is said to be wrong with it yet."""
        self.say_fault("")
        if safe_text(self._start, width=LONGEST) != self._start:
            # A field shows whatever it holds to the terminal.
            self.say_fault("What is there can't be shown: it goes when you save, unless you type it anew.")
        elif self._start:
            # A list forgets what it is given earlier.
            self._field.value = self._start

    @property
    def value(self) -> str:
        """What is there, without blanks around it."""
        value = self._field.value
        return value.strip() if isinstance(value, str) else ""

    def focus_field(self) -> None:
        """Let the user type, or choose."""
        self._field.focus()

    def say_fault(self, sentence: str) -> None:
        """Say what is wrong with it; nothing where the sentence is empty."""
        self._fault.update(styled("[$text-error]✗ $sentence[/]", sentence=sentence))
        self._fault.display = bool(sentence)

    @on(Input.Changed)
    @on(Select.Changed)
    def _changed(self, event: Input.Changed | Select.Changed) -> None:
        event.stop()
        self.post_message(self.Changed(self))
