"""What every command that sends has in common: the plan in words, the sending, the waiting, the result."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, assert_never

import click

from console.cli import output, shapes
from console.display import safe_text
from console.errors import ConsoleError, ExitCode, StateError
from console.progress import Report
from console.submissions.misgivings import at_stake, invalid_words, refusable_words, refused_words, replaced_words
from console.submissions.model import UNSENT, BatchState, FrozenBatch, LocatedError, Plan, Submission, TrackedJob
from console.targets.base import (
    Accepted,
    Denied,
    InDoubt,
    NotSent,
    Outcome,
    PartlyAccepted,
    Refused,
    Target,
    Throttled,
)

if TYPE_CHECKING:
    from console.submissions.desk import Desk

ERRORS_SHOWN: Final = 20
"""Job errors and left out records that the text output lists; `jobs errors` has them all."""

LOOKS: Final = (0.0, 5.0)
"""Seconds before each look for what became of something in doubt, where nobody waits for the job."""
MORE_LOOKS: Final = (15.0, 60.0, 300.0)
"""And where somebody does."""

_WORST_FIRST: Final = (
    ExitCode.UNKNOWN,
    ExitCode.DENIED,
    ExitCode.UNAVAILABLE,
    ExitCode.TIMEOUT,
    ExitCode.FINDINGS,
    ExitCode.USAGE,
)

Outcomes = AsyncIterator[tuple[FrozenBatch, Outcome]]


@dataclass(frozen=True, slots=True)
class Ending:
    """What is to come after the sending."""

    form: str
    """How the result is written: `text` or `json`."""
    wait_seconds: float | None
    """How long the jobs are waited for; None does not wait."""


@dataclass(slots=True)
class Result:
    """What a submission has come to so far."""

    job_ids: dict[int, str] = field(default_factory=dict)
    """By batch number."""
    seen: list[TrackedJob] = field(default_factory=list)
    """The last look at each job that was waited for."""
    errors: dict[int, list[LocatedError]] = field(default_factory=dict)
    """The first errors of each job, and of what was refused, by batch number."""
    codes: set[ExitCode] = field(default_factory=set)
    running: bool = False
    """Whether there is a job that had not ended when it was opened, as those do that the target keeps."""

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


def tell_plan(plan: Plan) -> None:
    """Tell what would be sent, what not, and what to think of before."""
    output.say(
        f"{output.counted(plan.records, 'record')} ({plan.bytes:,} bytes)"
        f" from {output.counted(len({frozen.source for frozen in plan.batches}), 'file')}"
        f" for {plan.target} at {', '.join(map(safe_text, plan.origins))}."
    )
    for source, wrapped in list(dict.fromkeys((one.source, one.wrapped) for one in plan.batches))[:ERRORS_SHOWN]:
        if wrapped:
            output.say(f"{safe_text(source)}: {wrapped}.")
    if words := refusable_words(plan):
        output.say(f"{words} --select valid leaves them out.")
    if plan.kept_once:
        have = f"{output.counted(plan.kept_once, 'record')} {'has' if plan.kept_once == 1 else 'have'}"
        output.say(f"{have} an identifier that an earlier one has: {plan.target} keeps one of each.")
    if words := invalid_words(plan):
        output.say(f"{words} --select valid leaves out what is invalid.")
    if words := refused_words(plan):
        output.say(words)
    if plan.not_selected:
        output.say(f"{output.counted(plan.not_selected, 'record')} not selected.")
    if plan.left_out_count:
        output.say(f"{plan.left_out_count:,} left out:")
        for left in plan.left_out[:ERRORS_SHOWN]:
            place = f"record {left.index}" if left.index is not None else "file"
            output.say(f"  {safe_text(left.path)}, {place}: {safe_text(left.reason, width=200)}")
    if plan.convertible:
        output.say(
            f"{output.counted(plan.convertible, 'record')} of them can be converted to {plan.converts_to}:"
            " ocsf-console convert --help"
        )
    if plan.sent_before:
        times = output.counted(len(plan.sent_before), "time")
        output.say(f"The same content was sent to this target before, {times}: submission {plan.sent_before[-1]}.")
    if words := replaced_words(plan):
        output.say(words)
    _tell_accounts(plan)


def _tell_accounts(plan: Plan) -> None:
    """List the accounts, those first that may become new ones at the target."""
    if not plan.accounts:
        return
    output.say(f"They are about {output.counted(len(plan.accounts), 'account')}:")
    for account in plan.accounts[:ERRORS_SHOWN]:
        name = safe_text(f"{account.provider} {account.uid}".strip(), width=80)
        output.say(f"  {name}, {output.counted(account.records, 'record')}{', new' if account.is_new else ''}")
    if len(plan.accounts) > ERRORS_SHOWN:
        output.say(f"  and {len(plan.accounts) - ERRORS_SHOWN:,} more")
    if new := len(plan.new_accounts):
        output.say(
            f"{new:,} {'is' if new == 1 else 'are'} new: this console never saw {plan.target} accept records of"
            f" {'it' if new == 1 else 'them'}. A new account may be billed."
        )


async def confirmed(desk: Desk, plan: Plan) -> bool:
    """Ask whether to send; without a yes, remove what was frozen."""
    sends = False
    try:
        question = f"Send {output.counted(plan.records, 'record')} to {plan.target}?"
        sends = click.confirm(" ".join(filter(None, (at_stake(plan), question))), err=True)
    finally:
        if not sends:
            await desk.discard(plan)
            output.say("Nothing was sent.")
    return sends


async def deliver(
    desk: Desk, target_name: str, submission: str, outcomes: Callable[[Report], Outcomes], ending: Ending
) -> ExitCode:
    """Send, tell what each batch came to, wait for the jobs where that is asked for, and write the result."""
    result = Result()
    deadline = time.monotonic() + (ending.wait_seconds or 0)
    await _send(desk, submission, outcomes, result)
    try:
        await _conclude(desk, target_name, submission, result, ending, deadline)
    except ConsoleError as error:
        # What was sent counts for more than that no more of it can be told.
        result.failed(error)
    return result.exit_code


async def _conclude(
    desk: Desk, target_name: str, submission: str, result: Result, ending: Ending, deadline: float
) -> None:
    """Look for what became of what was sent, and write the result."""
    if result.codes and await _known(desk, submission) is None:
        return  # It never became one, for the reason that was told: there is nothing to look for, and nothing to show.
    target = await desk.target(target_name)
    if ExitCode.UNKNOWN in result.codes and target.capabilities.shows_doubts:
        await _look(desk, submission, result, ending, remote_jobs=target.capabilities.remote_jobs)
    watched = ending.wait_seconds is not None or not result.running
    if watched:
        await _watch(desk, target_name, result, deadline)
    _tell_errors(result)
    found = await desk.submission(submission)
    if not result.codes and found.in_state(*UNSENT):
        # What stopped the sending came to a good end, and the rest was not sent for it.
        result.codes.add(ExitCode.UNAVAILABLE)
    ended = bool(watched) and result.all_ended
    _show_result(shapes.submitted(found, result.seen, result.errors, ended=ended), ending.form, result)
    _tell_what_is_open(found, target)
    await _tell_what_to_mend(desk, found, result)


def _show_result(shape: shapes.SubmissionShape, form: str, result: Result) -> None:
    """Write the result. What was sent stays sent where that fails: it is told, and counts less than all else."""
    try:
        with output.reader_may_leave():
            show(shape, form)
    except StateError as error:
        result.failed(error)
        output.say(f"That is the result alone: submission {shape.submission} is {shape.state}.")


async def _known(desk: Desk, submission: str) -> Submission | None:
    """The submission, for when something went wrong already, and was told: None where it never became one, or the disk
    refuses to say."""
    try:
        return await desk.submission(submission)
    except ConsoleError:
        return None


async def _send(desk: Desk, submission: str, outcomes: Callable[[Report], Outcomes], result: Result) -> None:
    """Send every batch, and tell what each came to."""
    with output.progress() as report:
        try:
            async for frozen, outcome in outcomes(report):
                error = _failure(outcome)
                if error is not None:
                    result.failed(error)
                if isinstance(outcome, Refused) and outcome.errors:
                    number = frozen.batch.number
                    result.errors[number] = list(await desk.locate(submission, number, outcome.errors))
                if isinstance(outcome, Accepted | PartlyAccepted):
                    result.job_ids[frozen.batch.number] = outcome.job.id
                    result.running |= not outcome.job.ended
                    note = f" {outcome.note}" if isinstance(outcome, Accepted) and outcome.note else ""
                    output.say(f"{safe_text(frozen.source)}: accepted as job {safe_text(outcome.job.id)}.{note}")
        except ConsoleError as error:
            result.failed(error)


async def _look(desk: Desk, submission: str, result: Result, ending: Ending, *, remote_jobs: bool) -> None:
    """Ask the target what became of what is in doubt, for as long as that is worth waiting for."""
    output.say("Looking for what became of it.")
    pauses = list(LOOKS)
    if ending.wait_seconds is not None:
        pauses += [pause for pause in MORE_LOOKS if sum(LOOKS) + pause <= ending.wait_seconds]
    try:
        found = await desk.reconcile(submission, pauses)
    except ConsoleError as error:
        result.failed(error)
        return
    inferred = "its time and size" if remote_jobs else "the findings that are there"
    for batch in found.in_state(BatchState.ACCEPTED):
        if batch.inferred and batch.job_id is not None:
            result.job_ids[batch.number] = batch.job_id
            output.say(f"Batch {batch.number} became job {safe_text(batch.job_id)}: inferred from {inferred}.")
    if not found.in_state(BatchState.UNKNOWN):
        result.codes.discard(ExitCode.UNKNOWN)


def _tell_what_is_open(found: Submission, target: Target) -> None:
    """Say what can be done about what is in doubt or was not sent."""
    from console.submissions.settling import words_of

    this = f"--target {found.target} {found.id}"
    if found.in_state(BatchState.UNKNOWN) and target.capabilities.idempotent:
        output.say(
            "It may have been accepted, and sending it again does no harm:"
            f" ocsf-console jobs resume {this}\nOr let it be: ocsf-console jobs settle {this} --abandon"
        )
    elif found.in_state(BatchState.UNKNOWN):
        look = (
            f": ocsf-console jobs list --target {found.target}"
            if target.capabilities.remote_jobs
            else f" whether {found.target} has the findings."
        )
        output.say(
            f"It may have been accepted. Look before sending again{look}\n"
            f"Then settle it: ocsf-console jobs settle {this} with {words_of(target)}."
        )
    elif unsent := found.in_state(*UNSENT):
        waits = max((batch.not_before for batch in unsent if batch.not_before), default="")
        output.say(
            f"{len(unsent):,} {'batch' if len(unsent) == 1 else 'batches'} not accepted so far. Go on"
            f"{f' after {waits}' if waits else ''} with: ocsf-console jobs resume {this}"
        )


async def _tell_what_to_mend(desk: Desk, found: Submission, result: Result) -> None:
    """Say where to look further when records were rejected."""
    failed = [result.job_ids[number] for number in result.errors if number in result.job_ids]
    if failed:
        output.say(f"See all errors with: ocsf-console jobs errors --target {found.target} {safe_text(failed[0])}")
    for kind in sorted({await desk.rules_for(found.id, number) for number in result.errors}):
        output.say(f"Before the next time, check the files with: ocsf-console validate --for {kind} FILE")


def _failure(outcome: Outcome) -> ConsoleError | None:
    """The error of an outcome in which nothing, or nothing certain, was accepted."""
    match outcome:
        case Accepted() | PartlyAccepted():
            return None
        case Refused(error) | Denied(error) | NotSent(error) | InDoubt(error) | Throttled(error):
            return error
        case _:
            assert_never(outcome)


async def _watch(desk: Desk, target_name: str, result: Result, deadline: float) -> None:
    """Wait for the jobs, tell each change of status, and fetch the errors of those that did not go well."""
    for number, job_id in result.job_ids.items():
        left = max(0.0, deadline - time.monotonic())
        latest: TrackedJob | None = None
        try:
            async for tracked in desk.watch(target_name, job_id, left):
                if latest is None or latest.job.status != tracked.job.status:
                    output.say(f"Job {safe_text(job_id)}: {safe_text(tracked.job.status)}.")
                    output.remarks(tracked.remarks)
                latest = tracked
            if latest is not None and not latest.job.succeeded:
                result.codes.add(ExitCode.FINDINGS)
                result.errors[number] = list((await desk.job_errors(target_name, job_id)).items)
        except ConsoleError as error:
            result.failed(error)
        if latest is not None:
            result.seen.append(latest)


def show(shape: shapes.SubmissionShape, form: str) -> None:
    """Write the result to stdout."""
    if form == "json":
        output.document(shape.document())
        return
    output.line(
        f"{shape.state}: {output.counted(shape.records, 'record')}, {shape.accepted:,} accepted,"
        f" {shape.rejected:,} rejected"
        f" (submission {shape.submission})"
    )
    columns = {"batch": "number", "records": "records", "bytes": "bytes", "state": "state", "job": "job_id"}
    if any("job_status" in batch for batch in shape.batches):
        columns["status"] = "job_status"
    output.table(list(columns), [[batch.get(key) for key in columns.values()] for batch in shape.batches])


def _tell_errors(result: Result) -> None:
    """List the first errors of the jobs that did not go well, and of the batches that were refused."""
    for number, errors in result.errors.items():
        job_id = result.job_ids.get(number)
        output.say(f"Errors of {f'job {safe_text(job_id)}' if job_id else f'batch {number}'}:")
        for located in errors[:ERRORS_SHOWN]:
            at = f"record {located.span.index}, line {located.span.line}" if located.span else "the file"
            output.say(f"  {at}: {safe_text(located.error.message, width=200)}")
