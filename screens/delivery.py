"""One submission on its way, from the operator's yes to what became of it. Touches no widget."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable

from console.errors import BadInput, ConsoleError, OutcomeUnknown
from console.progress import Progress, Report
from console.submissions.desk import Desk
from console.submissions.model import FrozenBatch, Plan, Submission
from console.targets.base import Outcome
from screens.commands.everywhere import APP, Jobs
from screens.widgets import outcome_words
from screens.widgets.outcome_words import Verdict

Outcomes = AsyncIterator[tuple[FrozenBatch, Outcome]]


class Delivery:
    """Each step of a submission, and what it comes to in words. Raises nothing that an operator can meet."""

    def __init__(
        self, desk: Desk, submission: str, report: Report, came: Callable[[FrozenBatch, Outcome], None]
    ) -> None:
        """*report* is told how far it is, and *came* what each request came to."""
        self._desk = desk
        self._keymap = desk.config.keys
        self._report = report
        self._came = came
        self._halt = asyncio.Event()
        self.submission = submission
        """Its identifier."""

    def halt(self) -> None:
        """Begin no further request. What is on its way is waited for, and what is left is kept."""
        self._halt.set()

    async def send(self, plan: Plan) -> Verdict:
        """Send what a plan froze."""
        return await self._run(lambda report: self._desk.send(plan, report, halt=self._halt))

    async def go_on(self) -> Verdict:
        """Send what is certain not to have been accepted."""
        return await self._run(lambda report: self._desk.resume(self.submission, report, self._halt))

    async def send_again(self) -> Verdict:
        """By the operator's word: send once more what may have been accepted."""
        try:
            await self._desk.allow_resend(self.submission)
        except ConsoleError as error:
            return outcome_words.of_failure(error, self._keymap, await self.known())
        return await self.go_on()

    async def look(self) -> Verdict:
        """Ask the target what became of it, for as long as it may still tell."""
        try:
            return outcome_words.of_look(await self._desk.reconcile(self.submission), self._keymap)
        except ConsoleError as error:
            return self._break(error)

    async def after_stop(self) -> Verdict:
        """What is known after the sending was cut short."""
        try:
            return outcome_words.of_stop(await self._desk.submission(self.submission), self._keymap)
        except BadInput as error:
            # It was stopped before its intent was written down, and nothing is sent before that.
            return outcome_words.of_failure(error, self._keymap)
        except ConsoleError as error:
            return self._break(error)

    async def known(self) -> Submission | None:
        """What the ledger has of it. None where it has nothing, or can't be read."""
        try:
            return await self._desk.submission(self.submission)
        except ConsoleError:
            return None

    def _break(self, error: ConsoleError) -> Verdict:
        """Something failed after the sending had begun."""
        return outcome_words.of_break(error, APP.key_of(Jobs, self._keymap))

    async def _run(self, outcomes: Callable[[Report], Outcomes]) -> Verdict:
        begun = False
        self._halt.clear()

        def report(progress: Progress) -> None:
            nonlocal begun
            begun = begun or progress.done > 0
            self._report(progress)

        try:
            came = []
            async for frozen, outcome in outcomes(report):
                self._came(frozen, outcome)
                came.append(outcome)
            after = await self._desk.submission(self.submission)
            return outcome_words.of_outcomes(came, after, self._keymap, halted=self._halt.is_set())
        except ConsoleError as error:
            found = await self.known()
            # What the ledger never heard of was not begun: another submission is the one in doubt then.
            unsure = begun or (isinstance(error, OutcomeUnknown) and found is not None)
            return self._break(error) if unsure else outcome_words.of_failure(error, self._keymap, found)
