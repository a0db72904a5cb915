"""Comparing two scans from the Files screen: what is new, gone and changed, down to the record."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from console.submissions.desk import Desk
from screens import compare
from screens.compare import CompareScreen
from screens.files import FilesScreen
from screens.navigation import OpenCompare
from screens.records import RecordsScreen
from screens.widgets.pick_dialog import PickDialog
from tests.screens.conftest import Look
from tests.screens.job_stories import NARROW, WIDE, Story, at_console
from tests.screens.scan import record, scan
from tests.screens.test_files import choose


def later(folder: Path, name: str = "tuesday.ocsf.json") -> Path:
    """The scan of the next day: one worse, one fixed, one gone, one new."""
    records = [record(index) for index in range(30) if index != 5]
    records[0] |= {"status_code": "PASS"}
    records[2] |= {"status_code": "FAIL"}
    records.append({**record(31), "finding_info": {"uid": "new-one", "title": "A bucket that is new"}})
    path = folder / name
    path.write_text(json.dumps(records))
    return path


async def test_the_marked_scan_is_compared_with_the_one_under_the_cursor(tmp_path: Path, desk: Desk) -> None:
    scan(tmp_path, name="monday.ocsf.json")
    later(tmp_path)
    async with at_console(desk, tmp_path, WIDE) as story:
        await choose(story, "monday.ocsf.json")
        await story.press("space")
        await story.sees("◆ monday.ocsf.json")
        await choose(story, "tuesday.ocsf.json")
        await story.press("d")
        screen = await story.on(CompareScreen)
        await story.sees(
            "30 records before, 30 now · 27 stand as before",
            "changed 2 (1 worse, 1 fixed)", "new 1 (1 failing)", "gone 1 (0 failing)",
            "▲ worse", "▼ fixed", "status_code: PASS → FAIL",
        )  # fmt: skip
        await story.press("enter")
        records = await story.on(RecordsScreen)
        await story.until(lambda: records.table.line is not None and records.table.line.number == 2)
        await story.press("escape")

        await story.press("right")
        await story.sees("A bucket that is new", "new-one")
        await story.press("left", "left")
        await story.sees("finding-5")
        await story.press("enter")
        records = await story.on(RecordsScreen)
        await story.sees("monday.ocsf.json", "30 records")
        await story.until(lambda: records.table.line is not None and records.table.line.number == 5)
        await story.press("escape")
        await story.on(CompareScreen)

        await story.press("x")
        await story.sees("tuesday.ocsf.json → monday.ocsf.json", "gone 1 (1 failing)")
        await story.until(lambda: screen.table.has_focus)


async def test_without_a_mark_the_older_scan_is_asked_for(tmp_path: Path, desk: Desk) -> None:
    scan(tmp_path, name="monday.ocsf.json")
    later(tmp_path)
    async with at_console(desk, tmp_path) as story:
        await choose(story, "tuesday.ocsf.json")
        await story.press("d")
        await story.on(PickDialog)
        await story.sees("The scan before tuesday.ocsf.json", "monday.ocsf.json")
        await story.press("enter")
        await story.on(CompareScreen)
        await story.sees("monday.ocsf.json → tuesday.ocsf.json")


async def test_scans_that_are_alike_or_have_nothing_in_common_are_told(tmp_path: Path, desk: Desk) -> None:
    path = scan(tmp_path, 3)
    (tmp_path / "other.json").write_text(json.dumps([{**record(0), "finding_info": {"uid": "x"}}]))
    async with at_console(desk, tmp_path, WIDE) as story:
        story.app.post_message(OpenCompare(path, path))
        await story.sees("3 stand as before", "changed 0", "No finding stands differently.")
        await story.press("escape")
        story.app.post_message(OpenCompare(path, tmp_path / "other.json"))
        await story.sees("The files have no finding in common")


async def test_a_file_that_cannot_be_read_is_named(tmp_path: Path, desk: Desk) -> None:
    page = tmp_path / "page.json"
    page.write_text("<html></html>")
    async with at_console(desk, tmp_path) as story:
        story.app.post_message(OpenCompare(scan(tmp_path), page))
        await story.on(CompareScreen)
        await story.sees("✗", "HTML")
        await story.press("escape")
        await story.on(FilesScreen)


async def test_only_the_most_important_are_listed(tmp_path: Path, desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(compare, "LISTED", 4)
    (tmp_path / "none.json").write_text("[]")
    async with at_console(desk, tmp_path) as story:
        story.app.post_message(OpenCompare(tmp_path / "none.json", scan(tmp_path)))
        screen = await story.on(CompareScreen)
        await story.sees("new 30 (15 failing)", "4 of 30 are listed")
        assert screen.table.row_count == 4


@pytest.mark.parametrize("size", [NARROW, WIDE], ids=["narrow", "wide"])
def test_look(desk: Desk, tmp_path: Path, look: Look, size: tuple[int, int], monkeypatch: pytest.MonkeyPatch) -> None:
    scan(tmp_path, name="monday.ocsf.json")
    later(tmp_path)
    (tmp_path / "empty").mkdir()
    monkeypatch.chdir(tmp_path)

    async def story(story: Story) -> None:
        await story.sees("no finding files")
        story.app.post_message(OpenCompare(tmp_path / "monday.ocsf.json", tmp_path / "tuesday.ocsf.json"))
        await story.on(CompareScreen)
        await story.sees("changed 2", "status_code: PASS → FAIL")

    assert look(desk, Path("empty"), story, size)
