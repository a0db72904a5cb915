"""The Job screen: one job, live, and what went wrong with its records."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from time import monotonic
from typing import ClassVar

from textual import getters, on, work
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.message import Message
from textual.widgets import DataTable, Static
from textual.worker import Worker

from console.errors import ConsoleError
from console.submissions.model import LocatedError, TrackedJob
from console.targets.base import FAILED, Page
from screens.base import ConsoleScreen
from screens.commands.job import JOB
from screens.navigation import OpenRecords, OpenResend
from screens.widgets.error_table import ErrorTable
from screens.widgets.job_details import JobDetails
from screens.widgets.refreshing import Refreshing, ago
from screens.widgets.text import styled

_SILENCES = 3
"""Refresh intervals without an answer after which the operator is told."""


@dataclass
class JobSeen(Message):
    """The target told how the job is."""

    tracked: TrackedJob


@dataclass
class JobLost(Message):
    """The job could not be followed any more."""

    error: ConsoleError


@dataclass
class ErrorsLoaded(Message):
    """A page of the job's errors came."""

    page: Page[LocatedError]


@dataclass
class ErrorsFailed(Message):
    """A page of the job's errors did not come."""

    error: ConsoleError


class JobScreen(ConsoleScreen):
    """How far one job is, live until it has ended, and the errors of its records.

    From an error, enter opens the record in the file that it came from, where the ledger knows it.
    """

    TITLE = "Job"
    CSS_PATH = "job.tcss"

    BINDINGS: ClassVar[list[BindingType]] = JOB.bindings()

    details = getters.query_one(JobDetails)
    errors = getters.query_one(ErrorTable)
    status = getters.query_one("#status", Static)

    def __init__(self, target: str, job_id: str) -> None:
        super().__init__()
        self._target = target
        self._job_id = job_id
        self._seen: TrackedJob | None = None
        self._lost: ConsoleError | None = None
        self._page: Page[LocatedError] | None = None
        self._following: Worker[None] | None = None
        self._refreshing = Refreshing(interval=5)

    def compose_body(self) -> ComposeResult:
        """Details, errors, and how fresh they are."""
        yield JobDetails()
        yield ErrorTable()
        yield Static(id="status")

    def on_mount(self) -> None:
        """Start to follow the job."""
        self._refreshing.interval = self.app.desk.config.ui.refresh_seconds
        self.show_context(styled("$target [dim]›[/] $job", target=self._target, job=self._job_id))
        self.errors.focus()
        self.set_interval(1, self._tick)
        self.action_refresh_now()

    def on_screen_resume(self) -> None:
        """The operator is back: what was missing may be there now."""
        self._refreshing.forgive(self._lost)
        self._tick()

    def _tick(self) -> None:
        """Tell the age of what is shown, and try again when following broke off."""
        now = monotonic()
        if self._lost is not None and self.is_current and not self._is_following and self._refreshing.is_due(now):
            self.action_refresh_now()
        self._tell()

    @property
    def _is_following(self) -> bool:
        return self._following is not None and not self._following.is_finished

    @property
    def _has_ended(self) -> bool:
        return self._seen is not None and self._seen.job.ended

    @work(exclusive=True, group="job")
    async def follow(self) -> None:
        """Look once, so that a target that can't be reached shows at once, then watch the job to its end."""
        desk = self.app.desk
        try:
            self.post_message(JobSeen(await desk.job(self._target, self._job_id)))
            async for tracked in desk.watch(self._target, self._job_id):
                self.post_message(JobSeen(tracked))
        except ConsoleError as error:
            self.post_message(JobLost(error))

    @on(JobSeen)
    def _show_job(self, message: JobSeen) -> None:
        before, self._seen, self._lost = self._seen, message.tracked, None
        self._refreshing.succeeded(monotonic())
        self.details.show(message.tracked)
        self.refresh_bindings()
        self._tell()
        if _has_errors(message.tracked) and (before is None or before.job != message.tracked.job):
            self.load_errors(self._page.number if self._page else 1)

    @on(JobLost)
    def _show_loss(self, message: JobLost) -> None:
        self._lost = message.error
        self._refreshing.failed(monotonic(), message.error)
        self._tell()

    @work(exclusive=True, group="errors")
    async def load_errors(self, page: int) -> None:
        """Ask for a page of the job's errors."""
        try:
            self.post_message(ErrorsLoaded(await self.app.desk.job_errors(self._target, self._job_id, page)))
        except ConsoleError as error:
            self.post_message(ErrorsFailed(error))

    @on(ErrorsLoaded)
    def _show_errors(self, message: ErrorsLoaded) -> None:
        self._page = message.page
        self.errors.show(message.page)

    @on(ErrorsFailed)
    def _show_errors_failed(self, message: ErrorsFailed) -> None:
        self.errors.tell_failure(message.error)

    def _tell(self) -> None:
        """Say how fresh the job is, or why it is not."""
        now = monotonic()
        age = self._refreshing.age(now)
        # One that has been open for more than a day is looked at less often: that is our silence, not the target's.
        stalled = self._seen is not None and self._seen.stalled
        late = age is not None and age > _SILENCES * self._refreshing.interval
        silent = late and not self._has_ended and not stalled
        self.status.set_class(silent or self._lost is not None, "-error")
        if self._lost is not None:
            self.status.update(styled("✗ $when · $error", when=self._refreshing.says(now), error=self._lost))
        elif age is None:
            self.status.update(styled("Asking $target for the job …", target=self._target))
        elif self._has_ended:
            self.status.update(styled("The target is done with this job."))
        elif silent:
            self.status.update(styled("✗ $target has not answered since: seen $age", target=self._target, age=ago(age)))
        else:
            self.status.update(styled("following · seen $age", age=ago(age)))

    def action_refresh_now(self) -> None:
        """Ask again, now, and follow on."""
        self._following = self.follow()

    def action_page(self, step: int) -> None:
        """Turn the page of the errors."""
        if self._page is not None and 1 <= self._page.number + step <= self._page.pages:
            self.load_errors(self._page.number + step)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Offer to send again where something of what was sent from here was rejected for good."""
        return self._may_resend if action == "resend" else super().check_action(action, parameters)

    @property
    def _may_resend(self) -> bool:
        seen = self._seen
        return seen is not None and seen.job.ended and seen.submission is not None and _has_errors(seen)

    def action_resend(self) -> None:
        """Plan to send the rejected records once more, from what was sent."""
        if self._may_resend:
            self.post_message(OpenResend(self._target, self._job_id))

    def action_raw(self) -> None:
        """Fold the target's own words out or in."""
        self.details.toggle_raw()

    @on(DataTable.RowSelected)
    def _open_record(self) -> None:
        located = self.errors.error
        if located is None:
            return
        if located.file is not None and located.span is not None:
            self.post_message(OpenRecords(Path(located.file), located.span.index))
        else:
            self.errors.tell_why_no_record(located)


def _has_errors(tracked: TrackedJob) -> bool:
    """Whether there may be errors to ask for."""
    return bool(tracked.job.summary.invalid) or tracked.job.status == FAILED
