"""How the Jobs screen asks for jobs: a page of them, and how many there are. Touches no widget."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from console.errors import NoSuchPage
from console.submissions.desk import Desk
from console.submissions.listing import AllJobs
from console.submissions.tally import Tally
from console.submissions.tracking import LOCAL_STATUSES
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


async def count_local(desk: Desk, view: View) -> dict[str, int]:
    """How many there are of what this console alone knows of, by status. Asks no target."""
    return {
        status: (
            await _page(desk, View(view.target, replace(view.query, statuses=(status,), page=1, page_size=1)))
        ).page.count
        for status in LOCAL_STATUSES
    }


async def tally(desk: Desk, view: View) -> Tally:
    """How many jobs there are of each status. Asks the targets."""
    if view.is_of_all:
        return await desk.tally_of_all(view.query)
    return await desk.tally(view.target, view.query)


async def _page(desk: Desk, view: View) -> AllJobs:
    if view.is_of_all:
        return await desk.jobs_of_all(view.query)
    return AllJobs(await desk.jobs(view.target, view.query), failures={}, asked=1)
