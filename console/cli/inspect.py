"""`inspect`: what finding files hold, without judging it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING, Final

import click

from console.cli import output, setup
from console.cli.options import format_option
from console.cli.parsing import FILE_TO_READ, Command
from console.display import safe_text
from console.errors import ExitCode, UnreadableFile
from console.limits import Limits
from console.ocsf.report import NONE
from console.progress import Report as Tell
from console.progress import silent

if TYPE_CHECKING:
    from console.cli.setup import Source
    from console.records.model import Fault
    from console.records.summary.summarise import Summary

_WORTH_BYTES: Final = 96 * 1024**2
"""Bytes of many files from which on workers have started soon enough."""
_FAULTS_SHOWN: Final = 10
_VALUES_SHOWN: Final = 10
"""Values of one attribute that a person is shown."""


@click.command(cls=Command)
@click.argument("paths", metavar="PATH...", nargs=-1, required=True, type=FILE_TO_READ)
@format_option("text", "json")
def inspect(paths: Sequence[str], form: str) -> ExitCode:
    """Say what finding files hold: format, producer, OCSF versions and classes, severities, accounts, time span.

    Folders are searched; - reads stdin. Exits 2 when a file can't be read; what is broken in a file is told, and no
    error.

    \b
    Examples:
      ocsf-console inspect scan.ocsf.json
      ocsf-console inspect scans/ --format json
      zcat scan.json.gz | ocsf-console inspect -
    """
    limits = setup.read_config().limits.for_files()
    found: list[output.JsonData] = []
    unreadable: list[output.JsonData] = []
    heard = True
    with output.reader_may_leave(), setup.distinct_files(paths) as sources:
        for source, summary in zip(sources, _summaries(sources, limits), strict=True):
            if isinstance(summary, UnreadableFile):
                unreadable.append({"path": source.label, "error": summary.message, "hint": summary.hint})
                output.error(summary)
            elif form == "text":
                # The others may be unreadable: that decides the exit code, whether somebody reads the rest or not.
                heard = heard and _is_heard(source.label, summary)
            else:
                found.append(_shape(source.label, summary))
        if form == "json":
            output.document({"files": found, "unreadable": unreadable})
    return ExitCode.USAGE if unreadable else ExitCode.OK


def _is_heard(label: str, summary: Summary) -> bool:
    """Tell what a file holds. False when nobody reads it any more."""
    try:
        _tell(label, summary)
    except output.ReaderGone:
        return False
    return True


def _summaries(sources: Sequence[Source], limits: Limits) -> Iterator[Summary | UnreadableFile]:
    """What each file holds, or why that can't be said, in their order."""
    from console.cli.many import Sharing, in_groups, looked_at
    from console.records.summary import summarise

    for processes, group in in_groups(sources, Sharing(_WORTH_BYTES)):
        with output.progress() as tell:
            if processes:
                yield from looked_at(group, _Summarise(limits), processes, summarise.__name__, tell)
            else:
                yield from map(_Summarise(limits, tell), group)


@dataclass(frozen=True, slots=True)
class _Summarise:
    """The look at one file of many."""

    limits: Limits
    tell: Tell = silent

    def __call__(self, source: Source) -> Summary | UnreadableFile:
        """What it holds, or why that can't be said."""
        from console.records.summary.summarise import summarise_together

        try:
            with source.open(self.limits) as file:
                return summarise_together(file, self.tell)
        except UnreadableFile as error:
            return error


def _shape(label: str, summary: Summary) -> dict[str, output.JsonData]:
    """The JSON shape of `CONTRACT`, and what is unusual or broken in the file."""
    return {
        "path": label,
        "format": summary.format,
        "compression": summary.compression,
        "bytes": summary.bytes,
        "records": summary.records,
        "label": summary.label or None,
        "versions": _named(summary.versions),
        "classes": _named(summary.classes),
        "severities": summary.severities,
        "statuses": summary.statuses,
        "account_count": summary.account_count,
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
        "notes": summary.notes,
        "fault_count": summary.fault_count,
        "faults": [_fault_shape(fault) for fault in summary.faults],
    }


def _named(counts: Mapping[str, int]) -> Mapping[str, int]:
    """The same counts, with the name that `validate` has for those records that declare nothing."""
    return {key or NONE: count for key, count in counts.items()}


def _fault_shape(fault: Fault) -> dict[str, output.JsonData]:
    return {
        "code": fault.code,
        "message": fault.message,
        "record": fault.index,
        "offset": fault.offset,
        "line": fault.line,
    }


def _tell(label: str, summary: Summary) -> None:
    """The same for a person."""
    packed = "" if summary.compression == "none" else f", {summary.compression}"
    output.line(
        f"{safe_text(label)}: {summary.format}{packed}, {summary.bytes:,} bytes,"
        f" {output.counted(summary.records, 'record')}"
    )
    for name, value in _facts(summary):
        output.line(f"  {name:12}{value}")


def _facts(summary: Summary) -> Iterator[tuple[str, str]]:
    """What there is to tell, each thing behind its name. All foreign text is safe."""
    if summary.label:
        yield "label", summary.label
    yield "producers", _counts(summary.producers)
    yield "versions", _counts(summary.versions)
    yield "classes", _counts(summary.classes)
    yield "severities", _counts(summary.severities)
    yield "statuses", _counts(summary.statuses)
    accounts = {f"{one.provider} {one.uid}".strip(): one.records for one in summary.accounts}
    several = f"{summary.account_count:,} different: " if summary.account_count > 1 else ""
    yield "accounts", several + _counts(accounts)
    if summary.first and summary.last:
        yield "time", f"{summary.first.isoformat()} to {summary.last.isoformat()}"
    if summary.duplicates:
        yield "duplicates", f"{output.counted(summary.duplicates, 'record')} with the identifier of an earlier one"
    yield "sha256", summary.sha256
    for note in summary.notes:
        yield "note", safe_text(note, width=400)
    for fault in summary.faults[:_FAULTS_SHOWN]:
        yield "broken", f"{_place(fault)}{safe_text(fault.message, width=200)}"
    if summary.fault_count > _FAULTS_SHOWN:
        yield "broken", f"and {output.counted(summary.fault_count - _FAULTS_SHOWN, 'more place')}"


def _counts(counts: Mapping[str, int]) -> str:
    """Values with their counts, the most frequent ones."""
    shown = [f"{safe_text(key, width=60) or NONE} ({count:,})" for key, count in islice(counts.items(), _VALUES_SHOWN)]
    if len(counts) > len(shown):
        shown.append(f"and {len(counts) - len(shown):,} more (--format json has them)")
    return ", ".join(shown) or "-"


def _place(fault: Fault) -> str:
    """Where a fault is, as far as it is in one place."""
    places = (("record", fault.index), ("line", fault.line), ("byte", fault.offset))
    known = ", ".join(f"{name} {place:,}" for name, place in places if place is not None)
    return f"{known}: " if known else ""
