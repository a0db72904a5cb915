"""The commands of every list, tree and text in which one moves as in Textual's."""

from __future__ import annotations

from typing import Final

from screens.commands.command import Command, Group


class Down(Command):
    """Go to the next line."""

    key = "down,j"
    action = "cursor_down"


class Up(Command):
    """Go to the line before."""

    key = "up,k"
    action = "cursor_up"


class Top(Command):
    """Go to the first line."""

    key = "g,home"
    action = "scroll_top"


class Bottom(Command):
    """Go to the last line."""

    key = "G,end"
    action = "scroll_bottom"


class HalfDown(Command):
    """Half a page on."""

    key = "ctrl+d"
    action = "app.half_page(1)"


class HalfUp(Command):
    """Half a page back."""

    key = "ctrl+u"
    action = "app.half_page(-1)"


class CloseList(Command):
    """Close the list that is folded out, and choose nothing."""

    key = "escape"
    action = "dismiss"


LIST: Final = Group("list", "Lists and texts", (Down, Up, Top, Bottom, HalfDown, HalfUp))
TREE: Final = Group("list", "Trees", (Down, Up, HalfDown, HalfUp))
FOLDED_OUT: Final = Group("list", "Drop-downs", (CloseList,))
