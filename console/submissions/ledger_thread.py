"""The ledger as the event loop sees it: every call runs on the one thread that owns the database."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from pathlib import Path
from typing import Final, TypeVar

from console.errors import BadInput
from console.submissions.history import Doubt, History
from console.submissions.ledger import Ledger
from console.submissions.model import BatchState, Judge, KeptJob, Plan, Settled, Submission
from console.submissions.retention import DEFAULT_RETENTION, Retention, prune
from console.submissions.spool import Spool
from console.targets.base import Batch

R = TypeVar("R")

FILE_NAME: Final = "ledger.sqlite3"


class LedgerThread:
    """Opens the ledger when it is first needed, and runs each piece of work on its thread."""

    def __init__(self, state: Path, retention: Retention = DEFAULT_RETENTION) -> None:
        self._path = state / FILE_NAME
        self._retention = retention
        self._spool = Spool(state)
        self._ledger: Ledger | None = None
        self._closed = False
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="ledger")

    async def run(self, work: Callable[[Ledger], R]) -> R:
        """Do one piece of work with the open ledger. Raises `StateError` when it can't be used."""
        return await asyncio.get_running_loop().run_in_executor(self._thread, lambda: work(self._current()))

    async def ask(self, question: Callable[[History], R]) -> R:
        """Answer a question from the open ledger. Raises `StateError` when it can't be used."""
        return await self.run(lambda ledger: question(History(ledger.database)))

    async def submission(self, submission: str) -> Submission:
        """One submission, as it is now. Raises `BadInput` for one that the ledger does not have."""
        found = await self.ask(lambda history: history.submission(submission))
        if found is None:
            raise BadInput(f"The ledger has no submission {submission}.")
        return found

    async def record(self, plan: Plan, unseen_since: datetime | None = None) -> None:
        """Make a plan a submission. See `Ledger.record`."""
        await self.run(lambda ledger: ledger.record(plan, self._spool.is_being_sent, unseen_since))

    async def begin_attempt(
        self, attempt: str, submission: str, batch: int, credential: str, clock_offset: float | None
    ) -> None:
        """Make it durable that a batch is about to be sent."""
        await self.run(lambda ledger: ledger.begin_attempt(attempt, submission, batch, credential, clock_offset))

    async def end_attempt(
        self,
        attempt: str,
        submission: str,
        batch: int,
        state: BatchState,
        *,
        job_id: str | None,
        detail: str,
        not_before: datetime | None,
        kept: KeptJob | None,
    ) -> None:
        """Make durable what an attempt came to."""
        await self.run(
            lambda ledger: ledger.end_attempt(
                attempt, submission, batch, state, job_id=job_id, detail=detail, not_before=not_before, kept=kept
            )
        )

    async def allow_resend(self, submission: str, batch: int) -> None:
        """Make durable that a doubtful batch does no harm when it is sent again: its target says so of itself."""
        await self.run(lambda ledger: ledger.settle(submission, batch, Judge.TARGET, Settled.RESEND, evidence={}))

    def batch_of(self, doubt: Doubt) -> Batch:
        """What was sent of a doubtful batch. Its payload is kept; the name that it was sent under is not."""
        payload = self._spool.payload(doubt.submission, doubt.number)
        return Batch(doubt.number, doubt.records, payload, doubt.bytes, doubt.sha256, payload.name)

    async def close(self) -> None:
        """Close the database and end the thread."""
        if not self._closed:
            self._closed = True
            # On the thread, after all that was asked of it: it may be opening the database just now.
            await asyncio.get_running_loop().run_in_executor(self._thread, self._close)
            await asyncio.to_thread(self._thread.shutdown)

    def _close(self) -> None:
        """Without a look at what dead processes left, which may fail: then what the command came to would be lost."""
        ledger, self._ledger = self._ledger, None
        if ledger is not None:
            ledger.close()

    def _current(self) -> Ledger:
        """The ledger, opened when it is first needed. What a dead process was sending is unknown from now on."""
        if self._ledger is None:
            self._ledger = Ledger(self._path)
            prune(self._ledger, self._spool, self._retention)
        for submission in History(self._ledger.database).being_sent():
            if not self._spool.is_being_sent(submission):
                self._ledger.doubt(submission, self._spool.is_being_sent)
        return self._ledger
