"""Where a plan comes from: a finding file, or the records that a job rejected. Touches no widget."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from textual.content import Content

from console.progress import Report
from console.submissions.desk import Desk
from console.submissions.model import Plan, Selection
from screens.widgets.choices import Choice
from screens.widgets.text import plain, styled


class PlanSource(Protocol):
    """What the Submit screen plans to send."""

    @property
    def context(self) -> Content:
        """What it is called."""
        ...

    @property
    def fixed(self) -> Choice | None:
        """The target and the selection, where there is no choice."""
        ...

    @property
    def wanted(self) -> Selection | None:
        """What is chosen at first, where that is not all."""
        ...

    async def make(self, desk: Desk, choice: Choice, report: Report) -> Plan:
        """Freeze what is chosen. Raises `ConsoleError`."""
        ...


@dataclass(frozen=True, slots=True)
class FileSource:
    """A finding file."""

    path: Path
    wanted: Selection | None = None
    """What is chosen of it at first."""
    is_stdin: bool = False
    """Whether it is but a copy of what came on stdin."""

    @property
    def context(self) -> Content:
        """The name of the file."""
        return plain(self.path.name)

    @property
    def fixed(self) -> Choice | None:
        """A file can go anywhere."""
        return None

    async def make(self, desk: Desk, choice: Choice, report: Report) -> Plan:
        """Freeze what is chosen of the file."""
        prepare = desk.prepare_converted if choice.converts else desk.prepare
        stdin = self.path if self.is_stdin else None
        return await prepare([self.path], choice.target, choice.selection, report, stdin)


@dataclass(frozen=True, slots=True)
class RejectedSource:
    """The records that a job rejected."""

    target: str
    job_id: str

    @property
    def context(self) -> Content:
        """Whose records these are."""
        return styled("what job $job rejected", job=self.job_id)

    @property
    def wanted(self) -> Selection | None:
        """There is no choice."""
        return None

    @property
    def fixed(self) -> Choice | None:
        """All of them go where they went before."""
        return Choice(self.target, Selection.ALL)

    async def make(self, desk: Desk, choice: Choice, report: Report) -> Plan:
        """Freeze them from what was sent."""
        return await desk.prepare_again(choice.target, self.job_id, report)
