"""The commands of the Targets screen and of what is on it."""

from __future__ import annotations

from typing import Final

from screens.commands.command import Command, Group


class Test(Command):
    """Test the way to the target, step by step."""

    key = "t"
    footer = True


class Login(Command):
    """Type in the secrets of the target."""

    key = "l"
    label = "Log in"
    footer = True


class Logout(Command):
    """Forget the secrets of the target."""

    key = "o"
    label = "Log out"
    footer = True


class Refresh(Command):
    """Look the secrets up again."""

    key = "r"
    action = "refresh_now"
    footer = True


TARGETS: Final = Group("targets", "Targets", (Test, Login, Logout, Refresh))
