"""The columns of a list of jobs: what each shows of a job, and what the list is ordered by."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence, Set
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from rich.text import Text

from console.submissions.model import TrackedJob
from screens.widgets import job_words
from screens.widgets.numbers import NOTHING, number
from screens.widgets.text import cell

_INFERRED: Final = "≈"
"""Before a file that a job is taken to have come from, though nobody said so."""

ODD: Final = "!"
"""Beside the status of a job that is odd: the job's own screen says why."""
WATCHED: Final = "◉"
"""Beside the status of a job whose end will be told."""

SortKey = str | int | float | datetime | None


@dataclass(frozen=True, slots=True)
class JobColumn:
    """One column of the table."""

    key: str
    label: str
    sort_key: Callable[[TrackedJob], SortKey]
    """What jobs on one page are ordered by. None comes last."""
    words: Callable[[TrackedJob], str]
    """What is shown. Foreign text."""
    field: str | None = None
    """The field by which the target itself can sort, over all pages."""
    numeric: bool = False


@dataclass(frozen=True, slots=True)
class JobOrder:
    """By which column the jobs are sorted."""

    column: str
    descending: bool

    @property
    def arrow(self) -> str:
        """The direction, for showing."""
        return "▼" if self.descending else "▲"

    def by(self, column: JobColumn) -> JobOrder:
        """The order after the operator asks for *column*: the other way round if it was that one already."""
        if column.key == self.column:
            return JobOrder(column.key, not self.descending)
        # Times and counts are looked at from the newest and the largest.
        return JobOrder(column.key, column.numeric or column.field is not None)


def _counter(key: str, label: str, read: Callable[[TrackedJob], int | None]) -> JobColumn:
    return JobColumn(key, label, read, lambda tracked: number(read(tracked)), numeric=True)


def _time(key: str, label: str, read: Callable[[TrackedJob], str | None]) -> JobColumn:
    return JobColumn(
        key, label, lambda tracked: job_words.moment(read(tracked)), lambda tracked: job_words.when(read(tracked)), key
    )


def _files(tracked: TrackedJob) -> str:
    """The names of the files that a job came from, where this console sent it; marked where that is inferred."""
    names = ", ".join(map(os.path.basename, tracked.files)) or NOTHING
    return f"{_INFERRED} {names}" if tracked.inferred else names


def _seconds(tracked: TrackedJob) -> float | None:
    time = job_words.duration(tracked.job)
    return None if time is None else time.total_seconds()


COLUMNS: Final = (
    JobColumn("status", "Status", lambda tracked: tracked.job.status, lambda t: job_words.status_words(t.job.status)),
    JobColumn("id", "Job", lambda tracked: tracked.job.id, lambda tracked: tracked.job.id),
    JobColumn("files", "File", _files, _files),
    _counter("total", "Total", lambda tracked: tracked.job.summary.total),
    _counter("processed", "Processed", lambda tracked: tracked.job.summary.processed),
    _counter("invalid", "Invalid", lambda tracked: tracked.job.summary.invalid),
    _time("requested_at", "Requested", lambda tracked: tracked.job.requested_at or tracked.job.inserted_at),
    _time("started_at", "Started", lambda tracked: tracked.job.started_at),
    _time("completed_at", "Completed", lambda tracked: tracked.job.completed_at),
    JobColumn("took", "Took", _seconds, lambda tracked: job_words.took(tracked.job), numeric=True),
)
"""The columns of the table, the most telling first: a narrow terminal shows the left ones."""

_TARGET: Final = JobColumn("target", "Target", lambda tracked: tracked.job.target, lambda tracked: tracked.job.target)
COLUMNS_OF_ALL: Final = (COLUMNS[0], _TARGET, *COLUMNS[1:])
"""Those of a list of several targets' jobs."""

_STYLES: Final = {
    "waiting": "cyan",
    "working": "yellow",
    "good": "green",
    "mixed": "yellow",
    "bad": "red",
    "doubtful": "magenta",
    "kept": "magenta",
    "strange": "",
}
NEWEST_FIRST: Final = JobOrder("requested_at", descending=True)
Marks = Set[tuple[str, str]]
"""The jobs that are watched, by target and identifier."""


def column(key: str) -> JobColumn:
    """The column of that key."""
    return next(one for one in COLUMNS_OF_ALL if one.key == key)


def label_of(one: JobColumn, order: JobOrder) -> Text:
    """A column's name, with the arrow of the order or room for it."""
    arrow = order.arrow if one.key == order.column else " "
    text = cell(f"{one.label} {arrow}")
    text.justify = "right" if one.numeric else "left"
    return text


def ordered(jobs: Sequence[TrackedJob], order: JobOrder) -> list[TrackedJob]:
    """The jobs in the order that is asked for: as the target sorted them, or sorted here, within the page."""
    by = column(order.column)
    if by.field is not None:
        return list(jobs)
    known = [job for job in jobs if by.sort_key(job) is not None]
    # Each column has keys of one type only, which the type of the keys can't say.
    known.sort(key=by.sort_key, reverse=order.descending)  # type: ignore[arg-type]
    return known + [job for job in jobs if by.sort_key(job) is None]


def cell_of(one: JobColumn, tracked: TrackedJob, short: str, width: int, *, watched: bool) -> Text:
    """One cell of one job; *short* is its identifier, *width* that of the names of files."""
    match one.key:
        case "id":
            return cell(short, width=36)
        case "files":
            return cell(job_words.elided(one.words(tracked), width))
        case "status":
            return _status(tracked, watched=watched)
        case "processed":
            text = cell(job_words.bar(tracked.job), "yellow")
            text.append_text(cell(one.words(tracked)))
        case _:
            text = cell(
                one.words(tracked), "red" if one.key == "invalid" and tracked.job.summary.invalid else "", width=32
            )
    text.justify = "right" if one.numeric else "left"
    return text


def _status(tracked: TrackedJob, *, watched: bool) -> Text:
    """The status, with a mark where something is odd about the job, and one where its end will be told."""
    text = cell(job_words.status_words(tracked.job.status), _STYLES[job_words.tone(tracked.job)], width=24)
    if tracked.remarks:
        text.append_text(cell(f" {ODD}", "yellow"))
    if watched:
        text.append_text(cell(f" {WATCHED}", "cyan"))
    return text
