"""What all dialogs are, and what holds for every screen: to be as large as the terminal is now."""

from __future__ import annotations

from textual.binding import Keymap
from textual.events import Resize
from textual.screen import ModalScreen, Screen, ScreenResultType


def take_size(screen: Screen[ScreenResultType], event: Resize) -> None:
    """Let a size be that the terminal has no more.

    Textual (8.2) would lay the screen out for it, and tell it once more: where two sizes come at once, and screens lie
    on each other, it would go on from one to the other for ever.
    """
    if event.size != screen.app.size:
        event.prevent_default()
        event.stop()


class Dialog(ModalScreen[ScreenResultType]):
    """A screen that lies on another, and is answered before anything else is done."""

    @property
    def keymap(self) -> Keymap:
        """The keys that are in place of ours."""
        return self.app._keymap

    async def _on_resize(self, event: Resize) -> None:
        take_size(self, event)
