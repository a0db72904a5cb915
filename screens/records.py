"""The Records screen: the records of a finding file in a list, and the one under the cursor read as a tree."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar, Final

from textual import getters, on, work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Container
from textual.message import Message
from textual.message_pump import MessagePump
from textual.widgets import Static
from textual.worker import WorkerError

from console.errors import ConsoleError, UnreadableFile
from console.ocsf.issues import Issue
from console.ocsf.validator import Validator
from console.progress import Cancel, in_thread
from console.records.fields import text
from console.records.model import Fault, Span
from console.records.reader import FindingFile
from screens.base import ConsoleScreen
from screens.navigation import OpenSubmit, OpenValidation
from screens.record_source import Line, Reading, RecordIndex, fill, read_lines, read_place
from screens.widgets.dialogs import NumberDialog, ValueDialog
from screens.widgets.issue_list import IssueList
from screens.widgets.numbers import number
from screens.widgets.record_table import RecordTable
from screens.widgets.record_tree import RecordTree
from screens.widgets.text import plain, styled

_REST: Final = 0.05
"""Seconds that the cursor must rest on a record before it is read."""


@dataclass
class Opened(Message):
    """The file is open."""

    file: FindingFile


@dataclass
class Unreadable(Message):
    """The file can't be opened."""

    error: ConsoleError


@dataclass
class Indexed(Message):
    """More of the records were found."""

    complete: bool

    def can_replace(self, message: MessagePump | Message) -> bool:
        """Only the newest counts."""
        return isinstance(message, Indexed)


@dataclass
class LinesRead(Message):
    """Lines for the list."""

    lines: dict[int, Line]


@dataclass
class PlaceRead(Message):
    """The record under the cursor."""

    row: int
    reading: Reading


@dataclass
class Checked(Message):
    """What validation has to say of the record under the cursor."""

    row: int
    issues: Sequence[Issue]


