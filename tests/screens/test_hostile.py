"""Hostile findings and answers on every screen, in one process: they are shown, as text, and nothing obeys them."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from console.config_file import ConfigFile
from console.credentials import Secret
from console.records.faults import FaultCode
from console.submissions.desk import Desk
from screens.compare import CompareScreen
from screens.convert import ConvertDialog
from screens.export import ExportDialog
from screens.files import FilesScreen
from screens.job import JobScreen
from screens.jobs import JobsScreen
from screens.memory import Remembered
from screens.navigation import OpenCompare, OpenJob, OpenRecords, OpenSubmit, OpenValidation
from screens.records import RecordsScreen
from screens.repair import RepairDialog
from screens.rules_dialog import RulesDialog
from screens.settle import SettleScreen
from screens.submit import SubmitScreen
from screens.target_form import TargetForm
from screens.targets import TargetsScreen
from screens.validation import ExamplesFound, ValidationScreen
from screens.widgets.dialogs import ConfirmDialog, ValueDialog
from screens.widgets.pick_dialog import PickDialog
from screens.widgets.record_columns import COLUMNS
from screens.widgets.record_detail import PlaceRead
from screens.widgets.save_dialog import SaveDialog
from screens.widgets.saved_filters import SavedFilters
from tests.hostile import FOREIGN, MARK, TEXTS, hostile_file, other_hostile_file, whole_hostile_file
from tests.screens.hostile_target import FIRST, Manners, hostile_target
from tests.screens.job_stories import NARROW, WIDE, Story, at_console, make_desk


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with a hostile file in it, and a hostile name."""
    folder = tmp_path / "scans \x1b]0;HOSTILE\x07 [b]\u202e"
    folder.mkdir()
    return folder


def assert_clean(story: Story) -> None:
    """What is on the screen holds nothing that a terminal would obey."""
    found = FOREIGN.search(story.text.encode("utf-8", "surrogatepass"))
    assert found is None, f"{found!r} in\n{story.text}"
    assert "\x1b" not in story.text


async def test_a_hostile_folder_and_file_are_named_and_summed_up(folder: Path, desk: Desk) -> None:
    hostile_file(folder)
    async with at_console(desk, folder, WIDE) as story:
        screen = await story.on(FilesScreen)
        await story.sees(MARK)
        screen.folders.move_cursor(screen.folders.root.children[0])
        await story.sees("Severity", "places can't be read")
        assert_clean(story)
        screen.summary.scroll_end(animate=False)
        await story.pilot.pause()
        assert_clean(story)


async def test_hostile_files_are_found_repaired_and_converted_without_harm(folder: Path, desk: Desk) -> None:
    path = hostile_file(folder)
    async with at_console(desk, folder, WIDE) as story:
        screen = await story.on(FilesScreen)
        await story.sees(MARK)
        await story.press("slash", "h", "o", "s", "t", "i", "l", "e")
        await story.sees("1 of 1 file", "Severity")
        assert_clean(story)
        await story.press("escape")
        await story.until(lambda: screen.file == path)
        for key, dialog, said in (("R", RepairDialog, "Dropped"), ("c", ConvertDialog, "Not converted")):
            await story.press(key)
            asking = await story.on(dialog)
            await story.until(lambda asking=asking: "findings." in asking.name_input.value)  # type: ignore[misc]
            assert_clean(story)
            await story.press("enter")
            await story.sees(said)
            assert_clean(story)
            asking.query_one("#account-page").scroll_end(animate=False)
            await story.pilot.pause()
            assert_clean(story)
            await story.press("escape")
            await story.on(FilesScreen)
        await story.press("ctrl+r")
        await story.sees("No file yet")
        await story.press("escape", "o")
        await story.on(RecordsScreen)
        await story.press("escape", "ctrl+r")
        await story.on(PickDialog)
        await story.sees(MARK, "opened")
        assert_clean(story)


async def test_hostile_scans_are_compared_without_harm(folder: Path, desk: Desk) -> None:
    async with at_console(desk, folder, WIDE) as story:
        story.app.post_message(OpenCompare(hostile_file(folder), other_hostile_file(folder)))
        screen = await story.on(CompareScreen)
        for _ in range(3):
            await story.sees("stand as before")
            for row in range(screen.table.row_count):
                screen.table.move_cursor(row=row)
                await story.pilot.pause()
                assert_clean(story)
            await story.press("right")
        await story.press("x")
        await story.sees("stand as before")
        assert_clean(story)


