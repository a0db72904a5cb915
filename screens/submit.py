"""The Submit screen: what would be sent, the decision to send it, and what became of it."""

from __future__ import annotations

from functools import partial
from time import monotonic
from typing import ClassVar

from textual import getters, on, work
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.content import Content
from textual.widgets import Button

from console.submissions.model import Plan, Selection
from screens.commands.submit import SUBMIT, UNDER_WAY
from screens.earlier import open_earlier
from screens.navigation import OpenRecords, OpenSettle
from screens.planning import PlanningScreen, Stage
from screens.sending import Activity
from screens.widgets.choices import Choices
from screens.widgets.clipboard import copy
from screens.widgets.course import Course
from screens.widgets.dialogs import ConfirmDialog
from screens.widgets.expression_line import ExpressionLine
from screens.widgets.filter_line import FilterInput
from screens.widgets.outcome_words import Verdict
from screens.widgets.plan_tables import LeftOutTable
from screens.widgets.plan_view import PlanView
from screens.widgets.plan_words import as_text, question
from screens.widgets.saved_filters import open_saved
from screens.widgets.send_panel import Offer, SendPanel


class SubmitScreen(PlanningScreen):
    """Plan a submission, look at the plan, and send it.

    The plan is frozen: what is shown is what would be sent. Nothing is sent before you say so; leaving discards it.
    `enter` on a record that is left out shows it.
    """

    TITLE = "Submit"
    CSS_PATH: ClassVar = ["filter_line.tcss", "sending.tcss", "submit.tcss"]

    BINDINGS: ClassVar[list[BindingType]] = [*SUBMIT.bindings(), *UNDER_WAY.bindings()]

    line = getters.query_one(ExpressionLine)

    def compose_body(self) -> ComposeResult:
        """The choices, the plan, and what is going on."""
        yield Choices(self.config, self.source.wanted)
        yield ExpressionLine()
        yield PlanView(self.config.keys)
        yield SendPanel()

    def on_mount(self) -> None:
        """Plan what is most likely wanted: all of it, or what was marked or found before coming here."""
        self.show_context(self.source.context)
        self.choices.display = self.source.fixed is None
        self.watch(self.plan_view, "show_vertical_scrollbar", self.refresh_bindings)
        self.action_plan_again()

    # Choosing.

    @on(Choices.Asked)
    def action_match(self) -> None:
        """Ask for an expression."""
        if self._may_choose:
            self.line.ask()

    @on(ExpressionLine.Chosen)
    def _match(self, message: ExpressionLine.Chosen) -> None:
        self._stop_typing()
        self.choices.choose(message.filter.selection or Selection.ALL)

    @on(ExpressionLine.Emptied)
    def _match_all(self) -> None:
        self._stop_typing()
        self.choices.choose(Selection.ALL)

    @on(FilterInput.SaveWanted)
    def _save_expression(self, message: FilterInput.SaveWanted) -> None:
        open_saved(self.line, message.text, saves=True)

    def _stop_typing(self) -> None:
        self.choices.selection.focus()
        self.line.display = False

    def action_choose_target(self) -> None:
        """Open the list of targets."""
        self.choices.open_target()

    def action_choose_selection(self) -> None:
        """Choose which records are meant."""
        self.choices.open_selection()

    @on(Button.Pressed, "#convert")
    def action_convert(self) -> None:
        """Convert what does not fit, and plan what it becomes."""
        choice = self.choice
        if self._may_convert and choice is not None:
            self.converts_for = choice.target
            self.action_plan_again()

    # Reading the plan.

    def action_scroll_plan(self, pages: int) -> None:
        """Read on in the plan, or back."""
        self.plan_view.scroll_relative(y=pages * max(1, self.plan_view.size.height - 1), animate=False)

    def action_copy(self) -> None:
        """Copy the plan as text."""
        if self.plan is not None:
            text = as_text(self.plan, self.config.keys)
            copy(self.app, "the plan", text, "ocsf-console submit FILE --dry-run writes it.")

    @on(LeftOutTable.RowSelected)
    def _read_left_out(self, event: LeftOutTable.RowSelected) -> None:
        """Show a record that stays behind."""
        left = self.plan_view.left_out_at(event.cursor_row) if event.data_table is self.plan_view.left_out else None
        if left is not None and left.index is not None:
            self.post_message(OpenRecords(left.path, left.index))

    def action_sent_before(self) -> None:
        """See what became of the same content."""
        if self.plan is not None:
            self.find_earlier(self.plan)

    @work(exclusive=True, group="earlier")
    async def find_earlier(self, plan: Plan) -> None:
        """Ask the ledger for the earlier submissions, the latest first."""
        earlier = [await self.desk.submission(one) for one in reversed(plan.sent_before)]
        if self.is_current:
            open_earlier(self, earlier)

    # Sending.

    @on(Button.Pressed, "#send")
    def action_send(self) -> None:
        """Ask whether to send, then send."""
        if self.plan is not None and self._may_send:
            dialog = ConfirmDialog(question(self.plan), yes=Content("Send"), no=Content("Don't send"))
            self.app.push_screen(dialog, partial(self._answer_send, self.plan))

    def _answer_send(self, plan: Plan, yes: bool | None) -> None:
        """Send what was asked about, unless another plan has taken its place meanwhile."""
        if yes and plan is self.plan:
            self.plan = None
            delivery = self.deliver(plan.submission, plan.target)
            self.send_by(partial(delivery.send, plan), Course.of_frozen(plan.batches, monotonic()))

    def show_activity(self, words: Content) -> None:
        """Say that it is sent, or that its job is looked for: then it can be settled too."""
        self.enter(Stage.DECIDED, words)

    def show_end(self, verdict: Verdict) -> None:
        """Say what became of it. Where all is well, go to the job."""
        self.enter(Stage.DECIDED, verdict.words)
        if verdict.whole and self.is_current:
            self.open_job()

    @on(Button.Pressed, "#settle")
    def action_settle(self) -> None:
        """Go where the operator can say what became of it."""
        if self._may_settle and self._delivery is not None:
            self.app.post_message(OpenSettle(self._delivery.submission, instead=self))

    # What can be done.

    def enter(self, stage: Stage, words: Content) -> None:
        """Show where the operator is, and offer what can be done there."""
        self.stage = stage
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
        self.panel.name_conversion(self.form)
        self.panel.name_jobs(len(self.verdict.became) if self.verdict is not None else 0)
        self.panel.offer(*(offer for offer, may in offers.items() if may))
        self.choices.disabled = not self.may_plan
        self.refresh_bindings()

    @property
    def _may_send(self) -> bool:
        return self.stage is Stage.PLANNED and not self.config.ui.read_only

    @property
    def _may_choose(self) -> bool:
        return self.may_plan and self.source.fixed is None

    @property
    def _may_convert(self) -> bool:
        return bool(self.form) and self._may_choose

    @property
    def _may_settle(self) -> bool:
        """While it is looked for, too: the operator need not wait."""
        found_open = self.verdict is not None and self.verdict.may_settle
        return self.activity is Activity.LOOKING or (self.activity is Activity.NOTHING and found_open)

    @property
    def _may_scroll(self) -> bool:
        """Whether there is more of the plan than is seen. This is asked before there is anything to see, and after."""
        return any(view.show_vertical_scrollbar for view in self.query(PlanView))

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Offer only what can be done now."""
        may = {
            "send": self._may_send,
            "convert": self._may_convert,
            "settle": self._may_settle,
            "choose_target": self._may_choose,
            "choose_selection": self._may_choose,
            "match": self._may_choose,
            "plan_again": self.may_plan,
            "copy": self.plan is not None,
            "scroll_plan": self._may_scroll,
            "sent_before": self.plan is not None and bool(self.plan.sent_before),
        }.get(action)
        return super().check_action(action, parameters) if may is None else may

    def action_back(self) -> None:
        """From typing to what was chosen; else as from every screen that sends."""
        if self.line.is_typed:
            self._stop_typing()
        else:
            super().action_back()
