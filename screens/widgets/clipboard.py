"""Copying to the clipboard of the terminal, which is asked by OSC 52 and works over ssh too; and saying so."""

from __future__ import annotations

from typing import Final

from textual.app import App

from screens.widgets.numbers import counted, number
from screens.widgets.text import styled, toast

MOST_BYTES: Final = 74_994
"""More than that many terminals drop without a word."""
_MOST: Final = number(MOST_BYTES)


def copy(app: App[None], what: str, text: str, instead: str = "") -> None:
    """Ask the terminal to keep *text*, and say *what* it was. Text that is too large is not copied: do that *instead*.

    The text goes as it is: it is encoded on its way, so that nothing in it is obeyed by the terminal.
    """
    sent = text.encode("utf-8", "backslashreplace").decode()
    size = len(sent.encode())
    if size > MOST_BYTES:
        # How many bytes it is does not help, and of many records only as many are read as tell that it is too much.
        said = styled("Not copied: $what, more than the $most bytes that terminals take.", what=what, most=_MOST)
        toast(app, said + styled(" $instead", instead=instead) if instead else said, severity="warning")
        return
    app.copy_to_clipboard(sent)
    words = styled(
        "Copied $what ($size) by OSC 52, which your terminal has to allow.", what=what, size=counted(size, "byte")
    )
    toast(app, words)
