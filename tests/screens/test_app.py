"""The app around the screens: modes, help, palette, and what happens when something goes wrong."""

from __future__ import annotations

import importlib
import inspect
import logging
import pkgutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from textual import work
from textual.binding import Binding, BindingType
from textual.command import CommandPalette
from textual.content import Content
from textual.events import Key, MouseDown, MouseUp
from textual.widgets import Static

import screens
import screens.app
from console.config import UiConfig
from console.errors import BadInput, ConsoleError
from console.submissions.desk import Desk
from screens.app import ConsoleApp
from screens.files import FilesScreen
from screens.help import HelpScreen
from screens.jobs import JobsScreen
from screens.memory import Memory
from screens.navigation import OpenRecords
from screens.records import RecordsScreen
from screens.targets import TargetsScreen
from screens.widgets.dialogs import ConfirmDialog, ErrorDialog
from screens.widgets.text import plain
from tests.screens.conftest import Look
from tests.screens.job_stories import NARROW, WIDE, Story, app_at, at_console, make_desk
from tests.screens.scan import scan

CANARY = "canary-" + "7f3a9c"
"""A secret that only ever is a local variable."""


async def test_the_modes_are_a_digit_away_and_keep_their_place(tmp_path: Path, desk: Desk) -> None:
    async with at_console(desk, tmp_path) as story:
        await story.on(FilesScreen)
        story.app.post_message(OpenRecords(scan(tmp_path)))
        await story.on(RecordsScreen)
        await story.press("2")
        await story.on(JobsScreen)
        await story.press("3")
        await story.on(TargetsScreen)
        await story.press("1")
        await story.on(RecordsScreen)


async def test_the_modes_are_a_click_away(tmp_path: Path, desk: Desk) -> None:
    async with at_console(desk, tmp_path) as story:
        files = await story.on(FilesScreen)
        bar = story.text.splitlines()[0]
        for name, screen in (("Jobs", JobsScreen), ("3 Targets", TargetsScreen), ("1", FilesScreen)):
            await story.pilot.click(offset=(bar.index(name), 0))
            await story.on(screen)
        await story.pilot.click(offset=(bar.index("Targets") + len("Targets"), 0))
        assert story.app.screen is files


async def test_q_goes_back_and_quits_from_the_top(tmp_path: Path, desk: Desk) -> None:
    async with at_console(desk, tmp_path) as story:
        story.app.post_message(OpenRecords(scan(tmp_path)))
        await story.on(RecordsScreen)
        await story.press("q")
        await story.on(FilesScreen)
        await story.press("q")
        await story.until(lambda: not story.app.is_running)
        assert story.app.return_code == 0


async def test_help_lists_every_command_of_the_screen(tmp_path: Path, desk: Desk) -> None:
    async with at_console(desk, tmp_path, (120, 50)) as story:
        screen = await story.on(FilesScreen)
        await story.press("question_mark")
        help_screen = await story.on(HelpScreen)
        told = {str(line.content) for line in help_screen.query(".help-what").results(Static)}
        ours = {one.binding.tooltip for one in screen.active_bindings.values() if one.binding.tooltip}

        assert "Page through the records of the file" in told
        assert told == ours

        await story.press("escape")
        await story.on(FilesScreen)


def _bindings() -> Iterator[tuple[str, BindingType]]:
    """Every binding that a class of ours defines, and the name of the class."""
    for module in pkgutil.walk_packages(screens.__path__, "screens."):
        for name, kind in inspect.getmembers(importlib.import_module(module.name), inspect.isclass):
            if kind.__module__ == module.name:
                yield from ((name, binding) for binding in vars(kind).get("BINDINGS", ()))


def test_every_command_has_a_name_for_keymaps_and_says_what_it_does() -> None:
    found = list(_bindings())

    assert len(found) > 30
    for name, binding in found:
        assert isinstance(binding, Binding), f"{name}: {binding}"
        assert binding.id, f"{name}: {binding.key}"
        assert binding.tooltip, f"{name}: {binding.key}"


async def test_the_palette_offers_nothing_that_writes_files(tmp_path: Path, desk: Desk) -> None:
    async with at_console(desk, tmp_path) as story:
        story.app.post_message(OpenRecords(scan(tmp_path)))
        await story.on(RecordsScreen)
        offered = [command.title for command in story.app.get_system_commands(story.app.screen)]
        assert offered.count("Back") == 1
        await story.press("q")
        await story.on(FilesScreen)
        titles = {command.title for command in story.app.get_system_commands(story.app.screen)}

        assert "Screenshot" not in titles
        assert {"Help", "Theme", "Quit"} <= titles


