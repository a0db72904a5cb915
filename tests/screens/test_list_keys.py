"""The keys that all lists, trees and texts have, and back to the one before by a capital letter."""

from __future__ import annotations

import json
from pathlib import Path

from textual.content import Content

from console.errors import BadInput
from console.ocsf.rules import RuleSet
from console.submissions.desk import Desk
from console.targets.offline import Rules
from screens.commands.everything import GROUPS
from screens.files import FilesScreen
from screens.help import HelpScreen
from screens.log import LogScreen
from screens.rules_dialog import RulesDialog
from screens.widgets.drop_down import Offers
from screens.widgets.live_options import PickList
from screens.widgets.pick_dialog import PickDialog
from screens.widgets.scrolled_text import ScrolledText
from tests.screens.job_stories import at_console
from tests.screens.scan import record, scan
from tests.screens.test_records import open_records


async def test_half_a_page_of_a_table(tmp_path: Path, desk: Desk) -> None:
    async with at_console(desk, tmp_path) as story:
        await story.press("!")
        screen = await story.on(LogScreen)
        await story.press("ctrl+d")
        for number in range(100):
            story.app.log_of_session.add(BadInput(f"number {number}"))
        await story.press("r")
        half = (screen.table.size.height - 1) // 2

        await story.press("ctrl+d", "ctrl+d")
        assert screen.table.cursor_row == 2 * half
        await story.press("ctrl+u")
        assert screen.table.cursor_row == half
        await story.press("G", "ctrl+d")
        assert screen.table.cursor_row == 99
        await story.press("g", "ctrl+u")
        assert screen.table.cursor_row == 0


async def test_half_a_page_of_options(tmp_path: Path, desk: Desk) -> None:
    async with at_console(desk, tmp_path) as story:
        lines = [Content(str(number)) for number in range(100)]
        story.app.push_screen(PickDialog(Content("Which?"), lines, Content("None")))
        dialog = await story.on(PickDialog)
        await story.until(lambda: isinstance(story.app.focused, PickList))
        options = dialog.query_one(PickList)
        await story.until(lambda: options.size.height > 1)
        half = options.scrollable_content_region.height // 2

        await story.press("g", "ctrl+d", "ctrl+d", "ctrl+u")
        assert options.highlighted == half
        await story.press("ctrl+u", "ctrl+u")
        assert options.highlighted == 0
        await story.press("G", "ctrl+d")
        assert options.highlighted == 99


async def test_half_a_page_of_folders(tmp_path: Path, desk: Desk) -> None:
    for number in range(60):
        (tmp_path / f"{number:02}.json").write_text("[]")
    async with at_console(desk, tmp_path) as story:
        tree = (await story.on(FilesScreen)).folders
        await story.until(lambda: tree.last_line == 60)
        half = tree.size.height // 2

        await story.press("g", "ctrl+d", "ctrl+d", "ctrl+u")
        assert tree.cursor_line == half
        await story.press("ctrl+u", "ctrl+u")
        assert tree.cursor_line == 0
        await story.press("G", "ctrl+d")
        assert tree.cursor_line == 60


async def test_half_a_page_of_records_and_of_one_record(tmp_path: Path, desk: Desk) -> None:
    path = tmp_path / "long.json"
    long = {**record(0), **{f"key_{number}": number for number in range(100)}}
    path.write_text(json.dumps([long, *(record(number) for number in range(1, 100))]))
    async with at_console(desk, tmp_path) as story:
        screen = await open_records(story, path)
        await story.sees("100 records")
        half = screen.table.page // 2
        await story.press("ctrl+d", "ctrl+d", "ctrl+u")
        assert screen.table.cursor == half
        await story.press("ctrl+u", "ctrl+u")
        assert screen.table.cursor == 0
        await story.sees("message finding number 0")

        await story.press("enter")
        await story.until(lambda: screen.record.has_focus)
        at, half = screen.record.cursor_line, screen.record.size.height // 2
        await story.press("ctrl+d", "ctrl+d", "ctrl+u")
        assert screen.record.cursor_line == at + half


async def test_a_capital_n_goes_back_wherever_n_goes_on(tmp_path: Path, desk: Desk) -> None:
    for group in GROUPS:
        keys = {command.title(): command.key.split(",") for command in group.commands}
        if "n" in keys.get("Next", ()):
            assert "N" in keys["Previous"], group.title
    async with at_console(desk, tmp_path) as story:
        screen = await open_records(story, scan(tmp_path))
        await story.sees("30 records")
        await story.press("n", "n", "N")
        await story.until(lambda: screen.table.cursor == 1)


async def test_an_open_drop_down_takes_the_keys_of_lists(tmp_path: Path, desk: Desk) -> None:
    async with at_console(desk, tmp_path) as story:
        story.app.push_screen(RulesDialog(Rules(), [f"1.{number}.0" for number in range(30)]))
        dialog = await story.on(RulesDialog)
        await story.until(lambda: dialog.is_mounted and dialog.rules.has_focus)
        await story.press("enter", "j", "enter")
        assert dialog.rules.value == list(RuleSet)[1]
        await story.press("enter", "k", "enter")
        assert dialog.rules.value == next(iter(RuleSet))

        await story.press("tab", "enter", "G", "enter")
        assert dialog.version.value == "1.29.0"
        await story.press("enter")
        half = dialog.version.query_one(Offers).scrollable_content_region.height // 2
        await story.press("g", "ctrl+d", "enter")
        assert dialog.version.value == f"1.{half - 1}.0"


async def test_a_text_is_read_with_the_keys_of_lists(tmp_path: Path, desk: Desk) -> None:
    async with at_console(desk, tmp_path) as story:
        await story.press("question_mark")
        await story.on(HelpScreen)
        await story.until(lambda: isinstance(story.app.focused, ScrolledText))
        text = story.app.screen.query_one(ScrolledText)
        await story.until(lambda: text.max_scroll_y > 10)
        await story.press("j", "j", "k")
        assert text.scroll_target_y == 1
        await story.press("ctrl+d")
        assert text.scroll_target_y == 1 + text.size.height // 2
        await story.press("G")
        assert text.scroll_target_y == text.max_scroll_y
        await story.press("g")
        await story.until(lambda: text.scroll_target_y == 0)


async def test_a_long_entry_of_the_log_can_be_read_to_its_end(tmp_path: Path, desk: Desk) -> None:
    async with at_console(desk, tmp_path) as story:
        story.app.log_of_session.add(BadInput("It is long.", hint="\n".join(f"line {n}" for n in range(100))))
        await story.press("!")
        await story.on(LogScreen)
        await story.sees("line 1")
        await story.press("tab", "G")
        await story.sees("line 99")
