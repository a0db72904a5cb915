"""How long work tells how far it is, and how it is told to stop. Knows no bar and no screen."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from contextlib import suppress
from dataclasses import dataclass
from typing import Literal, TypeVar

R = TypeVar("R")

Unit = Literal["bytes", "records", "batches"]


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a piece of work is. A newer one replaces an older one."""

    done: int
    total: int | None
    """None where the end is not known."""
    unit: Unit
    message: str
    """What is being done, in words that we wrote: never foreign text."""


@dataclass(frozen=True, slots=True)
class Pause(Progress):
    """Nothing is done for a while."""

    seconds: float = 0
    """From when this is told."""
    attempt: int = 0
    """The try that comes next; 2 after the first."""
    attempts: int = 0
    """Tries that there are at most."""
    why: str = ""
    """Why the last try came to nothing. It may quote the target: foreign text."""


Report = Callable[[Progress], None]
"""Takes each progress. It is called on the thread that works and must return at once."""


def silent(_progress: Progress) -> None:
    """Report to nobody."""


class Cancelled(Exception):
    """The work stopped because the user asked for it."""


class Cancel:
    """A request to stop, set on one thread and seen on another."""

    def __init__(self) -> None:
        self._asked = False

    def ask(self) -> None:
        """Ask the work to stop at its next safe point."""
        self._asked = True

    def check(self) -> None:
        """Stop here if asked. Raises `Cancelled`."""
        if self._asked:
            raise Cancelled


async def in_thread(cancel: Cancel, work: Callable[[], R]) -> R:
    """Run cancellable work in a thread, off the event loop.

    When the waiting task is cancelled, the work is asked to stop and waited for, so that nobody cleans up under it.
    """
    return await to_the_end(asyncio.to_thread(work), cancel.ask)


async def to_the_end(work: Coroutine[None, None, R], when_cancelled: Callable[[], None] = lambda: None) -> R:
    """Await work that must not be left half done: a cancellation is delivered once the work has ended."""
    running = asyncio.ensure_future(work)
    try:
        return await asyncio.shield(running)
    except asyncio.CancelledError:
        when_cancelled()
        while not running.done():
            with suppress(asyncio.CancelledError):
                await asyncio.wait([running])
        if not running.cancelled():
            running.exception()  # whoever waited is gone: there is nobody to tell
        raise
