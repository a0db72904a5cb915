"""A monkey at the keyboard and the mouse, over hostile data: nothing fails, nothing hostile is obeyed.

However the console ends, the terminal is given back as it was.

`make monkey` lets it play for two minutes, with a seed of its own each time.
"""

from __future__ import annotations

import os
import re
import termios
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from random import Random
from typing import Final

import pytest
from rich.style import Style
from textual.command import CommandList, CommandPalette
from textual.content import Content
from textual.coordinate import Coordinate
from textual.events import Click, MouseDown, Resize
from textual.widgets import Button, DataTable, Input, OptionList, Static

from console.errors import BadInput
from console.submissions.desk import Desk
from screens.app import ConsoleApp
from screens.base import Palette
from screens.files import FilesScreen
from screens.help import HelpScreen
from screens.log import LogScreen
from screens.widgets.dialogs import ConfirmDialog, ErrorDialog
from screens.widgets.live_options import PickList
from screens.widgets.pick_dialog import PickDialog
from screens.widgets.under_cursor import under_cursor
from tests.hostile import FOREIGN, hostile_file, other_hostile_file, whole_hostile_file
from tests.screens.hostile_target import hostile_target
from tests.screens.job_stories import WIDE, Story, at_console
from tests.screens.terminal import Line, Terminal, console

_ACTIONS: Final = 250
_SECONDS: Final = float(os.environ.get("MONKEY_SECONDS", "0"))
"""How long it plays in place of that many actions."""
_SEED: Final = os.environ.get("MONKEY_SEED", "ocsf")
_ACTIONS_TO_A_RESIZE: Final = 20

_NAMED: Final = (
    *(b"\r", b"\t", b"\x1b[Z", b"\x1b", b" ", b"\x7f"),
    *(b"\x1b[A", b"\x1b[B", b"\x1b[C", b"\x1b[D", b"\x1b[H", b"\x1b[F", b"\x1b[5~", b"\x1b[6~", b"\x1b[3~"),
    *(b"\x1bOP", b"\x1b[15~", b"\x1b[1;2A", b"\x1b[1;5C", b"\x10", b"\x01", b"\x05", b"\x15", b"\x16", b"\x03"),
)
_LETTERS: Final = bytes(letter for letter in range(0x21, 0x7F) if letter != ord("q"))
_PASTED: Final = b"\x1b[200~severity>=high [@click=app.quit] $x\x1b[201~"
_SIZES: Final = ((80, 24), (120, 40), (40, 10), (200, 60), (20, 5), (100, 24))

_OURS: Final = re.compile(rb"\x1b\](?:52;c;[A-Za-z0-9+/=]*\x07|9;[^\x00-\x1f]*\x1b\\)")
"""What the console itself asks of a terminal: to keep what was copied, and to tell of a job's end."""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "scans \x1b]0;HOSTILE\x07 [b]\u202e"
    folder.mkdir()
    for write in (hostile_file, whole_hostile_file, other_hostile_file):
        write(folder)
    return folder


@pytest.fixture
def environ() -> Iterator[dict[str, str]]:
    """A target that is hostile too, and programs that end at once."""
    with hostile_target() as url:
        yield {
            "PROWLER_CLOUD_API_BASE_URL": url,
            "PROWLER_CLOUD_API_KEY": "key",
            "EDITOR": "true",
            "VISUAL": "true",
            "BROWSER": "true",
        }


class Monkey:
    """Does what nobody would. The same seed does the same."""

    def __init__(self, seed: str) -> None:
        self._random = Random(seed)
        self._began = time.monotonic()
        self._size = (0, 0)
        self.actions = 0

    @property
    def has_enough(self) -> bool:
        """Whether it has played for long enough."""
        return time.monotonic() - self._began > _SECONDS if _SECONDS else self.actions >= _ACTIONS

    def play(self, terminal: Terminal) -> None:
        """Play until it has enough, or has found the way out."""
        self._size = (80, 24)
        while not self.has_enough and terminal.process.poll() is None:
            self.actions += 1
            if self.actions % _ACTIONS_TO_A_RESIZE == 0:
                self._resize(terminal)
            else:
                terminal.send(self._input())
                terminal.look()
            if terminal.given_back():
                # To an editor, or for good: what is typed now is not for the console.
                terminal.until(lambda: terminal.process.poll() is not None or not terminal.given_back(), "what follows")

    def _input(self) -> bytes:
        chance = self._random.random()
        if chance < 0.45:
            return self._random.choice(_NAMED)
        if chance < 0.75:
            return bytes([self._random.choice(_LETTERS)])
        if chance < 0.77:
            return b"q"
        if chance < 0.79:
            return _PASTED
        return self._mouse()

    def _mouse(self) -> bytes:
        place = f"{self._random.randint(1, 80)};{self._random.randint(1, 24)}"
        button = self._random.choice((0, 0, 0, 2, 64, 65))
        return f"\x1b[<{button};{place}M\x1b[<{button};{place}m".encode()

    def _resize(self, terminal: Terminal) -> None:
        """Change the size, and see that something is drawn: it still listens."""
        written = len(terminal.raw)
        self._size = self._random.choice([size for size in _SIZES if size != self._size])
        terminal.resize(*self._size)
        terminal.until(lambda: len(terminal.raw) > written or terminal.process.poll() is not None, "a picture")


