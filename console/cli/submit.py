"""`submit`: send records to a target, and wait for what becomes of them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from console.cli import begun_at, output, setup, shapes
from console.cli.options import SECONDS, SELECTION, format_option, target_option
from console.cli.parsing import FILE_TO_READ, STDIN, Command
from console.cli.sending import Ending, Outcomes, confirmed, deliver, show, tell_plan
from console.errors import ExitCode
from console.progress import Report
from console.submissions.model import Plan, Selection

if TYPE_CHECKING:
    from console.submissions.desk import Desk


@click.command(cls=Command)
@click.argument("paths", metavar="PATH...", nargs=-1, required=True, type=FILE_TO_READ)
@target_option("Where to send the records.")
@click.option(
    "--select",
    "selection",
    type=SELECTION,
    metavar="all|valid|EXPRESSION",
    default=Selection.ALL.name,
    show_default=True,
    help="Which records: all of them, those that neither OCSF nor the target finds an error in, or those that match.",
)
@click.option("--dry-run", is_flag=True, help="Say what would be sent, and send nothing.")
@click.option("--wait", is_flag=True, help="Wait until the target is done with the records.")
@click.option("--timeout", type=SECONDS, default=300, show_default=True, help="Seconds to wait.")
@click.option("--yes", is_flag=True, help="Do not ask before sending.")
@format_option("text", "json")
def submit(
    paths: Sequence[str],
    target_name: str,
    selection: Selection,
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
    with setup.distinct_files(paths) as sources:
        setup.check_readable(sources, target_name)  # Half of what was named is not sent.
        files = [source.path for source in sources]
        stdin = next((source.path for source in sources if source.label == STDIN), None)
        asks = setup.is_attended() and not yes

        async def work(desk: Desk) -> ExitCode:
            plan = await _plan(desk, files, target_name, selection, stdin)
            if dry_run:
                await desk.discard(plan)
                show(shapes.planned(plan), form)
                return ExitCode.OK
            if asks and not await confirmed(desk, plan):
                return ExitCode.OK
            # Where nobody was asked, nobody knows of what another process has sent since this one began.
            unseen_since = None if asks else datetime.fromtimestamp(begun_at(), UTC)

            def outcomes(report: Report) -> Outcomes:
                return desk.send(plan, report, unseen_since)

            return await deliver(desk, plan.target, plan.submission, outcomes, Ending(form, timeout if wait else None))

        return setup.with_desk(work)


async def _plan(desk: Desk, files: Sequence[Path], target_name: str, selection: Selection, stdin: Path | None) -> Plan:
    """Freeze what would be sent, and tell what that is."""
    with output.progress() as report:
        plan = await desk.prepare(files, target_name, selection, report, stdin)
    tell_plan(plan)
    return plan
