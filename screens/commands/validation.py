"""The commands of the Validation screen and of what is on it."""

from __future__ import annotations

from typing import Final

from screens.commands.command import Command, Group


class Again(Command):
    """Read and validate the file again."""

    key = "r"
    action = "validate"
    footer = True


class Submit(Command):
    """Plan the submission of the file."""

    key = "s"
    footer = True


class Record(Command):
    """The first record that has it."""

    key = "enter"
    action = "select_cursor"
    footer = True


VALIDATION: Final = Group("validation", "Validation", (Again, Submit))
ISSUES: Final = Group("groups", "Kinds of issues", (Record,))
