"""The Validation screen: what is wrong with a finding file, alike with alike."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

from textual import getters, on, work
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.content import Content
from textual.message import Message
from textual.message_pump import MessagePump
from textual.widgets import DataTable, ProgressBar, Static

from console.errors import ConsoleError
from console.limits import Limits
from console.ocsf import together
from console.ocsf.report import Report
from console.ocsf.run import validate_file
from console.progress import Cancel, Progress, in_thread
from console.progress import Report as Tell
from console.records.reader import FindingFile
from console.records.sharing import shared_workers
from screens.base import ConsoleScreen
from screens.commands.validation import VALIDATION
from screens.navigation import OpenRecords, OpenSubmit
from screens.widgets.group_table import GroupTable
from screens.widgets.numbers import number
from screens.widgets.text import plain, styled


@dataclass
class Validated(Message):
    """The file was validated."""

    report: Report


@dataclass
class Unreadable(Message):
    """The file can't be read, or not to its end."""

    error: ConsoleError


@dataclass
class Advanced(Message):
    """The validation went on."""

    progress: Progress

    def can_replace(self, message: MessagePump | Message) -> bool:
        """Only the newest counts."""
        return isinstance(message, Advanced)


class ValidationScreen(ConsoleScreen):
    """Validates a finding file against the OCSF versions that its records declare. Leaving stops it."""

    TITLE = "Validation"
    CSS_PATH = "validation.tcss"
    BINDINGS: ClassVar[list[BindingType]] = VALIDATION.bindings()

    verdict = getters.query_one("#verdict", Static)
    bar = getters.query_one(ProgressBar)
    groups = getters.query_one(GroupTable)
    example = getters.query_one("#example", Static)

    def __init__(self, path: Path) -> None:
        super().__init__()
        self._path = path

    def compose_body(self) -> ComposeResult:
        """The verdict, the issues by kind, and what the one under the cursor says."""
        yield Static(id="verdict")
        yield ProgressBar(show_eta=False, id="bar")
        yield GroupTable()
        yield Static(id="example")

    def on_mount(self) -> None:
        """Start."""
        self.show_context(plain(self._path.name))
        self.action_validate()

    def action_validate(self) -> None:
        """Validate the file as it is now."""
        self.add_class("-running")
        self.bar.update(total=None, progress=0)
        self.verdict.update("Validating …  [dim]esc stops[/dim]")
        self.example.update("")
        self.validate(self.desk.config.limits.for_files())

    @work(exclusive=True, group="validation")
    async def validate(self, limits: Limits) -> None:
        """Validate the file."""
        cancel = Cancel()

        def tell(progress: Progress) -> None:
            self.post_message(Advanced(progress))

        try:
            self.post_message(Validated(await in_thread(cancel, lambda: self._validate(limits, tell, cancel))))
        except ConsoleError as error:
            self.post_message(Unreadable(error))

    def _validate(self, limits: Limits, tell: Tell, cancel: Cancel) -> Report:
        validator, preload = self.desk.validator(), (together.__name__,)
        with FindingFile.open(self._path, limits) as file, shared_workers(file, preload=preload) as workers:
            if workers is None:
                report = validate_file(file, validator, tell=tell, cancel=cancel)
            else:
                report = together.validate_together(file, validator, workers, tell, cancel)
            return self.app.facts.note_report(file.identity, report)

    @on(Advanced)
    def _advanced(self, message: Advanced) -> None:
        progress = message.progress
        self.bar.update(total=progress.total, progress=progress.done)
        done = f"{progress.done * 100 // progress.total}%" if progress.total else f"{number(progress.done)} bytes"
        self.verdict.update(styled("Validating …  $done  [dim]esc stops[/dim]", done=done))

    @on(Unreadable)
    def _unreadable(self, message: Unreadable) -> None:
        self.remove_class("-running")
        self.groups.display = False
        self.verdict.update(
            styled("[$text-error]✗ $message[/]\n$hint", message=message.error.message, hint=message.error.hint)
        )

    @on(Validated)
    def _validated(self, message: Validated) -> None:
        self.remove_class("-running")
        report = message.report
        self.verdict.update(_verdict(report))
        self.groups.display = bool(report.groups)
        self.groups.show(report)
        self.groups.focus()

    @on(DataTable.RowHighlighted)
    def _explain(self) -> None:
        group = self.groups.group
        self.example.update(plain(group.message, width=600) if group else "")

    @on(DataTable.RowSelected)
    def _open(self) -> None:
        """Look at the first record with the issue under the cursor."""
        group = self.groups.group
        if group is not None:
            self.post_message(OpenRecords(self._path, group.first_record or 0))

    def action_submit(self) -> None:
        """Plan the submission of the file."""
        self.post_message(OpenSubmit(self._path))


def _verdict(report: Report) -> Content:
    """Whether the file is valid, in one line."""
    records, invalid = number(report.records), number(report.invalid)
    verdict = (
        styled("[$text-error]✗ $invalid of $records records are invalid[/]", invalid=invalid, records=records)
        if report.invalid
        else styled("[$text-success]● All $records records are valid[/]", records=records)
    )
    return verdict + styled(
        "  [dim]·[/dim]  $errors errors, $warnings warnings",
        errors=number(report.errors),
        warnings=number(report.warnings),
    )
