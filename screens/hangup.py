"""Whether anybody is at the other end of the terminal.

When a window is closed or a connection breaks, a process is sent SIGHUP, but only one whose controlling terminal it
was. Textual (8.2) would read on from what is gone, at full load and for ever.
"""

from __future__ import annotations

import select
import sys
from typing import Final

_GONE: Final = select.POLLHUP | select.POLLERR | select.POLLNVAL


def terminal() -> int | None:
    """The descriptor of the terminal that is typed into. None where there is none."""
    stdin = sys.__stdin__
    return stdin.fileno() if stdin is not None and stdin.isatty() else None


def is_gone(descriptor: int) -> bool:
    """Whether the other end was closed. Waits for nothing, and reads nothing."""
    asking = select.poll()
    asking.register(descriptor, 0)
    return any(event & _GONE for _, event in asking.poll(0))
