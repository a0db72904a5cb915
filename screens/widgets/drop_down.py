"""A choice that folds out into a list with the keys that all lists have."""

from __future__ import annotations

from collections.abc import Hashable
from typing import ClassVar, TypeVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.widgets import Select
from textual.widgets._select import SelectCurrent, SelectOverlay

from screens.commands.lists import FOLDED_OUT
from screens.widgets.live_options import PickList

V = TypeVar("V", bound=Hashable)


class Offers(SelectOverlay, PickList):
    """What is folded out. Letters are keys here: Textual would look for an option by them, and not find ours."""

    # In place of Textual's own, which is shown in the line at the bottom: the keys of the screen leave no room there.
    BINDINGS: ClassVar[list[BindingType]] = FOLDED_OUT.bindings()

    def __init__(self) -> None:
        super().__init__(type_to_search=False)


class DropDown(Select[V]):
    """Textual's own, with our list in it."""

    def compose(self) -> ComposeResult:
        """What is chosen, and what can be."""
        yield SelectCurrent(self.prompt)
        yield Offers().data_bind(compact=Select.compact)
