"""What is typed or pasted is used as it is seen, and nothing of it reaches the terminal as a command."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest
from textual.events import Paste

import screens
from console.submissions.desk import Desk
from screens.records import RecordsScreen
from screens.widgets.plain_input import PlainInput
from tests.screens.job_stories import Story, at_console
from tests.screens.scan import scan
from tests.screens.test_records import open_records

PASTED = "a\u202eb\u200bc\x1b[2Jd\te"
SEEN = "a\\u{202e}b\\u{200b}c␛[2Jd␉e"


async def filter_of(story: Story, folder: Path) -> tuple[RecordsScreen, PlainInput]:
    """The line of the Records screen that a filter is typed into."""
    screen = await open_records(story, scan(folder))
    await story.sees("30 records")
    await story.press("/")
    line = screen.filter_line.input
    await story.until(lambda: line.has_focus)
    return screen, line


async def test_what_is_pasted_is_what_is_seen_and_used(tmp_path: Path, desk: Desk) -> None:
    async with at_console(desk, tmp_path) as story:
        screen, line = await filter_of(story, tmp_path)
        await story.press(*"xy", "left")
        story.app.post_message(Paste(PASTED))
        await story.until(lambda: line.value == f"x{SEEN}y")
        await story.sees(SEEN)
        # The cursor is behind all that came in, and one step takes one character back.
        await story.press("z", "backspace", "backspace")
        assert line.value == f"x{SEEN[:-1]}y"

        line.value = '"x\x1b[2J\ty"'
        assert line.value == '"x␛[2J␉y"'
        await story.press("enter")
        await story.sees("0 of 30 records")
        assert story.app.memory.now.filters[-1] == line.value
        assert screen.filter_line.input.value == line.value


@pytest.mark.parametrize("pasted", ["severity>=high [@click=app.quit] $x", "é 漢字 \u0915\u093f नमस्ते", "a b"])
async def test_what_is_harmless_stays_as_it_is(tmp_path: Path, desk: Desk, pasted: str) -> None:
    async with at_console(desk, tmp_path) as story:
        _, line = await filter_of(story, tmp_path)
        story.app.post_message(Paste(pasted))
        await story.until(lambda: line.value == pasted)


@pytest.mark.parametrize(
    ("pasted", "taken"),
    [
        ("severity>=high\nstatus=FAIL", "severity>=high status=FAIL"),
        ("\r\na\r\n\r\nb\rc\n", "a b c"),
        ("a\u2028b\x0bc", "a\\u{2028}b␋c"),
        ("\n", ""),
    ],
)
async def test_all_lines_of_what_is_pasted_are_taken_as_one(
    tmp_path: Path, desk: Desk, pasted: str, taken: str
) -> None:
    async with at_console(desk, tmp_path) as story:
        _, line = await filter_of(story, tmp_path)
        await story.press(*"xyz", "left", "shift+left")
        story.app.post_message(Paste(pasted))
        # What was selected gives way to it.
        await story.until(lambda: line.value == f"x{taken}z")
        await story.press("!")
        assert line.value == f"x{taken}!z"


def test_only_secrets_are_typed_into_a_line_that_shows_what_it_holds() -> None:
    used = set()
    for path in Path(screens.__file__).parent.rglob("*.py"):
        calls = (node for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.Call))
        if any(isinstance(call.func, ast.Name) and call.func.id == "Input" for call in calls):
            used.add(path.name)
    assert used == {"login.py"}
