"""How soon a key is answered with a million records open, beside a bare app of Textual with a table.

Both run as they do in a terminal, but draw for nobody.
"""

from __future__ import annotations

import asyncio
import gc
import statistics
from collections.abc import Callable
from pathlib import Path
from typing import Final

from textual.app import ComposeResult
from textual.message import Message
from textual.screen import Screen
from textual.widgets import DataTable, Footer, Header

from benchmarks import data
from benchmarks.screen import SIZE, NotesDrawing, keys_until, opened, until
from benchmarks.targets import under
from console.cli.setup import make_validator
from console.config import Config
from console.credentials import Credentials
from console.submissions.desk import Desk
from screens.navigation import OpenRecords, OpenSubmit, OpenValidation
from screens.planning import Stage
from screens.records import RecordsScreen
from screens.submit import SubmitScreen
from screens.validation import ValidationScreen

RECORDS: Final = 1_000_000
_PRESSED: Final = 160
_BARE_ROWS: Final = 1_000
_MOST_MILLISECONDS: Final = 50
_TARGET: Final = {"kind": "prowler", "base_url": "http://127.0.0.1:9/api/v1"}
"""Nothing is sent to it."""


class _Bare(NotesDrawing):
    """A table of Textual's between a header and a footer."""

    def compose(self) -> ComposeResult:
        yield Header()
        yield DataTable[str](cursor_type="row")
        yield Footer()

    def on_mount(self) -> None:
        table = self.query_one(DataTable)
        table.add_columns(*"abcdefgh")
        for row in range(_BARE_ROWS):
            table.add_row(*(f"cell {column} of {row}" for column in range(8)))
        table.focus()


def print_times(folder: Path) -> None:
    """Measure, and print what came of it."""
    bare = asyncio.run(_bare())
    times = asyncio.run(_ours(folder))
    slowest_bare = _p95(bare)
    print(f"\nFrom a key to the paint, with {RECORDS:,} records open")
    for what, keys in times.items():
        slowest = _p95(keys)
        told = f"p95 of {len(keys)} keys {slowest:.0f} ms, {slowest / slowest_bare:.1f} x a bare table"
        print(f"  while {what}: {told}    {under(slowest, _MOST_MILLISECONDS, 'ms')}")
    print(f"  a bare table of Textual, with {_BARE_ROWS:,} rows: p95 {slowest_bare:.0f} ms")


def _p95(times: list[float]) -> float:
    """Milliseconds."""
    return statistics.quantiles(times, n=20)[-1] * 1e3


async def _bare() -> list[float]:
    app = _Bare()
    async with app.run_test(size=SIZE) as pilot:
        await pilot.pause()
        return await keys_until(app, lambda: False, _PRESSED)


async def _ours(folder: Path) -> dict[str, list[float]]:
    """The seconds from keys to paint, by what else is done with the records."""
    path = folder / "million.ocsf.jsonl"
    data.write_lines(path, data.small(RECORDS))
    desk = Desk(Config.model_validate({"targets": {"local": _TARGET}}), Credentials(), folder, make_validator)
    times = dict[str, list[float]]()
    try:
        async with opened(desk, folder, path) as (app, screen, _):
            gc.freeze()  # as in a terminal, once all is loaded
            times["they are found"] = await keys_until(app, lambda: _is_found(screen), _PRESSED)
            await until(lambda: _is_found(screen))
            times["nothing else is done"] = await keys_until(app, lambda: False, _PRESSED)
        times["they are validated"] = await _beside(desk, folder, path, OpenValidation(path), _is_validated)
        times["they are frozen to be sent"] = await _beside(desk, folder, path, OpenSubmit(path), _is_planned)
        return times
    finally:
        await desk.close()
        path.unlink()


async def _beside(
    desk: Desk, folder: Path, path: Path, work: Message, is_at_work: Callable[[Screen[object]], bool]
) -> list[float]:
    """The seconds from keys to paint while a screen below is at work."""
    async with opened(desk, folder, path) as (app, screen, _):
        await until(lambda: _is_found(screen))
        app.post_message(work)
        await until(lambda: is_at_work(app.screen))
        below = app.screen
        app.post_message(OpenRecords(path))
        await until(lambda: isinstance(app.screen, RecordsScreen) and app.screen.table.line is not None)
        gc.freeze()
        return await keys_until(app, lambda: not is_at_work(below), _PRESSED)


def _is_found(screen: RecordsScreen) -> bool:
    return screen.table.known == screen.table.count


def _is_validated(screen: Screen[object]) -> bool:
    return isinstance(screen, ValidationScreen) and screen.has_class("-running")


def _is_planned(screen: Screen[object]) -> bool:
    return isinstance(screen, SubmitScreen) and screen.stage is Stage.PLANNING
