"""What the screens have in common from which findings are sent: the way there, the way to stop it, and what follows."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from enum import Enum, auto
from time import monotonic
from typing import ClassVar, Final

from textual import getters, on, work
from textual.binding import BindingType
from textual.content import Content
from textual.message import Message
from textual.message_pump import MessagePump
from textual.timer import Timer
from textual.widgets import Button
from textual.worker import Worker, WorkerState

from console.progress import Progress
from console.submissions.model import UNSENT, BatchState, FrozenBatch
from console.targets.base import Outcome
from screens.base import ConsoleScreen
from screens.commands.everywhere import SCREEN, Back
from screens.commands.submit import SENDING
from screens.delivery import Delivery
from screens.navigation import OpenJob
from screens.widgets import outcome_words
from screens.widgets.course import Course
from screens.widgets.dialogs import ConfirmDialog
from screens.widgets.outcome_words import Verdict
from screens.widgets.pick_dialog import PickDialog
from screens.widgets.send_panel import SendPanel
from screens.widgets.text import styled

Step = Callable[[], Awaitable[Verdict]]

_TICK: Final = 0.5
"""Seconds between two looks at the clock, for what is told of the rate and of the time that is left."""


class Activity(Enum):
    """What goes on."""

    NOTHING = auto()
    SENDING = auto()
    LOOKING = auto()
    """For what became of something in doubt."""


@dataclass
class Advanced(Message):
    """Planning or sending went on."""

    progress: Progress

    def can_replace(self, message: MessagePump | Message) -> bool:
        """Only the newest counts."""
        return isinstance(message, Advanced)


@dataclass
class Came(Message):
    """A request of so many records came to something."""

    records: int
    outcome: Outcome


@dataclass
class Ended(Message):
    """A step is over, one way or the other."""

    verdict: Verdict


@dataclass
class Looking(Message):
    """The sending is over, its outcome is unknown, and the target is asked what became of it."""

    words: Content


class SendingScreen(ConsoleScreen):
    """Sends a submission. What is in doubt afterwards is looked for at once; leaving while it is sent asks first."""

    BINDINGS: ClassVar[list[BindingType]] = SENDING.bindings()

    panel = getters.query_one(SendPanel)

    def __init__(self) -> None:
        super().__init__()
        self.activity = Activity.NOTHING
        """What goes on just now."""
        self.verdict: Verdict | None = None
        """What the last step came to."""
        self._delivery: Delivery | None = None
        self._target = ""
        self._sending: Worker[None] | None = None
        self._course: Course | None = None
        self._ticking: Timer | None = None

    @property
    def is_sending(self) -> bool:
        """Whether findings are on their way."""
        return self.activity is Activity.SENDING

    def deliver(self, submission: str, target: str) -> Delivery:
        """From now on, the submission that is sent from here."""
        self._delivery, self._target = Delivery(self.desk, submission, self.report, self._came), target
        return self._delivery

    def _came(self, frozen: FrozenBatch, outcome: Outcome) -> None:
        self.post_message(Came(frozen.batch.records, outcome))

    def report(self, progress: Progress) -> None:
        """Take each progress of planning or sending."""
        self.post_message(Advanced(progress))

    def send_by(self, step: Step, course: Course | None = None) -> None:
        """Send by a step of the delivery. Without a *course*, that of what the ledger keeps of it."""
        self.activity, self._course = Activity.SENDING, course
        self.show_activity(Content("Sending …"))
        self._sending = self.take(step)
        if self._ticking is None:
            self._ticking = self.set_interval(_TICK, self._follow)

    @property
    def _stop_key(self) -> str:
        """The key to stop at once."""
        return SCREEN.key_of(Back, self.config.keys)

    def _follow(self) -> None:
        """Show how the sending goes, by now."""
        if self.is_sending and self._course is not None:
            self.panel.follow(self._course, monotonic(), self._stop_key)

    @on(Advanced)
    def _go_on(self, message: Advanced) -> None:
        if self.is_sending and self._course is not None:
            self._course.advance(message.progress, monotonic())
            self._follow()

    @on(Came)
    def _take_answer(self, message: Came) -> None:
        if self._course is not None:
            self._course.answer(message.records, message.outcome, monotonic())
            self._follow()

    @work(exclusive=True, group="delivery")
    async def take(self, step: Step) -> None:
        """Take a step. When this is cancelled, the ledger knows what came of it."""
        if self._course is None and self._delivery is not None:
            kept = await self._delivery.known()
            unsent = kept.in_state(*UNSENT, BatchState.UNKNOWN) if kept is not None else ()
            self._course = Course.of(unsent, monotonic())
        verdict = await step()
        if verdict.may_settle and self._delivery is not None:
            found = await self._delivery.known()
            if found is not None:
                self.post_message(Looking(outcome_words.looking(found)))
                looked = await self._delivery.look()
                verdict = replace(looked, errors=[*verdict.errors, *looked.errors])
        await self._watch_jobs()
        self.post_message(Ended(verdict))

    async def _watch_jobs(self) -> None:
        """Have the end of what was accepted told, wherever the operator is by then."""
        found = await self._delivery.known() if self._delivery is not None else None
        for batch in found.batches if found is not None else ():
            # What only the ledger keeps has ended already.
            if batch.job_id is not None and batch.kept_job is None and batch.ended_as is None:
                self.app.await_end((self._target, batch.job_id))

    @on(Looking)
    def _show_looking(self, message: Looking) -> None:
        self.activity = Activity.LOOKING
        self.show_activity(message.words)

    @on(Ended)
    def _show_end(self, message: Ended) -> None:
        self.activity, self.verdict = Activity.NOTHING, message.verdict
        self.note_errors(message.verdict.errors)
        if self._ticking is not None:
            self._ticking.stop()
            self._ticking = None
        self.show_end(message.verdict)

    @abstractmethod
    def show_activity(self, words: Content) -> None:
        """Say what goes on, and offer what can be done meanwhile."""

    @abstractmethod
    def show_end(self, verdict: Verdict) -> None:
        """Say what a step came to, and offer what can be done now."""

    @property
    def may_go_on(self) -> bool:
        """Whether something is kept that can be sent now."""
        idle = self.activity is Activity.NOTHING
        return idle and self.verdict is not None and self.verdict.may_go_on and not self.config.ui.read_only

    @on(Button.Pressed, "#go-on")
    def action_go_on(self) -> None:
        """Send what is certain not to have been accepted."""
        if self.may_go_on and self._delivery is not None:
            self.send_by(self._delivery.go_on)

    @property
    def job_id(self) -> str | None:
        """The job that it became."""
        return self.verdict.job_id if self.verdict is not None and self.activity is Activity.NOTHING else None

    @on(Button.Pressed, "#open-job")
    def open_job(self) -> None:
        """Go to the job that it became, for good; where there are several, ask to which, and stay behind it."""
        several = self.verdict.became if self.verdict is not None else ()
        if self.job_id is None:
            return
        if len(several) < 2:
            self.app.post_message(OpenJob(self._target, self.job_id, instead=self))
            return

        def chosen(index: int | None) -> None:
            if index is not None:
                self.app.post_message(OpenJob(self._target, several[index].job_id or ""))

        lines = [outcome_words.line_of_job(batch) for batch in several]
        title = styled("The jobs that it became at $target", target=self._target)
        self.app.push_screen(PickDialog(title, lines, Content("")), chosen)

    @property
    def may_halt(self) -> bool:
        """Whether requests may be left to begin."""
        return self.is_sending and self._course is not None and not self._course.halting

    @on(Button.Pressed, "#halt")
    def action_halt(self) -> None:
        """Begin no further request."""
        if self.may_halt and self._course is not None and self._delivery is not None:
            self._course.halting = True
            self._delivery.halt()
            self.show_activity(self._course.words(monotonic(), self._stop_key))
            self._follow()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Offer only what can be done now."""
        match action:
            case "go_on":
                return self.may_go_on
            case "halt":
                return self.may_halt
        return super().check_action(action, parameters)

    def action_back(self) -> None:
        """Leave; while it is being sent, ask whether to stop."""
        if not self.is_sending:
            super().action_back()
            return
        question = Content("Stop sending? If all of it has been handed over by then, it may have been accepted.")
        stop = ConfirmDialog(question, yes=Content("Stop"), no=Content("Go on"), variant="warning")
        self.app.push_screen(stop, self._answer_stop)

    def _answer_stop(self, yes: bool | None) -> None:
        if yes and self.is_sending and self._sending is not None:
            self._sending.cancel()

    @on(Worker.StateChanged)
    def _worker_changed(self, event: Worker.StateChanged) -> None:
        cut_short = event.state in (WorkerState.CANCELLED, WorkerState.ERROR)
        if event.worker is self._sending and cut_short and self.is_sending and self._delivery is not None:
            self.take(self._delivery.after_stop)
