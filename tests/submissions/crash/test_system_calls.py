"""The same at the level of the system: a process that dies at its n-th write of a kind, and a disk that refuses one.

This needs strace, and leave to trace. A quick run takes some of the calls; with `CRASH_EVERYWHERE` set, all of them.
"""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import count
from pathlib import Path

import pytest

from console.errors import ExitCode
from tests.submissions.crash.conftest import NewStage
from tests.submissions.crash.stage import EVERYWHERE, PATIENCE, Ended, Stage

_INJECTED = "(INJECTED)"
_CRASHED = 99


@dataclass(frozen=True, slots=True)
class Tried:
    """What became of a command under a system that failed it."""

    ended: Ended
    calls: Sequence[str]
    """The calls that were failed, as strace writes them down."""
    met: bool
    """Whether it came to the call that was meant."""


def _run(stage: Stage, calls: str, injection: str) -> Tried:
    """Submit the finding file, with something injected into its calls."""
    log = stage.folder / "strace"
    command = stage.start("submit", str(stage.scan), "--target", "prowler", gate=True)
    options = ("-f", "-qq", "-y", "-e", "signal=none", "-o", str(log), "-e", f"trace={calls}")
    with subprocess.Popen(
        [*_strace(), *options, "-e", f"inject={calls}:{injection}", "-p", str(command.process)],
        stdin=subprocess.DEVNULL, stderr=subprocess.PIPE,
    ) as tracer:  # fmt: skip
        _wait_for_the_tracer(command.process, tracer)
        stage.server.ask(do="open")
        ended = command.wait()
    stage.settle_down()
    lines = log.read_text(errors="replace").splitlines()
    failed = [line for line in lines if _INJECTED in line]
    return Tried(ended, failed, bool(failed) or ended.was_killed)


def _wait_for_the_tracer(process: int, tracer: subprocess.Popen[bytes]) -> None:
    """Wait until it holds the process. There is no event for that, so this looks as fast as it can."""
    status = Path(f"/proc/{process}/status")
    while "\nTracerPid:\t0\n" in status.read_text():
        assert tracer.poll() is None, "strace does not trace"


@cache
def _strace() -> Sequence[str]:
    """The command, without what it can do without. Skips where there is none, or none that may trace."""
    found = shutil.which("strace")
    if found is None:
        pytest.skip("strace is not installed")
    tried = subprocess.run(
        [found, "-qq", "-e", "trace=none", "true"], capture_output=True, check=False, timeout=PATIENCE
    )
    if tried.returncode:
        pytest.skip(f"strace may not trace here: {tried.stderr.decode(errors='replace').strip()}")
    return [found]


def _steps(first: int, stride: int) -> Iterator[int]:
    """The calls that are tried: some, or all."""
    return count(1) if EVERYWHERE else count(first, stride)


@pytest.mark.parametrize(
    ("calls", "first", "stride"),
    [
        ("pwrite64", 4, 79),
        ("fsync,fdatasync", 5, 17),
        ("write", 4, 9),
        ("sendto", 3, 5),
        ("unlink", 2, 5),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_process_that_dies_at_any_call_sends_once(new_stage: NewStage, calls: str, first: int, stride: int) -> None:
    tries = 0
    for number in _steps(first, stride):
        stage = new_stage()
        tried = _run(stage, calls, f"signal=SIGKILL:when={number}")
        if not tried.met:
            break
        tries += 1
        assert tried.ended.was_killed
        stage.drive_to_rest()
        stage.check_all_sent()
    assert tries, "there is no such call"


@pytest.mark.parametrize("lasting", ["", "+"], ids=["once", "from-then-on"])
@pytest.mark.parametrize(
    ("calls", "error", "first", "stride"),
    [
        ("pwrite64", "ENOSPC", 1, 90),
        ("pwrite64", "EIO", 47, 90),
        ("fsync,fdatasync", "EIO", 5, 15),
        ("write", "ENOSPC", 1, 10),
        ("ftruncate", "EIO", 1, 10),
        ("mkdir", "ENOSPC", 2, 10),
        ("unlink", "EIO", 4, 5),
        ("flock", "ENOLCK", 1, 1),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_disk_that_refuses_is_told_of_and_nothing_is_sent_twice(
    new_stage: NewStage, calls: str, error: str, first: int, stride: int, lasting: str
) -> None:
    tries = 0
    for number in _steps(first, stride):
        stage = new_stage()
        tried = _run(stage, calls, f"error={error}:when={number}{lasting}")
        if not tried.met:
            break
        tries += 1
        _check_what_it_said(stage, tried)
        stage.drive_to_rest()
        stage.check_all_sent()
    assert tries, "there is no such call"


def _check_what_it_said(stage: Stage, tried: Tried) -> None:
    """It ended in words, by a code that says what is known."""
    ended, taken = tried.ended, [jobs for jobs in stage.taken().values() if jobs]
    what = f"{tried.calls[:3]}\nexit {ended.code}: {ended.stderr}"
    assert "Traceback" not in ended.stderr, what
    assert ended.code in (ExitCode.OK, ExitCode.USAGE, ExitCode.UNKNOWN, ExitCode.UNAVAILABLE), what
    if any(f"({descriptor}<" in call for call in tried.calls for descriptor in (1, 2)):
        return  # what it would have said was refused too
    if ended.code == ExitCode.OK:
        assert len(taken) == 3, what
    else:
        assert "Error: " in ended.stderr, what
    written = {row["sha256"] for row in stage.batches() if row["state"] == "accepted"}
    unwritten = [jobs for sha256, jobs in stage.taken().items() if jobs and sha256 not in written]
    if ended.code != ExitCode.UNKNOWN:
        assert not unwritten, f"the target has what nobody told of\n{what}"
    for jobs in unwritten:
        assert jobs[0] in ended.stderr, what
