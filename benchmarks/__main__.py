"""Run every benchmark: `python -m benchmarks`."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from pathlib import Path

from benchmarks.clock import compare
from console import paths
from console.ocsf.run import validate_file
from console.ocsf.store import SchemaStore
from console.ocsf.validator import Validator
from console.records.reader import FindingFile
from console.sandbox.samples import as_array, findings

RECORDS = 20_000


def start_up() -> None:
    """`--version` against a Python that loads what the smallest command line tool loads."""
    version = [sys.executable, "-m", "console", "--version"]
    smallest = [sys.executable, "-c", "import argparse, json"]
    compare(
        "start-up, --version",
        lambda: subprocess.run(version, check=True, capture_output=True),
        lambda: subprocess.run(smallest, check=True),
        "python -c 'import argparse, json'",
    )


def reading(path: Path, lines: list[bytes]) -> None:
    """Finding every record of a file against decoding the same records with the standard library."""

    def read() -> None:
        with FindingFile.open(path) as file:
            for _ in file.spans():
                pass

    compare(f"finding {RECORDS:,} records", read, lambda: [json.loads(line) for line in lines], "json.loads of each")


def validating(path: Path, lines: list[bytes]) -> None:
    """Validating a file, from disk to report, against decoding the same records with the standard library."""
    validator = Validator(SchemaStore(paths.cache_dir()))

    def validate() -> None:
        with FindingFile.open(path) as file:
            validate_file(file, validator)

    compare(
        f"validating {RECORDS:,} records", validate, lambda: [json.loads(line) for line in lines], "json.loads of each"
    )


def main() -> None:
    """Make a file of sound records in a temporary folder, and measure on it."""
    records = list(findings(RECORDS))
    lines = [json.dumps(record, indent=4).encode() for record in records]
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "many.ocsf.json"
        path.write_bytes(as_array(records))
        print(f"{path.stat().st_size / 1e6:.0f} MB, {RECORDS:,} records, Python {sys.version.split()[0]}")
        start_up()
        reading(path, lines)
        validating(path, lines)


main()
