"""A view of lines in columns, with a cursor on one of the columns: by that one it is sorted.

Columns that do not fit beside the others are to the right of the edge, and come into view with the cursor.
"""

from __future__ import annotations

from dataclasses import dataclass

from rich.style import Style
from textual.message import Message
from textual.reactive import reactive
from textual.scroll_view import ScrollView
from textual.strip import Strip

from screens.widgets import record_strips
from screens.widgets.record_columns import COLUMNS, Layout, RecordColumn, Sort, lay_out


class ColumnView(ScrollView):
    """The columns of the list of records. It knows no record."""

    column: reactive[int] = reactive(0, repaint=False)
    """The column that the cursor is on, counted in `columns`."""

    @dataclass
    class SortWanted(Message):
        """The user wants the list sorted by a column; or otherwise, if it is."""

        column: RecordColumn

    @dataclass
    class Turned(Message):
        """Other columns are seen than before, maybe."""

    def __init__(self) -> None:
        super().__init__()
        self.columns: tuple[RecordColumn, ...] = COLUMNS
        """The columns, in their order; as many are seen as fit."""
        self.sort: Sort | None = None
        """By what the rows are sorted that are shown; None for the order of the file."""
        self.number_cells = 0
        """How wide the numbers of records are."""
        self._first = 0
        """The first column that is seen."""

    def show_columns(self, columns: tuple[RecordColumn, ...]) -> None:
        """Show these columns, in this order. The cursor stays in its own, if that is among them."""
        current = self.column_under_cursor
        self.columns = columns
        self.column = columns.index(current) if current in columns else 0
        self.fit_columns()

    def fit_columns(self) -> None:
        """Show the columns from the first on, as far as the one under the cursor allows."""
        self._first = 0
        self.show_column()

    @property
    def column_under_cursor(self) -> RecordColumn:
        """The column that the cursor is on."""
        return self.columns[min(self.column, len(self.columns) - 1)]

    @property
    def shown_columns(self) -> Layout:
        """The columns that are seen, and their widths."""
        return lay_out(self.columns, self._first, self.line_width, self.number_cells)

    @property
    def line_width(self) -> int:
        """Cells of a line, beside the scrollbar."""
        return self.scrollable_content_region.width

    def turn_to(self, x: int) -> bool:
        """Put the cursor on the column at a cell of the list. False where there is none."""
        column = self.shown_columns.at(x)
        if column is not None:
            self.column = self.columns.index(column)
        return column is not None

    def draw_heading(self, layout: Layout, width: int) -> Strip:
        """The names of the columns."""
        return record_strips.heading(layout, self.column_under_cursor, self.sort, self.part, width)

    def part(self, name: str) -> Style:
        """The style of a part of the list, without what it inherits, to be laid over another."""
        return self.get_component_rich_style(f"record-table--{name}", partial=True)

    def validate_column(self, column: int) -> int:
        """Keep the cursor on a column."""
        return max(0, min(column, len(self.columns) - 1))

    def watch_column(self) -> None:
        """Bring the column into view."""
        self.show_column()

    def show_column(self) -> None:
        """Turn the columns no further than it takes to see the one under the cursor."""
        if self.column > 0 or not self.shown_columns.holds(self.column_under_cursor.key):
            self._first = min(self._first, self.column)
        while not self.shown_columns.holds(self.column_under_cursor.key):
            self._first += 1
        self.refresh()
        self.post_message(self.Turned())

    def action_turn(self, columns: int) -> None:
        """Move the cursor by some columns."""
        self.column += columns

    def action_sort(self) -> None:
        """Sort by the column under the cursor."""
        self.post_message(self.SortWanted(self.column_under_cursor))
