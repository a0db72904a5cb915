"""The clients' own virtual environment (`make unit` makes it), and how to run something in it."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from console.sandbox.server import Sandbox, running
from console.sandbox.settings import Settings

CLIENTS = Path(sys.prefix) / "clients" / "bin"
"""Where the programs of the other environment are."""
PATIENCE = 50

Run = Callable[..., subprocess.CompletedProcess[str]]
"""Runs a program to its end, with further variables in its environment."""


def bare_environment(home: Path) -> dict[str, str]:
    """An environment in which no client finds settings of whoever runs the tests."""
    kept = {name: os.environ[name] for name in ("PATH", "LANG", "LC_ALL") if name in os.environ}
    return {**kept, "HOME": str(home), "AWS_EC2_METADATA_DISABLED": "true"}


@pytest.fixture
def run(tmp_path: Path) -> Run:
    """Runs a program in a bare environment."""

    def run(*command: str | Path, **variables: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            list(map(str, command)),
            env={**bare_environment(tmp_path), **variables},
            cwd=tmp_path,
            capture_output=True,
            text=True,
            timeout=PATIENCE,
            check=False,
        )

    return run


@pytest.fixture
def python() -> Path:
    """The Python of the clients. Skips where they are not installed."""
    found = CLIENTS / "python"
    if not found.exists():
        pytest.skip("the clients are not installed: make unit installs them")
    return found


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    """A sandbox that is set up as the command sets it up."""
    with running(Settings()) as found:
        yield found
