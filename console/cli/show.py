"""`show`: records of a finding file, as they stand."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from itertools import islice
from typing import TYPE_CHECKING

import click

from console.cli import output, setup
from console.display import safe_text
from console.errors import BadInput
from console.limits import Limits

if TYPE_CHECKING:
    from console.cli.setup import Source
    from console.records.model import Record

_RAW_LINES = 100_000
"""Lines of a record that are written to a terminal."""


@click.command()
@click.argument("file")
@click.option("--record", "first", type=click.IntRange(min=0), default=0, show_default=True, help="The first to show.")
@click.option("--count", type=click.IntRange(min=1), default=1, show_default=True, help="How many.")
@click.option("--format", "form", type=click.Choice(["json", "raw"]), default="json", show_default=True)
def show(file: str, first: int, count: int, form: str) -> None:
    """Write records of a finding file: decoded, as one JSON array; or raw, the exact bytes of each.

    \b
    Examples:
      ocsf-console show scan.ocsf.json --record 12
      ocsf-console show scan.ocsf.json --record 100 --count 5 --format raw
    """
    limits = setup.read_config().limits.for_files()
    with setup.finding_files([file]) as sources:
        if len(sources) > 1:
            raise BadInput(f"{safe_text(file)} is a folder of {len(sources)} finding files: name one of them.")
        records = list(islice(_records(sources[0], first, limits), count))
    if form == "raw":
        for record in records:
            _write_raw(record.raw)
    else:
        output.document([_decoded(record, file, limits) for record in records])


def _decoded(record: Record, label: str, limits: Limits) -> output.JsonData:
    """A record's value. Raises `BadInput` that says where a record is that holds none."""
    from console.records.decode import BadRecord, decode

    try:
        return decode(record.raw, limits)
    except BadRecord as error:
        raise BadInput(
            f"{safe_text(label)}, record {record.span.index}, line {record.span.line}: {error.message}",
            hint="See it as it is with --format raw.",
        ) from error


def _records(source: Source, first: int, limits: Limits) -> Iterator[Record]:
    """The records from *first* on. Tells of broken places; raises `BadInput` when there is no such record."""
    from console.records.model import Fault
    from console.records.reader import FindingFile

    seen = 0
    with FindingFile.open(source.path, limits) as file:
        for found in file.records():
            if isinstance(found, Fault):
                output.say(f"{safe_text(source.label)}, line {found.line}: {safe_text(found.message, width=200)}")
                continue
            seen += 1
            if found.span.index >= first:
                yield found
                first = 0
    if first:
        raise BadInput(
            f"{safe_text(source.label)} holds {output.counted(seen, 'record')}, numbered from 0:"
            f" there is no record {first}."
        )


def _write_raw(raw: bytes) -> None:
    """Write a record's own bytes; a terminal gets them as text that it can only display."""
    if sys.stdout.isatty():
        output.line(safe_text(raw.decode(errors="replace"), width=len(raw), lines=_RAW_LINES))
    else:
        output.raw(raw + b"\n")
