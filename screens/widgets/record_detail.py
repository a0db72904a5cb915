"""The record under the cursor: its attributes as a tree, and what validation has to say of it."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from textual import getters, on, work
from textual.app import ComposeResult
from textual.containers import Container
from textual.message import Message

from console.errors import UnreadableFile
from console.ocsf.issues import Issue
from console.progress import Cancel, in_thread
from console.records.fields import text
from console.records.model import JsonValue, Record, Span
from console.records.reader import FindingFile
from screens.base import DeskApp
from screens.record_checks import RecordChecks
from screens.record_notes import Notes
from screens.record_source import Line, Reading, read_whole
from screens.widgets.dialogs import ValueDialog
from screens.widgets.issue_list import IssueList
from screens.widgets.record_tree import RecordTree

_REST: Final = 0.05
"""Seconds that the cursor must rest on a record before it is read."""


@dataclass
class PlaceRead(Message):
    """The record that is to be shown was read."""

    row: int
    reading: Reading
    attribute: str
    """Path of the attribute to start at."""


@dataclass
class Checked(Message):
    """What validation has to say of it."""

    issues: Sequence[Issue]
    notes: Notes


class RecordDetail(Container):
    """Reads a record in the background, and checks it."""

    @dataclass
    class Troubled(Message):
        """The record can't be read as it was."""

        error: UnreadableFile

    app = getters.app(DeskApp)
    record = getters.query_one(RecordTree)
    issues = getters.query_one(IssueList)

    def __init__(self, checks: RecordChecks) -> None:
        super().__init__(id="detail")
        self._checks = checks

    def compose(self) -> ComposeResult:
        """The tree over the issues, or beside them."""
        yield RecordTree()
        yield IssueList()

    def show_nothing(self) -> None:
        """Be empty."""
        self.workers.cancel_group(self, "record")
        self.record.show({})
        self.issues.show_nothing()

    @work(exclusive=True, group="record")
    async def show(self, file: FindingFile, row: int, line: Line, attribute: str = "") -> None:
        """Read the record of a row, to be shown at an attribute, then check it."""
        await asyncio.sleep(_REST)
        try:
            # Waited for even when cancelled: the file must not be closed under it.
            reading = await in_thread(Cancel(), lambda: read_whole(file, line))
        except UnreadableFile as error:
            self.show_nothing()
            self.post_message(self.Troubled(error))
            return
        self.post_message(PlaceRead(row, reading, attribute))
        if reading.raw is not None and isinstance(line.place, Span):
            record = Record(line.place, reading.raw)
            self.post_message(await asyncio.to_thread(self._check, reading.value, record))

    def _check(self, value: dict[str, JsonValue], record: Record) -> Checked:
        """What there is to say of a record. The first time, this takes a moment."""
        issues = self._checks.issues(record)
        return Checked(issues, self._checks.notes(value, issues))

    @on(PlaceRead)
    def _place_read(self, message: PlaceRead) -> None:
        self.record.show(message.reading.value, message.attribute)
        if message.reading.raw is None:
            self.issues.show_nothing()
        else:
            self.issues.wait()

    @on(Checked)
    def _checked(self, message: Checked) -> None:
        self.issues.show(message.issues)
        if message.notes.record is self.record.value:
            self.record.explain(message.notes)

    @on(RecordTree.ValueChosen)
    def _show_value(self, message: RecordTree.ValueChosen) -> None:
        item = message.item
        self.app.push_screen(ValueDialog(item.key, text(item.value)))
