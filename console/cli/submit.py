"""`submit`: send records to a target, and wait for what becomes of them."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Final, assert_never

import click

from console.cli import output, setup, shapes
from console.display import safe_text
from console.errors import ConsoleError, ExitCode
from console.submissions.model import LocatedError, Plan, Selection, TrackedJob
from console.targets.base import Accepted, Denied, InDoubt, NotSent, Outcome, PartlyAccepted, Refused, Throttled

if TYPE_CHECKING:
    from console.submissions.desk import Desk

ERRORS_SHOWN: Final = 20
"""Job errors and left out records that the text output lists; `jobs errors` has them all."""

_WORST_FIRST: Final = (
    ExitCode.UNKNOWN,
    ExitCode.DENIED,
    ExitCode.UNAVAILABLE,
    ExitCode.TIMEOUT,
    ExitCode.FINDINGS,
    ExitCode.USAGE,
)


@click.command()
@click.argument("paths", metavar="PATH...", nargs=-1, required=True)
@click.option("--target", "target_name", metavar="NAME", required=True, help="Where to send the records.")
@click.option(
    "--select",
    "selection",
    metavar="all|valid|EXPRESSION",
    default=Selection.ALL.name,
    show_default=True,
    help="Which records: all of them, those that neither OCSF nor the target finds an error in, or those that match.",
)
@click.option("--dry-run", is_flag=True, help="Say what would be sent, and send nothing.")
@click.option("--wait", is_flag=True, help="Wait until the target is done with the records.")
@click.option("--timeout", type=click.FloatRange(min=0), default=300, show_default=True, help="Seconds to wait.")
@click.option("--yes", is_flag=True, help="Do not ask before sending.")
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True)
def submit(
    paths: Sequence[str],
    target_name: str,
    selection: str,
    dry_run: bool,
    wait: bool,
    timeout: float,
    yes: bool,
    form: str,
) -> ExitCode:
    """Send the records of finding files to a target: one job for each file.

    Exits 0 when every record was taken, 1 when the target rejected some, 3 when it can't be reached, 4 when the
    credentials are refused, 5 when the outcome is unknown, 6 when a job has not ended within --timeout.

    \b
    Examples:
      ocsf-console submit scan.ocsf.json --target prowler --wait
      ocsf-console submit scans/ --target prowler --select valid --dry-run
      ocsf-console submit scan.ocsf.json --target prowler --select 'severity>=high status_code=FAIL'
    """
    selected = Selection.parse(selection)
    with setup.finding_files(paths) as sources:
        for source in sources:
            source.check()  # Half of what was named is not sent.
        files = [source.path for source in sources]
        asks = setup.is_attended() and not yes

        async def work(desk: Desk) -> ExitCode:
            plan = await _plan(desk, files, target_name, selected)
            if dry_run:
                await desk.discard(plan)
                _show(shapes.planned(plan), form)
                return ExitCode.OK
            if asks and not await _confirmed(desk, plan):
                return ExitCode.OK
            result = Result()
            await _send(desk, plan, result)
            if wait:
                await _watch(desk, target_name, result, timeout)
                _tell_errors(result)
            submission = await desk.submission(plan.submission)
            with output.reader_may_leave():
                _show(shapes.submitted(submission, result.seen, result.errors, ended=wait and result.all_ended), form)
            return result.exit_code

        return setup.with_desk(work)


@dataclass(slots=True)
class Result:
    """What a submission has come to so far."""

    job_ids: dict[int, str] = field(default_factory=dict)
    """By batch number."""
    seen: list[TrackedJob] = field(default_factory=list)
    """The last look at each job that was waited for."""
    errors: dict[int, list[LocatedError]] = field(default_factory=dict)
    """The first errors of each job, by batch number."""
    codes: set[ExitCode] = field(default_factory=set)

    @property
    def all_ended(self) -> bool:
        """Whether every job of it has ended."""
        return len(self.seen) == len(self.job_ids) and all(tracked.job.ended for tracked in self.seen)

    @property
    def exit_code(self) -> ExitCode:
        """The worst of what happened."""
        return next((code for code in _WORST_FIRST if code in self.codes), ExitCode.OK)

    def failed(self, error: ConsoleError) -> None:
        """Note and tell what went wrong."""
        self.codes.add(error.exit_code)
        output.error(error)


async def _plan(desk: Desk, files: Sequence[Path], target_name: str, selection: Selection) -> Plan:
    """Freeze what would be sent, and tell what that is."""
    with output.progress() as report:
        plan = await desk.prepare(files, target_name, selection, report)
    output.say(
        f"{output.counted(plan.records, 'record')} ({plan.bytes:,} bytes)"
        f" from {output.counted(len(plan.batches), 'file')}"
        f" for {target_name} at {safe_text(plan.origin)}."
    )
    for frozen in plan.batches:
        if frozen.wrapped:
            output.say(f"{safe_text(frozen.source)}: {frozen.wrapped}.")
    if plan.refusable:
        output.say(f"By the target's own rules, {output.counted(plan.refusable, 'record')} will be refused.")
    if plan.not_selected:
        output.say(f"{output.counted(plan.not_selected, 'record')} not selected.")
    if plan.left_out_count:
        output.say(f"{plan.left_out_count:,} left out:")
        for left in plan.left_out[:ERRORS_SHOWN]:
            place = f"record {left.index}" if left.index is not None else "file"
            output.say(f"  {safe_text(left.path)}, {place}: {safe_text(left.reason, width=200)}")
    if plan.sent_before:
        times = output.counted(len(plan.sent_before), "time")
        output.say(f"The same content was sent to this target before, {times}: submission {plan.sent_before[-1]}.")
    return plan


async def _confirmed(desk: Desk, plan: Plan) -> bool:
    """Ask whether to send; without a yes, remove what was frozen."""
    sends = False
    try:
        sends = click.confirm(f"Send {output.counted(plan.records, 'record')} to {plan.target}?", err=True)
    finally:
        if not sends:
            await desk.discard(plan)
            output.say("Nothing was sent.")
    return sends


async def _send(desk: Desk, plan: Plan, result: Result) -> None:
    """Send every batch, and tell what each came to."""
    with output.progress() as report:
        try:
            async for frozen, outcome in desk.send(plan, report):
                error = _failure(outcome)
                if error is not None:
                    result.failed(error)
                if isinstance(outcome, Accepted | PartlyAccepted):
                    result.job_ids[frozen.batch.number] = outcome.job.id
                    output.say(f"{safe_text(frozen.source)}: accepted as job {safe_text(outcome.job.id)}.")
        except ConsoleError as error:
            result.failed(error)
    if ExitCode.UNKNOWN in result.codes:
        output.say(
            f"It may have been accepted. Look before sending again: ocsf-console jobs list --target {plan.target}"
        )


def _failure(outcome: Outcome) -> ConsoleError | None:
    """The error of an outcome in which nothing, or nothing certain, was accepted."""
    match outcome:
        case Accepted() | PartlyAccepted():
            return None
        case Refused(error) | Denied(error) | NotSent(error) | InDoubt(error) | Throttled(error):
            return error
        case _:
            assert_never(outcome)


async def _watch(desk: Desk, target_name: str, result: Result, timeout: float) -> None:
    """Wait for the jobs, tell each change of status, and fetch the errors of those that did not go well."""
    deadline = time.monotonic() + timeout
    for number, job_id in result.job_ids.items():
        left = max(0.0, deadline - time.monotonic())
        latest: TrackedJob | None = None
        try:
            async for tracked in desk.watch(target_name, job_id, left):
                if latest is None or latest.job.status != tracked.job.status:
                    output.say(f"Job {safe_text(job_id)}: {safe_text(tracked.job.status)}.")
                latest = tracked
            if latest is not None and not latest.job.succeeded:
                result.codes.add(ExitCode.FINDINGS)
                result.errors[number] = list((await desk.job_errors(target_name, job_id)).items)
        except ConsoleError as error:
            result.failed(error)
        if latest is not None:
            result.seen.append(latest)


def _show(shape: shapes.SubmissionShape, form: str) -> None:
    """Write the result to stdout."""
    if form == "json":
        output.document(shape.document())
        return
    output.line(
        f"{shape.state}: {output.counted(shape.records, 'record')}, {shape.accepted:,} accepted,"
        f" {shape.rejected:,} rejected"
        f" (submission {shape.submission})"
    )
    output.table(
        ("batch", "records", "bytes", "state", "job"),
        [[batch[key] for key in ("number", "records", "bytes", "state", "job_id")] for batch in shape.batches],
    )


def _tell_errors(result: Result) -> None:
    """List the first errors of the jobs that did not go well."""
    for number, errors in result.errors.items():
        output.say(f"Errors of job {safe_text(result.job_ids[number])}:")
        for located in errors[:ERRORS_SHOWN]:
            at = f"record {located.span.index}, line {located.span.line}" if located.span else "the file"
            output.say(f"  {at}: {safe_text(located.error.message, width=200)}")
