"""The operator's desk: configuration, credentials, targets and ledger behind one object.

Both front ends work through it and hold nothing of their own. Its methods are coroutines that never block the event
loop: the ledger has a thread of its own, and what reads files or asks the keyring runs in another.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterable, Mapping, Sequence
from contextlib import aclosing, suppress
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Final

from console.config import AnyTargetConfig, Config
from console.credentials import Credentials
from console.display import safe_text
from console.errors import (
    BadConfig,
    BadInput,
    ConsoleError,
    StateError,
    TargetError,
    TargetUnavailable,
)
from console.ocsf.validator import Validator
from console.progress import Report, silent, to_the_end
from console.submissions.delivery import Delivery
from console.submissions.drafting import Drafting
from console.submissions.job_board import JobBoard
from console.submissions.ledger import now
from console.submissions.ledger_thread import LedgerThread
from console.submissions.listing import AllJobs, Merge, in_order_of, newest_first, stitched
from console.submissions.model import (
    UNSENT,
    BatchState,
    FrozenBatch,
    LocatedError,
    Plan,
    Selection,
    SentBatch,
    Submission,
    TrackedJob,
    file_name,
)
from console.submissions.open_targets import OpenTargets
from console.submissions.patience import Patience
from console.submissions.resending import Frozen, rules_of
from console.submissions.retention import Retention
from console.submissions.settling import Finding, abandon, adopt, look, resend, to_go_on_with
from console.submissions.spool import Spool
from console.submissions.tally import Tally, tally_of
from console.submissions.timeline import Event
from console.submissions.tracking import as_job, batch_of
from console.submissions.watching import Watch
from console.targets.base import JobError, JobQuery, Outcome, Page, Target

LOOKS_FOR_THE_UNKNOWN: Final = (0.0, 5.0, 15.0, 60.0, 300.0)
"""Seconds before each look for what became of something in doubt: a target may list a job late."""


class Desk:
    """Everything that the operator can do with targets. Close it when done."""

    def __init__(
        self, config: Config, credentials: Credentials, state: Path, validator: Callable[[], Validator]
    ) -> None:
        self.config = config
        self.credentials = credentials
        self.validator = validator
        """Makes the validator when it is first needed; may read the schema cache."""
        self._spool = Spool(state)
        self._open = OpenTargets(credentials)
        limits = config.limits
        self._ledger = LedgerThread(state, Retention(limits.history_days, limits.history_bytes))
        self._board = JobBoard(self._ledger, self._spool, limits.for_files())
        self._drafting = Drafting(self._spool, self._ledger, self._board, limits, validator)
        patience = Patience(attempts=limits.send_attempts, total_seconds=limits.send_seconds)
        self._delivery = Delivery(self._ledger, self._spool, patience, limits.for_files())

    async def close(self) -> None:
        """Let go of connections and of the ledger."""
        try:
            await self._open.close()
        finally:
            await self._ledger.close()

    async def target(self, name: str) -> Target:
        """The target of that name, ready to use. Raises `BadConfig` when there is none."""
        return await self._open.get(name, self.config)

    async def forget_target(self, name: str) -> None:
        """Let the target be opened anew, with the secrets of now. What is being sent goes on with those of before."""
        await self._open.retire(name)

    async def use_targets(self, targets: Mapping[str, AnyTargetConfig]) -> None:
        """Know these targets from now on, and no others. What is being sent goes on with those of before."""
        before = self.config.targets
        self.config = self.config.model_copy(update={"targets": dict(targets)})
        await self._open.retire(*(name for name, config in before.items() if targets.get(name) != config))

    async def prepare(
        self,
        paths: Sequence[Path],
        target_name: str,
        selection: Selection,
        report: Report = silent,
        stdin: Path | None = None,
    ) -> Plan:
        """Freeze what would be sent, and say what that is. Nothing is sent.

        *stdin* is the one of the files that is but a copy of what came on stdin. Raises `UnreadableFile` and `BadInput`
        for files that can't be sent, among these `DoesNotFit` where they could be once they are converted; `BadConfig`
        where the target lacks something, `StateError` when our own disk refuses.
        """
        return await self._drafting.of_files(await self.target(target_name), paths, selection, report, None, stdin)

    async def prepare_converted(
        self,
        paths: Sequence[Path],
        target_name: str,
        selection: Selection,
        report: Report = silent,
        stdin: Path | None = None,
    ) -> Plan:
        """Convert records to what a target takes, freeze what they become, and say what that is. Nothing is sent.

        Whatever is told of a record is told with its place in the file that was named. Raises as `prepare` does, and
        `BadInput` where the target takes records as they are.
        """
        target = await self.target(target_name)
        if target.conversion is None:
            raise BadInput(f"The target '{target.name}' takes records as they are: there is nothing to convert.")
        return await self._drafting.of_files(target, paths, selection, report, target.conversion, stdin)

    async def prepare_again(self, target_name: str, job_id: str, report: Report = silent) -> Plan:
        """Freeze the records that a job rejected, from what was sent, to be sent once more. Nothing is sent.

        Raises `BadInput` when that is not known, or not kept any more.
        """
        return await self._drafting.of_rejected(await self.target(target_name), job_id, report)

    async def discard(self, plan: Plan) -> None:
        """Remove what a plan froze: it will not be sent."""
        await asyncio.to_thread(self._spool.discard, plan.submission)

    async def send(
        self,
        plan: Plan,
        report: Report = silent,
        unseen_since: datetime | None = None,
        halt: asyncio.Event | None = None,
    ) -> AsyncIterator[tuple[FrozenBatch, Outcome]]:
        """Send what a plan froze, batch by batch, and yield what each came to. The ledger has all of it first.

        Once *halt* is set, no further request is begun: what is left is kept, and can be gone on with.
        *unseen_since* is for when nobody looked at the plan: the same content sent by another process since then is a
        reason not to. Raises as `Ledger.record` and `Sender.send` do; what was never begun is discarded.
        """
        try:
            self._must_not_be_read_only()
            target = await self.target(plan.target)
            _must_not_have_moved(target, plan.submission, plan.origin)
        except ConsoleError:
            await self.discard(plan)
            raise
        with self._spool.lock(plan.submission):
            try:
                await to_the_end(self._ledger.record(plan, unseen_since))
            except ConsoleError:
                await self._discard_unrecorded(plan)
                raise
            sent = self._delivery.deliver(target, plan.submission, plan.batches, report, halt)
            async with aclosing(sent) as outcomes:
                async for frozen, outcome in outcomes:
                    yield frozen, outcome

    async def _discard_unrecorded(self, plan: Plan) -> None:
        """Remove what a plan froze, unless it became a submission: a commit may be told to have failed and be done."""
        with suppress(StateError):
            if await self._ledger.ask(lambda history: history.submission(plan.submission)) is None:
                await self.discard(plan)

    async def resume(
        self, submission: str, report: Report = silent, halt: asyncio.Event | None = None
    ) -> AsyncIterator[tuple[FrozenBatch, Outcome]]:
        """Go on with a submission that was not sent whole, with what is certain not to have been accepted.

        Where sending twice does no harm, with what is in doubt too. Raises `BadInput` when there is nothing to go on
        with, `TargetUnavailable` when it is too early; else as `send`.
        """
        self._must_not_be_read_only()
        with self._spool.lock(submission):
            found = await self.submission(submission)
            target = await self.target(found.target)
            _must_not_have_moved(target, submission, found.origin)
            unsent = to_go_on_with(found, target)
            must_not_be_early(unsent)
            batches = [self._spool.frozen(found, batch, target.filename(file_name(batch.source))) for batch in unsent]
            doubtful = frozenset(batch.number for batch in found.in_state(BatchState.UNKNOWN))
            sent = self._delivery.deliver(target, submission, batches, report, halt, doubtful)
            async with aclosing(sent) as outcomes:
                async for frozen, outcome in outcomes:
                    yield frozen, outcome

    def _must_not_be_read_only(self) -> None:
        if self.config.ui.read_only:
            raise BadConfig(
                "This console is read-only: nothing is sent.",
                hint="To send, leave --read-only away, and set ui.read_only to false where the configuration has it.",
            )

    async def reconcile(self, submission: str, pauses: Iterable[float] = LOOKS_FOR_THE_UNKNOWN) -> Submission:
        """Ask the target what became of a submission in doubt, after each of *pauses* seconds, until that is known.

        The submission as it is then: what is still in doubt is for the operator to settle. A target that does not
        answer is asked again after the next pause; one that has no way to tell is not asked.
        """
        found = await self.submission(submission)
        target = await self.target(found.target)
        for pause in pauses:
            if not (target.capabilities.shows_doubts and found.in_state(BatchState.UNKNOWN)):
                break
            await asyncio.sleep(pause)
            with suppress(TargetError):  # it stays unknown, which is what is told
                await look(self._ledger, target)
            found = await self.submission(submission)
        return found

    async def look(self, target_name: str) -> Sequence[Finding]:
        """Look once what became of all that is in doubt at a target. Raises `TargetError` when it does not answer."""
        return await look(self._ledger, await self.target(target_name))

    async def adopt(self, submission: str, job_id: str, batch: int | None = None) -> Submission:
        """By the operator's word: that job is what became of what is in doubt. Raises `BadInput`, `TargetError`.

        *batch* says of which batch, where several can be meant.
        """
        found = await self.submission(submission)
        await adopt(self._ledger, await self.target(found.target), found, job_id, batch)
        return await self.submission(submission)

    async def allow_resend(self, submission: str) -> Submission:
        """By the operator's word: what is in doubt may be sent once more. `resume` then sends it.

        Where sending twice does no harm it needs no word, and stays in doubt until it is sent.
        """
        self._must_not_be_read_only()
        with self._spool.lock(submission):
            found = await self.submission(submission)
            if not (await self.target(found.target)).capabilities.idempotent:
                await resend(self._ledger, found)
        return await self.submission(submission)

    async def abandon(self, submission: str) -> Submission:
        """By the operator's word: what is in doubt is let be, and what is unsent given up. Raises `BadInput`.

        Raises `StateError` while a process is sending it.
        """
        with self._spool.lock(submission):
            await abandon(self._ledger, await self.submission(submission))
        return await self.submission(submission)

    async def submission(self, submission: str) -> Submission:
        """One submission, as the ledger has it. Raises `BadInput` for one that it does not have."""
        return await self._ledger.submission(submission)

    async def submissions_of(self, sha256: str) -> Sequence[Submission]:
        """The latest submissions of a finding file with that content, whatever became of them. Newest first."""
        return await self._ledger.ask(lambda history: history.of_content(sha256))

    async def jobs(self, target_name: str, query: JobQuery) -> Page[TrackedJob]:
        """One page of a target's jobs. What this console alone knows of comes first: see `console.submissions.listing`.

        Where only that is asked for, by its statuses, the target is not asked at all.
        """
        target = await self.target(target_name)
        return await stitched(await self._board.mine(target, query), partial(self._board.theirs, target), query)

    async def jobs_of_all(self, query: JobQuery) -> AllJobs:
        """One page of the jobs of every target that anybody uses, merged by the time that is sorted by.

        Page p of size s reads at most p times s entries of each target. A target that does not answer is among the
        failures, and none is waited for longer than the board's `ANSWER_SECONDS`. One that asked to be left alone is
        among them too, and is not asked before its time. What this console knows by itself is there always, and comes
        first.
        """
        targets, failures = await self._used_targets()
        broken = len(failures)
        mine = [one for target in targets for one in await self._board.mine(target, query)]
        merge = Merge(
            [partial(self._board.theirs_in_time, target, failures) for target in targets], in_order_of(query.sort)
        )
        page = await stitched(newest_first(mine), merge.page, query)
        # The ledger, which answers for those that keep no list, is always there: that is no answer of a target.
        asked = [target for target in targets if target.capabilities.remote_jobs] or targets
        return AllJobs(page, failures, len(asked) + broken)

    async def tally(self, target_name: str, query: JobQuery) -> Tally:
        """How many jobs of each status a query means, at one target."""
        return await tally_of(self._board, [await self.target(target_name)], query, {})

    async def tally_of_all(self, query: JobQuery) -> Tally:
        """The same at every target that anybody uses."""
        targets, failures = await self._used_targets()
        return await tally_of(self._board, targets, query, failures)

    async def _used_targets(self) -> tuple[list[Target], dict[str, ConsoleError]]:
        """The targets that anybody uses, and why some of them can't be."""
        targets: list[Target] = []
        failures: dict[str, ConsoleError] = {}
        for name in [name for name in self.config.targets if not await self._is_nobodys(name)]:
            try:
                targets.append(await self.target(name))
            except BadConfig as error:
                failures[name] = error
        return targets, failures

    async def _is_nobodys(self, name: str) -> bool:
        """Whether a target is there only for pipelines to name it, and nobody has given it anything to work with."""
        config = self.config.targets[name]
        if name != config.kind or config != type(config)(kind=config.kind):
            return False
        try:
            return not (await self.target(name)).credential
        except BadConfig:
            return True

    async def job(self, target_name: str, job_id: str) -> TrackedJob:
        """One job; or, by its own id, a submission that somebody has to see to. Raises `NoSuchJob`."""
        target = await self.target(target_name)
        mine = await self._ledger.ask(lambda history: history.submission(job_id))
        is_ours = mine is not None and (mine.target, mine.origin) == (target.name, target.origin)
        if mine is not None and is_ours and mine.in_state(BatchState.UNKNOWN, *UNSENT):
            return as_job(mine)
        job = await self._board.job_of(target, job_id)
        (found,) = await self._board.tracked(target, [job])
        return found

    async def remembered_job(self, target_name: str, job_id: str) -> TrackedJob | None:
        """A job as this console remembers it, without asking the target. None for one that did not come from here."""
        return await self._board.remembered(await self.target(target_name), job_id)

    async def job_errors(self, target_name: str, job_id: str, page: int = 1) -> Page[LocatedError]:
        """One page of a job's errors, each with the place of its record where the ledger knows it."""
        target = await self.target(target_name)
        found = await self._board.errors_of(target, job_id, page)
        submission = await self._ledger.ask(lambda history: history.of_job(target.origin, job_id))
        errors = await self._board.located(submission, batch_of(submission, job_id), found.items)
        return Page(errors, found.number, found.pages, found.count)

    async def timeline(self, target_name: str, job_id: str) -> Sequence[Event]:
        """What was done from here to bring about a job, the earliest first. Empty for a job of somebody else."""
        return await self._board.timeline(await self.target(target_name), job_id)

    async def locate(self, submission: str, number: int, errors: Sequence[JobError]) -> Sequence[LocatedError]:
        """Each of the errors that a target refused a batch for, with the place of its record."""
        found = await self.submission(submission)
        return await self._board.located(
            found, next((one for one in found.batches if one.number == number), None), errors
        )

    async def rules_for(self, submission: str, number: int) -> str:
        """The kind of target, as `validate --for` knows it, whose rules the records of a batch are held to."""
        found = await self.submission(submission)
        target = await self.target(found.target)
        (batch,) = [one for one in found.batches if one.number == number]
        sent = Frozen(self._spool, submission, batch, self.config.limits.for_files())
        return await asyncio.to_thread(rules_of, sent, target)

    async def watch(self, target_name: str, job_id: str, timeout: float | None = None) -> AsyncIterator[TrackedJob]:
        """Yield a job each time it is looked at, until it has ended.

        A target that does not answer for a while is asked again. After *timeout* seconds it is looked at once more;
        if it has not ended then, raises `JobTimeout`. Raises `TargetDenied` when the credentials stop working. The
        job itself goes on in both cases. Raises `JobVanished` when the target has shown it, or accepted it, and does
        not show it any more; `NoSuchJob` when nobody knows it.
        """
        target = await self.target(target_name)

        async def is_known() -> bool:
            return await self._ledger.ask(lambda history: history.of_job(target.origin, job_id)) is not None

        watch = Watch(
            target_name, job_id, lambda: self.job(target_name, job_id), is_known, self.config.ui.refresh_seconds
        )
        async with aclosing(watch.run(timeout)) as looks:
            async for seen in looks:
                yield seen


def _must_not_have_moved(target: Target, submission: str, origin: str) -> None:
    """Raise `BadInput` when a target is not where it was when the operator decided to send there."""
    if target.origin != origin:
        raise BadInput(
            f"Submission {submission} was planned for {safe_text(origin)}, and the target '{target.name}' is at"
            f" {safe_text(target.origin)} now. Nothing was sent."
        )


def must_not_be_early(batches: Sequence[SentBatch]) -> None:
    """Raise `TargetUnavailable` while the target has asked to be left alone."""
    latest = max((batch.not_before for batch in batches if batch.not_before), default=None)
    if latest is not None and datetime.fromisoformat(latest) > now():
        raise TargetUnavailable(f"The target asked not to be tried again before {latest}.", hint="Try again then.")
