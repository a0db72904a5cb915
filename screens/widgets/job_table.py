"""The table of jobs: one page of them, with a row cursor for jobs and a column cursor for sorting."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import PurePath
from typing import ClassVar, Final

from rich.text import Text
from textual.binding import BindingType
from textual.coordinate import Coordinate
from textual.geometry import Region
from textual.widgets import DataTable
from textual.widgets.data_table import CursorType

from console.submissions.model import TrackedJob
from screens.commands.lists import LIST
from screens.widgets import job_words
from screens.widgets.numbers import NOTHING, number
from screens.widgets.text import cell

_INFERRED: Final = "≈"
"""Before a file that a job is taken to have come from, though nobody said so."""

SortKey = str | int | float | datetime | None


@dataclass(frozen=True, slots=True)
class JobColumn:
    """One column of the table."""

    key: str
    label: str
    sort_key: Callable[[TrackedJob], SortKey]
    """What jobs on one page are ordered by. None comes last."""
    words: Callable[[TrackedJob], str]
    """What is shown. Foreign text."""
    field: str | None = None
    """The field by which the target itself can sort, over all pages."""
    numeric: bool = False


@dataclass(frozen=True, slots=True)
class JobOrder:
    """By which column the jobs are sorted."""

    column: str
    descending: bool

    @property
    def arrow(self) -> str:
        """The direction, for showing."""
        return "▼" if self.descending else "▲"

    def by(self, column: JobColumn) -> JobOrder:
        """The order after the operator asks for *column*: the other way round if it was that one already."""
        if column.key == self.column:
            return JobOrder(column.key, not self.descending)
        # Times and counts are looked at from the newest and the largest.
        return JobOrder(column.key, column.numeric or column.field is not None)


def _counter(key: str, label: str, read: Callable[[TrackedJob], int | None]) -> JobColumn:
    return JobColumn(key, label, read, lambda tracked: number(read(tracked)), numeric=True)


def _time(key: str, label: str, read: Callable[[TrackedJob], str | None]) -> JobColumn:
    return JobColumn(
        key, label, lambda tracked: job_words.moment(read(tracked)), lambda tracked: job_words.when(read(tracked)), key
    )


def _files(tracked: TrackedJob) -> str:
    """The names of the files that a job came from, where this console sent it; marked where that is inferred."""
    names = ", ".join(PurePath(file).name for file in tracked.files) or NOTHING
    return f"{_INFERRED} {names}" if tracked.inferred else names


def _seconds(tracked: TrackedJob) -> float | None:
    time = job_words.duration(tracked.job)
    return None if time is None else time.total_seconds()


COLUMNS: Final = (
    JobColumn("status", "Status", lambda tracked: tracked.job.status, lambda t: job_words.status_words(t.job.status)),
    JobColumn("id", "Job", lambda tracked: tracked.job.id, lambda tracked: tracked.job.id),
    JobColumn("files", "File", _files, _files),
    _counter("total", "Total", lambda tracked: tracked.job.summary.total),
    _counter("processed", "Processed", lambda tracked: tracked.job.summary.processed),
    _counter("invalid", "Invalid", lambda tracked: tracked.job.summary.invalid),
    _time("requested_at", "Requested", lambda tracked: tracked.job.requested_at or tracked.job.inserted_at),
    _time("started_at", "Started", lambda tracked: tracked.job.started_at),
    _time("completed_at", "Completed", lambda tracked: tracked.job.completed_at),
    JobColumn("took", "Took", _seconds, lambda tracked: job_words.took(tracked.job), numeric=True),
)
"""The columns of the table, the most telling first: a narrow terminal shows the left ones."""

_TARGET: Final = JobColumn("target", "Target", lambda tracked: tracked.job.target, lambda tracked: tracked.job.target)
COLUMNS_OF_ALL: Final = (COLUMNS[0], _TARGET, *COLUMNS[1:])
"""Those of a list of several targets' jobs."""

_STYLES: Final = {
    "waiting": "cyan",
    "working": "yellow",
    "good": "green",
    "mixed": "yellow",
    "bad": "red",
    "doubtful": "magenta",
    "kept": "magenta",
    "strange": "",
}
NEWEST_FIRST: Final = JobOrder("requested_at", descending=True)
_NARROW_FILE: Final = 18
_WIDE_FILE: Final = 36
_WIDE: Final = 100
"""Columns of a terminal from which on there is room for longer names."""


def column(key: str) -> JobColumn:
    """The column of that key."""
    return next(one for one in COLUMNS_OF_ALL if one.key == key)