def leave(terminal: Terminal) -> int:
    """Quit from wherever the monkey has got to, and return the exit code."""
    terminal.resize(80, 24)
    asked = "Quit all the same?"
    if terminal.process.poll() is None:
        terminal.send(b"\x11")
        terminal.until(lambda: terminal.process.poll() is not None or asked in terminal.text, "the end, or a question")
        if terminal.process.poll() is None:
            terminal.press("y")
    return terminal.wait()


def report(terminal: Terminal) -> str:
    """What the console said when it had left its own screen."""
    said = terminal.raw.rpartition(b"\x1b[?1049l")[2]
    return re.sub(rb"\x1b\[[0-9;?]*[A-Za-z]", b"", said).decode().replace("\r\n", "\n")


def assert_sound(terminal: Terminal, line: Line) -> None:
    """Nothing failed, nothing hostile got through, and the terminal is as it was."""
    raw = bytes(terminal.raw)
    assert b"Traceback" not in raw, report(terminal)
    assert b"this is its fault" not in raw
    assert b"something that it did not expect" not in raw
    assert FOREIGN.findall(_OURS.sub(b"", raw)) == []
    raw.decode("utf-8")
    assert terminal.given_back(), raw[-2_000:]
    assert termios.tcgetattr(line.descriptor) == line.before


_WITNESSED: Final = """
import logging, os
from console.cli import main

logging.getLogger("screens.mishaps").addHandler(logging.FileHandler(os.environ["MISHAPS"], delay=True))
main()
"""
"""The console, which writes down what nobody foresaw: a dialog about it may be gone before it is read."""


@pytest.mark.timeout(120 + 2 * _SECONDS)
def test_a_monkey_breaks_nothing(folder: Path, environ: dict[str, str], tmp_path: Path) -> None:
    monkey, mishaps = Monkey(_SEED), tmp_path / "mishaps"
    while not monkey.has_enough:
        environ["MISHAPS"] = str(mishaps)
        with console(folder, environ, ["-c", _WITNESSED], echo=False) as (terminal, line):
            terminal.sees("Choose a finding file.")
            monkey.play(terminal)
            assert leave(terminal) == 0, f"MONKEY_SEED={_SEED}\n{report(terminal)}"
            assert not mishaps.exists(), f"MONKEY_SEED={_SEED}\n{mishaps.read_text()}"
            assert_sound(terminal, line)


async def test_a_second_quick_click_closes_nothing_more(tmp_path: Path, desk: Desk) -> None:
    async with at_console(desk, tmp_path, WIDE) as story:
        await story.on(FilesScreen)
        await story.app.push_screen(HelpScreen({}))
        dialog = ConfirmDialog(Content("Sure?"), yes=Content("Yes"), no=Content("No"))
        answers: list[bool | None] = []
        await story.app.push_screen(dialog, answers.append)
        await story.on(ConfirmDialog)
        # The second one comes when it is closed; the first, when an error has come to lie on it.
        story.app.show_error(BadInput("An error."))
        await story.on(ErrorDialog)
        for _ in range(3):
            dialog.post_message(Button.Pressed(dialog.query_one("#yes", Button)))
        await story.on(HelpScreen)
        await story.pilot.pause()
        assert isinstance(story.app.screen, HelpScreen)
        assert answers == [True]


def test_the_window_is_followed_though_a_shell_exports_a_size(folder: Path, environ: dict[str, str]) -> None:
    with console(folder, {**environ, "COLUMNS": "80", "LINES": "24"}) as (terminal, _):
        terminal.sees("Choose a finding file.")
        terminal.resize(120, 30)
        terminal.until(lambda: "q Quit" in terminal.lines[29], "the footer on the last line")


