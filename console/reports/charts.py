"""Bars as inline SVG: no script, no style of their own, and a text for those who can't see them."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from typing import Final, NamedTuple

from console.display import safe_text

_WIDTH: Final = 1_000
_LABEL: Final = 330
_NUMBER: Final = 90
_ROW: Final = 26
_BAR: Final = 16
_STACK: Final = 22


class Bar(NamedTuple):
    """One amount."""

    label: str
    """May be foreign text."""
    amount: int
    tone: str
    """The class of its colour: `error`, `warning`, `info` or `good`."""


def stacked(title: str, bars: Sequence[Bar]) -> str:
    """One bar that is divided as the amounts are."""
    whole = sum(bar.amount for bar in bars) or 1
    shapes: list[str] = []
    at = 0.0
    for bar in bars:
        width = _WIDTH * bar.amount / whole
        shapes.append(
            f'<rect class="{bar.tone}" x="{at:.1f}" width="{width:.1f}" height="{_STACK}">'
            f"<title>{_text(bar)}: {bar.amount:,}</title></rect>"
        )
        at += width
    return _picture(title, bars, _STACK, "".join(shapes))


def ranked(title: str, bars: Sequence[Bar]) -> str:
    """A bar for each amount, as long as that is beside the largest."""
    most = max((bar.amount for bar in bars), default=0) or 1
    room = _WIDTH - _LABEL - _NUMBER
    shapes: list[str] = []
    for row, bar in enumerate(bars):
        top = row * _ROW
        width = max(1.0, room * bar.amount / most)
        shapes.append(
            f'<text x="0" y="{top + 17}">{_text(bar)}</text>'
            f'<rect class="track" x="{_LABEL}" y="{top + 5}" width="{room}" height="{_BAR}" rx="3"/>'
            f'<rect class="{bar.tone}" x="{_LABEL}" y="{top + 5}" width="{width:.1f}" height="{_BAR}" rx="3"/>'
            f'<text x="{_LABEL + room + 10}" y="{top + 17}">{bar.amount:,}</text>'
        )
    return _picture(title, bars, _ROW * len(bars), "".join(shapes))


def _picture(title: str, bars: Sequence[Bar], height: int, shapes: str) -> str:
    told = ", ".join(f"{_text(bar)} {bar.amount:,}" for bar in bars)
    return (
        f'<svg viewBox="0 0 {_WIDTH} {height}" role="img" aria-label="{escape(title)}: {told}">{shapes}</svg>\n'
        if bars
        else ""
    )


def _text(bar: Bar) -> str:
    return escape(safe_text(bar.label, width=44))
