"""How the lines of the list of records are drawn: the headings, and one record each."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, NamedTuple

from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip

from console.display import ELLIPSIS, safe_text
from console.ocsf.issue_counts import IssueCounts
from console.records.model import Fault
from screens.record_source import Line
from screens.widgets.record_columns import (
    INDEX,
    ISSUES,
    Layout,
    RecordColumn,
    Shown,
    Sort,
    number_words,
    weight,
)
from screens.widgets.strips import Part, strip_of

_MARK: Final = "●"
_MORE_LEFT: Final = "‹"
_MORE_RIGHT: Final = "›"

StyleOf = Callable[[str], Style]
"""The style of a part of the list, to be laid over another."""


class Drawn(NamedTuple):
    """All that decides how a line looks, beside the columns."""

    line: Line | None
    """None while it is not here."""
    counts: IssueCounts | None
    is_marked: bool
    base: Style
    """That of the list, or of the cursor in it."""


def heading(
    layout: Layout, current: RecordColumn, sort: Sort | None, plain: Style, under_cursor: Style, width: int
) -> Strip:
    """The names of the columns. The one under the cursor stands out; the one that is sorted by has an arrow."""
    parts = [(_MORE_LEFT if layout.more_left else " ", plain)]
    for one, cells in layout.columns:
        name = one.heading
        if sort is not None and sort.column == one.key:
            name = f"{name} {sort.arrow}" if len(name) + 2 <= cells else f"{name[: cells - 1]}{sort.arrow}"
        parts += [(one.aligned(name, cells), under_cursor if one is current else plain), (" ", plain)]
    strip = strip_of(parts, plain, width)
    if layout.more_right and width > 1:
        return Strip.join([strip.crop(0, width - 1), Strip([Segment(safe_text(_MORE_RIGHT), plain)])])
    return strip


def record(drawn: Drawn, layout: Layout, style: StyleOf, width: int) -> Strip:
    """One record; an ellipsis while there is none, and the reason where it can't be read."""
    base = drawn.base
    quiet = base + style("quiet")
    parts: list[Part] = [(_MARK if drawn.is_marked else " ", base + style("mark"))]
    line = drawn.line
    if line is None or isinstance(line.content, Fault):
        number = ELLIPSIS if line is None else number_words(line)
        parts += [
            (column.aligned(number, cells) + " ", quiet) for column, cells in layout.columns if column.key == INDEX
        ]
        if line is not None and isinstance(line.content, Fault):
            parts.append((safe_text(f"broken: {line.content.message}", width=width), base + style("broken")))
        return strip_of(parts, base, width)
    shown = Shown(line, line.content, drawn.counts)
    for column, cells in layout.columns:
        parts += [(column.aligned(column.words(shown), cells), base + style(_part(column, shown))), (" ", base)]
    return strip_of(parts, base, width)


def _part(column: RecordColumn, shown: Shown) -> str:
    """Which colour a cell has."""
    match column.key:
        case "severity":
            return weight(shown.row)
        case "index":
            return "quiet"
        case key if key == ISSUES and shown.counts is not None:
            return "broken-count" if shown.counts.errors else "medium" if shown.counts.warnings else "quiet"
        case _:
            return "plain"
