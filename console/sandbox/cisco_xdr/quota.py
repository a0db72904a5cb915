"""How many requests an organisation may make: a number within any window of time."""

from __future__ import annotations

import math
from collections import deque
from datetime import datetime, timedelta


class Quota:
    """Counts the requests of one organisation, of whatever client. Used from the event loop only.

    What is refused does not count; a restart forgets what was counted.
    """

    def __init__(self, limit: int, window: timedelta) -> None:
        self.limit = limit
        """Requests within the window."""
        self._window = window
        self._taken: deque[datetime] = deque()

    def take(self, now: datetime) -> int | None:
        """Count a request. Returns None, or the whole seconds (at least 1) to wait where there are too many already."""
        self._forget(now)
        if len(self._taken) < self.limit:
            self._taken.append(now)
            return None
        free = self._taken[0] + self._window if self._taken else now + self._window
        return max(1, math.ceil((free - now).total_seconds()))

    def remaining(self, now: datetime) -> int:
        """How many requests may still be made."""
        self._forget(now)
        return max(0, self.limit - len(self._taken))

    def _forget(self, now: datetime) -> None:
        while self._taken and self._taken[0] + self._window <= now:
            self._taken.popleft()
