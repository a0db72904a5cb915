"""A dialog to choose one thing of a list."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import OptionList, Static
from textual.widgets.option_list import Option

from screens.commands.dialogs import FORM
from screens.widgets.dialog import Dialog
from screens.widgets.live_options import PickList


class PickDialog(Dialog[int | None]):
    """Asks which of some lines is meant; its index, or None when the user thinks better of it."""

    BINDINGS: ClassVar[list[BindingType]] = FORM.bindings()

    def __init__(self, question: Content, lines: Sequence[Content], nothing: Content) -> None:
        """Ask *question*; say *nothing* where there is no line."""
        super().__init__()
        self._question = question
        self._lines = lines
        self._nothing = nothing

    def compose(self) -> ComposeResult:
        """The question over the lines."""
        with Vertical(classes="dialog -tall"):
            yield Static(self._question, classes="dialog-title")
            if self._lines:
                yield PickList(*[Option(line) for line in self._lines], compact=True, classes="dialog-body")
            else:
                yield Static(self._nothing, id="message")
            yield Static("[b]enter[/b] choose   [b]esc[/b] cancel", classes="dialog-keys")

    @on(OptionList.OptionSelected)
    def _chosen(self, event: OptionList.OptionSelected) -> None:
        self.dismiss(event.option_index)

    def action_cancel(self) -> None:
        """Choose nothing."""
        self.dismiss(None)
