"""A gate before the search for rows, so that a story can look at a list while it is not known how long it is."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from threading import Event

import pytest

from console.progress import Cancel, Report
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
