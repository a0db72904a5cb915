"""Commands that several screens offer by the same key. Each says in its own words what it does there."""

from __future__ import annotations

from screens.commands.command import Command


class Filter(Command):
    """Show only what some words let through."""

    key = "slash"
    key_display = "/"
    footer = True


class Validate(Command):
    """Validate the file."""

    key = "v"
    footer = True


class Submit(Command):
    """Plan the submission of the file."""

    key = "s"
    footer = True


class Repair(Command):
    """Write all that is whole in a broken file to a new one."""

    key = "R"


class Convert(Command):
    """Write the records in another format to a new file."""

    key = "c"


class NextPage(Command):
    """The next page."""

    key = "n,right_square_bracket"
    label = "Next"
    action = "page(1)"
    footer = True


class PreviousPage(Command):
    """The page before."""

    key = "p,N,left_square_bracket"
    label = "Previous"
    action = "page(-1)"
