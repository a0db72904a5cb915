"""The commands of the Submit screen and of what is on it."""

from __future__ import annotations

from typing import Final

from screens.commands import shared
from screens.commands.command import Command, Group


class GoOn(Command):
    """Send what is kept and was not accepted."""

    key = "g"
    footer = True


class Stop(Command):
    """Begin no further request; what is left is kept, and can be gone on with."""

    key = "x"
    action = "halt"
    footer = True


class Send(Command):
    """Send what the plan says; asks first."""

    key = "s"
    footer = True


class Settle(Command):
    """Say what became of what is in doubt."""

    key = "e"
    footer = True


class Target(Command):
    """Choose where to send it."""

    key = "t"
    action = "choose_target"
    footer = True


class Which(Command):
    """Choose which records: all, the valid ones, those that an expression means, or those that were marked."""

    key = "v"
    action = "choose_selection"
    footer = True


class Match(shared.Filter):
    """Send only the records that an expression means."""


class Copy(Command):
    """Copy the plan as text: it is the dry run, and nothing has been sent."""

    key = "y"


class SentBefore(Command):
    """See what became of earlier submissions of the same content."""

    key = "b"


class PageDown(Command):
    """Read on in the plan."""

    key = "pagedown,ctrl+f"
    label = "More"
    footer = True
    action = "scroll_plan(1)"


class PageUp(Command):
    """Read back in the plan."""

    key = "pageup,ctrl+b"
    action = "scroll_plan(-1)"


class Convert(Command):
    """Convert what does not fit to what the target takes, and plan that: nothing is sent."""

    key = "c"
    footer = True


class Again(Command):
    """Read the file again and plan anew."""

    key = "r"
    label = "Plan again"
    action = "plan_again"
    footer = True


class ReadLeftOut(Command):
    """Show the record that stays behind."""

    key = "enter"
    label = "Record"
    action = "select_cursor"
    footer = True


SENDING: Final = Group("sending", "Sending", (GoOn,))
UNDER_WAY: Final = Group("sending", "While it is sent", (Stop,))
SUBMIT: Final = Group(
    "submit",
    "Submit",
    (Send, Convert, Settle, Target, Which, Match, PageDown, Again, Copy, SentBefore, PageUp),
)
LEFT_OUT: Final = Group("left_out", "What stays behind", (ReadLeftOut,))
