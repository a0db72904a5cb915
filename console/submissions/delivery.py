"""Handing the batches of a submission over, in smaller ones where a target finds one too large."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from functools import partial

from console.limits import Limits
from console.progress import Cancel, Report, in_thread, to_the_end
from console.submissions.ledger import Ledger
from console.submissions.ledger_thread import LedgerThread
from console.submissions.model import FrozenBatch
from console.submissions.patience import Patience
from console.submissions.resending import Frozen, halves
from console.submissions.sender import Sender, is_too_large
from console.submissions.spool import Spool
from console.targets.base import Outcome, Target


@dataclass
class Delivery:
    """Sends what a desk has frozen."""

    ledger: LedgerThread
    spool: Spool
    """Where it is frozen."""
    patience: Patience
    """How often each batch is tried."""
    limits: Limits
    """Of the records in it."""

    async def deliver(
        self,
        target: Target,
        submission: str,
        batches: Sequence[FrozenBatch],
        report: Report,
        halt: asyncio.Event | None,
        doubtful: frozenset[int] = frozenset(),
    ) -> AsyncGenerator[tuple[FrozenBatch, Outcome], None]:
        """Send batches of a submission whose lock we hold, and yield what each came to.

        Once *halt* is set, no further request is begun. *doubtful* are the numbers of those in doubt. Raises as
        `Sender.send` does.
        """
        by_number = {frozen.batch.number: frozen for frozen in batches}
        sender = Sender(
            self.ledger, target, submission, report, self.patience, halt=halt or asyncio.Event(), doubtful=doubtful
        )
        async with aclosing(sender.send([frozen.batch for frozen in batches])) as outcomes:
            async for batch, outcome in outcomes:
                if not is_too_large(outcome, batch, target.capabilities):
                    yield by_number[batch.number], outcome
                    continue
                parts = await self._split(target, submission, batch.number)
                async with aclosing(self.deliver(target, submission, parts, report, halt)) as of_parts:
                    async for part, its_outcome in of_parts:
                        yield part, its_outcome

    async def _split(self, target: Target, submission: str, number: int) -> Sequence[FrozenBatch]:
        """Put two batches in the place of one that was refused for its size: nothing of it was accepted."""
        found = await self.ledger.submission(submission)
        batch = next(one for one in found.batches if one.number == number)
        last = max(one.number for one in found.batches)
        frozen = Frozen(self.spool, submission, batch, self.limits)
        cancel = Cancel()
        parts = await in_thread(cancel, lambda: halves(frozen, target, (last + 1, last + 2), cancel))
        await to_the_end(self.ledger.run(partial(Ledger.split, submission=submission, batch=number, parts=parts)))
        return parts
