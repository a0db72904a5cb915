"""How soon the program is there, and how soon a version of OCSF is."""

from __future__ import annotations

import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

from benchmarks import first_use
from benchmarks.clock import ROUNDS, race
from benchmarks.targets import under


def start_up(rounds: int = ROUNDS) -> None:
    """`--version` against a Python that loads what the smallest command line tool loads."""
    version = [sys.executable, "-m", "console", "--version"]
    smallest = [sys.executable, "-c", "import argparse, json"]
    ours, theirs = race([lambda: _run(version), lambda: _run(smallest)], rounds)
    print("\nStart-up")
    print(f"  --version: {statistics.median(ours):.3f} s")
    print(f"  python -c 'import argparse, json': {statistics.median(theirs):.3f} s")


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
