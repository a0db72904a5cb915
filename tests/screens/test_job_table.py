"""The table of jobs by itself: how one moves about in it, and what stays where it is when jobs are shown anew."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace

import pytest
from rich.style import Style
from textual import events
from textual.app import App, ComposeResult
from textual.message import Message
from textual.pilot import Pilot
from textual.strip import Strip

from console.display import safe_text
from console.submissions.model import TrackedJob
from screens.widgets import job_columns, job_strips
from screens.widgets.cursor_table import SortWanted
from screens.widgets.job_columns import COLUMNS, COLUMNS_OF_ALL, NEWEST_FIRST, Cell, JobOrder
from screens.widgets.job_strips import Layout, Section
from screens.widgets.job_table import JobTable
from tests.screens.fixed_desk import job
from tests.screens.job_stories import NARROW, WIDE

JOBS = [job(number) for number in range(100)]


class TableApp(App[None]):
    """Nothing but the table."""

    CSS = "JobTable { height: 1fr; padding: 0 1; }"

    def compose(self) -> ComposeResult:
        yield JobTable()


@dataclass
class Told:
    """The table, who uses it, and what it says."""

    pilot: Pilot[None]
    table: JobTable
    messages: list[Message]

    def lines(self) -> list[str]:
        """What is on the screen."""
        strips = self.pilot.app.screen._compositor.render_strips()
        return ["".join(segment.text for segment in strip) for strip in strips]

    async def show(self, jobs: Sequence[TrackedJob], order: JobOrder = NEWEST_FIRST) -> None:
        """Show jobs, and wait until they are seen."""
        self.table.show(jobs, order)
        await self.pilot.pause()

    async def press(self, *keys: str) -> None:
        """Press keys."""
        await self.pilot.press(*keys)
        await self.pilot.pause()

    async def click(self, x: int, y: int) -> None:
        """Click on a cell of the terminal."""
        await self.pilot.click(offset=(x, y))
        await self.pilot.pause()

    async def wheel(self) -> None:
        """Turn the wheel of the mouse down, over the table."""
        await self.pilot._post_mouse_events([events.MouseScrollDown], self.table, (5, 5))
        await self.pilot.pause()

    def said(self, kind: type[Message]) -> list[Message]:
        """What the table said of a kind."""
        return list({id(one): one for one in self.messages if isinstance(one, kind)}.values())


@asynccontextmanager
async def at_table(jobs: Sequence[TrackedJob] = JOBS, size: tuple[int, int] = NARROW) -> AsyncIterator[Told]:
    """The table with some jobs."""
    messages = list[Message]()
    app = TableApp()
    async with app.run_test(size=size, message_hook=messages.append) as pilot:
        told = Told(pilot, app.query_one(JobTable), messages)
        told.table.focus()
        await told.show(jobs)
        yield told


def of_status(tracked: TrackedJob, status: str) -> TrackedJob:
    """The same job, further on."""
    return replace(tracked, job=replace(tracked.job, status=status))


async def test_the_keys_move_the_cursor_by_lines_and_pages_and_to_both_ends() -> None:
    async with at_table() as told:
        table = told.table
        await told.press("j", "down", "k")
        assert (table.cursor, table.scroll_offset.y) == (1, 0)

        # A page further everything is new, and the cursor is as high as it was.
        await told.press("pagedown")
        assert (table.cursor, table.scroll_offset.y) == (1 + table.page, table.page)
        await told.press("pageup")
        assert (table.cursor, table.scroll_offset.y) == (1, 0)

        for last, first in (("G", "g"), ("end", "home")):
            await told.press(last)
            assert table.cursor in table.shown_rows
            assert table.cursor == len(JOBS) - 1
            await told.press(first)
            assert (table.cursor, table.scroll_offset.y) == (0, 0)
        await told.press("up")
        assert table.cursor == 0


async def test_the_columns_come_into_view_and_the_first_one_stays() -> None:
    async with at_table() as told:
        before = told.lines()
        await told.press(*["right"] * 8, "l", "l")  # there is none after the last
        assert told.table.column_under_cursor.key == "took"
        heading, first, *_ = told.lines()
        assert heading.startswith("  Status ")
        assert "Took" in heading
        assert "Total" not in heading
        assert first.startswith("  ○ pending ")

        await told.press("h", *["left"] * 12)
        assert told.table.column_under_cursor.key == "status"
        assert told.lines() == before


async def test_a_narrow_terminal_shows_which_job_it_is_and_when_it_was_requested() -> None:
    async with at_table() as told:
        heading, first, *_ = told.lines()
        assert heading.split() == ["Status", "Job", "File", "Requested", "▼", "Total"]
        assert "  2026-11-19 10:15:00Z    1,000 " in first


async def test_a_narrow_terminal_shows_how_far_a_job_is_and_what_a_completed_one_rejected() -> None:
    async with at_table() as told:
        _, _, working, clean, mixed, failed, *_ = told.lines()
        assert working.startswith("  ◐ processing 41 %  ")
        assert clean.startswith("  ● completed        ")
        assert mixed.startswith("  ● completed ✗ 12   ")
        assert failed.startswith("  ✗ failed           ")


async def test_a_wide_terminal_shows_the_numbers_too() -> None:
    async with at_table(size=WIDE) as told:
        heading, _, _, _, mixed, *_ = told.lines()
        assert "Processed    Invalid" in heading
        assert mixed.split()[-2:] == ["988", "12"]


async def test_whoever_moves_or_scrolls_is_said_to_read() -> None:
    async with at_table() as told:
        for number, key in enumerate(("j", "pagedown", "G", "right", "h"), 1):
            await told.press(key)
            assert len(told.said(JobTable.Moved)) == number
        await told.wheel()
        assert len(told.said(JobTable.Moved)) == 6
        await told.show(JOBS[50:])
        assert len(told.said(JobTable.Moved)) == 6, "nobody moved"


async def test_a_click_puts_the_cursors_there_and_another_one_opens_the_job() -> None:
    async with at_table() as told:
        await told.click(20, 4)
        assert (told.table.cursor, told.table.column_under_cursor.key) == (3, "id")
        assert told.said(JobTable.OpenWanted) == []
        await told.click(20, 4)
        assert [one.tracked for one in told.said(JobTable.OpenWanted) if isinstance(one, JobTable.OpenWanted)] == [
            JOBS[3]
        ]
        await told.press("enter")
        assert len(told.said(JobTable.OpenWanted)) == 2


async def test_a_click_on_a_name_asks_for_that_order_wherever_the_columns_are() -> None:
    async with at_table() as told:
        await told.press(*["right"] * 9)
        x = told.lines()[0].index("Completed")
        for at in (x, 3):
            await told.click(at, 0)
        wanted = [one.column for one in told.said(SortWanted) if isinstance(one, SortWanted)]
        assert [column.key for column in wanted] == ["completed_at", "status"]


async def test_nothing_moves_when_the_same_jobs_come_again() -> None:
    async with at_table() as told:
        await told.press("j", "j")
        await told.wheel()
        await told.wheel()
        top = told.table.scroll_offset.y
        assert top > told.table.cursor
        await told.show([*JOBS[:10], of_status(JOBS[10], "moved-on"), *JOBS[11:]])
        assert told.table.scroll_offset.y == top
        assert told.table.cursor == 2
        assert "· moved-on" in told.lines()[11 - top]

        # Among other jobs the cursor is where one looks.
        await told.show(JOBS[:50])
        assert told.table.cursor in told.table.shown_rows


async def test_columns_only_grow_while_the_jobs_are_the_same() -> None:
    long = [of_status(JOBS[0], "quite-some-status"), *JOBS[1:]]
    async with at_table() as told:
        narrow = told.lines()[0].index("Job")
        await told.show(long)
        wide = told.lines()[0].index("Job")
        assert wide > narrow
        await told.show(JOBS)
        assert told.lines()[0].index("Job") == wide
        await told.show(JOBS[1:])
        assert told.lines()[0].index("Job") == narrow


async def test_the_cursor_stays_on_its_job_in_another_order_and_among_others() -> None:
    async with at_table() as told:
        await told.press("j", "j", "j")
        await told.show(JOBS, JobOrder("id", descending=True))
        assert told.table.job == JOBS[3]
        assert told.table.cursor == 96
        assert told.table.cursor in told.table.shown_rows
        await told.show(JOBS[3:5])
        assert told.table.job == JOBS[3]
        assert JOBS[3].job.id[:8] in told.lines()[1]

        # It is gone: the one in its place.
        await told.show(JOBS[6:8])
        assert told.table.job == JOBS[6]


async def test_fewer_jobs_and_narrower_ones_are_seen_from_the_beginning() -> None:
    async with at_table() as told:
        await told.press("G", *["right"] * 9)
        assert told.table.scroll_offset.x > 0
        told.table.show(JOBS[:3], JobOrder("requested_at", descending=True))
        await told.pilot.resize_terminal(200, 24)
        await told.pilot.pause()
        assert told.table.scroll_offset == (0, 0)
        assert [JOBS[row].job.id[:8] in line for row, line in enumerate(told.lines()[1:4])] == [True] * 3


async def test_wide_terminals_have_room_for_longer_names_of_files() -> None:
    async with at_table() as told:
        assert "prow…119101500 " in told.lines()[1]
        await told.pilot.resize_terminal(*WIDE)
        await told.pilot.pause()
        assert "prowler-ou…9012-20261119101500 " in told.lines()[1]
        await told.pilot.resize_terminal(WIDE[0] + 20, 24)
        await told.pilot.pause()
        assert "prowler-outp…56789012-20261119101500 " in told.lines()[1]


async def test_a_cursor_on_the_screen_stays_on_it_when_that_becomes_smaller() -> None:
    async with at_table() as told:
        await told.press(*["j"] * 20)
        await told.pilot.resize_terminal(80, 10)
        await told.pilot.pause()
        assert told.table.cursor in told.table.shown_rows

        # One who scrolled away is left alone.
        await told.press("g")
        for _ in range(5):
            await told.wheel()
        top = told.table.scroll_offset.y
        await told.pilot.resize_terminal(80, 8)
        await told.pilot.pause()
        assert told.table.scroll_offset.y == top > 0


async def test_the_cursor_stays_in_its_column_when_there_are_others() -> None:
    async with at_table() as told:
        await told.press("right", "right")
        told.table.show(JOBS, NEWEST_FIRST, COLUMNS_OF_ALL)
        await told.pilot.pause()
        assert told.table.column_under_cursor.key == "files"
        await told.press("left", "left")
        assert told.table.column_under_cursor.key == "target"
        told.table.show(JOBS, NEWEST_FIRST, COLUMNS)
        await told.pilot.pause()
        assert told.table.column_under_cursor.key == "status"
        assert "Target" not in told.lines()[0]


async def test_an_empty_table_can_be_used() -> None:
    async with at_table(()) as told:
        await told.press("j", "G", "pagedown", "right", "enter")
        await told.click(5, 3)
        assert told.table.job is None
        assert told.said(JobTable.OpenWanted) == []


async def test_only_the_rows_on_the_screen_are_drawn(monkeypatch: pytest.MonkeyPatch) -> None:
    drawn = list[Sequence[Cell]]()
    draw = job_strips.job

    def noted(
        cells: Sequence[Cell], layout: Layout, base: Style, style: Callable[[str], Style], seen: Section
    ) -> Strip:
        drawn.append(cells)
        return draw(cells, layout, base, style, seen)

    monkeypatch.setattr(job_strips, "job", noted)
    async with at_table([job(number) for number in range(500)]) as told:
        drawn.clear()
        await told.show([of_status(job(number), "moved-on") for number in range(500)])
        # One may be behind the scrollbar.
        assert told.table.page <= len(drawn) <= told.table.page + 1


async def test_what_is_as_it_was_is_not_put_into_words_again(monkeypatch: pytest.MonkeyPatch) -> None:
    made = list[str]()

    def noted(words: str, *, width: int) -> str:
        made.append(words)
        return safe_text(words, width=width)

    async with at_table() as told:
        monkeypatch.setattr(job_columns, "safe_text", noted)
        await told.show([*JOBS[:7], of_status(JOBS[7], "never-seen-before"), *JOBS[8:]])
        assert made == ["· never-seen-before"]
