"""The Records screen: the records of a finding file in a list, and the one under the cursor read as a tree."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import ClassVar, Final

from textual import getters, on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.content import Content
from textual.events import ScreenResume
from textual.widget import Widget
from textual.widgets import Static

from console.progress import Progress
from console.targets.offline import Rules
from screens.commands.everywhere import SCREEN, Back
from screens.commands.records import RECORDS, Reload
from screens.navigation import OpenSubmit, OpenValidation
from screens.record_file import FileScreen, Grown, Opened, Troubled, Unreadable
from screens.record_rows import FileRows, HitRows
from screens.record_selection import wanted_of
from screens.record_source import Line
from screens.widgets.dialogs import NumberDialog
from screens.widgets.filter_line import Filter, FilterInput, FilterLine
from screens.widgets.issue_list import IssueList
from screens.widgets.record_columns import Sort
from screens.widgets.record_detail import RecordDetail
from screens.widgets.record_list import RecordList
from screens.widgets.record_pane import RecordPane
from screens.widgets.record_tree import RecordTree
from screens.widgets.record_words import (
    file_words,
    hit_words,
    last_record_words,
    marks_words,
    nothing_words,
    sorting_words,
    undecided_words,
)
from screens.widgets.rules_words import held_words
from screens.widgets.saved_filters import open_saved
from screens.widgets.sorting_list import SortingList
from screens.widgets.text import plain, styled
from screens.widgets.triage_list import TriageList

_FAR: Final = 10**11
"""More records than any file has."""
_NOTHING: Final = Content("")


class RecordsScreen(FileScreen):
    """The records of one finding file. Places that can't be read are rows too, and say why.

    Move to a column with the arrows and press `S` to sort by it, as with the jobs. Mark records with space; `Y` copies
    those that are marked.
    """

    TITLE = "Records"
    CSS_PATH: ClassVar = ["filter_line.tcss", "records.tcss"]
    AUTO_FOCUS = ""
    BINDINGS: ClassVar[list[BindingType]] = RECORDS.bindings()

    record = getters.query_one(RecordTree)
    issues = getters.query_one(IssueList)
    notice = getters.query_one("#notice", Static)
    held = getters.query_one("#held", Static)
    trouble = getters.query_one("#trouble", Static)
    filter_line = getters.query_one(FilterLine)

    def __init__(
        self,
        path: Path,
        record: int = 0,
        chosen: Filter | None = None,
        sort: Sort | None = None,
        *,
        attribute: str = "",
    ) -> None:
        """Show the records of *path*, those that *chosen* lets through, the cursor on the record of that index.

        In that record the cursor is on the *attribute* of that path.
        """
        super().__init__(path)
        self._start = record
        self._all: FileRows | None = None
        """All that is in the file, once it is open."""
        self._hits: HitRows | None = None
        """What the filter lets through, while there is one."""
        self._filter = chosen
        self._progress: Progress | None = None
        """How far finding the rows is that are shown."""
        self._doing = _NOTHING
        """What else is done with them."""
        self._left: Line | None = None
        """What the cursor was on when the filter came."""
        self._sort = sort
        self._rules = Rules()
        """What the records are held to, as it is shown."""
        # Made here, so that the screen finds them whenever it is asked for them.
        self.pane = RecordPane(record, attribute)
        """The list, and the record."""
        self.table = self.pane.list
        self.detail = self.pane.detail

    def compose_body(self) -> ComposeResult:
        """The filter, and the list with the record; a notice where there is no list."""
        yield FilterLine()
        yield Static(id="held")
        yield Static(id="trouble")
        yield Static(styled("Opening $name …", name=self.path.name), id="notice", classes="empty")
        yield self.pane

    def on_mount(self) -> None:
        """Open the file."""
        self.show_context(plain(self.path.name))
        self._rules = self.app.rules
        self._show_held()
        self.open_file()

    @property
    def readers(self) -> Sequence[Widget]:
        """The widgets that read the file."""
        return self.pane.readers

    @on(ScreenResume)
    def _come_back(self) -> None:
        """The rules of the session may have been changed meanwhile, on the Validation screen."""
        if self._rules != self.app.rules:
            self._rules = self.app.rules
            self.pane.judge_anew()
            self._show_held()

    def _show_held(self) -> None:
        """Say what the list is held to, and what the issues in it are found by; nothing where both are the usual."""
        words = held_words(self._filter.issue if self._filter is not None else None, self._rules)
        self.held.update(words)
        self.held.display = bool(words)

    # Finding the records.

    @on(Unreadable)
    def _unreadable(self, message: Unreadable) -> None:
        error = message.error
        self.note_errors([error])
        self.notice.update(styled("[b]$message[/b]\n\n$hint", message=error.message, hint=error.hint))

    @on(Opened)
    def _opened(self, message: Opened) -> None:
        self._all = message.rows
        self.pane.open(message.rows)
        self.find_records(message.rows)
        self.table.wanted = self._sort
        if self._filter is not None:
            self._let_through(self._filter)
        else:
            self.table.show(message.rows)
        if self._start:
            self.table.go_to(self._start)
        self._show_state()

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
        self.note_errors([message.error])
        self.trouble.update(
            styled(
                "[$text-error]✗ $message[/]  [b]$key[/b] reload",
                message=message.error.message,
                key=RECORDS.key_of(Reload, self.config.keys),
            )
        )
        self.trouble.display = True

    # What the title bar says.

    @on(SortingList.Arranging)
    def _arranging(self, message: SortingList.Arranging) -> None:
        self._doing = sorting_words(message.progress, SCREEN.key_of(Back, self.config.keys))
        self._show_state()

    @on(TriageList.Looking)
    def _looking(self, message: TriageList.Looking) -> None:
        self._doing = message.words
        self._show_state()

    @on(TriageList.MarksChanged)
    def _show_state(self) -> None:
        """Say in the title bar which file this is, and how far it is known; or that there is nothing to see."""
        if self._all is None:
            return
        rows, context = self._hits or self._all, plain(self.path.name)
        if self._filter is not None:
            context += styled(" [dim]/[/] $expression", expression=self._filter.text)
        if isinstance(rows, HitRows):
            words = hit_words(rows, self._progress)
            self.filter_line.tell(undecided_words(rows))
        else:
            words = file_words(rows, self._progress)
        self.show_context(context, (self._doing or words) + marks_words(len(self.table.marks)))
        # While hits are looked for, the list stays, and is empty.
        is_filled = self.table.count > 0 or (isinstance(rows, HitRows) and not rows.ended)
        self.set_class(is_filled, "-filled")
        if not is_filled:
            self.notice.update(nothing_words(rows, self.path.name, self.config.keys))
        elif not self.focused:
            self.table.focus()

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
            self._show_held()
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
            self._show_held()
            self.table.show(self._all)
            if line is not None:
                self.table.return_to(line)
            self._show_state()
        self.table.focus()

    def action_saved_filters(self) -> None:
        """Choose a filter that was saved."""
        if self._all is not None:
            open_saved(self.filter_line, self._filter.typed if self._filter else "", saves=False)

    @on(FilterInput.SaveWanted)
    def _save_filter(self, message: FilterInput.SaveWanted) -> None:
        open_saved(self.filter_line, message.text, saves=True)

    def action_go_to(self) -> None:
        """Ask for the number of a record, and go there."""

        def go(record: int | None) -> None:
            if record is not None:
                self.table.go_to(record)

        rows = self._all
        if rows is not None and self.table.count:
            highest = rows.index.records - 1 if rows.index.complete else _FAR
            self.app.push_screen(NumberDialog(last_record_words(rows), highest=highest), go)

    def action_back(self) -> None:
        """From what is typed, read, looked for or sorted to the list, to all records, to the screen before."""
        if self.filter_line.is_typed:
            self.filter_line.rest(self._filter.typed if self._filter else "")
            self.table.focus()
        elif self.pane.is_reading:
            self.table.focus()
        elif self.table.stop_looking() or self.table.stop_sorting():
            self._show_state()
        elif self._filter is not None and self._filter.typed:
            self._clear_filter()
        else:
            super().action_back()

    # Doing something with the file.

    def action_reload(self) -> None:
        """Read the file as it is now."""
        line = self.table.line
        start = (line and line.number) or 0
        self.app.switch_screen(RecordsScreen(self.path, start, self._filter, self.table.wanted))

    def action_validate(self) -> None:
        """Validate the whole file."""
        self.post_message(OpenValidation(self.path))

    def action_submit(self) -> None:
        """Plan the submission of what is marked, else of what the filter lets through, else of the file."""
        wanted = wanted_of(self._all.file.identity, self.table.marks, self._filter, self._hits) if self._all else None
        if wanted is None and self._hits is not None:
            self.notify("The whole file is planned: what the filter lets through is not known yet.")
        self.post_message(OpenSubmit(self.path, wanted))
