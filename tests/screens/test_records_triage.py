"""Going through records: the next one with an error, what is wrong at which attribute, marks, and copying."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from console.progress import Cancel
from console.submissions.desk import Desk
from screens.navigation import OpenRecords
from screens.record_rows import FileRows
from screens.records import RecordsScreen
from screens.widgets.clipboard import MOST_BYTES
from screens.widgets.record_tree import RecordTree
from tests.screens.gate import closed_gate, open_end
from tests.screens.job_stories import NARROW, WIDE, Story, at_console
from tests.screens.scan import flawed, record, scan
from tests.screens.test_records import open_records
from tests.screens.test_records_filter import filtered


async def on_record(story: Story, screen: RecordsScreen, number: int) -> None:
    """Wait until the cursor is on the record of that number."""
    await story.until(lambda: screen.table.line is not None and screen.table.line.number == number)


def under_cursor(tree: RecordTree) -> str:
    """The line of the tree that the cursor is on."""
    node = tree.cursor_node
    return "" if node is None else str(node.label)


async def test_the_next_error_is_gone_to_and_broken_places_count(tmp_path: Path, desk: Desk) -> None:
    async with at_console(desk, tmp_path, WIDE) as story:
        screen = await open_records(story, flawed(tmp_path))
        await story.sees("2 broken")
        for number in (3, 5, 7):
            await story.press("i")
            await on_record(story, screen, number)
        await story.press("i")
        await story.until(lambda: screen.table.cursor == screen.table.count - 1)
        await story.press("i")
        await story.sees("No error in any record after this one.")
        for number in (7, 5, 3):
            await story.press("I")
            await on_record(story, screen, number)
        await story.press("I")
        await story.sees("No error in any record before this one.")


async def test_the_next_error_is_looked_for_in_the_order_and_the_filter_of_the_list(tmp_path: Path, desk: Desk) -> None:
    async with at_console(desk, tmp_path) as story:
        screen = await open_records(story, flawed(tmp_path))
        await story.sees("2 broken")
        await filtered(story, '"finding number"')
        await story.sees("29 of 30 records")
        await story.press("S")
        await story.until(lambda: screen.table.sort is not None)
        await story.press("home", "i")
        await on_record(story, screen, 7)
        await story.press("i")
        await on_record(story, screen, 3)


async def test_a_search_for_an_error_is_stopped(tmp_path: Path, desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    started: list[bytes] = []

    def pieces(_self: FileRows, _first: int, _last: int, cancel: Cancel) -> object:
        started.append(b"")
        while True:
            cancel.check()

    async with at_console(desk, tmp_path) as story:
        screen = await open_records(story, scan(tmp_path))
        await story.sees("30 records", "No issues")
        monkeypatch.setattr(FileRows, "pieces", pieces)
        await story.press("i")
        await story.until(lambda: bool(started))
        await story.press("escape")
        assert story.app.screen is screen
        await story.press("escape")
        await story.until(lambda: story.app.screen is not screen)


def faulty() -> dict[str, object]:
    """A record with something wrong at several places, one of them inside of what starts folded."""
    many = {f"key_{number}": number for number in range(20)}
    resource = {"uid": 7, "name": "bucket", "type": "Bucket", "data": many, "owner": {"type_id": 12}}
    return {
        **record(0),
        "severity_id": 42,
        "finding_info": {"title": "Without a uid", "created_time": 1_763_547_300_123},
        "resources": [{"uid": "a"}, resource, *({"uid": str(number)} for number in range(12))],
        "time_dt": "2025-11-19T11:15:00+01:00",
    }


async def test_issues_and_meanings_stand_at_the_very_attribute(tmp_path: Path, desk: Desk) -> None:
    path = tmp_path / "faulty.json"
    path.write_text(json.dumps([record(1), faulty()]))
    async with at_console(desk, tmp_path, (160, 50)) as story:
        screen = await open_records(story, path, at=1)
        await story.sees(
            "severity_id 42 ✗ severity_id must be one of",
            "status_id 1 New",
            "class_uid 2004 Detection Finding",
            "time 1763547300000 2025-11-19 10:15:00Z",
            "created_time 1763547300123 2025-11-19 10:15:00.123Z",
            "2025-11-19 10:15:00Z",
            "uid not there ✗",
        )
        # What is folded says how much is wrong in it.
        await story.sees("resources [14] 3✗")

        await story.press("enter", "i")
        await story.until(lambda: under_cursor(screen.record).startswith("severity_id"))
        seen = []
        for _ in range(4):
            await story.press("i")
            await story.pilot.pause()
            seen.append(under_cursor(screen.record).split()[0])
        assert {"uid", "type_id"} <= set(seen)
        await story.press("I")
        await story.pilot.pause()
        assert under_cursor(screen.record).split()[0] == seen[-2]

        await story.press("escape", "k", "enter", "i")
        await story.sees("No issue in this record.")


@pytest.mark.parametrize(
    ("attribute", "at", "seen"),
    [
        ("severity_id", ("severity_id",), "severity_id 42 ✗"),
        ("finding_info.title", ("finding_info", "title"), "title Without a uid"),
        ("finding_info.uid", ("finding_info", "uid"), "uid not there ✗"),
        ("resources[1].owner.type_id", ("resources", 1, "owner", "type_id"), "type_id 12"),
        ("resources[1].data.key_19", ("resources", 1, "data", "key_19"), "key_19 19"),
        # The nearest around what is not there.
        ("cloud.zone.name", ("cloud",), "cloud {3}"),
        ("resources[99].name", ("resources",), "resources [14]"),
        ("nothing", ("message",), "message finding number 0"),
    ],
)
async def test_a_record_is_opened_at_the_attribute_that_is_asked_for(
    tmp_path: Path, desk: Desk, attribute: str, at: tuple[str | int, ...], seen: str
) -> None:
    path = tmp_path / "faulty.json"
    path.write_text(json.dumps([record(1), faulty()]))

    def is_there(tree: RecordTree) -> bool:
        node, top = tree.cursor_node, tree.scroll_offset.y
        is_it = node is not None and node.data is not None and node.data.steps == at
        return is_it and top <= tree.cursor_line < top + tree.scrollable_content_region.height

    async with at_console(desk, tmp_path) as story:
        story.app.post_message(OpenRecords(path, 1, attribute=attribute))
        screen = await story.on(RecordsScreen)
        # What is not there, too, is known once the record is checked.
        await story.until(lambda: "severity_id" in str(screen.issues.text.content))
        await story.sees(seen)
        await story.until(lambda: is_there(screen.record))
        assert screen.table.has_focus
        await story.press("k")
        await story.sees("message finding number 1")
        assert screen.record.cursor_line == 0, "that of another record is not asked for"


async def test_the_attribute_is_gone_to_once_it_is_known_which_record_it_is_in(tmp_path: Path, desk: Desk) -> None:
    with closed_gate(FileRows) as gate:
        async with at_console(desk, tmp_path) as story:
            story.app.post_message(OpenRecords(scan(tmp_path, 5_000), 4_321, attribute="cloud.region"))
            screen = await story.on(RecordsScreen)
            await story.sees("≈4,3", "message finding number")
            gate.set()
            await on_record(story, screen, 4_321)
            await story.until(lambda: under_cursor(screen.record).startswith("region"))


async def test_records_are_marked_one_by_one_in_a_row_and_all_others(tmp_path: Path, desk: Desk) -> None:
    async with at_console(desk, tmp_path) as story:
        screen = await open_records(story, scan(tmp_path))
        await story.sees("30 records")
        marks = screen.table.marks
        await story.press("m")
        await story.sees("Mark one end with space first")
        await story.press("space", "j", "space")
        await story.sees("2 marked")
        assert list(marks) == [0, 2]
        assert screen.table.cursor == 3
        await story.press("j", "j", "m")
        await story.sees("5 marked")
        assert list(marks) == [0, 2, 3, 4, 5]
        # They stay with a filter, and in another order.
        await filtered(story, "severity=low")
        await story.sees("5 of 30 records · 5 marked", "●")
        await story.press("*")
        await story.sees("8 marked")
        assert list(marks) == [0, 2, 3, 5, 10, 16, 22, 28]
        await story.press("u")
        await story.until(lambda: "marked" not in story.text and "●  " not in story.text)
        assert len(marks) == 0


async def test_the_marks_are_not_turned_round_until_all_that_a_filter_means_is_found(
    tmp_path: Path, desk: Desk
) -> None:
    with open_end() as gate:
        async with at_console(desk, tmp_path) as story:
            screen = await open_records(story, scan(tmp_path))
            await story.sees("30 records")
            await filtered(story, "severity=low")
            await story.sees("5 of 30 so far")
            await story.press("*")
            await story.sees("Wait until all records are found.")
            assert len(screen.table.marks) == 0
            gate.set()
            await story.sees("5 of 30 records")
            await story.press("*")
            await story.sees("5 marked")
            assert list(screen.table.marks) == [4, 10, 16, 22, 28]


async def test_a_record_whose_number_is_a_guess_is_not_marked(tmp_path: Path, desk: Desk) -> None:
    with closed_gate(FileRows) as gate:
        async with at_console(desk, tmp_path) as story:
            screen = await open_records(story, scan(tmp_path, 5_000))
            await story.sees("message finding number 0")
            await story.press("G")
            await story.sees("≈")
            await story.press("space")
            await story.sees("Wait until all records are found")
            assert len(screen.table.marks) == 0
            gate.set()
            await story.sees("5,000 records")
            await story.until(lambda: screen.table.line is not None and not screen.table.line.guessed)
            # As a second look for the same guess does, which ends when the line is known.
            screen.table.settle(0)
            assert screen.table.line is not None
            await story.press("space")
            await story.sees("1 marked")
            assert list(screen.table.marks) == [4_999]


async def test_cells_values_paths_and_records_are_copied_and_it_is_said_how(tmp_path: Path, desk: Desk) -> None:
    path = tmp_path / "copied.json"
    raw = '{"message": "a\\u001b[2Jb\\nc", "numbers": [1, 2.50, {"big": 123456789012345678901}],   "é": null}'
    path.write_text(f'[{raw},\n{{"message": "second"}}]')
    async with at_console(desk, tmp_path, WIDE) as story:
        screen = await open_records(story, path)
        await story.sees("2 records", "message a␛[2Jb␊c")
        clipboard = story.app
        screen.table.column = 3
        await story.press("y")
        await story.sees("Copied Title (", "by OSC 52")
        assert clipboard.clipboard == "a\x1b[2Jb\nc"
        await story.press("Y")
        await story.sees("Copied record 0")
        assert clipboard.clipboard == raw

        await story.press("enter", "y")
        await story.sees("Copied the value of message (8 bytes) by OSC 52")
        assert clipboard.clipboard == "a\x1b[2Jb\nc"
        await story.press("down", "y")
        await story.sees("Copied the value of numbers")
        assert json.loads(clipboard.clipboard) == [1, 2.5, {"big": 123456789012345678901}]
        await story.press("down", "down", "down", "down", "ctrl+y")
        await story.sees("Copied the path")
        assert clipboard.clipboard == "numbers[2].big"

        await story.press("escape", "space", "space")
        await story.sees("2 marked")
        await story.press("Y")
        await story.sees("Copied 2 marked records")
        assert clipboard.clipboard == f'[{raw},\n{{"message": "second"}}]'


async def test_more_than_a_terminal_takes_is_not_copied(tmp_path: Path, desk: Desk) -> None:
    path = tmp_path / "large.json"
    path.write_text(json.dumps([{"message": "x" * (MOST_BYTES + 1)}]))
    async with at_console(desk, tmp_path) as story:
        await open_records(story, path)
        await story.sees("message xxx")
        too_much = "more than the 74,994 bytes that terminals take."
        show = "ocsf-console show FILE"
        for keys, said in (
            (("Y",), f"record 0, {too_much} {show} --record 0 --format raw writes it."),
            (
                ("space", "Y"),
                f"1 marked record, {too_much} Submit takes them; {show} --select … writes what an expression means.",
            ),
            (("enter", "y"), f"the value of message, {too_much} {show} --record 0 writes the whole record."),
        ):
            await story.press(*keys)
            await story.until(lambda said=said: story.said_last == f"Not copied: {said}")  # type: ignore[misc]
        await story.sees("Not copied: the value")
        assert not story.app.clipboard


@pytest.mark.parametrize("size", [NARROW, WIDE], ids=["narrow", "wide"])
async def test_a_place_that_holds_no_record_is_neither_marked_nor_copied(
    tmp_path: Path, desk: Desk, size: tuple[int, int]
) -> None:
    async with at_console(desk, tmp_path, size) as story:
        screen = await open_records(story, flawed(tmp_path), at=5)
        await story.sees("broken: ")
        await on_record(story, screen, 5)
        await story.press("space", "y", "Y")
        await story.sees("There is no record here to copy.")
        assert len(screen.table.marks) == 0
        assert not story.app.clipboard
