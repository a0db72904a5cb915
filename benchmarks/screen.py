"""How soon the Records screen shows what was asked for, on a small file and on a large one.

The screen runs as it does in a terminal, but draws for nobody.
"""

from __future__ import annotations

import asyncio
import os
import secrets
import statistics
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from itertools import cycle, islice
from pathlib import Path
from typing import Final

from rich.console import RenderableType
from textual import events
from textual.app import App
from textual.screen import Screen

from benchmarks import data
from benchmarks.data import Sample
from benchmarks.targets import under
from console.cli.setup import make_validator
from console.config import Config
from console.credentials import Credentials
from console.submissions.desk import Desk
from screens import app as app_module
from screens.app import ConsoleApp
from screens.navigation import OpenRecords
from screens.records import RecordsScreen

SMALL_MEGABYTES: Final = 1
LARGE_MEGABYTES: Final = 1_000
SIZE: Final = (120, 40)
_ROUNDS: Final = 5
_FAR_RECORD: Final = 140_000
_KEYS: Final = ("down", "down", "pagedown", "up", "pagedown", "down", "pageup", "down")
_PATIENCE: Final = 60
"""Seconds after which something is wrong."""
_POLL: Final = 0.001
_BETWEEN_KEYS: Final = 0.03
"""Seconds, as when a key is held down."""


@dataclass(frozen=True, slots=True)
class Times:
    """What was measured on one file, in seconds."""

    opening: float
    """From asking for the screen until records are on it: the median of some rounds."""
    keys: list[float]
    """From a key until the next time that the screen was drawn, while records were looked for."""
    far: float | None
    """Until a record far down is on the screen, once all are found; None where there is none."""
    sorting: float
    """From asking for the list sorted by the resource, which is different in each record, until it is."""
    keys_sorting: list[float]
    """As `keys`, while the list was sorted."""


def print_times(folder: Path, sample: Sample, megabytes: int = LARGE_MEGABYTES) -> None:
    """Measure both files, and print what came of it."""
    small = asyncio.run(_measure(folder, sample, SMALL_MEGABYTES))
    large = asyncio.run(_measure(folder, sample, megabytes))
    slower = large.opening / small.opening
    print(f"\nThe Records screen on a file of {megabytes:,} MB")
    print(f"  from opening to records on the screen: {small.opening * 1e3:.0f} ms for {SMALL_MEGABYTES} MB")
    print(f"  the same for {megabytes:,} MB: {large.opening * 1e3:.0f} ms, {slower:.2f} x    {under(slower, 1.5, 'x')}")
    _print_keys("records are found", large.keys)
    if large.far is not None:
        print(f"  record {_FAR_RECORD:,}: {large.far * 1e3:.0f} ms    {under(large.far * 1e3, 100, 'ms')}")
    print(f"  sorted by resource: {large.sorting:.1f} s")
    _print_keys("the list is sorted", large.keys_sorting)


def _print_keys(during: str, keys: list[float]) -> None:
    """Print how soon the screen was drawn after a key."""
    if len(keys) > 1:
        slowest = statistics.quantiles(keys, n=20)[-1] * 1e3
        told = f"{len(keys)} keys, p95 {slowest:.0f} ms"
        print(f"  key to paint while {during}: {told}    {under(slowest, 50, 'ms')}")


async def _measure(folder: Path, sample: Sample, megabytes: int) -> Times:
    """Measure a file of that size."""
    path = folder / f"{megabytes}.ocsf.json"
    data.write_array(path, sample.apart(max(megabytes * 1_000_000 // sample.size, 1)))
    desk = Desk(Config(), Credentials(), folder, make_validator)
    try:
        openings = []
        for _ in range(_ROUNDS):
            async with opened(desk, folder, path) as (_, _, seconds):
                openings.append(seconds)
        return await at_work(desk, folder, path, statistics.median(openings))
    finally:
        await desk.close()
        path.unlink()


class NotesDrawing(App[None]):
    """An app that notes when it draws."""

    drawn = 0.0
    """When it drew last."""

    def _display(self, screen: Screen[object], renderable: RenderableType | None) -> None:
        super()._display(screen, renderable)
        self.drawn = time.perf_counter()

    async def draws(self, since: float) -> float:
        """Wait until something was drawn after *since*, and give the seconds that it took."""
        await until(lambda: self.drawn > since)
        return self.drawn - since


class Watched(NotesDrawing, ConsoleApp):
    """The application, which notes when it draws."""

    CSS_PATH = str(Path(app_module.__file__).with_name("app.tcss"))

    def __init__(self, desk: Desk, start: Path) -> None:
        super().__init__(desk.config, lambda: desk, start)


@asynccontextmanager
async def opened(desk: Desk, folder: Path, path: Path) -> AsyncIterator[tuple[Watched, RecordsScreen, float]]:
    """The application with records on the screen, and the seconds that took. Nothing is known of the file before."""
    os.environ["XDG_CACHE_HOME"] = str(folder / secrets.token_hex(8))
    app = Watched(desk, folder)
    async with app.run_test(size=SIZE) as pilot:
        await pilot.pause()
        started = time.perf_counter()
        app.post_message(OpenRecords(path))
        await until(lambda: isinstance(app.screen, RecordsScreen))
        screen = app.screen
        assert isinstance(screen, RecordsScreen)
        await until(lambda: screen.table.line is not None)
        await app.draws(time.perf_counter())
        yield app, screen, app.drawn - started


async def at_work(desk: Desk, folder: Path, path: Path, opening: float) -> Times:
    """What is measured once the file is open: while its records are found, afterwards, and while they are sorted."""
    async with opened(desk, folder, path) as (app, screen, _):
        table = screen.table
        keys = await keys_until(app, lambda: table.known == table.count)
        far = None
        if table.count > _FAR_RECORD:
            asked = time.perf_counter()
            table.go_to(_FAR_RECORD)
            await until(lambda: table.line is not None and table.line.number == _FAR_RECORD)
            await app.draws(time.perf_counter())
            far = app.drawn - asked
        table.column = [column.key for column in table.columns].index("resource")
        asked = time.perf_counter()
        table.action_sort()
        await until(lambda: table.wanted is not None)
        keys_sorting = await keys_until(app, lambda: table.sort is not None)
        return Times(opening, keys, far, time.perf_counter() - asked, keys_sorting)


async def keys_until(app: NotesDrawing, ended: Callable[[], bool], most: int | None = None) -> list[float]:
    """The seconds from keys to paint, until something has ended or so many are pressed."""
    keys = []
    for key in islice(cycle(_KEYS), most):
        if ended():
            break
        pressed = time.perf_counter()
        app.post_message(events.Key(key, None))
        keys.append(await app.draws(pressed))
        await asyncio.sleep(_BETWEEN_KEYS)
    return keys


async def until(condition: Callable[[], bool]) -> None:
    """Wait for something to be so. Raises `TimeoutError`."""
    async with asyncio.timeout(_PATIENCE):
        while not condition():
            await asyncio.sleep(_POLL)
