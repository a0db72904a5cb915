"""Colours that can be read on others, whatever the theme: not every one is made for that."""

from __future__ import annotations

from functools import lru_cache
from typing import Final

from textual.color import BLACK, WHITE, Color

READABLE: Final = 4.5
"""The least contrast that WCAG 2.2 (1.4.3) asks for between words and what is behind them."""
_DARK: Final = 0.04045
"""Up to here the brightness of a colour grows evenly."""


def contrast(one: Color, other: Color) -> float:
    """How well two colours can be told apart, by WCAG: from 1, not at all, to 21."""
    dark, light = sorted((_luminance(one), _luminance(other)))
    return (light + 0.05) / (dark + 0.05)


@lru_cache(64)
def readable(wanted: str, behind: str) -> Color:
    """The colour that is *wanted* for words, where it can be read on the one *behind* them, else black or white.

    What a colour of the terminal looks like nobody knows: that is left as it is.
    """
    colour, background = Color.parse(wanted), Color.parse(behind)
    of_the_terminal = colour.ansi is not None or background.ansi is not None or not background.a
    if of_the_terminal or contrast(colour, background) >= READABLE:
        return colour
    return max(BLACK, WHITE, key=lambda one: contrast(one, background))


def _luminance(colour: Color) -> float:
    red, green, blue = (
        part / 12.92 if part <= _DARK else ((part + 0.055) / 1.055) ** 2.4 for part in colour.normalized
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
