"""The Submit screen: what would be sent, the decision to send it, and what became of it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum
from functools import partial
from time import monotonic
from typing import ClassVar

from textual import getters, on, work
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.content import Content
from textual.message import Message
from textual.widgets import Button

from console.errors import ConsoleError, DoesNotFit
from console.submissions.model import Plan
from screens.commands.submit import SUBMIT, UNDER_WAY
from screens.navigation import OpenSettle
from screens.plan_sources import PlanSource
from screens.sending import Activity, Advanced, SendingScreen
from screens.widgets import outcome_words
from screens.widgets.choices import Choice, Choices
from screens.widgets.course import Course
from screens.widgets.dialogs import ConfirmDialog
from screens.widgets.outcome_words import Certainty, Verdict
from screens.widgets.plan_view import PlanView
from screens.widgets.plan_words import question
from screens.widgets.send_panel import Offer, SendPanel


class Stage(StrEnum):
    """Where the operator is on the way from a file to a job."""

    PLANNING = "planning"
    PLANNED = "planned"
    UNPLANNABLE = "unplannable"
    DECIDED = "decided"
    """On its way, or over."""


@dataclass
class PlanMade(Message):
    """A plan is frozen."""

    planning: int
    """Which planning it is from."""
    plan: Plan


@dataclass
class PlanFailed(Message):
    """It can't be planned."""

    planning: int
    """Which planning it was."""
    error: ConsoleError


