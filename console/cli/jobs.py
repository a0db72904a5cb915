"""`jobs`: the jobs that a target keeps, from its own list, with where each came from."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING, Final

import click

from console.cli import output, setup
from console.cli.options import DAY, SECONDS, format_option, target_option
from console.cli.parsing import Group, not_one_of
from console.cli.settle import resend, resume, settle
from console.display import safe_text
from console.errors import ExitCode
from console.submissions.job_shapes import (
    ALL_JOB_COLUMNS,
    ERROR_COLUMNS,
    JOB_COLUMNS,
    error_rows,
    errors_as_csv,
    errors_as_json,
    job_rows,
    job_shape,
    jobs_as_csv,
    jobs_shape,
)
from console.submissions.tracking import WAITING
from console.targets.base import JOB_SORT_FIELDS, PENDING, PROCESSING, STATUSES, JobQuery

if TYPE_CHECKING:
    from console.submissions.desk import Desk
    from console.submissions.listing import AllJobs, Gathered
    from console.submissions.model import LocatedError, TrackedJob
    from console.targets.base import Page

_STATUSES: Final = (*STATUSES, WAITING)
"""Those that jobs can be asked for by."""


@click.group(cls=Group)
def jobs() -> None:
    """List the jobs of targets, look into one, read its errors, watch it, or settle it.

    \b
    Examples:
      ocsf-console jobs list
      ocsf-console jobs list --target prowler --status failed,processing --sort -inserted_at
      ocsf-console jobs errors --target prowler 3650fef9-8e5f-4808-a95f-74f0afae8499
    """


def _statuses(_ctx: click.Context, _option: click.Parameter, value: str) -> tuple[str, ...]:
    """Split `S,S`, in upper or lower case. A target that is asked for a status it does not know answers an error."""
    words = [part.strip().lower() for part in value.split(",") if part.strip()]
    unknown = [word for word in words if word not in _STATUSES]
    if unknown:
        raise click.BadParameter(not_one_of(unknown[0], _STATUSES))
    return tuple(words)


def _sort(_ctx: click.Context, _option: click.Parameter, value: str) -> str:
    if value.removeprefix("-") not in JOB_SORT_FIELDS:
        raise click.BadParameter(not_one_of(value, JOB_SORT_FIELDS, ", with or without '-' in front"))
    return value


def _text(_ctx: click.Context, _option: click.Parameter, value: str) -> str:
    """Refuse what no request can carry: bytes that are no text arrive as lone surrogates."""
    if not value.isprintable():
        raise click.BadParameter(f"{safe_text(value)} is not text")
    return value


@jobs.command("list")
@target_option("Whose jobs; those of all targets without it.", required=False)
@click.option(
    "--status",
    "statuses",
    metavar="S[,S]",
    default="",
    callback=_statuses,
    help=f"Any of {', '.join(_STATUSES)}.",
)
@click.option("--search", metavar="Q", default="", callback=_text, help="A word to search for.")
@click.option("--inserted", type=DAY, metavar="DATE", help="Inserted on this day, YYYY-MM-DD.")
@click.option("--completed", type=DAY, metavar="DATE", help="Completed on this day, YYYY-MM-DD.")
@click.option("--sort", metavar="[-]FIELD", default="-inserted_at", show_default=True, callback=_sort, help="Order.")
@click.option("--page", type=click.IntRange(min=1), default=1, show_default=True)
@click.option("--page-size", type=click.IntRange(1, 100), default=20, show_default=True)
@format_option("text", "json", "csv")
def list_jobs(
    target_name: str | None,
    statuses: tuple[str, ...],
    search: str,
    inserted: date | None,
    completed: date | None,
    sort: str,
    page: int,
    page_size: int,
    form: str,
) -> ExitCode:
    """List one page of the jobs of a target, or of all targets together, newest first.

    What is in doubt or was not sent whole comes before the others. A target of several that does not answer is told
    on stderr. Exits 3 when none answers; 4 when each denies it.

    \b
    Examples:
      ocsf-console jobs list
      ocsf-console jobs list --target prowler --status failed,processing --inserted 2026-11-21
      ocsf-console jobs list --target prowler --sort completed_at --page 2 --format csv
    """
    query = JobQuery(
        statuses=statuses,
        search=search,
        inserted=inserted,
        completed=completed,
        sort=sort,
        page=page,
        page_size=page_size,
    )
    if target_name is None:
        return _list_all(query, form)

    async def work(desk: Desk) -> Page[TrackedJob]:
        return await desk.jobs(target_name, query)

    _show_list(setup.with_desk(work), form, JOB_COLUMNS)
    return ExitCode.OK


def _list_all(query: JobQuery, form: str) -> ExitCode:
    """List the jobs of all targets. What came is shown, whoever did not answer."""

    async def work(desk: Desk) -> AllJobs:
        return await desk.jobs_of_all(query)

    found = setup.with_desk(work)
    for name, error in found.failures.items():
        output.say(f"Without the jobs of {name}:")
        output.error(error)
    with output.reader_may_leave():
        _show_list(found.page, form, ALL_JOB_COLUMNS)
    if not found.none_answered:
        return ExitCode.OK
    codes = {error.exit_code for error in found.failures.values()}
    return ExitCode.DENIED if codes == {ExitCode.DENIED} else ExitCode.UNAVAILABLE


def _show_list(found: Page[TrackedJob], form: str, columns: Sequence[str]) -> None:
    if form == "json":
        output.document(jobs_shape(found))
        return
    if form == "csv":
        output.data(jobs_as_csv(found.items))
        return
    output.table(columns, job_rows(found.items, columns))
    output.say(f"Page {found.number} of {found.pages}, {output.counted(found.count, 'job')}.")


@jobs.command()
@target_option("Whose jobs.")
@click.argument("job_id", metavar="ID", callback=_text)
@format_option("text", "json")
def show(target_name: str, job_id: str, form: str) -> None:
    """Show one job.

    \b
    Example:
      ocsf-console jobs show --target prowler 3650fef9-8e5f-4808-a95f-74f0afae8499 --format json
    """

    async def work(desk: Desk) -> TrackedJob:
        return await desk.job(target_name, job_id)

    _show_job(setup.with_desk(work), form)


@jobs.command()
@target_option("Whose jobs.")
@click.argument("job_id", metavar="ID", callback=_text)
@format_option("text", "json", "csv")
def errors(target_name: str, job_id: str, form: str) -> None:
    """List what went wrong in a job: all of it, each with the place of its record where that is known.

    \b
    Example:
      ocsf-console jobs errors --target prowler 3650fef9-8e5f-4808-a95f-74f0afae8499 --format csv
    """
    from console.submissions.listing import gathered

    async def work(desk: Desk) -> Gathered[LocatedError]:
        return await gathered(lambda number: desk.job_errors(target_name, job_id, number))

    everything = setup.with_desk(work)
    if everything.cut:
        output.say(f"These are the first {len(everything.items):,} of {everything.count:,} errors.")
    if form == "json":
        output.line(errors_as_json(everything.items))
    elif form == "csv":
        output.data(errors_as_csv(everything.items))
    else:
        output.table(ERROR_COLUMNS, error_rows(everything.items))


@jobs.command()
@target_option("Whose jobs.")
@click.argument("job_id", metavar="[ID]", callback=_text, default="")
@click.option("--timeout", type=SECONDS, default=None, help="Seconds to wait; for ever without it.")
def watch(target_name: str, job_id: str, timeout: float | None) -> ExitCode:
    """Follow a job until it has ended; without an ID, each one that has not ended yet.

    Exits 1 when one failed or rejected records, 6 when one has not ended within --timeout.

    \b
    Examples:
      ocsf-console jobs watch --target prowler
      ocsf-console jobs watch --target prowler 3650fef9-8e5f-4808-a95f-74f0afae8499 --timeout 600
    """
    deadline = None if timeout is None else time.monotonic() + timeout

    async def work(desk: Desk) -> ExitCode:
        code = ExitCode.OK
        names = [job_id] if job_id else await _running(desk, target_name)
        if not names:
            output.say("No job is running.")
        for name in names:
            left = None if deadline is None else max(0.0, deadline - time.monotonic())
            latest = await _follow(desk, target_name, name, left, several=len(names) > 1)
            if latest is None or not latest.job.succeeded:
                code = ExitCode.FINDINGS
                output.say(f"See what went wrong: ocsf-console jobs errors --target {target_name} {safe_text(name)}")
        return code

    return setup.with_desk(work)


async def _running(desk: Desk, target_name: str) -> list[str]:
    """The ids of the jobs that have not ended, those first that began first. Those without one can't be asked for."""
    from console.submissions.listing import gathered

    query = JobQuery(statuses=(PENDING, PROCESSING), sort="inserted_at", page_size=100)
    found = await gathered(lambda number: desk.jobs(target_name, replace(query, page=number)))
    return [tracked.job.id for tracked in found.items if tracked.job.id]


