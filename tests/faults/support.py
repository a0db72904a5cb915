"""What the named cases share: a sound finding to spoil, files to write, a measured run, a person without privileges."""

from __future__ import annotations

import ctypes
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import pytest
from _pytest.mark.structures import ParameterSet

from console.sandbox.samples import findings
from screens.files import FilesScreen
from screens.navigation import OpenRecords
from screens.records import RecordsScreen
from tests.cli.conftest import Done
from tests.screens.job_stories import Story

Finding = dict[str, Any]
Issue = dict[str, Any]
"""A line of `validate --format jsonl`."""

BOTH: Final = ("full", "official")
"""The sets of rules."""

NOWHERE: Final = {"PROWLER_CLOUD_API_BASE_URL": "http://127.0.0.1:9", "PROWLER_CLOUD_API_KEY": "pk_a.b"}
"""The environment of a target that nobody answers for: what gets as far as sending exits 3."""

AWS_NOWHERE: Final = {
    "AWS_ACCESS_KEY_ID": "AKIATEST",
    "AWS_SECRET_ACCESS_KEY": "secret",
    "AWS_REGION": "us-east-1",
    "AWS_ENDPOINT_URL": "http://127.0.0.1:9",
}
"""The same for Security Hub."""

MEGABYTE: Final = 1024**2

_SOUND: Final = json.dumps(*findings(1))
_CAPABILITY_VERSION: Final = 0x20080522
_OVERRIDES: Final = 0b110
"""CAP_DAC_OVERRIDE and CAP_DAC_READ_SEARCH, by which root gets past the modes of files: see capabilities(7)."""

_MEASURED: Final = """
import re, resource, sys
from pathlib import Path
from console.cli.root import run
code = run(sys.argv[1:])
sys.stdout.flush()
peak = int(re.search(r"VmHWM:\\s+(\\d+) kB", Path("/proc/self/status").read_text())[1]) * 1024
used = resource.getrusage(resource.RUSAGE_SELF)
print(peak, used.ru_utime + used.ru_stime, file=sys.stderr)
raise SystemExit(code)
"""


def large(*values: object) -> ParameterSet:
    """A size, and perhaps what goes with it, that is tried on request only: such files take gigabytes, and minutes."""
    skip = pytest.mark.skipif(not os.environ.get("LARGE_FILES"), reason="files of full size: set LARGE_FILES=1")
    return pytest.param(*values, id="large", marks=[skip, pytest.mark.timeout(900)])


def finding(number: int = 0, /, **changes: object) -> Finding:
    """A finding that nobody has anything to say against, with some attributes changed. Its number is in its uid."""
    event: Finding = json.loads(_SOUND)
    event["metadata"]["product"]["name"] = "Probe"
    event["finding_info"]["uid"] = f"finding-{number}"
    return event | changes


def array(*records: Finding | bytes) -> bytes:
    """A finding file: an array with a record on each line. Records may be given as the bytes they shall be."""
    return b"[" + b",\n".join(one if isinstance(one, bytes) else json.dumps(one).encode() for one in records) + b"]"


def spoiled(key: str, value: bytes) -> bytes:
    """A finding whose attribute *key* has a value that is written by these bytes, whatever they are."""
    return json.dumps(finding(**{key: "SPOILED"})).encode().replace(b'"SPOILED"', value)


def issues(done: Done) -> list[Issue]:
    """What `validate --format jsonl` wrote."""
    return [json.loads(line) for line in done.stdout.splitlines()]


def summed(found: list[Issue]) -> list[tuple[str, str, str]]:
    """Issues by severity, code and path."""
    return [(issue["severity"], issue["code"], issue["path"]) for issue in found]


@dataclass(frozen=True, slots=True)
class Measured:
    """A command in a process of its own, and what it took."""

    done: Done
    peak: int
    """The most memory that it had at any time, in bytes."""
    seconds: float
    """Processor time, which does not depend on what else runs."""


def measured(*arguments: str | Path, **environment: str) -> Measured:
    """Run a command and measure it. Skips where the system can't tell the peak of a process."""
    if not Path("/proc/self/status").exists():
        pytest.skip("this system has no /proc to ask for the peak of a process's memory")
    command = [sys.executable, "-c", _MEASURED, *map(str, arguments)]
    ended = subprocess.run(command, capture_output=True, env={**os.environ, **environment}, check=False)
    out, err = ended.stdout.decode(), ended.stderr.decode()
    assert "Traceback" not in err, err
    said, _, figures = err.rstrip("\n").rpartition("\n")
    peak, seconds = figures.split()
    return Measured(Done(ended.returncode, out, said), int(peak), float(seconds))


@contextmanager
def without_privileges() -> Iterator[None]:
    """Hold this thread, and those that it starts, to the modes of files even as root."""
    if os.geteuid() != 0:
        yield
        return
    capset = getattr(ctypes.CDLL(None), "capset", None)
    if capset is None:
        pytest.skip("root gets past the modes of files, and can't step down on this system")
    header = (ctypes.c_uint32 * 2)(_CAPABILITY_VERSION, 0)
    sets = (ctypes.c_uint32 * 6)()
    ctypes.CDLL(None).capget(header, sets)
    effective = sets[0]
    sets[0] = effective & ~_OVERRIDES
    if capset(header, sets) != 0:
        pytest.skip("root gets past the modes of files, and may not step down here")
    try:
        yield
    finally:
        sets[0] = effective
        capset(header, sets)


async def open_records(story: Story, path: Path, at: int = 0) -> RecordsScreen:
    """Open the Records screen, as another screen would."""
    story.app.post_message(OpenRecords(path, at))
    return await story.on(RecordsScreen)


async def choose(story: Story, name: str) -> None:
    """Put the cursor on an entry of the tree."""
    screen = await story.on(FilesScreen)
    await story.sees(name)
    node = next(node for node in screen.folders.root.children if node.data and node.data.path.name == name)
    screen.folders.move_cursor(node)
