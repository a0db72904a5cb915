"""`repair`: a sound array of what is whole in a broken finding file, written to a new file."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

from console.cli import output, setup
from console.cli.apart import check_apart
from console.cli.options import format_option
from console.cli.parsing import FILE_TO_READ, Command
from console.display import safe_text
from console.errors import ExitCode

if TYPE_CHECKING:
    from console.cli.setup import Source
    from console.records.model import Fault
    from console.records.repair import Mend, Repair

STDOUT: Final = "-"
_DROPPED_SHOWN: Final = 20


@click.command(cls=Command)
@click.argument("file", type=FILE_TO_READ)
@click.option(
    "-o",
    "--output",
    "out",
    type=click.Path(path_type=Path, dir_okay=False, readable=False),
    required=True,
    help="The new file; one that is there is replaced. - is stdout.",
)
@format_option("text", "json")
def repair(file: str, out: Path, form: str) -> ExitCode:
    """Write all whole records of a broken finding file into a new one, as one JSON array; - reads stdin.

    FILE stays as it is. The report says what was mended and what was dropped; it goes to stderr when the array goes to
    stdout. Exits 1 when something was dropped, 2 when nothing is whole, and then writes nothing.

    \b
    Examples:
      ocsf-console repair broken.ocsf.json -o whole.ocsf.json
      zcat scan.jsonl.gz | ocsf-console repair - -o scan.ocsf.json --format json
    """
    with setup.finding_file(file) as source:
        check_apart(source, out, "repair")
        done = _repair(source, out)
    tell = output.say if output.is_stdout(out) else output.line
    with output.reader_may_leave():
        if form == "json":
            tell(output.to_json(_document(source.label, out, done)))
        else:
            _tell(source.label, out, done, tell)
    return ExitCode.FINDINGS if done.dropped_count else ExitCode.OK


def _repair(source: Source, out: Path) -> Repair:
    """Repair one file. Raises `UnreadableFile` and `StateError`."""
    from console.records.repair import repair

    limits = setup.read_config().limits.for_files()
    with (
        source.open(limits) as file,
        output.byte_sink(out) as write,
        output.progress() as tell,
    ):
        return repair(file, write, tell)


def _document(label: str, out: Path, done: Repair) -> output.JsonData:
    """The report as one JSON document."""
    return {
        "file": label,
        "out": str(out),
        "format": done.format,
        "compression": done.compression,
        "bytes": done.bytes,
        "records": done.records,
        "written": done.written,
        "mended": [_place(mend) | {"count": mend.count} for mend in done.mended],
        "dropped": [_place(fault) for fault in done.dropped],
        "dropped_count": done.dropped_count,
        "duplicates": done.duplicates,
        "duplicates_complete": done.duplicates_complete,
    }


def _place(what: Mend | Fault) -> dict[str, output.JsonData]:
    return {
        "code": what.code,
        "message": what.message,
        "record": what.index,
        "offset": what.offset,
        "line": what.line,
    }


def _tell(label: str, out: Path, done: Repair, line: Callable[[str], None]) -> None:
    """The report for a person."""
    where = "stdout" if output.is_stdout(out) else safe_text(out)
    line(f"{safe_text(label)}: {output.counted(done.records, 'record')} written to {where}")
    if done.was_sound:
        line("  nothing to mend")
    for mend in done.mended:
        times = f" ({mend.count:,} times)" if mend.count > 1 else ""
        line(f"  {'mended':12}{_words(mend)}{times}")
    for fault in done.dropped[:_DROPPED_SHOWN]:
        line(f"  {'dropped':12}{_words(fault)}")
    if (more := done.dropped_count - _DROPPED_SHOWN) > 0:
        line(f"  {'dropped':12}{output.counted(more, 'place')} more: --format json lists the first of them")
    if done.duplicates:
        least = "" if done.duplicates_complete else "at least "
        repeated = f"{least}{output.counted(done.duplicates, 'record')}"
        line(f"  {'duplicates':12}{repeated} with the identifier of an earlier one, and kept")


def _words(what: Mend | Fault) -> str:
    """Where something was, and what."""
    places = (("record", what.index), ("byte", what.offset), ("line", what.line))
    where = ", ".join(f"{name} {number:,}" for name, number in places if number is not None)
    return f"{where}: {safe_text(what.message, width=200)}" if where else safe_text(what.message, width=200)
