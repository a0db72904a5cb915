"""The table of a job's errors, each tied to its record where that is known."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar, Final

from rich.text import Text
from textual import getters, on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import DataTable, Static

from console.errors import ConsoleError
from console.submissions.model import LocatedError
from console.targets.base import Page
from screens.commands.job import ERRORS
from screens.commands.lists import LIST
from screens.widgets.cells import count_cell
from screens.widgets.numbers import NOTHING, counted
from screens.widgets.text import cell, plain, styled

_COLUMNS: Final = ("Record", "Line", "Code", "Message", "Pointer", "Finding")


class Errors(DataTable[Text]):
    """The rows."""

    BINDINGS: ClassVar[list[BindingType]] = [*ERRORS.bindings(), *LIST.bindings()]


class ErrorTable(Vertical):
    """One page of errors, and a line that says which."""

    rows = getters.query_one(Errors)
    heading = getters.query_one("#heading", Static)
    whole = getters.query_one("#whole", Static)

    def __init__(self) -> None:
        super().__init__()
        self._errors: list[LocatedError] = []
        self._which = Content("")
        """Empty until a list has come: not to know is not to have none."""

    def compose(self) -> ComposeResult:
        """The heading over the rows, and all that the marked one says below them."""
        yield Static(id="heading")
        yield Errors(cursor_type="row", id="rows")
        yield Static(id="whole")

    def on_mount(self) -> None:
        """Make the columns."""
        for name in _COLUMNS:
            self.rows.add_column(cell(name))
        self.rows.display = False

    def focus(self, scroll_visible: bool = True) -> ErrorTable:
        """Focus the rows."""
        self.rows.focus(scroll_visible)
        return self

    @property
    def error(self) -> LocatedError | None:
        """The error under the cursor."""
        return self._errors[self.rows.cursor_row] if self.rows.cursor_row < len(self._errors) else None

    @on(DataTable.RowHighlighted)
    def _tell_all(self) -> None:
        """Show the whole message of the error under the cursor: its column is narrow."""
        error = self.error
        self.whole.update(Content("") if error is None else plain(error.error.message, width=400))

    def show(self, page: Page[LocatedError]) -> None:
        """Show a page. The cursor stays at its place in it."""
        if list(page.items) != self._errors:
            self._fill(page.items)
        if self._errors:
            self._which = styled(
                "[b]$errors[/b] · page $number of $pages",
                errors=counted(page.count, "error"),
                number=page.number,
                pages=page.pages,
            )
        else:
            self._which = Content("The target lists no errors for this job.")
        self.heading.update(self._which)

    def _fill(self, errors: Sequence[LocatedError]) -> None:
        row = self.rows.cursor_row
        self._errors = list(errors)
        self.rows.clear()
        self.rows.add_rows(_row(located) for located in self._errors)
        self.rows.move_cursor(row=min(row, max(0, len(self._errors) - 1)))
        self.rows.display = bool(self._errors)

    def tell_failure(self, error: ConsoleError) -> None:
        """Say why the errors did not come."""
        self.heading.update(styled("✗ The errors could not be fetched: $error", error=error))

    def tell_why_no_record(self, located: LocatedError) -> None:
        """Say why an error can't be followed to its record."""
        self.heading.update(self._which + styled("  [$text-warning]! $why[/]", why=_why_no_record(located)))


def _why_no_record(located: LocatedError) -> str:
    """Why an error can't be followed to its record: a sentence of our own."""
    if located.error.record is None:
        return "The target did not say which record this is about."
    if located.file is None:
        return "This job was not sent from here, so the file of the record is not known."
    return "Where this record was in its file is no longer known."


def _row(located: LocatedError) -> list[Text]:
    error, span = located.error, located.span
    index = span.index if span else error.record
    return [
        count_cell(index),
        count_cell(span.line if span else None),
        cell(error.code or NOTHING, "yellow", width=40),
        cell(error.message, width=160),
        cell(error.pointer or NOTHING, width=80),
        cell(error.uid or NOTHING, width=80),
    ]
