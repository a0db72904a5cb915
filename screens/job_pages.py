"""How the Jobs screen asks for a page of jobs. Touches no widget."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from console.errors import NoSuchPage
from console.submissions.desk import Desk
from console.submissions.model import TrackedJob
from console.targets.base import Page
from screens.widgets.job_list import View

PAGE_SIZES: Final = (10, 20, 50, 100)
"""100 is the most that a target gives at once."""


async def nearest_page(desk: Desk, view: View) -> Page[TrackedJob]:
    """The page that is asked for; the last one where the list has become shorter than that. Raises `ConsoleError`."""
    try:
        page = await desk.jobs(view.target, view.query)
    except NoSuchPage:
        # A target does not say which page is the last, but on the first.
        page = await desk.jobs(view.target, replace(view.query, page=1))
        last = page.pages
    else:
        last = min(view.query.page, page.pages)
    return page if page.number == last else await desk.jobs(view.target, replace(view.query, page=last))
