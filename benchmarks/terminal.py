"""The terminal UI as a process in a terminal: how soon it is seen, and what it costs while nobody does anything."""

from __future__ import annotations

import os
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from statistics import median
from typing import Final

import pexpect

from benchmarks.clock import ROUNDS, in_turn
from benchmarks.targets import under

_BARE: Final = """
from textual.app import App
from textual.widgets import Footer, Header, Static

class Bare(App):
    def compose(self):
        yield Header()
        yield Static("Choose a finding file.")
        yield Footer()

Bare().run()
"""
"""An app of Textual with a line on top, a sentence and a footer, as our first screen has."""
_SENTENCE: Final = "Choose a finding file"
_FRAME: Final = "1 Files"
_IDLE_SECONDS: Final = 20
_SETTLING_SECONDS: Final = 5


def print_times(folder: Path, rounds: int = ROUNDS) -> None:
    """How soon something is seen, and how soon all of the first screen is, beside a bare app."""
    ours = ["-m", "console", str(folder)]
    frame, whole, bare = (
        median(seconds)
        for seconds in in_turn(
            [lambda: _seen(ours, _FRAME), lambda: _seen(ours, _SENTENCE), lambda: _seen(["-c", _BARE], _SENTENCE)],
            rounds,
        )
    )
    print("\nThe terminal UI, from the start of the process")
    print(f"  until its frame is seen: {frame * 1e3:.0f} ms    {under(frame / bare, 1.5, 'x a bare app')}")
    print(f"  until all of the Files screen is: {whole * 1e3:.0f} ms, {whole / bare:.1f} x a bare app")
    print(f"  a bare app of Textual: {bare * 1e3:.0f} ms")


def print_idle(folder: Path, seconds: float = _IDLE_SECONDS) -> None:
    """What share of a processor the Files screen takes while nobody does anything. Linux only."""
    with _started(["-m", "console", str(folder)]) as process:
        process.expect(_SENTENCE)
        _let_pass(process, _SETTLING_SECONDS)
        before = _processor_seconds(process)
        _let_pass(process, seconds)
        share = (_processor_seconds(process) - before) / seconds * 100
    print(f"\nThe Files screen, left alone for {seconds:.0f} s: {share:.2f} %    {under(share, 1, '%')}")


def _seen(arguments: Sequence[str], text: str) -> float:
    """Start something in a terminal; the seconds until a text is there. How it ends takes a while too."""
    started = time.perf_counter()
    with _started(arguments) as process:
        process.expect(text)
        return time.perf_counter() - started


@contextmanager
def _started(arguments: Sequence[str]) -> Iterator[pexpect.spawn[str]]:
    with tempfile.TemporaryDirectory() as home:
        # Modules are compiled once, as they are when a package is installed: the first start, which nobody times, does.
        inherited = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
        environ = {**inherited, "HOME": home, "OCSF_CONSOLE_STATE_DIR": home, "TERM": "xterm-256color"}
        process = pexpect.spawn(sys.executable, list(arguments), env=environ, dimensions=(24, 80), encoding="utf-8")
        try:
            yield process
        finally:
            process.close(force=True)


def _let_pass(process: pexpect.spawn[str], seconds: float) -> None:
    """Take what is written meanwhile, as a terminal does."""
    end = time.monotonic() + seconds
    while (left := end - time.monotonic()) > 0:
        process.expect([pexpect.TIMEOUT, ".+"], timeout=left)


def _processor_seconds(process: pexpect.spawn[str]) -> float:
    """What its threads have used until now. What is counted for the whole process comes in hundredths of a second."""
    return (
        sum(int(thread.read_text().split()[0]) for thread in Path(f"/proc/{process.pid}/task").glob("*/schedstat"))
        / 1e9
    )
