"""Planning a submission: freezing what is chosen, telling how far that is, and leaving nothing behind of it."""

from __future__ import annotations

from abc import abstractmethod
from dataclasses import dataclass, replace
from enum import StrEnum

from textual import getters, on, work
from textual.content import Content
from textual.message import Message

from console.errors import ConsoleError, DoesNotFit
from console.submissions.model import Plan
from screens.commands.submit import SUBMIT, Copy
from screens.plan_sources import PlanSource
from screens.sending import Activity, Advanced, SendingScreen
from screens.widgets import outcome_words
from screens.widgets.choices import Choice, Choices
from screens.widgets.outcome_words import Certainty
from screens.widgets.plan_view import PlanView
from screens.widgets.text import styled


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


class PlanningScreen(SendingScreen):
    """Makes a plan of what is chosen, and another one when something else is."""

    choices = getters.query_one(Choices)
    plan_view = getters.query_one(PlanView)

    def __init__(self, source: PlanSource) -> None:
        super().__init__()
        self.source = source
        """Where the plan comes from."""
        self.stage = Stage.PLANNING
        """Where the operator is."""
        self.plan: Plan | None = None
        """Frozen and not sent: ours to discard. What is sent is the ledger's to keep."""
        self.form = ""
        """What records can be converted to that do not fit as they are, in words; empty where there are none."""
        self.converts_for = ""
        """The target that the records are to be converted for."""
        self._planning = 0
        """Counts the plannings: only the newest is heard."""
        self._planned: Choice | None = None
        """What the newest plan is of, made or in the making."""

    async def on_unmount(self) -> None:
        """Leave nothing behind of what was frozen and not sent."""
        if self.plan is not None:
            await self.desk.discard(self.plan)

    @abstractmethod
    def enter(self, stage: Stage, words: Content) -> None:
        """Show where the operator is, and offer what can be done there."""

    @property
    def choice(self) -> Choice | None:
        """What is chosen. None where no target can be reached."""
        choice = self.source.fixed or self.choices.choice
        if choice is not None and choice.target == self.converts_for:
            return replace(choice, converts=True)
        return choice

    @property
    def may_plan(self) -> bool:
        """Not while sending, and never again for what was taken, or may have been."""
        nothing_taken = self.verdict is None or self.verdict.certainty is Certainty.NOTHING_TAKEN
        return self.activity is Activity.NOTHING and nothing_taken

    @on(Choices.Changed)
    def _choose(self) -> None:
        if self.choice != self._planned:
            self.action_plan_again()

    def action_plan_again(self) -> None:
        """Read anew and plan what is chosen, in place of what was planned."""
        if not self.may_plan:
            return
        if self.plan is not None:
            self.discard(self.plan)
        self.plan = self.verdict = None
        self.form = ""
        self.plan_view.clear()
        self._planning += 1
        self._planned = choice = self.choice
        if choice is None:
            self.enter(Stage.UNPLANNABLE, Content("No target can be reached with this configuration."))
        else:
            self.enter(Stage.PLANNING, Content("Reading …"))
            self.make_plan(self._planning, choice)

    @work(exclusive=True, group="plan")
    async def make_plan(self, planning: int, choice: Choice) -> None:
        """Freeze what is chosen."""
        try:
            plan = await self.source.make(self.desk, choice, self.report)
        except ConsoleError as error:
            self.post_message(PlanFailed(planning, error))
        else:
            if not self.post_message(PlanMade(planning, plan)):
                # The screen is closing and will not hear of it.
                await self.desk.discard(plan)

    @work(group="discard")
    async def discard(self, plan: Plan) -> None:
        """Remove what a plan froze."""
        await self.desk.discard(plan)

    @on(Advanced)
    def _show_progress(self, message: Advanced) -> None:
        if self.stage is Stage.PLANNING:
            self.panel.advance(message.progress)

    @on(PlanMade)
    def _show_plan(self, message: PlanMade) -> None:
        if message.planning != self._planning:
            self.discard(message.plan)
            return
        self.note_errors(())
        self.plan = message.plan
        self.form = message.plan.converts_to if message.plan.convertible else ""
        self.plan_view.show(message.plan)
        if self.config.ui.read_only:
            self.enter(Stage.PLANNED, Content("Read-only: nothing can be sent (--read-only, or ui.read_only)."))
        else:
            self.enter(
                Stage.PLANNED,
                styled(
                    "Nothing has been sent yet. [dim]This is the dry run: [b]$copy[/b] copies it.[/dim]",
                    copy=SUBMIT.key_of(Copy, self.config.keys),
                ),
            )

    @on(PlanFailed)
    def _show_plan_failed(self, message: PlanFailed) -> None:
        if message.planning != self._planning:
            return
        if isinstance(message.error, DoesNotFit):
            self.form = message.error.form
            self.verdict = outcome_words.of_misfit(message.error)
        else:
            self.verdict = outcome_words.of_failure(message.error, self.config.keys)
        self.note_errors(self.verdict.errors)
        self.enter(Stage.UNPLANNABLE, self.verdict.words)
