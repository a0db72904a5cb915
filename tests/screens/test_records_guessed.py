"""Paging through a file of which it is not known yet where its records are."""

from __future__ import annotations

import gzip
from collections.abc import Iterator
from pathlib import Path
from threading import Event

import pytest

from console.submissions.desk import Desk
from screens.record_rows import FileRows
from screens.records import RecordsScreen
from screens.widgets.record_detail import PlaceRead
from tests.screens.conftest import Look
from tests.screens.gate import closed_gate
from tests.screens.job_stories import NARROW, Story, at_console
from tests.screens.scan import scan
from tests.screens.test_records import open_records

_ABOUT = "≈"


@pytest.fixture
def gate() -> Iterator[Event]:
    """What must be set before records are found."""
    with closed_gate(FileRows) as gate:
        yield gate


def shown(story: Story) -> str:
    """The message of the record under the cursor."""
    reading = story.posted(PlaceRead)[-1].reading
    return str(reading.value["message"])


async def all_found(story: Story, gate: Event, count: int) -> RecordsScreen:
    """Let the records be found, and wait until the list is exact."""
    screen = await story.on(RecordsScreen)
    gate.set()
    await story.sees(f"{count:,} records")
    await story.until(lambda: screen.table.known == screen.table.count == count and _ABOUT not in story.text)
    return screen


async def test_the_first_records_are_there_before_the_others_are_found(tmp_path: Path, desk: Desk, gate: Event) -> None:
    async with at_console(desk, tmp_path) as story:
        await open_records(story, scan(tmp_path, 5_000))
        await story.sees("message finding number 0", "100 of ≈", "No issues")
        await story.press("pagedown")
        await story.sees("message finding number 10")
        assert not gate.is_set()


async def test_the_end_is_shown_by_guess_and_stays_when_its_number_is_known(
    tmp_path: Path, desk: Desk, gate: Event
) -> None:
    async with at_console(desk, tmp_path) as story:
        screen = await open_records(story, scan(tmp_path, 5_000))
        await story.sees("message finding number 0")
        await story.press("G")
        await story.sees("message finding number 4999", _ABOUT)
        await story.press("k")
        await story.sees("message finding number 4998")
        line, read = screen.table.cursor - screen.table.scroll_offset.y, len(story.posted(PlaceRead))

        await all_found(story, gate, 5_000)

        assert screen.table.cursor == 4_998
        assert screen.table.cursor - screen.table.scroll_offset.y == line
        assert len(story.posted(PlaceRead)) == read
        assert "4,998 " in story.text


async def test_guessed_rows_can_be_paged_through(tmp_path: Path, desk: Desk, gate: Event) -> None:
    async with at_console(desk, tmp_path) as story:
        await open_records(story, scan(tmp_path, 5_000))
        await story.sees("message finding number 0")
        await story.press("G")
        await story.sees("message finding number 4999")
        seen = []
        for page in range(1, 4):
            await story.press("pageup")
            await story.until(lambda: len(story.posted(PlaceRead)) == page + 2)  # noqa: B023
            seen.append(int(shown(story).rpartition(" ")[2]))
        screen = await story.on(RecordsScreen)

        assert seen == [4_999 - page * screen.table.page for page in range(1, 4)]
        assert not gate.is_set()


async def test_a_record_that_is_not_found_yet_is_gone_to_when_it_is(tmp_path: Path, desk: Desk, gate: Event) -> None:
    async with at_console(desk, tmp_path) as story:
        await open_records(story, scan(tmp_path, 5_000), at=2_345)
        await story.sees("2,345", _ABOUT, "message finding number 23")

        screen = await all_found(story, gate, 5_000)

        await story.sees("message finding number 2345")
        assert screen.table.cursor == 2_345


async def test_whoever_moves_on_is_not_taken_back_to_where_he_wanted_to_go(
    tmp_path: Path, desk: Desk, gate: Event
) -> None:
    async with at_console(desk, tmp_path) as story:
        await open_records(story, scan(tmp_path, 5_000), at=2_345)
        await story.sees("message finding number 23")
        await story.press("home")
        await story.sees("message finding number 0")

        screen = await all_found(story, gate, 5_000)

        assert screen.table.cursor == 0


async def test_a_number_beyond_the_end_is_the_end(tmp_path: Path, desk: Desk, gate: Event) -> None:
    async with at_console(desk, tmp_path) as story:
        screen = await open_records(story, scan(tmp_path, 5_000))
        await story.sees("message finding number 0")
        await story.press("g", *"99999", "enter")
        await story.sees("message finding number 4999")

        await all_found(story, gate, 5_000)

        assert screen.table.cursor == 4_999


async def test_what_the_scrollbar_was_dragged_to_stays_when_its_number_is_known(
    tmp_path: Path, desk: Desk, gate: Event
) -> None:
    async with at_console(desk, tmp_path) as story:
        screen = await open_records(story, scan(tmp_path, 5_000))
        await story.sees("message finding number 0")
        screen.table.scroll_to(y=3_000, animate=False, immediate=True)
        await story.until(lambda: screen.table.guess is not None)
        guess = screen.table.guess
        assert guess is not None

        await all_found(story, gate, 5_000)

        assert screen.table.cursor == 0
        rows = screen.table.source
        assert isinstance(rows, FileRows)
        assert rows.row_at(guess[1].start) == screen.table.scroll_offset.y


async def test_only_what_is_known_is_listed_of_a_compressed_file(tmp_path: Path, desk: Desk, gate: Event) -> None:
    path = tmp_path / "scan.json.gz"
    path.write_bytes(gzip.compress(scan(tmp_path, 5_000).read_bytes()))
    async with at_console(desk, tmp_path) as story:
        screen = await open_records(story, path)
        await story.sees("100 records …", "message finding number 0")
        await story.press("G")
        await story.sees("message finding number 99")
        assert _ABOUT not in story.text

        await all_found(story, gate, 5_000)

        assert screen.table.cursor == 99


def test_look_of_a_guessed_end(
    tmp_path: Path, desk: Desk, look: Look, gate: Event, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    scan(tmp_path, 5_000)

    async def story(story: Story) -> None:
        await open_records(story, Path("scan.ocsf.json"))
        await story.sees("message finding number 0")
        await story.press("G")
        await story.sees("message finding number 4999", "No issues")
        assert not gate.is_set()

    assert look(desk, Path(), story, NARROW)
