"""How a line of a table that we draw ourselves is put together."""

from __future__ import annotations

from collections.abc import Iterable

from rich.cells import cell_len
from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip

from console.display import ELLIPSIS, safe_text

Part = tuple[str, Style]
"""A piece of text, foreign or not, and how it looks."""


def strip_of(parts: Iterable[Part], base: Style, width: int) -> Strip:
    """A line of a widget, cut or filled up to the width. An ellipsis says that it is cut."""
    strip = Strip([Segment(safe_text(text), style) for text, style in parts])
    if strip.cell_length <= width or width < 1:
        return strip.adjust_cell_length(width, base)
    return with_end(strip.crop(0, width), strip.crop(width - 1))


def with_end(seen: Strip, rest: Strip) -> Strip:
    """What is *seen* of a line, with an ellipsis in its last cell where the line goes on: *rest* is all from there."""
    width, text = seen.cell_length, rest.text
    # A wide character may have its first half only in the last cell, where a space stands for it.
    if not text[1:].strip() and cell_len(text[:1]) < 2:
        return seen
    last = seen.crop(width - 1)
    end = Strip([Segment(safe_text(ELLIPSIS), segment.style) for segment in last][:1], 1)
    return Strip.join([seen.crop(0, width - 1), end])
