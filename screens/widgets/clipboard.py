"""Copying to the clipboard of the terminal, which is asked by OSC 52 and works over ssh too; and saying so."""

from __future__ import annotations

from typing import Final

from textual.app import App

from screens.widgets.numbers import number
from screens.widgets.text import styled, toast

MOST_BYTES: Final = 74_994
"""More than that many terminals drop without a word."""


def copy(app: App[None], what: str, text: str) -> None:
    """Ask the terminal to keep *text*, and say *what* it was. Text that is too large is not copied.

    The text goes as it is: it is encoded on its way, so that nothing in it is obeyed by the terminal.
    """
    sent = text.encode("utf-8", "backslashreplace").decode()
    size = len(sent.encode())
    if size > MOST_BYTES:
        said = styled(
            "Not copied: $what has $size bytes, and terminals take $most.",
            what=what,
            size=number(size),
            most=number(MOST_BYTES),
        )
        toast(app, said, severity="warning")
        return
    app.copy_to_clipboard(sent)
    words = styled(
        "Copied $what ($size bytes) by OSC 52, which your terminal has to allow.", what=what, size=number(size)
    )
    toast(app, words)
