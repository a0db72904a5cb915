"""Holding the list of records to those that an expression lets through."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from console.submissions.desk import Desk
from screens.navigation import OpenSubmit
from screens.record_rows import FileRows, HitRows
from screens.records import RecordsScreen
from screens.submit import SubmitScreen
from tests.screens.conftest import Look
from tests.screens.gate import closed_gate
from tests.screens.job_stories import NARROW, WIDE, Story, at_console
from tests.screens.scan import record, scan
from tests.screens.test_records import issues_are_counted, open_records


async def filtered(story: Story, expression: str) -> RecordsScreen:
    """Type a filter into the screen that is open."""
    await story.press("slash", "ctrl+u")
    screen = await story.on(RecordsScreen)
    screen.filter_line.input.value = expression
    await story.press("enter")
    return screen


async def test_only_what_the_filter_lets_through_is_listed(tmp_path: Path, desk: Desk) -> None:
    async with at_console(desk, tmp_path, WIDE) as story:
        await open_records(story, scan(tmp_path))
        await story.sees("30 records")
        screen = await filtered(story, "severity>=critical status=FAIL")

        await story.sees(
            "5 of 30 records", "scan.ocsf.json / severity>=critical status=FAIL", "message finding number 0"
        )
        assert screen.table.has_focus
        assert "High" not in story.text
        await story.press("j", "j")
        await story.sees("message finding number 12")
        await story.press("enter", "n")
        await story.sees("message finding number 18")
        assert screen.record.has_focus


async def test_escape_ends_the_filter_on_the_record_that_is_read(tmp_path: Path, desk: Desk) -> None:
    async with at_console(desk, tmp_path) as story:
        await open_records(story, scan(tmp_path, 3_000))
        await story.sees("3,000 records")
        screen = await filtered(story, "severity=low")
        await story.sees("500 of 3,000 records")
        await story.press("G")
        await story.sees("message finding number 2998")

        await story.press("escape")

        await story.until(lambda: screen.table.cursor == 2_998 and screen.table.count == 3_000)
        await story.sees("message finding number 2998", "3,000 records")
        assert not screen.filter_line.display


async def test_ending_the_filter_before_all_is_known_leads_to_the_record_by_guess(tmp_path: Path, desk: Desk) -> None:
    with closed_gate(FileRows) as gate:
        async with at_console(desk, tmp_path) as story:
            await open_records(story, scan(tmp_path, 5_000))
            await story.sees("message finding number 0")
            screen = await filtered(story, '"finding number 3210"')
            await story.sees("1 of 5,000 records", "message finding number 3210")

            await story.press("escape")
            await story.sees("≈3,2", "message finding number 3210")
            await story.until(lambda: screen.table.guess is not None and "≈" in story.text)

            gate.set()
            await story.sees("5,000 records")
            await story.until(lambda: screen.table.cursor == 3_210)
            await story.sees("3,210 ", "message finding number 3210")


async def test_what_is_wrong_with_an_expression_is_said_below_it(tmp_path: Path, desk: Desk) -> None:
    async with at_console(desk, tmp_path) as story:
        await open_records(story, scan(tmp_path))
        await story.sees("30 records")
        screen = await filtered(story, "status=FAIL severity>=hihg")

        await story.sees("The expression is wrong at “hihg” (column 23)")
        assert screen.filter_line.is_typed
        assert screen.filter_line.input.cursor_position == 22
        assert screen.table.count == 30

        await story.press("delete")
        await story.until(lambda: "The expression is wrong" not in story.text)
        await story.press("escape")
        await story.until(lambda: screen.table.has_focus)
        assert not screen.filter_line.display


async def test_a_filter_that_lets_nothing_through_says_so_and_is_left(tmp_path: Path, desk: Desk) -> None:
    async with at_console(desk, tmp_path) as story:
        screen = await open_records(story, scan(tmp_path))
        await story.sees("30 records")
        await story.press("j", "j")
        await story.sees("message finding number 2")
        await filtered(story, '"no such words"')
        await story.sees("No record is let through", "0 of 30 records")

        await story.press("escape")

        await story.sees("message finding number 2", "30 records")
        await story.until(lambda: screen.table.cursor == 2)
        assert screen.table.has_focus


async def test_an_empty_filter_lets_everything_through(tmp_path: Path, desk: Desk) -> None:
    async with at_console(desk, tmp_path) as story:
        await open_records(story, scan(tmp_path))
        await story.sees("30 records")
        screen = await filtered(story, "severity=low")
        await story.sees("5 of 30 records")
        await filtered(story, "")

        await story.until(lambda: screen.table.count == 30)
        assert not screen.filter_line.display


async def test_escape_from_typing_leaves_the_filter_that_is_in_force(tmp_path: Path, desk: Desk) -> None:
    async with at_console(desk, tmp_path) as story:
        await open_records(story, scan(tmp_path))
        await story.sees("30 records")
        screen = await filtered(story, "severity=low")
        await story.sees("5 of 30 records")
        await story.press("slash", *"other", "escape")

        assert screen.table.has_focus
        assert screen.filter_line.input.value == "severity=low"
        assert screen.table.count == 5


async def test_filters_of_the_session_are_recalled(tmp_path: Path, desk: Desk) -> None:
    async with at_console(desk, tmp_path) as story:
        await open_records(story, scan(tmp_path))
        await story.sees("30 records")
        screen = await filtered(story, "severity=low")
        await story.sees("5 of 30 records")
        await filtered(story, "severity=high")
        await story.sees("10 of 30 records")
        typed = screen.filter_line.input

        await story.press("slash", "ctrl+u", *"new", "up")
        assert typed.value == "severity=high"
        await story.press("up")
        assert typed.value == "severity=low"
        await story.press("down", "down")
        assert typed.value == "new"


async def test_a_new_filter_takes_the_place_of_one_that_is_still_looked_for(tmp_path: Path, desk: Desk) -> None:
    async with at_console(desk, tmp_path) as story:
        await open_records(story, scan(tmp_path))
        await story.sees("30 records")
        with closed_gate(HitRows):
            screen = await filtered(story, "severity=low")
            await story.sees("0 of 0 so far")
        await filtered(story, "severity=high")

        await story.sees("10 of 30 records")
        assert [line.number for line in [screen.table.line] if line] == [1]


async def test_a_search_is_stopped_by_escape(tmp_path: Path, desk: Desk) -> None:
    async with at_console(desk, tmp_path) as story:
        await open_records(story, scan(tmp_path))
        await story.sees("30 records")
        with closed_gate(HitRows):
            screen = await filtered(story, "severity=low")
            await story.sees("0 of 0 so far")
            await story.press("escape")
            await story.until(lambda: not [one for one in story.app.workers if one.group == "search"])

        await story.until(lambda: screen.table.count == 30)


async def test_going_to_a_record_goes_to_the_next_that_is_let_through(tmp_path: Path, desk: Desk) -> None:
    async with at_console(desk, tmp_path) as story:
        await open_records(story, scan(tmp_path, 600))
        await story.sees("600 records")
        await filtered(story, "severity=critical")
        await story.sees("100 of 600 records")
        await story.press("g", *"301", "enter")

        await story.sees("message finding number 306")


async def test_records_that_a_regular_expression_takes_too_long_for_are_told(tmp_path: Path, desk: Desk) -> None:
    path = tmp_path / "slow.json"
    path.write_text(json.dumps([record(0), {**record(1), "comment": "a" * 5_000 + "b"}]))
    async with at_console(desk, tmp_path, WIDE) as story:
        await open_records(story, path)
        await story.sees("2 records")
        await filtered(story, "comment~/(a|a|aa)+$/")

        await story.sees("1 undecided", "took too long for 1 record")


async def test_what_the_filter_lets_through_is_what_is_planned(tmp_path: Path, desk: Desk) -> None:
    path = scan(tmp_path)
    async with at_console(desk, tmp_path) as story:
        await open_records(story, path)
        await story.sees("30 records")
        await filtered(story, "severity=low")
        await story.sees("5 of 30 records")
        await story.press("s")
        await story.on(SubmitScreen)
        await story.sees("matching severity=low", "Records 5", "severity=low; 25 other records not selected")

        await story.press("v", "up", "up", "enter")
        await story.sees("Records 30", "the file, byte for byte")
        assert [message.path for message in story.posted(OpenSubmit)] == [path]


@pytest.mark.parametrize("size", [NARROW, WIDE], ids=["narrow", "wide"])
def test_look_of_a_filter(
    tmp_path: Path, desk: Desk, look: Look, size: tuple[int, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    scan(tmp_path)

    async def story(story: Story) -> None:
        await open_records(story, Path("scan.ocsf.json"))
        await story.sees("30 records")
        await filtered(story, "severity>=critical status=FAIL")
        await story.sees("5 of 30 records", "No issues")
        await issues_are_counted(story)

    assert look(desk, Path(), story, size)


@pytest.mark.parametrize("size", [NARROW, WIDE], ids=["narrow", "wide"])
def test_look_of_a_wrong_filter(
    tmp_path: Path, desk: Desk, look: Look, size: tuple[int, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    scan(tmp_path)

    async def story(story: Story) -> None:
        await open_records(story, Path("scan.ocsf.json"))
        await story.sees("30 records", "No issues")
        await filtered(story, "severity:critical")
        await story.sees("The expression is wrong")
        await issues_are_counted(story)

    assert look(desk, Path(), story, size)
