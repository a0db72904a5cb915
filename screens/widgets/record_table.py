"""The list of records: a widget that draws only the lines on the screen, so that a file may hold millions.

It owns no record. It asks for the rows that it needs (`RowsWanted`) and shows an ellipsis until they are given.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.binding import Binding
from textual.cache import LRUCache
from textual.geometry import Region, Size
from textual.message import Message
from textual.reactive import reactive
from textual.scroll_view import ScrollView
from textual.strip import Strip

from console.display import ELLIPSIS, safe_text
from console.records.model import Fault
from screens.record_source import Line
from screens.widgets import record_line
from screens.widgets.numbers import NOTHING

_KEPT_ROWS: Final = 4_000
"""Rows that are kept after they were shown, so that paging back is immediate."""


class RecordTable(ScrollView, can_focus=True):
    """A list of records with a cursor, over rows that are prepared elsewhere."""

    COMPONENT_CLASSES = {
        "record-table--heading",
        "record-table--cursor",
        "record-table--critical",
        "record-table--high",
        "record-table--medium",
        "record-table--low",
        "record-table--quiet",
        "record-table--broken",
    }

    BINDINGS = [
        Binding("up,k", "move(-1)", "Up", show=False, id="records.up", tooltip="The record before"),
        Binding("down,j", "move(1)", "Down", show=False, id="records.down", tooltip="The next record"),
        Binding("pageup,ctrl+b", "page(-1)", "Page up", show=False, id="records.page_up", tooltip="A page back"),
        Binding("pagedown,ctrl+f", "page(1)", "Page down", show=False, id="records.page_down", tooltip="A page on"),
        Binding("home", "first", "First", show=False, id="records.first", tooltip="The first record"),
        Binding("end,G", "last", "Last", show=False, id="records.last", tooltip="The last record"),
    ]

    count: reactive[int] = reactive(0, repaint=False)
    """Rows in the list. It may grow."""
    cursor: reactive[int] = reactive(0, repaint=False)
    """The row that the cursor is on."""

    @dataclass
    class RowsWanted(Message):
        """Rows are on the screen that the table has not got yet: from *first* up to, not including, *last*."""

        first: int
        last: int

    @dataclass
    class Highlighted(Message):
        """The cursor came to a row."""

        row: int

    def __init__(self) -> None:
        super().__init__()
        self._rows: LRUCache[int, Line] = LRUCache(_KEPT_ROWS)
        self._strips: LRUCache[tuple[int, int, bool, bool], Strip] = LRUCache(_KEPT_ROWS)
        self._wanted = range(0)

    @property
    def page(self) -> int:
        """Rows that fit on the screen, below the headings."""
        return max(self.size.height - 1, 1)

    def give(self, rows: Mapping[int, Line]) -> None:
        """Take rows that were wanted."""
        for number, row in rows.items():
            self._rows[number] = row
        self._wanted = range(0)
        self.refresh()
        self._want()

    def watch_count(self, before: int, count: int) -> None:
        """Let the scrollbar grow. The first row that comes has the cursor."""
        self._strips.clear()
        self.virtual_size = Size(1, count + 1)
        self.refresh()
        self._want()
        if before == 0 and count:
            self.post_message(self.Highlighted(self.cursor))

    def validate_cursor(self, row: int) -> int:
        """Keep the cursor on a row."""
        return max(0, min(row, self.count - 1))

    def watch_cursor(self, before: int, row: int) -> None:
        """Redraw the two rows that changed, and follow the cursor."""
        for changed in (before, row):
            self.refresh(Region(0, self._line_of(changed), self.size.width, 1))
        self._show_cursor()
        self.post_message(self.Highlighted(row))

    def watch_scroll_y(self, old_value: float, new_value: float) -> None:
        """Ask for what came into view."""
        super().watch_scroll_y(old_value, new_value)
        self._want()

    def on_resize(self) -> None:
        """Ask for what came into view."""
        self._show_cursor()
        self._want()

    def notify_style_update(self) -> None:
        """Forget what was drawn in other colours."""
        super().notify_style_update()
        self._strips.clear()

    def on_click(self, event: events.Click) -> None:
        """Put the cursor on the row under the mouse."""
        row = self.scroll_offset.y + event.y - 1
        if event.y > 0 and row < self.count:
            self.cursor = row

    def action_move(self, rows: int) -> None:
        """Move the cursor by some rows."""
        self.cursor += rows

    def action_page(self, pages: int) -> None:
        """Move the cursor by some pages."""
        self.cursor += pages * self.page

    def action_first(self) -> None:
        """Move the cursor to the first row."""
        self.cursor = 0

    def action_last(self) -> None:
        """Move the cursor to the last row."""
        self.cursor = self.count - 1

    def _line_of(self, row: int) -> int:
        """The line of the widget that shows *row*, if any does."""
        return row - self.scroll_offset.y + 1

    def _show_cursor(self) -> None:
        """Scroll no further than it takes to see the cursor below the headings."""
        if not self.size:
            return
        top = min(self.scroll_offset.y, self.cursor)
        top = max(top, self.cursor - self.page + 1)
        if top != self.scroll_offset.y:
            self.scroll_to(y=top, animate=False, immediate=True)

    def _want(self) -> None:
        """Ask once for the rows that are on the screen and not here."""
        top = self.scroll_offset.y
        missing = [row for row in range(top, min(top + self.page, self.count)) if row not in self._rows]
        wanted = range(missing[0], missing[-1] + 1) if missing else range(0)
        if wanted and wanted != self._wanted:
            self.post_message(self.RowsWanted(wanted.start, wanted.stop))
        self._wanted = wanted

    def render_line(self, y: int) -> Strip:
        """One line: the headings, or a row."""
        width = self.size.width
        if y == 0:
            return self._draw_heading(width)
        row = self.scroll_offset.y + y - 1
        if row >= self.count:
            return Strip.blank(width, self.rich_style)
        at_cursor = row == self.cursor
        key = (row, width, at_cursor, self.has_focus)
        strip = self._strips.get(key)
        if strip is None:
            record = self._rows.get(row)
            strip = self._draw(row, record, width, at_cursor=at_cursor)
            if record is not None:
                self._strips[key] = strip
        return strip

    def _draw_heading(self, width: int) -> Strip:
        style = self.get_component_rich_style("record-table--heading")
        texts = ["#".rjust(self._number_cells), *record_line.headings(width, self._number_cells)]
        return _join([(text, style) for text in texts], style, width)

    def _draw(self, row: int, line: Line | None, width: int, *, at_cursor: bool) -> Strip:
        """The row's number, then its cells; an ellipsis while there is no line for it."""
        base = self.rich_style
        if at_cursor:
            cursor = self.get_component_rich_style("record-table--cursor")
            base += cursor if self.has_focus else Style(bold=True, bgcolor=cursor.bgcolor)
        quiet = base + self._part("quiet")
        if line is None:
            return _join([(ELLIPSIS.rjust(self._number_cells), quiet)], base, width)
        number = (NOTHING if line.index is None else f"{line.index:,}").rjust(self._number_cells)
        if isinstance(line.content, Fault):
            broken = safe_text(f"broken: {line.content.message}", width=width)
            return _join([(number, quiet), (broken, base + self._part("broken"))], base, width)
        severity, *others = record_line.cells(line.content, width, self._number_cells)
        coloured = (severity, base + self._part(record_line.weight(line.content)))
        return _join([(number, quiet), coloured, *((text, base) for text in others)], base, width)

    def _part(self, name: str) -> Style:
        """The style of a part of the table, without what it inherits, to be laid over another."""
        return self.get_component_rich_style(f"record-table--{name}", partial=True)

    @property
    def _number_cells(self) -> int:
        return max(len(f"{self.count:,}"), 3)


def _join(parts: list[tuple[str, Style]], base: Style, width: int) -> Strip:
    """A line of the widget: the parts with a space after each, cut or filled up to the width."""
    segments = [
        Segment(safe_text(text), style) for part, style in parts for text, style in ((part, style), (" ", base))
    ]
    return Strip(segments).adjust_cell_length(width, base)
