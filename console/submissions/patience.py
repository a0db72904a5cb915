"""How often a batch is tried, and how long we wait in between: full jitter, and never beyond what was agreed.

Only what proves that nothing was accepted is ever tried again. Source of the numbers: the backoff of AWS's
architecture blog ("Exponential Backoff And Jitter"), with limits that a person at a screen can bear.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass

from console.targets.base import InDoubt, NotSent, Outcome, Throttled


@dataclass(frozen=True, slots=True)
class Wait:
    """Seconds until the next try, and whether they are worth waiting for now."""

    seconds: float
    parked: bool
    """Too long to be waited for: the batch is put aside until then."""


@dataclass(frozen=True, slots=True)
class Patience:
    """What is put up with for one batch."""

    attempts: int = 5
    """Tries, the first included."""
    total_seconds: float = 15 * 60
    """From the first try on, by a clock that nobody sets."""
    first_seconds: float = 1
    """The longest first wait. Each further one may be twice as long."""
    longest_seconds: float = 60
    parked_beyond_seconds: float = 5 * 60
    """A target that asks for more is not waited for."""
    draw: Callable[[float, float], float] = random.uniform
    """Draws a number between two."""

    def wait(self, outcome: Outcome, tried: int, spent: float, *, idempotent: bool = False) -> Wait | None:
        """How long to wait after the *tried*-th try, *spent* seconds after the first. None when it is the last.

        Where sending twice does no harm, what is in doubt is tried again too.
        """
        if isinstance(outcome, Throttled) and outcome.retry_after is not None:
            asked = outcome.retry_after + self._jitter(0)
            too_long = asked > self.parked_beyond_seconds or spent + asked > self.total_seconds
            return Wait(asked, parked=too_long or tried >= self.attempts)
        passes = (
            isinstance(outcome, Throttled)
            or (isinstance(outcome, NotSent) and outcome.passing)
            or (isinstance(outcome, InDoubt) and idempotent)
        )
        pause = self._jitter(tried - 1)
        if not passes or tried >= self.attempts or spent + pause > self.total_seconds:
            return None
        return Wait(pause, parked=False)

    def _jitter(self, doublings: int) -> float:
        return self.draw(0, min(self.longest_seconds, self.first_seconds * 2**doublings))
