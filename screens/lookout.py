"""Waits for the end of the jobs that somebody wants to hear of. Touches no widget.

It asks as little as it can: what a screen has just seen is not asked for again, a job is looked at less often the
longer it takes, and a target that fails, denies or throttles is left alone for a while, and never given up for that.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from time import monotonic
from typing import TYPE_CHECKING, Final

from console.errors import ConsoleError, NoSuchJob, TargetDenied, TargetUnavailable

if TYPE_CHECKING:
    from console.submissions.model import TrackedJob

_SLOWER: Final = 1.5
"""How much longer each pause is than the one before."""
_LONGEST: Final = 60.0
"""Seconds between two looks at one job, as long as its target answers."""
_PEACE: Final = 300.0
"""Seconds for which a target that denies or fails again and again is left alone."""
_DOUBLINGS: Final = 10
"""Failures after which a pause grows no longer."""
_AT_ONCE: Final = 10
"""Jobs that are looked at in one round, one after the other."""

Key = tuple[str, str]
"""Target and identifier of a job."""


@dataclass(frozen=True, slots=True)
class End:
    """A watched job ended, or is not there any more."""

    key: Key
    tracked: TrackedJob | None
    """The job as it ended. None where the target does not show it any more."""


@dataclass(slots=True)
class _Wait:
    """When a job is looked at next."""

    due: float
    pause: float
    missed: int = 0


class Lookout:
    """The watched jobs, of all targets."""

    def __init__(self, look: Callable[[str, str], Awaitable[TrackedJob]], interval: float) -> None:
        """Ask for a job by *look*; *interval* is the seconds between two looks at first."""
        self._look = look
        self._interval = interval
        self._waits: dict[Key, _Wait] = {}
        self._rests: dict[str, tuple[float, int]] = {}
        """By target: until when it is left alone, and how often it failed in a row."""
        self._ended: list[End] = []
        self._news = asyncio.Event()

    @property
    def watched(self) -> frozenset[Key]:
        """What is watched."""
        return frozenset(self._waits)

    def add(self, key: Key) -> None:
        """Watch a job."""
        if key not in self._waits:
            self._waits[key] = _Wait(monotonic() + self._interval, self._interval)
            self._news.set()

    def remove(self, key: Key) -> None:
        """Watch a job no longer."""
        self._waits.pop(key, None)
        self._news.set()

    def saw(self, tracked: TrackedJob) -> None:
        """Somebody looked at a job: it need not be asked for again so soon."""
        key = (tracked.job.target, tracked.job.id)
        wait = self._waits.get(key)
        if wait is None:
            return
        if tracked.job.ended:
            self._end(key, tracked)
            self._news.set()
        else:
            wait.due, wait.missed = monotonic() + wait.pause, 0

    async def ends(self) -> AsyncIterator[Sequence[End]]:
        """Yield what has ended, several at once where they ended together, until nothing is watched any more."""
        while self._waits or self._ended:
            self._news.clear()
            await self._round()
            if self._ended:
                ended, self._ended = self._ended, []
                yield ended
                continue
            if self._waits:
                await _wait(self._news, self._rest())

    def _rest(self) -> float:
        """Seconds until the next look."""
        dues = [max(wait.due, self._rest_until(key[0])) for key, wait in self._waits.items()]
        return max(min(dues, default=0.0) - monotonic(), 0.0)

    def _rest_until(self, target: str) -> float:
        return self._rests.get(target, (0.0, 0))[0]

    async def _round(self) -> None:
        """Look at those that are due, the longest due first."""
        now = monotonic()
        due = sorted((wait.due, key) for key, wait in self._waits.items() if wait.due <= now)
        for _, key in due[:_AT_ONCE]:
            if key in self._waits and self._rest_until(key[0]) <= monotonic():
                await self._look_at(key)

    async def _look_at(self, key: Key) -> None:
        wait = self._waits[key]
        try:
            tracked = await self._look(*key)
        except NoSuchJob:
            from console.submissions.watching import LOOKS_FOR_THE_VANISHED

            # A target may show a new job late.
            wait.missed += 1
            if wait.missed >= LOOKS_FOR_THE_VANISHED:
                self._end(key, None)
        except ConsoleError as error:
            self._leave_alone(key[0], error)
        else:
            self._rests.pop(key[0], None)
            wait.missed = 0
            if tracked.job.ended:
                self._end(key, tracked)
        wait.pause = min(wait.pause * _SLOWER, max(_LONGEST, self._interval))
        wait.due = monotonic() + wait.pause

    def _leave_alone(self, target: str, error: ConsoleError) -> None:
        """Ask a target nothing for a while, the longer the more often it failed."""
        failures = self._rests.get(target, (0.0, 0))[1] + 1
        asked = error.retry_after if isinstance(error, TargetUnavailable) else None
        pause = (
            _PEACE if isinstance(error, TargetDenied) else min(self._interval * 2 ** min(failures, _DOUBLINGS), _PEACE)
        )
        self._rests[target] = (monotonic() + max(pause, asked or 0.0), failures)

    def _end(self, key: Key, tracked: TrackedJob | None) -> None:
        if self._waits.pop(key, None) is not None:
            self._ended.append(End(key, tracked))


async def _wait(news: asyncio.Event, seconds: float) -> None:
    """Wait for so long, or until there are news."""
    with suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            await news.wait()
