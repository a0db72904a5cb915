"""How fast clients may be: a token bucket for each operation, account and region."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from dataclasses import dataclass
from threading import Lock
from typing import Final

Monotonic = Callable[[], float]
"""Tells seconds since some instant, and never goes back."""


@dataclass(frozen=True, slots=True)
class Rate:
    """How many requests are let through."""

    per_second: float = 10.0
    burst: int = 30
    """How many at once, after a pause."""


PUBLISHED: Final = Rate()
"""What AWS publishes for BatchImportFindings. The sandbox lets every operation have as much."""


class Throttle:
    """The buckets. May be used from any thread."""

    def __init__(self, rate: Rate, monotonic: Monotonic) -> None:
        self._rate = rate
        self._monotonic = monotonic
        self._buckets: dict[Hashable, tuple[float, float]] = {}
        """What is left in each bucket, and when that was so."""
        self._lock = Lock()

    def admits(self, whom: Hashable) -> bool:
        """Take a token from this bucket. False when it has none."""
        with self._lock:
            now = self._monotonic()
            left, at = self._buckets.get(whom, (float(self._rate.burst), now))
            left = min(float(self._rate.burst), left + (now - at) * self._rate.per_second)
            admitted = left >= 1
            self._buckets[whom] = (left - 1 if admitted else left, now)
            return admitted
