"""The dialog of saved filters: one is chosen, deleted, or the one in force is saved under a name."""

from __future__ import annotations

from typing import ClassVar, Final

import msgspec
from textual import getters, on
from textual.app import ComposeResult
from textual.binding import BindingType, Keymap
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.widgets import Input, OptionList, Static
from textual.widgets.option_list import Option

from screens.base import DeskApp
from screens.commands.dialogs import SAVED, Cancel, Delete, SaveThis
from screens.commands.records import FILTER, RECORDS, Filter, Save
from screens.widgets.dialog import Dialog
from screens.widgets.filter_line import FilterLine
from screens.widgets.live_options import PickList
from screens.widgets.plain_input import PlainInput
from screens.widgets.text import styled

_LONGEST: Final = 60
"""Characters of a name."""
_MOST: Final = 200
"""Filters that are kept."""


def _none_words(keymap: Keymap) -> Content:
    """What to do to have a filter saved."""
    return styled(
        "None is saved yet: filter with $filter, then press $save.",
        filter=RECORDS.key_of(Filter, keymap),
        save=FILTER.key_of(Save, keymap),
    )


class SavedFilters(Dialog[str | None]):
    """Gives the expression that was chosen; None when the user thinks better of it."""

    BINDINGS: ClassVar[list[BindingType]] = SAVED.bindings()

    app = getters.app(DeskApp)
    options = getters.query_one(PickList)
    name_input = getters.query_one(Input)

    def __init__(self, current: str, *, saves: bool = False) -> None:
        """*current* is the expression that can be saved, empty for none. With *saves*, ask for its name at once."""
        super().__init__()
        self._current = current
        self._saves = saves

    def compose(self) -> ComposeResult:
        """The filters, and the line for the name of another one."""
        with Vertical(classes="dialog -tall"):
            yield Static("Saved filters", classes="dialog-title")
            yield Static(_none_words(self.keymap), id="none")
            yield PickList(compact=True)
            with Horizontal(id="naming"):
                yield Static(styled("Save [b]$text[/b] as", text=self._current))
                yield PlainInput(placeholder="a name", max_length=_LONGEST, compact=True)
            yield Static(
                styled(
                    "[b]enter[/b] filter by it   [b]$save[/b] save this one   [b]$delete[/b] delete"
                    "   [b]$close[/b] close",
                    save=SAVED.key_of(SaveThis, self.keymap),
                    delete=SAVED.key_of(Delete, self.keymap),
                    close=SAVED.key_of(Cancel, self.keymap),
                ),
                classes="dialog-keys",
            )

    def on_mount(self) -> None:
        """Show what is saved; ask for a name where that is wanted."""
        self._show(0)
        self.query_one("#naming").display = False
        if self._saves:
            self.action_save()

    @property
    def _names(self) -> list[str]:
        return sorted(self._saved, key=str.casefold)

    @property
    def _saved(self) -> dict[str, str]:
        """What is saved."""
        return self.app.memory.now.saved_filters

    def _show(self, place: int) -> None:
        saved = self._saved
        self.options.set_options(
            Option(styled("[b]$name[/b]  [dim]$text[/dim]", name=name, text=saved[name])) for name in self._names
        )
        self.options.display = bool(saved)
        self.query_one("#none").display = not saved
        if saved:
            self.options.highlighted = max(0, min(place, len(saved) - 1))

    def _keep(self, saved: dict[str, str]) -> None:
        self.app.remember(msgspec.structs.replace(self.app.memory.now, saved_filters=saved))

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Letters are letters while a name is typed."""
        return not (action in ("save", "delete") and self.name_input.has_focus)

    @on(OptionList.OptionSelected)
    def _chosen(self, event: OptionList.OptionSelected) -> None:
        self.dismiss(self._saved[self._names[event.option_index]])

    def action_delete(self) -> None:
        """Delete the one under the cursor."""
        place = self.options.highlighted
        if place is not None and self._names:
            name = self._names[place]
            saved = self._saved
            self._keep({one: text for one, text in saved.items() if one != name})
            self._show(place)

    def action_save(self) -> None:
        """Ask for a name."""
        if self._current:
            self.query_one("#naming").display = True
            self.name_input.focus()

    @on(Input.Submitted)
    def _named(self, event: Input.Submitted) -> None:
        event.stop()
        name = event.value.strip()
        if not name:
            return
        saved = self._saved
        # The oldest ones go first.
        kept = dict([*((one, text) for one, text in saved.items() if one != name), (name, self._current)][-_MOST:])
        self._keep(kept)
        self.query_one("#naming").display = False
        self._show(self._names.index(name))
        self.options.focus()

    def action_cancel(self) -> None:
        """Choose none."""
        self.dismiss(None)


def open_saved(line: FilterLine, current: str, *, saves: bool) -> None:
    """Let the user choose a saved filter, which is entered into *line*; or save the *current* one."""

    def choose(text: str | None) -> None:
        if text is not None:
            # As if it were typed: what was saved may be wrong.
            line.enter(text)

    line.app.push_screen(SavedFilters(current, saves=saves), choose)
