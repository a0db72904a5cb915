"""A gate before the search for rows, or before its end, so that a story can look at a list that is not whole yet."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from threading import Event

import pytest

from console.progress import Cancel, Report
from console.records.reader import FindingFile
from console.records.search import Hits, Search
from console.records.sweep import Found, sweep
from console.records.workers import Workers
from screens import record_rows
from screens.record_rows import FileRows, HitRows


@contextmanager
def closed_gate(kind: type[FileRows | HitRows]) -> Iterator[Event]:
    """Nothing is found in any file until the gate that is given is set."""
    gate, find = Event(), kind.find

    def find_behind_gate(rows: FileRows | HitRows, tell: Report, cancel: Cancel) -> None:
        while not gate.wait(0.01):
            cancel.check()
        find(rows, tell, cancel)  # type: ignore[arg-type]  # it is of that kind

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(kind, "find", find_behind_gate)
        yield gate


@contextmanager
def open_end() -> Iterator[Event]:
    """What a filter lets through is found at once, but the search ends only when the gate that is given is set."""
    gate = Event()

    def sweep_up_to_gate(
        file: FindingFile, look: Search, workers: Workers | None, tell: Report, cancel: Cancel, message: str
    ) -> Iterator[Found[Hits]]:
        yield from sweep(file, look, workers, tell, cancel, message)
        while not gate.wait(0.01):
            cancel.check()

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(record_rows, "sweep", sweep_up_to_gate)
        yield gate
