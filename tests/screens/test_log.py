"""The Log screen: what went wrong, to be read again."""

from __future__ import annotations

import base64
import logging
from pathlib import Path

import pytest

from console.errors import BadInput
from console.submissions.desk import Desk
from screens.event_log import EventLog
from screens.files import FilesScreen
from screens.jobs import JobsScreen
from screens.log import LogScreen
from screens.navigation import OpenValidation
from screens.targets import TargetsScreen
from screens.validation import ValidationScreen
from screens.widgets.clipboard import MOST_BYTES, copy
from screens.widgets.dialogs import ErrorDialog
from screens.widgets.few_lines import LINES, cut
from screens.widgets.text import plain
from tests.screens.conftest import Look
from tests.screens.job_stories import NARROW, WIDE, Story, at_console


async def test_an_error_can_be_read_again_and_copied(tmp_path: Path, desk: Desk) -> None:
    async with at_console(desk, tmp_path) as story:
        await story.on(FilesScreen)
        await story.press("exclamation_mark")
        await story.on(LogScreen)
        await story.sees("Nothing has gone wrong so far.")
        await story.press("escape")

        story.app.show_error(BadInput("The [b]first[/y] \x1b[2J failed.", hint="Mend it."))
        await story.on(ErrorDialog)
        await story.press("enter")
        await story.press("3")
        await story.on(TargetsScreen)
        await story.press("exclamation_mark")
        await story.on(LogScreen)
        await story.sees("error", "The [b]first[/y]", "Mend it.")
        await story.press("y")
        await story.sees("Copied the entry")
        assert "The [b]first[/y] \x1b[2J failed.\nMend it." in story.app.clipboard
        await story.press("escape")
        await story.on(TargetsScreen)


async def test_what_stands_in_a_line_of_a_screen_is_logged_once(tmp_path: Path, desk: Desk) -> None:
    """Not at each refresh, and not each time that one comes by."""
    (tmp_path / "page.json").write_text("<html></html>")
    async with at_console(desk, tmp_path) as story:
        words = ["page.json looks like", "page.json looks like", "answers there", "There is no API key"]
        await story.on(FilesScreen)
        await story.press("j")
        await story.sees("HTML")
        await story.press("k", "j")
        story.app.post_message(OpenValidation(tmp_path / "page.json"))
        await story.on(ValidationScreen)
        await story.sees("✗", "HTML")
        await story.press("q", "3", "t")
        await story.sees("failed")
        await story.press("2")
        jobs = await story.on(JobsScreen)
        await story.sees("There is no API key")
        for _ in range(2):
            jobs.action_refresh_now()
            await story.until(lambda: not jobs.workers)

        said = [entry.message for entry in story.app.log_of_session.entries]
        assert len(said) == len(words), said
        assert all(word in one for word, one in zip(words, said, strict=True)), said


@pytest.mark.parametrize("width", [20, 41, 80])
def test_what_does_not_fit_ends_in_an_ellipsis(width: int) -> None:
    long = plain("word " * 100)

    shown = cut(long, width).split("\n")

    assert len(shown) == LINES
    assert all(line.cell_length <= width for line in shown)
    assert shown[-1].plain.endswith("…")
    assert cut(plain("short"), width).plain == "short"


async def test_what_is_too_large_for_a_terminal_is_not_copied(tmp_path: Path, desk: Desk) -> None:
    async with at_console(desk, tmp_path) as story:
        copy(story.app, "it", "x" * MOST_BYTES)
        assert len(story.app.clipboard) == MOST_BYTES
        copy(story.app, "this", "ä" * MOST_BYTES)
        too_much = "Not copied: this, more than the 74,994 bytes that terminals take."
        await story.until(lambda: story.said_last == too_much)
        assert len(story.app.clipboard) == MOST_BYTES
        copy(story.app, "a letter", "x")
        await story.until(lambda: story.said_last.startswith("Copied a letter (1 byte) by OSC 52"))
        copy(story.app, "half a pair", "\ud800")
        assert base64.b64encode(story.app.clipboard.encode())


def test_what_is_logged_while_it_listens_is_kept_and_goes_nowhere_else(capsys: pytest.CaptureFixture[str]) -> None:
    log, library = EventLog(), logging.getLogger("some.library")
    with log.listening():
        library.warning("odd: %s", "x\ndetails")
        library.info("not worth it")
        for number in range(600):
            library.error("again %d", number)
    library.warning("after")

    assert "odd" not in capsys.readouterr().err
    assert len(log.entries) == 500
    assert [entry.message for entry in log.entries][-1] == "again 599"


@pytest.mark.parametrize("size", [NARROW, WIDE], ids=["narrow", "wide"])
def test_look_of_the_log(desk: Desk, tmp_path: Path, look: Look, size: tuple[int, int]) -> None:
    async def story(story: Story) -> None:
        await story.on(FilesScreen)
        await story.press("exclamation_mark")
        await story.on(LogScreen)
        await story.sees("Nothing has gone wrong")

    assert look(desk, tmp_path, story, size)
