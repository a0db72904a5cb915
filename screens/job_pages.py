"""How the Jobs screen asks for jobs: a page of them, and how many there are. Touches no widget."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from console.errors import NoSuchPage
from console.submissions.desk import Desk
from console.submissions.listing import AllJobs, gathered
from console.submissions.model import TrackedJob
from console.submissions.tally import Tally
from console.submissions.tracking import LOCAL_STATUSES
from console.targets.base import Page
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


async def local_jobs(desk: Desk, view: View) -> Sequence[TrackedJob]:
    """What this console alone knows of among the jobs that are asked for, whatever their status. Asks no target."""
    query = replace(view.query, statuses=LOCAL_STATUSES, page_size=PAGE_SIZES[-1])

    async def page(number: int) -> Page[TrackedJob]:
        return (await _page(desk, View(view.target, replace(query, page=number)))).page

    return (await gathered(page)).items


def counts_of(local: Sequence[TrackedJob]) -> dict[str, int]:
    """How many there are of what this console alone knows of, by status."""
    counts = Counter(one.job.status for one in local)
    return {status: counts[status] for status in LOCAL_STATUSES}


def unanswered(view: View, local: Sequence[TrackedJob], before: AllJobs | None) -> AllJobs | None:
    """What is known though no target answers: *local*, and what the targets last said. None where that is nothing."""
    statuses, size = view.query.statuses, view.query.page_size
    meant = [one for one in local if not statuses or one.job.status in statuses]
    if before is None and not meant:
        return None
    reaches = (view.query.page - 1) * size < len(meant)
    last = before.page.number if before else 1
    number = view.query.page if reaches else last
    mine = meant[(number - 1) * size : number * size]
    seen = before.page.items if before and number == last else ()
    count = max(len(meant), before.page.count if before else 0)
    items = [*mine, *(one for one in seen if one.job.status not in LOCAL_STATUSES)]
    return AllJobs(Page(items, number, max(1, -(-count // size)), count), failures={}, asked=1)


async def tally(desk: Desk, view: View) -> Tally:
    """How many jobs there are of each status. Asks the targets."""
    if view.is_of_all:
        return await desk.tally_of_all(view.query)
    return await desk.tally(view.target, view.query)


async def _page(desk: Desk, view: View) -> AllJobs:
    if view.is_of_all:
        return await desk.jobs_of_all(view.query)
    return AllJobs(await desk.jobs(view.target, view.query), failures={}, asked=1)
