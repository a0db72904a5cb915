"""The list of records, for who goes through them: how many issues each has, the next one with an error, and marks."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from time import monotonic
from typing import Final

from textual import getters, on, work
from textual.content import Content
from textual.message import Message

from console.errors import UnreadableFile
from console.ocsf.issue_counts import IssueCounts
from console.progress import Cancel, in_thread
from console.records.model import Fault, Record, Span
from screens.base import DeskApp
from screens.commands.everywhere import SCREEN, Back
from screens.record_checks import RecordChecks
from screens.record_source import Rows
from screens.widgets.column_view import ColumnView
from screens.widgets.numbers import number
from screens.widgets.record_columns import ISSUES, Shown
from screens.widgets.record_list import RecordList
from screens.widgets.record_table import RecordTable
from screens.widgets.text import styled, toast

_REST: Final = 0.1
"""Seconds that the list must rest before the issues of its records are counted."""
_CHUNK: Final = 256
"""Rows that are looked at in one go for an error."""
_PAUSE: Final = 0.2
"""Seconds between two words about how far the search is."""


@dataclass
class Counted(Message):
    """The numbers of issues of some records, by the bytes that these start at."""

    rows: Rows
    counts: dict[int, IssueCounts]


@dataclass
class Marked(Message):
    """Records that are to be marked; with *toggle*, or no longer where they are."""

    records: Sequence[int]
    toggle: bool


class TriageList(RecordList):
    """Shows rows, and helps to go through them."""

    @dataclass
    class Looking(Message):
        """How far the search for an error is; nothing when it has ended."""

        words: Content

    @dataclass
    class CopyWanted(Message):
        """The operator wants what a column shows of a record in the clipboard."""

        column: str
        words: str

    @dataclass
    class MarksChanged(Message):
        """Other records are marked than before."""

    app = getters.app(DeskApp)

    def __init__(self, checks: RecordChecks) -> None:
        super().__init__()
        self.checks = checks
        """What validation says of the records."""
        self._last_mark: int | None = None
        """The row that was marked last."""

    def show(self, rows: Rows) -> None:
        """Show these rows, and nothing of those before."""
        self._last_mark = None
        self.stop_looking()
        super().show(rows)

    # How many issues the records on the screen have.

    @on(RecordTable.Complete)
    @on(ColumnView.Turned)
    def _count_shown(self) -> None:
        spans = [line.place for line in self.lines if isinstance(line.place, Span) and line.start not in self.counts]
        if spans and self.source is not None and self.shown_columns.holds(ISSUES):
            self.count_issues(self.source, spans)

    @work(exclusive=True, group="counts")
    async def count_issues(self, rows: Rows, spans: Sequence[Span]) -> None:
        """Count the issues of some records, once the list rests."""
        await asyncio.sleep(_REST)
        cancel = Cancel()

        def count() -> dict[int, IssueCounts]:
            found = {}
            for span in spans:
                cancel.check()
                found[span.offset] = self.checks.counts(Record(span, rows.file.raw(span)))
            # Whoever reads the records says that there are others by now.
            return found if rows.file.is_unchanged() else {}

        try:
            self.post_message(Counted(rows, await in_thread(cancel, count)))
        except UnreadableFile as error:
            self.post_message(self.Troubled(error))

    @on(Counted)
    def _counted(self, message: Counted) -> None:
        for start, counts in message.counts.items():
            self.counts[start] = counts
        self.refresh()

    def judge_anew(self) -> None:
        """Count them again: records are held to other rules now."""
        self.counts.clear()
        self._count_shown()
        self.refresh()

    # The next record with an error.

    def look_for_error(self, step: int) -> None:
        """Go to the next record with an error, or to the one before."""
        if self.source is not None and self.count:
            self.find_error(self.source, self.cursor, step)

    def stop_looking(self) -> bool:
        """Look for no error any more. False where none was looked for."""
        return bool(self.workers.cancel_group(self, "error"))

    @work(exclusive=True, group="error")
    async def find_error(self, rows: Rows, start: int, step: int) -> None:
        """Look through the rows after *start*, or before it, for one with an error."""
        cancel, due = Cancel(), monotonic() + _PAUSE
        stop = SCREEN.key_of(Back, self.app.config.keys)

        def look() -> int | None:
            nonlocal due
            for row, piece in _onwards(rows, start, step, cancel):
                if isinstance(piece, Fault) or self.checks.counts(piece).errors:
                    return row
                if monotonic() >= due:
                    due = monotonic() + _PAUSE
                    words = styled("looking for an error, row $row … $stop stops", row=number(row), stop=stop)
                    self.post_message(self.Looking(words))
            return None

        try:
            row = await in_thread(cancel, look)
        except UnreadableFile as error:
            self.post_message(self.Troubled(error))
        else:
            if rows is self.source:
                self._found_error(row, step)
        finally:
            self.post_message(self.Looking(Content("")))

    def _found_error(self, row: int | None, step: int) -> None:
        if row is not None:
            self.cursor = row
            self.post_message(self.Moved())
        elif self.known < self.count and step > 0:
            toast(self.app, Content("No error so far: the other records have not been found yet."))
        elif step > 0:
            toast(self.app, Content("No error in any record after this one."))
        else:
            toast(self.app, Content("No error in any record before this one."))

    def action_copy_cell(self) -> None:
        """Copy what the column under the cursor shows."""
        line, column = self.line, self.column_under_cursor
        if line is not None and not isinstance(line.content, Fault):
            words = column.words(Shown(line, line.content, self.counts.get(line.start)))
            self.post_message(self.CopyWanted(column.heading, words))

    # Marks.

    def action_mark(self) -> None:
        """Mark the record under the cursor, or no longer, and go on."""
        line = self.line
        if line is None or line.number is None or not isinstance(line.place, Span):
            return
        if line.guessed:
            toast(self.app, Content("Wait until all records are found: its number is a guess."), severity="warning")
            return
        self._last_mark = self.cursor
        self._mark([line.number], toggle=True)
        self.step(1)

    def action_mark_to(self) -> None:
        """Mark all records between the one that was marked last and the cursor."""
        if self._last_mark is None:
            toast(self.app, Content("Mark one end with space first, then the other with m."))
            return
        first, last = sorted((self._last_mark, self.cursor))
        self._mark_rows(first, last + 1, toggle=False)

    def action_mark_others(self) -> None:
        """Turn the marks of all rows round, once all are found: what is marked is taken for all of them."""
        if self.source is not None and not self.source.ended:
            toast(self.app, Content("Wait until all records are found."), severity="warning")
            return
        self._mark_rows(0, self.count, toggle=True)

    def action_unmark(self) -> None:
        """Mark nothing any more."""
        self.marks.clear()
        self._last_mark = None
        self.refresh()
        self.post_message(self.MarksChanged())

    def _mark_rows(self, first: int, last: int, *, toggle: bool) -> None:
        if self.source is None:
            return
        if last > self.known:
            toast(self.app, Content("Wait until all records are found."), severity="warning")
        else:
            self.read_marked(self.source, first, last, toggle=toggle)

    @work(exclusive=True, group="marks")
    async def read_marked(self, rows: Rows, first: int, last: int, *, toggle: bool) -> None:
        """Find out which records are in some rows, and mark them."""
        cancel = Cancel()
        try:
            records = await in_thread(cancel, lambda: rows.numbers(first, last, cancel))
        except UnreadableFile as error:
            self.post_message(self.Troubled(error))
        else:
            self.post_message(Marked(records, toggle))

    @on(Marked)
    def _marked(self, message: Marked) -> None:
        self._mark(message.records, toggle=message.toggle)

    def _mark(self, records: Sequence[int], *, toggle: bool) -> None:
        if toggle:
            self.marks.toggle(records)
        else:
            self.marks.add(records)
        self.refresh()
        self.post_message(self.MarksChanged())


def _onwards(rows: Rows, start: int, step: int, cancel: Cancel) -> Iterator[tuple[int, Record | Fault]]:
    """What is in the rows after one, or in those before it, the nearest first."""
    if step > 0:
        yield from enumerate(rows.pieces(start + 1, rows.known, cancel), start + 1)
        return
    for last in range(start, 0, -_CHUNK):
        first = max(last - _CHUNK, 0)
        yield from reversed(list(enumerate(rows.pieces(first, last, cancel), first)))
