"""The list of records, in the order that the user wants: it stays usable while that order is made."""

from __future__ import annotations

from dataclasses import dataclass

from textual import on, work
from textual.message import Message
from textual.message_pump import MessagePump

from console.errors import ConsoleError
from console.progress import Cancel, Progress, in_thread
from console.records.sort_keys import Column, Keying, Keys
from console.records.sweep import Look
from screens.record_file import now_and_then
from screens.record_rows import FileRows
from screens.record_source import Rows
from screens.sorted_rows import Found, Reordered, Sorting
from screens.widgets.cursor_table import SortWanted
from screens.widgets.record_columns import INDEX, ISSUES, RecordColumn, Sort, next_sort
from screens.widgets.triage_list import TriageList


@dataclass
class Sorted(Message):
    """The rows are in order."""

    base: Found
    sort: Sort
    rows: Reordered


class SortingList(TriageList):
    """Shows the rows that are there, in the order of a column. The cursor stays on its record, or at the top."""

    @dataclass
    class Arranging(Message):
        """How far sorting is."""

        progress: Progress | None
        """None when it has ended."""

        def can_replace(self, message: MessagePump | Message) -> bool:
            """Only the newest counts."""
            return isinstance(message, SortingList.Arranging)

    wanted: Sort | None = None
    """The order that the user wants; `sort` is the one that is shown."""
    _found: Found | None = None
    _is_sorting = False
    _known: tuple[str, Sorting] | None = None
    """The keys of the column that was sorted by last."""

    def show(self, rows: Rows) -> None:
        """Show these rows, as they are found and then in the order that is wanted."""
        self._stop()
        self._found = rows if isinstance(rows, Found) else None
        self.sort = None
        super().show(rows)

    def grow(self) -> None:
        """Show as many rows as there are now. Once all are there, they are put in order."""
        super().grow()
        self._arrange()

    @on(SortWanted)
    def _sort_wanted(self, message: SortWanted[RecordColumn]) -> None:
        self.wanted = next_sort(self.wanted, message.column)
        self._stop()
        self._arrange()

    def judge_anew(self) -> None:
        """Count the issues again, and sort again where that is by them."""
        super().judge_anew()
        if self.wanted is not None and self.wanted.column == ISSUES and self._found is not None:
            self._stop()
            self._known = None
            self._show_as(self._found, None)
        elif self._known is not None and self._known[0] == ISSUES:
            self._known = None

    def stop_sorting(self) -> bool:
        """Stay with the order that is shown. False where no other is on its way."""
        is_sorting = self._is_sorting
        if is_sorting:
            self.wanted = self.sort
            self._stop()
        return is_sorting

    def _stop(self) -> None:
        if self._is_sorting:
            self._is_sorting = False
            self.workers.cancel_group(self, "sort")
            self.post_message(self.Arranging(None))

    def _arrange(self) -> None:
        """Put the rows into the order that is wanted, as soon as that can be done."""
        base, wanted = self._found, self.wanted
        if base is None or self._is_sorting or wanted == self.sort:
            return
        if wanted is None:
            self._show_as(base, None)
        elif base.ended or (isinstance(base, FileRows) and wanted.column != INDEX):
            self._is_sorting = True
            self.sort_rows(base, wanted)

    @work(exclusive=True, group="sort")
    async def sort_rows(self, base: Found, sort: Sort) -> None:
        """Put rows into an order."""
        cancel = Cancel()
        tell = now_and_then(lambda progress: self.post_message(self.Arranging(progress)))

        def arranged() -> Reordered:
            if self._known is None or self._known[0] != sort.column:
                self._known = (sort.column, Sorting(self._look(sort.column)))
            return self._known[1].rows(base, tell, cancel, descending=sort.descending)

        try:
            self.post_message(Sorted(base, sort, await in_thread(cancel, arranged)))
        except ConsoleError as error:
            self.wanted = self.sort
            self._stop()
            self.post_message(self.Troubled(error))

    def _look(self, column: str) -> Look[Keys] | None:
        """What finds the keys of a column."""
        if column == INDEX:
            return None
        return self.checks.keying() if column == ISSUES else Keying(Column(column))

    @on(Sorted)
    def _sorted(self, message: Sorted) -> None:
        if message.base is self._found and message.sort == self.wanted:
            self._is_sorting = False
            self._show_as(message.rows, message.sort)
            self.post_message(self.Arranging(None))

    def _show_as(self, rows: Rows, sort: Sort | None) -> None:
        """Show the same records in another order."""
        # Who is at the top wants to see what comes first; who is on the way to a record, that record.
        line, sought = self.returning or (self.line if self.cursor else None), self.sought
        self.sort = sort
        super().show(rows)
        if sought is not None:
            self.go_to(sought)
        elif line is not None:
            self.return_to(line)
