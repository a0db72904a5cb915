"""How a line of a table that we draw ourselves is put together."""

from __future__ import annotations

from collections.abc import Iterable

from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip

from console.display import safe_text

Part = tuple[str, Style]
"""A piece of text, foreign or not, and how it looks."""


def strip_of(parts: Iterable[Part], base: Style, width: int) -> Strip:
    """A line of a widget, cut or filled up to the width."""
    return Strip([Segment(safe_text(text), style) for text, style in parts]).adjust_cell_length(width, base)
