"""The commands of the Compare screen."""

from __future__ import annotations

from typing import Final

from screens.commands.command import Command, Group


class Record(Command):
    """The record itself: in the new file, or in the old one where it is gone."""

    key = "enter"
    action = "select_cursor"
    footer = True


class Next(Command):
    """The next kind of difference."""

    key = "right,l"
    key_display = "→"
    action = "screen.turn(1)"
    footer = True


class Previous(Command):
    """The kind of difference before."""

    key = "left,h"
    action = "screen.turn(-1)"


class Swap(Command):
    """Take the old file for the new one, and the other way round."""

    key = "x"
    footer = True


class Again(Command):
    """Read and compare both files again."""

    key = "r"
    action = "compare"
    footer = True


COMPARE: Final = Group("compare", "Compare", (Swap, Again))
DIFFERENCES: Final = Group("differences", "Differences", (Record, Next, Previous))
