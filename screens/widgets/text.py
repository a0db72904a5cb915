"""How text gets into a widget. Nothing else may put a value from a file, a server or an error on the screen.

Widgets parse a `str` as markup, and terminals obey control characters; both are ways in for whoever writes a finding.
So a widget is given either a literal that we wrote, or what these functions return.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Literal

from rich.cells import cell_len, set_cell_size
from rich.text import Text
from textual.app import App
from textual.content import Content
from textual.driver import Driver

from console.display import ELLIPSIS, safe_text


def plain(value: object, *, width: int = 2_000, lines: int = 1) -> Content:
    """A foreign value, as it may be seen and without any markup."""
    return Content(safe_text(value, width=width, lines=lines))


def styled(template: str, **values: object) -> Content:
    """Our own markup with foreign values in it, as in `styled("[b]$name[/b]", name=name)`.

    The template must be a literal. The values are put in after it was parsed, so they can't add markup.
    """
    return Content.from_markup(template, **{name: safe_text(value) for name, value in values.items()})


def each_once(words: Iterable[Content]) -> list[Content]:
    """Those of several pieces of text that read differently, in their order."""
    return list({one.plain: one for one in words}.values())


def page(value: object, *, lines: int) -> Text:
    """Foreign text of many lines for the terminal itself, after the screens have gone."""
    return Text(safe_text(value, lines=lines))


def short_path(folder: Path) -> str:
    """A folder as people write it: from their home where it is in it. Still foreign text."""
    home = Path.home()
    return f"~/{folder.relative_to(home)}" if folder.is_relative_to(home) and folder != home else str(folder)


def fit(value: object, cells: int) -> str:
    """A foreign value in exactly so many cells of the terminal, for a column that we lay out ourselves.

    It may still look like markup: give it to `styled` as a value, or to a `Segment`.
    """
    shown = safe_text(value, width=cells)
    return set_cell_size(shown, cells) if cell_len(shown) <= cells else set_cell_size(shown, cells - 1) + ELLIPSIS


def toast(
    app: App[None], words: Content, *, severity: Literal["information", "warning", "error"] = "information"
) -> None:
    """Say something in a corner of the screen, for some seconds."""
    app.notify(words.plain, severity=severity, markup=False)


def fit_middle(value: object, cells: int) -> str:
    """As `fit`, for names: they are cut in the middle, since many differ at the end alone."""
    shown = safe_text(value, width=400)
    if cell_len(shown) <= cells:
        return set_cell_size(shown, cells)
    end = shown
    while end and cell_len(end) > (cells - 1) * 3 // 5:
        end = end[1:]
    return set_cell_size(shown, max(cells - 1 - cell_len(end), 0)) + ELLIPSIS + end


def cell(value: object, style: str = "", *, width: int = 200) -> Text:
    """A foreign value for a cell of a table, which measures only this kind of text."""
    return Text(safe_text(value, width=width), style=style, no_wrap=True, end="")


def notice(driver: Driver, words: Content) -> None:
    """Have the terminal itself show a message (OSC 9), which many do as the desktop does.

    The words hold nothing that a terminal obeys, so they can't end the sequence: they are made safe once more here.
    """
    driver.write(f"\x1b]9;{safe_text(words.plain, width=200)}\x1b\\")
