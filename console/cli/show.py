"""`show`: records of a finding file, as they stand."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING

import click

from console.cli import output, setup
from console.cli.options import format_option
from console.cli.parsing import FILE_TO_READ, Command
from console.display import safe_text
from console.errors import BadInput
from console.limits import Limits
from console.progress import Report, silent

if TYPE_CHECKING:
    from console.cli.setup import Source
    from console.records.model import Record
    from console.records.query import Query
    from console.records.reader import FindingFile
    from console.records.workers import Workers

_RAW_LINES = 100_000
"""Lines of a record that are written to a terminal."""


@click.command(cls=Command)
@click.argument("file", type=FILE_TO_READ)
@click.option(
    "--record",
    "first",
    type=click.IntRange(min=0),
    show_default="the first that can be read",
    help="The first to show or to search.",
)
@click.option(
    "--count", type=click.IntRange(min=1), show_default="1, and with --select all that match", help="How many at most."
)
@click.option("--select", "expression", metavar="EXPRESSION", help="Show only records that match: see docs/filters.md.")
@format_option("json", "raw")
def show(file: str, first: int | None, count: int | None, expression: str | None, form: str) -> None:
    """Write records of a finding file: decoded, as one JSON array; or raw, the exact bytes of each.

    Records that match are written as they are found. Exits 2 when a regular expression took too long for some.

    \b
    Examples:
      ocsf-console show scan.ocsf.json --record 12
      ocsf-console show scan.ocsf.json --record 100 --count 5 --format raw
      ocsf-console show scan.ocsf.json --select 'severity>=high status_code=FAIL "public access"'
      ocsf-console show scan.ocsf.json --select 'resources.region=eu-* -account=123456789012' --format raw | head
    """
    limits = setup.read_config().limits.for_files()
    query = None if expression is None else _parsed(expression)
    with setup.finding_file(file) as source:
        if query is not None:
            _show_matching(source, query, limits, Shown(first or 0, count, form))
            return
        records = list(islice(_records(source, first, limits), count or 1))
    if form == "raw":
        for record in records:
            _write_raw(record.raw)
    else:
        output.document([_decoded(record, file, limits) for record in records])


@dataclass(frozen=True, slots=True)
class Shown:
    """Which of the records that match are shown, and how."""

    first: int
    """The index from which on."""
    count: int | None
    """How many at most; None for all."""
    form: str
    """`json` or `raw`."""


def _parsed(expression: str) -> Query:
    from console.records.query import parse

    return parse(expression)


def _show_matching(source: Source, query: Query, limits: Limits, shown: Shown) -> None:
    """Write the records that match as they are found. Raises `BadInput` when some were not decided."""
    from console.records.decode import decode
    from console.records.search import Search
    from console.records.sharing import shared_workers

    searched = Searched()
    with (
        source.open(limits) as file,
        shared_workers(file, preload=[Search.__module__]) as workers,
    ):
        found = islice(_matching(file, query, workers, shown.first, searched), shown.count)
        if shown.form == "raw":
            for raw in found:
                _write_raw(raw)
        else:
            _write_array(decode(raw, limits) for raw in found)
    label = safe_text(source.label)
    if searched.faults:
        places = output.counted(searched.faults, "broken place")
        output.say(f"{label}: {places} can't be searched; validate says what is wrong.")
    if not searched.hits:
        output.say(f"{label}: no record matches.")
    if searched.undecided:
        raise BadInput(
            f"{label}: {output.counted(searched.undecided, 'record')} may match or not: the regular expression took too"
            " long.",
            hint="Simplify it: repetitions inside repetitions, such as (a+)+, take the longest.",
        )


@dataclass(slots=True)
class Searched:
    """How far a search came, in numbers of records."""

    hits: int = 0
    undecided: int = 0
    faults: int = 0
    """Broken places."""


def _matching(
    file: FindingFile, query: Query, workers: Workers | None, first: int, searched: Searched
) -> Iterator[bytes]:
    """The bytes of the records that match, from index *first* on, each part's as soon as it was searched."""
    from console.records.model import Span
    from console.records.search import Search
    from console.records.sweep import sweep

    with _progress() as tell:
        for part in sweep(file, Search(query), workers, tell, message="Searching"):
            hits = part.result
            searched.undecided += hits.undecided
            searched.faults += hits.faults
            for index, offset, length in zip(hits.indexes, hits.offsets, hits.lengths, strict=True):
                if index + part.index >= first:
                    searched.hits += 1
                    yield file.raw(Span(index + part.index, offset, length, 0))


def _progress() -> AbstractContextManager[Report]:
    """Progress, but not between records that are written to the same terminal."""
    return nullcontext(silent) if sys.stdout.isatty() else output.progress()


def _write_array(values: Iterable[output.JsonData]) -> None:
    """Write a JSON array, each element when it comes: the text is the same as if all were written at once."""
    opening = "["
    for value in values:
        output.data(opening + "\n  " + output.to_json(value).replace("\n", "\n  "))
        opening = ","
    output.line("[]" if opening == "[" else "\n]")


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


def _records(source: Source, wanted: int | None, limits: Limits) -> Iterator[Record]:
    """The records from the *wanted* one on, without it from the first on. Tells of broken places.

    Raises `BadInput` when there is no such record, or none that can be read in its place.
    """
    from console.records.model import Fault

    label, end, in_its_place, is_found = safe_text(source.label), 0, None, wanted is None
    with source.open(limits) as file:
        for found in file.records():
            if isinstance(found, Fault):
                if found.index is not None and found.index == wanted:
                    in_its_place = found
                else:
                    output.say(f"{label}, line {found.line}: {safe_text(found.message, width=200)}")
                end = max(end, 0 if found.index is None else found.index + 1)
                continue
            end = found.span.index + 1
            is_found = is_found or found.span.index == wanted
            if not is_found and wanted is not None and end > wanted:
                break
            if is_found:
                yield found
    if not is_found and in_its_place is not None:
        told = safe_text(in_its_place.message, width=200)
        raise BadInput(f"{label}, record {wanted}, line {in_its_place.line}: {told}")
    if not is_found:
        raise BadInput(f"{label} holds {output.counted(end, 'record')}, numbered from 0: there is no record {wanted}.")


def _write_raw(raw: bytes) -> None:
    """Write a record's own bytes; a terminal gets them as text that it can only display."""
    if sys.stdout.isatty():
        output.line(safe_text(raw.decode(errors="replace"), width=len(raw), lines=_RAW_LINES))
    else:
        output.raw(raw + b"\n")
