"""The commands of the Job screen and of what is on it."""

from __future__ import annotations

from typing import Final

from screens.commands import shared
from screens.commands.command import Command, Group


class Next(shared.NextPage):
    """The next page of errors."""


class Previous(shared.PreviousPage):
    """The page of errors before."""


class Raw(Command):
    """Show or hide what the target itself said."""

    key = "x"


class Timeline(Command):
    """Show or hide what was done to bring the job about, attempt by attempt."""

    key = "t"
    footer = True


class Causes(Command):
    """Show the errors by what is wrong, or one by one."""

    key = "c"
    footer = True


class Watch(Command):
    """Tell when the job has ended, or no longer; those sent from here are told of anyway."""

    key = "w"


class Export(Command):
    """Write all errors of the job into a file."""

    key = "e"


class Resend(Command):
    """Plan to send the rejected records once more."""

    key = "s"
    label = "Send rejected"
    footer = True


class Refresh(Command):
    """Ask the target again, now."""

    key = "r"
    action = "refresh_now"


class Open(Command):
    """Open the record in its file."""

    key = "enter"
    label = "Record"
    action = "select_cursor"
    footer = True


class Members(Command):
    """List the errors of the group."""

    key = "enter"
    label = "Errors"
    action = "select_cursor"
    footer = True


JOB: Final = Group("job", "Job", (Next, Previous, Causes, Timeline, Raw, Resend, Watch, Export, Refresh))
ERRORS: Final = Group("errors", "Errors of a job", (Open,))
GROUPS: Final = Group("error_groups", "Errors of a job by what is wrong", (Members,))
