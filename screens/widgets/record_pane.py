"""The records of a file in a list, and the one under the cursor, below it or beside it."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Sequence
from typing import ClassVar, Final

import msgspec
from textual import getters, on, work
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Container
from textual.content import Content
from textual.widget import Widget

from console.convert.encoding import text_of
from console.errors import UnreadableFile
from console.ocsf.place import spelled
from console.progress import Cancel, in_thread
from console.records.model import JsonValue, Record
from screens.base import DeskApp
from screens.commands.records import READING
from screens.memory import Remembered
from screens.record_checks import RecordChecks
from screens.record_rows import FileRows
from screens.record_source import Line, Rows, read_whole
from screens.validating import Validating
from screens.widgets.clipboard import MOST_BYTES, copy
from screens.widgets.columns_dialog import ColumnsDialog
from screens.widgets.issue_list import IssueList
from screens.widgets.numbers import counted
from screens.widgets.record_columns import chosen
from screens.widgets.record_detail import RecordDetail
from screens.widgets.record_list import RecordList
from screens.widgets.record_tree import RecordTree
from screens.widgets.sorting_list import SortingList
from screens.widgets.text import toast
from screens.widgets.triage_list import TriageList

_BROAD: Final = 150
"""Cells from which on the record is beside the list, unless somebody wants it below."""
_NAMED: Final = 60
"""Characters of a path that are said."""
_MARKED_INSTEAD: Final = "Submit takes them; ocsf-console show FILE --select … writes what an expression means."


class RecordPane(Container):
    """What the two have to do with each other: reading, stepping, copying, and how they share the room."""

    BINDINGS: ClassVar[list[BindingType]] = READING.bindings()

    app = getters.app(DeskApp)
    record = getters.query_one(RecordTree)
    issues = getters.query_one(IssueList)

    def __init__(self, record: int, attribute: str) -> None:
        """The record of that index is shown at the *attribute* of that path, if it has one, else at its first."""
        super().__init__(id="records")
        self._sought = (record, attribute)
        self.checks = RecordChecks(self._how)
        """What validation says of the records, by the rules of the session."""
        self.list = SortingList(self.checks)
        self.detail = RecordDetail(self.checks)
        self._all: FileRows | None = None

    def compose(self) -> ComposeResult:
        """The list, and the record."""
        yield self.list
        yield self.detail

    def on_mount(self) -> None:
        """Look as it did the last time."""
        self.list.show_columns(chosen(self._remembered.columns))

    def open(self, rows: FileRows) -> None:
        """Have all rows of the file that is to be read."""
        self._all = rows

    def _how(self) -> Validating:
        """How the session validates."""
        return Validating(self.app.desk.validator, self.app.rules, self.app.config.limits.for_files())

    def judge_anew(self) -> None:
        """Hold the records to the rules of the session as they are now."""
        self.checks.renew()
        self.list.judge_anew()
        if self.list.line is not None:
            self._show_record(self.list.cursor, self.list.line)

    @property
    def is_reading(self) -> bool:
        """Whether the user is in the record."""
        return self.has_class("-reading")

    @property
    def readers(self) -> Sequence[Widget]:
        """The widgets that read the file."""
        return self.list, self.detail, self

    @property
    def _remembered(self) -> Remembered:
        return self.app.memory.now

    # Reading one record.

    @on(RecordList.Highlighted)
    def _highlighted(self, message: RecordList.Highlighted) -> None:
        self._show_record(message.row, message.line)

    def _show_record(self, row: int, line: Line) -> None:
        record, attribute = self._sought
        is_sought = line.number == record and not line.guessed
        if self._all is not None:
            self.detail.show(self._all.file, row, line, attribute if is_sought else "")

    def on_descendant_focus(self) -> None:
        """Give the room to what is being read."""
        self.set_class(self.screen.focused in (self.record, self.issues), "-reading")

    def on_descendant_blur(self) -> None:
        """Give it back when something else is used."""
        self.set_class(self.screen.focused in (self.record, self.issues), "-reading")

    def action_read(self) -> None:
        """Go into the record."""
        self.record.focus()

    def action_step(self, rows: int) -> None:
        """Read another record, without leaving the tree."""
        self.list.step(rows)

    def action_go_to_issue(self, step: int) -> None:
        """Go to the next attribute with an issue while a record is read, else to the next record with an error."""
        if not self.is_reading:
            self.list.look_for_error(step)
        elif not self.record.go_to_issue(step):
            toast(self.app, Content("No issue in this record."))

    # How it looks.

    def on_resize(self) -> None:
        """Use the room that there is."""
        self._lay_out()

    def _lay_out(self) -> None:
        beside = self._remembered.record_beside
        beside = self.size.width >= _BROAD if beside is None else beside
        self.set_class(beside, "-beside")
        self.set_class(not beside, "-below")

    def action_beside(self) -> None:
        """Put the record beside the list, or below it, and remember that."""
        beside = not self.has_class("-beside")
        self.app.remember(msgspec.structs.replace(self._remembered, record_beside=beside))
        self._lay_out()

    def action_columns(self) -> None:
        """Choose the columns, and remember them."""

        def choose(keys: tuple[str, ...] | None) -> None:
            if keys is not None:
                self.app.remember(msgspec.structs.replace(self._remembered, columns=keys))
                self.list.show_columns(chosen(keys))

        self.app.push_screen(ColumnsDialog(tuple(column.key for column in self.list.columns)), choose)

    # Copying.

    def action_copy_record(self) -> None:
        """Copy the marked records, else the one under the cursor."""
        rows, line = self._all, self.list.line
        if rows is not None and len(self.list.marks):
            self.copy_marked(rows)
        elif rows is not None and line is not None:
            self.copy_record(rows, line)

    @work(exclusive=True, group="copy")
    async def copy_record(self, rows: Rows, line: Line) -> None:
        """Copy one record, as it stands in the file."""
        try:
            reading = await in_thread(Cancel(), lambda: read_whole(rows.file, line))
        except UnreadableFile as error:
            self.post_message(RecordList.Troubled(error))
            return
        if reading.raw is None:
            toast(self.app, Content("There is no record here to copy."), severity="warning")
        else:
            number = f"about {line.number:,}" if line.guessed else f"{line.number:,}"
            text = reading.raw.decode("utf-8", "replace")
            copy(self.app, f"record {number}", text, f"{_command(line)} --format raw writes it.")

    @work(exclusive=True, group="copy")
    async def copy_marked(self, rows: FileRows) -> None:
        """Copy the marked records as a JSON array, each as it stands in the file."""
        cancel = Cancel()
        count = len(self.list.marks)
        try:
            text = await in_thread(cancel, lambda: self._marked_text(rows, cancel))
        except UnreadableFile as error:
            self.post_message(RecordList.Troubled(error))
        else:
            copy(self.app, counted(count, "marked record"), text, _MARKED_INSTEAD)

    def _marked_text(self, rows: FileRows, cancel: Cancel) -> str:
        """The marked records as a JSON array. Raises `Cancelled` and, when the file has changed, `UnreadableFile`."""
        text = _array_of(self._marked(rows, cancel))
        rows.file.check_unchanged()
        return text

    def _marked(self, rows: FileRows, cancel: Cancel) -> Iterator[bytes]:
        """The bytes of the marked records."""
        for record in self.list.marks:
            row = rows.row_of(record)
            for piece in rows.pieces(row, row + 1, cancel):
                if isinstance(piece, Record):
                    yield piece.raw

    @on(RecordTree.CopyWanted)
    def _copy(self, message: RecordTree.CopyWanted) -> None:
        path = spelled(message.item.steps)
        if message.path:
            copy(self.app, "the path", path)
        else:
            self.copy_value(message.item.value, f"the value of {path[-_NAMED:]}")

    @on(TriageList.CopyWanted)
    def _copy_cell(self, message: TriageList.CopyWanted) -> None:
        copy(self.app, message.column, message.words, self._record_instead)

    @property
    def _record_instead(self) -> str:
        """What writes the whole record that something too large is in."""
        return f"{_command(self.list.line)} writes the whole record."

    @work(exclusive=True, group="copy")
    async def copy_value(self, value: JsonValue, what: str) -> None:
        """Copy a value: a text as it is, anything else as JSON."""
        instead = self._record_instead
        copy(self.app, what, await asyncio.to_thread(text_of, value), instead)


def _command(line: Line | None) -> str:
    """The command of the shell that writes a record."""
    number = "N" if line is None or line.guessed or line.number is None else line.number
    return f"ocsf-console show FILE --record {number}"


def _array_of(records: Iterator[bytes]) -> str:
    """A JSON array of records, or as much of one as tells that it is too long for the clipboard."""
    parts: list[bytes] = []
    left = MOST_BYTES
    for record in records:
        parts.append(record)
        left -= len(record) + 2
        if left < 0:
            break
    return "[" + ",\n".join(part.decode("utf-8", "replace") for part in parts) + "]"