class SubmitScreen(SendingScreen):
    """Plan a submission, look at the plan, and send it.

    The plan is frozen: what is shown is what would be sent. Nothing is sent before you say so; leaving discards it.
    """

    TITLE = "Submit"
    CSS_PATH: ClassVar = ["sending.tcss", "submit.tcss"]

    BINDINGS: ClassVar[list[BindingType]] = [*SUBMIT.bindings(), *UNDER_WAY.bindings()]

    choices = getters.query_one(Choices)
    plan_view = getters.query_one(PlanView)

    def __init__(self, source: PlanSource) -> None:
        super().__init__()
        self._source = source
        self._stage = Stage.PLANNING
        self._planning = 0
        """Counts the plannings: only the newest is heard."""
        self._planned: Choice | None = None
        """What the newest plan is of, made or in the making."""
        self._converts_for = ""
        """The target that the records are to be converted for."""
        self._form = ""
        """What records can be converted to that do not fit as they are, in words; empty where there are none."""
        self._plan: Plan | None = None
        """Frozen and not sent: ours to discard. What is sent is the ledger's to keep."""

    def compose_body(self) -> ComposeResult:
        """The choices, the plan, and what is going on."""
        yield Choices(self.app.desk.config)
        yield PlanView()
        yield SendPanel()

    def on_mount(self) -> None:
        """Plan what is most likely wanted: all of it."""
        self.show_context(self._source.context)
        self.choices.display = self._source.fixed is None
        self.action_plan_again()

    async def on_unmount(self) -> None:
        """Leave nothing behind of what was frozen and not sent."""
        if self._plan is not None:
            await self.app.desk.discard(self._plan)

    @property
    def _choice(self) -> Choice | None:
        choice = self._source.fixed or self.choices.choice
        if choice is not None and choice.target == self._converts_for:
            return replace(choice, converts=True)
        return choice

    @on(Choices.Changed)
    def _choose(self) -> None:
        if self._choice != self._planned:
            self.action_plan_again()

    def action_plan_again(self) -> None:
        """Read anew and plan what is chosen, in place of what was planned."""
        if not self._may_plan:
            return
        if self._plan is not None:
            self.discard(self._plan)
        self._plan = self.verdict = None
        self._form = ""
        self.plan_view.clear()
        self._planning += 1
        self._planned = choice = self._choice
        if choice is None:
            self._enter(Stage.UNPLANNABLE, Content("No target can be reached with this configuration."))
        else:
            self._enter(Stage.PLANNING, Content("Reading …"))
            self.make_plan(self._planning, choice)

    @work(exclusive=True, group="plan")
    async def make_plan(self, planning: int, choice: Choice) -> None:
        """Freeze what is chosen."""
        try:
            plan = await self._source.make(self.app.desk, choice, self.report)
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

    @on(Advanced)
    def _show_progress(self, message: Advanced) -> None:
        if self._stage is Stage.PLANNING:
            self.panel.advance(message.progress)

    @on(PlanMade)
    def _show_plan(self, message: PlanMade) -> None:
        if message.planning != self._planning:
            self.discard(message.plan)
            return
        self._plan = message.plan
        self._form = message.plan.converts_to if message.plan.convertible else ""
        self.plan_view.show(message.plan)
        if self._read_only:
            self._enter(Stage.PLANNED, Content("Read-only: nothing can be sent (ui.read_only in the configuration)."))
        else:
            self._enter(Stage.PLANNED, Content("Nothing has been sent yet."))

    @on(PlanFailed)
    def _show_plan_failed(self, message: PlanFailed) -> None:
        if message.planning != self._planning:
            return
        if isinstance(message.error, DoesNotFit):
            self._form = message.error.form
            self.verdict = outcome_words.of_misfit(message.error)
        else:
            self.verdict = outcome_words.of_failure(message.error)
        self._enter(Stage.UNPLANNABLE, self.verdict.words)

    @on(Button.Pressed, "#convert")
    def action_convert(self) -> None:
        """Convert what does not fit, and plan what it becomes."""
        choice = self._choice
        if self._may_convert and choice is not None:
            self._converts_for = choice.target
            self.action_plan_again()

    @on(Button.Pressed, "#send")
    def action_send(self) -> None:
        """Ask whether to send, then send."""
        if self._plan is not None and self._may_send:
            dialog = ConfirmDialog(question(self._plan), yes=Content("Send"), no=Content("Don't send"))
            self.app.push_screen(dialog, partial(self._answer_send, self._plan))

    def _answer_send(self, plan: Plan, yes: bool | None) -> None:
        """Send what was asked about, unless another plan has taken its place meanwhile."""
        if yes and plan is self._plan:
            self._plan = None
            delivery = self.deliver(plan.submission, plan.target)
            self.send_by(partial(delivery.send, plan), Course.of_frozen(plan.batches, monotonic()))

    def show_activity(self, words: Content) -> None:
        """Say that it is sent, or that its job is looked for: then it can be settled too."""
        self._enter(Stage.DECIDED, words)

    def show_end(self, verdict: Verdict) -> None:
        """Say what became of it. Where all is well, go to the job."""
        self._enter(Stage.DECIDED, verdict.words)
        if verdict.whole and self.is_current:
            self.open_job()

    @on(Button.Pressed, "#settle")
    def action_settle(self) -> None:
        """Go where the operator can say what became of it."""
        if self._may_settle and self._delivery is not None:
            self.app.post_message(OpenSettle(self._delivery.submission))
            self.dismiss()

    def _enter(self, stage: Stage, words: Content) -> None:
        """Show where the operator is, and offer what can be done there."""
        self._stage = stage
        idle = self.activity is Activity.NOTHING
        self.panel.say(words, self.verdict.tone if self.verdict and idle else None)
        offers = {
            Offer.SEND: self._may_send,
            Offer.CONVERT: self._may_convert,
            Offer.SETTLE: self._may_settle,
            Offer.GO_ON: self.may_go_on,
            Offer.JOB: self.job_id is not None,
            Offer.STOP: self.may_halt,
        }
        self.panel.name_conversion(self._form)
        self.panel.offer(*(offer for offer, may in offers.items() if may))
        self.choices.disabled = not self._may_plan
        self.refresh_bindings()

    @property
    def _read_only(self) -> bool:
        return self.app.desk.config.ui.read_only

    @property
    def _may_send(self) -> bool:
        return self._stage is Stage.PLANNED and not self._read_only

    @property
    def _may_convert(self) -> bool:
        return bool(self._form) and self._may_plan and self._source.fixed is None

    @property
    def _may_settle(self) -> bool:
        """While it is looked for, too: the operator need not wait."""
        found_open = self.verdict is not None and self.verdict.may_settle
        return self.activity is Activity.LOOKING or (self.activity is Activity.NOTHING and found_open)

    @property
    def _may_plan(self) -> bool:
        """Not while sending, and never again for what was taken, or may have been."""
        nothing_taken = self.verdict is None or self.verdict.certainty is Certainty.NOTHING_TAKEN
        return self.activity is Activity.NOTHING and nothing_taken

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Offer only what can be done now."""
        match action:
            case "send":
                return self._may_send
            case "convert":
                return self._may_convert
            case "settle":
                return self._may_settle
            case "choose_target" | "choose_selection":
                return self._may_plan and self._source.fixed is None
            case "plan_again":
                return self._may_plan
        return super().check_action(action, parameters)

    def action_choose_target(self) -> None:
        """Open the list of targets."""
        self.choices.open_target()

    def action_choose_selection(self) -> None:
        """Choose between all records and the valid ones."""
        self.choices.open_selection()
