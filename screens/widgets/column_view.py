"""The columns of the list of records: by the one under the cursor it is sorted.

Those that do not fit beside the others are to the right of the edge, and come into view with the cursor.
"""

from __future__ import annotations

from dataclasses import dataclass

from rich.style import Style
from textual.message import Message
from textual.strip import Strip

from screens.widgets import record_strips
from screens.widgets.cursor_table import CursorTable
from screens.widgets.record_columns import COLUMNS, Layout, RecordColumn, Sort, lay_out


class ColumnView(CursorTable[RecordColumn]):
    """The columns of the list of records. It knows no record."""

    @dataclass
    class Turned(Message):
        """Other columns are seen than before, maybe."""

    def __init__(self) -> None:
        super().__init__(COLUMNS)
        self.sort: Sort | None = None
        """By what the rows are sorted that are shown; None for the order of the file."""
        self.number_cells = 0
        """How wide the numbers of records are."""
        self._first = 0
        """The first column that is seen."""

    def show_columns(self, columns: tuple[RecordColumn, ...]) -> None:
        """Show these columns, in this order. The cursor stays in its own, if that is among them."""
        super().show_columns(columns)
        self.fit_columns()

    def fit_columns(self) -> None:
        """Show the columns from the first on, as far as the one under the cursor allows."""
        self._first = 0
        self.show_column()

    @property
    def shown_columns(self) -> Layout:
        """The columns that are seen, and their widths."""
        return lay_out(self.columns, self._first, self.line_width, self.number_cells)

    def column_at(self, x: int) -> int | None:
        """Which column is at a cell of the list, if one is."""
        column = self.shown_columns.at(x)
        return None if column is None else self.columns.index(column)

    def draw_heading(self, base: Style) -> Strip:
        """The names of the columns, on the style of headings."""
        under_cursor = base + self.part("column")
        current = self.column_under_cursor
        return record_strips.heading(self.shown_columns, current, self.sort, base, under_cursor, self.line_width)

    def show_column(self) -> None:
        """Turn the columns no further than it takes to see the one under the cursor."""
        if self.column > 0 or not self.shown_columns.holds(self.column_under_cursor.key):
            self._first = min(self._first, self.column)
        while not self.shown_columns.holds(self.column_under_cursor.key):
            self._first += 1
        self.refresh()
        self.post_message(self.Turned())
