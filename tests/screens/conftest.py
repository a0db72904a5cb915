"""What screens are tested with: nothing moves by itself, and a look at a screen can be kept."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Final, Protocol

import pytest
from textual import constants
from textual.pilot import Pilot
from textual.widgets import Input

from console.submissions.desk import Desk
from screens.app import ConsoleApp
from tests.conftest import NewFolder
from tests.screens.job_stories import Story, make_desk

_REPORTS: Final = "TEXTUAL_SNAPSHOT_TEMPDIR"


@pytest.fixture(scope="session")
def snapshot_reports() -> str | None:
    """Where the snapshot plugin collects what it saw, before a test's environment is cleared of it."""
    return os.environ.get(_REPORTS)


@pytest.fixture(autouse=True)
def nothing_moves(own_environment: Path, snapshot_reports: str | None, monkeypatch: pytest.MonkeyPatch) -> None:
    """No animation, and a cursor that does not blink."""
    if snapshot_reports is not None:
        monkeypatch.setenv(_REPORTS, snapshot_reports)
    monkeypatch.setattr(constants, "TEXTUAL_ANIMATIONS", "none")
    monkeypatch.setattr(Input, "_toggle_cursor", lambda _self: None)


@pytest.fixture
def desk(new_folder: NewFolder) -> Desk:
    """A desk whose target nobody answers for. Whoever runs the app on it closes it."""
    return make_desk("http://127.0.0.1:9", new_folder(), key=None)


class Look(Protocol):
    """Compares what a story leads to with the look that was kept; `--snapshot-update` keeps the new one."""

    def __call__(
        self, desk: Desk, start: Path, story: Callable[[Story], Awaitable[None]], size: tuple[int, int]
    ) -> bool: ...


@pytest.fixture
def look(snap_compare: Callable[..., bool]) -> Look:
    """A look at a screen, as SVG."""

    def compare(desk: Desk, start: Path, story: Callable[[Story], Awaitable[None]], size: tuple[int, int]) -> bool:
        app = ConsoleApp(desk, start)

        async def tell(pilot: Pilot[None]) -> None:
            await story(Story(app, pilot, []))
            await pilot.pause()

        try:
            return snap_compare(app, terminal_size=size, run_before=tell)
        finally:
            asyncio.run(desk.close())

    return compare
