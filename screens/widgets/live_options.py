"""A list of options that changes while it is looked at."""

from __future__ import annotations

from textual.events import Click
from textual.widgets import OptionList


def take_click(options: OptionList, event: Click) -> None:
    """Let a click be, if it is on an option that has gone and is drawn for a moment more: Textual would fail."""
    option = event.style.meta.get("option")
    if option is not None and option >= options.option_count:
        event.prevent_default()
