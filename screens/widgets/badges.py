"""What is known of the files of a tree, in columns on its right. They give way where the names need the room."""

from __future__ import annotations

from collections.abc import Sequence
from enum import IntEnum
from functools import lru_cache
from typing import Final

from rich.text import Text

from console.records.model import Format
from screens.file_facts import Facts
from screens.widgets.numbers import NOTHING, short_number, size
from screens.widgets.text import cell

NAME: Final = 30
"""Cells that are left to guides and names before there is any column."""
_UNKNOWN: Final = "·"
"""Stands for what is not known yet, or is not looked for before somebody chooses the file."""
_FORMATS: Final = {Format.CISCO_CUSTOM: "cisco", Format.CONCATENATED: "several"}
"""Formats whose names are too long."""


class Column(IntEnum):
    """The columns from left to right, each by its width in cells, without the gap before it."""

    FORMAT = 7
    SIZE = 8
    RECORDS = 6
    VERDICT = 10


_MATTERS: Final = (Column.VERDICT, Column.SIZE, Column.RECORDS, Column.FORMAT)
"""What goes last where there is no room."""


@lru_cache(16)
def columns(width: int) -> Sequence[Column]:
    """The columns that there is room for in so many cells."""
    room, shown = width - NAME, set[Column]()
    for column in _MATTERS:
        if room <= column:
            break
        room -= column + 1
        shown.add(column)
    return [column for column in Column if column in shown]


def breadth(shown: Sequence[Column]) -> int:
    """Cells that the columns take, with a gap before each."""
    return sum(shown) + len(shown)


def badges(facts: Facts | None, shown: Sequence[Column]) -> Text:
    """What is known of a file, in those columns."""
    line = cell("")
    for column in shown:
        line.append_text(cell(" "))
        line.append_text(_badge(facts, column))
    return line


def _badge(facts: Facts | None, column: Column) -> Text:
    if facts is None:
        return _aligned(cell(_UNKNOWN, "dim"), column)
    match column:
        case Column.FORMAT:
            text = cell(_FORMATS.get(facts.format, facts.format) if facts.format else NOTHING, "dim")
        case Column.SIZE:
            text = cell(size(facts.size))
        case Column.RECORDS:
            text = cell(_UNKNOWN if facts.records is None else short_number(facts.records), "bold")
        case _:
            text = _verdict(facts)
    return _aligned(text, column)


def _verdict(facts: Facts) -> Text:
    """Whether the file is what it should be. Each reads differently without its colour, too."""
    if facts.format is None:
        return cell("✗ unusable", "red")
    if facts.is_broken:
        return cell("✗ broken", "red")
    if facts.invalid:
        return cell(f"✗ {short_number(facts.invalid)}", "red")
    return cell(_UNKNOWN, "dim") if facts.invalid is None else cell("● valid", "green")


def _aligned(text: Text, column: Column) -> Text:
    """Numbers to the right, words to the left."""
    if column in (Column.SIZE, Column.RECORDS):
        text.pad_left(max(column - text.cell_len, 0))
    text.truncate(column, pad=True)
    return text
