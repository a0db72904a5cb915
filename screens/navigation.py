"""Where a screen asks to go. The app opens what is asked for, so that screens need not know one another."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from textual.message import Message

if TYPE_CHECKING:
    from console.submissions.model import Selection, TrackedJob
    from screens.base import ConsoleScreen
    from screens.widgets.filter_line import Filter


@dataclass
class OpenRecords(Message):
    """Show the records of a finding file."""

    path: Path
    record: int = 0
    """Index of the record to start at."""
    chosen: Filter | None = None
    """Which records alone are shown; None for all."""
    attribute: str = ""
    """Path of the attribute of that record to start at, as issues spell it; empty for the first."""


@dataclass
class OpenValidation(Message):
    """Show what validation finds in a finding file."""

    path: Path


@dataclass
class OpenSubmit(Message):
    """Plan the submission of a finding file."""

    path: Path
    wanted: Selection | None = None
    """What is chosen of it at first; None for all."""


@dataclass
class OpenCompare(Message):
    """Show what is new and what is gone between two scans."""

    old: Path
    new: Path


@dataclass
class OpenEditor(Message):
    """Hand a file, and the terminal, to the operator's editor."""

    path: Path


@dataclass
class OpenResend(Message):
    """Plan to send the records again that a job rejected."""

    target: str
    job_id: str


@dataclass
class OpenSettle(Message):
    """Show a submission that somebody has to see to."""

    submission: str
    instead: ConsoleScreen | None = None
    """The screen that gives way to it, unless that was left or covered meanwhile."""


@dataclass
class OpenJobs(Message):
    """Show the list of a target's jobs."""

    target: str


@dataclass
class OpenJob(Message):
    """Show one job, live."""

    target: str
    job_id: str
    known: TrackedJob | None = None
    """The job as it was seen last, to be shown until the target answers."""
    instead: ConsoleScreen | None = None
    """The screen that gives way to it, unless that was left or covered meanwhile."""
