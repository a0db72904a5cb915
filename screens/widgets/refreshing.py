"""When a live view asks again, and how old what it shows is. Knows no widget and no clock of its own."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from console.errors import ConsoleError, TargetDenied, TargetUnavailable
from screens.widgets.job_words import span

_LONGEST_PAUSE: Final = 300.0
"""Seconds between two tries, however long an error lasts."""


@dataclass(slots=True)
class Refreshing:
    """The timing of one live view. Every *now* is a reading of one monotonic clock, in seconds."""

    interval: float
    """Seconds between two looks while all is well."""
    paused: bool = False
    """The operator stopped the automatic looks."""
    _seen: float | None = None
    _due: float = 0.0
    _failures: int = 0

    def start_anew(self) -> None:
        """Forget what was seen: the view shows something else from now on."""
        self._seen, self._due, self._failures = None, 0.0, 0

    def asked(self, now: float) -> None:
        """A look began: the next is not due before its turn, however soon the answer is read."""
        self._due = now + self.interval

    def succeeded(self, now: float) -> None:
        """A look brought an answer."""
        self._seen, self._failures = now, 0
        self._due = now + self.interval

    def failed(self, now: float, error: ConsoleError | None = None) -> None:
        """A look failed: wait longer each time, and at least as long as the target asks for in *error*."""
        retry_after = error.retry_after if isinstance(error, TargetUnavailable) else None
        self._failures += 1
        pause = min(self.interval * 2**self._failures, max(_LONGEST_PAUSE, self.interval))
        self._due = now + max(pause, retry_after or 0)

    def forgive(self, error: ConsoleError | None) -> None:
        """Look again as soon as somebody is there to see it, where the operator may have mended *error* meanwhile."""
        if isinstance(error, TargetDenied):
            self._due, self._failures = 0.0, 0

    def is_due(self, now: float) -> bool:
        """Whether it is time to look again."""
        return not self.paused and now >= self._due

    def age(self, now: float) -> float | None:
        """Seconds since the last answer. None before the first."""
        return None if self._seen is None else now - self._seen

    def says(self, now: float) -> str:
        """How old the view is, and when it looks again."""
        age = self.age(now)
        parts = [] if age is None else [f"updated {ago(age)}"]
        if self.paused:
            parts.append("paused")
        elif self._failures:
            parts.append(f"trying again in {max(1, round(self._due - now))} s")
        else:
            parts.append(f"every {self.interval:g} s")
        return " · ".join(parts)


def ago(seconds: float) -> str:
    """An age, for reading."""
    whole = int(seconds)
    if whole < 1:
        return "just now"
    return f"{whole} s ago" if whole < 60 else f"{span(whole)} ago"
