"""A desk on a real sandbox, with a state folder of its own."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from console.cli.setup import make_validator
from console.config import Config, LimitsConfig, ProwlerConfig, UiConfig
from console.credentials import Credentials
from console.sandbox.prowler.intake import ProwlerSettings
from console.sandbox.prowler.worker import Pace
from console.sandbox.server import Sandbox, running
from console.sandbox.settings import Settings
from console.submissions.desk import Desk
from console.targets.base import Accepted, Job


@dataclass(frozen=True, slots=True)
class Bench:
    """What these tests work with."""

    desk: Desk
    sandbox: Sandbox
    state: Path

    async def send(self, path: Path) -> Job:
        """Submit a whole file, which must be accepted."""
        from console.submissions.model import Selection

        plan = await self.desk.prepare([path], "prowler", Selection.ALL)
        async for _, outcome in self.desk.send(plan):
            assert isinstance(outcome, Accepted)
            return outcome.job
        raise AssertionError("a plan has a batch")


@pytest.fixture
def slow_sandbox() -> Iterator[Sandbox]:
    """One whose jobs stay pending for longer than any test."""
    with running(Settings(prowler=ProwlerSettings(pace=Pace(pending_seconds=600)))) as one:
        yield one


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    with running(Settings()) as one:
        yield one


def make_desk(sandbox: Sandbox, state: Path, limits: LimitsConfig | None = None) -> Desk:
    """A desk whose target `prowler` is the sandbox."""
    access = sandbox.access.prowler
    config = Config(
        targets={"prowler": ProwlerConfig(kind="prowler", base_url=access.base_url)},
        ui=UiConfig(refresh_seconds=1),
        limits=limits or LimitsConfig(),
    )
    state.mkdir(exist_ok=True)
    return Desk(config, Credentials(environ={"PROWLER_CLOUD_API_KEY": access.api_key.reveal()}), state, make_validator)


@pytest.fixture
async def bench(sandbox: Sandbox, tmp_path: Path) -> AsyncIterator[Bench]:
    async with _bench(sandbox, tmp_path / "state") as one:
        yield one


@pytest.fixture
async def slow_bench(slow_sandbox: Sandbox, tmp_path: Path) -> AsyncIterator[Bench]:
    async with _bench(slow_sandbox, tmp_path / "state") as one:
        yield one


@asynccontextmanager
async def _bench(sandbox: Sandbox, state: Path) -> AsyncIterator[Bench]:
    desk = make_desk(sandbox, state)
    yield Bench(desk, sandbox, state)
    await desk.close()
