"""How the Jobs screen asks for a page of jobs. Touches no widget."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from console.errors import NoSuchPage
from console.submissions.desk import Desk
from console.submissions.listing import AllJobs
from console.targets.base import UNKNOWN, JobQuery
from screens.widgets.job_list import View

PAGE_SIZES: Final = (10, 20, 50, 100)
"""100 is the most that a target gives at once."""


async def nearest_page(desk: Desk, view: View) -> AllJobs:
    """The page that is asked for; the last one where the list has become shorter than that. Raises `ConsoleError`."""
    try:
        found = await _page(desk, view)
    except NoSuchPage:
        # A target does not say which page is the last, but on the first.
        found = await _page(desk, View(view.target, replace(view.query, page=1)))
        last = found.page.pages
    else:
        last = min(view.query.page, found.page.pages)
    return found if found.page.number == last else await _page(desk, View(view.target, replace(view.query, page=last)))


async def count_unknown(desk: Desk, view: View) -> int:
    """How many submissions of unknown outcome there are. Asks no target."""
    return (await _page(desk, View(view.target, JobQuery(statuses=(UNKNOWN,), page_size=1)))).page.count


async def _page(desk: Desk, view: View) -> AllJobs:
    if view.is_of_all:
        return await desk.jobs_of_all(view.query)
    return AllJobs(await desk.jobs(view.target, view.query), failures={}, asked=1)
