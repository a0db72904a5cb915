"""Run the benchmarks: `python -m benchmarks`. With `--large`, only those of memory, sandbox and screen, on 1 GB."""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path

from benchmarks import (
    data,
    first_use,
    jobs,
    keys,
    memory,
    reading,
    sandbox,
    screen,
    startup,
    submitting,
    terminal,
    validation,
)
from console.ocsf.together import validators

_COPIES = 10
"""Of the sample, to have enough to measure on."""
_DAMAGED_COPIES = 2
"""Fewer will do where each takes longer."""


def main() -> None:
    """Make the files in a temporary folder, and measure on them."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument(
        "--large", action="store_true", help="measure peak memory, the sandbox and the screen on files of 1 GB"
    )
    large = parser.parse_args().large
    sample = data.sample()
    print(f"Python {sys.version.split()[0]}. Records: {sample.origin}.")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        memory.print_peaks(folder, sample, memory.MEGABYTES)
        screen.print_times(folder, sample, screen.LARGE_MEGABYTES if large else memory.MEGABYTES)
        jobs.print_times(folder)
        keys.print_times(folder)
        if large:
            memory.print_peaks(folder, sample, memory.LARGE_MEGABYTES)
            sandbox.print_large(folder, sample, memory.LARGE_MEGABYTES)
            submitting.print_large(folder, sample, memory.LARGE_MEGABYTES)
            return
        sandbox.print_tables(folder, sample, _COPIES)
        submitting.print_tables(folder, sample, _COPIES)
        startup.start_up(folder, sample)
        terminal.print_times(folder)
        terminal.print_idle(folder)
        for version in (first_use.NEWEST, first_use.OLDEST):
            startup.first_record(version)
        with validators(2) as workers:
            ours = validation.Ours(folder / "cache", workers)
            validation.sound(ours, folder, sample, _COPIES)
            validation.on_lines(ours, folder, sample, _COPIES)
            validation.damaged(ours, folder, sample, _DAMAGED_COPIES)
            reading.print_tables(folder, sample, _COPIES, workers)


if __name__ == "__main__":
    main()
