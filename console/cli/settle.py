"""`jobs settle`, `jobs resume`, `jobs resend`: what the operator says of a submission that did not go as planned."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import TYPE_CHECKING, TypeVar

import click

from console.cli import begun_at, output, setup, shapes
from console.cli.options import SECONDS, format_option, target_option
from console.cli.parsing import Command, OneOf
from console.cli.sending import Ending, Outcomes, confirmed, deliver, show, tell_plan
from console.display import safe_text
from console.errors import BadInput, ExitCode
from console.progress import Report
from console.submissions.model import BatchState

if TYPE_CHECKING:
    from console.submissions.desk import Desk

F = TypeVar("F", bound=Callable[..., object])


def _options(command: F) -> F:
    """The options of every command here."""
    for option in (
        format_option("text", "json"),
        click.option("--timeout", type=SECONDS, default=300, show_default=True, help="Seconds to wait."),
        click.option("--wait", is_flag=True, help="Wait until the target is done with the records."),
        target_option("Where it goes."),
    ):
        command = option(command)
    return command


@click.command(cls=Command)
@_options
@click.argument("submission", metavar="SUBMISSION")
@click.option("--adopt", metavar="ID", help="It became this job.")
@click.option("--batch", type=click.IntRange(min=1), help="With --adopt: which batch did, where several may have.")
@click.option("--resend", "resends", is_flag=True, help="Send it once more, although it may have been accepted.")
@click.option("--abandon", "abandons", is_flag=True, help="Let it be: it is never sent again.")
def settle(
    target_name: str,
    submission: str,
    adopt: str | None,
    batch: int | None,
    resends: bool,
    abandons: bool,
    wait: bool,
    timeout: float,
    form: str,
) -> ExitCode:
    """Say what became of a submission whose outcome is unknown.

    Without --adopt, --resend or --abandon the target is asked once more: where it shows one job that can be it and
    nothing else, that job is adopted. Exits 5 while it stays unknown.

    \b
    Examples:
      ocsf-console jobs list --target prowler --status unknown
      ocsf-console jobs settle --target prowler SUBMISSION --adopt 3650fef9-8e5f-4808-a95f-74f0afae8499
      ocsf-console jobs settle --target prowler SUBMISSION --resend --wait
    """
    if (adopt is not None) + resends + abandons > 1:
        raise click.UsageError("--adopt, --resend and --abandon exclude each other.")

    async def work(desk: Desk) -> ExitCode:
        await _belongs(desk, target_name, submission)
        if adopt is not None:
            await desk.adopt(submission, adopt, batch)
        elif abandons:
            await desk.abandon(submission)
        elif resends:
            await desk.allow_resend(submission)
            return await _go_on(desk, target_name, submission, Ending(form, timeout if wait else None))
        else:
            await desk.look(target_name)
        found = await desk.submission(submission)
        show(shapes.submitted(found, [], {}, ended=False), form)
        return ExitCode.UNKNOWN if found.in_state(BatchState.UNKNOWN) else ExitCode.OK

    return setup.with_desk(work)


@click.command(cls=Command)
@_options
@click.argument("submission", metavar="SUBMISSION")
def resume(target_name: str, submission: str, wait: bool, timeout: float, form: str) -> ExitCode:
    """Go on with a submission that was interrupted, denied, or asked to wait. Sends only what was not accepted.

    \b
    Example:
      ocsf-console jobs resume --target prowler SUBMISSION --wait
    """

    async def work(desk: Desk) -> ExitCode:
        await _belongs(desk, target_name, submission)
        return await _go_on(desk, target_name, submission, Ending(form, timeout if wait else None))

    return setup.with_desk(work)


@click.command(cls=Command)
@_options
@click.argument("job_id", metavar="ID")
@click.option("--only", type=OneOf(["failed"]), required=True, expose_value=False, help="Those that the job rejected.")
@click.option("--yes", is_flag=True, help="Do not ask before sending.")
def resend(target_name: str, job_id: str, yes: bool, wait: bool, timeout: float, form: str) -> ExitCode:
    """Send the records that a job rejected once more, as a new submission, from what was frozen for it.

    \b
    Example:
      ocsf-console jobs resend --target prowler 3650fef9-8e5f-4808-a95f-74f0afae8499 --only failed --wait
    """

    async def work(desk: Desk) -> ExitCode:
        with output.progress() as report:
            plan = await desk.prepare_again(target_name, job_id, report)
        tell_plan(plan)
        asks = setup.is_attended() and not yes
        if asks and not await confirmed(desk, plan):
            return ExitCode.OK
        unseen_since = None if asks else datetime.fromtimestamp(begun_at(), UTC)

        def outcomes(report: Report) -> Outcomes:
            return desk.send(plan, report, unseen_since)

        return await deliver(desk, target_name, plan.submission, outcomes, Ending(form, timeout if wait else None))

    return setup.with_desk(work)


async def _go_on(desk: Desk, target_name: str, submission: str, ending: Ending) -> ExitCode:
    """Send what is certain not to have been accepted."""

    def outcomes(report: Report) -> Outcomes:
        return desk.resume(submission, report)

    return await deliver(desk, target_name, submission, outcomes, ending)


async def _belongs(desk: Desk, target_name: str, submission: str) -> None:
    """Raise `BadInput` for a submission that is not for this target: the two must not be mixed up."""
    target, found = await desk.target(target_name), await desk.submission(submission)
    if (found.target, found.origin) != (target.name, target.origin):
        raise BadInput(
            f"Submission {safe_text(submission, width=60)} is for {found.target} at {safe_text(found.origin)}, and not"
            f" for {target_name} at {safe_text(target.origin)}."
        )
