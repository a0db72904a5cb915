"""`compare`: two scans side by side, by the identifiers of their findings."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import asdict
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

from console.cli import output, setup
from console.cli.options import format_option
from console.cli.parsing import FILE_TO_READ, Command
from console.display import safe_text
from console.errors import BadInput, ExitCode
from console.paths import is_folder

if TYPE_CHECKING:
    from console.cli.setup import Source
    from console.records.compare.compare import Comparison, Difference, Entry
    from console.records.compare.store import Kind, Side
    from console.records.compare.trend import Change

_LISTED: Final = 20
"""Findings of each kind that a person gets to see."""
_CHANGES_SHOWN: Final = 10
_AT_ONCE: Final = 64 * 1024
"""Characters of JSON from which on they are written: a finding may have a few hundred of them, or millions."""

Labels = Mapping["Side", str]
"""What the user calls the two files."""


@click.command(cls=Command)
@click.argument("old", metavar="OLD", type=FILE_TO_READ)
@click.argument("new", metavar="NEW", type=FILE_TO_READ)
@format_option("text", "json")
def compare(old: str, new: str, form: str) -> ExitCode:
    """Compare two scans: which findings are new, which are gone, which changed their status. One may be -, for stdin.

    A finding is known by its finding_info.uid. Exits 0 whether there are differences or not, 1 when a file is broken,
    so that the differences may not be real, and 2 when a file can't be read at all.

    \b
    Examples:
      ocsf-console compare monday.ocsf.json tuesday.ocsf.json
      zcat last.json.gz | ocsf-console compare - scan.ocsf.json --format json | jq .summary
    """
    from console.records.compare.store import Side

    for path in (old, new):
        if path and is_folder(Path(path)):
            raise BadInput(f"{safe_text(path)} is a folder: name one finding file of it.")
    with ExitStack() as stack:
        sources = stack.enter_context(setup.finding_files([old, new]))
        setup.check_readable(sources)
        comparison = stack.enter_context(_compared(sources))
        labels = {side: source.label for side, source in zip(Side, sources, strict=True)}
        for warning in comparison.warnings():
            output.say(f"Warning: {warning}")
        with output.reader_may_leave():
            if form == "json":
                _write_json(labels, comparison)
            else:
                _tell(labels, comparison)
        complete = all(scan.complete for scan in comparison.scans.values())
    return ExitCode.OK if complete else ExitCode.FINDINGS


@contextmanager
def _compared(sources: Sequence[Source]) -> Iterator[Comparison]:
    """The two files, compared, for as long as they are open. Raises `UnreadableFile` and `StateError`."""
    from console.records.compare.compare import compare as compare_files
    from console.records.compare.scan import ScanLook
    from console.records.sharing import shared_workers

    limits = setup.read_config().limits.for_files()
    with ExitStack() as stack:
        old, new = (stack.enter_context(source.open(limits)) for source in sources)
        with shared_workers(old, new, preload=[ScanLook.__module__]) as workers, output.progress() as tell:
            comparison = compare_files(old, new, workers, tell)
        yield stack.enter_context(comparison)


def _write_json(labels: Labels, comparison: Comparison) -> None:
    """Write the JSON document. The lists, which may be of any length, are written as they are read."""
    from console.records.compare.store import Kind

    head = output.to_json(_head(labels, comparison))
    output.data(head.removesuffix("\n}") + ',\n  "findings": {')
    for before, kind in zip(("", ",", ","), Kind, strict=True):
        output.data(f'{before}\n    "{kind}": [')
        _write_list(comparison.differences(kind))
        output.data("\n    ]")
    output.data("\n  }\n}\n")


def _write_list(differences: Iterator[Difference]) -> None:
    """Write the members of a JSON array."""
    text, before = "", "\n      "
    for one in differences:
        text += before + output.to_json(_shape(one), indent=None)
        before = ",\n      "
        if len(text) > _AT_ONCE:
            output.data(text)
            text = ""
    output.data(text)


def _head(labels: Labels, comparison: Comparison) -> dict[str, output.JsonData]:
    """Everything but the lists."""
    return {
        **{side: _file(label, side, comparison) for side, label in labels.items()},
        "warnings": comparison.warnings(),
        "summary": asdict(comparison.totals),
        "changes": [asdict(change) | {"count": count} for change, count in comparison.changes.items()],
    }


def _file(label: str, side: Side, comparison: Comparison) -> dict[str, output.JsonData]:
    """One of the two files."""
    file, scan = comparison.files[side], comparison.scans[side]
    return {
        "path": label,
        "format": file.format,
        "compression": file.compression,
        "bytes": file.size,
        "records": scan.records,
        "without_uid": scan.without_uid,
        "repeated": scan.repeated,
        "complete": scan.complete,
        "fault_count": scan.fault_count,
        "faults": [
            {"code": fault.code, "message": fault.message, "record": fault.index, "offset": fault.offset}
            for fault in scan.faults
        ],
    }


def _shape(one: Difference) -> dict[str, output.JsonData]:
    """A finding that differs: as it stands, or for a changed one also as it stood."""
    if one.before is None:
        return {"uid": one.entry.uid, **_entry(one.entry)}
    return {
        "uid": one.entry.uid,
        "trend": one.trend,
        "changed": [change.attribute for change in one.changes],
        "old": _entry(one.before),
        "new": _entry(one.entry),
    }


def _entry(entry: Entry) -> dict[str, output.JsonData]:
    """A finding in one of the files."""
    return {
        "record": entry.record,
        "offset": entry.offset,
        "length": entry.length,
        **entry.state._asdict(),
        "title": entry.title,
        "resource": entry.resource,
        "account": entry.account,
    }


def _tell(labels: Labels, comparison: Comparison) -> None:
    """The same for a person, with the most important findings of each kind."""
    from console.records.compare.store import Kind

    for side, label in labels.items():
        file, records = comparison.files[side], comparison.scans[side].records
        output.line(f"{side} file: {safe_text(label)}, {file.format}, {output.counted(records, 'record')}")
    totals = comparison.totals
    output.line(f"  {'new':<12}{totals.new:,} ({totals.new_failing:,} failing)")
    output.line(f"  {'gone':<12}{totals.gone:,} ({totals.gone_failing:,} failing)")
    output.line(f"  {'changed':<12}{totals.changed:,} ({totals.worse:,} worse, {totals.fixed:,} fixed)")
    output.line(f"  {'unchanged':<12}{totals.unchanged:,}")
    for change, count in islice(comparison.changes.items(), _CHANGES_SHOWN):
        output.line(f"    {change.attribute} {_arrow(change)}: {count:,}")
    for kind, count in ((Kind.CHANGED, totals.changed), (Kind.NEW, totals.new), (Kind.GONE, totals.gone)):
        if count:
            output.line(f"\n{kind}:")
            _table(kind, comparison)
        if count > _LISTED:
            output.line(f"... and {count - _LISTED:,} more; --format json lists all.")


def _table(kind: Kind, comparison: Comparison) -> None:
    """The first findings of a kind, the most important ones."""
    rows = [
        (
            one.entry.state.severity,
            ", ".join(map(_arrow, one.changes)) or one.entry.state.status_code or one.entry.state.status,
            one.entry.title,
            one.entry.resource,
            one.entry.account,
            one.entry.record,
        )
        for one in islice(comparison.differences(kind), _LISTED)
    ]
    output.table(("severity", "status", "title", "resource", "account", "record"), rows)


def _arrow(change: Change) -> str:
    """From what to what."""
    return " -> ".join(safe_text(value, width=40) or "(none)" for value in (change.old, change.new))
