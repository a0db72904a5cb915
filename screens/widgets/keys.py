"""The line of keys at the bottom of a screen."""

from __future__ import annotations

from textual.app import ComposeResult
from textual.binding import Binding
from textual.dom import DOMNode
from textual.events import Resize
from textual.widgets import Footer
from textual.widgets._footer import FooterKey

from screens.commands.everywhere import Help

_SPACES = 3
"""Columns that a key and its name take up beside their own words."""
_HELP = "_".join(Help.words())
"""The action of the key for the help."""


class Keys(Footer):
    """Textual's footer, made anew only when it would show something else, and with no more than there is room for.

    Its own is made anew at every change of the focus and of much else, and each key of it is styled three times.
    """

    _shown: tuple[int, list[tuple[Binding, bool, str]]] | None = None

    def compose(self) -> ComposeResult:
        """The keys that fit. That for the help stays, which has all others; where there is none, the last one."""
        places = self._places()
        keys = [key for key in super().compose() if isinstance(key, FooterKey)]
        keys.sort(key=lambda key: places[key.action])
        kept = next((key for key in keys if key.action == _HELP), keys[-1] if keys else None)
        # The last column of the last key is empty.
        while len(keys) > 1 and sum(map(_width, keys)) - 1 > self.app.size.width:
            keys.remove([key for key in keys if key is not kept][-1])
        yield from keys

    def _places(self) -> dict[str, int]:
        """Where each action stands: where its command does. Textual puts the keys of a keymap behind all others."""
        shown = [one for one in self.screen.active_bindings.values() if one.binding.show]
        commands: dict[tuple[DOMNode, str], int] = {}
        for node in dict.fromkeys(one.node for one in shown):
            for _, binding in node._bindings:
                commands.setdefault((node, binding.action), len(commands))
        places = dict[str, int]()
        for one in sorted(shown, key=lambda one: commands[one.node, one.binding.action]):
            places.setdefault(one.binding.action, len(places))
        return places

    async def recompose(self) -> None:
        """Show the keys of the screen, unless these are shown already. On the way out there is no screen any more."""
        if not self.is_attached:
            return
        active = self.screen.active_bindings.values()
        keys = [(binding, enabled, tooltip) for _node, binding, enabled, tooltip in active if binding.show]
        if (self.app.size.width, keys) != self._shown:
            self._shown = self.app.size.width, keys
            await super().recompose()

    def on_resize(self, event: Resize) -> None:
        """There may be room for more, or for less."""
        self.call_after_refresh(self.recompose)


def _width(key: FooterKey) -> int:
    """The columns that a key takes."""
    return len(key.key_display) + len(key.description) + _SPACES