async def test_an_error_is_a_dialog_and_the_app_lives_on(tmp_path: Path, desk: Desk) -> None:
    async with at_console(desk, tmp_path) as story:
        await story.on(FilesScreen)
        story.app.show_error(BadInput("The file [b]x[/y] is odd.", hint="Mend it."))
        await story.on(ErrorDialog)
        await story.sees("The file [b]x[/y] is odd.", "Mend it.")
        await story.press("enter")
        await story.on(FilesScreen)


async def test_an_error_that_comes_again_is_one_dialog(tmp_path: Path, desk: Desk) -> None:
    async with at_console(desk, tmp_path) as story:
        await story.on(FilesScreen)
        for message in ("first", "second", "second"):
            story.app.show_error(BadInput(message))
            await story.pilot.pause()
        await story.press("escape", "escape")
        await story.on(FilesScreen)


async def test_a_question_is_answered_safely_unless_one_means_it(tmp_path: Path, desk: Desk) -> None:
    answers: list[bool | None] = []
    async with at_console(desk, tmp_path) as story:
        for keys in (("enter",), ("escape",), ("n",), ("q",), ("y",), ("right", "enter")):
            story.app.push_screen(ConfirmDialog(plain("Go ahead?"), yes=plain("Go")), answers.append)
            await story.on(ConfirmDialog)
            await story.press(*keys)
            await story.on(FilesScreen)

    assert answers == [False, False, False, False, True, True]


async def test_what_was_pressed_before_a_question_was_seen_is_no_answer(tmp_path: Path, desk: Desk) -> None:
    answers: list[bool | None] = []
    async with at_console(desk, tmp_path) as story:
        early = Key("y", "y")
        dialog = ConfirmDialog(plain("Go ahead?"), yes=plain("Go"))
        story.app.push_screen(dialog, answers.append)
        # They are heard before it is drawn; after it; and on the way back from a widget that had no use for them.
        story.app.post_message(early)
        assert not dialog.is_seen
        await story.on(ConfirmDialog)
        assert "Go ahead?" in story.text
        for key in (Key("y", "y"), Key("right", None), Key("enter", "\r")):
            key.time = early.time
            story.app.post_message(key)
        back = Key("y", "y")
        back.time = early.time
        back._set_forwarded()
        dialog.post_message(back)
        x, y = dialog.query_one("#yes").region.offset
        for kind in (MouseDown, MouseUp):
            event = kind(None, x, y, 0, 0, 1, shift=False, meta=False, ctrl=False)
            event.time = early.time
            story.app.post_message(event)
        await story.pilot.pause()
        assert story.app.screen is dialog

        # What lay on it for a moment was in the way.
        story.app.show_error(BadInput("By the way."))
        await story.on(ErrorDialog)
        await story.sees("By the way.")
        for key in (Key("enter", "\r"), Key("y", "y")):
            story.app.post_message(key)
        await story.on(ConfirmDialog)
        await story.pilot.pause()
        assert answers == []

        await story.press("y")
        await story.on(FilesScreen)
    assert answers == [True]


async def test_read_only_is_said_on_every_screen(tmp_path: Path) -> None:
    desk = make_desk("http://127.0.0.1:9", tmp_path / "state", key=None, ui=UiConfig(read_only=True))
    async with at_console(desk, tmp_path) as story:
        for key in "123":
            await story.press(key)
            await story.sees("read-only")


async def test_a_theme_that_does_not_exist_is_no_reason_to_fail(tmp_path: Path) -> None:
    desk = make_desk("http://127.0.0.1:9", tmp_path / "state", key=None, ui=UiConfig(theme="no-such-theme"))
    async with at_console(desk, tmp_path) as story:
        await story.on(FilesScreen)


