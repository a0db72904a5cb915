"""A line to type into that holds what it shows: nothing in it is invisible, and the terminal obeys nothing in it."""

from __future__ import annotations

import re
from typing import Final

from textual import on
from textual.events import Paste
from textual.widgets import Input

from console.display import safe_text

_BREAKS: Final = re.compile(r"[\r\n]+")


class PlainInput(Input):
    """Textual's own shows whatever it holds to the terminal. What is unsafe is made visible here as it comes in.

    So what is used afterwards is what was seen, such as `\\u{202e}` for a character that turns text round.
    """

    def validate_value(self, value: str) -> str:
        """The value as it can be seen, whoever sets it."""
        return _seen(value)

    def replace(self, text: str, start: int, end: int) -> None:
        """Put in what is typed or pasted, with the cursor behind all of it."""
        super().replace(_seen(text), start, end)

    @on(Paste)
    def _take_all(self, event: Paste) -> None:
        """Take all lines of what is pasted, as one: Textual's own drops all but the first without a word."""
        event.prevent_default()
        event.stop()
        self.replace(_BREAKS.sub(" ", event.text.strip("\r\n")), *self.selection)


def _seen(text: str) -> str:
    return safe_text(text, width=len(text) + 1)
