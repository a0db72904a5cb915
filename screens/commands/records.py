"""The commands of the Records screen and of what is on it."""

from __future__ import annotations

from typing import Final

from screens.commands.command import Command, Group


class Read(Command):
    """Read the record: fold, unfold, see whole values."""

    key = "enter"
    footer = True


class Next(Command):
    """Read the next record."""

    key = "n"
    action = "step(1)"


class Previous(Command):
    """Read the record before."""

    key = "p"
    action = "step(-1)"


class GoTo(Command):
    """Go to the record of a number."""

    key = "g"
    footer = True


class Filter(Command):
    """Show some records only."""

    key = "slash"
    key_display = "/"
    footer = True


class Validate(Command):
    """Validate the whole file."""

    key = "v"
    footer = True


class Submit(Command):
    """Plan the submission of the whole file."""

    key = "s"
    footer = True


class Reload(Command):
    """Read the file as it is now."""

    key = "r"


class Search(Command):
    """Show the records that this lets through."""

    key = "enter"
    action = "submit"
    footer = True


class Older(Command):
    """The filter before."""

    key = "up"
    action = "recall(-1)"


class Newer(Command):
    """The filter after."""

    key = "down"
    action = "recall(1)"


class Up(Command):
    """The record before."""

    key = "up,k"
    action = "move(-1)"


class Down(Command):
    """The next record."""

    key = "down,j"
    action = "move(1)"


class PageUp(Command):
    """A page back."""

    key = "pageup,ctrl+b"
    action = "page(-1)"


class PageDown(Command):
    """A page on."""

    key = "pagedown,ctrl+f"
    action = "page(1)"


class First(Command):
    """The first record."""

    key = "home"


class Last(Command):
    """The last record."""

    key = "end,G"


class Fold(Command):
    """Fold or unfold what is below here."""

    key = "e"
    label = "Fold all"
    action = "toggle_expand_all"
    footer = True


RECORDS: Final = Group("records", "Records", (Read, Next, Previous, GoTo, Filter, Validate, Submit, Reload))
FILTER: Final = Group("filter", "Filter", (Search, Older, Newer))
RECORD_LIST: Final = Group("records", "List of records", (Up, Down, PageUp, PageDown, First, Last))
RECORD: Final = Group("record", "One record", (Fold,))
