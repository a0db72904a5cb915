"""How fast files are validated, beside what other libraries do with the same records."""

from __future__ import annotations

from pathlib import Path

from benchmarks import data, rivals
from benchmarks.clock import ROUNDS
from benchmarks.data import Sample
from benchmarks.table import Target, Way, print_table
from console.ocsf.rules import Policy
from console.ocsf.run import validate_file
from console.ocsf.store import SchemaStore
from console.ocsf.together import validate_together
from console.ocsf.validator import Validator
from console.records.reader import FindingFile
from console.records.workers import Workers

_ORJSON = "orjson"
_ALL = "validate, all checks"


class Ours:
    """Our validator at work, its schema loaded."""

    def __init__(self, cache: Path, workers: Workers) -> None:
        store = SchemaStore(cache)
        self._workers = workers
        self._all = Validator(store)
        self._but_duplicates = Validator(store, Policy(duplicate_keys=False))

    def but_duplicates(self, path: Path) -> None:
        """From file to report, without a look for duplicate keys."""
        with FindingFile.open(path) as file:
            validate_file(file, self._but_duplicates)

    def everything(self, path: Path) -> None:
        """From file to report."""
        with FindingFile.open(path) as file:
            validate_file(file, self._all)

    def together(self, path: Path) -> None:
        """From file to report, by the workers."""
        with FindingFile.open(path) as file:
            validate_together(file, self._all, self._workers)

    def explain(self, records: rivals.Records) -> None:
        """The pass that explains, on every record: what a record costs that the fast pass leaves to it."""
        for record in records:
            self._all.check(record)


def sound(ours: Ours, folder: Path, sample: Sample, copies: int, rounds: int = ROUNDS) -> None:
    """Records without errors, in an array as Prowler writes it."""
    path, apart = folder / "sound.ocsf.json", folder / "apart.ocsf.json"
    records = list(sample.times(copies))
    data.write_array(path, records)
    data.write_array(apart, sample.apart(copies))
    schemas = rivals.JsonSchemas()
    ways = [
        *_ours(ours, path, records),
        Way("validate, all checks, no uid twice", lambda: ours.everything(apart)),
        Way("the pass that explains, alone", lambda: ours.explain(records)),
        Way("json.loads", lambda: rivals.json_loads(records)),
        Way("py-ocsf-models: accepted or not", lambda: rivals.pydantic_accepts(records)),
        Way("jsonschema-rs with the export: accepted or not", lambda: schemas.accepts(records)),
        Way("jsonschema-rs with the export: every error", lambda: schemas.errors(records)),
    ]
    print_table(_title("Records without errors", path, len(records)), path.stat().st_size, ways, rounds)
    total = len(records)
    print(f"  accepted by py-ocsf-models: {rivals.pydantic_accepts(records):,} of {total:,}")
    print(f"  accepted by jsonschema-rs: {schemas.accepts(records):,} of {total:,}")


def on_lines(ours: Ours, folder: Path, sample: Sample, copies: int, rounds: int = ROUNDS) -> None:
    """The same records, one to a line."""
    path = folder / "sound.ndjson"
    records = list(sample.on_lines().times(copies))
    data.write_lines(path, records)
    title = _title("The same records as NDJSON", path, len(records))
    print_table(title, path.stat().st_size, _ours(ours, path, records), rounds)


def damaged(ours: Ours, folder: Path, sample: Sample, copies: int, rounds: int = ROUNDS) -> None:
    """Records with ten errors each."""
    path = folder / "damaged.ocsf.json"
    records = list(sample.damaged().times(copies))
    data.write_array(path, records)
    schemas = rivals.JsonSchemas()
    ways = [
        Way(_ORJSON, lambda: rivals.orjson_loads(records)),
        Way(_ALL, lambda: ours.everything(path), Target(20)),
        Way("validate, all checks, two processes", lambda: ours.together(path)),
        Way("py-ocsf-models: accepted or not", lambda: rivals.pydantic_accepts(records)),
        Way("jsonschema-rs with the export: every error", lambda: schemas.errors(records)),
    ]
    print_table(_title("Ten errors in each record", path, len(records)), path.stat().st_size, ways, rounds)


def _ours(ours: Ours, path: Path, records: rivals.Records) -> list[Way]:
    return [
        Way(_ORJSON, lambda: rivals.orjson_loads(records)),
        Way("validate, all checks but duplicate keys", lambda: ours.but_duplicates(path), Target(0.5, _ORJSON)),
        Way(_ALL, lambda: ours.everything(path), Target(0.3, _ORJSON)),
        Way("validate, all checks, two processes", lambda: ours.together(path), Target(1.7, _ALL)),
    ]


def _title(what: str, path: Path, count: int) -> str:
    return f"{what}: {path.stat().st_size / 1e6:.1f} MB, {count:,} records"
