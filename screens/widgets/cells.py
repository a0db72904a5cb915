"""Cells of tables that are more than a piece of text."""

from __future__ import annotations

from rich.text import Text

from screens.widgets.numbers import number
from screens.widgets.text import cell


def count_cell(value: int | None) -> Text:
    """A number, aligned to the right; a dash where there is none."""
    text = cell(number(value))
    text.justify = "right"
    return text