class JobTable(DataTable[Text]):
    """One page of jobs. Shows what it is given and decides nothing."""

    BINDINGS: ClassVar[list[BindingType]] = LIST.bindings()

    def __init__(self) -> None:
        super().__init__(cursor_type="row", zebra_stripes=False, fixed_columns=1)
        self._jobs: list[TrackedJob] = []
        self._order = NEWEST_FIRST
        self._shown: tuple[JobColumn, ...] = COLUMNS

    def on_mount(self) -> None:
        """Make the columns."""
        self._make_columns()

    def _make_columns(self) -> None:
        """Make the columns anew, with room for the arrow of the one that is sorted by."""
        self.clear(columns=True)
        for one in self._shown:
            self.add_column(_label(one, self._order), key=one.key, width=self._width if one.key == "files" else None)

    @property
    def _width(self) -> int:
        """The room for the names of files."""
        return _WIDE_FILE if self.app.size.width >= _WIDE else _NARROW_FILE

    def on_resize(self) -> None:
        """Give the names of files what room there is."""
        files = next(one for one in self.ordered_columns if one.key == "files")
        if files.width != self._width:
            files.width = self._width
            self._rebuild(self._jobs, self._order)

    @property
    def jobs(self) -> Sequence[TrackedJob]:
        """The jobs on the page, in the order in which they are shown."""
        return self._jobs

    @property
    def job(self) -> TrackedJob | None:
        """The job under the cursor."""
        return self._jobs[self.cursor_row] if self._jobs else None

    @property
    def column_under_cursor(self) -> JobColumn:
        """The column that a sort is asked for."""
        return self._shown[self.cursor_column]

    def show(self, jobs: Sequence[TrackedJob], order: JobOrder, columns: tuple[JobColumn, ...] = COLUMNS) -> None:
        """Show a page of jobs. The cursor stays on the job that it is on, if that is still there."""
        ordered = _ordered(jobs, order)
        if columns != self._shown:
            self._change_columns(columns)
        if order == self._order and [one.job.id for one in ordered] == [one.job.id for one in self._jobs]:
            self._replace(ordered)
        else:
            self._rebuild(ordered, order)
        self._jobs, self._order = ordered, order

    def _change_columns(self, columns: tuple[JobColumn, ...]) -> None:
        """Show other columns. The cursor stays in the one that it is in."""
        current, self._shown, self._jobs = self.column_under_cursor, columns, []
        self._make_columns()
        self.move_cursor(column=columns.index(current) if current in columns else 0)

    def _replace(self, jobs: Sequence[TrackedJob]) -> None:
        """The same jobs as before: change only what changed, so that nothing moves under the reader."""
        changed = False
        for row, cells in enumerate(self._rows(jobs)):
            for place, new in enumerate(cells):
                at = Coordinate(row, place)
                if self.get_cell_at(at) != new:
                    self.update_cell_at(at, new, update_width=True)
                    changed = True
        if changed:
            # Lines that were drawn before the new widths were known would stay as they are.
            self.call_after_refresh(self.notify_style_update)

    def _rebuild(self, jobs: Sequence[TrackedJob], order: JobOrder) -> None:
        """Other jobs than before: fill the table anew and put the cursor back."""
        current, ids = self.job.job.id if self.job else None, [one.job.id for one in jobs]
        row = ids.index(current) if current in ids else min(self.cursor_row, max(0, len(ids) - 1))
        place, scrolled = self.cursor_column, self.scroll_x
        for shown, one in zip(self.ordered_columns, self._shown, strict=True):
            shown.label = _label(one, order)
        self.clear()
        self.add_rows(self._rows(jobs))
        self.move_cursor(row=row, column=place)
        self.call_after_refresh(self.scroll_to, x=scrolled, animate=False)

    def _rows(self, jobs: Sequence[TrackedJob]) -> list[list[Text]]:
        ids = job_words.short_ids([tracked.job.id for tracked in jobs])
        return [
            [_cell(one, tracked, short, self._width) for one in self._shown]
            for tracked, short in zip(jobs, ids, strict=True)
        ]

    def action_cursor_left(self) -> None:
        """Move the column cursor to the left."""
        self._to_column(self.cursor_column - 1)

    def action_cursor_right(self) -> None:
        """Move the column cursor to the right."""
        self._to_column(self.cursor_column + 1)

    def _to_column(self, place: int) -> None:
        """Move the column cursor and bring its column into view."""
        self.move_cursor(column=place)
        widths = [one.get_render_width(self) for one in self.ordered_columns]
        left, width = sum(widths[: self.cursor_column]), widths[self.cursor_column]
        self.scroll_to_region(
            Region(left - widths[0], int(self.scroll_y), width + widths[0], 1), animate=False, force=True
        )
        self.refresh()

    def _should_highlight(self, cursor: Coordinate, target_cell: Coordinate, type_of_cursor: CursorType) -> bool:
        # Textual has a row cursor or a column cursor; this table has a row cursor and shows the column in its header.
        if target_cell.row == -1:
            return cursor.column == target_cell.column
        return super()._should_highlight(cursor, target_cell, type_of_cursor)


def _label(one: JobColumn, order: JobOrder) -> Text:
    """A column's name, with the arrow of the order or room for it."""
    arrow = order.arrow if one.key == order.column else " "
    text = cell(f"{one.label} {arrow}")
    text.justify = "right" if one.numeric else "left"
    return text


def _ordered(jobs: Sequence[TrackedJob], order: JobOrder) -> list[TrackedJob]:
    """The jobs in the order that is asked for: as the target sorted them, or sorted here, within the page."""
    by = column(order.column)
    if by.field is not None:
        return list(jobs)
    known = [job for job in jobs if by.sort_key(job) is not None]
    # Each column has keys of one type only, which the type of the keys can't say.
    known.sort(key=by.sort_key, reverse=order.descending)  # type: ignore[arg-type]
    return known + [job for job in jobs if by.sort_key(job) is None]


def _cell(one: JobColumn, tracked: TrackedJob, short: str, width: int) -> Text:
    """One cell of one job; *short* is its identifier, *width* that of the names of files."""
    match one.key:
        case "id":
            return cell(short, width=36)
        case "files":
            return cell(job_words.elided(one.words(tracked), width))
        case "status":
            return cell(one.words(tracked), _STYLES[job_words.tone(tracked.job)], width=24)
    text = cell(one.words(tracked), "red" if one.key == "invalid" and tracked.job.summary.invalid else "", width=32)
    text.justify = "right" if one.numeric else "left"
    return text
