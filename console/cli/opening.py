"""What is done while the terminal UI is loaded: its first frame is shown, and nothing is tidied up.

Loading takes some tenths of a second, and a terminal that shows nothing for so long seems to hang. So this writes the
line of modes at once, in the terminal's own colours: the theme is not known yet. Loads nothing.
"""

from __future__ import annotations

import gc
import os
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Final, NoReturn

_ENTER: Final = "\x1b[?1049h\x1b[?25l\x1b[2J\x1b[H"
"""Another screen than the shell's, no cursor, from the top left."""
_LEAVE: Final = "\x1b[?1049l\x1b[?25h"
_FRAME: Final = " 1 Files  2 Jobs  3 Targets"


@contextmanager
def first_frame() -> Iterator[None]:
    """Show the frame while what follows is loaded and run. When that fails it goes; else the UI takes its place."""
    if not _can_be_seen():
        yield
        return
    earlier = signal.signal(signal.SIGTERM, _end)
    try:
        _write(_ENTER + _FRAME)
        yield
    except BaseException:
        _write(_LEAVE)
        raise
    finally:
        signal.signal(signal.SIGTERM, earlier)


@contextmanager
def in_one_go() -> Iterator[None]:
    """Look for no garbage while what follows is loaded: nearly all of it stays. Once it is seen, the UI does again."""
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


def _can_be_seen() -> bool:
    """Whether there is a terminal, and one that can show another screen."""
    streams = (sys.stdin, sys.stdout)
    return all(one is not None and one.isatty() for one in streams) and os.environ.get("TERM", "dumb") != "dumb"


def _write(text: str) -> None:
    sys.stdout.write(text)
    sys.stdout.flush()


def _end(number: int, _frame: FrameType | None) -> NoReturn:
    """Until the UI listens to it itself, the signal must not leave its screen behind.

    Nothing is open yet that wants to be tidied up, and an exception could be lost in what is being imported.
    """
    _write(_LEAVE)
    os._exit(128 + number)
