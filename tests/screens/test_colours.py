"""Colours: the theme that was chosen stays, and NO_COLOR means none."""

from __future__ import annotations

import re
from pathlib import Path

from console.submissions.desk import Desk
from screens.files import FilesScreen
from screens.memory import Memory
from tests.screens.job_stories import app_at, at_console
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
