"""The signals by which a system ends a process: the work stops as it does at ctrl-c, and its state is kept."""

from __future__ import annotations

import asyncio
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Final, NoReturn

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
def stoppable() -> Iterator[None]:
    """Raise `Stopped` at SIGTERM or SIGHUP in what is no task: what is half done is tidied up on the way out.

    A signal that is ignored already stays so. The second one ends the process at once.
    """
    heard = _endings()
    for number in heard:
        signal.signal(number, _stop)
    try:
        yield
    finally:
        for number in heard:
            signal.signal(number, signal.SIG_DFL)


def _stop(number: int, _frame: FrameType | None) -> NoReturn:
    for one in _endings():
        signal.signal(one, signal.SIG_DFL)
    raise Stopped(signal.Signals(number))


def _endings() -> list[signal.Signals]:
    """The signals that would end the process, where they can be listened to: on its main thread."""
    on_main_thread = threading.current_thread() is threading.main_thread()
    return [one for one in _ENDING if on_main_thread and signal.getsignal(one) in (signal.SIG_DFL, _stop)]


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

    earlier = {number: signal.getsignal(number) for number in _endings()}
    for number in earlier:
        loop.add_signal_handler(number, stop, number)
    try:
        yield
    except asyncio.CancelledError:
        if told:
            raise Stopped(told[0]) from None
        raise
    finally:
        for number, handler in earlier.items():
            loop.remove_signal_handler(number)
            signal.signal(number, handler)
