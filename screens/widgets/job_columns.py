"""The columns of a list of jobs: what each shows of a job, and what the list is ordered by."""

from __future__ import annotations

from collections.abc import Callable, Sequence, Set
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Final, NamedTuple

from rich.cells import cell_len

from console.display import safe_text
from console.submissions.model import TrackedJob
from screens.widgets import job_words
from screens.widgets.numbers import number
from screens.widgets.text import fit

ODD: Final = "!"
"""Beside the status of a job that is odd: the job's own screen says why."""
WATCHED: Final = "◉"
"""Beside the status of a job whose end will be told."""

_KEPT: Final = 4_096
"""Cells that are kept: those of a list that is asked for again are mostly as they were, and making them is slow."""

SortKey = str | int | float | datetime | None


class Cell(NamedTuple):
    """What a column shows of a job."""

    words: Sequence[tuple[str, str]]
    """Pieces of text that may be seen, each with the part of the table that it looks like."""
    width: int


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
    """The names of the files that a job came from, where this console sent it."""
    return job_words.names(tracked.files, inferred=tracked.inferred)


def _seconds(tracked: TrackedJob) -> float | None:
    time = job_words.duration(tracked.job)
    return None if time is None else time.total_seconds()


COLUMNS: Final = (
    JobColumn("status", "Status", lambda tracked: tracked.job.status, lambda t: job_words.status_words(t.job.status)),
    JobColumn("id", "Job", lambda tracked: tracked.job.id, lambda tracked: tracked.job.id),
    JobColumn("files", "File", _files, _files),
    _time("requested_at", "Requested", lambda tracked: tracked.job.requested_at or tracked.job.inserted_at),
    _counter("total", "Total", lambda tracked: tracked.job.summary.total),
    _counter("processed", "Processed", lambda tracked: tracked.job.summary.processed),
    _counter("invalid", "Invalid", lambda tracked: tracked.job.summary.invalid),
    _time("started_at", "Started", lambda tracked: tracked.job.started_at),
    _time("completed_at", "Completed", lambda tracked: tracked.job.completed_at),
    JobColumn("took", "Took", _seconds, lambda tracked: job_words.took(tracked.job), numeric=True),
)
"""The columns of the table, the most telling first: a narrow terminal shows the left ones, up to what it is sorted by
at first."""

_TARGET: Final = JobColumn("target", "Target", lambda tracked: tracked.job.target, lambda tracked: tracked.job.target)
COLUMNS_OF_ALL: Final = (COLUMNS[0], _TARGET, *COLUMNS[1:])
"""Those of a list of several targets' jobs."""

NEWEST_FIRST: Final = JobOrder("requested_at", descending=True)
Marks = Set[tuple[str, str]]
"""The jobs that are watched, by target and identifier."""


def column(key: str) -> JobColumn:
    """The column of that key."""
    return next(one for one in COLUMNS_OF_ALL if one.key == key)


def label_of(one: JobColumn, order: JobOrder) -> str:
    """A column's name, with the arrow of the order or room for it."""
    arrow = order.arrow if one.key == order.column else " "
    return f"{one.label} {arrow}"


def ordered(jobs: Sequence[TrackedJob], order: JobOrder) -> list[TrackedJob]:
    """The jobs in the order that is asked for: as the target sorted them, or sorted here, within the page."""
    by = column(order.column)
    if by.field is not None:
        return list(jobs)
    known = [job for job in jobs if by.sort_key(job) is not None]
    # Each column has keys of one type only, which the type of the keys can't say.
    known.sort(key=by.sort_key, reverse=order.descending)  # type: ignore[arg-type]
    return known + [job for job in jobs if by.sort_key(job) is None]


def cell_of(one: JobColumn, tracked: TrackedJob, short: str, width: int, *, watched: bool) -> Cell:
    """One cell of one job; *short* is its identifier, *width* that of the names of files."""
    match one.key:
        case "id":
            return _cell(short, most=36)
        case "files":
            return _cell_of_files(tuple(tracked.files), width, inferred=tracked.inferred)
        case "status":
            cell = _cell(one.words(tracked), job_words.tone(tracked.job), most=24)
            return _marked(cell, job_words.outcome(tracked.job), odd=bool(tracked.remarks), watched=watched)
        case "processed":
            return _cell(job_words.bar(tracked.job) + one.words(tracked), "working")
        case "invalid" if tracked.job.summary.invalid:
            return _cell(one.words(tracked), "bad")
        case _:
            return _cell(one.words(tracked))


def _cell(words: str, part: str = "plain", *, most: int = 32) -> Cell:
    """Foreign words of which so many characters are shown at most."""
    # What is kept is short, whoever wrote it: one character more than is shown says that there is more.
    return _short_cell(words[: most + 1], part, most)


@lru_cache(_KEPT)
def _short_cell(words: str, part: str, most: int) -> Cell:
    shown = safe_text(words, width=most)
    return Cell(((shown, part),), cell_len(shown))


@lru_cache(_KEPT)
def _cell_of_files(files: tuple[str, ...], width: int, *, inferred: bool) -> Cell:
    return Cell(((fit(job_words.elided(job_words.names(files, inferred=inferred), width), width), "plain"),), width)


def _marked(cell: Cell, outcome: tuple[str, str] | None, *, odd: bool, watched: bool) -> Cell:
    """A status with how far the job is or what it rejected, and marks: it is odd, and its end will be told."""
    signs = [outcome, (ODD, "odd") if odd else None, (WATCHED, "watched") if watched else None]
    marks = [(f" {sign[0]}", sign[1]) for sign in signs if sign]
    return Cell((*cell.words, *marks), cell.width + sum(len(mark) for mark, _ in marks)) if marks else cell
