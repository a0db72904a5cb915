"""The table of jobs: one page of them, with a row cursor for jobs and a column cursor for sorting."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import ClassVar, Final, NamedTuple

from rich.text import Text
from textual import on
from textual.binding import BindingType
from textual.coordinate import Coordinate
from textual.geometry import Region
from textual.message import Message
from textual.widgets import DataTable
from textual.widgets.data_table import CursorType, RowKey

from console.submissions.model import TrackedJob
from screens.commands.jobs import JOB_LIST
from screens.commands.lists import LIST
from screens.widgets import job_words
from screens.widgets.job_columns import (
    COLUMNS,
    NEWEST_FIRST,
    JobColumn,
    JobOrder,
    Marks,
    cell_of,
    label_of,
    ordered,
)
from screens.widgets.under_cursor import under_cursor

_NARROW_FILE: Final = 18
_WIDE_FILE: Final = 36
_WIDE: Final = 100
"""Columns of a terminal from which on there is room for longer names."""


class _Look(NamedTuple):
    """All that the cells of a job are made of."""

    tracked: TrackedJob
    short: str
    width: int
    """Of the names of files."""
    watched: bool


class JobTable(DataTable[Text]):
    """One page of jobs. Shows what it is given and decides nothing."""

    BINDINGS: ClassVar[list[BindingType]] = [*LIST.bindings(), *JOB_LIST.bindings()]

    @dataclass
    class Moved(Message):
        """The operator moved about in the table: somebody reads it."""

    def __init__(self) -> None:
        super().__init__(cursor_type="row", zebra_stripes=False, fixed_columns=1)
        self._jobs: list[TrackedJob] = []
        self._watched: Marks = frozenset()
        self._cells: list[list[Text]] = []
        """What is in the rows."""
        self._made: dict[tuple[str, str], tuple[_Look, list[Text]]] = {}
        """The cells of each job, and what they were made of."""
        self._width_of_files = 0
        """The room that the names of files have."""
        self._row = 0
        """Where we put the row cursor last."""
        self._order = NEWEST_FIRST
        self._shown: tuple[JobColumn, ...] = COLUMNS

    def on_mount(self) -> None:
        """Make the columns."""
        self._make_columns()

    def _make_columns(self) -> None:
        """Make the columns anew, with room for the arrow of the one that is sorted by."""
        self.clear(columns=True)
        for one in self._shown:
            label = label_of(one, self._order)
            # Widths are ours: Textual would measure a whole column for each cell of it that changes.
            self.add_column(label, key=one.key, width=label.cell_len)

    @property
    def _width(self) -> int:
        """The room for the names of files."""
        return _WIDE_FILE if self.app.size.width >= _WIDE else _NARROW_FILE

    def on_resize(self) -> None:
        """Give the names of files what room there is."""
        if self._width != self._width_of_files:
            self._rebuild(self._jobs, self._order)

    @property
    def jobs(self) -> Sequence[TrackedJob]:
        """The jobs on the page, in the order in which they are shown."""
        return self._jobs

    @property
    def job(self) -> TrackedJob | None:
        """The job under the cursor."""
        return under_cursor(self, self._jobs)

    @property
    def column_under_cursor(self) -> JobColumn:
        """The column that a sort is asked for."""
        return self._shown[self.cursor_column]

    def show(
        self,
        jobs: Sequence[TrackedJob],
        order: JobOrder,
        columns: tuple[JobColumn, ...] = COLUMNS,
        watched: Marks = frozenset(),
    ) -> None:
        """Show a page of jobs. The cursor stays on the job that it is on, if that is still there."""
        in_order = ordered(jobs, order)
        self._watched = watched
        if columns != self._shown:
            self._change_columns(columns)
        if order == self._order and list(map(_identity, in_order)) == list(map(_identity, self._jobs)):
            self._replace(in_order)
        else:
            self._rebuild(in_order, order)
        self._jobs, self._order = in_order, order

    @on(DataTable.RowHighlighted)
    def _highlight(self) -> None:
        if self.cursor_row != self._row:
            self._row = self.cursor_row
            self.post_message(self.Moved())

    def on_mouse_scroll_down(self) -> None:
        """Somebody looks further down."""
        self.post_message(self.Moved())

    def on_mouse_scroll_up(self) -> None:
        """Somebody looks further up."""
        self.post_message(self.Moved())

    def _change_columns(self, columns: tuple[JobColumn, ...]) -> None:
        """Show other columns. The cursor stays in the one that it is in."""
        current, self._shown, self._jobs, self._cells = self.column_under_cursor, columns, [], []
        self._made = {}
        self._make_columns()
        self.move_cursor(column=columns.index(current) if current in columns else 0)

    def _replace(self, jobs: Sequence[TrackedJob]) -> None:
        """The same jobs as before: change only what changed, so that nothing moves under the reader."""
        rows = self._rows(jobs)
        grown = self._fit(rows, least=[one.width for one in self.ordered_columns])
        changed = [
            (Coordinate(row, place), new)
            for row, (before, cells) in enumerate(zip(self._cells, rows, strict=True))
            if before is not cells
            for place, (old, new) in enumerate(zip(before, cells, strict=True))
            if old != new
        ]
        self._cells = rows
        for at, new in changed:
            # One of them has the table measured anew, where a column grew.
            self.update_cell_at(at, new, update_width=grown and at == changed[-1][0])
        if grown:
            # Lines that were drawn before the new widths were known would stay as they are.
            self.call_after_refresh(self.notify_style_update)

    def _rebuild(self, jobs: Sequence[TrackedJob], order: JobOrder) -> None:
        """Other jobs than before: fill the table anew and put the cursor back."""
        current, ids = _identity(self.job) if self.job else None, list(map(_identity, jobs))
        row = ids.index(current) if current in ids else min(self.cursor_row, max(0, len(ids) - 1))
        place, scrolled = self.cursor_column, self.scroll_x
        for shown, one in zip(self.ordered_columns, self._shown, strict=True):
            shown.label = label_of(one, order)
        rows = self._rows(jobs)
        self._fit(rows, least=[0] * len(self._shown))
        self._cells = rows
        self.clear()
        self.add_rows(rows)
        self._row = row
        self.move_cursor(row=row, column=place)
        self.call_after_refresh(self.scroll_to, x=scrolled, animate=False)

    def _fit(self, rows: Sequence[Sequence[Text]], least: Sequence[int]) -> bool:
        """Make each column as wide as what is in it, and as *least* says. Whether one became wider."""
        self._width_of_files = self._width
        grown = False
        for place, shown in enumerate(self.ordered_columns):
            cells = [shown.label.cell_len, least[place], *(row[place].cell_len for row in rows)]
            width = self._width if self._shown[place].key == "files" else max(cells)
            grown, shown.width = grown or width > shown.width, width
        return grown

    def _rows(self, jobs: Sequence[TrackedJob]) -> list[list[Text]]:
        """The cells of the jobs. Those of a job that is as it was are taken over: most are, and making them is slow."""
        ids, width = job_words.short_ids([tracked.job.id for tracked in jobs]), self._width
        made, rows = dict[tuple[str, str], tuple[_Look, list[Text]]](), list[list[Text]]()
        for tracked, short in zip(jobs, ids, strict=True):
            look = _Look(tracked, short, width, _identity(tracked) in self._watched)
            before, row = self._made.get(_identity(tracked), (None, []))
            if look != before:
                row = [cell_of(one, tracked, short, width, watched=look.watched) for one in self._shown]
            made[_identity(tracked)] = look, row
            rows.append(row)
        self._made = made
        return rows

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
        self.post_message(self.Moved())

    def _update_dimensions(self, new_rows: Iterable[RowKey]) -> None:
        # Textual would measure every cell of the new rows, for widths that we know and heights of one line.
        super()._update_dimensions(())

    def _should_highlight(self, cursor: Coordinate, target_cell: Coordinate, type_of_cursor: CursorType) -> bool:
        # Textual has a row cursor or a column cursor; this table has a row cursor and shows the column in its header.
        if target_cell.row == -1:
            return cursor.column == target_cell.column
        return super()._should_highlight(cursor, target_cell, type_of_cursor)


def _identity(tracked: TrackedJob) -> tuple[str, str]:
    """What a job is told by."""
    return tracked.job.target, tracked.job.id
