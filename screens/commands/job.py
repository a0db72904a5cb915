"""The commands of the Job screen and of what is on it."""

from __future__ import annotations

from typing import Final

from screens.commands.command import Command, Group


class Next(Command):
    """The next page of errors."""

    key = "n,right_square_bracket"
    action = "page(1)"
    footer = True


class Previous(Command):
    """The page of errors before."""

    key = "p,left_square_bracket"
    action = "page(-1)"
    footer = True


class Raw(Command):
    """Show or hide what the target itself said."""

    key = "x"
    footer = True


class Resend(Command):
    """Plan to send the rejected records once more."""

    key = "s"
    label = "Send rejected"
    footer = True


class Refresh(Command):
    """Ask the target again, now."""

    key = "r"
    action = "refresh_now"
    footer = True


class Open(Command):
    """Open the record in its file."""

    key = "enter"
    label = "Record"
    action = "select_cursor"
    footer = True


JOB: Final = Group("job", "Job", (Next, Previous, Raw, Resend, Refresh))
ERRORS: Final = Group("errors", "Errors of a job", (Open,))
