"""The Log screen: what went wrong in this session, to be read again and copied."""

from __future__ import annotations

import logging
from typing import ClassVar, Final

from rich.text import Text
from textual import getters, on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.widgets import DataTable, Static

from screens.base import ConsoleScreen
from screens.commands.everywhere import SCREEN, Back
from screens.commands.lists import LIST
from screens.commands.log import LOG
from screens.event_log import Entry
from screens.widgets.clipboard import copy
from screens.widgets.scrolled_text import ScrolledText
from screens.widgets.text import cell, plain, styled
from screens.widgets.text_table import TextTable
from screens.widgets.under_cursor import under_cursor

_LINES: Final = 200
_TONES: Final = {logging.WARNING: "yellow", logging.ERROR: "red", logging.CRITICAL: "red"}


class Entries(TextTable):
    """All entries, the newest first."""

    BINDINGS: ClassVar[list[BindingType]] = LIST.bindings()


class LogScreen(ConsoleScreen):
    """What went wrong in this session, the newest first. `y` copies an entry, with its details, to the clipboard."""

    TITLE = "Log"
    CSS_PATH = "log.tcss"
    BINDINGS: ClassVar[list[BindingType]] = LOG.bindings()

    table = getters.query_one(Entries)
    detail = getters.query_one("#detail", Static)
    empty = getters.query_one("#empty", Static)

    def compose_body(self) -> ComposeResult:
        """The entries, and the one under the cursor."""
        nothing = styled(
            "[b]Nothing has gone wrong so far.[/b]\n\nPress $back to go back.",
            back=SCREEN.key_of(Back, self.config.keys),
        )
        yield Static(nothing, id="empty", classes="empty")
        yield Entries(cursor_type="row")
        with ScrolledText():
            yield Static(id="detail")

    def on_mount(self) -> None:
        """Show what there is."""
        self.table.add_columns(*(cell(name) for name in ("Time", "Level", "What happened")))
        self.action_refresh_now()

    def action_refresh_now(self) -> None:
        """Show what there is now."""
        self._entries = list(reversed(self.app.log_of_session.entries))
        self.set_class(bool(self._entries), "-filled")
        self.table.clear()
        self.table.add_rows(_row(entry) for entry in self._entries)
        self.table.focus()

    @property
    def _entry(self) -> Entry | None:
        """The entry under the cursor."""
        return under_cursor(self.table, self._entries)

    @on(DataTable.RowHighlighted)
    def _show(self) -> None:
        entry = self._entry
        self.detail.update(plain(entry.text, lines=_LINES) if entry else "")

    def action_copy(self) -> None:
        """Copy the entry."""
        if self._entry is not None:
            copy(self.app, "the entry", self._entry.text)


def _row(entry: Entry) -> list[Text]:
    level = logging.getLevelName(entry.level).lower()
    return [cell(f"{entry.at:%H:%M:%S}"), cell(level, _TONES.get(entry.level, "")), cell(entry.message)]
