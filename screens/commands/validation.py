"""The commands of the Validation screen and of what is on it."""

from __future__ import annotations

from typing import Final

from screens.commands import shared
from screens.commands.command import Command, Group


class Again(Command):
    """Read and validate the file again."""

    key = "r"
    action = "validate"


class Filter(shared.Filter):
    """Show only kinds of issues in which these words stand."""


class Sort(Command):
    """Sort by the next of severity, count, code and attribute."""

    key = "o"
    label = "Order"
    footer = True


class Rules(Command):
    """Choose the rules, the OCSF version and the targets whose rules hold too."""

    key = "t"
    footer = True


class Export(Command):
    """Write what was found to a file, in any format."""

    key = "x"
    footer = True


class Submit(shared.Submit):
    """Plan the submission of the file."""


class Repair(shared.Repair):
    """Write all that is whole in a broken file to a new one."""


class Convert(shared.Convert):
    """Write the records in another format to a new file."""


class Record(Command):
    """The records that have it."""

    key = "enter"
    label = "Records"
    action = "select_cursor"
    footer = True


class Done(Command):
    """Go to what was found."""

    key = "enter,down"
    label = "List"
    footer = True


VALIDATION: Final = Group("validation", "Validation", (Again, Filter, Sort, Rules, Export, Submit, Repair, Convert))
ISSUES: Final = Group("groups", "Kinds of issues", (Record,))
ISSUE_FILTER: Final = Group("groups", "Filter of issues", (Done,))
