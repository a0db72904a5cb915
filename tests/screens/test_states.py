"""The looks of what a screen says while it has nothing to show yet, has nothing at all, can't show it, or may not act.

The looks of screens with something on them are kept beside the stories about them.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final, NoReturn

import pytest
from textual.message import Message

from console.errors import BadInput, TargetDenied, TargetUnavailable
from console.progress import Report, silent
from console.submissions.desk import Desk
from console.submissions.model import Plan, Selection, TrackedJob
from screens.navigation import OpenCompare, OpenJob, OpenRecords, OpenSubmit, OpenValidation
from tests.screens.conftest import Look
from tests.screens.fixed_desk import FixedDesk
from tests.screens.fixed_desk import job as fixed_job
from tests.screens.job_stories import NARROW, WIDE, Story
from tests.screens.scan import scan

SCAN: Final = Path("scan.ocsf.json")
EMPTY: Final = Path("empty.json")
PAGE: Final = Path("page.json")
JOB: Final = fixed_job(1).job.id


async def never(*_: object) -> NoReturn:
    """What does not end before the story does."""
    await asyncio.Event().wait()
    raise AssertionError


class SlowDesk(FixedDesk):
    """Nobody answers yet."""

    async def job(self, target_name: str, job_id: str) -> TrackedJob:
        await never()

    async def prepare(
        self, paths: object, target_name: str, selection: Selection, report: Report = silent, stdin: object = None
    ) -> Plan:
        await never()


class RefusingDesk(FixedDesk):
    """Nothing is possible."""

    async def job(self, target_name: str, job_id: str) -> TrackedJob:
        raise TargetDenied("prowler refuses the API key (HTTP 401).", hint="Run: ocsf-console login prowler")

    async def watch(self, target_name: str, job_id: str, timeout: float | None = None) -> AsyncIterator[TrackedJob]:
        if job_id:
            raise TargetUnavailable("prowler can't be reached.")
        yield fixed_job(1)

    async def prepare(
        self, paths: object, target_name: str, selection: Selection, report: Report = silent, stdin: object = None
    ) -> Plan:
        raise BadInput("scan.ocsf.json holds no record that prowler takes.", hint="ocsf-console validate says why.")


@dataclass(frozen=True)
class State:
    """How a screen comes to look as it does."""

    sees: str
    """What is waited for."""
    opens: Message | None = None
    keys: tuple[str, ...] = ()
    desk: type[FixedDesk] = FixedDesk
    read_only: bool = False
    hangs: tuple[str, ...] = ()
    """The modules in which work never ends."""


_FILES: Final = ("screens.files", "screens.widgets.file_tree")
"""Where a file is read, and where the badges of all are found."""
STATES: Final[Mapping[str, State]] = {
    "files that are read": State("Reading", keys=("down", "down", "down"), hangs=_FILES),
    "files, read-only": State("read-only", keys=("down", "down", "down"), read_only=True, hangs=_FILES),
    "records that are looked for": State("Opening scan", OpenRecords(SCAN), hangs=("screens.record_file",)),
    "records, none": State("holds no records", OpenRecords(EMPTY)),
    "records, unreadable": State("HTML", OpenRecords(PAGE)),
    "validation at work": State("Validating", OpenValidation(SCAN), hangs=("screens.validation",)),
    "validation of nothing": State("holds no record", OpenValidation(EMPTY)),
    "validation, all is well": State("records are valid", OpenValidation(SCAN)),
    "compare at work": State("Reading …", OpenCompare(SCAN, SCAN), hangs=("screens.compare",)),
    "compare, no difference": State("No finding stands differently", OpenCompare(SCAN, SCAN)),
    "compare, unreadable": State("HTML", OpenCompare(SCAN, PAGE)),
    "submit at work": State("Reading", OpenSubmit(SCAN), desk=SlowDesk),
    "submit, impossible": State("holds no record", OpenSubmit(SCAN), desk=RefusingDesk),
    "job that is asked for": State("Job", OpenJob("prowler", JOB), desk=SlowDesk),
    "job, denied": State("refuses the API key", OpenJob("prowler", JOB), desk=RefusingDesk),
    "job, read-only": State("read-only", OpenJob("prowler", JOB), read_only=True),
    "jobs, read-only": State("read-only", keys=("2",), read_only=True),
    "targets, read-only": State("read-only", keys=("3",), read_only=True),
    "log": State("That did not work", keys=("exclamation_mark",)),
}


@pytest.fixture
def still(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """The time stands still, and everything is in the folder that one is in."""
    for module in ("job", "live_jobs"):
        monkeypatch.setattr(f"screens.{module}.monotonic", lambda: 100.0)
    monkeypatch.setattr("screens.event_log.now", lambda: datetime(2026, 11, 19, 10, 15, tzinfo=UTC))
    monkeypatch.chdir(tmp_path)
    scan(tmp_path)
    (tmp_path / EMPTY).write_text("[]")
    (tmp_path / PAGE).write_text("<html></html>")


@pytest.mark.usefixtures("still")
@pytest.mark.parametrize("size", [NARROW, WIDE], ids=["narrow", "wide"])
@pytest.mark.parametrize("name", STATES)
def test_look(look: Look, tmp_path: Path, name: str, size: tuple[int, int], monkeypatch: pytest.MonkeyPatch) -> None:
    state = STATES[name]
    for module in state.hangs:
        monkeypatch.setattr(f"{module}.in_thread", never)
    assert look(_desk(state, tmp_path / "state"), Path(), _story(name, state), size)


def _desk(state: State, folder: Path) -> Desk:
    return state.desk(folder, read_only=True) if state.read_only else state.desk(folder)


def _story(name: str, state: State) -> Callable[[Story], Awaitable[None]]:
    async def story(told: Story) -> None:
        await told.sees("page.json")
        if name == "log":
            told.app.log_of_session.add(BadInput("That did not work.", hint="Do something else."))
        if state.opens is not None:
            told.app.post_message(state.opens)
        await told.press(*state.keys)
        await told.sees(state.sees)

    return story
