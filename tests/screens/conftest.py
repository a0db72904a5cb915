"""What screens are tested with: nothing moves by itself, and a look at a screen can be kept."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Awaitable, Callable, Hashable
from pathlib import Path
from typing import Final, Protocol

import pytest
from syrupy.assertion import SnapshotAssertion
from syrupy.extensions.single_file import SingleFileSnapshotExtension, WriteMode
from textual import constants
from textual.css.model import RuleSet
from textual.css.stylesheet import Stylesheet
from textual.pilot import Pilot
from textual.widgets import Input

from console.submissions.desk import Desk
from screens.widgets.keys import Keys
from tests.conftest import NewFolder
from tests.screens.in_text import in_text
from tests.screens.job_stories import Story, app_at, make_desk

_SHEETS_READ: dict[tuple[object, ...], list[RuleSet]] = {}
"""What was read of a style sheet, by the variables of the theme and by what Textual was asked to read."""
MOST_KEYS: Final = 8
"""As many as one takes in at a look."""
_REPORTS: Final = "TEXTUAL_SNAPSHOT_TEMPDIR"


@pytest.fixture(scope="session")
def snapshot_reports() -> str | None:
    """Where the snapshot plugin collects what it saw, before a test's environment is cleared of it."""
    return os.environ.get(_REPORTS)


@pytest.fixture(autouse=True)
def sheets_are_read_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Textual reads its style sheets and ours for each app and theme anew: a sixth of the time of these tests."""
    read = Stylesheet._parse_rules

    def read_once(sheet: Stylesheet, *source: Hashable, **more: Hashable) -> list[RuleSet]:
        key = (*sheet._variables.items(), *source, *more.items())
        if key not in _SHEETS_READ:
            _SHEETS_READ[key] = read(sheet, *source, **more)  # type: ignore[arg-type]
        return _SHEETS_READ[key]

    monkeypatch.setattr(Stylesheet, "_parse_rules", read_once)


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


@pytest.fixture
def scans(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder in the one that one is in, so that a look of it shows the same path on every machine."""
    folder = tmp_path / "scans"
    folder.mkdir()
    monkeypatch.chdir(tmp_path)
    return folder


class Look(Protocol):
    """Compares what a story leads to with the look that was kept; `--snapshot-update` keeps the new one."""

    def __call__(
        self, desk: Desk, start: Path, story: Callable[[Story], Awaitable[None]], size: tuple[int, int]
    ) -> bool: ...


class TextFile(SingleFileSnapshotExtension):
    """A kept look of a file of its own, to be read in a diff."""

    _write_mode = WriteMode.TEXT
    _file_extension = "txt"


@pytest.fixture
def look(snap_compare: Callable[..., bool], snapshot: SnapshotAssertion) -> Look:
    """A look at a screen: in our colours as SVG, in the terminal's colours and without any as text."""

    def compare(desk: Desk, start: Path, story: Callable[[Story], Awaitable[None]], size: tuple[int, int]) -> bool:
        app, texts = app_at(desk, start), list[str]()

        async def tell(pilot: Pilot[None]) -> None:
            await story(Story(app, pilot, []))
            await pilot.pause()
            texts.append(await in_text(app, pilot))
            for keys in app.screen.query(Keys):
                assert len(keys.children) <= MOST_KEYS

        try:
            pictured = snap_compare(app, terminal_size=size, run_before=tell)
            # Both are looked at, so that an update takes both.
            return texts[0] == snapshot.use_extension(TextFile) and pictured
        finally:
            asyncio.run(desk.close())

    return compare
