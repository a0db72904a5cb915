"""The dialog that writes what validation found to a file, in every format that there is."""

from __future__ import annotations

import time
from functools import partial
from pathlib import Path
from typing import Final

from textual import on
from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.content import Content
from textual.widgets import Select, Static

from console.progress import Cancel
from console.progress import Report as Tell
from console.records.reader import FindingFile
from console.reports.formats import FORMATS, report_writer
from console.reports.model import CheckedFile
from screens.new_file import NewFileDialog, Work, Write
from screens.new_names import Naming
from screens.validating import Validating
from screens.widgets.drop_down import DropDown
from screens.widgets.numbers import counted
from screens.widgets.target_select import options
from screens.widgets.text import styled

_SUFFIXES: Final = {"text": ".txt", "junit": ".xml", "github": ".txt"}
"""What files in a format end in, where that is not its name."""


class ExportDialog(NewFileDialog):
    """Validates the file once more, as it is then, and writes the report."""

    def __init__(self, path: Path, how: Validating) -> None:
        super().__init__(path, how.limits)
        self._how = how

    @property
    def question(self) -> Content:
        """Which file it is."""
        return styled("Export what is wrong with $name", name=self._path.name)

    @property
    def naming(self) -> Naming:
        """By the format."""
        form = self._form
        return Naming(f"report-{form}" if form in ("github", "json") else "report", _SUFFIXES.get(form, f".{form}"))

    @property
    def _form(self) -> str:
        value = self.query_one("#form", Select).value
        return value if isinstance(value, str) else FORMATS[0]

    def compose_choices(self) -> ComposeResult:
        """The format."""
        with Horizontal(classes="field"):
            yield Static("Format", classes="field-label")
            yield DropDown(options(FORMATS), allow_blank=False, compact=True, id="form")

    @on(Select.Changed, "#form")
    def _renamed(self) -> None:
        self.propose(self.naming)

    def assignment(self) -> Work:
        """Write it in the format that is chosen."""
        return partial(exported, self._how, self._form, self._path.name)


def exported(
    how: Validating, form: str, label: str, file: FindingFile, put: Write, tell: Tell, cancel: Cancel
) -> Content:
    """Validate a file and write the report of it; how much that says."""
    started = time.monotonic()
    writer = report_writer(form, lambda text: put(text.encode()))
    writer.begin()
    on_issue = partial(writer.issue, label) if writer.lists_issues else None
    report = how.report(file, how.validator(), tell, cancel, on_issue)
    writer.checked(CheckedFile(label, file.format, file.compression, file.size, report))
    writer.end(time.monotonic() - started)
    return styled(
        "$errors and $warnings in $records",
        errors=counted(report.errors, "error"),
        warnings=counted(report.warnings, "warning"),
        records=counted(report.records, "record"),
    )
