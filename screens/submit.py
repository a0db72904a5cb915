"""The Submit screen: what would be sent of a finding file, the decision to send it, and what became of it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from functools import partial
from pathlib import Path
from typing import ClassVar

from textual import getters, on, work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.message import Message
from textual.message_pump import MessagePump
from textual.widgets import Button
from textual.worker import Worker, WorkerState

from console.errors import BadInput, ConsoleError, OutcomeUnknown
from console.progress import Progress
from console.submissions.model import Plan
from screens.base import ConsoleScreen
from screens.navigation import OpenJob
from screens.widgets import outcome_words
from screens.widgets.choices import Choice, Choices
from screens.widgets.dialogs import ConfirmDialog
from screens.widgets.numbers import counted, size
from screens.widgets.outcome_words import Certainty, Verdict
from screens.widgets.plan_view import PlanView
from screens.widgets.send_panel import SendPanel
from screens.widgets.text import plain, styled


class Stage(StrEnum):
    """Where the operator is on the way from a file to a job."""

    PLANNING = "planning"
    PLANNED = "planned"
    UNPLANNABLE = "unplannable"
    SENDING = "sending"
    ENDED = "ended"


@dataclass
class PlanMade(Message):
    """A plan is frozen."""

    planning: int
    """Which planning it is from."""
    plan: Plan


@dataclass
class PlanFailed(Message):
    """The file can't be planned."""

    planning: int
    """Which planning it was."""
    error: ConsoleError


@dataclass
class Advanced(Message):
    """Planning or sending went on."""

    progress: Progress

    def can_replace(self, message: MessagePump | Message) -> bool:
        """Only the newest counts."""
        return isinstance(message, Advanced)


@dataclass
class Ended(Message):
    """The sending is over, one way or the other."""

    verdict: Verdict


