"""The commands of the Log screen."""

from __future__ import annotations

from typing import Final

from screens.commands.command import Command, Group


class Copy(Command):
    """Copy the entry, with its details, to the clipboard."""

    key = "y"
    footer = True


class Refresh(Command):
    """Show what has been logged meanwhile."""

    key = "r"
    action = "refresh_now"
    footer = True


LOG: Final = Group("log", "Log", (Copy, Refresh))
