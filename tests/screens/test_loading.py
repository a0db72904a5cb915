"""What is loaded for the first screen, and when the rest is."""

from __future__ import annotations

import asyncio
import gc
import subprocess
import sys
from pathlib import Path
from threading import Event
from typing import Final

import pytest

from console.cli.opening import in_one_go
from console.errors import BadConfig
from console.progress import Cancel, Cancelled
from screens import loading
from tests.screens.job_stories import at_console, make_desk
from tests.screens.terminal import console

_FIRST_SCREEN: Final = """
import asyncio, sys
from pathlib import Path
from console.config import Config, with_environment
from screens import loading
from screens.app import ConsoleApp

loading.load_ahead = lambda cancel: None

def open_desk():
    raise AssertionError("The first screen asked for the desk.")

async def look():
    app = ConsoleApp(with_environment(Config(), {}), open_desk, Path(sys.argv[1]))
    async with app.run_test() as pilot:
        await pilot.pause()
        print(type(app.screen).__name__, *sys.modules)

asyncio.run(look())
"""
_LATER: Final = (
    "botocore", "httpx", "keyring", "multiprocessing", "regex", "sqlite3", "tomlkit",
    "console.convert", "console.credentials", "console.ocsf", "console.records.query", "console.records.reader",
    "console.submissions", "console.targets",
    "screens.compare", "screens.job", "screens.jobs", "screens.log", "screens.records", "screens.settle",
    "screens.submit", "screens.targets", "screens.validation",
)  # fmt: skip


def test_the_files_screen_loads_no_other_screen_and_nothing_that_they_need(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", _FIRST_SCREEN, str(tmp_path)], capture_output=True, text=True, check=True
    )
    screen, *loaded = done.stdout.split()

    assert screen == "FilesScreen"
    assert not {name for name in loaded if name in _LATER or name.startswith(tuple(f"{one}." for one in _LATER))}


async def test_the_rest_is_loaded_once_the_first_screen_is_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun, asked = Event(), list[Cancel]()

    def load(cancel: Cancel) -> None:
        asked.append(cancel)
        begun.set()

    monkeypatch.setattr(loading, "load_ahead", load)
    gc.disable()
    async with at_console(make_desk("http://127.0.0.1:9", tmp_path, key=None), tmp_path) as story:
        await story.sees("Choose a finding file.")
        assert await asyncio.to_thread(begun.wait, 30)
        assert gc.isenabled()
    assert len(asked) == 1


_FREEZES: Final = """
import gc, os, sys
from console.cli import main

def freeze(really=gc.freeze):
    really()
    loaded = "screens.submit" in sys.modules and gc.get_freeze_count() > 10_000
    os.write(2, b"[frozen, all of it]" if loaded else b"[frozen too soon]")

gc.freeze = freeze
main()
"""


def test_no_look_for_garbage_goes_through_what_was_loaded(tmp_path: Path) -> None:
    with console(tmp_path, {}, ["-c", _FREEZES]) as (terminal, _):
        terminal.until(lambda: b"[frozen" in terminal.raw, "an end of loading")
        assert b"[frozen, all of it]" in terminal.raw


def test_garbage_is_collected_again_when_the_ui_does_not_come() -> None:
    collects = list[bool]()

    def fail() -> None:
        with in_one_go():
            collects.append(gc.isenabled())
            raise BadConfig("It is wrong.")

    with pytest.raises(BadConfig):
        fail()
    assert [*collects, gc.isenabled()] == [False, True]


def test_all_that_is_loaded_ahead_is_there() -> None:
    loading.load_ahead(Cancel())


def test_who_leaves_does_not_wait_until_all_is_loaded() -> None:
    cancel = Cancel()
    cancel.ask()

    with pytest.raises(Cancelled):
        loading.load_ahead(cancel)
