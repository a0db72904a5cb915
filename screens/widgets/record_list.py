"""The list of records, fed from rows that are read in the background: as far as they are known, and by guess beyond."""

from __future__ import annotations

from dataclasses import dataclass, replace

from textual import on, work
from textual.message import Message

from console.errors import ConsoleError, UnreadableFile
from console.progress import Cancel, in_thread
from screens.record_rows import FileRows
from screens.record_source import Line, Rows, Wanted, read_lines
from screens.widgets.record_table import RecordTable


@dataclass
class LinesRead(Message):
    """Lines for the list."""

    rows: Rows
    lines: dict[int, Line]


@dataclass
class RowFound(Message):
    """The row of a record that was gone to; None where it can't be read."""

    rows: Rows
    row: int | None


@dataclass
class GuessSettled(Message):
    """The row that a guessed line has in truth."""

    rows: Rows
    guess: int
    row: int | None


@dataclass
class PlaceFound(Message):
    """The row of a line that was shown before; None where it is not known yet."""

    rows: FileRows
    line: Line
    row: int | None


class RecordList(RecordTable):
    """Shows rows. Reading never holds up the screen: what is not here yet is an ellipsis, and the newest wish wins.

    Where a guess is on the screen it stays there, whatever is found meanwhile, until it is known which row it is. Then
    the numbers change, and the records under the eyes and under the cursor do not.
    """

    @dataclass
    class Troubled(Message):
        """The rows can't be read as they were, or not be sorted."""

        error: ConsoleError

    def __init__(self) -> None:
        super().__init__()
        self.source: Rows | None = None
        """The rows that are shown."""
        self.returning: Line | None = None
        """The line to go back to once its row is known."""
        self.sought: int | None = None
        """The record to go to once its row is known."""
        self._looks_up = False
        """Whether the row of something on the screen, or of the record to go to, is being looked up."""

    def show(self, rows: Rows) -> None:
        """Show these rows, and nothing of those before."""
        self.source = rows
        self.sought = self.returning = None
        self._looks_up = False
        self.clear()
        self.grow()

    def grow(self) -> None:
        """Show as many rows as there are now."""
        rows, guess = self.source, self.guess
        if rows is None:
            return
        if guess is None or not isinstance(rows, FileRows) or rows.stopped:
            self._show_all(rows)
        if self._looks_up:
            return
        if self.sought is not None:
            if rows.reaches(self.sought):
                self._looks_up = True
                self.find_row(rows, self.sought)
        elif guess is not None and isinstance(rows, FileRows) and rows.is_known(guess[1].start):
            self._looks_up = True
            self.settle_guess(rows, *guess)

    def _show_all(self, rows: Rows) -> None:
        self.show_length(rows.count, rows.known, rows.highest)

    def go_to(self, record: int) -> None:
        """Put the cursor on the record with that index; for now near it, if its row is not known yet."""
        rows = self.source
        if rows is None:
            return
        self.sought = record
        if not rows.reaches(record) and rows.can_guess:
            self.cursor = record
        self.grow()

    def return_to(self, line: Line) -> None:
        """Put the cursor on a line that other rows of the same file had."""
        if isinstance(self.source, FileRows):
            self.returning = line
            self.find_place(self.source, line)
        elif line.number is not None:
            self.go_to(line.number)

    # What is read in the background.

    @on(RecordTable.RowsWanted)
    def _rows_wanted(self, message: RecordTable.RowsWanted) -> None:
        if self.source is not None:
            self.read_rows(self.source, message.wanted)

    @work(exclusive=True, group="rows")
    async def read_rows(self, rows: Rows, wanted: Wanted) -> None:
        """Read the lines of the rows on the screen."""
        cancel = Cancel()

        def give(lines: dict[int, Line]) -> None:
            self.post_message(LinesRead(rows, lines))

        try:
            await in_thread(cancel, lambda: read_lines(rows, wanted, give, cancel))
        except UnreadableFile as error:
            self.post_message(self.Troubled(error))

    @on(LinesRead)
    def _lines_read(self, message: LinesRead) -> None:
        if message.rows is self.source:
            self.give(message.lines)
            if any(line.guessed for line in message.lines.values()):
                # A guess may tell where the file ends, and may have become known while it was made.
                self.show_length(message.rows.count, self.known, message.rows.highest)
                self.grow()

    @work(exclusive=True, group="find")
    async def find_row(self, rows: Rows, record: int) -> None:
        """Look up the row of a record."""
        try:
            row = await in_thread(Cancel(), lambda: rows.row_of(record))
        except UnreadableFile as error:
            self.post_message(self.Troubled(error))
            row = None
        self.post_message(RowFound(rows, row))

    @on(RowFound)
    def _row_found(self, message: RowFound) -> None:
        if message.rows is not self.source:
            return
        self._looks_up = False
        if self.sought is not None and message.row is not None:
            self.forget_guesses()
            self._show_all(message.rows)
            self.cursor = message.row
        self.sought = None
        self.grow()

    @work(exclusive=True, group="settle")
    async def settle_guess(self, rows: FileRows, guess: int, line: Line) -> None:
        """Look up which row a guessed line has in truth."""
        try:
            row = await in_thread(Cancel(), lambda: rows.row_at(line.start))
        except UnreadableFile as error:
            self.post_message(self.Troubled(error))
            row = None
        self.post_message(GuessSettled(rows, guess, row))

    @on(GuessSettled)
    def _guess_settled(self, message: GuessSettled) -> None:
        rows = message.rows
        if rows is not self.source:
            return
        self._looks_up = False
        if message.row is None:
            self.forget_guesses()
        else:
            self.settle(message.row - message.guess)
        self._show_all(rows)

    @work(exclusive=True, group="find")
    async def find_place(self, rows: FileRows, line: Line) -> None:
        """Look up the row of a line."""
        try:
            row = await in_thread(Cancel(), lambda: rows.row_at(line.start))
        except UnreadableFile as error:
            self.post_message(self.Troubled(error))
        else:
            self.post_message(PlaceFound(rows, line, row))

    @on(PlaceFound)
    def _place_found(self, message: PlaceFound) -> None:
        rows, line, row = message.rows, message.line, message.row
        if rows is not self.source:
            return
        self.returning = None
        if row is not None:
            self._show_all(rows)
            self.cursor = row
        elif rows.can_guess:
            row = rows.row_near(line.start)
            # Before anything else is guessed: what is around it will then fit.
            self.give({row: replace(line, number=row, guessed=True)})
            self.cursor = row
        elif line.number is not None:
            self.go_to(line.number)

    @on(RecordTable.Moved)
    def _moved(self) -> None:
        """The user goes elsewhere: forget where he wanted to go."""
        self.sought = self.returning = None
