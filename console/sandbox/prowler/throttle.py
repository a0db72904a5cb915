"""How many requests a key may make in how many seconds, counted as Django REST framework counts them."""

from __future__ import annotations

import math
from collections import defaultdict, deque
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import NamedTuple

from console.sandbox.prowler.jsonapi import throttled
from console.sandbox.words import Clock


class Rate(NamedTuple):
    """A limit of requests, those that are answered."""

    requests: int
    seconds: float


@dataclass(frozen=True, slots=True)
class Throttle:
    """Counts the requests of each caller. For one event loop."""

    rate: Rate | None
    """None for no limit."""
    clock: Clock
    _seen: defaultdict[int, deque[datetime]] = field(default_factory=lambda: defaultdict(deque))
    """When each caller made the requests that still count."""

    def count(self, caller: int) -> None:
        """Count a request. Raises a 429 `ApiError` for one too many, which then counts for nothing."""
        if self.rate is None:
            return
        requests, seconds = self.rate
        now, seen = self.clock(), self._seen[caller]
        while seen and now - seen[0] >= timedelta(seconds=seconds):
            seen.popleft()
        if len(seen) >= requests:
            left = timedelta(seconds=seconds) - (now - seen[0]) if seen else timedelta(seconds=seconds)
            raise throttled(math.ceil(left.total_seconds()))
        seen.append(now)
