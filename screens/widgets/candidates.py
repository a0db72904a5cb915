"""The jobs that can be what became of a submission: one of them may be picked."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from rich.text import Text
from textual.binding import BindingType

from console.targets.base import Job
from screens.commands.lists import LIST
from screens.commands.settle import CANDIDATES
from screens.widgets import job_words
from screens.widgets.cells import count_cell
from screens.widgets.text import cell
from screens.widgets.text_table import TextTable
from screens.widgets.under_cursor import under_cursor


class Candidates(TextTable):
    """A row for each job."""

    BINDINGS: ClassVar[list[BindingType]] = [*CANDIDATES.bindings(), *LIST.bindings()]

    def __init__(self) -> None:
        super().__init__(cursor_type="row")
        self._jobs: list[Job] = []

    def on_mount(self) -> None:
        """Make the columns."""
        self.add_columns(Text("Job"), Text("Status"), Text("Total"), Text("Requested"), Text("Completed"))

    @property
    def job(self) -> Job | None:
        """The job under the cursor."""
        return under_cursor(self, self._jobs)

    def show(self, jobs: Sequence[Job]) -> None:
        """List jobs. The cursor stays where it is while they are the same."""
        if list(jobs) != self._jobs:
            self._jobs = list(jobs)
            self.clear()
            ids = job_words.short_ids([job.id for job in jobs])
            self.add_rows(_row(job, short) for job, short in zip(jobs, ids, strict=True))


def _row(job: Job, short: str) -> list[Text]:
    return [
        cell(short, width=36),
        cell(job_words.status_words(job.status), width=24),
        count_cell(job.summary.total),
        cell(job_words.when(job.requested_at or job.inserted_at), width=32),
        cell(job_words.when(job.completed_at), width=32),
    ]
