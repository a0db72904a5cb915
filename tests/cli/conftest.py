"""Running the command as its users do: a process of its own, with an environment of its own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from console.sandbox.prowler.intake import ProwlerSettings
from console.sandbox.prowler.worker import Pace
from console.sandbox.samples import as_array, findings
from console.sandbox.server import Sandbox, running
from console.sandbox.settings import Settings

COMMAND = [sys.executable, "-m", "console"]


@dataclass(frozen=True, slots=True)
class Done:
    """How a command ended."""

    code: int
    stdout: str
    stderr: str

    def json(self) -> Any:
        """What it wrote, as JSON."""
        return json.loads(self.stdout)


Run = Callable[..., Done]


@pytest.fixture
def run() -> Run:
    """Run `ocsf-console` with some arguments, and perhaps more environment."""

    def run_command(*arguments: str | Path, stdin: bytes = b"", **environment: str) -> Done:
        done = subprocess.run(
            [*COMMAND, *map(str, arguments)],
            input=stdin,
            capture_output=True,
            env={**os.environ, **environment},
            timeout=50,
            check=False,
        )
        out, err = done.stdout.decode(), done.stderr.decode()
        assert "Traceback" not in err, err
        return Done(done.returncode, out, err)

    return run_command


def without_reader(*arguments: str | Path) -> Done:
    """Run `ocsf-console` with a stdout that nobody reads any more."""
    reading, writing = os.pipe()
    os.close(reading)
    with os.fdopen(writing, "wb") as gone:
        done = subprocess.run(
            [*COMMAND, *map(str, arguments)], stdout=gone, stderr=subprocess.PIPE, timeout=50, check=False
        )
    return Done(done.returncode, "", done.stderr.decode())


def on_a_full_disk(*arguments: str | Path, **environment: str) -> Done:
    """Run `ocsf-console` with a stdout that has no room."""
    with Path("/dev/full").open("wb") as full:
        done = subprocess.run(
            [*COMMAND, *map(str, arguments)],
            stdin=subprocess.DEVNULL,
            stdout=full,
            stderr=subprocess.PIPE,
            env={**os.environ, **environment},
            timeout=50,
            check=False,
        )
    return Done(done.returncode, "", done.stderr.decode())


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    """A sandbox of this test alone."""
    with running(Settings()) as one:
        yield one


@pytest.fixture
def slow_sandbox() -> Iterator[Sandbox]:
    """One whose jobs stay pending for longer than any test."""
    with running(Settings(prowler=ProwlerSettings(pace=Pace(pending_seconds=600)))) as one:
        yield one


def access(sandbox: Sandbox) -> dict[str, str]:
    """The environment that points the command at a sandbox."""
    prowler = sandbox.access.prowler
    return {
        "PROWLER_CLOUD_API_BASE_URL": prowler.base_url,
        "PROWLER_CLOUD_API_KEY": prowler.api_key.reveal(),
    }


@pytest.fixture
def sound(tmp_path: Path) -> Path:
    """A finding file of 20 sound records."""
    path = tmp_path / "sound.ocsf.json"
    path.write_bytes(as_array(list(findings(20))))
    return path


@pytest.fixture
def partly_bad(tmp_path: Path) -> Path:
    """A finding file of 5 records, of which number 3 lacks what the target asks for."""
    records = list(findings(5))
    records[3]["resources"] = []
    path = tmp_path / "partly-bad.ocsf.json"
    path.write_bytes(as_array(records))
    return path
