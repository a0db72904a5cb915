"""The commands of the Files screen and of what is on it."""

from __future__ import annotations

from typing import Final

from screens.commands.command import Command, Group


class Open(Command):
    """Page through the records of the file."""

    key = "o"
    label = "Records"
    footer = True


class Validate(Command):
    """Check the file against OCSF, offline."""

    key = "v"
    footer = True


class Submit(Command):
    """Plan the submission of the file to a target."""

    key = "s"
    footer = True


class Parent(Command):
    """Go to the folder above."""

    key = "full_stop"
    key_display = "."
    footer = True


class Reload(Command):
    """Read the folder again."""

    key = "r"
    footer = True


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


FILES: Final = Group("files", "Files", (Open, Validate, Submit, Parent, Reload))
FOLDERS: Final = Group("files", "Folders", (Top, Bottom, OpenFolder, CloseFolder))
