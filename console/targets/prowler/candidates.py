"""Which jobs of a tenant can be what became of an upload that nobody saw answered.

Prowler Cloud has no idempotency key, and its list has neither file name nor hash: a job can be told only by when it was
requested and by how many records it holds. So what is found here is a candidate, never more.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Final

from console.errors import BadAnswer, NoSuchPage, TooManyJobs
from console.targets.base import Job, JobQuery, Page, Try
from console.targets.moments import moment

_BEFORE: Final = timedelta(seconds=5)
_AFTER: Final = timedelta(seconds=60)
"""How far a job may lie outside the time of the try: clocks are read to the second, and the work comes later."""
_DAY: Final = timedelta(days=1)
_PAGE_SIZE: Final = 100
_MOST_PAGES: Final = 50
"""Pages of one day that are looked through."""

Ask = Callable[[JobQuery], Awaitable[Page[Job]]]


@dataclass(frozen=True, slots=True)
class Window:
    """When the job of a try must have been requested, by the target's clock."""

    start: datetime
    end: datetime

    @classmethod
    def of(cls, last: Try, longest: float, clock_offset: float | None) -> Window:
        """*longest* is how many seconds a try can take whose end nobody saw; *clock_offset* is that of now.

        The offset that was seen before the try counts more: our clock may have been set since.
        """
        offset = timedelta(seconds=(clock_offset or 0.0) if last.clock_offset is None else last.clock_offset)
        # A try that was cut off was seen to have ended by whoever looked next, which may have been days later.
        latest = last.started_at + timedelta(seconds=longest)
        ended_at = min(last.ended_at or latest, latest)
        # A clock that was set back during the try must not turn the window round.
        return cls(last.started_at + offset - _BEFORE, max(ended_at, last.started_at) + offset + _AFTER)

    def days(self) -> Iterator[date]:
        """The days to look at, the latest first: the list is filtered by whole days, in a zone that we do not know."""
        day = (self.end.astimezone(UTC) + _DAY).date()
        while day >= (self.start.astimezone(UTC) - _DAY).date():
            yield day
            day -= _DAY

    def may_hold(self, job: Job) -> bool:
        """Whether a job can be from this time. One that does not say when it was requested can."""
        requested = moment(job.requested_at) or moment(job.inserted_at)
        return requested is None or self.start <= requested <= self.end

    def lies_after(self, job: Job) -> bool:
        """Whether a job is older than all of this time."""
        inserted = moment(job.inserted_at)
        return inserted is not None and inserted < self.start


async def find_candidates(
    ask: Ask, records: int, last: Try, longest: float, clock_offset: Callable[[], float | None]
) -> Sequence[Job]:
    """The jobs that can be what became of a batch of *records* that was last sent by *last*. See `Window.of`.

    Raises what *ask* raises, `TooManyJobs`, and `BadAnswer` for a job that can't be told from others.
    """
    if last.clock_offset is None and clock_offset() is None:
        await ask(JobQuery(page_size=1))
    window = Window.of(last, longest, clock_offset())
    found: dict[str, Job] = {}
    for day in window.days():
        async for job in _jobs_of(ask, day, window):
            if not job.id:
                raise BadAnswer(
                    f"The target '{job.target}' lists a job of {day} without an id, which may be the one.",
                    hint="Find it by its time at the target itself.",
                )
            found[job.id] = job
    return [job for job in found.values() if _may_hold(job, records) and window.may_hold(job)]


async def _jobs_of(ask: Ask, day: date, window: Window) -> AsyncIterator[Job]:
    """The jobs that were inserted on a day, the latest first, back to the start of the window."""
    for number in range(1, _MOST_PAGES + 1):
        try:
            page = await ask(JobQuery(inserted=day, sort="-inserted_at", page=number, page_size=_PAGE_SIZE))
        except NoSuchPage:
            return
        for job in page.items:
            yield job
        if number >= page.pages or not page.items or window.lies_after(page.items[-1]):
            return
    raise TooManyJobs(
        f"There are more than {_MOST_PAGES * _PAGE_SIZE:,} jobs of {day}, too many to look through.",
        hint="Find it by its time in the list of jobs, and adopt it by its ID.",
    )


def _may_hold(job: Job, records: int) -> bool:
    """Whether a job can hold that many records. Before it has ended, a total of none says nothing yet."""
    total = job.summary.total
    return total in (None, records) or (total == 0 and not job.ended)
