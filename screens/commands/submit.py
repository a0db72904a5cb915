"""The commands of the Submit screen and of what is on it."""

from __future__ import annotations

from typing import Final

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
    """All records, or the valid ones only."""

    key = "v"
    action = "choose_selection"
    footer = True


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


SENDING: Final = Group("sending", "Sending", (GoOn,))
UNDER_WAY: Final = Group("sending", "While it is sent", (Stop,))
SUBMIT: Final = Group("submit", "Submit", (Send, Convert, Settle, Target, Which, Again))
