"""No more requests in a second than a service takes."""

from __future__ import annotations

import asyncio


class Pace:
    """Spaces out the beginnings of requests."""

    def __init__(self, per_second: float) -> None:
        self._gap = 1 / per_second
        self._next = 0.0

    async def turn(self) -> None:
        """Wait until a request may begin."""
        now = asyncio.get_running_loop().time()
        turn = max(self._next, now)
        self._next = turn + self._gap
        await asyncio.sleep(turn - now)
