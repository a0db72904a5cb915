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


class Add(Command):
    """Add a target to the configuration file."""

    key = "a"
    footer = True


class Edit(Command):
    """Change the settings of the target; one that is in no file is copied into it."""

    key = "e"
    footer = True


class Remove(Command):
    """Take the target out of the configuration file; asks first."""

    key = "delete,d"
    key_display = "d"


class Sandbox(Command):
    """Start a stand-in for Prowler Cloud on this machine, to try things with; it ends with the console."""

    key = "b"
    footer = True


class Refresh(Command):
    """Look the secrets up again."""

    key = "r"
    action = "refresh_now"


class Jobs(Command):
    """Show the jobs of the target."""

    key = "enter"


TARGETS: Final = Group("targets", "Targets", (Test, Login, Logout, Add, Edit, Remove, Sandbox, Refresh))
TARGET_LIST: Final = Group("targets", "Targets: the list", (Jobs,))
