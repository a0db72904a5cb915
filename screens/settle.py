"""The Settle screen: a submission that is in doubt, or was not sent whole, and the operator's word on it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import ClassVar, Final

from textual import getters, on, work
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import VerticalScroll
from textual.content import Content
from textual.message import Message
from textual.widgets import Button, DataTable, Static

from console.errors import ConsoleError
from console.submissions.model import UNSENT, BatchState, Submission
from console.targets.base import Capabilities, Job
from screens.commands.settle import SETTLE, Look
from screens.commands.submit import UNDER_WAY
from screens.sending import Activity, SendingScreen
from screens.widgets import settle_words
from screens.widgets.candidates import Candidates
from screens.widgets.dialogs import ConfirmDialog
from screens.widgets.outcome_words import Certainty, Verdict
from screens.widgets.send_panel import Offer, SendPanel
from screens.widgets.settle_choices import SettleChoices, Word
from screens.widgets.text import styled

_NOTHING: Final = Content("")
_READ_ONLY: Final = Content("Read-only: nothing can be settled (--read-only, or ui.read_only).")


@dataclass
class Known(Message):
    """What the ledger has of the submission."""

    found: Submission


@dataclass
class LookedAt(Message):
    """The target was asked what became of it."""

    found: Submission
    candidates: Sequence[Job]


@dataclass
class SettleFailed(Message):
    """What was tried did not work."""

    error: ConsoleError


class SettleScreen(SendingScreen):
    """Says what is known of a submission that is in doubt or not sent whole, and takes your word on it.

    Where the target shows one job that can be it and nothing else, that job is adopted without a word.
    """

    TITLE = "Settle"
    CSS_PATH: ClassVar = ["sending.tcss", "settle.tcss"]

    BINDINGS: ClassVar[list[BindingType]] = [*SETTLE.bindings(), *UNDER_WAY.bindings()]

    facts = getters.query_one("#facts", Static)
    heading = getters.query_one("#heading", Static)
    seen = getters.query_one("#seen", Static)
    candidates = getters.query_one(Candidates)
    choices = getters.query_one(SettleChoices)

    def __init__(self, submission: str) -> None:
        super().__init__()
        self._submission = submission
        self._found: Submission | None = None
        self._candidates: Sequence[Job] | None = None
        """None until the target has answered."""
        self._asking = True
        """The target, what it has."""
        self._capabilities: Capabilities | None = None
        """What the target can do. None until that is known."""

    def compose_body(self) -> ComposeResult:
        """What is known, what can be it, and what can be said."""
        with VerticalScroll(can_focus=False, id="known"):
            yield Static(id="heading")
            yield Static(id="facts")
            yield Static(id="seen")
            yield Candidates()
        yield SettleChoices(self.config.keys)
        yield SendPanel()

    def on_mount(self) -> None:
        """Ask the ledger, then the target."""
        self.show_context(styled("$submission", submission=self._submission))
        self.seen.display = self.candidates.display = False
        self.look()

    @work(exclusive=True, group="settle")
    async def look(self) -> None:
        """Ask the ledger what is known, and the target what became of what is in doubt."""
        desk = self.desk
        try:
            found = await desk.submission(self._submission)
            self._capabilities = (await desk.target(found.target)).capabilities
            self.post_message(Known(found))
            if not found.in_state(BatchState.UNKNOWN):
                return
            findings = await desk.look(found.target)
            jobs = [job for one in findings if one.submission == found.id for job in one.candidates]
            self.post_message(LookedAt(await desk.submission(self._submission), jobs))
        except ConsoleError as error:
            self.post_message(SettleFailed(error))

    @work(exclusive=True, group="settle")
    async def take_word(self, word: Callable[[], Awaitable[Submission]]) -> None:
        """Do as the operator says."""
        try:
            self.post_message(Known(await word()))
        except ConsoleError as error:
            self.post_message(SettleFailed(error))

    @on(Known)
    def _know(self, message: Known) -> None:
        if self._found is None:
            self.deliver(message.found.id, message.found.target)
            self.panel.say(self._note)
        self._found = message.found
        self._show()
        if self._is_kept:
            self.choices.focus_on(Word.GO_ON)

    @on(LookedAt)
    def _see(self, message: LookedAt) -> None:
        self._found, self._candidates, self._asking = message.found, message.candidates, False
        self._show()
        if self._candidates and self._in_doubt:
            self.candidates.focus()

    @on(SettleFailed)
    def _tell_failure(self, message: SettleFailed) -> None:
        self._asking = False
        self.note_errors([message.error])
        self.panel.say(
            styled("[b]That did not work.[/b] $message $hint", message=message.error.message, hint=message.error.hint),
            Certainty.NOTHING_TAKEN,
        )
        self._show()

    def show_activity(self, words: Content) -> None:
        """Say that it is sent, or looked for."""
        self.panel.say(words)
        self._show()

    def show_end(self, verdict: Verdict) -> None:
        """Say what became of it. Where all is well, go to the job."""
        # That it is in doubt is what the rest of the screen is about.
        self.panel.say(*((_NOTHING,) if verdict.may_settle else (verdict.words, verdict.tone)))
        if verdict.whole and self.is_current:
            self.open_job()
        else:
            self.look()

    def _show(self) -> None:
        """Show what is known, and offer what can be said."""
        found = self._found
        if found is not None:
            self.heading.update(settle_words.heading(found))
            self.facts.update(settle_words.facts(found))
            self.seen.update(
                settle_words.about_candidates(found, self._candidates, SETTLE.key_of(Look, self.config.keys))
            )
        asked = self._asking or self._candidates is not None
        self.seen.display = self._in_doubt and self._shows_doubts and asked
        self.candidates.display = self._in_doubt and bool(self._candidates)
        self.candidates.show(self._candidates or ())
        self.choices.offer(self._words)
        offers = {Offer.JOB: self.job_id is not None, Offer.STOP: self.may_halt}
        self.panel.offer(*(offer for offer, may in offers.items() if may))
        self.refresh_bindings()

    @property
    def _note(self) -> Content:
        return _READ_ONLY if self.config.ui.read_only else _NOTHING

    @property
    def _in_doubt(self) -> bool:
        return self._found is not None and bool(self._found.in_state(BatchState.UNKNOWN))

    @property
    def _shows_doubts(self) -> bool:
        return self._capabilities is not None and self._capabilities.shows_doubts

    @property
    def _has_jobs(self) -> bool:
        return self._capabilities is not None and self._capabilities.remote_jobs

    @property
    def _does_no_harm(self) -> bool:
        return self._capabilities is not None and self._capabilities.idempotent

    @property
    def _is_kept(self) -> bool:
        return self._found is not None and not self._in_doubt and bool(self._found.in_state(*UNSENT))

    @property
    def job_id(self) -> str | None:
        """The job that it became, once nothing is open."""
        if self.verdict is not None and self.verdict.whole:
            return self.verdict.job_id
        if self._found is None or self._in_doubt or self._is_kept:
            return None
        return next((batch.job_id for batch in reversed(self._found.batches) if batch.job_id), None)

    @property
    def _words(self) -> set[Word]:
        """What can be said now."""
        if self.config.ui.read_only or self.activity is not Activity.NOTHING:
            return set()
        if self._in_doubt:
            return {Word.SEND_AGAIN, Word.LET_BE} | ({Word.ADOPT} if self._candidates and self._has_jobs else set())
        return {Word.GO_ON, Word.GIVE_UP} if self._is_kept else set()

    @property
    def may_go_on(self) -> bool:
        """Whether something is kept that can be sent now."""
        return Word.GO_ON in self._words

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Offer only what can be said now."""
        match action:
            case "adopt":
                return Word.ADOPT in self._words
            case "send_again":
                return Word.SEND_AGAIN in self._words
            case "let_be":
                return Word.LET_BE in self._words
            case "give_up":
                return Word.GIVE_UP in self._words
            case "look_again":
                return self._in_doubt and self._shows_doubts and self.activity is Activity.NOTHING
        return super().check_action(action, parameters)

    def action_look_again(self) -> None:
        """Ask the target once more."""
        self._candidates, self._asking = None, True
        self.panel.say(self._note)
        self._show()
        self.look()

    @on(Button.Pressed, "#adopt")
    @on(DataTable.RowSelected)
    def action_adopt(self) -> None:
        """Take the marked job for what became of it."""
        job = self.candidates.job
        if self._found is not None and job is not None and Word.ADOPT in self._words:
            self._ask(
                settle_words.ask_adopt(self._found, job),
                Content("Adopt"),
                lambda: self.take_word(partial(self.desk.adopt, self._submission, job.id)),
            )

    @on(Button.Pressed, "#send-again")
    def action_send_again(self) -> None:
        """Send it once more."""
        delivery = self._delivery
        if self._found is not None and delivery is not None and Word.SEND_AGAIN in self._words:
            question = settle_words.ask_send_again(self._found, self._candidates, harmless=self._does_no_harm)
            self._ask(question, Content("Send again"), lambda: self.send_by(delivery.send_again))

    @on(Button.Pressed, "#let-be")
    def action_let_be(self) -> None:
        """Never send again what may have been accepted."""
        if self._found is not None and Word.LET_BE in self._words:
            self._ask(settle_words.ask_let_be(self._found), Content("Let it be"), self._abandon)

    @on(Button.Pressed, "#give-up")
    def action_give_up(self) -> None:
        """Give up what was not accepted."""
        if self._found is not None and Word.GIVE_UP in self._words:
            self._ask(settle_words.ask_give_up(self._found), Content("Give up"), self._abandon)

    def _abandon(self) -> None:
        self.take_word(partial(self.desk.abandon, self._submission))

    def _ask(self, question: Content, yes: Content, then: Callable[[], object]) -> None:
        """Ask first: none of this can be taken back."""

        def answer(agreed: bool | None) -> None:
            if agreed and self.activity is Activity.NOTHING:
                self.panel.say(_NOTHING)
                then()

        self.app.push_screen(ConfirmDialog(question, yes=yes, variant="warning"), answer)
