"""What to send and where to: the two drop-downs of the Submit screen."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from textual import getters, on
from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.content import Content
from textual.message import Message
from textual.widgets import Select, Static

from console.config import Config
from console.submissions.model import Selection
from screens.widgets.drop_down import DropDown
from screens.widgets.target_select import TargetSelect
from screens.widgets.text import plain, styled

_ASK: Final = Selection("…")
"""Stands for an expression that is still to be typed."""


@dataclass(frozen=True, slots=True)
class Choice:
    """What is to be planned."""

    target: str
    selection: Selection
    converts: bool = False
    """Whether the records are converted first, to what the target takes."""


class SelectionSelect(DropDown[Selection]):
    """A drop-down of what can be selected of a file. What was wanted before, or typed, is offered too."""

    def __init__(self, wanted: Selection | None) -> None:
        self._further = [wanted] if wanted is not None else []
        self.chosen = wanted or Selection.ALL
        """What is chosen, also while something else is asked for."""
        super().__init__(self._offered(), value=self.chosen, allow_blank=False, compact=True)

    def _offered(self) -> list[tuple[Content, Selection]]:
        return [
            (Content("all records"), Selection.ALL),
            (Content("only valid records"), Selection.VALID),
            *((_named(one), one) for one in self._further),
            (Content("those that match …"), _ASK),
        ]

    def choose(self, selection: Selection) -> None:
        """Choose this, and offer it from now on."""
        if selection not in (Selection.ALL, Selection.VALID, *self._further):
            self._further.append(selection)
            with self.prevent(Select.Changed):
                self.set_options(self._offered())
                self.value = self.chosen
        self.value = selection


def _named(selection: Selection) -> Content:
    if selection.picked is not None:
        return plain(selection.name, width=120)
    return styled("matching $expression", expression=selection.name)


class Choices(Horizontal):
    """Which records, and which target."""

    target = getters.query_one(TargetSelect)
    selection = getters.query_one(SelectionSelect)

    @dataclass
    class Changed(Message):
        """Something else is chosen now."""

    @dataclass
    class Asked(Message):
        """The user wants to say by an expression which records are meant."""

    def __init__(self, config: Config, wanted: Selection | None = None) -> None:
        """*wanted* is chosen at first; without it, all."""
        super().__init__()
        self._config = config
        self._wanted = wanted

    def compose(self) -> ComposeResult:
        """A sentence with two drop-downs in it."""
        yield Static("Send", classes="label")
        yield SelectionSelect(self._wanted)
        yield Static("to", classes="label")
        yield TargetSelect(self._config)

    @property
    def choice(self) -> Choice | None:
        """What is chosen. None where no target can be reached."""
        target = self.target.target
        return Choice(target, self.selection.chosen) if target else None

    @on(Select.Changed)
    def _changed(self, event: Select.Changed) -> None:
        event.stop()
        value = self.selection.value
        if value == _ASK:
            with self.prevent(Select.Changed):
                self.selection.value = self.selection.chosen
            self.post_message(self.Asked())
            return
        if isinstance(value, Selection):
            self.selection.chosen = value
        self.post_message(self.Changed())

    def choose(self, selection: Selection) -> None:
        """Choose which records are meant."""
        self.selection.choose(selection)

    def open_target(self) -> None:
        """Open the list of targets."""
        self.target.focus()
        self.target.action_show_overlay()

    def open_selection(self) -> None:
        """Open the list of selections."""
        self.selection.focus()
        self.selection.action_show_overlay()
