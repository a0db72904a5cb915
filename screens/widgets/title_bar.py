"""The line on top of every screen: the modes, the screen's title, and what it is looking at."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from rich.cells import cell_len
from textual.app import RenderResult
from textual.content import Content
from textual.events import Click
from textual.reactive import reactive
from textual.style import Style
from textual.widget import Widget

from screens.widgets.colours import readable
from screens.widgets.text import styled

MODES: Final = {"files": "Files", "jobs": "Jobs", "targets": "Targets"}
"""The modes and their names, in the order in which they stand."""

_GAP: Final = Content("  ")
"""Between two modes."""


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

    def __init__(self, mode: str, title: Content, keys: Sequence[str], *, read_only: bool) -> None:
        """*keys* lead to the modes, in their order."""
        super().__init__()
        self._modes = list(zip(keys, MODES.items(), strict=True))
        self._mode = mode
        self._title = title
        self._badge = styled("  [$text-warning]read-only[/]") if read_only else Content("")

    async def on_click(self, event: Click) -> None:
        """Go to the mode whose name was clicked."""
        at = event.get_content_offset(self)
        start = 0
        for key, (mode, name) in self._modes:
            end = start + cell_len(f"{key} {name}")
            if at is not None and start <= at.x < end:
                await self.run_action(f"app.switch_mode('{mode}')")
            start = end + _GAP.cell_length

    def render(self) -> RenderResult:
        """Modes, title and context on the left, the note on the right."""
        theme = self.app.theme_variables
        here = Style(foreground=readable(theme["accent"], theme["panel"]), bold=True)
        modes = [
            styled("$key $name", key=key, name=name).stylize(here)
            if mode == self._mode
            else styled("[dim]$key[/] $name", key=key, name=name)
            for key, (mode, name) in self._modes
        ]
        left = _GAP.join(modes) + self._badge
        if self._title.plain != MODES[self._mode]:
            left += styled(" [dim]›[/] ") + self._title.stylize("bold")
        if self.context:
            left += styled(" [dim]›[/] ") + self.context
        room = self.content_size.width - self.note.cell_length
        return left.truncate(max(room - 2, 0), ellipsis=True).pad_right(max(room - left.cell_length, 2)) + self.note
