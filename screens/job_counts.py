"""What the Jobs screen knows of how many jobs there are of each status, and when to ask for it. Touches no widget."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Final

from console.submissions.listing import AllJobs
from console.submissions.tally import REMOTE_STATUSES, Tally
from console.submissions.tracking import LOCAL_STATUSES
from console.targets.base import JobQuery
from screens.widgets.status_filter import ALL

_PAUSE: Final = 60.0
"""Seconds between two tallies, at least: each is a request for every status."""
_TURNS: Final = 12
"""And so many refresh intervals."""


class JobCounts:
    """Counts that hold for one target, one search and the same days. Every *now* is of one monotonic clock."""

    def __init__(self, interval: float) -> None:
        self.interval = interval
        """Seconds between two looks at the list."""
        self.start_anew()

    def start_anew(self) -> None:
        """Know nothing: something else is asked for from now on."""
        self.counts: dict[str, int] = {}
        """By status, and of all under `ALL`; what is not there is not known."""
        self.partial = False
        """Whether a target is missing: there may be more."""
        self._whole = False
        """Whether the list is short enough to be counted as it is."""
        self._due = 0.0

    def is_due(self, now: float) -> bool:
        """Whether it is time to have the targets count."""
        return not self._whole and now >= self._due

    def asked(self, now: float) -> None:
        """The targets are counting."""
        self._due = now + max(_PAUSE, _TURNS * self.interval)

    def ask_soon(self) -> None:
        """Count again with the next look."""
        self._due = 0.0

    def told(self, tally: Tally) -> None:
        """The targets have counted."""
        self.counts = {ALL: self.counts[ALL]} if ALL in self.counts else {}
        self.counts |= {status: tally.counts.get(status, 0) for status in LOCAL_STATUSES} | dict(tally.counts)
        self.partial = bool(tally.failures)

    def seen_here(self, local: Mapping[str, int]) -> None:
        """It is known how many there are of what this console alone knows of."""
        self.counts |= local

    def seen(self, query: JobQuery, found: AllJobs, local: Mapping[str, int]) -> None:
        """A page came, which tells a part of it; *local* is what this console alone knows of."""
        self.seen_here(local)
        page = found.page
        # A list that is on one page is counted by looking at it.
        self._whole = not query.statuses and page.count <= len(page.items)
        if not query.statuses:
            self.counts[ALL] = page.count
        elif len(query.statuses) == 1:
            self.counts[query.statuses[0]] = page.count
        if self._whole:
            counted = Counter(one.job.status for one in page.items)
            self.counts |= {status: counted.get(status, 0) for status in REMOTE_STATUSES}
            self.partial = bool(found.failures)
