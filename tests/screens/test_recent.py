"""The files of before, and the folder of before, from one run to the next."""

from __future__ import annotations

import os
from pathlib import Path

import msgspec
import pytest

from console.submissions.desk import Desk
from screens import recent
from screens.files import FilesScreen
from screens.memory import Memory, Remembered
from screens.recent import RecentFile, Use, with_recent
from screens.records import RecordsScreen
from screens.validation import ValidationScreen
from screens.widgets.pick_dialog import PickDialog
from tests.screens.job_stories import Story, app_at, at_console
from tests.screens.scan import scan


def test_a_path_of_any_bytes_comes_back_as_it_was() -> None:
    path = Path(os.fsdecode(b"/scans/\xff 100% [b]\n/a?b#c.json"))
    kept = msgspec.json.encode(RecentFile.of(path, Use.OPENED))

    assert msgspec.json.decode(kept, type=RecentFile).path == path


def test_a_path_with_a_nul_leads_nowhere_and_harms_nobody() -> None:
    assert not recent.read("/etc%00/passwd").exists()


def test_each_file_is_there_once_and_there_is_an_end() -> None:
    files: tuple[RecentFile, ...] = ()
    for number in [*range(recent.MOST + 10), 30]:
        files = with_recent(files, RecentFile.of(Path(f"/{number}.json"), Use.OPENED))

    assert len(files) == recent.MOST
    assert [one.path.name for one in files[:2]] == ["30.json", "59.json"]
    assert len({one.name for one in files}) == len(files)


async def test_the_files_of_before_are_a_key_away_and_those_that_are_gone_are_marked(
    tmp_path: Path, desk: Desk
) -> None:
    inner = tmp_path / "inner"
    inner.mkdir()
    old, new = scan(inner, name="old.json"), scan(tmp_path, name="new.json")
    async with at_console(desk, tmp_path) as story:
        screen = await story.on(FilesScreen)
        await story.press("ctrl+r")
        await story.sees("No file yet")
        await story.press("escape")

        for path, key, there in ((old, "v", ValidationScreen), (new, "o", RecordsScreen)):
            await story.on(FilesScreen)
            screen.go_to(path)
            await story.until(lambda path=path: screen.file == path)  # type: ignore[misc]  # of now
            await story.press(key)
            await story.on(there)
            await story.press("escape")
        await story.on(FilesScreen)
        new.unlink()
        await story.press("ctrl+r")
        await story.on(PickDialog)
        await story.sees("gone new.json opened", "old.json validated")
        await story.press("j", "enter")
        await story.on(FilesScreen)
        await story.until(lambda: screen.file == old)


async def test_without_a_path_the_console_opens_where_it_was_left(
    tmp_path: Path, desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    last, here = tmp_path / "last", tmp_path / "here"
    for folder in (last, here):
        folder.mkdir()
    scan(last, name="left.json")
    monkeypatch.chdir(here)
    memory = Memory.of(tmp_path)
    app = app_at(desk, last, memory)
    async with app.run_test() as pilot:
        await Story(app, pilot, []).sees("left.json")
    memory.keep()

    app = app_at(desk, None, Memory.of(tmp_path))
    async with app.run_test() as pilot:
        await Story(app, pilot, []).sees("left.json")
    await desk.close()

    last.rename(tmp_path / "moved")
    assert app_at(desk, None, Memory.of(tmp_path)).start == here
    memory.now = Remembered()
    assert app_at(desk, None, memory).start == here
