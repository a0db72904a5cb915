"""The Validation screen: what is wrong with a finding file, alike with alike, and the ways on from there."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar, Final

from textual import getters, on, work
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.message import Message
from textual.widgets import DataTable, Static

from console.errors import ConsoleError, UnreadableFile
from console.ocsf.having import HavingIssue
from console.progress import Cancel, in_thread
from console.targets.offline import Rules
from screens.base import ConsoleScreen
from screens.commands.everywhere import SCREEN, Back
from screens.commands.validation import VALIDATION
from screens.navigation import OpenEditor, OpenRecords, OpenSubmit, OpenValidation
from screens.record_source import Line
from screens.validating import Checked, Validating, examples
from screens.widgets.filter_line import Filter
from screens.widgets.group_filter import GroupFilter
from screens.widgets.group_order import Kind, Order, arranged
from screens.widgets.group_panel import GroupPanel
from screens.widgets.group_table import GroupTable
from screens.widgets.progress_line import ProgressLine
from screens.widgets.text import plain, styled
from screens.widgets.verdict_words import how_words, verdict_words

_REST: Final = 0.15
"""Seconds that the cursor must rest on a kind of issue before records are looked for that have it."""


@dataclass
class Validated(Message):
    """The file was validated."""

    checked: Checked


@dataclass
class Unreadable(Message):
    """The file can't be read, or not to its end."""

    error: ConsoleError


@dataclass
class ExamplesFound(Message):
    """The first records of a kind of issue were found."""

    kind: Kind
    lines: Sequence[Line]