@pytest.mark.parametrize("size", [NARROW, WIDE], ids=["narrow", "wide"])
async def test_every_hostile_record_can_be_read(folder: Path, desk: Desk, size: tuple[int, int]) -> None:
    path = hostile_file(folder)
    async with at_console(desk, folder, size) as story:
        story.app.post_message(OpenRecords(path))
        screen = await story.on(RecordsScreen)
        await story.sees("broken")
        for row in range(screen.table.count):
            screen.table.cursor = row
            await story.until(lambda: bool(story.posted(PlaceRead)) and story.posted(PlaceRead)[-1].row == row)  # noqa: B023
            await story.pilot.pause()
            screen.record.root.expand_all()
            await story.pilot.pause()
            assert_clean(story)
            screen.record.scroll_end(animate=False)
            await story.pilot.pause()
            assert_clean(story)

        assert screen.table.count > len(TEXTS)


async def test_hostile_records_are_sorted_marked_and_copied_without_harm(folder: Path, desk: Desk) -> None:
    path = hostile_file(folder)
    async with at_console(desk, folder, WIDE) as story:
        story.app.post_message(OpenRecords(path))
        screen = await story.on(RecordsScreen)
        await story.sees("broken")
        await story.press("w")
        for column in range(len(COLUMNS)):
            screen.table.column = column
            await story.press("S")
            await story.until(lambda: screen.table.sort == screen.table.wanted)
            await story.press("home", "space", "y", "Y", "i")
            await story.pilot.pause()
            assert_clean(story)
        await story.press("enter")
        for _ in range(8):
            await story.press("i", "y", "ctrl+y")
            await story.pilot.pause()
            assert_clean(story)
        assert story.app.clipboard


async def test_a_hostile_filter_is_saved_and_shown_without_harm(folder: Path, desk: Desk) -> None:
    path = hostile_file(folder)
    async with at_console(desk, folder) as story:
        hostile = {name[:40]: text[:2_000] for name, text in zip(TEXTS.values(), TEXTS.values(), strict=True)}
        story.app.remember(Remembered(saved_filters=hostile, filters=tuple(hostile.values())))
        story.app.post_message(OpenRecords(path))
        await story.on(RecordsScreen)
        await story.sees("broken")
        await story.press("F")
        await story.on(SavedFilters)
        await story.sees("[@click=app.quit]")
        for _ in hostile:
            await story.press("down")
            assert_clean(story)
        await story.press("escape", "slash")
        for _ in hostile:
            await story.press("up")
            assert_clean(story)


async def test_every_hostile_value_can_be_read_as_a_whole(tmp_path: Path, desk: Desk) -> None:
    async with at_console(desk, tmp_path) as story:
        for text in TEXTS.values():
            story.app.push_screen(ValueDialog(text[:50], text))
            await story.on(ValueDialog)
            await story.sees(MARK, "characters")
            assert_clean(story)
            await story.press("escape")
            await story.on(FilesScreen)


async def test_what_validation_says_of_hostile_records_is_harmless(folder: Path, desk: Desk) -> None:
    path = hostile_file(folder)
    async with at_console(desk, folder, WIDE) as story:
        story.app.post_message(OpenValidation(path))
        screen = await story.on(ValidationScreen)
        await story.sees("records are invalid")
        for row in range(screen.groups.row_count):
            screen.groups.move_cursor(row=row)
            kind = screen.groups.kind
            assert kind is not None
            is_of_records = kind[0].code not in set(FaultCode)
            await story.until(
                lambda: not is_of_records or any(one.kind is kind for one in story.posted(ExamplesFound))  # noqa: B023
            )
            await story.pilot.pause()
            assert_clean(story)
        for key, dialog in (("t", RulesDialog), ("x", ExportDialog)):
            await story.press(key)
            await story.on(dialog)
            await story.pilot.pause()
            assert_clean(story)
            await story.press("escape")
            await story.on(ValidationScreen)
        screen.groups.move_cursor(row=next(row for row, one in enumerate(screen.groups.kinds) if one[0].path))
        await story.press("enter")
        await story.on(RecordsScreen)
        await story.sees("records", MARK)
        assert_clean(story)


async def test_a_target_with_hostile_settings_is_harmless(tmp_path: Path, desk: Desk) -> None:
    file = ConfigFile(tmp_path / "config.toml", {})
    settings = {"kind": "security-hub", "region": TEXTS["controls"], "aws_profile": MARK + "\x1b]0;x\x07[b]"}
    async with at_console(desk, tmp_path, WIDE, file) as story:
        await story.press("3")
        await story.sees("prowler")
        await story.app.use_targets(file.add("hub", settings))
        await story.press("r")
        await story.sees("hub security-hub by AWS file")
        assert_clean(story)
        screen = await story.on(TargetsScreen)
        screen.table.move_cursor(row=[one.name for one in screen.table.targets].index("hub"))
        await story.press("e")
        await story.on(TargetForm)
        await story.sees("What is there can't be shown")
        assert_clean(story)
        await story.press("ctrl+s")
        await story.sees("hub: kept in")
        assert_clean(story)


