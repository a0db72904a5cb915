"""The operator's desk: configuration, credentials, targets and ledger behind one object.

Both front ends work through it and hold nothing of their own. Its methods are coroutines that never block the event
loop: the ledger has a thread of its own, and what reads files or asks the keyring runs in another.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from pathlib import Path
from typing import Final
from uuid import uuid4

from console.config import Config
from console.credentials import Credentials
from console.display import safe_text
from console.errors import BadConfig, BadInput, JobTimeout, TargetUnavailable
from console.ocsf.validator import Validator
from console.progress import Cancel, Report, in_thread, silent, to_the_end
from console.submissions.ledger_thread import LedgerThread
from console.submissions.model import BatchState, FrozenBatch, LocatedError, Plan, Selection, Submission, TrackedJob
from console.submissions.sender import send_batch
from console.submissions.snapshot import Freezer
from console.submissions.spool import Spool
from console.submissions.tracking import located, tracked, unknown_as_job
from console.targets.base import UNKNOWN, JobQuery, Outcome, Page, Target
from console.targets.registry import open_target

FIRST_LOOKS: Final = (0.2, 0.5, 1.0, 2.0)
"""Seconds between the first looks at a job; after them comes the configured refresh interval."""

LAST_LOOK_SECONDS: Final = 5
"""What the look at the end of one's patience may take."""


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
        self._targets: dict[str, Target] = {}
        self._retired: list[Target] = []
        """No longer given out, perhaps still in use: closed with the desk."""
        self._opening = asyncio.Lock()
        self._ledger = LedgerThread(state)

    async def close(self) -> None:
        """Let go of connections and of the ledger."""
        try:
            for target in [*self._targets.values(), *self._retired]:
                await target.close()
        finally:
            await self._ledger.close()

    async def target(self, name: str) -> Target:
        """The target of that name, ready to use. Raises `BadConfig` when there is none."""
        async with self._opening:
            if name in self._targets:
                return self._targets[name]
            config = self.config.targets.get(name)
            if config is None:
                known = ", ".join(sorted(self.config.targets))
                raise BadConfig(f"There is no target named '{name}'.", hint=f"There are: {known}.")
            limits = self.config.limits
            target = await asyncio.to_thread(open_target, name, config, self.credentials, limits)
            if target.credential:
                self._targets[name] = target
            else:
                # Its secret may come at any time: somebody unlocks the keyring.
                self._retired.append(target)
            return target

    async def forget_target(self, name: str) -> None:
        """Let the target be opened anew, with the secrets of now. What is being sent goes on with those of before."""
        async with self._opening:
            if name in self._targets:
                self._retired.append(self._targets.pop(name))

    async def prepare(
        self,
        paths: Sequence[Path],
        target_name: str,
        selection: Selection,
        report: Report = silent,
    ) -> Plan:
        """Freeze what would be sent, and say what that is. Nothing is sent.

        Raises `UnreadableFile` and `BadInput` for files that can't be sent, `StateError` when our own disk refuses.
        """
        target = await self.target(target_name)
        submission, cancel, spool = str(uuid4()), Cancel(), self._spool
        try:
            validator = await asyncio.to_thread(self.validator) if selection == Selection.VALID else None
            limits = self.config.limits.for_files()
            freezer = Freezer(spool, submission, target, limits, validator, selection.query, report, cancel)
            # Absolute, so that the ledger leads back to them from anywhere.
            frozen = await in_thread(cancel, lambda: freezer.freeze_all([path.absolute() for path in paths]))
            if not frozen:
                raise _nothing_to_submit(paths, freezer, selection)
            before = await self._ledger.run(
                lambda ledger: [ledger.sent_before(target.origin, one.batch.sha256) for one in frozen]
            )
        except BaseException:
            # Whatever stopped us, a cancelled task included: nothing of an unsent submission is left behind.
            await to_the_end(asyncio.to_thread(spool.discard, submission))
            raise
        return Plan(
            submission=submission,
            target=target_name,
            kind=target.kind,
            origin=target.origin,
            batches=frozen,
            left_out=freezer.left_out,
            left_out_count=freezer.left_out_count,
            sent_before=sorted({earlier for some in before for earlier in some}),
            not_selected=freezer.not_selected,
        )

    async def discard(self, plan: Plan) -> None:
        """Remove what a plan froze: it will not be sent."""
        await asyncio.to_thread(self._spool.discard, plan.submission)

    async def send(self, plan: Plan, report: Report = silent) -> AsyncIterator[tuple[FrozenBatch, Outcome]]:
        """Send what a plan froze, batch by batch, and yield what each came to. The ledger has all of it first.

        What was frozen is kept only where it may have to be sent once more: while the outcome is in doubt.
        """
        if self.config.ui.read_only:
            raise BadConfig(
                "The configuration says read-only: nothing is sent.", hint="Set ui.read_only to false to send."
            )
        target = await self.target(plan.target)
        with self._spool.lock(plan.submission):
            await self._ledger.run(lambda ledger: ledger.record(plan))
            for frozen in plan.batches:
                try:
                    outcome = await send_batch(self._ledger, target, plan.submission, frozen.batch, report)
                finally:
                    await to_the_end(self._drop_settled(plan.submission, frozen.batch.number))
                yield frozen, outcome

    async def _drop_settled(self, submission: str, number: int) -> None:
        """Remove the payload of a batch whose turn has been, unless something about it is in doubt."""
        found = await self.submission(submission)
        states = {batch.number: batch.state for batch in found.batches}
        if states.get(number) not in (BatchState.SENDING, BatchState.UNKNOWN):
            await asyncio.to_thread(self._spool.drop_payload, submission, number)

    async def submission(self, submission: str) -> Submission:
        """One submission, as the ledger has it."""
        found = await self._ledger.run(lambda ledger: ledger.submission(submission))
        if found is None:
            raise BadInput(f"The ledger has no submission {submission}.")
        return found

    async def jobs(self, target_name: str, query: JobQuery) -> Page[TrackedJob]:
        """One page of a target's jobs; or, where only these are asked for, those whose outcome is unknown.

        The latter are known to the ledger alone: they are listed newest first, whatever else the query says.
        """
        target = await self.target(target_name)
        if query.statuses == (UNKNOWN,):
            unknown = await self._ledger.run(lambda ledger: ledger.unknown(target.origin, query))
            return Page([unknown_as_job(one) for one in unknown.items], unknown.number, unknown.pages, unknown.count)
        if UNKNOWN in query.statuses:
            raise BadInput(
                "Jobs whose outcome is unknown are known to this console alone, and not to the target.",
                hint=f"Ask for the status {UNKNOWN} on its own.",
            )
        page = await target.jobs(query)
        sources = await self._ledger.run(lambda ledger: [ledger.of_job(target.origin, job.id) for job in page.items])
        return Page(list(map(tracked, page.items, sources)), page.number, page.pages, page.count)

    async def job(self, target_name: str, job_id: str) -> TrackedJob:
        """One job. Raises `NoSuchJob`."""
        target = await self.target(target_name)
        job = await target.job(job_id)
        return tracked(job, await self._ledger.run(lambda ledger: ledger.of_job(target.origin, job.id)))

    async def job_errors(self, target_name: str, job_id: str, page: int = 1) -> Page[LocatedError]:
        """One page of a job's errors, each with the place of its record where the ledger knows it."""
        target = await self.target(target_name)
        found = await target.job_errors(job_id, page)
        submission = await self._ledger.run(lambda ledger: ledger.of_job(target.origin, job_id))
        errors = await asyncio.to_thread(located, self._spool, submission, job_id, found.items)
        return Page(errors, found.number, found.pages, found.count)

    async def watch(self, target_name: str, job_id: str, timeout: float | None = None) -> AsyncIterator[TrackedJob]:
        """Yield a job each time it is looked at, until it has ended.

        A target that does not answer for a while is asked again. After *timeout* seconds it is looked at once more;
        if it has not ended then, raises `JobTimeout`. Raises `TargetDenied` when the credentials stop working. The
        job itself goes on in both cases.
        """
        clock = asyncio.get_running_loop().time
        deadline = float("inf") if timeout is None else clock() + timeout
        pauses = iter(FIRST_LOOKS)
        silence: TargetUnavailable | None = None
        while True:
            last_look = clock() >= deadline
            pause = next(pauses, self.config.ui.refresh_seconds)
            try:
                async with asyncio.timeout(None if timeout is None else max(deadline - clock(), LAST_LOOK_SECONDS)):
                    seen = await self.job(target_name, job_id)
            except TargetUnavailable as error:
                silence = error
                pause = max(error.retry_after or 0, pause)
            except TimeoutError:
                last_look = True
            else:
                silence = None
                yield seen
                if seen.job.ended:
                    return
            if last_look:
                raise _out_of_patience(target_name, job_id, timeout or 0, silence)
            await asyncio.sleep(min(pause, max(deadline - clock(), 0)))


def _nothing_to_submit(paths: Sequence[Path], freezer: Freezer, selection: Selection) -> BadInput:
    """The error of files of which no record goes, with why."""
    names = ", ".join(safe_text(path) for path in paths)
    if freezer.not_selected:
        why = f"none of {freezer.not_selected:,} matches {safe_text(selection.name, width=80)}"
        if freezer.left_out_count:
            why += f", and {freezer.left_out_count:,} can't be read,"
    else:
        why = "every record is left out" if freezer.left_out_count else "there are no records"
    return BadInput(f"There is nothing to submit: {why} in {names}.")


def _out_of_patience(target_name: str, job_id: str, timeout: float, silence: TargetUnavailable | None) -> JobTimeout:
    """The error of a job that was not seen to end, with what the target's last failure to answer was."""
    why = "" if silence is None else f" {silence.message}"
    return JobTimeout(
        f"Job {job_id} was accepted and was not seen to end within {timeout:g} seconds.{why}",
        hint=f"It goes on; look again with: ocsf-console jobs show --target {target_name} {job_id}",
    )
