"""A fork server and a sandbox for all of these tests, and a stage for each."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from console.sandbox.server import Sandbox, running
from console.sandbox.settings import Settings
from tests.submissions.crash.stage import ForkServer, Stage, fork_server, forget_jobs

NewStage = Callable[[], Stage]


@pytest.fixture(scope="session")
def server() -> Iterator[ForkServer]:
    with fork_server() as one:
        yield one


@pytest.fixture(scope="session")
def target() -> Iterator[Sandbox]:
    with running(Settings()) as one:
        yield one


@pytest.fixture
def new_stage(server: ForkServer, target: Sandbox, tmp_path: Path) -> NewStage:
    """Makes a stage. The target has no job on it, so use one at a time."""
    made = 0

    def make() -> Stage:
        nonlocal made
        made += 1
        forget_jobs(target)
        folder = tmp_path / str(made)
        folder.mkdir()
        return Stage(server, target, folder)

    return make


@pytest.fixture
def stage(new_stage: NewStage) -> Stage:
    return new_stage()
