"""One list of jobs: what this console alone knows of, then what the target lists, paged as one.

What is in doubt or not sent whole comes first, the newest first: somebody has to see to it. The rest comes from the
target, in the order that was asked for.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from typing import TypeVar

from console.targets.base import JobQuery, Page

T = TypeVar("T")

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
