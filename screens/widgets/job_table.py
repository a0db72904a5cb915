"""The table of jobs: one page of them, with a row cursor for jobs and a column cursor for sorting."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar, Final

from rich.style import Style
from textual.binding import BindingType
from textual.message import Message
from textual.strip import Strip

from console.submissions.model import TrackedJob
from screens.commands.jobs import JOB_LIST
from screens.commands.lists import LIST
from screens.widgets import job_strips, job_words
from screens.widgets.cursor_table import CursorTable
from screens.widgets.job_columns import COLUMNS, NEWEST_FIRST, Cell, JobColumn, JobOrder, Marks, cell_of, ordered
from screens.widgets.job_strips import Layout, Section

_SHORTEST: Final = 14
"""The least room for the names of files."""
_BESIDE: Final = ((66, 30), (90, 36))
"""Columns of a terminal that are for others first, and the most that names then have of the rest: beside them one sees
how many records a job has, and on a wider one how many it rejected."""


class JobTable(CursorTable[JobColumn]):
    """One page of jobs. Shows what it is given and decides nothing."""

    COMPONENT_CLASSES = {f"table--{part}" for part in (*job_words.TONES, "odd", "watched", "plain")}

    BINDINGS: ClassVar[list[BindingType]] = [*LIST.bindings(), *JOB_LIST.bindings()]

    @dataclass
    class OpenWanted(Message):
        """The operator wants to see a job."""

        tracked: TrackedJob

    def __init__(self) -> None:
        super().__init__(COLUMNS)
        self._jobs: list[TrackedJob] = []
        self._watched: Marks = frozenset()
        self._rows: list[list[Cell]] = []
        """The cells of the jobs."""
        self._layout = Layout.fitted(COLUMNS, NEWEST_FIRST, ())
        self._width_of_files = 0
        """The room that the names of files have."""
        self._page_before = 0
        """How many rows fitted on the screen before its size changed."""
        self._order = NEWEST_FIRST

    @property
    def jobs(self) -> Sequence[TrackedJob]:
        """The jobs on the page, in the order in which they are shown."""
        return self._jobs

    @property
    def job(self) -> TrackedJob | None:
        """The job under the cursor."""
        return self._jobs[self.cursor] if self._jobs else None

    def show(
        self,
        jobs: Sequence[TrackedJob],
        order: JobOrder,
        columns: tuple[JobColumn, ...] = COLUMNS,
        watched: Marks = frozenset(),
    ) -> None:
        """Show a page of jobs. The cursor stays on the job that it is on, if that is still there.

        Where they are the same jobs as before nothing moves under the reader.
        """
        in_order, current = ordered(jobs, order), self.job
        ids = list(map(_identity, in_order))
        are_same = (columns, order) == (self.columns, self._order) and ids == list(map(_identity, self._jobs))
        self._jobs, self._order, self._watched = in_order, order, watched
        self._make_rows(columns, least=self._layout.widths if are_same else ())
        if columns != self.columns:
            self.show_columns(columns)
        if not are_same:
            if current is not None and _identity(current) in ids:
                self.cursor = ids.index(_identity(current))
            self.show_cursor()

    def _make_rows(self, columns: tuple[JobColumn, ...], least: Sequence[int] = ()) -> None:
        """Make the cells, and each column as wide as what is in it, and as *least* says."""
        ids, width = job_words.short_ids([tracked.job.id for tracked in self._jobs]), self._room_for_files
        self._rows = []
        for tracked, short in zip(self._jobs, ids, strict=True):
            watched = _identity(tracked) in self._watched
            self._rows.append([cell_of(one, tracked, short, width, watched=watched) for one in columns])
        self._width_of_files = width
        self._layout = Layout.fitted(columns, self._order, self._rows, least)
        self.show_count(len(self._rows), self._layout.width)

    @property
    def _room_for_files(self) -> int:
        """The room for the names of files."""
        width = self.app.size.width
        return max(_SHORTEST, *(min(width - others, most) for others, most in _BESIDE))

    def on_resize(self) -> None:
        """Give the names of files what room there is, and keep the cursor on the screen if it was there."""
        if self._width_of_files != self._room_for_files:
            self._make_rows(self.columns)
        top = self.scroll_offset.y
        if self.cursor in range(top, top + self._page_before):
            self.show_cursor()
        self._page_before = self.page

    def on_mouse_scroll_down(self) -> None:
        """Somebody looks further down."""
        self.post_message(self.Moved())

    def on_mouse_scroll_up(self) -> None:
        """Somebody looks further up."""
        self.post_message(self.Moved())

    def turn(self, columns: int) -> None:
        """Move the cursor by some columns: somebody looks there."""
        super().turn(columns)
        self.post_message(self.Moved())

    def press(self, row: int, column: int) -> None:
        """Put the cursors on a cell; open the job if they are there already."""
        if (row, column) == (self.cursor, self.column):
            self.action_open()
        else:
            super().press(row, column)

    def action_open(self) -> None:
        """Show the job under the cursor."""
        if self.job is not None:
            self.post_message(self.OpenWanted(self.job))

    def heading_style(self) -> Style:
        """That of the headings, tinted while the table has the focus."""
        return self.get_component_rich_style("table--heading")

    def draw_heading(self, base: Style) -> Strip:
        """The names of the columns, on the style of headings."""
        under_cursor = base + self.part("column")
        current = self.column_under_cursor
        return job_strips.heading(self._layout, current, self._order, base, under_cursor, self._seen)

    def draw_row(self, row: int, base: Style) -> Strip:
        """A job. Under the cursor it has one colour, so that it can be read on that of the cursor."""
        style = _no_colour if row == self.cursor else self.part
        return job_strips.job(self._rows[row], self._layout, base, style, self._seen)

    @property
    def _seen(self) -> Section:
        return Section(self.scroll_offset.x, self.line_width)

    def column_at(self, x: int) -> int | None:
        """Which column is at a cell of the table, if one is."""
        at = x if x < self._layout.fixed else x + self.scroll_offset.x
        return next((place for place, (_, right) in enumerate(self._layout.edges()) if at < right), None)

    def show_column(self) -> None:
        """Scroll no further than it takes to see the column under the cursor beside the first one."""
        left, right = list(self._layout.edges())[self.column]
        x = max(self.scroll_offset.x, right - self.line_width)
        self.scroll_to(x=min(x, left - self._layout.fixed), animate=False, immediate=True)
        self.refresh()


def _identity(tracked: TrackedJob) -> tuple[str, str]:
    """What a job is told by."""
    return tracked.job.target, tracked.job.id


def _no_colour(_part: str) -> Style:
    """The style of any part of a row that has one colour."""
    return Style.null()
