"""Colours: the theme that was chosen stays, and NO_COLOR means none."""

from __future__ import annotations

import re
from pathlib import Path

from rich.color import Color as RichColor
from rich.segment import Segment
from textual.color import Color

from console.submissions.desk import Desk
from screens.files import FilesScreen
from screens.memory import Memory
from screens.widgets.colours import READABLE, contrast, readable
from tests.screens.job_stories import Story, app_at, at_console
from tests.screens.scan import scan
from tests.screens.terminal import console

_COLOUR = re.compile(rb"\x1b\[(?:\d+;)*(?:3[0-7]|4[0-7]|9[0-7]|10[0-7]|38;|48;)[\d;]*m")


async def test_the_theme_that_was_chosen_is_there_the_next_time(tmp_path: Path, desk: Desk) -> None:
    async with at_console(desk, tmp_path) as story:
        await story.on(FilesScreen)
        story.app.theme = "nord"
        await story.until(lambda: story.app.memory.now.theme == "nord")
        memory = Memory(None)
        memory.now = story.app.memory.now

    again = app_at(desk, tmp_path, memory)
    assert again.theme == "nord"


async def test_the_mode_that_one_is_in_can_be_read_in_every_theme(tmp_path: Path, desk: Desk) -> None:
    async with at_console(desk, tmp_path) as story:
        await story.on(FilesScreen)
        for theme in story.app.available_themes:
            story.app.theme = theme
            await story.pilot.pause()
            await story.until(lambda: bool(words_of(story, "1 Files")))
            style = words_of(story, "1 Files")[0].style
            assert style is not None
            assert style.bold
            if theme not in ("ansi-dark", "ansi-light"):
                assert contrast(shown(style.color), shown(style.bgcolor)) >= READABLE, theme


def words_of(story: Story, words: str) -> list[Segment]:
    """The pieces of the first line of the screen that are these words."""
    first = story.app.screen._compositor.render_strips()[0]
    return [piece for piece in first if piece.text.strip() == words]


def shown(colour: RichColor | None) -> Color:
    """A colour as the terminal is told it."""
    assert colour is not None
    return Color.from_rich_color(colour)


def test_the_contrast_of_two_colours_is_that_of_wcag() -> None:
    black, white, grey = Color.parse("#000"), Color.parse("#fff"), Color.parse("#777")
    assert contrast(black, white) == contrast(white, black) == 21
    assert round(contrast(grey, white), 2) == 4.48
    assert readable("#777", "#fff") == black
    assert readable("#111", "#fff").hex == "#111111"
    assert readable("ansi_red", "#fff").ansi is not None


def test_without_colours_none_reaches_the_terminal_and_the_cursor_is_seen(tmp_path: Path) -> None:
    scan(tmp_path)
    with console(tmp_path, {"NO_COLOR": "1"}) as (terminal, _):
        terminal.sees("Choose a finding file.")
        terminal.press("down")
        terminal.sees("records")
        terminal.press("o")
        terminal.sees("Severity", "S Sort")
        terminal.press("2")
        terminal.sees("Unknown")
        terminal.press("3")
        terminal.sees("Log in")
        terminal.press("q")
        assert terminal.wait() == 0

    assert not _COLOUR.findall(terminal.raw)
    assert re.search(rb"\x1b\[(?:\d+;)*7[;m]", terminal.raw)
