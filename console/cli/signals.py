"""The signals by which a system ends a process: the work stops as it does at ctrl-c, and its state is kept."""

from __future__ import annotations

import asyncio
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

_ENDING: Final = (signal.SIGTERM, signal.SIGHUP)


class Stopped(Exception):
    """The system told the process to end."""

    def __init__(self, number: signal.Signals) -> None:
        super().__init__(number.name)
        self.number = number

    @property
    def exit_code(self) -> int:
        """What a shell says of a process that a signal ended."""
        return 128 + self.number


@contextmanager
def until_stopped() -> Iterator[None]:
    """Cancel the current task at SIGTERM or SIGHUP: what is known of its work is written down. Raises `Stopped`.

    A signal that is ignored already, as `nohup` does, stays so.
    """
    loop, task = asyncio.get_running_loop(), asyncio.current_task()
    told: list[signal.Signals] = []

    def stop(number: signal.Signals) -> None:
        told.append(number)
        if task is not None:
            task.cancel()

    on_main_thread = threading.current_thread() is threading.main_thread()
    heard = [one for one in _ENDING if on_main_thread and signal.getsignal(one) is signal.SIG_DFL]
    for number in heard:
        loop.add_signal_handler(number, stop, number)
    try:
        yield
    except asyncio.CancelledError:
        if told:
            raise Stopped(told[0]) from None
        raise
    finally:
        for number in heard:
            loop.remove_signal_handler(number)
