"""The errors of a job, each tied to its record where that is known, or all by what is wrong."""

from __future__ import annotations

from collections.abc import Sequence
from enum import Enum, auto
from typing import ClassVar, Final

from rich.text import Text
from textual import getters, on
from textual.app import ComposeResult
from textual.binding import BindingType, Keymap
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import DataTable, Static

from console.errors import ConsoleError
from console.submissions.error_groups import ErrorGroup
from console.submissions.model import FROM_STDIN, LocatedError
from console.targets.base import Page
from screens.commands.everywhere import SCREEN, Back
from screens.commands.job import ERRORS, GROUPS, Members
from screens.commands.lists import LIST
from screens.widgets.cells import count_cell
from screens.widgets.error_group_table import ErrorGroupTable
from screens.widgets.job_words import trouble
from screens.widgets.numbers import NOTHING, counted, number
from screens.widgets.text import cell, plain, styled
from screens.widgets.text_table import TextTable
from screens.widgets.under_cursor import under_cursor

_NOTHING: Final = Content("")
_COLUMNS: Final = ("Record", "Line", "Code", "Message", "Pointer", "Finding")


class Errors(TextTable):
    """The rows."""

    BINDINGS: ClassVar[list[BindingType]] = [*ERRORS.bindings(), *LIST.bindings()]

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Grey out the way to the record while there is no error."""
        if action == "select_cursor" and not self.row_count:
            return None
        return super().check_action(action, parameters)


class Sight(Enum):
    """What of the errors is seen."""

    PAGE = auto()
    """A page of the target's list."""
    GROUPS = auto()
    """All of them, by what is wrong."""
    MEMBERS = auto()
    """Those of one group."""


class ErrorTable(Vertical):
    """The errors of a job, one by one or by what is wrong, and a line that says which."""

    rows = getters.query_one(Errors)
    groups = getters.query_one(ErrorGroupTable)
    heading = getters.query_one("#heading", Static)
    whole = getters.query_one("#whole", Static)

    def __init__(self, keymap: Keymap) -> None:
        super().__init__()
        self._keymap = keymap
        self.sight = Sight.PAGE
        """What is seen."""
        self.page: Page[LocatedError] | None = None
        """The page of errors that is seen, or was before the groups."""
        self._which = _NOTHING
        """Empty until a list has come: not to know is not to have none."""
        self._of_groups = _NOTHING
        self._cut = _NOTHING
        """That the groups are not of all errors; empty when they are."""

    def compose(self) -> ComposeResult:
        """The heading over the rows, and all that the marked one says below them."""
        yield Static(id="heading")
        yield Errors(cursor_type="row", id="rows")
        yield ErrorGroupTable()
        yield Static(id="whole")

    def on_mount(self) -> None:
        """Make the columns."""
        for name in _COLUMNS:
            self.rows.add_column(cell(name))
        self.rows.display = self.groups.display = False

    def focus(self, scroll_visible: bool = True) -> ErrorTable:
        """Focus what is seen."""
        (self.groups if self.sight is Sight.GROUPS else self.rows).focus(scroll_visible)
        return self

    @property
    def error(self) -> LocatedError | None:
        """The error under the cursor."""
        errors = self.page.items if self.page is not None else ()
        return under_cursor(self.rows, errors)

    @on(DataTable.RowHighlighted)
    def _tell_all(self) -> None:
        """Show the whole message of what is under the cursor: its column is narrow."""
        located = self.error
        if self.sight is Sight.GROUPS:
            located = self.groups.group.errors[0] if self.groups.group is not None else None
        self.whole.update(_NOTHING if located is None else plain(located.error.message, width=400))

    def show(self, page: Page[LocatedError]) -> None:
        """Show a page of the target's list. The cursor stays at its place in it."""
        if page.items:
            which = styled(
                "[b]$errors[/b] · page $number of $pages",
                errors=counted(page.count, "error"),
                number=number(page.number),
                pages=number(page.pages),
            )
        else:
            which = Content("The target lists no errors for this job.")
        self._show_rows(page, Sight.PAGE, which)

    def show_groups(self, groups: Sequence[ErrorGroup], read: int, count: int) -> None:
        """Show the errors by what is wrong: *read* of them, of the *count* that there are."""
        self.groups.show(groups)
        self._cut = _cut_words(read, count)
        self._of_groups = self._cut + styled(
            "[b]$errors[/b] in $groups · $key lists those of one",
            key=GROUPS.key_of(Members, self._keymap),
            errors=counted(read, "error"),
            groups=counted(len(groups), "group"),
        )
        self.return_to_groups()

    def return_to_groups(self) -> None:
        """Show the groups again, with the cursor where it was."""
        self._see(Sight.GROUPS, self._of_groups)

    def show_members(self, page: Page[LocatedError], group: ErrorGroup) -> None:
        """Show a page of the errors of one group."""
        which = self._cut + styled(
            "[b]$errors[/b] $code · page $number of $pages · $key shows the groups",
            key=SCREEN.key_of(Back, self._keymap),
            errors=counted(page.count, "error"),
            code=group.code,
            number=number(page.number),
            pages=number(page.pages),
        )
        self._show_rows(page, Sight.MEMBERS, which)

    def _show_rows(self, page: Page[LocatedError], sight: Sight, which: Content) -> None:
        before = self.page.items if self.page is not None else ()
        self.page = page
        if list(before) != list(page.items):
            row = self.rows.cursor_row if self.sight is sight else 0
            self.rows.clear()
            self.rows.add_rows(_row(located) for located in page.items)
            self.rows.move_cursor(row=min(row, max(0, len(page.items) - 1)))
        self._see(sight, which)

    def _see(self, sight: Sight, which: Content) -> None:
        """Let that be seen, with the focus on it where it was on what was seen before."""
        had_focus = self.rows.has_focus or self.groups.has_focus or self.screen.focused is None
        self.sight, self._which = sight, which
        self.groups.display = sight is Sight.GROUPS
        self.rows.display = sight is not Sight.GROUPS and self.page is not None and bool(self.page.items)
        self.heading.update(which)
        if had_focus:
            self.focus()
        self._tell_all()
        self.screen.refresh_bindings()

    def tell_which(self) -> None:
        """Say which errors are seen."""
        self.heading.update(self._which)

    def tell_reading(self, read: int, count: int) -> None:
        """Say how many errors have been read."""
        self.heading.update(styled("Reading the errors: $read of $count …", read=number(read), count=number(count)))

    def tell_failure(self, error: ConsoleError) -> None:
        """Say why the errors did not come."""
        self.heading.update(styled("✗ The errors could not be fetched: $error", error=trouble(error, self._keymap)))

    def tell_why_no_record(self, located: LocatedError) -> None:
        """Say why an error can't be followed to its record."""
        self.heading.update(self._which + styled("  [$text-warning]! $why[/]", why=_why_no_record(located)))


def _cut_words(read: int, count: int) -> Content:
    """That only the first errors were read; nothing where all were."""
    if read >= count:
        return _NOTHING
    return styled(
        "[$text-warning]! of the first $read of $count errors alone[/] · ", read=number(read), count=number(count)
    )


def _why_no_record(located: LocatedError) -> str:
    """Why an error can't be followed to its record: a sentence of our own."""
    if located.file == str(FROM_STDIN):
        return "What was sent came on stdin: there is no file that holds this record."
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
