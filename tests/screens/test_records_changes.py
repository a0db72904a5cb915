"""A file that does not stay as it is while its records are looked at."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from console.submissions.desk import Desk
from screens.record_rows import FileRows
from screens.records import RecordsScreen
from tests.screens.conftest import Look
from tests.screens.gate import closed_gate
from tests.screens.job_stories import NARROW, WIDE, Story, at_console
from tests.screens.scan import record, scan
from tests.screens.test_records import open_records
from tests.screens.test_records_filter import filtered

_NOTICE = "was changed or replaced while it was being read"


async def test_a_file_that_grew_while_it_was_read_says_so_and_keeps_its_rows(tmp_path: Path, desk: Desk) -> None:
    path = scan(tmp_path)
    with closed_gate(FileRows) as gate:
        async with at_console(desk, tmp_path) as story:
            await open_records(story, path)
            await story.sees("message finding number 0")
            with path.open("a") as out:
                out.write(json.dumps([record(30)]))
            gate.set()

            await story.sees(_NOTICE, "r reload", "30 records")
            await story.press("G")
            await story.sees("message finding number 29")


async def test_reading_again_shows_the_file_as_it_is_now(tmp_path: Path, desk: Desk) -> None:
    path = scan(tmp_path)
    async with at_console(desk, tmp_path) as story:
        first = await open_records(story, path)
        await story.sees("30 records")
        await story.press("j", "j", "j")
        await story.sees("message finding number 3")
        scan(tmp_path, 40)

        await story.press("r")

        await story.sees("40 records", "message finding number 3")
        second = await story.on(RecordsScreen)
        assert second is not first
        assert second.table.cursor == 3
        await story.press("escape")
        await story.until(lambda: not isinstance(story.app.screen, RecordsScreen))


async def test_reading_again_keeps_the_filter(tmp_path: Path, desk: Desk) -> None:
    path = scan(tmp_path)
    async with at_console(desk, tmp_path) as story:
        await open_records(story, path)
        await story.sees("30 records")
        await filtered(story, "severity=low")
        await story.sees("5 of 30 records")
        await story.press("j")
        await story.sees("message finding number 10")
        scan(tmp_path, 60)

        await story.press("r")

        await story.sees("10 of 60 records", "message finding number 10")
        await story.press("escape")
        await story.sees("60 records", "message finding number 10")


async def test_rows_that_a_file_lost_say_so_and_the_others_stay(tmp_path: Path, desk: Desk) -> None:
    path = scan(tmp_path, 5_000)
    async with at_console(desk, tmp_path) as story:
        screen = await open_records(story, path)
        await story.sees("5,000 records", "message finding number 0")
        with path.open("r+b") as out:
            out.truncate(10_000)

        await story.press("G")
        await story.sees("became shorter while it was open", "r reload", "broken: ")
        await story.press("home")
        await story.sees("S3 bucket blocks public")
        assert screen.table.count == 5_000


async def test_what_another_file_has_at_the_place_of_a_record_is_not_shown_as_one(tmp_path: Path, desk: Desk) -> None:
    path = scan(tmp_path)
    async with at_console(desk, tmp_path, WIDE) as story:
        await open_records(story, path)
        await story.sees("message finding number 0")
        path.write_text(json.dumps([{"unmapped": "x" * 100, **record(number)} for number in range(30)]))

        await story.press("j")
        await story.sees(_NOTICE, "r reload")
        await story.until(lambda: "message finding number" not in story.text)
        assert "broken" not in story.text
        story.app.copy_to_clipboard("as before")
        await story.press("Y")
        await story.press("space", "k", "space", "Y")
        await story.until(lambda: not story.app.screen.workers)
        assert story.app.clipboard == "as before"

        await story.press("r")
        await story.sees("unmapped xxxx")


@pytest.mark.parametrize("change", ["gone", "replaced"])
async def test_a_file_that_is_another_one_by_now_is_noticed_when_it_is_read(
    tmp_path: Path, desk: Desk, change: str
) -> None:
    path = scan(tmp_path, 500)
    async with at_console(desk, tmp_path) as story:
        await open_records(story, path)
        await story.sees("500 records", "message finding number 0")
        if change == "gone":
            path.unlink()
        else:
            scan(tmp_path, 20, "other.json").rename(path)

        await story.press("G")
        await story.sees(_NOTICE, "message finding number 499")


async def test_a_file_that_is_gone_when_it_is_read_again_says_why(tmp_path: Path, desk: Desk) -> None:
    path = scan(tmp_path)
    async with at_console(desk, tmp_path) as story:
        await open_records(story, path)
        await story.sees("30 records")
        path.unlink()
        await story.press("r")
        await story.sees("does not exist")
        await story.press("escape")
        await story.until(lambda: not isinstance(story.app.screen, RecordsScreen))


async def test_a_search_in_a_file_that_changed_says_so(tmp_path: Path, desk: Desk) -> None:
    path = scan(tmp_path)
    async with at_console(desk, tmp_path) as story:
        await open_records(story, path)
        await story.sees("30 records", "message finding number 0")
        with path.open("a") as out:
            out.write("\n")
        await filtered(story, "severity=low")
        await story.sees(_NOTICE)
        # What was found before that was noticed is there, and the record stays.
        await story.sees("message finding number 4")
        await story.press("escape")
        await story.sees("30 records", "message finding number 4")


def test_look_of_a_file_that_changed(tmp_path: Path, desk: Desk, look: Look, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    path = scan(tmp_path)

    async def story(story: Story) -> None:
        await open_records(story, Path("scan.ocsf.json"))
        await story.sees("30 records", "No issues")
        path.write_bytes(path.read_bytes() + b"\n")
        await story.press("G")
        await story.sees(_NOTICE, "message finding number 29", "No issues")

    assert look(desk, Path(), story, NARROW)
