"""The Job screen: one job, live, and what went wrong with its records."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from time import monotonic
from typing import ClassVar

from textual import getters, on, work
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.message import Message
from textual.worker import Worker

from console.errors import ConsoleError
from console.submissions.model import TrackedJob
from console.submissions.timeline import Event
from console.targets.base import FAILED
from screens.commands.job import JOB
from screens.job_errors import JobErrorsScreen
from screens.lookout import Key
from screens.navigation import OpenResend
from screens.widgets.error_table import ErrorTable
from screens.widgets.few_lines import FewLines
from screens.widgets.job_columns import WATCHED
from screens.widgets.job_details import JobDetails
from screens.widgets.job_words import trouble
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
    known: TrackedJob | None
    """The job as the ledger knows it."""


@dataclass
class TimelineRead(Message):
    """The ledger told what was done from here."""

    events: Sequence[Event]


class JobScreen(JobErrorsScreen):
    """How far one job is, live until it has ended, and the errors of its records.

    From an error, enter opens the record in the file that it came from, where the ledger knows it.
    """

    TITLE = "Job"
    CSS_PATH = "job.tcss"

    BINDINGS: ClassVar[list[BindingType]] = JOB.bindings()

    VERTICAL_BREAKPOINTS = [(0, "-short"), (30, "-tall")]
    """What is folded out leaves room for errors."""

    details = getters.query_one(JobDetails)
    status = getters.query_one("#status", FewLines)

    def __init__(self, target: str, job_id: str, known: TrackedJob | None = None) -> None:
        super().__init__(target, job_id)
        self._known = known
        """The job as it was before this screen was opened."""
        self._seen: TrackedJob | None = None
        self._lost: ConsoleError | None = None
        self._following: Worker[None] | None = None
        self._refreshing = Refreshing(interval=5)

    @property
    def shown_job(self) -> Key:
        """The job."""
        return self.key

    def compose_body(self) -> ComposeResult:
        """Details, errors, and how fresh they are."""
        yield JobDetails()
        yield ErrorTable(self.config.keys)
        yield FewLines(id="status")

    def on_mount(self) -> None:
        """Start to follow the job."""
        self._refreshing.interval = self.app.config.ui.refresh_seconds
        self.show_context(styled("$target [dim]›[/] $job", target=self.target, job=self.job_id))
        self.errors.focus()
        self.set_interval(1, self._tick)
        if self._known is not None:
            self.details.show(self._known)
        self.action_refresh_now()

    def on_screen_resume(self) -> None:
        """The operator is back: what was missing may be there now."""
        self._refreshing.forgive(self._lost)
        self._tick()

    def _tick(self) -> None:
        """Tell the age of what is shown, and try again when following broke off."""
        now = monotonic()
        if self._lost is not None and self.is_current and not self._is_following and self._refreshing.is_due(now):
            self._look(by_hand=False)
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
            self.post_message(JobSeen(await desk.job(self.target, self.job_id)))
            async for tracked in desk.watch(self.target, self.job_id):
                self.post_message(JobSeen(tracked))
        except ConsoleError as error:
            self.post_message(JobLost(error, await self._remembered()))

    async def _remembered(self) -> TrackedJob | None:
        try:
            return await self.desk.remembered_job(*self.key)
        except ConsoleError:
            return None  # What is wrong shows already.

    @on(JobSeen)
    def _show_job(self, message: JobSeen) -> None:
        before, self._seen, self._lost = self._seen, message.tracked, None
        self.note_errors(())
        self._refreshing.succeeded(monotonic())
        self.app.lookout.saw(message.tracked)
        self.details.show(message.tracked)
        self.set_class(_has_errors(message.tracked), "-errors")
        self.refresh_bindings()
        self._tell()
        if _has_errors(message.tracked) and (before is None or before.job != message.tracked.job):
            self.ask_errors()
        if self.details.timeline.display:
            self.load_timeline()

    @on(JobLost)
    def _show_loss(self, message: JobLost) -> None:
        self._lost = message.error
        self.note_errors([message.error])
        self._known = self._known or message.known
        if self._seen is None and self._known is not None:
            old = f"This is old: {self.target} has not answered since the job was opened."
            self.details.show(replace(self._known, remarks=[*self._known.remarks, old]))
        self._refreshing.failed(monotonic(), message.error)
        self._tell()

    @work(exclusive=True, group="timeline")
    async def load_timeline(self) -> None:
        """Ask the ledger what was done from here. What goes wrong is shown in a dialog."""
        self.post_message(TimelineRead(await self.desk.timeline(*self.key)))

    @on(TimelineRead)
    def _show_timeline(self, message: TimelineRead) -> None:
        if (known := self._seen or self._known) is not None:
            self.details.show_timeline(message.events, known.job)
            self.details.fold_timeline(out=True)

    def action_timeline(self) -> None:
        """Fold the timeline out or in."""
        if self.details.timeline.display:
            self.details.fold_timeline(out=False)
        else:
            self.load_timeline()

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
            error = trouble(self._lost, self.config.keys)
            self.status.tell(styled("✗ $when · $error", when=self._refreshing.says(now), error=error))
        elif age is None:
            self.status.tell(styled("Asking $target for the job …", target=self.target))
        elif self._has_ended:
            self.status.tell(styled("The target is done with this job."))
        elif silent:
            self.status.tell(styled("✗ $target has not answered since: seen $age", target=self.target, age=ago(age)))
        else:
            watched = f" · {WATCHED} its end will be told" if self.key in self.app.lookout.watched else ""
            self.status.tell(styled("following · seen $age$watched", age=ago(age), watched=watched))

    def action_refresh_now(self) -> None:
        """Ask again, now, and follow on."""
        self._look(by_hand=True)

    def _look(self, *, by_hand: bool) -> None:
        self._refreshing.asked(monotonic(), by_hand=by_hand)
        self._following = self.follow()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Offer to send again where something of what was sent from here was rejected for good, and so on."""
        match action:
            case "resend":
                return self._may_resend
            case "causes" | "export":
                return self._seen is not None and _has_errors(self._seen)
            case "watch":
                return self._seen is not None and not self._has_ended
        return super().check_action(action, parameters)

    @property
    def _may_resend(self) -> bool:
        seen = self._seen
        return seen is not None and seen.job.ended and seen.submission is not None and _has_errors(seen)

    def action_resend(self) -> None:
        """Plan to send the rejected records once more, from what was sent."""
        if self._may_resend:
            self.post_message(OpenResend(self.target, self.job_id))

    def action_watch(self) -> None:
        """Have the end of the job told, or no longer."""
        self.app.toggle_watch(self.key)
        self._tell()

    def action_raw(self) -> None:
        """Fold the target's own words out or in."""
        self.details.toggle_raw()


def _has_errors(tracked: TrackedJob) -> bool:
    """Whether there may be errors to ask for."""
    return bool(tracked.job.summary.invalid) or tracked.job.status == FAILED
