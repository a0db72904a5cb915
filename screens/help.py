"""The keys of the screen that one is on, from its bindings: they are described in one place."""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar

from textual.app import App, ComposeResult
from textual.binding import ActiveBinding, Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.dom import DOMNode
from textual.screen import Screen
from textual.widgets import Static

from screens.commands.dialogs import HELP
from screens.widgets.dialog import Dialog
from screens.widgets.scrolled_text import ScrolledText
from screens.widgets.text import plain


class HelpScreen(Dialog[None]):
    """All keys that work on the screen below."""

    BINDINGS: ClassVar[list[BindingType]] = HELP.bindings()

    def __init__(self, bindings: dict[str, ActiveBinding]) -> None:
        super().__init__()
        self._keys = bindings

    def compose(self) -> ComposeResult:
        """A line for each command: its keys, its name, what it does."""
        with Vertical(classes="dialog -tall"):
            yield Static("Keys on this screen", classes="dialog-title")
            with ScrolledText(classes="dialog-body"):
                for binding, keys in self._commands():
                    with Horizontal(classes="help-row"):
                        yield Static(plain(" ".join(keys)), classes="help-keys")
                        yield Static(plain(binding.description), classes="help-name")
                        yield Static(plain(binding.tooltip), classes="help-what")
            yield Static("[b]esc[/b] close", classes="dialog-keys")

    def _commands(self) -> Iterator[tuple[Binding, list[str]]]:
        """The commands that say what they do, with their keys: first the screen's own, then those of what is in it."""
        commands: dict[str, tuple[Binding, list[str]]] = {}
        for _, binding, _, _ in sorted(self._keys.values(), key=lambda active: _nearness(active.node)):
            if binding.tooltip:
                _, keys = commands.setdefault(binding.action, (binding, []))
                keys.append(self.app.get_key_display(binding))
        yield from commands.values()

    def action_close(self) -> None:
        """Return to the screen below."""
        self.dismiss()


def _nearness(node: DOMNode) -> int:
    """The screen's own commands are what people look for; those of the whole app they know."""
    return 0 if isinstance(node, Screen) else 2 if isinstance(node, App) else 1