async def _follow(
    desk: Desk, target_name: str, job_id: str, timeout: float | None, *, several: bool
) -> TrackedJob | None:
    """Tell each change of a job; how it was when it had ended."""
    latest = None
    name = f"{safe_text(job_id)}: " if several else ""
    async for tracked in desk.watch(target_name, job_id, timeout):
        if latest is None or latest.job != tracked.job:
            summary = tracked.job.summary
            output.say(
                f"{name}{safe_text(tracked.job.status)}: {summary.processed or 0} processed,"
                f" {summary.invalid or 0} invalid of {'?' if summary.total is None else summary.total}"
            )
            output.remarks(tracked.remarks)
        latest = tracked
    return latest


for command in (settle, resume, resend):
    jobs.add_command(command)


def _show_job(tracked: TrackedJob, form: str) -> None:
    shape = job_shape(tracked)
    if form == "json":
        output.document(shape)
        return
    summary = tracked.job.summary
    inferred = ["Its submission is inferred from what the target shows."] if tracked.inferred else []
    notes = [*inferred, *tracked.remarks]
    facts = {
        **{key: shape[key] for key in ("id", "target", "status")},
        "total": summary.total,
        "processed": summary.processed,
        "invalid": summary.invalid,
        **{key: shape[key] for key in ("requested_at", "started_at", "completed_at", "submission", "sha256")},
        "files": " ".join(tracked.files) or None,
        "note": " ".join(notes) or tracked.job.raw.get("detail"),
    }
    output.table(("what", "value"), list(facts.items()))
