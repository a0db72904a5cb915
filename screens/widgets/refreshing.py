"""When a live view asks again, and how old what it shows is. Knows no widget and no clock of its own."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from console.errors import ConsoleError, TargetDenied
from console.submissions.listing import wait_of
from screens.widgets.job_words import span

_LONGEST_PAUSE: Final = 300.0
"""Seconds between two tries, however long an error lasts."""
_LONGEST_QUIET: Final = 60.0
"""Seconds between two looks while nothing runs."""
_MOST_DOUBLINGS: Final = 20
"""More would make no difference, and days of failures a number that is none."""
_READING_TURNS: Final = 2
"""Intervals for which nothing moves after the operator moved."""
_PATIENCE: Final = 2.0
"""Seconds that a look may take before it is told that it takes long."""
_SHARE: Final = 4
"""A look that took long is not repeated before so many times as long: most of the time the target has peace."""


@dataclass(slots=True)
class Refreshing:
    """The timing of one live view. Every *now* is a reading of one monotonic clock, in seconds."""

    interval: float
    """Seconds between two looks while all is well."""
    paused: bool = False
    """The operator stopped the automatic looks."""
    _seen: float | None = None
    _asked: float | None = None
    _due: float = 0.0
    _failures: int = 0
    _quiet: int = 0
    """Looks in a row that found nothing at work."""
    _by_hand: bool = False
    """The operator asked for the look that is on its way."""
    _read_until: float = 0.0

    def start_anew(self) -> None:
        """Forget what was seen: the view shows something else from now on."""
        self._seen, self._asked, self._due, self._failures, self._quiet = None, None, 0.0, 0, 0

    def asked(self, now: float, *, by_hand: bool = False) -> None:
        """A look began: the next is not due before its turn, however soon the answer is read.

        One that the operator asked for *by_hand* makes no later look come later than it would have.
        """
        self._asked, self._by_hand = now, by_hand
        self._due = now + self.interval

    def succeeded(self, now: float, *, quiet: bool = False) -> None:
        """A look brought an answer.

        *quiet* says that nothing is at work, so that there is less to see: the next look is later each time.
        """
        took = 0.0 if self._asked is None else now - self._asked
        self._seen, self._failures, self._asked = now, 0, None
        if not quiet:
            self._quiet = 0
        elif not self._by_hand and self.pace < _LONGEST_QUIET:
            self._quiet += 1
        self._by_hand = False
        self._due = now + max(self.pace, _SHARE * took)

    @property
    def pace(self) -> float:
        """Seconds between two looks just now, while they succeed."""
        return min(self.interval * 2.0**self._quiet, max(_LONGEST_QUIET, self.interval))

    def reads(self, now: float) -> None:
        """The operator moves about: nothing may change under the cursor for a while."""
        self._read_until = now + _READING_TURNS * self.interval

    def resumed(self, now: float) -> None:
        """The operator is back: what is older than the interval is looked at again at once, unless looks fail."""
        self._quiet = 0
        if not self._failures and self._seen is not None:
            self._due = min(self._due, max(self._seen + self.interval, now))

    def failed(self, now: float, *errors: ConsoleError) -> None:
        """A look failed: wait longer each time, and at least as long as every target asks for in *errors*.

        Where one of several may be asked again, the others need not be.
        """
        self._asked = None
        if not self._by_hand or not self._failures:
            self._failures += 1
        self._by_hand = False
        pause = min(self.interval * 2.0 ** min(self._failures, _MOST_DOUBLINGS), max(_LONGEST_PAUSE, self.interval))
        self._due = now + max(pause, min(map(wait_of, errors), default=0.0))

    def forgive(self, error: ConsoleError | None) -> None:
        """Look again as soon as somebody is there to see it, where the operator may have mended *error* meanwhile."""
        if isinstance(error, TargetDenied):
            self._due, self._failures = 0.0, 0

    def is_due(self, now: float) -> bool:
        """Whether it is time to look again."""
        return not self.paused and now >= max(self._due, self._read_until)

    def age(self, now: float) -> float | None:
        """Seconds since the last answer. None before the first."""
        return None if self._seen is None else now - self._seen

    def waited(self, now: float) -> float | None:
        """Seconds since a look began that brings no answer; None while that is nothing to speak of."""
        waited = 0.0 if self._asked is None else now - self._asked
        return waited if waited >= _PATIENCE else None

    def says(self, now: float, *, held_by: str = "") -> str:
        """How old the view is, and when it looks again; or what it is *held_by* meanwhile, or waits for."""
        age, waited = self.age(now), self.waited(now)
        parts = [] if age is None else [f"updated {ago(age)}"]
        if waited is not None:
            parts.append(f"asking … {seconds_of(waited)}")
        elif self.paused:
            parts.append("paused")
        elif held_by:
            parts.append(f"paused: {held_by}")
        elif self._failures:
            parts.append(f"trying again in {_whole(self._due - now)} s")
        elif now < self._read_until and self._read_until > self._due:
            parts.append("paused: you read")
        elif self._quiet:
            parts.append(f"idle: every {self.pace:g} s")
        else:
            parts.append(f"every {self.pace:g} s")
        return " · ".join(parts)


def _whole(seconds: float) -> int:
    return max(1, round(seconds))


def ago(seconds: float) -> str:
    """An age, for reading."""
    return "just now" if seconds < 1 else f"{seconds_of(seconds)} ago"


def seconds_of(seconds: float) -> str:
    """A time that goes on, in whole seconds."""
    whole = int(seconds)
    return f"{whole} s" if whole < 60 else span(whole)
