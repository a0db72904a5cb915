"""`validate`: check finding files against OCSF, offline."""

from __future__ import annotations

import time
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

from console.cli import output, setup
from console.cli.completion import files
from console.cli.options import format_option
from console.cli.parsing import Command
from console.display import safe_text
from console.errors import BadInput, ExitCode, UnreadableFile
from console.ocsf.rules import Policy, RuleSet
from console.paths import is_there
from console.reports.formats import FORMATS, report_writer
from console.reports.model import CheckedFile, FailOn, ReportWriter, UnreadFile
from console.targets.offline import LENIENT, OFFLINE_KINDS, OWN_FORMATS, offline_rules

if TYPE_CHECKING:
    from console.cli.setup import Source
    from console.limits import Limits
    from console.ocsf.report import Report
    from console.ocsf.run import Check
    from console.ocsf.validator import Validator
    from console.progress import Report as Tell
    from console.records.reader import FindingFile
    from console.records.workers import Workers

AUTO: Final = "auto"


@dataclass(frozen=True, slots=True)
class Run:
    """What the files are held to, and who does it."""

    validator: Validator
    also: Sequence[Check]
    ocsf: bool
    """Whether they are held to OCSF, and not to the rules of targets alone."""
    lenient: bool
    """Whether what OCSF says is no more than a warning."""
    limits: Limits
    workers: Processes


@dataclass(slots=True)
class Processes:
    """Worker processes, which start when the first file is worth it."""

    count: int | None
    """How many were asked for; None leaves it to the machine."""
    stack: ExitStack
    """What ends them."""
    _started: Workers | None = None

    def take(self, file: FindingFile) -> Workers | None:
        """The workers, if they are quicker with the file than this process. Who asks for them by number gets them."""
        from console.ocsf.together import Validation
        from console.records.sharing import helpers, shared_workers

        if not helpers(file, count=self.count):
            return None
        if self._started is None:
            sharing = shared_workers(file, preload=[Validation.__module__], count=self.count)
            self._started = self.stack.enter_context(sharing)
        return self._started


@click.command(cls=Command)
@click.argument("paths", metavar="PATH...", nargs=-1, required=True, shell_complete=files)
@click.option(
    "--rules",
    type=click.Choice([rules.value for rules in RuleSet]),
    default=RuleSet.FULL.value,
    show_default=True,
    help="official: exactly what the official OCSF server says. full: the same without its defects.",
)
@click.option("--schema-version", default=AUTO, show_default=True, help="An OCSF version, or each record's own.")
@click.option("--missing-recommended", is_flag=True, help="Report recommended attributes that are missing.")
@click.option(
    "--for",
    "kinds",
    type=click.Choice(OFFLINE_KINDS),
    multiple=True,
    help="Hold the records to this kind of target's own rules too; for security-hub and cisco-xdr-custom, whose records"
    " are no OCSF, to them alone; for cisco-xdr, which takes less, with OCSF's errors as warnings. May be given several"
    " times.",
)
@click.option(
    "--fail-on",
    type=click.Choice([one.value for one in FailOn]),
    default=FailOn.ERROR.value,
    show_default=True,
    help="What makes the command exit 1.",
)
@click.option(
    "--workers",
    "count",
    type=click.IntRange(1, 256),
    show_default="one for each processor, where the file is large",
    help="Processes that share the work on a file. Listing each issue, and --for, takes one.",
)
@format_option(*FORMATS)
@click.option(
    "-o", "--output", "out", type=click.Path(path_type=Path, dir_okay=False, readable=False), help="Write to this file."
)
def validate(
    paths: Sequence[str],
    rules: str,
    schema_version: str,
    missing_recommended: bool,
    kinds: Sequence[str],
    fail_on: str,
    count: int | None,
    form: str,
    out: Path | None,
) -> ExitCode:
    """Check finding files against OCSF, offline. Folders are searched; - reads stdin.

    Exits 1 when a record is invalid or a file is broken, 2 when a file can't be read at all.

    \b
    Examples:
      ocsf-console validate scan.ocsf.json --for prowler
      ocsf-console validate scans/ --format jsonl -o issues.jsonl
      zcat scan.json.gz | ocsf-console validate - --fail-on warning
    """
    started = time.monotonic()
    limits = setup.read_config().limits.for_files()
    version = None if schema_version == AUTO else schema_version
    policy = Policy(RuleSet(rules), version, missing_recommended=missing_recommended)
    tally = Tally(FailOn(fail_on))
    with (
        setup.finding_files(paths) as sources,
        output.sink(_apart_from(sources, out)) as write,
        ExitStack() as stack,
    ):
        also = [offline_rules(kind, limits) for kind in kinds]
        ocsf = not kinds or not OWN_FORMATS.issuperset(kinds)
        lenient = bool(kinds) and (OWN_FORMATS | LENIENT).issuperset(kinds)
        run = Run(setup.make_validator(policy, limits), also, ocsf, lenient, limits, Processes(count, stack))
        writer = report_writer(form, write, tally.fail_on)
        writer.begin()
        for source in sources:
            try:
                file = _check(source, run, writer)
            except UnreadableFile as error:
                output.error(error)
                writer.unread(UnreadFile(source.label, error.message, error.hint))
                tally.unread += 1
            else:
                writer.checked(file)
                tally.failed += tally.fail_on.fails(file.report)
        writer.end(time.monotonic() - started)
    return tally.exit_code


@dataclass(slots=True)
class Tally:
    """What the exit code is made from."""

    fail_on: FailOn
    failed: int = 0
    """Files with issues that count."""
    unread: int = 0

    @property
    def exit_code(self) -> ExitCode:
        """The worst of what happened."""
        if self.unread:
            return ExitCode.USAGE
        return ExitCode.FINDINGS if self.failed else ExitCode.OK


def _apart_from(sources: Sequence[Source], out: Path | None) -> Path | None:
    """Where to write. Raises `BadInput` when that is one of the files to read."""
    if (
        out is not None
        and is_there(out)
        and any(is_there(source.path) and out.samefile(source.path) for source in sources)
    ):
        raise BadInput(f"{safe_text(out)} is one of the files to check: the report would replace it.")
    return out


def _check(source: Source, run: Run, writer: ReportWriter) -> CheckedFile:
    """Validate one file. Raises `UnreadableFile`."""
    with source.open(run.limits) as file, output.progress() as tell:
        report = _report(file, source.label, run, writer, tell)
        # Only now is it known whether the file holds one document.
        return CheckedFile(source.label, file.format, file.compression, file.size, report)


def _report(file: FindingFile, label: str, run: Run, writer: ReportWriter, tell: Tell) -> Report:
    """The report of one file. Workers only count: what lists each issue is done in this process."""
    from console.ocsf.run import validate_file
    from console.ocsf.together import validate_together

    workers = None if writer.lists_issues or run.also else run.workers.take(file)
    if workers is not None:
        return validate_together(file, run.validator, workers, tell)
    listener = partial(writer.issue, label) if writer.lists_issues else None
    return validate_file(
        file, run.validator, also=run.also, tell=tell, on_issue=listener, ocsf=run.ocsf, lenient=run.lenient
    )