_CRASHES: Final = """
from screens import app
from console.cli import main

def crash(self):
    raise RuntimeError("HOSTILE \\x1b]0;title\\x07")

app.ConsoleApp.action_help = crash
main()
"""


def test_a_crash_gives_the_terminal_back(folder: Path, environ: dict[str, str]) -> None:
    with console(folder, environ, ["-c", _CRASHES]) as (terminal, line):
        terminal.sees("Choose a finding file.")
        terminal.press("?")
        code = terminal.wait()
        assert code == 1
        assert terminal.given_back()
        assert termios.tcgetattr(line.descriptor) == line.before
        assert "ocsf-console failed, and this is its fault." in report(terminal)
        assert "RuntimeError" in report(terminal)
    assert FOREIGN.findall(bytes(terminal.raw)) == []


_MARKS_IT_USUAL: Final = """
import os, termios
from console.cli import main

def set_and_mark(descriptor, when, attributes, really=termios.tcsetattr):
    really(descriptor, when, attributes)
    if attributes[3] & termios.ISIG:
        os.write(descriptor, b"[usual again]")

termios.tcsetattr = set_and_mark
main()
"""


@pytest.mark.parametrize("left", ["by the key", "by an editor and the key", "by a signal"])
def test_the_terminal_obeys_ctrl_c_again_only_when_all_is_written(
    folder: Path, environ: dict[str, str], left: str
) -> None:
    with console(folder, environ, ["-c", _MARKS_IT_USUAL]) as (terminal, _):
        terminal.sees("Choose a finding file.")
        begun = len(terminal.raw)
        if "editor" in left:
            terminal.press("down", "e")
            terminal.until(lambda: b"\x1b[?1049h" in terminal.raw[begun:], "the console again")
            before = terminal.raw[begun:].partition(b"[usual again]")[0]
            assert before.endswith(b"\x1b[?1004l")
        if "signal" in left:
            terminal.process.terminate()
        else:
            terminal.press("q")
        terminal.wait()
        assert terminal.given_back()
        assert terminal.raw.endswith(b"[usual again]")


async def test_no_page_is_turned_of_a_list_without_room(tmp_path: Path, desk: Desk) -> None:
    async with at_console(desk, tmp_path, WIDE) as story:
        await story.on(FilesScreen)
        lines = [Content(f"{number}") for number in range(9)]
        await story.app.push_screen(PickDialog(Content("Which?"), lines, Content("None")))
        await turn_pages(story, story.app.screen.query_one(PickList))
        await story.app.push_screen(CommandPalette())
        await turn_pages(story, story.app.screen.query_one(CommandList))


async def turn_pages(story: Story, choices: OptionList) -> None:
    """Take its room from a list, and turn its pages; then leave it."""
    choices.styles.height = 0
    await story.pilot.pause()
    choices.set_options([Content(f"{number}") for number in range(9)])
    choices.highlighted = 1
    await story.pilot.press("pagedown", "escape", "escape")
    await story.on(FilesScreen)


@pytest.mark.parametrize(("row", "item"), [(-1, None), (0, "first"), (1, "second"), (2, None)])
def test_a_cursor_above_or_below_all_rows_is_on_none(row: int, item: str | None) -> None:
    table: DataTable[str] = DataTable()
    table.set_reactive(DataTable.cursor_coordinate, Coordinate(row, 0))
    assert under_cursor(table, ["first", "second"]) == item
    assert under_cursor(table, []) is None


async def test_a_second_palette_is_not_opened_over_what_lies_on_the_first(tmp_path: Path, desk: Desk) -> None:
    async with at_console(desk, tmp_path, WIDE) as story:
        await story.on(FilesScreen)
        await story.pilot.press("ctrl+p")
        palette = await story.on(CommandPalette)
        story.app.show_error(BadInput("An error."))
        await story.on(ErrorDialog)
        story.app.action_command_palette()
        await story.pilot.press("enter")
        assert await story.on(CommandPalette) is palette


async def test_a_key_from_before_the_palette_came_leads_nowhere_below_it(tmp_path: Path, desk: Desk) -> None:
    async with at_console(desk, tmp_path, WIDE) as story:
        await story.on(FilesScreen)
        story.app.action_command_palette()
        await story.app.run_action("switch_mode('jobs')")
        await story.on(CommandPalette)
        assert story.app.current_mode == "files"
        await story.sees("Search for commands")


