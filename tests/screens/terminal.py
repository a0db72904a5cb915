"""The console in a real process on a real pseudo-terminal, with everything that it writes kept to the byte."""

from __future__ import annotations

import fcntl
import os
import pty
import re
import select
import signal
import struct
import subprocess
import sys
import termios
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import pyte

PATIENCE: Final = 30
"""Seconds after which something is taken to never come."""
_ROOT: Final = str(Path(__file__).resolve().parents[2])
_KEYS: Final = {
    **{"escape": b"\x1b", "enter": b"\r", "tab": b"\t", "space": b" "},
    **{"down": b"\x1b[B", "up": b"\x1b[A", "right": b"\x1b[C", "left": b"\x1b[D", "home": b"\x1b[H"},
}
_MODE: Final = re.compile(rb"\x1b\[\?(\d+)([hl])")
_BORROWED: Final = (b"1049", b"1000", b"1003", b"1006", b"2004")
"""Modes of a terminal that Textual sets while it runs."""


class Terminal:
    """A terminal of 80 by 24 that keeps what it was sent, and shows it as a real one would."""

    def __init__(self, descriptor: int, process: subprocess.Popen[bytes]) -> None:
        self.raw = bytearray()
        """Every byte that was written to the terminal."""
        self.process = process
        self._descriptor = descriptor
        self._screen = pyte.Screen(80, 24)
        self._stream = pyte.ByteStream(self._screen)

    @property
    def lines(self) -> list[str]:
        """What is on the screen."""
        # Not `display`: it can't do with half of a wide character, the other half of which was drawn over.
        rows, columns = range(self._screen.lines), range(self._screen.columns)
        return ["".join(self._screen.buffer[row][column].data for column in columns) for row in rows]

    @property
    def text(self) -> str:
        """What is on the screen, wrapped lines joined."""
        return " ".join(" ".join(self.lines).split())

    def press(self, *keys: str) -> None:
        """Type: characters, or the keys that have names."""
        for key in keys:
            os.write(self._descriptor, _KEYS.get(key) or key.encode())

    def send(self, data: bytes) -> None:
        """Send what a terminal sends for a key, the mouse or a paste."""
        os.write(self._descriptor, data)

    def resize(self, columns: int, lines: int) -> None:
        """Become another size, as when somebody drags the window's corner."""
        self._screen.resize(lines, columns)
        _set_size(self._descriptor, columns, lines)
        self.process.send_signal(signal.SIGWINCH)

    def hang_up(self) -> None:
        """Be gone, without a word to anybody."""
        nothing = os.open(os.devnull, os.O_RDWR)
        os.dup2(nothing, self._descriptor)
        os.close(nothing)

    def given_back(self) -> bool:
        """Whether its modes are set back (the other screen, the mouse, pasting) and the cursor is seen."""
        last = dict(_MODE.findall(self.raw))
        return last.pop(b"25") == b"h" and {last[mode] for mode in _BORROWED} == {b"l"}

    def until(self, condition: Callable[[], bool], what: str) -> None:
        """Read what comes until something is so."""
        deadline = time.monotonic() + PATIENCE
        while not condition():
            assert time.monotonic() < deadline, "\n".join([f"this never came: {what}", *self.lines])
            self._read(0.05)

    def look(self) -> None:
        """Read what has come."""
        self._read(0.01)

    def sees(self, *texts: str) -> None:
        """Wait until all of this is on the screen."""
        self.until(lambda: all(text in self.text for text in texts), repr(texts))

    def wait(self) -> int:
        """Wait for the process to end, and return its exit code."""
        self.until(lambda: self.process.poll() is not None, "the end")
        while self._read(0):
            pass
        return self.process.returncode

    def _read(self, patience: float) -> bool:
        """Take what was written, if anything is within *patience* seconds."""
        if not select.select([self._descriptor], [], [], patience)[0]:
            return False
        data = os.read(self._descriptor, 65_536)
        self.raw += data
        self._stream.feed(data)
        return True


def _set_size(descriptor: int, columns: int, lines: int) -> None:
    fcntl.ioctl(descriptor, termios.TIOCSWINSZ, struct.pack("HHHH", lines, columns, 0, 0))


@dataclass(frozen=True)
class Line:
    """The end of the terminal that the process is at."""

    descriptor: int
    before: list[object]
    """Its settings before the process came."""


@contextmanager
def console(
    folder: Path, environ: Mapping[str, str], program: Sequence[str] = ("-m", "console"), *, echo: bool = True
) -> Iterator[tuple[Terminal, Line]]:
    """Run `ocsf-console`, or another *program* of Python, in a terminal, in a folder. Yields both ends of the terminal.

    The process is killed if it has not ended by itself. Without *echo*, what is typed while the terminal is not the
    process's own, in its last moments too, is not mixed into what it writes, and throws nothing of it away.
    """
    ours, theirs = pty.openpty()
    try:
        if not echo:
            settings = termios.tcgetattr(theirs)
            settings[3] = settings[3] & ~termios.ECHO | termios.NOFLSH
            termios.tcsetattr(theirs, termios.TCSANOW, settings)
        _set_size(theirs, 80, 24)
        before = termios.tcgetattr(theirs)
        # Those who run the tests may have said how large their own terminal is.
        inherited = {name: value for name, value in os.environ.items() if name not in ("COLUMNS", "LINES")}
        process = subprocess.Popen(
            [sys.executable, *program],
            cwd=folder,
            stdin=theirs,
            stdout=theirs,
            stderr=theirs,
            env={**inherited, "TERM": "xterm-256color", "COLORTERM": "truecolor", "PYTHONPATH": _ROOT, **environ},
            start_new_session=True,
        )
        try:
            yield Terminal(ours, process), Line(theirs, before)
        finally:
            process.kill()
            process.wait()
    finally:
        os.close(theirs)
        os.close(ours)
