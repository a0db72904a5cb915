"""The columns of the list of records: what each shows, how wide it is, and which of them fit side by side."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Final, Literal, NamedTuple

from console.ocsf.issue_counts import IssueCounts
from console.records.fields import Row
from screens.record_source import Line
from screens.widgets.numbers import NOTHING
from screens.widgets.text import fit

Weight = Literal["critical", "high", "medium", "low", "quiet"]

ABOUT: Final = "≈"
"""Stands before a number that is a guess."""
MARK_CELLS: Final = 1
"""Cells before the first column, for the mark."""


class Shown(NamedTuple):
    """A record that is shown."""

    line: Line
    row: Row
    counts: IssueCounts | None
    """How many issues it has; None while that is not known."""


@dataclass(frozen=True, slots=True)
class RecordColumn:
    """One column."""

    key: str
    """What it is called in what is remembered, and by what sorts it."""
    heading: str
    words: Callable[[Shown], str]
    """What is shown. Foreign text."""
    cells: int
    """How wide it is; of a column that stretches, at least."""
    stretches: int = 0
    """How much of the room that is left it takes, compared with others."""
    right: bool = False
    """Whether its words stand on the right."""
    largest_first: bool = False
    """Whether people look for the largest when they sort by it."""

    def aligned(self, words: str, cells: int) -> str:
        """Words in exactly so many cells, fit for the screen."""
        return fit(words.rjust(cells) if self.right else words, cells)


@dataclass(frozen=True, slots=True)
class Sort:
    """By which column the list is sorted."""

    column: str
    descending: bool

    @property
    def arrow(self) -> str:
        """The direction, for showing."""
        return "▼" if self.descending else "▲"


def next_sort(sort: Sort | None, column: RecordColumn) -> Sort | None:
    """The order after the user asks for *column*: by it, then the other way round, then that of the file again."""
    first = Sort(column.key, column.largest_first)
    if sort is None or sort.column != column.key:
        return first
    if column.key != INDEX and sort == first:
        return Sort(column.key, not sort.descending)
    return None


INDEX: Final = "index"
"""The column of the records' numbers. Sorting by it turns the order of the file round."""
ISSUES: Final = "issues"
"""The column of the numbers of issues."""


def number_words(line: Line) -> str:
    """The number of the record, marked where it is a guess."""
    return NOTHING if line.number is None else f"{ABOUT if line.guessed else ''}{line.number:,}"


def _time(shown: Shown) -> str:
    return f"{shown.row.time:%Y-%m-%d %H:%M:%S}Z" if shown.row.time else NOTHING


def _issues(shown: Shown) -> str:
    if shown.counts is None:
        return ""
    errors, warnings = shown.counts
    parts = [f"{count}{sign}" for count, sign in ((errors, "✗"), (warnings, "!")) if count]
    return " ".join(parts) or NOTHING


COLUMNS: Final = (
    RecordColumn(INDEX, "#", lambda shown: number_words(shown.line), 3, right=True, largest_first=True),
    RecordColumn("severity", "Severity", lambda shown: shown.row.severity, 13, largest_first=True),
    RecordColumn("status", "Status", lambda shown: shown.row.status, 7),
    RecordColumn("title", "Title", lambda shown: shown.row.title, 24, stretches=3),
    RecordColumn("resource", "Resource", lambda shown: shown.row.resource, 14, stretches=2),
    RecordColumn("account", "Account", lambda shown: shown.row.account, 12),
    RecordColumn("time", "Time (UTC)", _time, 20, largest_first=True),
    RecordColumn(ISSUES, "Issues", _issues, 6, right=True, largest_first=True),
)
"""All columns, as they stand until somebody chooses others."""


def chosen(keys: Iterable[str]) -> tuple[RecordColumn, ...]:
    """The columns with these keys; all of them where none of the keys is known."""
    known = {column.key: column for column in COLUMNS}
    return tuple(known[key] for key in dict.fromkeys(keys) if key in known) or COLUMNS


@dataclass(frozen=True, slots=True)
class Layout:
    """The columns that are on the screen, each with its width."""

    columns: tuple[tuple[RecordColumn, int], ...]
    more_left: bool
    """Whether there are others to the left."""
    more_right: bool

    def holds(self, key: str) -> bool:
        """Whether that column is on the screen."""
        return any(column.key == key for column, _ in self.columns)

    def at(self, x: int) -> RecordColumn | None:
        """Which of the columns is at a cell of the list."""
        edge = MARK_CELLS
        for column, cells in self.columns:
            edge += cells + 1
            if x < edge:
                return column
        return None


def lay_out(columns: tuple[RecordColumn, ...], first: int, width: int, number_cells: int) -> Layout:
    """As many columns from the *first* on as fit into the width, one at least. Those that stretch share the rest.

    Where the numbers of the records come first, they stay.
    """
    left = width - MARK_CELLS
    first = max(first, 1) if columns[0].key == INDEX else first
    pinned = columns[:1] if columns[0].key == INDEX else ()
    taken: list[tuple[RecordColumn, int]] = []
    for column in (*pinned, *columns[first:]):
        cells = max(column.cells, number_cells) if column.key == INDEX else column.cells
        if len(taken) > len(pinned) and cells >= left:
            break
        left -= cells + 1
        taken.append((column, cells))
    shares = sum(column.stretches for column, _ in taken) or 1
    left = max(left, 0)
    laid = tuple((column, cells + left * column.stretches // shares) for column, cells in taken)
    return Layout(laid, first > len(pinned), first + len(taken) - len(pinned) < len(columns))


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
