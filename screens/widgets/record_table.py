"""The list of records: a widget that draws only the lines on the screen, so that a file may hold millions.

It owns no record. It asks for the rows that it needs (`RowsWanted`) and shows an ellipsis until they are given. Some
may be given as guesses, while the file is not known so far; they are drawn with a sign, and asked for again later.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar, Final

from rich.style import Style
from textual.binding import BindingType
from textual.cache import LRUCache
from textual.geometry import Size
from textual.message import Message
from textual.strip import Strip

from console.ocsf.issue_counts import IssueCounts
from screens.commands.records import RECORD_LIST
from screens.record_marks import RecordMarks
from screens.record_source import Line, Wanted
from screens.widgets import record_strips
from screens.widgets.column_view import ColumnView
from screens.widgets.record_strips import Drawn

_KEPT_ROWS: Final = 2_000
"""Rows that are kept after they were shown, so that paging back is immediate."""
_KEPT_STRIPS: Final = 300
"""Rows that are kept as they were drawn. Each is thirty objects, and looks for garbage go through all of them."""


class RecordTable(ColumnView):
    """A list of records with a cursor, over rows that are prepared elsewhere."""

    COMPONENT_CLASSES = {
        "table--mark",
        "table--plain",
        "table--critical",
        "table--high",
        "table--medium",
        "table--low",
        "table--quiet",
        "table--broken",
        "table--broken-count",
    }

    BINDINGS: ClassVar[list[BindingType]] = RECORD_LIST.bindings()

    @dataclass
    class RowsWanted(Message):
        """Rows are on the screen that the table has not got yet."""

        wanted: Wanted

    @dataclass
    class Highlighted(Message):
        """The cursor is on another row, and the table has it."""

        row: int
        line: Line

    @dataclass
    class Complete(Message):
        """All rows on the screen are here, and may not have been before."""

    def __init__(self) -> None:
        super().__init__()
        self.known = 0
        """Rows that need not be guessed."""
        self.marks = RecordMarks()
        """The records that are marked."""
        self.counts: LRUCache[int, IssueCounts] = LRUCache(_KEPT_ROWS)
        """How many issues the records have that start at some bytes, as far as that is known."""
        self._rows: LRUCache[int, Line] = LRUCache(_KEPT_ROWS)
        self._strips: LRUCache[Drawn, Strip] = LRUCache(_KEPT_STRIPS)
        self._drawn_columns = self.shown_columns
        """The columns that these were drawn for."""
        self._asked = range(0)
        """The rows that were asked for last. They come, or something newer is asked for."""
        self._asked_known = 0
        """How many rows were known then."""

    @property
    def line(self) -> Line | None:
        """The line under the cursor, if the table has it."""
        return self._rows.get(self.cursor)

    @property
    def guess(self) -> tuple[int, Line] | None:
        """A row that is shown and only guessed, and what is there: that of the cursor, else the first."""
        shown = {row: line for row in self.shown_rows if (line := self._rows.get(row)) is not None and line.guessed}
        if self.cursor in shown:
            return self.cursor, shown[self.cursor]
        return next(iter(shown.items()), None)

    def clear(self) -> None:
        """Forget all rows: others will come."""
        self._rows.clear()
        self._asked, self._asked_known = range(0), 0
        self.show_length(0, 0)
        self.scroll_to(y=0, animate=False, immediate=True)
        self.refresh()

    def give(self, rows: Mapping[int, Line]) -> None:
        """Take rows that were wanted."""
        was_there = self.cursor in self._rows
        for row, line in rows.items():
            # The cache keeps what it has.
            self._rows.discard(row)
            self._rows[row] = line
        self.refresh()
        if not was_there:
            self._highlight()
        self._want()

    def show_length(self, count: int, known: int, highest: int = 0) -> None:
        """Have *count* rows, of which *known* need not be guessed, with numbers up to *highest*.

        Rows may become more, and fewer where their number is an estimate.
        """
        self.known = known
        self.number_cells = len(f"{highest:,}") + (known < count)
        self.show_count(count)
        self._want()

    def forget_guesses(self) -> None:
        """Show no guess any more. To be followed by `show_length`."""
        if self.guess is not None:
            self._rows.clear()
            self._asked = range(0)

    def settle(self, moved: int) -> None:
        """Guesses turned out to be *moved* rows further down. To be followed by `show_length`.

        What is on the screen stays where it is: guesses under other numbers, to be asked for again, and the rest as
        it is. A guess may have become known while it was looked up, and the same one may be looked up twice.
        """
        shown = {row: line for row in self.shown_rows if (line := self._rows.get(row)) is not None}
        guessed = {row: line for row, line in shown.items() if line.guessed}
        if not guessed:
            return
        top = self.scroll_offset.y + moved
        self._rows.clear()
        for row, line in shown.items():
            if not line.guessed:
                self._rows[row] = line
        for row, line in guessed.items():
            if row + moved not in self._rows:
                self._rows[row + moved] = line
        # Long enough for both lists, so that nothing is moved to fit in.
        self.virtual_size = Size(1, self.count + abs(moved) + 1)
        if self.cursor in guessed:
            self.set_reactive(RecordTable.cursor, self.cursor + moved)
        self.scroll_to(y=top, animate=False, immediate=True)
        self._asked = range(0)

    def watch_cursor(self, before: int, row: int) -> None:
        """Say what the cursor is on."""
        super().watch_cursor(before, row)
        self._highlight()

    def watch_scroll_y(self, old_value: float, new_value: float) -> None:
        """Ask for what came into view."""
        super().watch_scroll_y(old_value, new_value)
        self._want()

    def on_resize(self) -> None:
        """Ask for what came into view."""
        self.show_cursor()
        self.fit_columns()
        self._want()

    def notify_style_update(self) -> None:
        """Forget what was drawn in other colours."""
        super().notify_style_update()
        self._strips.clear()

    def _highlight(self) -> None:
        """Say what the cursor is on, once that is known."""
        if self.line is not None:
            self.post_message(self.Highlighted(self.cursor, self.line))

    @property
    def lines(self) -> list[Line]:
        """The lines on the screen, as far as they are here."""
        return [line for row in self.shown_rows if (line := self._rows.get(row)) is not None]

    def _want(self) -> None:
        """Ask once for rows that are on the screen and not here, as many as are side by side."""
        missing = [row for row in self.shown_rows if self._lacks(row)]
        if not missing:
            self.post_message(self.Complete())
            return
        first = missing[0]
        last = next((row for row in range(first, self.shown_rows.stop) if not self._lacks(row)), self.shown_rows.stop)
        wanted = range(first, last)
        is_old = first in self._asked and last - 1 in self._asked
        if is_old and not any(self._asked_known <= row < self.known for row in wanted):
            return
        self._asked, self._asked_known = wanted, self.known
        above, below = self._rows.get(first - 1), self._rows.get(last)
        after, before = above.end if above else None, below.start if below else None
        self.post_message(self.RowsWanted(Wanted(first, last, self.count, after, before)))

    def _lacks(self, row: int) -> bool:
        line = self._rows.get(row)
        return line is None or (line.guessed and row < self.known)

    def render_line(self, y: int) -> Strip:
        """One line, in the columns as they are now."""
        columns = self.shown_columns
        if columns != self._drawn_columns:
            self._drawn_columns = columns
            self._strips.clear()
        return super().render_line(y)

    def draw_row(self, row: int, base: Style) -> Strip:
        """A record, or what stands in its place."""
        line = self._rows.get(row)
        counts = None if line is None else self.counts.get(line.start)
        is_marked = line is not None and not line.guessed and line.number in self.marks
        drawn = Drawn(line, counts, is_marked, base)
        strip = self._strips.get(drawn)
        if strip is None:
            strip = record_strips.record(drawn, self._drawn_columns, self.part, self.line_width)
            self._strips[drawn] = strip
        return strip

    def cursor_style(self) -> Style:
        """That of the row under the cursor: fainter while something else is used."""
        cursor = super().cursor_style()
        return cursor if self.has_focus else Style(bold=True, bgcolor=cursor.bgcolor)
