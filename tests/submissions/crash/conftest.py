"""A fork server and a sandbox for all of these tests, and a stage for each."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from console.sandbox.server import Sandbox, running
from console.sandbox.settings import Settings
from tests.submissions.crash.stage import ForkServer, Stage, forget_jobs, fork_server

_IN_MEMORY = Path("/dev/shm")
NewStage = Callable[[], Stage]


@pytest.fixture(scope="session")
def server() -> Iterator[ForkServer]:
    with fork_server() as one:
        yield one


@pytest.fixture(scope="session")
def target() -> Iterator[Sandbox]:
    with running(Settings()) as one:
        yield one


def memory_folder() -> Path | None:
    """A folder in memory, where there is such a thing: what dies here is a process, never the machine."""
    return _IN_MEMORY if os.access(_IN_MEMORY, os.W_OK) else None


@pytest.fixture
def folder() -> Iterator[Path]:
    with TemporaryDirectory(dir=memory_folder(), prefix="ocsf-console-test-") as scratch:
        yield Path(scratch)


@pytest.fixture
def new_stage(server: ForkServer, target: Sandbox, folder: Path) -> NewStage:
    """Makes a stage. The target has no job on it, so use one at a time."""
    made = 0

    def make() -> Stage:
        nonlocal made
        made += 1
        forget_jobs(target)
        place = folder / str(made)
        place.mkdir()
        return Stage(server, target, place)

    return make


@pytest.fixture
def stage(new_stage: NewStage) -> Stage:
    return new_stage()
