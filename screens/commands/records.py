"""The commands of the Records screen and of what is on it."""

from __future__ import annotations

from typing import Final

from screens.commands import lists, shared
from screens.commands.command import Command, Group


class Filter(shared.Filter):
    """Show some records only."""


class SavedFilters(Command):
    """Choose one of the filters that were saved, save this one, or delete one."""

    key = "F"


class GoTo(Command):
    """Go to the record of a number."""

    key = "g"


class Validate(shared.Validate):
    """Validate the whole file."""


class Submit(shared.Submit):
    """Plan the submission of what is marked, else of what the filter lets through, else of the file."""


class Reload(Command):
    """Read the file as it is now."""

    key = "r"


class Next(Command):
    """Read the next record."""

    key = "n"
    action = "step(1)"


class Previous(Command):
    """Read the record before."""

    key = "p,N"
    action = "step(-1)"


class NextIssue(Command):
    """The next record with an error; in a record, the next attribute with an issue."""

    key = "i"
    label = "Issue"
    action = "go_to_issue(1)"
    footer = True


class PreviousIssue(Command):
    """The record with an error, or the attribute with an issue, before this one."""

    key = "I"
    action = "go_to_issue(-1)"


class Columns(Command):
    """Choose which columns the list has, and in which order."""

    key = "c"


class Beside(Command):
    """Put the record beside the list, or below it."""

    key = "w"


class CopyRecord(Command):
    """Copy the record, or all that are marked, exactly as in the file."""

    key = "Y"


class Read(Command):
    """Read the record: fold, unfold, see whole values."""

    key = "enter"
    footer = True


class Sort(Command):
    """Sort by the column under the cursor; again turns it round, and once more ends it."""

    key = "S"
    footer = True


class Left(Command):
    """The column to the left."""

    key = "left,h"
    action = "cursor_left"


class Right(Command):
    """The column to the right."""

    key = "right,l"
    action = "cursor_right"


class Mark(Command):
    """Mark the record, or no longer, and go to the next."""

    key = "space"


class MarkTo(Command):
    """Mark all records from the one that was marked last."""

    key = "m"


class MarkOthers(Command):
    """Mark the records of the list that are not marked, and the others no longer."""

    key = "asterisk"
    key_display = "*"


class Unmark(Command):
    """Mark nothing any more."""

    key = "u"


class CopyCell(Command):
    """Copy what the column under the cursor shows of the record."""

    key = "y"


class Search(Command):
    """Show the records that this lets through."""

    key = "enter"
    action = "submit"
    footer = True


class Save(Command):
    """Save the filter under a name."""

    key = "ctrl+s"


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
    action = "cursor_up"


class Down(Command):
    """The next record."""

    key = "down,j"
    action = "cursor_down"


class PageUp(Command):
    """A page back."""

    key = "pageup,ctrl+b"


class PageDown(Command):
    """A page on."""

    key = "pagedown,ctrl+f"


class First(Command):
    """The first record."""

    key = "home"
    action = "scroll_top"


class Last(Command):
    """The last record."""

    key = "end,G"
    action = "scroll_bottom"


class Fold(Command):
    """Fold or unfold what is below here."""

    key = "e"
    action = "toggle_expand_all"
    footer = True


class CopyValue(Command):
    """Copy the value: a text as it is, anything else as JSON."""

    key = "y"
    label = "Copy"
    footer = True


class CopyPath(Command):
    """Copy the path of the attribute."""

    key = "ctrl+y"


RECORDS: Final = Group("records", "Records", (Filter, SavedFilters, GoTo, Validate, Submit, Reload))
FILTER: Final = Group("filter", "Filter", (Search, Save, Older, Newer))
READING: Final = Group(
    "records",
    "Records and the one that is read",
    (Read, Next, Previous, NextIssue, PreviousIssue, Columns, Beside, CopyRecord),
)
RECORD_LIST: Final = Group(
    "records",
    "List of records",
    (
        *(Up, Down, PageUp, PageDown, lists.HalfDown, lists.HalfUp, First, Last, Left, Right, Sort),
        *(Mark, MarkTo, MarkOthers, Unmark, CopyCell),
    ),
)
RECORD: Final = Group("record", "One record", (Fold, CopyValue, CopyPath))
