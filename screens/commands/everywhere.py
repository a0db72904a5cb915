"""The commands that are there on every screen."""

from __future__ import annotations

from typing import Final

from screens.commands.command import Command, Group


class Files(Command):
    """Browse finding files."""

    key = "1"
    action = "switch_mode('files')"


class Jobs(Command):
    """Watch the jobs of a target."""

    key = "2"
    action = "switch_mode('jobs')"


class Targets(Command):
    """See and test targets."""

    key = "3"
    action = "switch_mode('targets')"


class Help(Command):
    """Show the keys of this screen."""

    key = "question_mark"
    footer = True


class Log(Command):
    """Show what went wrong in this session, to be read again and copied."""

    key = "exclamation_mark"


class Quit(Command):
    """Leave ocsf-console; what was sent goes on."""

    key = "q"
    action = "leave"
    footer = True


class Back(Command):
    """Return to the screen before this one."""

    key = "escape,q"
    footer = True


APP: Final = Group("app", "Everywhere", (Files, Jobs, Targets, Help, Log, Quit))
SCREEN: Final = Group("screen", "Every screen", (Back,))
