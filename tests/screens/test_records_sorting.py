"""Going through the list of records in another order, and in other columns."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from console.progress import Cancel, Report
from console.submissions.desk import Desk
from screens.memory import Memory
from screens.record_rows import FileRows
from screens.records import RecordsScreen
from screens.sorted_rows import Found, Reordered, Sorting
from screens.widgets.columns_dialog import ColumnsDialog
from screens.widgets.record_columns import COLUMNS, Sort, chosen, lay_out, next_sort
from tests.screens.conftest import Look
from tests.screens.gate import closed_gate
from tests.screens.job_stories import NARROW, WIDE, Story, at_console
from tests.screens.scan import flawed, record, scan
from tests.screens.test_records import issues_are_counted, open_records
from tests.screens.test_records_filter import filtered


def numbers(story: Story, screen: RecordsScreen) -> list[int]:
    """The numbers of the records on the screen, from the top."""
    return [line.number for line in screen.table.lines if line.number is not None]


async def test_the_list_is_sorted_by_the_column_under_the_cursor(tmp_path: Path, desk: Desk) -> None:
    async with at_console(desk, tmp_path, WIDE) as story:
        screen = await open_records(story, scan(tmp_path, 60))
        await story.sees("60 records")
        await story.press("j", "right", "S")
        await story.sees("Severity ▼")
        await story.until(lambda: numbers(story, screen)[:4] == [0, 6, 12, 18])
        # The cursor stays on the record that it was on.
        await story.until(lambda: screen.table.line is not None and screen.table.line.number == 1)

        await story.press("S")
        await story.sees("Severity ▲")
        await story.press("home")
        await story.until(lambda: numbers(story, screen)[:3] == [5, 11, 17])

        await story.press("S")
        await story.until(lambda: "▲" not in story.text and numbers(story, screen)[:3] == [0, 1, 2])


async def test_a_heading_sorts_when_it_is_clicked(tmp_path: Path, desk: Desk) -> None:
    async with at_console(desk, tmp_path, WIDE) as story:
        screen = await open_records(story, scan(tmp_path, 12))
        await story.sees("12 records")
        heading = story.text.splitlines()[1]
        await story.pilot.click(screen.table, offset=(heading.index("Time (UTC)") + 2, 0))
        await story.sees("Time (UTC) ▼")
        await story.until(lambda: numbers(story, screen)[:3] == [11, 10, 9])
        assert screen.table.column_under_cursor.key == "time"


async def test_numbers_turn_the_file_round_with_its_broken_places(tmp_path: Path, desk: Desk) -> None:
    async with at_console(desk, tmp_path, WIDE) as story:
        screen = await open_records(story, flawed(tmp_path))
        await story.sees("2 broken")
        await story.press("S")
        await story.sees("# ▼")
        await story.until(lambda: numbers(story, screen)[:3] == [29, 28, 27])
        await story.press("G")
        await story.until(lambda: screen.table.line is not None and screen.table.line.number == 0)
        await story.sees("broken: ")
        await story.press("S")
        await story.until(lambda: "▼" not in story.text.splitlines()[1] and numbers(story, screen)[0] == 0)


async def test_records_with_errors_come_first_when_sorted_by_issues(tmp_path: Path, desk: Desk) -> None:
    async with at_console(desk, tmp_path, WIDE) as story:
        screen = await open_records(story, flawed(tmp_path))
        await story.sees("2 broken", "1✗")
        screen.table.column = len(COLUMNS) - 1
        await story.press("S")
        await story.until(lambda: sorted(numbers(story, screen)[:2]) == [3, 7])
        assert screen.table.count == 29


async def test_what_a_filter_lets_through_is_sorted_and_all_is_again_without_it(tmp_path: Path, desk: Desk) -> None:
    async with at_console(desk, tmp_path, WIDE) as story:
        screen = await open_records(story, scan(tmp_path, 60))
        await story.sees("60 records")
        screen.table.column = [column.key for column in screen.table.columns].index("time")
        await story.press("S")
        await story.until(lambda: numbers(story, screen)[:2] == [59, 58])

        await filtered(story, "severity=low")
        await story.sees("10 of 60 records")
        await story.until(lambda: numbers(story, screen)[:3] == [58, 52, 46])
        await story.press("j")
        await story.sees("message finding number 52")
        await story.press("escape")
        await story.until(lambda: screen.table.count == 60 and numbers(story, screen)[:1] == [59])
        await story.until(lambda: screen.table.line is not None and screen.table.line.number == 52)


async def test_a_list_that_is_not_sorted_yet_can_be_used_and_sorting_be_stopped(
    tmp_path: Path, desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    started: list[Sort] = []

    def for_ever(_self: Sorting, _base: Found, tell: Report, cancel: Cancel, *, descending: bool) -> Reordered:
        started.append(Sort("", descending))
        while True:
            cancel.check()

    monkeypatch.setattr(Sorting, "rows", for_ever)
    async with at_console(desk, tmp_path) as story:
        screen = await open_records(story, scan(tmp_path, 3_000))
        await story.sees("3,000 records")
        await story.press("right", "S")
        await story.until(lambda: bool(started))
        await story.press("j", "j", "j")
        await story.sees("message finding number 3")

        await story.press("escape")
        assert screen.table.wanted is None
        assert story.app.screen is screen
        await story.press("escape")
        await story.until(lambda: story.app.screen is not screen)


async def test_sorting_waits_for_nothing_but_what_it_needs(tmp_path: Path, desk: Desk) -> None:
    with closed_gate(FileRows) as gate:
        async with at_console(desk, tmp_path) as story:
            screen = await open_records(story, scan(tmp_path, 5_000))
            await story.sees("message finding number 0")
            await story.press("S")
            await story.press("j")
            await story.sees("message finding number 1")
            assert screen.table.sort is None
            gate.set()
            await story.sees("# ▼")
            await story.until(lambda: screen.table.line is not None and screen.table.line.number == 1)
            await story.until(lambda: screen.table.cursor == 4_998)


async def test_columns_are_hidden_moved_and_remembered(tmp_path: Path, desk: Desk) -> None:
    path = scan(tmp_path)
    async with at_console(desk, tmp_path) as story:
        screen = await open_records(story, path)
        await story.sees("30 records", "Severity", "›")
        await story.press("c")
        await story.on(ColumnsDialog)
        # Without the severity; the time before the status.
        await story.press("down", "space", "down", "down", "down", "down", "down", "K", "K", "K", "K", "enter")
        await story.on(RecordsScreen)
        await story.until(lambda: "Severity" not in story.text)
        keys = [column.key for column in screen.table.columns]
        assert keys == ["index", "time", "status", "title", "resource", "account", "issues"]
        await story.sees("2025-11-19 10:15:00Z")
        assert story.app.memory.now.columns == tuple(keys)

        await story.press("escape")
        await open_records(story, path)
        await story.sees("# Time (UTC) Status")
        await story.press("c")
        await story.on(ColumnsDialog)
        await story.press("0", "enter")
        await story.sees("# Severity Status")


async def test_columns_beyond_the_edge_come_into_view_with_the_cursor(tmp_path: Path, desk: Desk) -> None:
    async with at_console(desk, tmp_path) as story:
        await open_records(story, scan(tmp_path))
        await story.sees("30 records", "# Severity")
        await story.press(*["right"] * 6)
        await story.sees("Time (UTC)", "‹ #")
        await story.press(*["left"] * 6)
        await story.sees("# Severity")


async def test_the_record_is_beside_the_list_and_that_is_remembered(tmp_path: Path, desk: Desk) -> None:
    path = scan(tmp_path)
    async with at_console(desk, tmp_path, WIDE) as story:
        screen = await open_records(story, path)
        await story.sees("message finding number 0")
        assert screen.detail.region.y > screen.table.region.y
        await story.press("w")
        await story.until(lambda: screen.detail.region.x > screen.table.region.x)
        assert screen.detail.region.y == screen.table.region.y
        assert story.app.memory.now.record_beside is True
        await story.press("escape")
        again = await open_records(story, path)
        await story.until(lambda: again.detail.region.x > again.table.region.x)


def test_what_was_remembered_of_other_columns_does_no_harm(tmp_path: Path) -> None:
    (tmp_path / "screens.json").write_text(json.dumps({"columns": ["title", "gone", "title"]}))
    assert [column.key for column in chosen(Memory.of(tmp_path).now.columns)] == ["title"]
    assert chosen(["gone"]) == COLUMNS


def test_no_column_is_wider_than_there_is_room() -> None:
    for width in range(1, 200):
        for first in range(len(COLUMNS)):
            layout = lay_out(COLUMNS, first, width, 9)
            assert len(layout.columns) > 1
            assert len(layout.columns) == 2 or sum(cells + 1 for _, cells in layout.columns) <= width


def test_sorting_again_turns_round_and_ends() -> None:
    title = chosen(["title"])[0]
    first = next_sort(None, title)
    assert first == Sort("title", descending=False)
    second = next_sort(first, title)
    assert second == Sort("title", descending=True)
    assert next_sort(second, title) is None
    assert next_sort(second, chosen(["severity"])[0]) == Sort("severity", descending=True)


@pytest.mark.parametrize("size", [NARROW, WIDE], ids=["narrow", "wide"])
def test_look_of_a_sorted_list(
    tmp_path: Path, desk: Desk, look: Look, size: tuple[int, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    flawed(tmp_path)

    async def story(story: Story) -> None:
        await open_records(story, Path("flawed.ocsf.json"))
        await story.sees("2 broken")
        await story.press("right", "space", "space", "S")
        await story.sees("Severity ▼", "message finding number 2", "No issues")
        await story.press("home")
        await story.sees("message finding number 0", "No issues")
        await issues_are_counted(story)

    assert look(desk, Path(), story, size)


def test_look_of_a_record_beside_the_list(
    tmp_path: Path, desk: Desk, look: Look, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    broken = {**record(1), "severity_id": 42, "finding_info": {"title": "No uid"}}
    Path("flawed.ocsf.json").write_text(json.dumps([record(0), broken, record(2)]))

    async def story(story: Story) -> None:
        await open_records(story, Path("flawed.ocsf.json"), at=1)
        await story.press("w")
        await story.sees("severity_id 42 ✗", "not there")
        await issues_are_counted(story)

    assert look(desk, Path(), story, WIDE)


@pytest.mark.parametrize("size", [NARROW, WIDE], ids=["narrow", "wide"])
def test_look_of_the_choice_of_columns(
    tmp_path: Path, desk: Desk, look: Look, size: tuple[int, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    scan(tmp_path)

    async def story(story: Story) -> None:
        await open_records(story, Path("scan.ocsf.json"))
        await story.sees("message finding number 0", "No issues")
        await issues_are_counted(story)
        await story.press("c")
        await story.on(ColumnsDialog)
        await story.press("down", "space", "J")

    assert look(desk, Path(), story, size)
