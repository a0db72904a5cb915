"""What a table's cursor is on."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

from textual.widgets import DataTable

Cell = TypeVar("Cell")
T = TypeVar("T")


def under_cursor(table: DataTable[Cell], items: Sequence[T]) -> T | None:
    """The item of the row that the cursor is on, None where it is on none.

    In a table without rows Textual holds the cursor above the first one.
    """
    return items[table.cursor_row] if 0 <= table.cursor_row < len(items) else None
