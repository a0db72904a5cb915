"""The Records screen: the records of a finding file in a list, and the one under the cursor read as a tree."""

from __future__ import annotations

import asyncio
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from pathlib import Path
from time import monotonic
from typing import ClassVar, Final

from textual import getters, on, work
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.message import Message
from textual.message_pump import MessagePump
from textual.widgets import Static
from textual.worker import WorkerError

from console.errors import ConsoleError, UnreadableFile
from console.progress import Cancel, Progress, in_thread
from console.records.reader import FindingFile
from screens.base import ConsoleScreen
from screens.commands.records import RECORDS
from screens.navigation import OpenSubmit, OpenValidation
from screens.record_rows import FileRows, HitRows
from screens.record_source import Line
from screens.widgets.dialogs import NumberDialog
from screens.widgets.filter_line import Filter, FilterLine
from screens.widgets.issue_list import IssueList
from screens.widgets.record_detail import RecordDetail
from screens.widgets.record_list import RecordList
from screens.widgets.record_tree import RecordTree
from screens.widgets.record_words import file_words, hit_words, last_record_words, undecided_words
from screens.widgets.text import plain, styled

_PAUSE: Final = 0.2
"""Seconds between two looks at how much was found."""
_FAR: Final = 10**11
"""More records than any file has."""


@dataclass
class Opened(Message):
    """The file is open, and its first rows are here."""

    rows: FileRows


@dataclass
class Unreadable(Message):
    """The file can't be opened."""

    error: ConsoleError


@dataclass
class Troubled(Message):
    """The open file can't be read as it was."""

    error: ConsoleError


@dataclass
class Grown(Message):
    """More rows were found."""

    rows: FileRows | HitRows
    progress: Progress | None
    """How far finding them is; None when it has ended."""

    def can_replace(self, message: MessagePump | Message) -> bool:
        """Only the newest counts."""
        return isinstance(message, Grown) and message.rows is self.rows


