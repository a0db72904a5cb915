"""`validate`: check finding files against OCSF, offline."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

from console.cli import output, setup
from console.display import safe_text
from console.errors import BadInput, ExitCode, UnreadableFile
from console.ocsf.rules import Policy, RuleSet
from console.paths import is_there
from console.targets.offline import LENIENT, OFFLINE_KINDS, OWN_FORMATS, offline_rules

if TYPE_CHECKING:
    from console.cli.setup import Source
    from console.limits import Limits
    from console.ocsf.issues import LocatedIssue
    from console.ocsf.report import Group, GroupKey, Report
    from console.ocsf.run import Check
    from console.ocsf.validator import Validator
    from console.progress import Report as Tell
    from console.records.model import Compression, Format
    from console.records.reader import FindingFile
    from console.records.workers import Workers

AUTO: Final = "auto"
NEVER: Final = "never"
_ISSUE_COLUMNS: Final = ("file", "record", "offset", "line", "severity", "code", "path", "message")
_KINDS_SHOWN: Final = 50
_PATHS_SHOWN: Final = 6


@dataclass(frozen=True, slots=True)
class Checked:
    """A file, and what validation found in it."""

    label: str
    format: Format
    compression: Compression
    bytes: int
    report: Report


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


@click.command()
@click.argument("paths", metavar="PATH...", nargs=-1, required=True)
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
    type=click.Choice(["error", "warning", NEVER]),
    default="error",
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
@click.option(
    "--format", "form", type=click.Choice(["text", "jsonl", "json", "csv"]), default="text", show_default=True
)
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
    checked: list[Checked] = []
    unreadable = False
    with (
        setup.finding_files(paths) as sources,
        output.sink(_apart_from(sources, out)) as write,
        ExitStack() as stack,
    ):
        also = [offline_rules(kind, limits) for kind in kinds]
        ocsf = not kinds or not OWN_FORMATS.issuperset(kinds)
        lenient = bool(kinds) and (OWN_FORMATS | LENIENT).issuperset(kinds)
        run = Run(setup.make_validator(policy, limits), also, ocsf, lenient, limits, Processes(count, stack))
        on_issue = _issue_writer(form, write)
        for source in sources:
            try:
                checked.append(_check(source, run, on_issue))
            except UnreadableFile as error:
                output.error(error)
                unreadable = True
        if form == "json":
            write(output.to_json(_document(checked, time.monotonic() - started)) + "\n")
        elif form == "text":
            for one in checked:
                _tell(one, write)
    if unreadable:
        return ExitCode.USAGE
    return ExitCode.FINDINGS if any(_fails(one.report, fail_on) for one in checked) else ExitCode.OK


def _apart_from(sources: Sequence[Source], out: Path | None) -> Path | None:
    """Where to write. Raises `BadInput` when that is one of the files to read."""
    if (
        out is not None
        and is_there(out)
        and any(is_there(source.path) and out.samefile(source.path) for source in sources)
    ):
        raise BadInput(f"{safe_text(out)} is one of the files to check: the report would replace it.")
    return out


def _check(source: Source, run: Run, on_issue: Callable[[str, LocatedIssue], object] | None) -> Checked:
    """Validate one file. Raises `UnreadableFile`."""
    with source.open(run.limits) as file, output.progress() as tell:
        report = _report(file, source.label, run, on_issue, tell)
        # Only now is it known whether the file holds one document.
        return Checked(source.label, file.format, file.compression, file.size, report)


def _report(
    file: FindingFile, label: str, run: Run, on_issue: Callable[[str, LocatedIssue], object] | None, tell: Tell
) -> Report:
    """The report of one file. Workers only count: what lists each issue is done in this process."""
    from console.ocsf.run import validate_file
    from console.ocsf.together import validate_together

    workers = None if on_issue is not None or run.also else run.workers.take(file)
    if workers is not None:
        return validate_together(file, run.validator, workers, tell)
    listener = None if on_issue is None else lambda issue: on_issue(label, issue)
    return validate_file(
        file, run.validator, also=run.also, tell=tell, on_issue=listener, ocsf=run.ocsf, lenient=run.lenient
    )


def _issue_writer(form: str, write: Callable[[str], object]) -> Callable[[str, LocatedIssue], object] | None:
    """What writes each issue as it is found, in the forms that list them; None in those that count them."""
    if form == "jsonl":
        return lambda label, issue: write(
            output.to_json(dict(zip(_ISSUE_COLUMNS, _issue_row(label, issue), strict=True)), indent=None) + "\n"
        )
    if form == "csv":
        write(output.to_csv(_ISSUE_COLUMNS, []))
        return lambda label, issue: write(output.csv_rows([_issue_row(label, issue)]))
    return None


def _issue_row(label: str, located: LocatedIssue) -> tuple[str | int | None, ...]:
    issue = located.issue
    return (
        label,
        located.record,
        located.offset,
        located.line,
        issue.severity,
        issue.code,
        issue.path,
        issue.message,
    )


def _document(checked: Sequence[Checked], seconds: float) -> output.JsonData:
    """The JSON document of `CONTRACT`."""
    files = [_file_shape(one) for one in checked]
    totals: dict[str, output.JsonData] = {
        key: sum(getattr(one.report, key) for one in checked)
        for key in ("records", "valid", "invalid", "errors", "warnings")
    }
    return {
        "files": files,
        "summary": {
            "files": len(files),
            **totals,
            "bytes": sum(one.bytes for one in checked),
            "seconds": round(seconds, 3),
        },
    }


def _file_shape(one: Checked) -> dict[str, output.JsonData]:
    report = one.report
    return {
        "path": one.label,
        "format": one.format,
        "compression": one.compression,
        "bytes": one.bytes,
        "records": report.records,
        "valid": report.valid,
        "invalid": report.invalid,
        "errors": report.errors,
        "warnings": report.warnings,
        "versions": dict(report.versions),
        "classes": dict(report.classes),
        "groups": [
            {
                "code": key.code,
                "severity": key.severity,
                "path": key.path,
                "count": group.count,
                "first_record": group.first_record,
            }
            for key, group in report.groups.items()
        ],
    }


def _tell(one: Checked, write: Callable[[str], object]) -> None:
    """A file's verdict for a person: one line, then the kinds of issues, the most frequent first."""
    report = one.report
    write(
        f"{safe_text(one.label)}: {output.counted(report.records, 'record')}, {report.valid:,} valid,"
        f" {report.invalid:,} invalid, {output.counted(report.errors, 'error')},"
        f" {output.counted(report.warnings, 'warning')}\n"
    )
    kinds = sorted(_kinds(report), key=_rank)
    for kind in kinds[:_KINDS_SHOWN]:
        key, group = kind[0]
        records = [one.first_record for _, one in kind if one.first_record is not None]
        place = f", first in record {min(records)}" if records else ""
        paths = ", ".join(safe_text(one.path, width=80) for one, _ in kind[:_PATHS_SHOWN] if one.path)
        more = f" and {len(kind) - _PATHS_SHOWN} more" if len(kind) > _PATHS_SHOWN else ""
        where = f" {paths}{more}" if paths else ""
        write(f"  {key.severity} {key.code}{where}: {sum(one.count for _, one in kind):,}{place}\n")
        write(f"    {safe_text(group.message, width=200)}\n")
    if len(kinds) > _KINDS_SHOWN:
        write(f"  and {len(kinds) - _KINDS_SHOWN} more kinds: --format json has them all\n")


def _rank(kind: list[tuple[GroupKey, Group]]) -> tuple[bool, int]:
    """Errors before all else, however many warnings there are; then the more frequent first."""
    return kind[0][0].severity != "error", -sum(group.count for _, group in kind)


def _kinds(report: Report) -> list[list[tuple[GroupKey, Group]]]:
    """The groups, those together that have one explanation: a producer's habit shows in many attributes."""
    kinds: dict[tuple[str, str], list[tuple[GroupKey, Group]]] = {}
    for key, group in report.groups.items():
        kinds.setdefault((key.code, group.message), []).append((key, group))
    return list(kinds.values())


def _fails(report: Report, fail_on: str) -> bool:
    if fail_on == NEVER:
        return False
    return bool(report.errors or (fail_on == "warning" and report.warnings))
