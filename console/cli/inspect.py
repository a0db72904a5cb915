"""`inspect`: what finding files hold, without judging it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Final

import click

from console.cli import output, setup
from console.display import safe_text
from console.errors import ExitCode, UnreadableFile

if TYPE_CHECKING:
    from console.cli.setup import Source
    from console.records.summary import Summary

_FAULTS_SHOWN: Final = 10


@click.command()
@click.argument("paths", metavar="PATH...", nargs=-1, required=True)
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True)
def inspect(paths: Sequence[str], form: str) -> ExitCode:
    """Say what finding files hold: format, producer, OCSF versions and classes, severities, accounts, time span.

    \b
    Examples:
      ocsf-console inspect scan.ocsf.json
      ocsf-console inspect scans/ --format json
    """
    code = ExitCode.OK
    shapes: list[output.JsonData] = []
    with setup.finding_files(paths) as sources:
        for source in sources:
            try:
                summary = _summarise(source)
            except UnreadableFile as error:
                output.error(error)
                code = error.exit_code
                continue
            if form == "text":
                _tell(source.label, summary)
            shapes.append(_shape(source.label, summary))
    if form == "json":
        output.document({"files": shapes})
    return code


def _summarise(source: Source) -> Summary:
    from console.records.reader import FindingFile
    from console.records.summary import summarise

    limits = setup.read_config().limits.for_files()
    with FindingFile.open(source.path, limits) as file, output.progress() as report:
        return summarise(file, report)


def _shape(label: str, summary: Summary) -> dict[str, output.JsonData]:
    """The JSON shape of `CONTRACT`, with what is broken in the file."""
    return {
        "path": label,
        "format": summary.format,
        "compression": summary.compression,
        "bytes": summary.bytes,
        "records": summary.records,
        "versions": summary.versions,
        "classes": summary.classes,
        "severities": summary.severities,
        "statuses": summary.statuses,
        "accounts": [
            {"provider": account.provider, "uid": account.uid, "records": account.records}
            for account in summary.accounts
        ],
        "producers": summary.producers,
        "time": {
            "first": summary.first.isoformat() if summary.first else None,
            "last": summary.last.isoformat() if summary.last else None,
        },
        "duplicates": summary.duplicates,
        "sha256": summary.sha256,
        "faults": [
            {
                "code": fault.code,
                "message": fault.message,
                "record": fault.index,
                "offset": fault.offset,
                "line": fault.line,
            }
            for fault in summary.faults
        ],
    }


def _tell(label: str, summary: Summary) -> None:
    """The same for a person."""
    packed = "" if summary.compression == "none" else f", {summary.compression}"
    output.line(
        f"{safe_text(label)}: {summary.format}{packed}, {summary.bytes:,} bytes,"
        f" {output.counted(summary.records, 'record')}"
    )
    for name, counts in (
        ("producers", summary.producers),
        ("versions", summary.versions),
        ("classes", summary.classes),
        ("severities", summary.severities),
        ("statuses", summary.statuses),
        ("accounts", {f"{one.provider} {one.uid}".strip(): one.records for one in summary.accounts}),
    ):
        output.line(f"  {name:12}{_counts(counts)}")
    if summary.first and summary.last:
        output.line(f"  {'time':12}{summary.first.isoformat()} to {summary.last.isoformat()}")
    if summary.duplicates:
        output.line(f"  {'duplicates':12}{summary.duplicates:,} records repeat an earlier finding's identifier")
    output.line(f"  {'sha256':12}{summary.sha256}")
    for fault in summary.faults[:_FAULTS_SHOWN]:
        where = f"line {fault.line}: " if fault.line else ""
        output.line(f"  {'broken':12}{where}{safe_text(fault.message, width=200)}")


def _counts(counts: Mapping[str, int]) -> str:
    return ", ".join(f"{safe_text(key, width=60) or '(none)'} {count:,}" for key, count in counts.items()) or "-"
