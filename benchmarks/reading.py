"""How fast records are found, counted, searched and compared, beside parsing them."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from pathlib import Path

from benchmarks import data, rivals
from benchmarks.clock import ROUNDS
from benchmarks.data import Sample
from benchmarks.table import Target, Way, print_table
from console.records.compare.compare import compare
from console.records.index import RecordIndex
from console.records.query.parser import parse
from console.records.reader import FindingFile
from console.records.search import Search
from console.records.summary.summarise import summarise
from console.records.sweep import sweep
from console.records.workers import Workers

_ORJSON = "orjson"
_INDEX = "index"
_FILTER = 'severity>=high status_code=FAIL "public"'


def exhaust(work: Iterable[object]) -> None:
    """Do all of it, and keep nothing."""
    deque(work, maxlen=0)


def index(path: Path, workers: Workers | None = None) -> None:
    """Find where each record is, and keep what it takes to read any of them at once."""
    with FindingFile.open(path) as file:
        exhaust(RecordIndex().build(file, workers))


def find(path: Path) -> None:
    """Give each record out, one after another."""
    with FindingFile.open(path) as file:
        exhaust(file.records())


def inspect(path: Path, workers: Workers | None = None) -> None:
    """Count what the file holds, and hash it."""
    with FindingFile.open(path) as file:
        summarise(file, workers=workers)


def search(path: Path, expression: str, workers: Workers | None = None) -> None:
    """Find the records that match."""
    with FindingFile.open(path) as file:
        exhaust(sweep(file, Search(parse(expression)), workers))


def against_itself(path: Path) -> None:
    """Compare a scan with itself."""
    with FindingFile.open(path) as old, FindingFile.open(path) as new, compare(old, new):
        pass


def print_tables(folder: Path, sample: Sample, copies: int, workers: Workers, rounds: int = ROUNDS) -> None:
    """The same records as an array and as lines."""
    array, lines = folder / "reading.ocsf.json", folder / "reading.ndjson"
    on_lines = sample.on_lines()
    data.write_array(array, sample.apart(copies))
    data.write_lines(lines, on_lines.apart(copies))
    for title, path, records in (
        ("Reading an array", array, list(sample.times(copies))),
        ("Reading lines", lines, list(on_lines.times(copies))),
    ):
        size = path.stat().st_size
        print_table(f"{title}: {size / 1e6:.1f} MB", size, _ways(path, records, workers), rounds)
        path.unlink()


def _ways(path: Path, records: rivals.Records, workers: Workers) -> list[Way]:
    return [
        Way(_ORJSON, lambda: rivals.orjson_loads(records)),
        Way(_INDEX, lambda: index(path), Target(0.8, _ORJSON)),
        Way("index, two processes", lambda: index(path, workers)),
        Way("give out each record", lambda: find(path)),
        Way("inspect", lambda: inspect(path)),
        Way("inspect, two processes", lambda: inspect(path, workers)),
        Way("search by attributes and text", lambda: search(path, _FILTER)),
        Way("search by attributes and text, two processes", lambda: search(path, _FILTER, workers)),
        Way("search for a rare text", lambda: search(path, '"no such text"')),
        Way("search by a regular expression", lambda: search(path, "title~/[Pp]ublic.*bucket/")),
        Way("compare with itself (twice the bytes)", lambda: against_itself(path)),
    ]