class ValidationScreen(ConsoleScreen):
    """Validates a finding file against the OCSF versions that its records declare. Leaving stops it.

    What it is held to can be changed on the spot, and holds for every file until the console is left.
    """

    TITLE = "Validation"
    CSS_PATH = "validation.tcss"
    AUTO_FOCUS = ""
    BINDINGS: ClassVar[list[BindingType]] = VALIDATION.bindings()

    verdict = getters.query_one("#verdict", Static)
    progress = getters.query_one(ProgressLine)
    filter = getters.query_one(GroupFilter)
    groups = getters.query_one(GroupTable)
    panel = getters.query_one(GroupPanel)

    def __init__(self, path: Path) -> None:
        super().__init__()
        self._path = path
        self._checked: Checked | None = None
        self._order = Order.SEVERITY

    def compose_body(self) -> ComposeResult:
        """The verdict, the issues by kind, and what there is to say of the one under the cursor."""
        yield Static(id="verdict")
        yield ProgressLine()
        yield GroupFilter()
        yield GroupTable()
        yield GroupPanel(self.config.keys)

    def on_mount(self) -> None:
        """Start."""
        self.action_validate()

    @property
    def _how(self) -> Validating:
        return Validating(self.desk.validator, self.app.rules, self.config.limits.for_files())

    def _show_how(self) -> None:
        """Say in the title bar what the file is held to, and the order of what is listed."""
        self.show_context(plain(self._path.name), how_words(self.app.rules, self._order))

    # Validating.

    def action_validate(self) -> None:
        """Validate the file as it is now."""
        self._checked = None
        self.note_errors(())
        self.workers.cancel_group(self, "examples")
        self.add_class("-running")
        self.remove_class("-found")
        self._show_how()
        stop = SCREEN.key_of(Back, self.config.keys)
        self.verdict.update(styled("Validating …  [dim]$stop stops[/dim]", stop=stop))
        self.progress.begin()
        self.validate(self._how)

    @work(exclusive=True, group="validation")
    async def validate(self, how: Validating) -> None:
        """Validate the file."""
        cancel = Cancel()
        try:
            checked = await in_thread(cancel, lambda: how.check(self._path, self.progress.report, cancel))
        except ConsoleError as error:
            self.post_message(Unreadable(error))
            return
        if how.rules == Rules():
            self.app.facts.note_report(checked.identity, checked.report)
        self.post_message(Validated(checked))

    @on(Unreadable)
    def _unreadable(self, message: Unreadable) -> None:
        self._end()
        self.note_errors([message.error])
        # There is nothing to filter, and the keys are the screen's.
        self.filter.clear()
        self.set_focus(None)
        self.verdict.update(
            styled("[$text-error]✗ $message[/]\n$hint", message=message.error.message, hint=message.error.hint)
        )

    @on(Validated)
    def _validated(self, message: Validated) -> None:
        self._end()
        self._checked = message.checked
        self.verdict.update(verdict_words(message.checked, self.config.keys))
        self.set_class(bool(message.checked.report.groups), "-found")
        self._show_groups()
        self.groups.focus()

    def _end(self) -> None:
        self.remove_class("-running")
        self.progress.end()

    # The kinds of issues.

    def _show_groups(self) -> None:
        """List the kinds of issues as they are asked for."""
        if self._checked is not None:
            report = self._checked.report
            kinds = arranged(report, self._order, self.filter.text)
            self.groups.show(kinds, sum(group.count for group in report.groups.values()))
            self.filter.tell(len(kinds), len(report.groups))
            self._explain()

    @on(GroupFilter.Changed)
    def _filtered(self) -> None:
        self._show_groups()

    @on(GroupFilter.Left)
    def _left(self) -> None:
        self.groups.focus()

    def action_filter(self) -> None:
        """Ask for words."""
        if self.groups.display:
            self.filter.ask()

    def action_sort(self) -> None:
        """Sort by something else."""
        self._order = self._order.next
        self._show_groups()
        self._show_how()

    @on(DataTable.RowHighlighted)
    def _explain(self) -> None:
        kind = self.groups.kind
        self.workers.cancel_group(self, "examples")
        self.panel.show(kind)
        look = self._look(kind)
        if kind is not None and look is not None:
            self.find_examples(kind, look)

    def _look(self, kind: Kind | None) -> HavingIssue | None:
        """What finds the records of a kind of issue, if it is about records."""
        return self._checked.having(kind[0]) if self._checked is not None and kind is not None else None

    @work(exclusive=True, group="examples")
    async def find_examples(self, kind: Kind, look: HavingIssue) -> None:
        """Find the first records that have an issue. It is a courtesy: a file that changed says so elsewhere."""
        await asyncio.sleep(_REST)
        cancel, limits = Cancel(), self.config.limits.for_files()
        try:
            lines = await in_thread(cancel, lambda: examples(self._path, limits, look, cancel))
        except UnreadableFile:
            return
        self.post_message(ExamplesFound(kind, lines))

    @on(ExamplesFound)
    def _found(self, message: ExamplesFound) -> None:
        if message.kind is self.groups.kind:
            self.panel.show_records(message.kind, message.lines)

    # The ways on.

    @on(DataTable.RowSelected)
    def _open(self) -> None:
        """Look at the records with the issue under the cursor; at the first place, where it is about no record."""
        kind = self.groups.kind
        if kind is not None:
            key, group = kind
            look = self._look(kind)
            chosen = None if look is None else Filter(f"{key.code} {key.path}".strip(), look)
            self.post_message(OpenRecords(self._path, group.first_record or 0, chosen))

    @work(exclusive=True, group="rules")
    async def action_rules(self) -> None:
        """Choose what to validate by, and validate by it."""
        # Loaded when it is first asked for, as the other dialogs are: the console is to be on the screen soon.
        from screens.rules_dialog import RulesDialog

        def answer(chosen: Rules | None) -> None:
            if chosen is not None:
                self.app.rules = chosen
                self.action_validate()

        how = self._how
        self.app.push_screen(RulesDialog(how.rules, await asyncio.to_thread(how.versions)), answer)

    def action_export(self) -> None:
        """Write what is wrong to a file, and open it if the user wants to."""
        from screens.export import ExportDialog

        def written(path: Path | None) -> None:
            if path is not None:
                self.post_message(OpenEditor(path))

        self.app.push_screen(ExportDialog(self._path, self._how), written)

    def action_submit(self) -> None:
        """Plan the submission of the file."""
        self.post_message(OpenSubmit(self._path))

    def action_repair(self) -> None:
        """Write all that is whole to a new file, and validate that."""
        from screens.repair import RepairDialog

        self.app.push_screen(RepairDialog(self._path, self.config.limits.for_files()), self._go_on_with)

    def action_convert(self) -> None:
        """Write the records in another format to a new file, and validate that."""
        from screens.convert import ConvertDialog

        self.app.push_screen(ConvertDialog(self._path, self.config.limits.for_files()), self._go_on_with)

    def _go_on_with(self, path: Path | None) -> None:
        if path is not None:
            self.post_message(OpenValidation(path))

    def action_back(self) -> None:
        """From the filter to all kinds of issues, then to the screen before."""
        if self.filter.is_used:
            self.filter.clear()
            self.groups.focus()
            self._show_groups()
        else:
            super().action_back()
