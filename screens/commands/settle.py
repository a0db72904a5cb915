"""The commands of the Settle screen and of what is on it."""

from __future__ import annotations

from typing import Final

from screens.commands.command import Command, Group


class Adopt(Command):
    """The marked job is what became of it; asks first."""

    key = "a"
    footer = True


class Again(Command):
    """Send it once more; asks first."""

    key = "s"
    label = "Send again"
    action = "send_again"
    footer = True


class LetBe(Command):
    """Never send it again; asks first."""

    key = "x"
    label = "Let it be"
    footer = True


class GiveUp(Command):
    """Give up what was not accepted; asks first."""

    key = "x"
    footer = True


class Look(Command):
    """Ask the target once more."""

    key = "r"
    label = "Look again"
    action = "look_again"
    footer = True


class AdoptCandidate(Command):
    """It became this job."""

    key = "enter"
    label = "Adopt"
    action = "select_cursor"


SETTLE: Final = Group("settle", "Settle", (Adopt, Again, LetBe, GiveUp, Look))
CANDIDATES: Final = Group("candidates", "Jobs that it may be", (AdoptCandidate,))
