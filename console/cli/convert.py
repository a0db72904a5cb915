"""`convert`: a finding file in another format, written to a new file, with an account of what became of each value."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

from console.cli import output, setup
from console.cli.apart import check_apart
from console.cli.parsing import FILE_TO_READ, Command, OneOf
from console.display import safe_text
from console.errors import ExitCode

if TYPE_CHECKING:
    from console.cli.setup import Source
    from console.convert.asff_origin import AsffOptions
    from console.convert.run import Conversion
    from console.convert.tally import Counted, Refusal, Tally
    from console.records.reader import FindingFile

_FORMS: Final = ("asff", "cisco-bundle", "cisco-custom", "array", "ndjson")
_LABELS: Final = ("INFORMATIONAL", "LOW", "MEDIUM", "HIGH", "CRITICAL")
_SHOWN: Final = 20
"""Reasons, and changes of a kind, that are shown to a person."""
_SHOWN_KINDS: Final = ("repeated", "left_out", "shortened", "replaced", "filled_in", "unmapped")
"""What is not in the new file as it was, or will not stay, the worst first."""


@click.command(cls=Command)
@click.argument("file", type=FILE_TO_READ)
@click.option("--to", "form", type=OneOf(_FORMS), required=True, help="What to convert to.")
@click.option(
    "-o",
    "--output",
    "out",
    type=click.Path(path_type=Path, dir_okay=False, readable=False),
    required=True,
    help="The new file; one that is there is replaced. - is stdout.",
)
@click.option("--account", help="asff: the account of findings that are about none of AWS, 12 digits.")
@click.option("--region", help="asff: the region of findings that are about none of AWS.")
@click.option("--partition", help="asff: the partition, such as aws-cn; by default that of the region.")
@click.option("--product-arn", help="asff: the product that reports; by default the account's own.")
@click.option(
    "--severity-for-unknown",
    type=OneOf(_LABELS, case_sensitive=False),
    help="asff: the severity of findings that have none; without it they are left out.",
)
@click.option("--format", "report_format", type=OneOf(["text", "json"]), default="text", show_default=True)
def convert(
    file: str,
    form: str,
    out: Path,
    account: str | None,
    region: str | None,
    partition: str | None,
    product_arn: str | None,
    severity_for_unknown: str | None,
    report_format: str,
) -> ExitCode:
    """Write the findings of a file in the format of another service; - reads stdin.

    FILE stays as it is. The report says what became of each value, and which records could not be converted and why; it
    goes to stderr when the result goes to stdout. Exits 1 when a record could not be converted, and writes nothing when
    none could.

    \b
    Examples:
      ocsf-console convert scan.ocsf.json --to asff -o scan.asff.json
      ocsf-console convert azure.ocsf.json --to asff --account 123456789012 --region eu-west-1 -o azure.asff.json
      ocsf-console convert scan.ocsf.json --to cisco-bundle -o scan.bundles.json --format json
      ocsf-console convert scan.ocsf.json --to ndjson -o - | jq .severity
    """
    given = {
        "--account": account,
        "--region": region,
        "--partition": partition,
        "--product-arn": product_arn,
        "--severity-for-unknown": severity_for_unknown,
    }
    options = _asff_options(form, given)
    with setup.finding_file(file) as source:
        check_apart(source, out, "convert")
        done = _convert(source, form, options, out)
    tell = output.say if output.is_stdout(out) else output.line
    with output.reader_may_leave():
        if report_format == "json":
            tell(output.to_json(_document(source.label, form, out, done)))
        else:
            _tell(source.label, out, done, tell)
    return ExitCode.FINDINGS if done.tally.refused else ExitCode.OK


def _asff_options(form: str, given: Mapping[str, str | None]) -> AsffOptions:
    """What was given for ASFF. Raises `click.UsageError` for what has no such shape, or is for another format."""
    from console.convert.asff_origin import AsffOptions, is_account, is_partition, is_product_arn, is_region

    named = {name: value for name, value in given.items() if value is not None}
    if form != "asff" and named:
        raise click.UsageError(f"{next(iter(named))} is for --to asff alone.")
    checks: Mapping[str, tuple[Callable[[str], bool], str]] = {
        "--account": (is_account, "an AWS account has 12 digits"),
        "--region": (is_region, "a region is named like eu-west-1"),
        "--partition": (is_partition, "a partition is named like aws or aws-cn"),
        "--product-arn": (is_product_arn, "it should be like arn:aws:securityhub:REGION::product/COMPANY/PRODUCT"),
    }
    for name, (fits, words) in checks.items():
        if name in named and not fits(named[name]):
            raise click.UsageError(f"{name}: {words}.")
    return AsffOptions(
        account=named.get("--account", ""),
        region=named.get("--region", ""),
        partition=named.get("--partition", ""),
        product_arn=named.get("--product-arn", ""),
        unknown_severity=named.get("--severity-for-unknown", "").upper(),
    )


@dataclass(frozen=True, slots=True)
class _Done:
    """What became of a file."""

    file: FindingFile
    """Closed by now."""
    conversion: Conversion
    is_written: bool

    @property
    def tally(self) -> Tally:
        """What became of its records."""
        return self.conversion.tally


def _convert(source: Source, form: str, options: AsffOptions, out: Path) -> _Done:
    """Convert one file. Raises `UnreadableFile` and `StateError`."""
    from console.convert.forms import Form
    from console.convert.run import NothingConverted, convert, workers_for
    from console.targets.conversions import request_for

    limits = setup.read_config().limits.for_files()
    request = request_for(Form(form), options)
    with source.open(limits) as file:
        try:
            with (
                output.byte_sink(out) as write,
                workers_for(file, request) as workers,
                output.progress() as tell,
            ):
                return _Done(file, convert(file, request, write, workers, tell), is_written=True)
        except NothingConverted as nothing:
            return _Done(file, nothing.done, is_written=False)


def _document(label: str, form: str, out: Path, done: _Done) -> output.JsonData:
    """The report as one JSON document."""
    tally = done.tally
    return {
        "file": label,
        "to": form,
        "out": str(out) if done.is_written else None,
        "format": done.file.format,
        "compression": done.file.compression,
        "bytes": done.file.size,
        "records": tally.records,
        "converted": tally.converted,
        "left_out": tally.refused,
        "written": tally.written,
        "written_bytes": done.conversion.written_bytes,
        "reasons": [_reason(one) for one in tally.refusals],
        "further_reasons": tally.further_refusals,
        "regions": dict(tally.regions),
        "changes": [_change(one) for one in tally.changes],
        "further_changes": tally.further_changes,
    }


def _reason(refusal: Refusal) -> output.JsonData:
    return {
        "code": refusal.code,
        "path": refusal.path,
        "message": refusal.message,
        "count": refusal.count,
        "record": refusal.index,
        "offset": refusal.offset,
        "line": refusal.line,
    }


def _change(change: Counted) -> output.JsonData:
    return {
        "kind": change.kind,
        "path": change.path,
        "message": change.message,
        "count": change.count,
        "record": change.index,
    }


def _tell(label: str, out: Path, done: _Done, line: Callable[[str], None]) -> None:
    """The report for a person: what could not be converted, then what is not in the new file as it was."""
    tally = done.tally
    if done.is_written:
        where = "stdout" if output.is_stdout(out) else safe_text(out)
        became = f"{tally.converted:,} converted, {tally.written:,} written to {where}"
    else:
        became = "none could be converted, and nothing was written"
    line(f"{safe_text(label)}: {output.counted(tally.records, 'record')}, {became}")
    _list(line, "not converted", [_words(one) for one in tally.refusals], tally.further_refusals)
    for kind in _SHOWN_KINDS:
        of_kind = [one for one in tally.changes if one.kind == kind]
        shown = [f"{one.count:,} × {safe_text(one.path, width=80)}: {one.message}" for one in of_kind]
        _list(line, kind.replace("_", " "), shown, 0)
    if len(tally.regions) > 1:
        regions = ", ".join(f"{count:,} {region}" for region, count in sorted(tally.regions.items()))
        line(f"  {'regions':14}{regions}: a target takes those of one, unless more are in its configuration")
    mapped = sum(one.count for one in tally.changes if one.kind not in _SHOWN_KINDS)
    if mapped:
        line(f"  {'mapped':14}{output.counted(mapped, 'value')}: --format json lists what became what")
    if tally.further_changes:
        line(f"  {'and':14}{output.counted(tally.further_changes, 'change')} more, of too many kinds to tell apart")


def _list(line: Callable[[str], None], title: str, entries: Sequence[str], further: int) -> None:
    for entry in entries[:_SHOWN]:
        line(f"  {title:14}{entry}")
    if more := len(entries) - _SHOWN + further if len(entries) > _SHOWN else further:
        line(f"  {title:14}and {more:,} more kinds: --format json lists them")


def _words(refusal: Refusal) -> str:
    """How many records, why, and where the first is."""
    places = (("record", refusal.index), ("byte", refusal.offset), ("line", refusal.line))
    where = ", ".join(f"{name} {number:,}" for name, number in places if number is not None)
    path = f"{safe_text(refusal.path, width=80)}: " if refusal.path else ""
    message = safe_text(refusal.message, width=200)
    return f"{refusal.count:,} × {path}{message} ({where or 'the whole file'}; {refusal.code})"
