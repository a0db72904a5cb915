"""A line to type into that is hidden for as long as nobody asks for it."""

from __future__ import annotations

from textual.widget import Widget

from screens.widgets.plain_input import PlainInput


class SeenInput(PlainInput):
    """Takes the focus only while it is seen: keys that are typed into a hidden line would be lost on the screen.

    Textual asks whether a widget may have the focus, but not whether it is displayed, when it looks for the first one.
    """

    def allow_focus(self) -> bool:
        """Whether it is seen, and may have the focus otherwise."""
        return super().allow_focus() and all(one.display for one in self.ancestors_with_self if isinstance(one, Widget))
