"""How the lines of the list of jobs are drawn: the headings, and one job each."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

from rich.cells import cell_len
from rich.style import Style
from textual.strip import Strip

from screens.widgets.job_columns import Cell, JobColumn, JobOrder, label_of
from screens.widgets.strips import Part, strip_of

_GAP = " "
"""On both sides of a cell."""


class Layout(NamedTuple):
    """The columns, and how wide each is."""

    columns: tuple[JobColumn, ...]
    widths: Sequence[int]
    """Without the gaps."""

    @classmethod
    def fitted(
        cls, columns: tuple[JobColumn, ...], order: JobOrder, rows: Sequence[Sequence[Cell]], least: Sequence[int] = ()
    ) -> Layout:
        """Each column as wide as its name and what is in it, and as *least* says."""
        least = least or [0] * len(columns)
        widths = [
            max(cell_len(label_of(one, order)), least[place], *(row[place].width for row in rows))
            for place, one in enumerate(columns)
        ]
        return cls(columns, widths)

    def edges(self) -> Iterator[tuple[int, int]]:
        """Where each column begins and ends on a line that is as long as it takes."""
        left = 0
        for width in self.widths:
            right = left + width + 2 * len(_GAP)
            yield left, right
            left = right

    @property
    def width(self) -> int:
        """Of a whole line."""
        return sum(self.widths) + 2 * len(_GAP) * len(self.widths)

    @property
    def fixed(self) -> int:
        """How much of each line stays where it is: the first column."""
        return self.widths[0] + 2 * len(_GAP)


class Section(NamedTuple):
    """What of each line is seen."""

    left: int
    """How far they are scrolled to the side, but for the first column."""
    width: int

    def of(self, parts: list[Part], layout: Layout, base: Style) -> Strip:
        """A line as it is seen."""
        strip = strip_of(parts, base, max(layout.width, self.left + self.width))
        if self.left == 0:
            return strip.crop(0, self.width)
        rest = strip.crop(layout.fixed + self.left, self.left + max(self.width, layout.fixed))
        return Strip.join([strip.crop(0, layout.fixed), rest]).crop(0, self.width)


def heading(
    layout: Layout, current: JobColumn, order: JobOrder, plain: Style, under_cursor: Style, seen: Section
) -> Strip:
    """The names of the columns. The one under the cursor stands out; the one that is sorted by has an arrow."""
    parts = list[Part]()
    for one, width in zip(layout.columns, layout.widths, strict=True):
        name = label_of(one, order)
        aligned = f"{name.rstrip():>{width}}" if one.numeric else f"{name:<{width}}"
        parts.append((f"{_GAP}{aligned}{_GAP}", under_cursor if one is current else plain))
    return seen.of(parts, layout, plain)


def job(cells: Sequence[Cell], layout: Layout, base: Style, style: Callable[[str], Style], seen: Section) -> Strip:
    """One job. The *style* of a part of it is laid over that of the line."""
    parts = list[Part]()
    for cell, one, width in zip(cells, layout.columns, layout.widths, strict=True):
        words, room = [(text, base + style(part)) for text, part in cell.words], " " * (width - cell.width)
        parts.append((_GAP, base))
        parts += [(room, words[0][1]), *words] if one.numeric else [*words, (room, base)]
        parts.append((_GAP, base))
    return seen.of(parts, layout, base)
