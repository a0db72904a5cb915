"""Filters that are kept: those that were typed before, and those that were given a name."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from console.submissions.desk import Desk
from screens.memory import Memory, with_newest
from screens.records import RecordsScreen
from screens.widgets.filter_line import History
from screens.widgets.saved_filters import SavedFilters
from tests.screens.conftest import Look
from tests.screens.job_stories import NARROW, WIDE, Story, app_at, at_console, make_desk
from tests.screens.scan import scan
from tests.screens.test_records import issues_are_counted, open_records
from tests.screens.test_records_filter import filtered


async def test_a_filter_is_saved_chosen_and_deleted(tmp_path: Path, desk: Desk) -> None:
    async with at_console(desk, tmp_path) as story:
        screen = await open_records(story, scan(tmp_path))
        await story.sees("30 records")
        await story.press("F")
        await story.on(SavedFilters)
        await story.sees("None is saved yet")
        # There is no filter in force that could be saved.
        await story.press("s", "d", "escape")
        await filtered(story, "severity=low")
        await story.sees("5 of 30 records")
        await story.press("F")
        await story.on(SavedFilters)
        await story.press("s", *"low sd", "enter")
        await story.sees("low sd severity=low")
        await story.press("escape")
        await story.on(RecordsScreen)
        assert screen.table.count == 5

        await story.press("slash", "ctrl+u", *"status=MANUAL", "ctrl+s")
        await story.on(SavedFilters)
        await story.press(*"by hand", "enter")
        await story.sees("by hand status=MANUAL", "low sd severity=low")
        await story.press("enter")
        await story.sees("5 of 30 records", "/ status=MANUAL")
        await story.until(lambda: screen.table.has_focus)
        await story.press("escape")
        await story.sees("30 records")

        await story.press("F")
        await story.on(SavedFilters)
        await story.press("j", "d")
        await story.until(lambda: "low sd" not in story.text)
        assert story.app.memory.now.saved_filters == {"by hand": "status=MANUAL"}


async def test_a_saved_filter_that_is_wrong_is_there_to_be_mended(tmp_path: Path, desk: Desk) -> None:
    async with at_console(desk, tmp_path) as story:
        screen = await open_records(story, scan(tmp_path))
        await story.sees("30 records")
        await story.press("slash", *"severity>=hi", "ctrl+s")
        await story.sees("Not saved:")
        assert story.app.screen is screen
        # One that an earlier version saved.
        story.app.memory.now = msgspec.structs.replace(story.app.memory.now, saved_filters={"mine": "severity>=hi"})
        screen.table.focus()
        await story.press("F")
        await story.on(SavedFilters)
        await story.press("enter")
        await story.on(RecordsScreen)
        await story.sees("The expression is wrong")
        assert screen.filter_line.is_typed
        await story.press("end", *"gh", "enter")
        await story.sees("15 of 30 records")


async def test_filters_of_an_earlier_run_are_recalled(tmp_path: Path) -> None:
    path, state = scan(tmp_path), tmp_path / "state"
    for expression, before in (("severity=low", ""), ("severity=high", "severity=low")):
        desk = make_desk("http://127.0.0.1:9", state, key=None)
        app, memory = app_at(desk, tmp_path, Memory.of(state)), Memory.of(state)
        async with app.run_test() as pilot:
            story = Story(app, pilot, [])
            screen = await open_records(story, path)
            await story.sees("30 records")
            assert memory.now.filters[-1:] == ((before,) if before else ())
            await story.press("slash", "up")
            assert screen.filter_line.input.value == before
            await story.press("escape")
            await filtered(story, expression)
            await story.sees("of 30 records")
            app.memory.keep()
        await desk.close()
    assert Memory.of(state).now.filters == ("severity=low", "severity=high")


def test_the_newest_filters_are_kept_and_each_once() -> None:
    entries: tuple[str, ...] = ()
    for number in range(150):
        entries = with_newest(entries, f"filter {number}")
    assert len(entries) == 100
    entries = with_newest(entries, "filter 60")
    assert entries[-1] == "filter 60"
    assert entries.count("filter 60") == 1
    history = History(entries)
    assert history.step(-1, "draft") == "filter 60"
    assert history.step(1, "") == "draft"


@pytest.mark.parametrize("size", [NARROW, WIDE], ids=["narrow", "wide"])
def test_look_of_saved_filters(
    tmp_path: Path, desk: Desk, look: Look, size: tuple[int, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    scan(tmp_path)

    async def story(story: Story) -> None:
        await open_records(story, Path("scan.ocsf.json"))
        await story.sees("message finding number 0", "No issues")
        await filtered(story, "severity>=high status=FAIL")
        await story.sees("10 of 30 records", "No issues")
        await issues_are_counted(story)
        await story.press("F", "s", *"grave", "enter", "s")
        await story.sees("grave severity>=high status=FAIL", "Save severity")

    assert look(desk, Path(), story, size)