@asynccontextmanager
async def at_hostile_target(
    folder: Path, state: Path, manners: Manners | None = None, others: Mapping[str, str] | None = None
) -> AsyncIterator[Story]:
    """The app, with a target that answers with what attackers write."""
    with hostile_target(manners or Manners()) as url:
        desk = make_desk(url, state, key=Secret("key"), others=others)
        async with at_console(desk, folder, WIDE) as story:
            yield story


async def test_a_hostile_list_of_jobs_is_harmless(tmp_path: Path) -> None:
    async with at_hostile_target(tmp_path, tmp_path / "state") as story:
        await story.press("2")
        screen = await story.on(JobsScreen)
        await story.sees(MARK)
        for row in range(screen.table.count):
            screen.table.cursor = row
            await story.pilot.pause()
            assert_clean(story)


async def test_a_hostile_job_and_its_errors_are_harmless(tmp_path: Path) -> None:
    async with at_hostile_target(tmp_path, tmp_path / "state") as story:
        story.app.post_message(OpenJob("prowler", FIRST))
        screen = await story.on(JobScreen)
        await story.sees("failed", MARK)
        for row in range(screen.errors.rows.row_count):
            screen.errors.rows.move_cursor(row=row)
            await story.pilot.pause()
            assert_clean(story)
        for key, words in (("t", "says prowler"), ("c", "groups"), ("enter", "esc shows the groups")):
            await story.press(key)
            await story.sees(words)
            assert_clean(story)
        await story.press("e")
        await story.on(SaveDialog)
        assert_clean(story)
        await story.press("escape", "escape", "escape", "x")
        await story.pilot.pause()
        assert_clean(story)


async def test_a_hostile_refusal_is_harmless(folder: Path, tmp_path: Path) -> None:
    path = whole_hostile_file(folder)
    async with at_hostile_target(folder, tmp_path / "state") as story:
        story.app.post_message(OpenSubmit(path))
        await story.on(SubmitScreen)
        await story.sees("Nothing has been sent yet.")
        assert_clean(story)
        await story.press("s")
        await story.on(ConfirmDialog)
        assert_clean(story)
        await story.press("y")
        await story.on(SubmitScreen)
        await story.sees("422")
        assert_clean(story)


async def test_a_hostile_target_among_all_targets_is_harmless(tmp_path: Path) -> None:
    with hostile_target(Manners(list=403)) as denying:
        async with at_hostile_target(tmp_path, tmp_path / "state", others={"staging": denying}) as story:
            await story.press("2")
            screen = await story.on(JobsScreen)
            await story.press("t", "end", "enter")
            await story.sees("Without staging:", MARK)
            for row in range(screen.table.count):
                screen.table.cursor = row
                await story.pilot.pause()
                assert_clean(story)


async def test_a_hostile_submission_in_doubt_and_what_can_be_it_are_harmless(folder: Path, tmp_path: Path) -> None:
    path = whole_hostile_file(folder)
    manners = Manners(submit=503, total=len(TEXTS) + 1)
    async with at_hostile_target(folder, tmp_path / "state", manners) as story:
        story.app.post_message(OpenSubmit(path))
        plan = await story.on(SubmitScreen)
        await story.sees("not seen there before", "Nothing has been sent yet.")
        for row in range(plan.plan_view.accounts.row_count):
            plan.plan_view.accounts.move_cursor(row=row)
            await story.pilot.pause()
            assert_clean(story)
        await story.press("s")
        await story.on(ConfirmDialog)
        assert_clean(story)
        await story.press("y")
        await story.sees("The outcome is unknown.", "Looking for what became of it")
        assert_clean(story)
        await story.press("e")
        screen = await story.on(SettleScreen)
        await story.sees("jobs of prowler can be it:", MARK)
        for row in range(screen.candidates.row_count):
            screen.candidates.move_cursor(row=row)
            await story.pilot.pause()
            assert_clean(story)
        await story.press("a")
        await story.on(ConfirmDialog)
        assert_clean(story)
        await story.press("y")
        await story.sees("is taken for what became of it")
        assert_clean(story)


async def test_a_hostile_target_is_tested_without_harm(tmp_path: Path) -> None:
    async with at_hostile_target(tmp_path, tmp_path / "state") as story:
        await story.press("3")
        await story.sees("prowler")
        await story.press("t")
        await story.sees("the API key is accepted")
        assert_clean(story)
