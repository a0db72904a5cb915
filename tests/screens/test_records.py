"""Paging through records and reading one, whatever the file holds."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from rich.cells import cell_len

from console.records.model import Fault
from console.submissions.desk import Desk
from screens.navigation import OpenRecords, OpenSubmit, OpenValidation
from screens.records import RecordsScreen
from screens.submit import SubmitScreen
from screens.validation import ValidationScreen
from screens.widgets.dialogs import NumberDialog, ValueDialog
from screens.widgets.record_columns import ISSUES
from screens.widgets.record_table import RecordTable
from tests.screens.conftest import Look
from tests.screens.job_stories import NARROW, WIDE, Story, at_console
from tests.screens.scan import flawed, record, scan


async def open_records(story: Story, path: Path, at: int = 0) -> RecordsScreen:
    """Open the Records screen, as another screen would."""
    story.app.post_message(OpenRecords(path, at))
    return await story.on(RecordsScreen)


async def issues_are_counted(story: Story) -> None:
    """Wait until it is known how many issues each record on the screen has, if there is room for that."""
    table = (await story.on(RecordsScreen)).table
    await story.until(
        lambda: (
            not table.shown_columns.holds(ISSUES)
            or all(isinstance(line.content, Fault) or line.start in table.counts for line in table.lines)
        )
    )


async def test_records_are_listed_and_the_one_under_the_cursor_is_read(tmp_path: Path, desk: Desk) -> None:
    async with at_console(desk, tmp_path) as story:
        await open_records(story, scan(tmp_path))
        await story.sees("30 records", "S3 bucket blocks public", "message finding number 0", "No issues")

        await story.press("j", "down")
        await story.sees("message finding number 2")
        await story.press("k")
        await story.sees("message finding number 1")


async def test_the_ends_and_the_pages_of_a_long_list_are_reached(tmp_path: Path, desk: Desk) -> None:
    async with at_console(desk, tmp_path) as story:
        screen = await open_records(story, scan(tmp_path, 5_000))
        await story.sees("5,000 records")
        table = screen.table

        await story.press("G")
        await story.sees("4,999 ", "message finding number 4999")
        await story.press("pageup")
        assert table.cursor == 4_999 - table.page
        await story.press("home", "pagedown")
        await story.sees(f"message finding number {table.page}")
        assert table.scroll_offset.y == table.page, "none of the page before is seen"


async def test_a_line_of_the_record_that_is_cut_says_so(tmp_path: Path, desk: Desk) -> None:
    long = {"wide": "漢字" * 100, "text": "x" * 200, "inner": {"text": "y" * 200}}
    path = tmp_path / "wide.json"
    path.write_text(json.dumps([{"fits": "x", **long, **{f"key_{number}": number for number in range(15)}}]))
    async with at_console(desk, tmp_path, WIDE) as story:
        tree = (await open_records(story, path)).record
        await story.press("enter")
        await story.sees("class_uid not there")
        for lines in (WIDE[1], NARROW[1]):
            # With fewer lines of the terminal comes a scrollbar, which takes a column.
            await story.pilot.resize_terminal(WIDE[0], lines)
            await story.pilot.pause()
            assert tree.show_vertical_scrollbar == (lines == NARROW[1])
            edge = tree.scrollable_content_region.width
            seen = [tree.render_line(line).crop(0, edge).text.rstrip() for line in range(tree.size.height)]
            cut = [line for line in seen if any(text in line for text in ("xxx", "漢字", "yyy"))]
            assert len(cut) == 3
            assert all(line.endswith("…") and cell_len(line) >= edge - 1 for line in cut), cut
            assert not any("…" in line for line in seen if "fits" in line or "key_0" in line)


async def test_a_record_is_gone_to_by_its_number(tmp_path: Path, desk: Desk) -> None:
    async with at_console(desk, tmp_path) as story:
        screen = await open_records(story, scan(tmp_path, 500))
        await story.sees("500 records")

        await story.press("g")
        await story.on(NumberDialog)
        await story.press("3", "2", "1", "enter")
        await story.sees("message finding number 321")

        await story.press("g")
        await story.on(NumberDialog)
        await story.press("9", "9", "9", "9", "enter")
        await story.until(lambda: screen.table.cursor == 499)


async def test_the_asked_for_record_is_under_the_cursor(tmp_path: Path, desk: Desk) -> None:
    async with at_console(desk, tmp_path) as story:
        await open_records(story, scan(tmp_path, 3_000), at=2_345)
        await story.sees("message finding number 2345", "2,345 ")


async def test_broken_places_are_rows_that_say_why(tmp_path: Path, desk: Desk) -> None:
    async with at_console(desk, tmp_path, WIDE) as story:
        await open_records(story, flawed(tmp_path), at=5)
        await story.sees("2 broken", "broken: ", "line 6")
        await story.press("down")
        await story.sees("message finding number 6")


async def test_a_record_that_is_no_json_is_shown_as_the_bytes_it_is(tmp_path: Path, desk: Desk) -> None:
    path = tmp_path / "bad.json"
    path.write_bytes(b'[{"message": "fine"}, {"message": NaN}, {"message": "also fine"}]')
    async with at_console(desk, tmp_path, WIDE) as story:
        await open_records(story, path, at=1)
        await story.sees("broken: ", 'bytes {"message": NaN}')


async def test_a_record_without_attributes_can_be_read(tmp_path: Path, desk: Desk) -> None:
    path = tmp_path / "empty.json"
    path.write_text('[{}, {"message": "the second"}]')
    async with at_console(desk, tmp_path) as story:
        await open_records(story, path)
        await story.sees("2 records", "✗")
        await story.press("j")
        await story.sees("message the second")


async def test_a_finding_in_another_format_is_listed_by_its_own_attributes(tmp_path: Path, desk: Desk) -> None:
    path = tmp_path / "findings.asff.json"
    finding = {
        "SchemaVersion": "2018-10-08",
        "AwsAccountId": "123456789012",
        "Title": "Bucket is public",
        "Severity": {"Label": "HIGH"},
        "Compliance": {"Status": "FAILED"},
        "UpdatedAt": "2025-11-19T10:15:00Z",
        "Resources": [{"Id": "arn:aws:s3:::logs"}],
    }
    path.write_text(json.dumps({"Findings": [finding]}))
    async with at_console(desk, tmp_path, WIDE) as story:
        await open_records(story, path)
        await story.sees("1 record", "High FAILED Bucket is public arn:aws:s3:::logs 123456789012 2025-11-19 10:15:00Z")


async def test_issues_of_the_record_are_listed_beside_it(tmp_path: Path, desk: Desk) -> None:
    async with at_console(desk, tmp_path, WIDE) as story:
        await open_records(story, flawed(tmp_path), at=3)
        await story.sees("✗", "severity_id", "42")


async def test_reading_folds_and_unfolds_and_escape_returns_to_the_list(tmp_path: Path, desk: Desk) -> None:
    async with at_console(desk, tmp_path) as story:
        screen = await open_records(story, scan(tmp_path))
        await story.sees("message finding number 0", "vendor_name")

        await story.press("enter", "down", "space")
        await story.until(lambda: "vendor_name" not in story.text)
        await story.press("space")
        await story.sees("vendor_name")
        await story.press("escape")
        assert screen.table.has_focus
        await story.press("escape")
        await story.until(lambda: not isinstance(story.app.screen, RecordsScreen))


async def test_the_next_record_is_read_without_leaving_the_tree(tmp_path: Path, desk: Desk) -> None:
    async with at_console(desk, tmp_path) as story:
        screen = await open_records(story, scan(tmp_path))
        await story.sees("message finding number 0")

        await story.press("enter", "n", "n", "p")
        await story.sees("message finding number 1")
        assert screen.record.has_focus


async def test_a_long_value_is_read_as_a_whole(tmp_path: Path, desk: Desk) -> None:
    path = tmp_path / "long.json"
    path.write_text(json.dumps([{**record(0), "message": "x" * 1_000 + " the end"}]))
    async with at_console(desk, tmp_path) as story:
        await open_records(story, path)
        await story.sees("message xxx")
        assert "the end" not in story.text

        await story.press("enter", "enter")
        await story.on(ValueDialog)
        await story.sees("1,008 characters")
        assert "the end" in "".join(story.text.split("│")) or "the end" in story.text


async def test_a_list_of_many_members_is_shown_in_parts(tmp_path: Path, desk: Desk) -> None:
    path = tmp_path / "many.json"
    path.write_text(json.dumps([{"many": list(range(1_000))}]))
    async with at_console(desk, tmp_path) as story:
        screen = await open_records(story, path)
        await story.sees("many [1,000]")
        many = screen.record.root.children[0]
        await story.press("enter", "enter")
        await story.until(lambda: len(many.children) == 201)

        await story.press("G")
        screen.record.move_cursor(many.children[-1])
        await story.press("enter")
        await story.until(lambda: len(many.children) == 401)


async def test_a_file_without_records_says_so(tmp_path: Path, desk: Desk) -> None:
    (tmp_path / "none.json").write_text("[]")
    async with at_console(desk, tmp_path) as story:
        await open_records(story, tmp_path / "none.json")
        await story.sees("none.json holds no records.")


@pytest.mark.parametrize("content", [b"", b"<html>login</html>", b"plain words"])
async def test_a_file_that_is_no_finding_file_says_why(tmp_path: Path, desk: Desk, content: bytes) -> None:
    (tmp_path / "no.json").write_bytes(content)
    async with at_console(desk, tmp_path) as story:
        await open_records(story, tmp_path / "no.json")
        await story.sees("no.json")
        await story.until(lambda: "Opening" not in story.text)
        await story.press("escape")
        await story.until(lambda: not isinstance(story.app.screen, RecordsScreen))


async def test_only_the_rows_on_the_screen_are_read(tmp_path: Path, desk: Desk) -> None:
    async with at_console(desk, tmp_path) as story:
        screen = await open_records(story, scan(tmp_path, 5_000))
        await story.sees("5,000 records")

        asked = sum(message.wanted.last - message.wanted.first for message in story.posted(RecordTable.RowsWanted))

        assert 0 < asked <= 4 * screen.table.page


async def test_the_file_is_closed_with_the_screen(tmp_path: Path, desk: Desk) -> None:
    path = scan(tmp_path, 5_000)

    def is_open() -> bool:
        links = Path("/proc/self/fd").iterdir()
        return any(link.exists() and link.resolve() == path for link in links)

    async with at_console(desk, tmp_path) as story:
        await open_records(story, path)
        await story.until(is_open)
        await story.press("escape")
        await story.until(lambda: not is_open())


async def test_validation_and_submission_are_a_key_away(tmp_path: Path, desk: Desk) -> None:
    path = scan(tmp_path)
    async with at_console(desk, tmp_path) as story:
        await open_records(story, path)
        await story.sees("30 records")
        await story.press("v")
        await story.on(ValidationScreen)
        await story.press("escape")
        await story.on(RecordsScreen)
        await story.press("s")
        await story.on(SubmitScreen)

        assert [message.path for message in story.posted(OpenValidation)] == [path]
        assert [message.path for message in story.posted(OpenSubmit)] == [path]


@pytest.mark.parametrize("size", [NARROW, WIDE], ids=["narrow", "wide"])
def test_look_of_the_list(
    tmp_path: Path, desk: Desk, look: Look, size: tuple[int, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    flawed(tmp_path)

    async def story(story: Story) -> None:
        await open_records(story, Path("flawed.ocsf.json"), at=3)
        await story.sees("severity_id", "✗")
        await issues_are_counted(story)

    assert look(desk, Path(), story, size)


@pytest.mark.parametrize("size", [NARROW, WIDE], ids=["narrow", "wide"])
def test_look_of_a_record(
    tmp_path: Path, desk: Desk, look: Look, size: tuple[int, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    scan(tmp_path)

    async def story(story: Story) -> None:
        await open_records(story, Path("scan.ocsf.json"), at=12)
        await story.sees("message finding number 12", "No issues")
        await story.press("enter", "down")
        await issues_are_counted(story)

    assert look(desk, Path(), story, size)