class SubmitScreen(ConsoleScreen):
    """Plan the submission of a finding file, look at the plan, and send it.

    The plan is frozen: what is shown is what would be sent. Nothing is sent before you say so; leaving discards it.
    """

    TITLE = "Submit"
    CSS_PATH = "submit.tcss"

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("s", "send", "Send", id="submit.send", tooltip="Send what the plan says; asks first"),
        Binding("t", "choose_target", "Target", id="submit.target", tooltip="Choose where to send it"),
        Binding("v", "choose_selection", "Which", id="submit.which", tooltip="All records, or the valid ones only"),
        Binding("r", "plan_again", "Plan again", id="submit.again", tooltip="Read the file again and plan anew"),
    ]

    choices = getters.query_one(Choices)
    plan_view = getters.query_one(PlanView)
    panel = getters.query_one(SendPanel)

    def __init__(self, path: Path) -> None:
        super().__init__()
        self._path = path
        self._stage = Stage.PLANNING
        self._planning = 0
        """Counts the plannings: only the newest is heard."""
        self._planned: Choice | None = None
        """What the newest plan is of, made or in the making."""
        self._plan: Plan | None = None
        """Frozen and not sent: ours to discard."""
        self._sent: Plan | None = None
        """The last that was sent, or begun to be: the ledger's to keep."""
        self._verdict: Verdict | None = None
        self._sending: Worker[None] | None = None

    def compose_body(self) -> ComposeResult:
        """The choices, the plan, and what is going on."""
        yield Choices(self.app.desk.config)
        yield PlanView()
        yield SendPanel()

    def on_mount(self) -> None:
        """Plan what is most likely wanted: the whole file."""
        self.show_context(plain(self._path.name))
        self.action_plan_again()

    async def on_unmount(self) -> None:
        """Leave nothing behind of what was frozen and not sent."""
        if self._plan is not None:
            await self.app.desk.discard(self._plan)

    @on(Choices.Changed)
    def _choose(self) -> None:
        if self.choices.choice != self._planned:
            self.action_plan_again()

    def action_plan_again(self) -> None:
        """Read the file and plan what is chosen, in place of what was planned."""
        if not self._may_plan:
            return
        if self._plan is not None:
            self.discard(self._plan)
        self._plan = self._verdict = None
        self.plan_view.clear()
        self._planning += 1
        self._planned = choice = self.choices.choice
        if choice is None:
            self._enter(Stage.UNPLANNABLE, Content("No target can be reached with this configuration."))
        else:
            self._enter(Stage.PLANNING, Content("Reading the file …"))
            self.make_plan(self._planning, choice)

    @work(exclusive=True, group="plan")
    async def make_plan(self, planning: int, choice: Choice) -> None:
        """Freeze what is chosen."""
        try:
            plan = await self.app.desk.prepare([self._path], choice.target, choice.selection, self._report)
        except ConsoleError as error:
            self.post_message(PlanFailed(planning, error))
        else:
            if not self.post_message(PlanMade(planning, plan)):
                # The screen is closing and will not hear of it.
                await self.app.desk.discard(plan)

    @work(group="discard")
    async def discard(self, plan: Plan) -> None:
        """Remove what a plan froze."""
        await self.app.desk.discard(plan)

    def _report(self, progress: Progress) -> None:
        self.post_message(Advanced(progress))

    @on(Advanced)
    def _show_progress(self, message: Advanced) -> None:
        if self._stage in (Stage.PLANNING, Stage.SENDING):
            self.panel.advance(message.progress)

    @on(PlanMade)
    def _show_plan(self, message: PlanMade) -> None:
        if message.planning != self._planning:
            self.discard(message.plan)
            return
        self._plan = message.plan
        self.plan_view.show(message.plan)
        if self._read_only:
            self._enter(Stage.PLANNED, Content("Read-only: nothing can be sent (ui.read_only in the configuration)."))
        else:
            self._enter(Stage.PLANNED, Content("Nothing has been sent yet."))

    @on(PlanFailed)
    def _show_plan_failed(self, message: PlanFailed) -> None:
        if message.planning == self._planning:
            self._verdict = outcome_words.of_failure(message.error)
            self._enter(Stage.UNPLANNABLE, self._verdict.words)

    @on(Button.Pressed, "#send")
    def action_send(self) -> None:
        """Ask whether to send, then send."""
        plan = self._plan
        if plan is None or not self._may_send:
            return
        question = styled(
            "Send [b]$records[/b] ($size) to [b]$target[/b] at $origin?$again",
            records=counted(plan.records, "record"),
            size=size(plan.bytes),
            target=plan.target,
            origin=plan.origin,
            again=" The same content was sent there before." if plan.sent_before else "",
        )
        dialog = ConfirmDialog(question, yes=Content("Send"), no=Content("Don't send"))
        self.app.push_screen(dialog, partial(self._answer_send, plan))

    def _answer_send(self, plan: Plan, yes: bool | None) -> None:
        """Send what was asked about, unless another plan has taken its place meanwhile."""
        if yes and plan is self._plan:
            self._plan, self._sent = None, plan
            self._enter(Stage.SENDING, Content("Sending …"))
            self._sending = self.send(plan)

    @work(exclusive=True, group="send")
    async def send(self, plan: Plan) -> None:
        """Send what the plan froze. When this is cancelled, the ledger knows what came of it."""
        begun = False

        def report(progress: Progress) -> None:
            nonlocal begun
            begun = begun or progress.done > 0
            self._report(progress)

        try:
            outcomes = [outcome async for _, outcome in self.app.desk.send(plan, report)]
        except ConsoleError as error:
            unsure = begun or isinstance(error, OutcomeUnknown)
            self.post_message(Ended(outcome_words.of_break(error) if unsure else outcome_words.of_failure(error)))
        else:
            self.post_message(Ended(outcome_words.of_outcomes(outcomes, plan.target)))

    @on(Ended)
    def _show_end(self, message: Ended) -> None:
        self._verdict = message.verdict
        self._enter(Stage.ENDED, message.verdict.words)
        if message.verdict.whole and self.is_current:
            self._open_job()

    @on(Button.Pressed, "#open-job")
    def _open_job(self) -> None:
        if self._verdict is not None and self._verdict.job_id is not None and self._sent is not None:
            self.app.post_message(OpenJob(self._sent.target, self._verdict.job_id))
            self.dismiss()

    def _enter(self, stage: Stage, words: Content) -> None:
        """Show where the operator is, and offer what can be done there."""
        self._stage = stage
        self.panel.say(words, self._verdict.certainty if self._verdict else None)
        self.panel.offer(send=self._may_send, job=self._verdict is not None and self._verdict.job_id is not None)
        self.choices.disabled = not self._may_plan
        self.refresh_bindings()

    @property
    def _read_only(self) -> bool:
        return self.app.desk.config.ui.read_only

    @property
    def _may_send(self) -> bool:
        return self._stage is Stage.PLANNED and not self._read_only

    @property
    def _may_plan(self) -> bool:
        """Not while sending, and never again for what was taken, or may have been."""
        nothing_taken = self._verdict is None or self._verdict.certainty is Certainty.NOTHING_TAKEN
        return self._stage is not Stage.SENDING and nothing_taken

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Offer only what can be done now."""
        match action:
            case "send":
                return self._may_send
            case "choose_target" | "choose_selection" | "plan_again":
                return self._may_plan
        return super().check_action(action, parameters)

    def action_choose_target(self) -> None:
        """Open the list of targets."""
        self.choices.open_target()

    def action_choose_selection(self) -> None:
        """Choose between all records and the valid ones."""
        self.choices.open_selection()

    @property
    def is_sending(self) -> bool:
        """Whether findings are on their way."""
        return self._stage is Stage.SENDING

    def action_back(self) -> None:
        """Leave; while it is being sent, ask whether to stop."""
        if self._stage is not Stage.SENDING:
            super().action_back()
            return
        question = Content("Stop sending? If all of it has been handed over by then, it may have been accepted.")
        stop = ConfirmDialog(question, yes=Content("Stop"), no=Content("Go on"), variant="warning")
        self.app.push_screen(stop, self._answer_stop)

    def _answer_stop(self, yes: bool | None) -> None:
        if yes and self._sending is not None:
            self._sending.cancel()

    @on(Worker.StateChanged)
    def _worker_changed(self, event: Worker.StateChanged) -> None:
        cut_short = event.state in (WorkerState.CANCELLED, WorkerState.ERROR)
        if event.worker is self._sending and cut_short and self._sent is not None:
            self.look_up(self._sent.submission)

    @work(exclusive=True, group="look-up")
    async def look_up(self, submission: str) -> None:
        """Ask the ledger what is known of a submission that was cut short."""
        try:
            verdict = outcome_words.of_stop(await self.app.desk.submission(submission))
        except BadInput as error:
            # It was stopped before its intent was written down, and nothing is sent before that.
            verdict = outcome_words.of_failure(error)
        except ConsoleError as error:
            verdict = outcome_words.of_break(error)
        self.post_message(Ended(verdict))
