"""The Compare screen: which findings of two scans are new, gone, changed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import ClassVar, Final

from textual import getters, on, work
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical
from textual.message import Message
from textual.widgets import DataTable, Static, Tab, Tabs

from console.errors import ConsoleError
from console.limits import Limits
from console.progress import Cancel, in_thread
from console.records.compare.compare import Difference, ScanSummary
from console.records.compare.compare import compare as compare_files
from console.records.compare.scan import ScanLook
from console.records.compare.store import Kind, Side
from console.records.compare.totals import Totals
from console.records.compare.trend import Change
from console.records.reader import FindingFile
from console.records.sharing import spare_workers
from screens.base import ConsoleScreen
from screens.commands.compare import COMPARE
from screens.navigation import OpenRecords
from screens.widgets.compare_words import change_words, cut_words, kind_words, nothing_words, total_words
from screens.widgets.difference_table import DifferenceTable
from screens.widgets.progress_line import ProgressLine
from screens.widgets.text import styled

LISTED: Final = 500
"""Findings of each kind that are listed, the most important ones."""
_KINDS: Final = (Kind.CHANGED, Kind.NEW, Kind.GONE)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of comparing, as far as it is shown. The files are closed by then."""

    totals: Totals
    scans: Mapping[Side, ScanSummary]
    changes: Mapping[Change, int]
    warnings: Sequence[str]
    lists: Mapping[Kind, Sequence[Difference]]


@dataclass
class Compared(Message):
    """Both files were read."""

    outcome: Outcome


@dataclass
class Incomparable(Message):
    """One of the files can't be read."""

    error: ConsoleError


class CompareScreen(ConsoleScreen):
    """Two scans side by side, by the identifiers of their findings. Leaving stops it."""

    TITLE = "Compare"
    CSS_PATH = "compare.tcss"
    BINDINGS: ClassVar[list[BindingType]] = COMPARE.bindings()

    progress = getters.query_one(ProgressLine)
    head = getters.query_one("#head", Static)
    tabs = getters.query_one(Tabs)
    table = getters.query_one(DifferenceTable)
    cut = getters.query_one("#cut", Static)
    detail = getters.query_one("#detail", Static)
    notice = getters.query_one("#notice", Static)

    def __init__(self, old: Path, new: Path) -> None:
        super().__init__()
        self._old = old
        self._new = new
        self._outcome: Outcome | None = None
        self._kind = Kind.CHANGED
        """What is listed."""

    def compose_body(self) -> ComposeResult:
        """The counts, the kinds, and the findings of one kind; a notice where there are none."""
        yield ProgressLine()
        with Vertical(id="differences"):
            yield Static(id="head")
            yield Tabs(*(Tab(kind_words(kind, None), id=kind) for kind in _KINDS))
            yield DifferenceTable()
            yield Static(id="cut")
            yield Static(id="detail")
        yield Static(id="notice", classes="empty")

    def on_mount(self) -> None:
        """Start."""
        self.action_compare()

    def action_compare(self) -> None:
        """Read both files and compare them."""
        self.show_context(styled("$old [dim]→[/dim] $new", old=self._old.name, new=self._new.name))
        self._outcome = None
        self.note_errors(())
        self.notice.update("")
        self.progress.begin()
        self._show_state()
        self.compare(self.config.limits.for_files())

    @work(exclusive=True, group="compare")
    async def compare(self, limits: Limits) -> None:
        """Compare the files."""
        cancel = Cancel()
        try:
            self.post_message(Compared(await in_thread(cancel, lambda: self._compared(limits, cancel))))
        except ConsoleError as error:
            self.post_message(Incomparable(error))

    def _compared(self, limits: Limits, cancel: Cancel) -> Outcome:
        """What is compared is in a database that only one thread may use: all that is shown is taken from it here."""
        with FindingFile.open(self._old, limits) as old, FindingFile.open(self._new, limits) as new:
            with spare_workers(old, new, preload=[ScanLook.__module__]) as workers:
                comparison = compare_files(old, new, workers, self.progress.report, cancel)
            with comparison:
                lists = {kind: list(islice(comparison.differences(kind), LISTED)) for kind in _KINDS}
                return Outcome(comparison.totals, comparison.scans, comparison.changes, comparison.warnings(), lists)

    @on(Incomparable)
    def _incomparable(self, message: Incomparable) -> None:
        self.progress.end()
        error = message.error
        self.note_errors([error])
        self.notice.update(styled("[$text-error]✗ $message[/]\n\n$hint", message=error.message, hint=error.hint))

    @on(Compared)
    def _compared_all(self, message: Compared) -> None:
        self.progress.end()
        self._outcome = outcome = message.outcome
        counts = {kind: len(outcome.lists[kind]) for kind in _KINDS}
        self.head.update(total_words(outcome.totals, outcome.scans, outcome.warnings))
        for kind in _KINDS:
            self.query_one(f"#{kind}", Tab).label = kind_words(kind, outcome.totals)
        self._show_kind(next((kind for kind in _KINDS if counts[kind]), Kind.CHANGED))
        self._show_state()
        self.table.focus()

    def _show_state(self) -> None:
        self.query_one("#differences").display = self._outcome is not None
        self.notice.display = self._outcome is None

    def _show_kind(self, kind: Kind) -> None:
        self._kind = kind
        self.tabs.active = kind
        if self._outcome is not None:
            self.table.show(kind, self._outcome.lists[kind])
            self.cut.update(cut_words(kind, self._outcome.totals, len(self._outcome.lists[kind])))
            self._explain()

    @on(Tabs.TabActivated)
    def _turned(self, message: Tabs.TabActivated) -> None:
        kind = Kind(message.tab.id or Kind.CHANGED)
        if kind is not self._kind:
            self._show_kind(kind)

    def action_turn(self, steps: int) -> None:
        """List another kind of difference."""
        self._show_kind(_KINDS[(_KINDS.index(self._kind) + steps) % len(_KINDS)])

    @on(DataTable.RowHighlighted)
    def _explain(self) -> None:
        one, outcome = self.table.difference, self._outcome
        if one is not None:
            self.detail.update(change_words(one))
        elif outcome is not None:
            self.detail.update(nothing_words(self._kind))

    @on(DataTable.RowSelected)
    def _open(self) -> None:
        one = self.table.difference
        if one is not None:
            path = self._old if self._kind is Kind.GONE else self._new
            self.post_message(OpenRecords(path, one.entry.record))

    def action_swap(self) -> None:
        """Compare the other way round."""
        self._old, self._new = self._new, self._old
        self.action_compare()
