"""The commands of dialogs."""

from __future__ import annotations

from typing import Final

from screens.commands.command import Command, Group


class Close(Command):
    """Close this message."""

    key = "escape,enter,q"
    footer = True


class CloseHelp(Command):
    """Close the help."""

    label = "Close"
    action = "close"
    key = "escape,q,question_mark"
    footer = True


class Cancel(Command):
    """Close and change nothing."""

    key = "escape"
    footer = True


class Stop(Command):
    """Stop what goes on; when nothing does, close."""

    key = "escape"
    label = "Cancel"
    footer = True


class Save(Command):
    """Keep what the form says."""

    key = "ctrl+s"


class No(Command):
    """Leave things as they are."""

    key = "escape,n,q"
    action = "answer(False)"
    footer = True


class Yes(Command):
    """Go ahead."""

    key = "y"
    action = "answer(True)"
    footer = True


class Other(Command):
    """The other answer."""

    key = "left,right"
    action = "app.focus_next"


class Toggle(Command):
    """Show the column, or hide it."""

    key = "space"
    action = "choose"


class Forward(Command):
    """Move the column to the right."""

    key = "J,shift+down"
    action = "move(1)"


class Backward(Command):
    """Move the column to the left."""

    key = "K,shift+up"
    action = "move(-1)"


class AsAtFirst(Command):
    """All columns, in the order that they have at first."""

    key = "0"


class Accept(Command):
    """Take what was chosen."""

    key = "enter"


class Delete(Command):
    """Delete the saved filter."""

    key = "d,delete"


class SaveThis(Command):
    """Give the filter that is in force a name, and save it."""

    key = "s"
    action = "save"


COLUMNS: Final = Group("columns", "Choice of columns", (Toggle, Forward, Backward, AsAtFirst, Accept, Cancel))
SAVED: Final = Group("saved", "Saved filters", (Delete, SaveThis, Cancel))
HELP: Final = Group("help", "Help", (CloseHelp,))
FORM: Final = Group("dialog", "Questions with a field", (Cancel,))
NEW_FILE: Final = Group("dialog", "A new file", (Stop,))
SAVED_FORM: Final = Group("dialog", "Forms", (Cancel, Save))
MESSAGE: Final = Group("dialog", "Messages", (Close,))
QUESTION: Final = Group("dialog", "Questions", (No, Yes, Other))