class RecordsScreen(ConsoleScreen):
    """The records of one finding file. Places that can't be read are rows too, and say why."""

    TITLE = "Records"
    CSS_PATH = "records.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "read", "Read", id="records.read", tooltip="Read the record: fold, unfold, see whole values"),
        Binding("n", "step(1)", "Next", show=False, id="records.next", tooltip="Read the next record"),
        Binding("p", "step(-1)", "Previous", show=False, id="records.previous", tooltip="Read the record before"),
        Binding("g", "go_to", "Go to", id="records.go_to", tooltip="Go to the record of a number"),
        Binding("v", "validate", "Validate", id="records.validate", tooltip="Validate the whole file"),
        Binding("s", "submit", "Submit", id="records.submit", tooltip="Plan the submission of the file"),
    ]

    table = getters.query_one(RecordTable)
    record = getters.query_one(RecordTree)
    issues = getters.query_one(IssueList)
    notice = getters.query_one("#notice", Static)

    def __init__(self, path: Path, record: int = 0) -> None:
        """Show the records of *path*, the cursor on the record of that index."""
        super().__init__()
        self._path = path
        self._sought: int | None = record
        """The record to go to once it is found."""
        self._resources = ExitStack()
        """Holds the open file, from before the screen hears of it until nobody reads it any more."""
        self._file: FindingFile | None = None
        self._index = RecordIndex()
        self._complete = False
        self._validator: Validator | None = None

    def compose_body(self) -> ComposeResult:
        """The list over the record; a notice where there is no list."""
        yield Static(styled("Opening $name …", name=self._path.name), id="notice", classes="empty")
        yield RecordTable()
        with Container(id="detail"):
            yield RecordTree()
            yield IssueList()

    def on_mount(self) -> None:
        """Open the file."""
        self._show_position()
        self.open_file()

    async def on_unmount(self) -> None:
        """Close the file once nobody reads it."""
        for worker in self.workers.cancel_node(self):
            with suppress(WorkerError):
                await worker.wait()
        await asyncio.to_thread(self._resources.close)

    # Finding the records.

    @work(group="open")
    async def open_file(self) -> None:
        """Open the file."""
        limits = self.desk.config.limits.for_files()
        try:
            file = await in_thread(
                Cancel(), lambda: self._resources.enter_context(FindingFile.open(self._path, limits))
            )
        except UnreadableFile as error:
            self.post_message(Unreadable(error))
        else:
            self.post_message(Opened(file))

    @on(Opened)
    def _opened(self, message: Opened) -> None:
        self._file = message.file
        self.find_records(message.file)

    @on(Unreadable)
    def _unreadable(self, message: Unreadable) -> None:
        error = message.error
        self.notice.update(styled("[b]$message[/b]\n\n$hint", message=error.message, hint=error.hint))

    @work(group="index")
    async def find_records(self, file: FindingFile) -> None:
        """Find where the records are, from the first to the last."""
        cancel = Cancel()

        def tell() -> None:
            self.post_message(Indexed(complete=False))

        try:
            await in_thread(cancel, lambda: fill(self._index, file, tell, cancel))
        finally:
            self.post_message(Indexed(complete=True))

    @on(Indexed)
    def _indexed(self, message: Indexed) -> None:
        self._complete = message.complete
        has_rows = len(self._index) > 0
        self.set_class(has_rows, "-filled")
        self.table.count = len(self._index)
        if self._sought is not None:
            self._seek(self._sought)
        if has_rows and not self.focused:
            self.table.focus()
        if message.complete and not has_rows:
            self.notice.update(styled("[b]$name holds no records.[/b]\n\nPress esc to go back.", name=self._path.name))
        self._show_position()

    def _seek(self, record: int) -> None:
        """Go to a record as soon as it is found."""
        row = self._index.row_of(record)
        if row is not None or self._complete:
            self._sought = None
            self.table.cursor = len(self._index) - 1 if row is None else row

    # Showing the list.

    @on(RecordTable.RowsWanted)
    def _rows_wanted(self, message: RecordTable.RowsWanted) -> None:
        if self._file is not None:
            places = {row: self._index[row] for row in range(message.first, message.last)}
            self.read_rows(self._file, places)

    @work(exclusive=True, group="rows")
    async def read_rows(self, file: FindingFile, places: dict[int, Span | Fault]) -> None:
        """Read the lines of the rows on the screen."""
        cancel = Cancel()
        self.post_message(LinesRead(await in_thread(cancel, lambda: read_lines(file, places, cancel))))

    @on(LinesRead)
    def _lines_read(self, message: LinesRead) -> None:
        self.table.give(message.lines)

    def _show_position(self) -> None:
        """Say in the title bar which file this is, and where in it."""
        found = number(len(self._index) - self._index.faults) + ("" if self._complete else " …")
        faults = f" · {number(self._index.faults)} broken" if self._index.faults else ""
        self.show_context(
            plain(self._path.name), styled("$found records[$text-error]$faults[/]", found=found, faults=faults)
        )

    def action_go_to(self) -> None:
        """Ask for the number of a record, and go there."""
        highest = self._index.last_record

        def go(record: int | None) -> None:
            if record is not None:
                self._seek(record)

        if highest >= 0:
            self.app.push_screen(
                NumberDialog(styled("Go to record (0 to $highest)", highest=highest), highest=highest), go
            )

    # Reading one record.

    @on(RecordTable.Highlighted)
    def _highlighted(self, message: RecordTable.Highlighted) -> None:
        if self._file is not None and message.row < len(self._index):
            self.read_record(self._file, message.row, self._index[message.row])

    @work(exclusive=True, group="record")
    async def read_record(self, file: FindingFile, row: int, place: Span | Fault) -> None:
        """Read the record under the cursor, then check it."""
        await asyncio.sleep(_REST)
        # Waited for even when cancelled: the file must not be closed under it.
        reading = await in_thread(Cancel(), lambda: read_place(file, place))
        self.post_message(PlaceRead(row, reading))
        if reading.raw is not None:
            verdict = await asyncio.to_thread(self._check, reading.raw)
            self.post_message(Checked(row, verdict))

    def _check(self, raw: bytes) -> Sequence[Issue]:
        """The issues of a record. The first call makes the validator, which takes a moment."""
        if self._validator is None:
            self._validator = self.desk.validator()
        return self._validator.check(raw)

    @on(PlaceRead)
    def _place_read(self, message: PlaceRead) -> None:
        if message.row == self.table.cursor:
            self.record.show(message.reading.value)
            if message.reading.raw is None:
                self.issues.show_nothing()
            else:
                self.issues.wait()

    @on(Checked)
    def _checked(self, message: Checked) -> None:
        if message.row == self.table.cursor:
            self.issues.show(message.issues)

    @on(RecordTree.ValueChosen)
    def _show_value(self, message: RecordTree.ValueChosen) -> None:
        self.app.push_screen(ValueDialog(message.item.key, text(message.item.value)))

    def on_descendant_focus(self) -> None:
        """Give the room to what is being read."""
        self.set_class(self.focused in (self.record, self.issues), "-reading")

    def action_read(self) -> None:
        """Go into the record."""
        self.record.focus()

    def action_step(self, rows: int) -> None:
        """Read another record, without leaving the tree."""
        self.table.cursor += rows

    def action_back(self) -> None:
        """From the record to the list, from the list to the screen before."""
        if self.has_class("-reading"):
            self.table.focus()
        else:
            super().action_back()

    # Doing something with the file.

    def action_validate(self) -> None:
        """Validate the whole file."""
        self.post_message(OpenValidation(self._path))

    def action_submit(self) -> None:
        """Plan the submission of the file."""
        self.post_message(OpenSubmit(self._path))
