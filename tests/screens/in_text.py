"""A look at a screen as text, in the colours of the terminal and without any: what a person can read in a diff."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import groupby
from string import ascii_letters

from rich.segment import Segment
from rich.style import Style
from textual.color import Color
from textual.filter import NoColor
from textual.pilot import Pilot

from screens.app import ConsoleApp

ANSI: str = "ansi-dark"
_BLACK = Color(0, 0, 0)


async def in_text(app: ConsoleApp, pilot: Pilot[None]) -> str:
    """The screen in the terminal's own colours, then without colours. The theme is as before afterwards."""
    before, app.theme = app.theme, ANSI
    coloured = await _lines(app, pilot)
    app.no_color = True
    bare = [NoColor().apply(line, _BLACK) for line in await _lines(app, pilot)]
    app.no_color, app.theme = False, before
    await _lines(app, pilot)
    words = "\n".join("".join(segment.text for segment in line).rstrip() for line in coloured)
    return f"{words}\n\n# ANSI\n{_styles(coloured)}\n# NO_COLOR\n{_styles(bare)}"


async def _lines(app: ConsoleApp, pilot: Pilot[None]) -> list[list[Segment]]:
    """The screen as it is styled now."""
    app.refresh_css(animate=False)
    await pilot.pause()
    return [list(line) for line in app.screen._compositor.render_strips()]


def _styles(lines: Iterable[Iterable[Segment]]) -> str:
    """Runs of one style for each line, and what the letters mean."""
    letters: dict[str, str] = {}
    rows = []
    for number, line in enumerate(lines, 1):
        cells = [(_words(segment.style), segment.cell_length) for segment in line]
        runs = [(style, sum(width for _, width in run)) for style, run in groupby(cells, lambda cell: cell[0])]
        if any(style for style, _ in runs):
            named = [f"{letters.setdefault(style, ascii_letters[len(letters)])}{width}" for style, width in runs]
            rows.append(f"{number:>3} {' '.join(named)}")
    legend = [f"  {letter} {style or 'nothing'}" for style, letter in letters.items()]
    return "\n".join([*rows, *legend]) + "\n"


def _words(style: Style | None) -> str:
    """A style in words, without what it links to and where it came from."""
    if style is None:
        return ""
    plain = Style(
        color=style.color,
        bgcolor=style.bgcolor,
        bold=style.bold or None,
        dim=style.dim or None,
        italic=style.italic or None,
        underline=style.underline or None,
        reverse=style.reverse or None,
        strike=style.strike or None,
    )
    words = str(plain).replace("default on default", "").strip()
    return "" if words in {"none", "default"} else words
