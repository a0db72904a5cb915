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
from console.errors import BadConfig, BadInput, JobTimeout, TargetUnavailable
from console.ocsf.validator import Validator
from console.progress import Cancel, Report, in_thread, silent
from console.submissions.ledger_thread import LedgerThread
from console.submissions.model import FrozenBatch, LocatedError, Plan, Selection, Submission, TrackedJob
from console.submissions.sender import send_batch
from console.submissions.snapshot import Freezer
from console.submissions.spool import Spool
from console.submissions.tracking import located, tracked, unknown_as_job
from console.targets.base import UNKNOWN, JobQuery, Outcome, Page, Target
from console.targets.registry import open_target

FIRST_LOOKS: Final = (0.2, 0.5, 1.0, 2.0)
"""Seconds between the first looks at a job; after them comes the configured refresh interval."""


class Desk:
    """Everything that the operator can do with targets. Close it when done."""

    def __init__(
        self, config: Config, credentials: Credentials, state: Path, validator: Callable[[], Validator]
    ) -> None:
        self.config = config
        self.credentials = credentials
        self.validator = validator
        """Makes the validator when it is first needed; may read the schema cache."""
        self._state = state
        self._targets: dict[str, Target] = {}
        self._ledger = LedgerThread(state)

    async def close(self) -> None:
        """Let go of connections and of the ledger."""
        for target in self._targets.values():
            await target.close()
        await self._ledger.close()

    async def target(self, name: str) -> Target:
        """The target of that name, ready to use. Raises `BadConfig` when there is none."""
        if name not in self._targets:
            config = self.config.targets.get(name)
            if config is None:
                known = ", ".join(sorted(self.config.targets))
                raise BadConfig(f"There is no target named '{name}'.", hint=f"There are: {known}.")
            limits = self.config.limits
            self._targets[name] = await asyncio.to_thread(open_target, name, config, self.credentials, limits)
        return self._targets[name]

    async def forget_target(self, name: str) -> None:
        """Let the target be opened anew, with the secrets of now."""
        target = self._targets.pop(name, None)
        if target is not None:
            await target.close()

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
        submission, cancel, spool = str(uuid4()), Cancel(), Spool(self._state)
        try:
            freezer = await in_thread(
                cancel,
                lambda: Freezer(
                    spool,
                    submission,
                    target,
                    selection,
                    self.config.limits.for_files(),
                    self.validator(),
                    report,
                    cancel,
                ),
            )
            frozen = await in_thread(cancel, lambda: freezer.freeze_all(paths))
            if not frozen:
                names = ", ".join(path.name for path in paths)
                raise BadInput(f"There is nothing to submit: no record of {names} is selected.")
            before = await self._ledger.run(
                lambda ledger: [ledger.sent_before(target_name, one.batch.sha256) for one in frozen]
            )
        except BaseException:
            # Whatever stopped us, a cancelled task included: nothing of an unsent submission is left behind.
            spool.discard(submission)
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
        )

    async def discard(self, plan: Plan) -> None:
        """Remove what a plan froze: it will not be sent."""
        await asyncio.to_thread(Spool(self._state).discard, plan.submission)

    async def send(self, plan: Plan, report: Report = silent) -> AsyncIterator[tuple[FrozenBatch, Outcome]]:
        """Send what a plan froze, batch by batch, and yield what each came to. The ledger has all of it first."""
        target = await self.target(plan.target)
        with Spool(self._state).lock(plan.submission):
            await self._ledger.run(lambda ledger: ledger.record(plan))
            for frozen in plan.batches:
                yield frozen, await send_batch(self._ledger, target, plan.submission, frozen.batch, report)

    async def submission(self, submission: str) -> Submission:
        """One submission, as the ledger has it."""
        found = await self._ledger.run(lambda ledger: ledger.submission(submission))
        if found is None:
            raise BadInput(f"The ledger has no submission {submission}.")
        return found

    async def jobs(self, target_name: str, query: JobQuery) -> Page[TrackedJob]:
        """One page of a target's jobs. Those of unknown outcome are listed when nothing else is asked for."""
        if query.statuses == (UNKNOWN,):
            unknown = await self._ledger.run(lambda ledger: ledger.unknown(target_name, query))
            return Page([unknown_as_job(one) for one in unknown.items], unknown.number, unknown.pages, unknown.count)
        page = await (await self.target(target_name)).jobs(query)
        sources = await self._ledger.run(lambda ledger: [ledger.of_job(job.target, job.id) for job in page.items])
        return Page(list(map(tracked, page.items, sources)), page.number, page.pages, page.count)

    async def job(self, target_name: str, job_id: str) -> TrackedJob:
        """One job. Raises `NoSuchJob`."""
        job = await (await self.target(target_name)).job(job_id)
        return tracked(job, await self._ledger.run(lambda ledger: ledger.of_job(target_name, job.id)))

    async def job_errors(self, target_name: str, job_id: str, page: int = 1) -> Page[LocatedError]:
        """One page of a job's errors, each with the place of its record where the ledger knows it."""
        found = await (await self.target(target_name)).job_errors(job_id, page)
        submission = await self._ledger.run(lambda ledger: ledger.of_job(target_name, job_id))
        errors = await asyncio.to_thread(located, Spool(self._state), submission, job_id, found.items)
        return Page(errors, found.number, found.pages, found.count)

    async def watch(self, target_name: str, job_id: str, timeout: float | None = None) -> AsyncIterator[TrackedJob]:
        """Yield a job each time it is looked at, until it has ended.

        A target that does not answer for a while is asked again. Raises `JobTimeout` after *timeout* seconds, and
        `TargetDenied` when the credentials stop working; the job itself goes on in both cases.
        """
        clock = asyncio.get_running_loop().time
        deadline = None if timeout is None else clock() + timeout
        pauses = [*FIRST_LOOKS, self.config.ui.refresh_seconds]
        while True:
            pause = pauses.pop(0) if len(pauses) > 1 else pauses[0]
            try:
                async with asyncio.timeout_at(deadline):
                    seen = await self.job(target_name, job_id)
            except TargetUnavailable as error:
                pause = max(error.retry_after or 0, pause)
            except TimeoutError as error:
                raise _out_of_patience(target_name, job_id, timeout) from error
            else:
                yield seen
                if seen.job.ended:
                    await self._settle(seen)
                    return
            if deadline is not None and clock() + pause > deadline:
                # One last look at the deadline itself, then give up.
                pause = max(0.0, deadline - clock())
                if pause == 0:
                    raise _out_of_patience(target_name, job_id, timeout)
            await asyncio.sleep(pause)

    async def _settle(self, seen: TrackedJob) -> None:
        """When every record was taken, what was frozen is no longer needed."""
        if seen.submission is not None and seen.job.succeeded:
            submission = await self.submission(seen.submission)
            if len(submission.batches) == 1:
                await asyncio.to_thread(Spool(self._state).drop_payloads, submission.id)


def _out_of_patience(target_name: str, job_id: str, timeout: float | None) -> JobTimeout:
    return JobTimeout(
        f"Job {job_id} was accepted and had not ended after {timeout:g} seconds.",
        hint=f"It goes on; look again with: ocsf-console jobs show --target {target_name} {job_id}",
    )
