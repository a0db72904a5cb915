"""The line on top of every screen: the modes, the screen's title, and what it is looking at."""

from __future__ import annotations

from typing import Final

from textual.app import RenderResult
from textual.content import Content
from textual.reactive import reactive
from textual.widget import Widget

from screens.widgets.text import styled

MODES: Final = {"files": "Files", "jobs": "Jobs", "targets": "Targets"}
"""The modes and their names, in the order of their keys 1, 2, 3."""


class TitleBar(Widget):
    """One line that says where the user is."""

    DEFAULT_CSS = """
    TitleBar {
        dock: top;
        height: 1;
        padding: 0 1;
        background: $panel;
        color: $foreground;
    }
    """

    context: reactive[Content] = reactive(Content(""))
    """What the screen is looking at, made by `plain` or `styled`. It gives way when space is short."""
    note: reactive[Content] = reactive(Content(""))
    """A few words about it, on the right; they are never cut."""

    def __init__(self, mode: str, title: Content, *, read_only: bool) -> None:
        super().__init__()
        self._mode = mode
        self._title = title
        self._badge = styled("  [$text-warning]read-only[/]") if read_only else Content("")

    def render(self) -> RenderResult:
        """Modes, title and context on the left, the note on the right."""
        modes = [
            styled("[b $accent]$key $name[/]", key=key, name=name)
            if mode == self._mode
            else styled("[dim]$key[/] $name", key=key, name=name)
            for key, (mode, name) in enumerate(MODES.items(), 1)
        ]
        left = Content("  ").join(modes) + self._badge
        if self._title.plain != MODES[self._mode]:
            left += styled(" [dim]›[/] ") + self._title.stylize("bold")
        if self.context:
            left += styled(" [dim]›[/] ") + self.context
        room = self.content_size.width - self.note.cell_length
        return left.truncate(max(room - 2, 0), ellipsis=True).pad_right(max(room - left.cell_length, 2)) + self.note
