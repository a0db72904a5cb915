"""How soon a key is answered with a million records open, beside a bare app of Textual with a table.

Both run as they do in a terminal, but draw for nobody.
"""

from __future__ import annotations

import asyncio
import gc
import statistics
from pathlib import Path
from typing import Final

from textual.app import ComposeResult
from textual.widgets import DataTable, Footer, Header

from benchmarks import data
from benchmarks.screen import SIZE, NotesDrawing, keys_until, opened, until
from benchmarks.targets import under
from console.cli.setup import make_validator
from console.config import Config
from console.credentials import Credentials
from console.submissions.desk import Desk
from screens.navigation import OpenRecords, OpenValidation
from screens.records import RecordsScreen
from screens.validation import ValidationScreen

RECORDS: Final = 1_000_000
_PRESSED: Final = 160
_BARE_ROWS: Final = 1_000
_MOST_MILLISECONDS: Final = 50


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
    found, left, validated = asyncio.run(_ours(folder))
    slowest_bare = _p95(bare)
    print(f"\nFrom a key to the paint, with {RECORDS:,} records open")
    for what, times in (("they are found", found), ("nothing else is done", left), ("they are validated", validated)):
        slowest = _p95(times)
        told = f"p95 of {len(times)} keys {slowest:.0f} ms, {slowest / slowest_bare:.1f} x a bare table"
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


async def _ours(folder: Path) -> tuple[list[float], list[float], list[float]]:
    """The seconds while the records are found, while nothing else is done, and while they are validated."""
    path = folder / "million.ocsf.jsonl"
    data.write_lines(path, data.small(RECORDS))
    desk = Desk(Config(), Credentials(), folder, make_validator)
    try:
        async with opened(desk, folder, path) as (app, screen, _):
            table = screen.table
            gc.freeze()  # as in a terminal, once all is loaded
            found = await keys_until(app, lambda: table.known == table.count, _PRESSED)
            await until(lambda: table.known == table.count)
            left = await keys_until(app, lambda: False, _PRESSED)
            app.post_message(OpenValidation(path))
            await until(lambda: isinstance(app.screen, ValidationScreen))
            validation = app.screen
            assert isinstance(validation, ValidationScreen)
            app.post_message(OpenRecords(path))
            await until(lambda: isinstance(app.screen, RecordsScreen) and app.screen.table.line is not None)
            validated = await keys_until(app, lambda: not validation.has_class("-running"), _PRESSED)
        return found, left, validated
    finally:
        await desk.close()
        path.unlink()
