"""How one record is put into a line of the list: which columns, how wide, and how grave it looks."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, Literal

from console.records.fields import Row
from screens.widgets.numbers import NOTHING
from screens.widgets.text import fit

Weight = Literal["critical", "high", "medium", "low", "quiet"]

ABOUT: Final = "≈"
"""Stands before a number that is a guess."""
WIDE: Final = 100
"""Cells from which on every column is shown."""


@dataclass(frozen=True, slots=True)
class _Column:
    heading: str
    value: Callable[[Row], str]
    cells: int | None
    """None shares what the others leave."""
    wide_only: bool = False


def _time(row: Row) -> str:
    return f"{row.time:%Y-%m-%d %H:%M:%S}Z" if row.time else NOTHING


_COLUMNS: Final = (
    _Column("Severity", lambda row: row.severity, 13),
    _Column("Status", lambda row: row.status, 7),
    _Column("Title", lambda row: row.title, None),
    _Column("Resource", lambda row: row.resource, None, wide_only=True),
    _Column("Account", lambda row: row.account, 14),
    _Column("Time (UTC)", _time, 20, wide_only=True),
)
_WEIGHTS: Final[dict[str, Weight]] = {
    "Fatal": "critical",
    "Critical": "critical",
    "High": "high",
    "Medium": "medium",
    "Low": "low",
}


def weight(row: Row) -> Weight:
    """How grave the severity is, for its colour."""
    return _WEIGHTS.get(row.severity, "quiet")


def headings(width: int, number_cells: int) -> list[str]:
    """The headings that fit, each as wide as its column. *number_cells* is what the row's number takes before them."""
    return [fit(column.heading, cells) for column, cells in _layout(width, number_cells)]


def cells(row: Row, width: int, number_cells: int) -> list[str]:
    """The fields that fit, each as wide as its column and fit for the screen. The severity is the first."""
    return [fit(column.value(row), cells) for column, cells in _layout(width, number_cells)]


def _layout(width: int, number_cells: int) -> list[tuple[_Column, int]]:
    shown = [column for column in _COLUMNS if width >= WIDE or not column.wide_only]
    fixed = number_cells + 1 + sum(column.cells + 1 for column in shown if column.cells is not None)
    sharing = sum(column.cells is None for column in shown)
    share = max((width - fixed) // sharing - 1, 8)
    return [(column, column.cells or share) for column in shown]
