"""A line to type into that holds what it shows: nothing in it is invisible, and the terminal obeys nothing in it."""

from __future__ import annotations

from textual.widgets import Input

from console.display import safe_text


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


def _seen(text: str) -> str:
    return safe_text(text, width=len(text) + 1)
