"""The line of keys at the bottom of a screen."""

from __future__ import annotations

from textual.binding import Binding
from textual.widgets import Footer


class Keys(Footer):
    """Textual's footer, made anew only when it would show something else.

    Its own is made anew at every change of the focus and of much else, and each key of it is styled three times.
    """

    _shown: list[tuple[Binding, bool, str]] | None = None

    async def recompose(self) -> None:
        """Show the keys of the screen, unless these are shown already. On the way out there is no screen any more."""
        if not self.is_attached:
            return
        active = self.screen.active_bindings.values()
        keys = [(binding, enabled, tooltip) for _node, binding, enabled, tooltip in active if binding.show]
        if keys != self._shown:
            self._shown = keys
            await super().recompose()
