"""Making a plan: records are frozen on disk, and what is known of them is put beside them. Nothing is sent."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

from console.config import LimitsConfig
from console.convert.forms import Request
from console.display import safe_text
from console.errors import BadInput
from console.ocsf.validator import Validator
from console.progress import Cancel, Progress, Report, in_thread, to_the_end
from console.submissions.choosing import Chooser, tighter
from console.submissions.job_board import JobBoard
from console.submissions.ledger_thread import LedgerThread
from console.submissions.listing import gathered
from console.submissions.model import Plan, Selection
from console.submissions.planning import Draft, nothing_to_submit, plan_of
from console.submissions.resending import Frozen, failed_records, freeze_again
from console.submissions.scrutiny import Scrutiny
from console.submissions.snapshot import Freezer
from console.submissions.spool import Spool
from console.submissions.tracking import batch_of
from console.targets.base import FAILED, JobError, Target


@dataclass(frozen=True)
class Drafting:
    """Makes the plans of a desk."""

    spool: Spool
    """Where records are frozen."""
    ledger: LedgerThread
    board: JobBoard
    limits: LimitsConfig
    validator: Callable[[], Validator]
    """Makes the validator; may read the schema cache."""

    async def of_files(
        self,
        target: Target,
        paths: Sequence[Path],
        selection: Selection,
        report: Report,
        conversion: Request | None,
        stdin: Path | None = None,
    ) -> Plan:
        """The plan of finding files, as they are or as *conversion* makes them.

        *stdin* is as for `Desk.prepare`, and it raises as that does.
        """
        target.check_setup()
        limits = self.limits

        def freeze(submission: str, cancel: Cancel) -> Draft:
            capacity = tighter(target.capabilities.limits, limits.batch_records, limits.batch_bytes)
            scrutiny = Scrutiny(self.validator()) if target.capabilities.takes_ocsf else None
            chooser = Chooser(
                target, limits.for_files(), scrutiny, selection, capacity, report, cancel, conversion, stdin
            )
            freezer = Freezer(self.spool, submission, chooser)
            # Absolute, so that the ledger leads back to them from anywhere.
            frozen = freezer.freeze_all([path.absolute() for path in paths])
            if not frozen:
                raise nothing_to_submit([chooser.called(path) for path in paths], chooser, selection)
            return Draft(
                frozen, chooser.left_out, chooser.left_out_count, chooser.not_selected,
                conversions=freezer.conversions, convertible=chooser.convertible,
                reasons=chooser.reasons.most_common(), repeated=freezer.repeated,
                selected=selection.name if selection.is_some else "",
            )  # fmt: skip

        return await self._planned(target, freeze)

    async def of_rejected(self, target: Target, job_id: str, report: Report) -> Plan:
        """The plan of what a job rejected, from what was sent. Raises as `Desk.prepare_again` does."""
        target.check_setup()
        submission = await self.ledger.ask(lambda history: history.of_job(target.origin, job_id))
        batch = batch_of(submission, job_id)
        if submission is None or batch is None:
            raise BadInput(
                f"Job {safe_text(job_id, width=80)} did not come from this console, so its records are not known.",
                hint="Submit the finding file again, with --select to choose from it.",
            )
        job = await self.board.job_of(target, job_id)
        if job.succeeded:
            raise BadInput(f"Job {safe_text(job_id, width=80)} rejected no record: there is nothing to send again.")
        errors = await self._all_errors(target, job_id, report)
        before = Frozen(self.spool, submission.id, batch, self.limits.for_files())

        def freeze(again: str, cancel: Cancel) -> Draft:
            failed = failed_records(before, errors, whole=job.status == FAILED and not job.summary.processed)
            unnamed = max(failed.nameless, (job.summary.invalid or 0) - len(failed.indexes))
            frozen = freeze_again(before, failed.indexes, target, again, cancel)
            return Draft([frozen], [], unnamed, resend_of=submission.id, refused=failed.reasons())

        return await self._planned(target, freeze)

    async def _all_errors(self, target: Target, job_id: str, report: Report) -> list[JobError]:
        def turned(read: int, count: int) -> None:
            report(Progress(read, count, "records", "Reading the errors of the job"))

        found = await gathered(lambda number: self.board.errors_of(target, job_id, number), turned)
        if found.cut:
            raise BadInput(
                f"Of the {found.count:,} errors of job {safe_text(job_id, width=80)}, {len(found.items):,} were read:"
                " which records failed is not known.",
                hint="Submit the finding file again, with --select to choose from it.",
            )
        return list(found.items)

    async def _planned(self, target: Target, freeze: Callable[[str, Cancel], Draft]) -> Plan:
        """Freeze in a thread, and join what was frozen with what the ledger knows of it."""
        submission, cancel = str(uuid4()), Cancel()
        try:
            draft = await in_thread(cancel, lambda: freeze(submission, cancel))
            return await self.ledger.ask(lambda history: plan_of(history, target, submission, draft))
        except BaseException:
            # Whatever stopped us, a cancelled task included: nothing of an unsent submission is left behind.
            await to_the_end(asyncio.to_thread(self.spool.discard, submission))
            raise
