"""How soon the program is there, and how soon a version of OCSF is."""

from __future__ import annotations

import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

from benchmarks import data, first_use
from benchmarks.clock import ROUNDS, race
from benchmarks.data import Sample
from benchmarks.targets import under


def start_up(folder: Path, sample: Sample, rounds: int = ROUNDS) -> None:
    """`--version` against a Python that loads what the smallest command line tool loads; and the least that is done."""
    small = folder / "small.ocsf.json"
    data.write_array(small, sample.records[:10])
    ours = [sys.executable, "-m", "console"]
    smallest = [sys.executable, "-c", "import argparse, json"]
    version, validate, theirs = (
        statistics.median(seconds)
        for seconds in race(
            [lambda: _run([*ours, "--version"]), lambda: _run([*ours, "validate", str(small)]), lambda: _run(smallest)],
            rounds,
        )
    )
    print("\nStart-up")
    print(f"  --version: {version:.3f} s    {under(version / theirs, 3, 'x')}")
    print(f"  python -c 'import argparse, json': {theirs:.3f} s")
    print(f"  validate, {len(sample.records[:10])} records: {validate:.3f} s    {under(validate, 0.5, 's')}")


def first_record(version: str, rounds: int = ROUNDS) -> None:
    """The first record of a version, each time in a new process: with nothing cached, and with what that has left."""
    firsts, laters = [], []
    for _ in range(rounds):
        with tempfile.TemporaryDirectory() as folder:
            firsts.append(_seconds(version, Path(folder)))
            laters.append(_seconds(version, Path(folder)))
    first, later = statistics.median(firsts), statistics.median(laters)
    print(f"\nOCSF {version}: from an empty process to the verdict on one record, Python's start and imports aside")
    print(f"  first use: {first * 1e3:.0f} ms    {under(first, 0.3, 's')}")
    print(f"  later uses: {later * 1e3:.0f} ms    {under(later * 1e3, 50, 'ms')}")


def _seconds(version: str, cache: Path) -> float:
    """What a new process measures of itself."""
    command = [sys.executable, "-m", first_use.__name__, version, str(cache)]
    return float(subprocess.run(command, check=True, capture_output=True, text=True).stdout)


def _run(command: list[str]) -> None:
    subprocess.run(command, check=True, capture_output=True)
