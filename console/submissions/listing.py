"""Lists that come in pages: what this console alone knows of before what targets list, many as one, and read whole.

What is in doubt or not sent whole comes first, the newest first: somebody has to see to it. The rest comes from the
targets, in the order that was asked for.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from math import inf
from typing import Final, Generic, TypeVar

from console.errors import ConsoleError, NoSuchPage, TargetUnavailable
from console.submissions.model import TrackedJob
from console.targets.base import JobQuery, Page

T = TypeVar("T")

MOST_PAGES: Final = 1_000
"""Pages of one list that are read: a target may claim any number, and never end."""

Ask = Callable[[JobQuery], Awaitable[Page[T]]]


@dataclass(frozen=True, slots=True)
class AllJobs:
    """One page of the jobs of all targets."""

    page: Page[TrackedJob]
    failures: Mapping[str, ConsoleError]
    """Why the jobs of a target are missing, by its name."""
    asked: int
    """Targets that were asked."""

    @property
    def none_answered(self) -> bool:
        """Whether targets were asked, and all in vain."""
        return 0 < self.asked == len(self.failures)


def wait_of(error: ConsoleError) -> float:
    """The seconds for which a target asks to be left alone; 0 where it does not."""
    return (error.retry_after or 0.0) if isinstance(error, TargetUnavailable) else 0.0


async def stitched(first: Sequence[T], ask: Ask[T], query: JobQuery) -> Page[T]:
    """The page of a query over *first* and then over what *ask* answers, which has the same page size.

    Asks for two pages at most: the second list begins in the middle of one of ours.
    """
    if not first:
        return await ask(query)
    start = (query.page - 1) * query.page_size
    mine = list(first[start : start + query.page_size])
    room = query.page_size - len(mine)
    offset = max(0, start - len(first))
    number, skip = offset // query.page_size + 1, offset % query.page_size
    try:
        page = await ask(replace(query, page=number))
    except NoSuchPage as error:
        # It speaks of its own pages, and nobody asked for those.
        raise NoSuchPage(
            f"This list has no page {query.page}.", status=error.status, code=error.code, transaction=error.transaction
        ) from error
    items = list(page.items[skip : skip + room])
    if skip and len(items) < room and number < page.pages:
        following = await ask(replace(query, page=number + 1))
        items += following.items[: room - len(items)]
    count = len(first) + page.count
    return Page([*mine, *items], query.page, max(1, -(-count // query.page_size)), count)


@dataclass(frozen=True, slots=True)
class Gathered(Generic[T]):
    """What was read of a list, page by page."""

    items: Sequence[T]
    count: int
    """Items that the target says there are."""
    cut: bool
    """There are more than we read."""


async def gathered(
    ask: Callable[[int], Awaitable[Page[T]]],
    turned: Callable[[int, int], None] = lambda _read, _count: None,
    most: int | None = None,
) -> Gathered[T]:
    """All pages of a list, up to *most* of them, or `MOST_PAGES`.

    It ends where there is nothing more, whatever the target claims.

    *turned* hears after each page how many items were read, and how many there are.
    """
    most = MOST_PAGES if most is None else most
    page = await ask(1)
    items = list(page.items)
    while page.items and page.number < min(page.pages, most):
        turned(len(items), page.count)
        try:
            page = await ask(page.number + 1)
        except NoSuchPage:
            break  # The list has become shorter.
        items += page.items
    return Gathered(items, page.count, cut=bool(page.items) and most <= page.number < page.pages)


class Merge(Generic[T]):
    """Several lists that are sorted alike, read as one. Each is read page by page, and only as far as it is needed.

    Page p of size s takes at most p times s entries of each list: none can tell where its part of that page begins.
    What was read is kept, so that the page after costs only what is new in it.
    """

    def __init__(self, lists: Sequence[Ask[T]], key: Callable[[T], float]) -> None:
        """Merge *lists*, each sorted by *key*, the smallest first. Of equals, those of the earlier list come first."""
        self._readers = [_Reader(ask) for ask in lists]
        self._key = key
        self._merged: list[T] = []

    async def page(self, query: JobQuery) -> Page[T]:
        """One page. All pages that are asked for must be of one size."""
        await self._read(query.page * query.page_size, query)
        count = sum(reader.count for reader in self._readers)
        first = (query.page - 1) * query.page_size
        items = self._merged[first : first + query.page_size]
        return Page(items, query.page, max(1, -(-count // query.page_size)), count)

    async def _read(self, end: int, query: JobQuery) -> None:
        """Merge up to *end* entries."""
        while len(self._merged) < end:
            await asyncio.gather(*(reader.read(query) for reader in self._readers if reader.is_dry))
            ready = [reader.waiting for reader in self._readers if reader.waiting]
            if not ready:
                return
            self._merged.append(min(ready, key=lambda waiting: self._key(waiting[0])).popleft())


class _Reader(Generic[T]):
    """One of the lists, and what of it is read and not merged yet."""

    def __init__(self, ask: Ask[T]) -> None:
        self.waiting = deque[T]()
        self.count = 0
        self._ask = ask
        self._number = 1
        self._pages = 1

    @property
    def is_dry(self) -> bool:
        """Whether more must be read before it is known what comes next in this list."""
        return not self.waiting and self._number <= self._pages

    async def read(self, query: JobQuery) -> None:
        """Read the next page."""
        page = await self._ask(replace(query, page=self._number))
        # An empty page is the end, whatever the list says of how many there are.
        self._pages = page.pages if page.items else 0
        self._number += 1
        self.count = max(self.count, page.count)
        self.waiting.extend(page.items)


def in_order_of(sort: str) -> Callable[[TrackedJob], float]:
    """The key by which jobs of several targets are merged, for a `JobQuery.sort`.

    As databases have it, a time that is not there is later than any other.
    """
    return partial(_rank, sort.removeprefix("-"), -1 if sort.startswith("-") else 1)


def _rank(field: str, sign: int, tracked: TrackedJob) -> float:
    job = tracked.job
    # A target that sorts by when it noted a job need not tell that time: it is that of the request, or soon after.
    return sign * _seconds(getattr(job, field) or (job.requested_at if field == "inserted_at" else None))


def _seconds(text: str | None) -> float:
    try:
        at = datetime.fromisoformat(text or "")
    except ValueError:
        return inf
    return at.timestamp() if at.tzinfo else inf


def newest_first(jobs: Sequence[TrackedJob]) -> list[TrackedJob]:
    """What this console alone knows of, each once: targets at one address share it."""
    by_id = {tracked.job.id: tracked for tracked in jobs}
    return sorted(by_id.values(), key=in_order_of("-requested_at"))