async def test_a_theme_is_remembered_when_it_was_chosen_and_until_another_is_configured(tmp_path: Path) -> None:
    memory = Memory(None)

    async def theme_of_run(configured: str, chosen: str = "") -> str:
        ui = UiConfig(theme=configured)
        desk = make_desk("http://127.0.0.1:9", tmp_path / "state", key=None, ui=ui)
        app = app_at(desk, tmp_path, memory)
        async with app.run_test() as pilot:
            story = Story(app, pilot, [])
            await story.on(FilesScreen)
            begins_with = app.theme
            if chosen:
                app.action_change_theme()
                await story.on(CommandPalette)
                await story.press(*chosen)
                await story.sees(chosen)
                await story.press("down", "enter")
                await story.until(lambda: app.theme == chosen)
                await pilot.pause()
        await desk.close()
        return begins_with

    assert await theme_of_run("nord") == "nord"
    assert await theme_of_run("gruvbox", chosen="dracula") == "gruvbox"
    assert await theme_of_run("gruvbox") == "dracula"
    assert await theme_of_run("nord", chosen="dracula") == "nord"
    assert await theme_of_run("nord", chosen="nord") == "dracula"
    assert await theme_of_run("no-such-theme") == "textual-dark"
    assert memory.now.theme == ""


class FailingApp(ConsoleApp):
    """Fails where it is told to, with a secret at hand."""

    CSS_PATH = str(Path(screens.app.__file__).with_name("app.tcss"))

    BINDINGS = [Binding("ctrl+x", "crash", "Crash")]

    @work
    async def fail_in_worker(self, error: Exception) -> None:
        """Fail where most work is done."""
        secret = CANARY
        assert secret
        raise error

    def action_crash(self) -> None:
        """Fail where nobody can carry on."""
        secret = CANARY
        assert secret
        raise RuntimeError("\x1b]0;title\x07 [/x]")


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (BadInput("The worker could not."), "The worker could not."),
        (KeyError("a [/x] \x1b[31m key"), "KeyError in"),
    ],
)
async def test_a_worker_that_fails_is_a_dialog(
    tmp_path: Path, desk: Desk, error: Exception, said: str, caplog: pytest.LogCaptureFixture
) -> None:
    app = FailingApp(desk.config, lambda: desk, tmp_path)
    async with app.run_test() as pilot:
        story = Story(app, pilot, [])
        app.fail_in_worker(error)
        await story.on(ErrorDialog)
        await story.sees(said)
        await story.press("escape")
        await story.on(FilesScreen)
    await desk.close()

    assert CANARY not in caplog.text
    assert ("fail_in_worker" in caplog.text) is not isinstance(error, ConsoleError)


async def test_a_crash_says_so_without_any_value_of_a_variable(
    tmp_path: Path, desk: Desk, capsys: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    app = FailingApp(desk.config, lambda: desk, tmp_path)

    async def crash() -> None:
        async with app.run_test() as pilot:
            await pilot.press("ctrl+x")

    with pytest.raises(RuntimeError):
        await crash()
    await desk.close()
    said = capsys.readouterr().err

    assert app.return_code == 1
    assert "this is its fault" in said
    assert "in action_crash" in said
    assert CANARY not in said + caplog.text
    assert "\x1b]0" not in said


@pytest.mark.parametrize("size", [NARROW, WIDE], ids=["narrow", "wide"])
def test_look_of_the_help(
    desk: Desk, tmp_path: Path, look: Look, size: tuple[int, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)

    async def story(story: Story) -> None:
        await story.sees("no finding files")
        await story.press("question_mark")
        await story.on(HelpScreen)

    assert look(desk, Path(), story, size)


@pytest.mark.parametrize("size", [NARROW, WIDE], ids=["narrow", "wide"])
def test_look_of_an_error(
    desk: Desk, tmp_path: Path, look: Look, size: tuple[int, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)

    async def story(story: Story) -> None:
        await story.sees("no finding files")
        story.app.show_error(BadInput("scan.json can't be read: permission denied.", hint="Ask who owns it."))
        await story.on(ErrorDialog)

    assert look(desk, Path(), story, size)


async def test_a_screen_is_not_drawn_while_another_one_covers_it(tmp_path: Path, desk: Desk) -> None:
    async with at_console(desk, tmp_path) as story:
        files = await story.on(FilesScreen)
        await story.press("question_mark")
        await story.on(HelpScreen)
        drawn = files.is_current
        assert drawn  # it is seen around the dialog
        await story.press("escape")
        await story.on(FilesScreen)

        story.app.post_message(OpenRecords(scan(tmp_path)))
        await story.on(RecordsScreen)
        await story.sees("finding number 0")
        drawn = files.is_current
        assert not drawn
        files.show_context(Content("what changed below"))
        await story.press("down")
        await story.sees("finding number 1")
        await story.press("q")
        await story.on(FilesScreen)
        await story.sees("what changed below")
