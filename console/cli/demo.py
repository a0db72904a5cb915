"""`demo`: a sandbox, sample files and a desk in a temporary folder, with the UI or the main job on them."""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

from console import config as configuration
from console import paths
from console.cli import output, setup
from console.cli.parsing import Command
from console.cli.tui import open_ui
from console.display import safe_text
from console.errors import ExitCode

if TYPE_CHECKING:
    from console.submissions.desk import Desk
    from console.submissions.model import TrackedJob

TARGET: Final = "prowler"
PATIENCE_SECONDS: Final = 120


@dataclass(frozen=True, slots=True)
class Stage:
    """What a demo plays on."""

    state: Path
    """Where the console keeps what it knows."""
    desk: Desk
    files: Path
    """The folder of sample files."""
    sample: Path
    """The file of 1,000 sound records."""
    config: Path
    """The configuration file."""
    url: str
    """Where the sandbox answers."""


@click.command(cls=Command)
@click.option("--headless", is_flag=True, help="Run the main job once, print each step, and leave.")
def demo(headless: bool) -> int:
    """Try everything on sample files and a sandbox of this machine. Nothing is kept, nothing leaves the machine.

    With --headless, exits 0 only if the job completed.

    \b
    Examples:
      ocsf-console demo
      ocsf-console demo --headless
    """
    with _stage(watchable=not headless) as stage:
        if headless:
            return asyncio.run(_main_job(stage))
        from console.config_file import ConfigFile

        # There is the sandbox and nothing else: the environment must not put the vendor in its place.
        file = ConfigFile(stage.config, is_all=True)
        return open_ui(stage.desk.config, lambda: stage.desk, stage.files, stage.state, file)


@contextmanager
def _stage(*, watchable: bool) -> Iterator[Stage]:
    """Set a temporary folder, a sandbox and a desk up, and take everything down again.

    A *watchable* sandbox works slowly enough for a person to see a job go through its states.
    """
    from console.credentials import Credentials
    from console.sandbox.prowler.intake import ProwlerSettings
    from console.sandbox.prowler.worker import Pace
    from console.sandbox.samples import write_samples
    from console.sandbox.server import running
    from console.sandbox.settings import Settings
    from console.submissions.desk import Desk

    pace = Pace(pending_seconds=2, records_per_second=200) if watchable else Pace()
    with tempfile.TemporaryDirectory(prefix="ocsf-console-demo-") as folder:
        files = paths.private_dir(Path(folder) / "findings")
        sample = write_samples(files)
        with running(Settings(prowler=ProwlerSettings(pace=pace))) as sandbox:
            access = sandbox.access.prowler
            prowler = configuration.ProwlerConfig(kind="prowler", base_url=access.base_url)
            chosen = configuration.Config(targets={TARGET: prowler}, ui=configuration.UiConfig(refresh_seconds=1))
            config = Path(folder) / "config.toml"
            configuration.save(chosen, config)
            credentials = Credentials(environ={"PROWLER_CLOUD_API_KEY": access.api_key.reveal()})
            state = paths.private_dir(Path(folder) / "state")
            yield Stage(
                state, Desk(chosen, credentials, state, setup.make_validator), files, sample, config, sandbox.url
            )


async def _main_job(stage: Stage) -> ExitCode:
    """The main job, step by step: look at a file, validate it, submit it, watch it, then drill into a bad one."""
    try:
        output.line(f"Sandbox: {stage.url}")
        await _look_at(stage)
        sound = await _submit_and_watch(stage, stage.sample)
        bad = await _submit_and_watch(stage, stage.files / "with-bad-records.ocsf.json")
        await _show_errors(stage, bad)
        done = sound.job.succeeded and bad.job.ended
        output.line("The main job is done." if done else "The main job did not complete.")
        return ExitCode.OK if done else ExitCode.FINDINGS
    finally:
        await stage.desk.close()


async def _look_at(stage: Stage) -> None:
    """Say what the sample is, and what validation finds in it."""
    from console.ocsf.run import validate_file
    from console.records.reader import FindingFile
    from console.records.summary.summarise import summarise

    with FindingFile.open(stage.sample) as file:
        summary = await asyncio.to_thread(summarise, file)
    producers = ", ".join(map(safe_text, summary.producers))
    output.line(f"File: {stage.sample.name}, {summary.format}, {summary.records:,} records by {producers}")
    with FindingFile.open(stage.sample) as file:
        report = await asyncio.to_thread(validate_file, file, stage.desk.validator())
    output.line(f"Validated: {report.valid:,} valid, {report.invalid:,} invalid, {report.warnings:,} warnings")


async def _submit_and_watch(stage: Stage, path: Path) -> TrackedJob:
    """Send a file and follow its job to the end."""
    from console.submissions.model import Selection
    from console.targets.base import Accepted, PartlyAccepted

    plan = await stage.desk.prepare([path], TARGET, Selection.ALL)
    output.line(f"Submitting: {path.name}, {plan.records:,} records, {plan.bytes:,} bytes")
    job_id = ""
    async for _, outcome in stage.desk.send(plan):
        if not isinstance(outcome, Accepted | PartlyAccepted):
            raise outcome.error
        job_id = outcome.job.id
    tracked = await stage.desk.job(TARGET, job_id)
    _tell_job(tracked)
    async for later in stage.desk.watch(TARGET, job_id, PATIENCE_SECONDS):
        if later.job.status != tracked.job.status:
            _tell_job(later)
        tracked = later
    return tracked


def _tell_job(tracked: TrackedJob) -> None:
    job = tracked.job
    output.line(f"Job {job.id}: {job.status}, {job.summary.processed} processed, {job.summary.invalid} invalid")


async def _show_errors(stage: Stage, tracked: TrackedJob) -> None:
    """List a job's first errors with the place of each record."""
    page = await stage.desk.job_errors(TARGET, tracked.job.id)
    output.line(f"Errors of job {tracked.job.id}: {page.count}")
    for located in page.items[:3]:
        at = f"record {located.span.index}, line {located.span.line}" if located.span else "the file"
        output.line(f"  {at}: {safe_text(located.error.message, width=100)}")
