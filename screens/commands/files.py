"""The commands of the Files screen, of what is on it, and of what it leads to."""

from __future__ import annotations

from typing import Final

from screens.commands import shared
from screens.commands.command import Command, Group


class Filter(shared.Filter):
    """Find files by a part of their name, or its letters in their order, here and in all folders below."""


class Open(Command):
    """Page through the records of the file."""

    key = "o"
    label = "Records"
    footer = True


class Validate(shared.Validate):
    """Check the file against OCSF, offline."""


class Submit(shared.Submit):
    """Plan the submission of the file to a target."""


class Repair(shared.Repair):
    """Write all that is whole in the file to a new one."""


class Convert(shared.Convert):
    """Write the file's findings to a new one, in the format of another service."""


class Compare(Command):
    """Compare the file with the marked one, or with one to choose: what is new, what is gone."""

    key = "d"
    footer = True


class Edit(Command):
    """Open the file in the editor that VISUAL or EDITOR names."""

    key = "e"


class Recent(Command):
    """Go to a file that something was done with lately."""

    key = "ctrl+r"
    footer = True


class SentBefore(Command):
    """See what became of earlier submissions of the same content."""

    key = "b"


class Parent(Command):
    """Go to the folder above."""

    key = "full_stop"
    key_display = "."


class Reload(Command):
    """Read the folder again."""

    key = "r"


class Mark(Command):
    """Mark the file, to compare another one with it."""

    key = "space"


class Top(Command):
    """The first line."""

    key = "home,g"
    action = "scroll_home"


class Bottom(Command):
    """The last line."""

    key = "end,G"
    action = "scroll_end"


class OpenFolder(Command):
    """Open the folder."""

    key = "right,l"
    label = "Open"


class CloseFolder(Command):
    """Close the folder."""

    key = "left,h"
    label = "Close"


class List(Command):
    """Go to the files that were found."""

    key = "enter,down"
    label = "To the list"


FILES: Final = Group(
    "files",
    "Files",
    (Filter, Open, Validate, Submit, Repair, Convert, Compare, Edit, Recent, SentBefore, Parent, Reload),
)
MARKS: Final = Group("files", "Files of a folder", (Mark,))
FOLDERS: Final = Group("files", "Folders", (Top, Bottom, OpenFolder, CloseFolder))
NAMES: Final = Group("names", "Filter by name", (List,))
