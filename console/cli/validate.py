"""`validate`: check finding files against OCSF, offline."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

from console.cli import output, setup
from console.cli.checking import FileChecks
from console.cli.options import AUTO, VERSION, format_option
from console.cli.parsing import FILE_TO_READ, Command, OneOf
from console.display import safe_text
from console.errors import BadInput, ExitCode, UnreadableFile
from console.ocsf.issues import LocatedIssue
from console.ocsf.rules import Policy, RuleSet
from console.paths import is_there
from console.records.model import Format
from console.reports.formats import FORMATS, report_writer
from console.reports.model import FailOn, UnreadFile
from console.targets.offline import OFFLINE_KINDS, Rules

if TYPE_CHECKING:
    from console.cli.setup import Source

_OF_TARGETS: Final = {
    Format.ASFF: ("findings of AWS Security Hub", "security-hub"),
    Format.BUNDLE: ("a bundle for Cisco XDR", "cisco-xdr"),
    Format.BUNDLES: ("bundles for Cisco XDR", "cisco-xdr"),
    Format.CISCO_CUSTOM: ("a finding in Cisco XDR's simplified format", "cisco-xdr-custom"),
}
"""What files of the formats of targets hold, and the kind of target whose own rules there are for that."""


@click.command(cls=Command)
@click.argument("paths", metavar="PATH...", nargs=-1, required=True, type=FILE_TO_READ)
@click.option(
    "--rules",
    type=OneOf([rules.value for rules in RuleSet]),
    default=RuleSet.FULL.value,
    show_default=True,
    help="official: exactly what the official OCSF server says. full: the same without its defects.",
)
@click.option(
    "--schema-version",
    type=VERSION,
    metavar="auto|VERSION",
    default=AUTO,
    show_default=True,
    help="An OCSF version, or each record's own.",
)
@click.option("--missing-recommended", is_flag=True, help="Report recommended attributes that are missing.")
@click.option(
    "--for",
    "kinds",
    type=OneOf(OFFLINE_KINDS),
    multiple=True,
    help="Hold the records to this kind of target's own rules too; for security-hub and cisco-xdr-custom, whose records"
    " are no OCSF, to them alone; for cisco-xdr, which takes less, with OCSF's errors as warnings. May be given several"
    " times.",
)
@click.option(
    "--fail-on",
    type=OneOf([one.value for one in FailOn]),
    default=FailOn.ERROR.value,
    show_default=True,
    help="What makes the command exit 1.",
)
@click.option(
    "--workers",
    "count",
    type=click.IntRange(1, 256),
    show_default="one for each processor, where there is much to do",
    help="Processes that share the work: on parts of a large file, or on many files. A file takes one where each issue"
    " is listed, and with --for.",
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
        output.reader_may_leave(),
        setup.distinct_files(paths) as sources,
        output.sink(_apart_from(sources, out)) as write,
        ExitStack() as stack,
    ):
        writer = report_writer(form, Reader(write, tally), tally.fail_on)

        def tell_issue(label: str, located: LocatedIssue) -> None:
            tally.issue(located)
            writer.issue(label, located)

        on_issue = tell_issue if writer.lists_issues else None
        checks = FileChecks(Rules(policy, tuple(kinds)), limits, on_issue, count, stack)
        foreign: dict[Format, list[str]] = {}
        writer.begin()
        for file in checks.of(sources):
            if isinstance(file, UnreadFile):
                tally.unread += 1
                output.error(UnreadableFile(file.message, hint=file.hint))
                writer.unread(file)
            else:
                tally.failed |= tally.fail_on.fails(file.report)
                writer.checked(file)
                if file.format in _OF_TARGETS:
                    foreign.setdefault(file.format, []).append(file.label)
        writer.end(time.monotonic() - started)
        if writer.remark:
            output.say(f"Warning: {writer.remark} `--format jsonl` lists all.")
        if form == "text" and not kinds:
            _tell_of_rules(foreign)
    return tally.exit_code


def _tell_of_rules(foreign: Mapping[Format, Sequence[str]]) -> None:
    """Tell which files there are further rules for, by their formats: one line for each of these."""
    for form, labels in foreign.items():
        what, kind = _OF_TARGETS[form]
        more = f" and {output.counted(len(labels) - 1, 'more file')}" if labels[1:] else ""
        holds = "hold" if more else "holds"
        output.say(f"{safe_text(labels[0])}{more} {holds} {what}: check that with --for {kind}.")


@dataclass(slots=True)
class Tally:
    """What the exit code is made from. Noted before it is written: the reader may leave at any time."""

    fail_on: FailOn
    failed: bool = False
    """Whether an issue that counts was found."""
    unread: int = 0

    def issue(self, located: LocatedIssue) -> None:
        """Note an issue of a file that is not read to its end yet."""
        self.failed |= self.fail_on.counts(located.issue.severity)

    @property
    def exit_code(self) -> ExitCode:
        """The worst of what happened."""
        if self.unread:
            return ExitCode.USAGE
        return ExitCode.FINDINGS if self.failed else ExitCode.OK


@dataclass(slots=True)
class Reader:
    """Whoever reads the report. He may leave at any time, and what decides the exit code is looked for all the same."""

    write: Callable[[str], object]
    tally: Tally
    is_gone: bool = False

    def __call__(self, text: str) -> None:
        """Write it, if somebody reads it. Raises `ReaderGone` when nobody does, and the exit code is known."""
        if not self.is_gone:
            try:
                self.write(text)
            except output.ReaderGone:
                self.is_gone = True
        if self.is_gone and self.tally.exit_code is not ExitCode.OK:
            raise output.ReaderGone


def _apart_from(sources: Sequence[Source], out: Path | None) -> Path | None:
    """Where to write. Raises `BadInput` when that is one of the files to read."""
    if (
        out is not None
        and is_there(out)
        and any(is_there(source.path) and out.samefile(source.path) for source in sources)
    ):
        raise BadInput(f"{safe_text(out)} is one of the files to check: the report would replace it.")
    return out