async def test_a_palette_that_is_closed_as_it_opens_is_gone(tmp_path: Path, desk: Desk) -> None:
    async with at_console(desk, tmp_path, WIDE) as story:
        await story.on(FilesScreen)
        story.app.action_command_palette()
        story.app.pop_screen()
        await story.pilot.pause()
        await story.press("ctrl+p")
        await story.on(CommandPalette)


async def test_a_button_pressed_on_what_has_gone_and_is_drawn_yet_does_nothing(tmp_path: Path, desk: Desk) -> None:
    async with at_console(desk, tmp_path, WIDE) as story:
        await story.on(FilesScreen)
        await story.press("question_mark")
        line = (await story.on(HelpScreen)).query(".help-what").first(Static)
        await story.until(lambda: bool(line.region))
        x, y = line.region.offset
        await line.remove()
        assert story.app.get_widget_at(x, y)[0] is line
        await story.app.on_event(MouseDown(None, x, y, 0, 0, 1, False, False, False, x, y))
        await story.press("escape")
        await story.on(FilesScreen)


async def test_a_click_on_an_option_that_has_gone_chooses_none(tmp_path: Path, desk: Desk) -> None:
    async with at_console(desk, tmp_path, WIDE) as story:
        await story.on(FilesScreen)
        await story.app.push_screen(PickDialog(Content("Which?"), [Content("One.")], Content("None")))
        click_on_option(story.app.screen.query_one(PickList), 1)
        await story.app.push_screen(Palette())
        click_on_option(story.app.screen.query_one(CommandList), 99)
        await story.pilot.press("escape", "escape")
        await story.on(FilesScreen)


def click_on_option(options: OptionList, number: int) -> None:
    """Click on an option as it was drawn, whether it is there or not."""
    style = Style(meta={"option": number})
    options.post_message(Click(options, 1, 1, 0, 0, 1, False, False, False, 1, 1, style))


async def test_a_screen_that_is_opened_as_the_console_ends_does_no_harm(tmp_path: Path, desk: Desk) -> None:
    async with at_console(desk, tmp_path, WIDE) as story:
        await story.on(FilesScreen)
        story.app.exit()
        story.app.push_screen(LogScreen())
    assert story.app.return_code == 0


@pytest.mark.parametrize("leave_it", [ConsoleApp.exit, ConsoleApp.pop_screen])
async def test_a_palette_that_loses_its_list_as_it_goes_is_no_mishap(
    tmp_path: Path, desk: Desk, caplog: pytest.LogCaptureFixture, leave_it: Callable[[ConsoleApp], object]
) -> None:
    async with at_console(desk, tmp_path, WIDE) as story:
        await story.on(FilesScreen)
        await story.app.push_screen(Palette())
        palette = await story.on(CommandPalette)
        typed = Input.Changed(palette.query_one(Input), "jobs")
        await palette.query("*").remove()
        palette.post_message(typed)
        leave_it(story.app)
    assert caplog.messages == []


async def test_a_command_of_a_screen_that_was_left_before_its_turn_does_nothing(tmp_path: Path, desk: Desk) -> None:
    async with at_console(desk, tmp_path, WIDE) as story:
        await story.on(FilesScreen)
        await story.press("exclamation_mark")
        log = await story.on(LogScreen)
        await story.press("escape")
        await story.on(FilesScreen)
        assert not await story.app.run_action("back", log)
        await story.on(FilesScreen)


async def test_a_command_of_a_screen_that_was_covered_before_its_turn_does_nothing(tmp_path: Path, desk: Desk) -> None:
    async with at_console(desk, tmp_path, WIDE) as story:
        await story.on(FilesScreen)
        await story.press("exclamation_mark")
        log = await story.on(LogScreen)
        story.app.show_error(BadInput("An error."))
        assert not await story.app.run_action("back", log)
        await story.on(ErrorDialog)
        await story.press("escape")
        await story.on(LogScreen)
        await story.press("escape")
        await story.on(FilesScreen)


async def test_no_screen_takes_a_size_that_the_terminal_had_before(tmp_path: Path, desk: Desk) -> None:
    async with at_console(desk, tmp_path, WIDE) as story:
        await story.on(FilesScreen)
        await story.app.push_screen(ConfirmDialog(Content("Sure?"), yes=Content("Yes"), no=Content("No")))
        await story.on(ConfirmDialog)
        await story.press("ctrl+p")
        await story.on(CommandPalette)
        for screen in story.app.screen_stack:
            await story.until(partial(screen.has_class, "-wide"))
            screen.post_message(Resize.from_dimensions((20, 5), None))
            await story.pilot.pause()
            assert screen.has_class("-wide")
