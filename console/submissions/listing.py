"""Lists that come in pages: jobs that this console alone knows of before those of the target, and lists read whole.

What is in doubt or not sent whole comes first, the newest first: somebody has to see to it. The rest comes from the
target, in the order that was asked for.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from typing import Final, Generic, TypeVar

from console.errors import NoSuchPage
from console.targets.base import JobQuery, Page

T = TypeVar("T")

MOST_PAGES: Final = 1_000
"""Pages of one list that are read: a target may claim any number, and never end."""

Ask = Callable[[JobQuery], Awaitable[Page[T]]]


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
    page = await ask(replace(query, page=number))
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
    ask: Callable[[int], Awaitable[Page[T]]], turned: Callable[[int, int], None] = lambda _read, _count: None
) -> Gathered[T]:
    """All pages of a list, up to `MOST_PAGES`. It ends where there is nothing more, whatever the target claims.

    *turned* hears after each page how many items were read, and how many there are.
    """
    page = await ask(1)
    items = list(page.items)
    while page.items and page.number < min(page.pages, MOST_PAGES):
        turned(len(items), page.count)
        try:
            page = await ask(page.number + 1)
        except NoSuchPage:
            break  # The list has become shorter.
        items += page.items
    return Gathered(items, page.count, cut=bool(page.items) and MOST_PAGES <= page.number < page.pages)
