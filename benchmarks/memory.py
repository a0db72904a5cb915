"""The peak memory of `validate` and of indexing, which should not grow with the file.

What the kernel tells a parent of its children's peaks includes what they shared with it before they were programs of
their own, and leaves out grandchildren, as worker processes are. Hence each process of the command is asked for its own
peak (`VmHWM` in `/proc/PID/status`, see proc_pid_status(5)) for as long as it runs.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Final

from benchmarks import data
from benchmarks.data import Sample
from benchmarks.targets import under

MEGABYTES: Final = 64
LARGE_MEGABYTES: Final = 1_000
_MOST: Final = 200
"""Megabytes that validation is allowed."""
_LISTING: Final = ("jsonl", "sarif", "junit", "html")
"""Reports that list issues: of those with ten errors in each record, the last file that is measured."""
_MOST_FOR_INDEX: Final = 150
"""Megabytes that finding the records is allowed."""
_INDEX: Final = "import sys; from pathlib import Path; from benchmarks import reading; reading.index(Path(sys.argv[1]))"
_PROC: Final = Path("/proc")
_LOOK_SECONDS: Final = 0.01


@dataclass(frozen=True, slots=True)
class Peak:
    """The most memory that the processes of a command had, in bytes."""

    largest: int
    """Of the process that had most."""
    total: int
    """Of all, each at its own peak: more than they had at any one time, as they share pages too."""


def print_peaks(folder: Path, sample: Sample, megabytes: int) -> None:
    """Print the peaks for files of that size: as an array, as NDJSON, and with ten errors in each record."""
    if not _PROC.is_dir():
        print("\nPeak memory: not measured, since this system has no /proc")
        return
    print(f"\nPeak memory of `validate --format json` and of indexing, files of {megabytes:,} MB")
    path = folder / "memory.ocsf.json"
    kinds = {
        "array": (sample, data.write_array),
        "NDJSON": (sample.on_lines(), data.write_lines),
        "array, ten errors in each record": (sample.damaged(), data.write_array),
    }
    for name, (records, write) in kinds.items():
        write(path, records.apart(megabytes * 1_000_000 // records.size + 1))
        for workers in (1, 2):
            print(_line(f"{name}, {workers} worker{'s' * (workers > 1)}", peak_of_validate(path, workers), _MOST))
        print(_line(f"{name}, index", peak_of([sys.executable, "-c", _INDEX, str(path)], path.parent), _MOST_FOR_INDEX))
    for form in _LISTING:
        print(_line(f"the same, --format {form}", peak_of_validate(path, 1, form), _MOST))


def peak_of_validate(path: Path, workers: int, form: str = "json") -> Peak:
    """Validate a file in processes of its own."""
    command = [sys.executable, "-m", "console", "validate", "--format", form, "--workers", str(workers), str(path)]
    return peak_of(command, path.parent)


def peak_of(command: list[str], cache: Path, environment: Mapping[str, str] = MappingProxyType({})) -> Peak:
    """Run a command in processes of its own, with a cache folder of its own, and *environment* beside the usual one."""
    own_cache = os.environ | {"XDG_CACHE_HOME": str(cache), **environment}
    peaks: dict[int, int] = {}
    with subprocess.Popen(command, env=own_cache, start_new_session=True, stdout=subprocess.DEVNULL) as process:
        while process.poll() is None:
            peaks |= _peaks(process.pid)
            time.sleep(_LOOK_SECONDS)
    return Peak(max(peaks.values()), sum(peaks.values()))


def peak_so_far(pid: int) -> int:
    """The most memory that a process that runs had so far, in bytes; 0 where the system does not tell."""
    return _peak(_PROC / str(pid) / "status") if _PROC.is_dir() else 0


def _line(name: str, peak: Peak, most: int) -> str:
    largest, total = peak.largest / 1e6, peak.total / 1e6
    return f"  {name:<48}{largest:>6.0f} MB in one process, {total:.0f} MB in all    {under(total, most, 'MB')}"


def _peaks(session: int) -> dict[int, int]:
    """The peak of each process of a session so far."""
    peaks = {}
    for folder in _PROC.iterdir():
        if folder.name.isdigit():
            pid = int(folder.name)
            try:
                if os.getsid(pid) == session:
                    peaks[pid] = _peak(folder / "status")
            except OSError:
                continue  # It has ended.
    return {pid: peak for pid, peak in peaks.items() if peak}


def _peak(status: Path) -> int:
    """The peak that a status file tells, in bytes; 0 for a process that is ending, which has no memory any more."""
    for line in status.read_text().splitlines():
        name, _, value = line.partition(":")
        if name == "VmHWM":
            return int(value.split()[0]) * 1024
    return 0
