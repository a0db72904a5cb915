"""`jobs`: the jobs that a target keeps, from its own list, with where each came from."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date, datetime
from typing import TYPE_CHECKING, Final, TypeVar

import click

from console.cli import output, setup, shapes
from console.cli.settle import resend, resume, settle
from console.display import safe_text
from console.errors import ExitCode
from console.submissions.tracking import WAITING
from console.targets.base import JOB_SORT_FIELDS, STATUSES, JobQuery

if TYPE_CHECKING:
    from console.submissions.desk import Desk
    from console.submissions.listing import Gathered
    from console.submissions.model import LocatedError, TrackedJob
    from console.targets.base import Page

F = TypeVar("F", bound=Callable[..., object])

_JOB_COLUMNS: Final = (
    "id", "status", "total", "processed", "invalid", "requested_at", "started_at", "completed_at", "files",
)  # fmt: skip
_ERROR_COLUMNS: Final = ("record", "file", "line", "offset", "code", "message", "uid", "pointer")

_DATE: Final = click.DateTime(["%Y-%m-%d"])

target_option = click.option("--target", "target_name", metavar="NAME", required=True, help="Whose jobs.")


def format_option(*forms: str) -> Callable[[F], F]:
    """The `--format` of a command that can write in these forms."""
    return click.option("--format", "form", type=click.Choice(forms), default="text", show_default=True)


@click.group()
def jobs() -> None:
    """List the jobs of a target, look into one, read its errors, or watch it.

    \b
    Examples:
      ocsf-console jobs list --target prowler --status failed,processing --sort -inserted_at
      ocsf-console jobs errors --target prowler 3650fef9-8e5f-4808-a95f-74f0afae8499
    """


def _statuses(_ctx: click.Context, _option: click.Parameter, value: str) -> tuple[str, ...]:
    """Split `S,S`. Any word is allowed: a target may know statuses that we do not."""
    return tuple(part.strip() for part in value.split(",") if part.strip())


def _sort(_ctx: click.Context, _option: click.Parameter, value: str) -> str:
    if value.removeprefix("-") not in JOB_SORT_FIELDS:
        raise click.BadParameter(f"'{value}' is not one of {', '.join(JOB_SORT_FIELDS)}, with or without '-' in front")
    return value


def _text(_ctx: click.Context, _option: click.Parameter, value: str) -> str:
    """Refuse what no request can carry: bytes that are no text arrive as lone surrogates."""
    if not value.isprintable():
        raise click.BadParameter(f"{safe_text(value)} is not text")
    return value


def _day(value: datetime | None) -> date | None:
    return value.date() if value else None


@jobs.command("list")
@target_option
@click.option(
    "--status",
    "statuses",
    metavar="S[,S]",
    default="",
    callback=_statuses,
    help=f"Any of {', '.join((*STATUSES, WAITING))}.",
)
@click.option("--search", metavar="Q", default="", callback=_text, help="A word to search for.")
@click.option("--inserted", type=_DATE, metavar="DATE", help="Inserted on this day, YYYY-MM-DD.")
@click.option("--completed", type=_DATE, metavar="DATE", help="Completed on this day, YYYY-MM-DD.")
@click.option("--sort", metavar="[-]FIELD", default="-inserted_at", show_default=True, callback=_sort, help="Order.")
@click.option("--page", type=click.IntRange(min=1), default=1, show_default=True)
@click.option("--page-size", type=click.IntRange(1, 100), default=20, show_default=True)
@format_option("text", "json", "csv")
def list_jobs(
    target_name: str,
    statuses: tuple[str, ...],
    search: str,
    inserted: datetime | None,
    completed: datetime | None,
    sort: str,
    page: int,
    page_size: int,
    form: str,
) -> None:
    """List one page of a target's jobs, newest first."""
    query = JobQuery(
        statuses=statuses,
        search=search,
        inserted=_day(inserted),
        completed=_day(completed),
        sort=sort,
        page=page,
        page_size=page_size,
    )

    async def work(desk: Desk) -> Page[TrackedJob]:
        return await desk.jobs(target_name, query)

    found = setup.with_desk(work)
    if form == "json":
        output.document(shapes.jobs(found))
        return
    rows = [_job_row(tracked) for tracked in found.items]
    if form == "csv":
        output.data(output.to_csv(_JOB_COLUMNS, rows))
        return
    output.table(_JOB_COLUMNS, rows)
    output.say(f"Page {found.number} of {found.pages}, {found.count} jobs.")


@jobs.command()
@target_option
@click.argument("job_id", metavar="ID", callback=_text)
@format_option("text", "json")
def show(target_name: str, job_id: str, form: str) -> None:
    """Show one job."""

    async def work(desk: Desk) -> TrackedJob:
        return await desk.job(target_name, job_id)

    _show_job(setup.with_desk(work), form)


@jobs.command()
@target_option
@click.argument("job_id", metavar="ID", callback=_text)
@format_option("text", "json", "csv")
def errors(target_name: str, job_id: str, form: str) -> None:
    """List what went wrong in a job: all of it, each with the place of its record where that is known."""
    from console.submissions.listing import gathered

    async def work(desk: Desk) -> Gathered[LocatedError]:
        return await gathered(lambda number: desk.job_errors(target_name, job_id, number))

    everything = setup.with_desk(work)
    if everything.cut:
        output.say(f"These are the first {len(everything.items):,} of {everything.count:,} errors.")
    found = [shapes.job_error(error) for error in everything.items]
    if form == "json":
        output.document({"errors": found})
        return
    rows = [[error[column] for column in _ERROR_COLUMNS] for error in found]
    if form == "csv":
        output.data(output.to_csv(_ERROR_COLUMNS, rows))
    else:
        output.table(_ERROR_COLUMNS, rows)


@jobs.command()
@target_option
@click.argument("job_id", metavar="ID", callback=_text)
@click.option("--timeout", type=click.FloatRange(min=0), default=None, help="Seconds to wait; for ever without it.")
def watch(target_name: str, job_id: str, timeout: float | None) -> ExitCode:
    """Follow a job until it has ended. Exits 1 when it failed or rejected records."""

    async def work(desk: Desk) -> TrackedJob | None:
        latest = None
        async for tracked in desk.watch(target_name, job_id, timeout):
            if latest is None or latest.job != tracked.job:
                summary = tracked.job.summary
                output.say(
                    f"{safe_text(tracked.job.status)}: {summary.processed or 0} processed,"
                    f" {summary.invalid or 0} invalid of {'?' if summary.total is None else summary.total}"
                )
                output.remarks(tracked.remarks)
            latest = tracked
        return latest

    latest = setup.with_desk(work)
    return ExitCode.OK if latest is not None and latest.job.succeeded else ExitCode.FINDINGS


for command in (settle, resume, resend):
    jobs.add_command(command)


def _job_row(tracked: TrackedJob) -> Sequence[object]:
    job = tracked.job
    return [
        job.id, job.status, job.summary.total, job.summary.processed, job.summary.invalid,
        job.requested_at, job.started_at, job.completed_at, " ".join(tracked.files) or None,
    ]  # fmt: skip


def _show_job(tracked: TrackedJob, form: str) -> None:
    shape = shapes.job(tracked)
    if form == "json":
        output.document(shape)
        return
    summary = tracked.job.summary
    inferred = ["Its submission is inferred from time and size."] if tracked.inferred else []
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