class RecordsScreen(ConsoleScreen):
    """The records of one finding file. Places that can't be read are rows too, and say why."""

    TITLE = "Records"
    CSS_PATH = "records.tcss"
    AUTO_FOCUS = ""
    BINDINGS: ClassVar[list[BindingType]] = RECORDS.bindings()

    table = getters.query_one(RecordList)
    detail = getters.query_one(RecordDetail)
    record = getters.query_one(RecordTree)
    issues = getters.query_one(IssueList)
    notice = getters.query_one("#notice", Static)
    trouble = getters.query_one("#trouble", Static)
    filter_line = getters.query_one(FilterLine)

    def __init__(self, path: Path, record: int = 0, chosen: Filter | None = None) -> None:
        """Show the records of *path*, those that *chosen* lets through, the cursor on the record of that index."""
        super().__init__()
        self._path = path
        self._start = record
        self._resources = ExitStack()
        """Holds the open file, from before the screen hears of it until nobody reads it any more."""
        self._all: FileRows | None = None
        """All that is in the file, once it is open."""
        self._hits: HitRows | None = None
        """What the filter lets through, while there is one."""
        self._filter = chosen
        self._progress: Progress | None = None
        """How far finding the rows is that are shown."""
        self._left: Line | None = None
        """What the cursor was on when the filter came."""
        self._readers = (RecordList(), RecordDetail())
        """The widgets that read the file."""

    def compose_body(self) -> ComposeResult:
        """The filter and the list over the record; a notice where there is no list."""
        yield FilterLine()
        yield Static(id="trouble")
        yield Static(styled("Opening $name …", name=self._path.name), id="notice", classes="empty")
        yield self._readers[0]
        yield self._readers[1]

    def on_mount(self) -> None:
        """Open the file."""
        self.show_context(plain(self._path.name))
        self.open_file()

    async def on_unmount(self) -> None:
        """Close the file once nobody reads it."""
        for node in (self, *self._readers):
            for worker in self.workers.cancel_node(node):
                with suppress(WorkerError):
                    await worker.wait()
        await asyncio.to_thread(self._resources.close)

    # Finding the records.

    @work(group="open")
    async def open_file(self) -> None:
        """Open the file and read its first rows."""
        limits = self.desk.config.limits.for_files()

        def opened() -> FileRows:
            return FileRows(self._resources.enter_context(FindingFile.open(self._path, limits)))

        try:
            self.post_message(Opened(await in_thread(Cancel(), opened)))
        except UnreadableFile as error:
            self.post_message(Unreadable(error))

    @on(Unreadable)
    def _unreadable(self, message: Unreadable) -> None:
        error = message.error
        self.notice.update(styled("[b]$message[/b]\n\n$hint", message=error.message, hint=error.hint))

    @on(Opened)
    def _opened(self, message: Opened) -> None:
        self._all = message.rows
        self.find_records(message.rows)
        if self._filter is not None:
            self._let_through(self._filter)
        else:
            self.table.show(message.rows)
        if self._start:
            self.table.go_to(self._start)
        self._show_state()

    @work(group="index")
    async def find_records(self, rows: FileRows) -> None:
        """Find where the records are, from the first to the last."""
        await self._find(rows)

    @work(exclusive=True, group="search")
    async def search(self, hits: HitRows) -> None:
        """Find the records that the filter lets through."""
        await self._find(hits)

    async def _find(self, rows: FileRows | HitRows) -> None:
        cancel, due = Cancel(), 0.0

        def tell(progress: Progress) -> None:
            nonlocal due
            if monotonic() >= due:
                due = monotonic() + _PAUSE
                self.post_message(Grown(rows, progress))

        try:
            await in_thread(cancel, lambda: rows.find(tell, cancel))
        except ConsoleError as error:
            rows.stopped = True
            self.post_message(Troubled(error))
        self.post_message(Grown(rows, None))

    @on(Grown)
    def _grown(self, message: Grown) -> None:
        if message.rows is (self._hits or self._all):
            self._progress = message.progress
            self.table.grow()
            self._show_state()

    @on(Troubled)
    @on(RecordList.Troubled)
    @on(RecordDetail.Troubled)
    def _troubled(self, message: Troubled | RecordList.Troubled | RecordDetail.Troubled) -> None:
        self.trouble.update(styled("[$text-error]✗ $message[/]  [b]r[/b] reload", message=message.error.message))
        self.trouble.display = True

    def _show_state(self) -> None:
        """Say in the title bar which file this is, and how far it is known; or that there is nothing to see."""
        if self._all is None:
            return
        rows, context = self._hits or self._all, plain(self._path.name)
        if self._filter is not None:
            context += styled(" [dim]/[/] $expression", expression=self._filter.text)
        if isinstance(rows, HitRows):
            self.show_context(context, hit_words(rows, self._progress))
            self.filter_line.tell(undecided_words(rows))
        else:
            self.show_context(context, file_words(rows, self._progress))
        # While hits are looked for, the list stays, and is empty.
        is_filled = self.table.count > 0 or (isinstance(rows, HitRows) and not rows.ended)
        self.set_class(is_filled, "-filled")
        if not is_filled:
            self._say_nothing(rows)
        elif not self.focused:
            self.table.focus()

    def _say_nothing(self, rows: FileRows | HitRows) -> None:
        """Say why there is no list."""
        if rows.stopped:
            self.notice.update("[b]The file could not be read to its end.[/b]\n\nNothing was found before.")
        elif isinstance(rows, HitRows):
            self.notice.update("[b]No record is let through.[/b]\n\nPress esc to see all, or / to change the filter.")
        elif rows.ended:
            self.notice.update(styled("[b]$name holds no records.[/b]\n\nPress esc to go back.", name=self._path.name))
        else:
            self.notice.update(styled("Finding the records of $name …", name=self._path.name))

    # Choosing records.

    def action_filter(self) -> None:
        """Ask for an expression."""
        if self._all is not None:
            self.filter_line.ask()

    @on(FilterLine.Chosen)
    def _chosen(self, message: FilterLine.Chosen) -> None:
        if self._hits is None:
            self._left = self.table.line
        self._let_through(message.filter)
        self.table.focus()
        self._show_state()

    def _let_through(self, chosen: Filter) -> None:
        """Search the file anew, and show what is found."""
        if self._all is not None:
            self._filter, self._hits, self._progress = chosen, HitRows(self._all, chosen.query), None
            self.filter_line.rest(chosen.typed)
            self.detail.show_nothing()
            self.table.show(self._hits)
            self.search(self._hits)

    @on(FilterLine.Emptied)
    def _clear_filter(self) -> None:
        """Show all records again, the cursor on the record that it is on."""
        line = self.table.line or self._left
        self.filter_line.rest("")
        if self._hits is not None and self._all is not None:
            self.workers.cancel_group(self, "search")
            self._filter = self._hits = self._progress = None
            self.table.show(self._all)
            if line is not None:
                self.table.return_to(line)
            self._show_state()
        self.table.focus()

    def action_go_to(self) -> None:
        """Ask for the number of a record, and go there."""

        def go(record: int | None) -> None:
            if record is not None:
                self.table.go_to(record)

        rows = self._all
        if rows is not None and self.table.count:
            highest = rows.index.records - 1 if rows.index.complete else _FAR
            self.app.push_screen(NumberDialog(last_record_words(rows), highest=highest), go)

    # Reading one record.

    @on(RecordList.Highlighted)
    def _highlighted(self, message: RecordList.Highlighted) -> None:
        if self._all is not None:
            self.detail.show(self._all.file, message.row, message.line)

    def on_descendant_focus(self) -> None:
        """Give the room to what is being read."""
        self.set_class(self.focused in (self.record, self.issues), "-reading")

    def action_read(self) -> None:
        """Go into the record."""
        self.record.focus()

    def action_step(self, rows: int) -> None:
        """Read another record, without leaving the tree."""
        self.table.action_move(rows)

    def action_back(self) -> None:
        """From typing a filter or reading a record to the list, from some records to all, to the screen before."""
        if self.filter_line.is_typed:
            self.filter_line.rest(self._filter.typed if self._filter else "")
            self.table.focus()
        elif self.has_class("-reading"):
            self.table.focus()
        elif self._filter is not None and self._filter.typed:
            self._clear_filter()
        else:
            super().action_back()

    # Doing something with the file.

    def action_reload(self) -> None:
        """Read the file as it is now."""
        line = self.table.line
        self.app.switch_screen(RecordsScreen(self._path, (line and line.number) or 0, self._filter))

    def action_validate(self) -> None:
        """Validate the whole file."""
        self.post_message(OpenValidation(self._path))

    def action_submit(self) -> None:
        """Plan the submission of the file."""
        if self._hits is not None:
            self.notify("The whole file is planned, not only what the filter lets through.")
        self.post_message(OpenSubmit(self._path))
