"""A place for words that may be long, where there is room for a few lines only."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from textual.content import Content
from textual.widgets import Static

LINES: Final = 3
"""As many lines as are shown; the style of the place allows for as many."""


def cut(words: Content, width: int, lines: int = LINES) -> Content:
    """Words in at most so many lines of a *width* in cells. An ellipsis says that they are cut."""
    wrapped = words.wrap(width)
    if len(wrapped) <= lines:
        return words
    last = wrapped[lines - 1].rstrip().truncate(width - 1) + Content("…")
    return Content("\n").join([*(line.rstrip() for line in wrapped[: lines - 1]), last])


def _all_of(several: Sequence[Content], width: int) -> Content:
    """What there is to tell, each in its part of the lines."""
    share = max(1, LINES // max(1, len(several)))
    return cut(Content("\n").join(cut(words, width, share) for words in several), width)


class FewLines(Static):
    """Shows as much of what it is told as there is room for. The log has all of it."""

    _words: tuple[Content, ...] = ()
    _height = 0
    """Lines that it takes. 0 while that is not known."""

    def tell(self, *words: Content) -> None:
        """Show these words. Where there are several to tell, each has its part of the lines."""
        self._words = words
        self._fit()

    def on_resize(self) -> None:
        """There is more room now, or less."""
        self._fit()

    def _fit(self) -> None:
        width = self.content_size.width
        words = _all_of(self._words, width) if width > 1 else Content("\n").join(self._words)
        height = len(words.wrap(width)) if width > 1 else 0
        # What is told each second must not have the whole screen arranged and painted anew.
        self.update(words, layout=height == 0 or height != self._height)
        self._height = height
