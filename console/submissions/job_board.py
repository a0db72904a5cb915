"""The jobs of a target as one list: its own, or what the ledger keeps for it, joined with where each came from."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from functools import partial
from typing import Final

from console.errors import ConsoleError, NoSuchPage, StateError, TargetError, TargetUnavailable
from console.limits import Limits
from console.submissions.history import History
from console.submissions.kept_jobs import KeptJobs
from console.submissions.ledger import Ledger, now
from console.submissions.ledger_thread import LedgerThread
from console.submissions.left_alone import LeftAlone
from console.submissions.model import LocatedError, SentBatch, Submission, TrackedJob
from console.submissions.spool import Spool
from console.submissions.timeline import Event, timeline
from console.submissions.tracking import LOCAL_STATUSES, as_job, batch_of, is_meant, located, remembered, tracked
from console.targets.base import Job, JobError, JobQuery, Page, Target

ANSWER_SECONDS: Final = 10
"""How long one target may hold up the list of all: it is asked again with the next one."""


class JobBoard:
    """What is known of the jobs of targets, by themselves and by the ledger."""

    def __init__(self, ledger: LedgerThread, spool: Spool, limits: Limits) -> None:
        self._ledger = ledger
        self._spool = spool
        self._limits = limits
        self._left_alone = LeftAlone()

    async def mine(self, target: Target, query: JobQuery) -> list[TrackedJob]:
        """What this console alone knows of, as far as the query means it."""
        return [one for one in map(as_job, await self._open_ones(target)) if is_meant(one, query)]

    async def theirs(self, target: Target, query: JobQuery) -> Page[TrackedJob]:
        """One page of what a target lists. It is not asked for statuses that it can't know."""
        if not _is_asked(query):
            return Page([], query.page, 0, 0)
        theirs = tuple(status for status in query.statuses if status not in LOCAL_STATUSES)
        page = await self._jobs_of(target, replace(query, statuses=theirs))
        return Page(await self.tracked(target, page.items), page.number, page.pages, page.count)

    async def theirs_in_time(
        self, target: Target, failures: dict[str, ConsoleError], query: JobQuery
    ) -> Page[TrackedJob]:
        """As `theirs`; nothing, and why among *failures*, where the target does not answer or is left alone."""
        if _is_asked(query) and (reason := self.left_alone(target)) is not None:
            failures[target.name] = reason
            return Page([], query.page, 0, 0)
        try:
            async with asyncio.timeout(ANSWER_SECONDS):
                return await self.theirs(target, query)
        except NoSuchPage:
            pass  # the list has become shorter meanwhile
        except TargetError as error:
            failures[target.name] = error
        except TimeoutError:
            failures[target.name] = TargetUnavailable(
                f"The target '{target.name}' has not answered within {ANSWER_SECONDS} seconds."
            )
        return Page([], query.page, 0, 0)

    def left_alone(self, target: Target) -> TargetUnavailable | None:
        """Why a target that is one of several is not asked just now: it said when. None where it may be asked."""
        return self._left_alone.reason(target)

    async def ask(self, target: Target, query: JobQuery) -> Page[Job]:
        """One page of the list that a target keeps. How long it asks to be left alone is remembered."""
        try:
            page = await target.jobs(query)
        except TargetUnavailable as error:
            self._left_alone.note(target, error)
            raise
        self._left_alone.end(target)
        return page

    async def _open_ones(self, target: Target) -> list[Submission]:
        """What somebody has to see to. Not what a process is at just now."""
        found = await self._ledger.ask(lambda history: history.open_ones(target.name, target.origin))
        return await asyncio.to_thread(lambda: [one for one in found if not self._spool.is_being_sent(one.id)])

    async def tracked(self, target: Target, jobs: Sequence[Job]) -> list[TrackedJob]:
        """Jobs of a target, each with where it came from. That one of ours has ended is remembered, where it can be."""
        at = now()
        known = await self._ledger.ask(lambda history: [history.of_job(target.origin, job.id) for job in jobs])
        for job, submission in zip(jobs, known, strict=True):
            batch = batch_of(submission, job.id)
            if job.ended and submission is not None and batch is not None and batch.ended_as is None:
                # A disk that takes nothing more is no reason not to show what the target says.
                with suppress(StateError):
                    await self._ledger.run(
                        partial(Ledger.note_ending, submission=submission.id, batch=batch.number, status=job.status)
                    )
                if job.succeeded and not batch.inferred:
                    # Findings may hold secrets: what nobody will send again is not kept. What is only inferred to have
                    # become this job may be missed yet.
                    with suppress(OSError):  # then it goes with the rest, by age or for room
                        await asyncio.to_thread(self._spool.drop_payload, submission.id, batch.number)
        return [tracked(job, submission, at) for job, submission in zip(jobs, known, strict=True)]

    # Where a target keeps no list of jobs, the ledger does.

    async def _jobs_of(self, target: Target, query: JobQuery) -> Page[Job]:
        if target.capabilities.remote_jobs:
            return await self.ask(target, query)
        return await self._ledger.run(lambda ledger: _kept(ledger, target).jobs(query))

    async def count_kept(self, target: Target, query: JobQuery) -> dict[str, int]:
        """How many jobs the ledger keeps for a target, by status."""
        return await self._ledger.run(lambda ledger: _kept(ledger, target).counts(query))

    async def timeline(self, target: Target, job_id: str) -> list[Event]:
        """What was done to bring about a job. Empty for one that did not come from here."""

        def read(history: History) -> list[Event]:
            submission = history.of_job(target.origin, job_id)
            batch = batch_of(submission, job_id)
            return [] if submission is None or batch is None else timeline(history.database, submission, batch)

        return await self._ledger.ask(read)

    async def job_of(self, target: Target, job_id: str) -> Job:
        """One job of a target. Raises `NoSuchJob`."""
        if target.capabilities.remote_jobs:
            return await target.job(job_id)
        return await self._ledger.run(lambda ledger: _kept(ledger, target).job(job_id))

    async def remembered(self, target: Target, job_id: str) -> TrackedJob | None:
        """A job as the ledger knows it, without asking the target. None for one that did not come from here."""
        submission = await self._ledger.ask(lambda history: history.of_job(target.origin, job_id))
        return None if submission is None else remembered(submission, job_id, now())

    async def errors_of(self, target: Target, job_id: str, page: int) -> Page[JobError]:
        """One page of what went wrong in a job. Raises `NoSuchJob`."""
        if target.capabilities.remote_jobs:
            return await target.job_errors(job_id, page)
        return await self._ledger.run(lambda ledger: _kept(ledger, target).errors(job_id, page))

    async def located(
        self, submission: Submission | None, batch: SentBatch | None, errors: Sequence[JobError]
    ) -> list[LocatedError]:
        """Each of the errors of a batch, with the place of its record where that is known."""
        return await asyncio.to_thread(located, self._spool, self._limits, submission, batch, errors)


def _kept(ledger: Ledger, target: Target) -> KeptJobs:
    return KeptJobs(ledger.database, target.name, target.origin)


def _is_asked(query: JobQuery) -> bool:
    """Whether a query asks for anything that a target can know."""
    return not query.statuses or not set(query.statuses) <= set(LOCAL_STATUSES)
