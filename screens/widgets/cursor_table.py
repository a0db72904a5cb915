"""A table that draws only the rows on the screen, with a cursor on one of its rows and one on one of its columns.

It holds no row, and knows nothing of a column but its place: subclasses draw what is to be seen. So a table may have
millions of rows, and one that is shown anew costs no more than what is seen of it.
"""

from __future__ import annotations

from abc import abstractmethod
from dataclasses import dataclass
from typing import Generic, TypeVar

from rich.style import Style
from textual import events
from textual.geometry import Region, Size
from textual.message import Message
from textual.reactive import reactive
from textual.scroll_view import ScrollView
from textual.strip import Strip

C = TypeVar("C")


@dataclass
class SortWanted(Message, Generic[C]):
    """The operator wants a table sorted by a column; or otherwise, if it is."""

    column: C


class CursorTable(ScrollView, Generic[C], can_focus=True):
    """Rows under headings, and the ways to move about in them."""

    ALLOW_SELECT = False

    COMPONENT_CLASSES = {"table--heading", "table--column", "table--cursor"}

    cursor: reactive[int] = reactive(0, repaint=False)
    """The row that the cursor is on."""
    column: reactive[int] = reactive(0, repaint=False)
    """The column that the cursor is on, counted in `columns`."""

    @dataclass
    class Moved(Message):
        """The operator moved about in the table."""

    def __init__(self, columns: tuple[C, ...]) -> None:
        super().__init__()
        self.columns = columns
        """The columns, in their order."""
        self.count = 0
        """Rows in the table."""

    @property
    def page(self) -> int:
        """Rows that fit on the screen, below the headings."""
        return max(self.scrollable_content_region.height - 1, 1)

    @property
    def line_width(self) -> int:
        """Cells of a line, beside the scrollbar."""
        return self.scrollable_content_region.width

    @property
    def shown_rows(self) -> range:
        """The rows on the screen."""
        top = self.scroll_offset.y
        return range(top, min(top + self.page, self.count))

    @property
    def column_under_cursor(self) -> C:
        """The column that the cursor is on."""
        return self.columns[min(self.column, len(self.columns) - 1)]

    def show_columns(self, columns: tuple[C, ...]) -> None:
        """Show these columns, in this order. The cursor stays in its own, if that is among them."""
        current = self.column_under_cursor
        self.columns = columns
        self.column = columns.index(current) if current in columns else 0

    def show_count(self, count: int, width: int = 1) -> None:
        """Have so many rows, each *width* cells wide where the table can be scrolled to the side."""
        self.count = count
        self.virtual_size = Size(width, count + 1)
        # It is on a row of the table.
        self.cursor = self.cursor
        self.refresh()

    def show_cursor(self) -> None:
        """Scroll no further than it takes to see the cursor below the headings."""
        if not self.size:
            return
        top = min(self.scroll_offset.y, self.cursor)
        top = max(top, self.cursor - self.page + 1)
        if top != self.scroll_offset.y:
            self.scroll_to(y=top, animate=False, immediate=True)

    def validate_cursor(self, row: int) -> int:
        """Keep the cursor on a row."""
        return max(0, min(row, self.count - 1))

    def watch_cursor(self, before: int, row: int) -> None:
        """Redraw the two rows that changed, and follow the cursor."""
        for changed in (before, row):
            self.refresh(Region(0, changed - self.scroll_offset.y + 1, self.size.width, 1))
        self.show_cursor()

    def validate_column(self, column: int) -> int:
        """Keep the cursor on a column."""
        return max(0, min(column, len(self.columns) - 1))

    def watch_column(self) -> None:
        """Bring the column into view."""
        self.show_column()

    def on_click(self, event: events.Click) -> None:
        """Put the cursor on the row and the column under the mouse; sort by a heading."""
        at = event.get_content_offset(self)
        if at is None:
            return
        column, row = self.column_at(at.x), self.scroll_offset.y + at.y - 1
        if at.y == 0 and column is not None:
            self.column = column
            self.action_sort()
        elif at.y > 0 and row < self.count:
            self.press(row, self.column if column is None else column)

    def press(self, row: int, column: int) -> None:
        """Do what a click on a cell does: put the cursors there."""
        self.column = column
        self.move(row)

    def move(self, row: int) -> None:
        """Put the cursor on a row, or on the nearest that there is, for the operator."""
        self.cursor = row
        self.post_message(self.Moved())

    def step(self, rows: int) -> None:
        """Move the cursor by some rows."""
        self.move(self.cursor + rows)

    def turn(self, columns: int) -> None:
        """Move the cursor by some columns."""
        self.column += columns

    def action_cursor_up(self) -> None:
        """Go to the row above."""
        self.step(-1)

    def action_cursor_down(self) -> None:
        """Go to the row below."""
        self.step(1)

    def action_page_up(self) -> None:
        """Go a page up."""
        self._turn_page(-1)

    def action_page_down(self) -> None:
        """Go a page down."""
        self._turn_page(1)

    def _turn_page(self, pages: int) -> None:
        """Move the rows and the cursor, which stays at its height."""
        rows = pages * self.page
        self.scroll_to(y=self.scroll_offset.y + rows, animate=False, immediate=True)
        self.step(rows)

    def action_scroll_top(self) -> None:
        """Go to the first row."""
        self.move(0)

    def action_scroll_bottom(self) -> None:
        """Go to the last row."""
        self.move(self.count - 1)

    def action_cursor_left(self) -> None:
        """Go to the column on the left."""
        self.turn(-1)

    def action_cursor_right(self) -> None:
        """Go to the column on the right."""
        self.turn(1)

    def action_sort(self) -> None:
        """Sort by the column under the cursor."""
        self.post_message(SortWanted(self.column_under_cursor))

    def part(self, name: str) -> Style:
        """The style of a part of the table, without what it inherits, to be laid over another."""
        return self.get_component_rich_style(f"table--{name}", partial=True)

    def heading_style(self) -> Style:
        """The style of the headings."""
        return self.part("heading")

    def cursor_style(self) -> Style:
        """The style of the row under the cursor, to be laid over that of the table."""
        return self.get_component_rich_style("table--cursor")

    def render_line(self, y: int) -> Strip:
        """One line: the headings, or a row."""
        if y == 0:
            return self.draw_heading(self.heading_style())
        row = self.scroll_offset.y + y - 1
        if row >= self.count:
            return Strip.blank(self.line_width, self.rich_style)
        return self.draw_row(row, self.rich_style + self.cursor_style() if row == self.cursor else self.rich_style)

    @abstractmethod
    def draw_heading(self, base: Style) -> Strip:
        """The names of the columns, on the style of headings."""

    @abstractmethod
    def draw_row(self, row: int, base: Style) -> Strip:
        """A row, on the style of the table or of the cursor in it."""

    @abstractmethod
    def column_at(self, x: int) -> int | None:
        """Which column is at a cell of the table, if one is."""

    @abstractmethod
    def show_column(self) -> None:
        """Bring the column under the cursor into view, and show in the headings which that is."""
