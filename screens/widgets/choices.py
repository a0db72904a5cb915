"""What to send and where to: the two drop-downs of the Submit screen."""

from __future__ import annotations

from dataclasses import dataclass

from textual import getters, on
from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.message import Message
from textual.widgets import Select, Static

from console.config import Config
from console.submissions.model import Selection
from screens.widgets.target_select import TargetSelect


@dataclass(frozen=True, slots=True)
class Choice:
    """What is to be planned."""

    target: str
    selection: Selection
    converts: bool = False
    """Whether the records are converted first, to what the target takes."""


class SelectionSelect(Select[Selection]):
    """A drop-down of what can be selected of a file."""

    def __init__(self) -> None:
        super().__init__(
            [("all records", Selection.ALL), ("only valid records", Selection.VALID)],
            value=Selection.ALL,
            allow_blank=False,
            compact=True,
        )


class Choices(Horizontal):
    """Which records, and which target."""

    target = getters.query_one(TargetSelect)
    selection = getters.query_one(SelectionSelect)

    @dataclass
    class Changed(Message):
        """Something else is chosen now."""

    def __init__(self, config: Config) -> None:
        super().__init__()
        self._config = config

    def compose(self) -> ComposeResult:
        """A sentence with two drop-downs in it."""
        yield Static("Send", classes="label")
        yield SelectionSelect()
        yield Static("to", classes="label")
        yield TargetSelect(self._config)

    @property
    def choice(self) -> Choice | None:
        """What is chosen. None where no target can be reached."""
        target, selection = self.target.target, self.selection.value
        return Choice(target, selection) if target and isinstance(selection, Selection) else None

    @on(Select.Changed)
    def _changed(self, event: Select.Changed) -> None:
        event.stop()
        self.post_message(self.Changed())

    def open_target(self) -> None:
        """Open the list of targets."""
        self.target.focus()
        self.target.action_show_overlay()

    def open_selection(self) -> None:
        """Open the list of selections."""
        self.selection.focus()
        self.selection.action_show_overlay()
