"""Everything that is written to stdout and stderr.

Data goes to stdout, narration to stderr. Text is made safe for a terminal here, even on its way into a pipe: whoever
reads the pipe may have one. JSON is written in ASCII, so no control character can hide in it.
"""

from __future__ import annotations

import os
import stat
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO, Final, TypeAlias

import click

from console import serialise
from console.display import safe_text
from console.errors import BadInput, ConsoleError, StateError
from console.paths import atomic_write
from console.progress import Progress, Report, silent

_REDRAW_SECONDS: Final = 0.1

STDOUT: Final = "-"
"""What stands for stdout where a path is asked for."""

JsonData: TypeAlias = serialise.JsonData
to_json = serialise.to_json
to_csv = serialise.to_csv
counted = serialise.counted


def say(text: str) -> None:
    """Tell the user something, on stderr. Our own words, or text made safe.

    Where nobody can be told, nothing is held up: what is being sent goes on.
    """
    try:
        click.echo(text, err=True)
    except OSError:
        # Python would try again when it ends, and exit with a code of its own.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stderr.fileno())


def remarks(found: Iterable[str]) -> None:
    """Tell what is odd about something that was told before. Our own words, or text made safe."""
    for remark in found:
        say(f"  {remark}")


class ReaderGone(Exception):
    """Whoever read our output has seen enough and closed the pipe."""


def line(text: str) -> None:
    """Write one line of data. Our own words, or text made safe."""
    data(text + "\n")


def data(text: str) -> None:
    """Write data that has its line ends already. Raises `ReaderGone`."""
    raw(text.encode())


def raw(content: bytes) -> None:
    """Write bytes as they are. Not for a terminal. Raises `ReaderGone`."""
    try:
        click.echo(content, nl=False)
    except OSError as failed:
        # Python would complain once more when it closes stdout.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        if isinstance(failed, BrokenPipeError):
            raise ReaderGone from failed
        raise StateError(f"stdout can't be written: {failed.strerror}.") from failed


@contextmanager
def reader_may_leave() -> Iterator[None]:
    """Write a result that nobody need read to its end: what is known by then, and the exit code of it, stand.

    Raises `StateError` when it can't be written.
    """
    with suppress(ReaderGone):
        yield


@contextmanager
def sink(path: Path | None) -> Iterator[Callable[[str], object]]:
    """Give what writes text to stdout, or to a file that appears whole when all of it was written.

    `-` is stdout. A device or a pipe is written to and never replaced. Raises `BadInput` and `StateError`.
    """
    if path is None or is_stdout(path):
        yield data
    else:
        with _named(path) as stream:
            yield lambda text: stream.write(text.encode())


@contextmanager
def byte_sink(path: Path) -> Iterator[Callable[[bytes], object]]:
    """The same for bytes as they are. Raises `BadInput` for a terminal, too, which might obey them."""
    if not is_stdout(path):
        with _named(path) as stream:
            _refuse_terminal(stream)
            yield stream.write
    elif sys.stdout is None:
        raise BadInput("stdout is closed: there is nowhere to write to.")
    else:
        _refuse_terminal(sys.stdout)
        yield raw


def is_stdout(path: Path) -> bool:
    """Whether a path that was given to `-o` means stdout."""
    return str(path) == STDOUT


def status(path: Path) -> os.stat_result | None:
    """What is at *path*, or is stdout; None where nothing is. Raises `StateError` where nothing can be."""
    try:
        if is_stdout(path):
            return os.fstat(sys.stdout.fileno()) if sys.stdout is not None else None
        return path.stat()
    except FileNotFoundError:
        return None
    except OSError as failed:
        raise StateError(f"{safe_text(path)} can't be written: {failed.strerror}.") from failed


@contextmanager
def _named(path: Path) -> Iterator[IO[bytes]]:
    """A file that appears whole when all of it was written; or the device or pipe that is there, opened."""
    there = status(path)
    if there is None or stat.S_ISREG(there.st_mode):
        # Written where a link leads, not in place of the link.
        with atomic_write(path.resolve(), mode=0o666) as file:
            yield file
        return
    try:
        with path.open("wb") as stream:
            yield stream
    except OSError as failed:
        raise StateError(f"{safe_text(path)} can't be written: {failed.strerror}.") from failed


def _refuse_terminal(stream: IO[str] | IO[bytes]) -> None:
    if stream.isatty():
        raise BadInput("The records would go to a terminal as they are.", hint="Name a file with -o, or pipe them on.")


def error(problem: ConsoleError) -> None:
    """Tell what went wrong and what to do about it."""
    say(safe_text(f"Error: {problem.message}", lines=50))
    if problem.hint:
        say(safe_text(problem.hint, lines=10))


def document(data: JsonData) -> None:
    """Write one JSON document to stdout."""
    line(to_json(data))


def table(header: Sequence[str], rows: Sequence[Sequence[object]]) -> None:
    """Write rows in columns, numbers to the right. Values may be foreign text."""
    shown = [[_table_cell(value) for value in row] for row in rows]
    widths = [max(map(len, column)) for column in zip(header, *shown, strict=True)]
    right = [
        bool(rows) and all(isinstance(row[at], int) or row[at] is None for row in rows) for at in range(len(header))
    ]
    for row in [list(header), *shown]:
        cells = [
            value.rjust(width) if number else value.ljust(width)
            for value, width, number in zip(row, widths, right, strict=True)
        ]
        line("  ".join(cells).rstrip())


def _table_cell(value: object) -> str:
    if value is None:
        return "-"
    if isinstance(value, bool):
        return "yes" if value else "no"
    return safe_text(value, width=80)


@contextmanager
def progress() -> Iterator[Report]:
    """Show progress on one line of stderr, where that is a terminal; elsewhere nowhere."""
    if not sys.stderr.isatty() or os.environ.get("TERM") == "dumb":
        yield silent
        return
    bar = _Bar(sys.stderr)
    try:
        yield bar.show
    finally:
        bar.clear()


class _Bar:
    """One line of stderr, drawn anew at most ten times a second."""

    def __init__(self, stream: IO[str]) -> None:
        self._stream = stream
        self._next = 0.0

    def show(self, progress: Progress) -> None:
        """Draw how far the work is."""
        now = time.monotonic()
        if now < self._next:
            return
        self._next = now + _REDRAW_SECONDS
        share = f" {100 * progress.done // progress.total:3d}%" if progress.total else ""
        amount = counted(progress.done, progress.unit.removesuffix("s"))
        self._stream.write(f"\r\x1b[K{progress.message}{share} {amount}")
        self._stream.flush()

    def clear(self) -> None:
        """Remove the line."""
        self._stream.write("\r\x1b[K")
        self._stream.flush()
