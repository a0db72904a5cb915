"""The Jobs screen: the live list of a target's jobs, or of all, filtered, searched, sorted and paged by the targets."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from time import monotonic
from typing import ClassVar

from textual import on, work
from textual.binding import BindingType
from textual.content import Content
from textual.widgets import Select

from console.serialise import to_json
from console.submissions.job_shapes import jobs_as_csv, jobs_shape
from console.submissions.model import TrackedJob
from console.submissions.tracking import LOCAL_STATUSES
from console.targets.base import Page
from screens import job_habits
from screens.commands.jobs import JOBS, STATUSES
from screens.exporting import CSV, JSON, export
from screens.job_pages import PAGE_SIZES
from screens.live_jobs import LiveJobsScreen, server_sort
from screens.navigation import OpenJob, OpenSettle
from screens.widgets.cursor_table import SortWanted
from screens.widgets.job_columns import JobColumn
from screens.widgets.job_filters import JobFilters
from screens.widgets.job_list import View
from screens.widgets.job_table import JobTable
from screens.widgets.numbers import counted
from screens.widgets.save_dialog import SaveDialog
from screens.widgets.text import styled, toast


class JobsScreen(LiveJobsScreen):
    """Which jobs a target has, or all have, and how far each is. It asks again every few seconds while it is looked at.

    What was sent and may have been accepted, and what was not sent whole, comes first: enter settles it, or goes on.

    Filter by status with shift and the underlined letters, several at once. Move to a column with the arrows and
    press `s` to sort by it: times are sorted by the target over all pages, other columns within the page.
    """

    TITLE = "Jobs"
    CSS_PATH = "jobs.tcss"

    BINDINGS: ClassVar[list[BindingType]] = [*JOBS.bindings(), *STATUSES.bindings()]

    # What the list is held to.

    def action_filter(self, status: str) -> None:
        """Choose a status, or no longer."""
        self.filters.statuses.toggle(status)

    def action_search(self) -> None:
        """Ask for a word to search for."""
        self.filters.ask_word()

    def action_days(self) -> None:
        """Ask for days."""
        self.filters.ask_days()

    def action_choose_target(self) -> None:
        """Open the list of targets."""
        self.filters.ask_target()

    def action_clear_filters(self) -> None:
        """List what is there, whatever was searched for."""
        self.filters.clear()

    @on(JobFilters.Changed)
    def _narrow(self, message: JobFilters.Changed) -> None:
        if self.view is None:
            return
        query = message.to.applied(self.view.query)
        if not self.view.asks_for_the_same_jobs(View(self.view.target, query)):
            self.counts.start_anew()
        self.ask(query)

    @on(JobFilters.Left)
    def _return_to_list(self) -> None:
        self.list.take_focus()

    @on(Select.Changed)
    def _choose(self) -> None:
        target = self.filters.target_select.target
        if self.view is None or target != self.view.target:
            self.show_target(target)
        self.list.take_focus()

    # The order and the page.

    def action_sort(self) -> None:
        """Sort by the column under the cursor."""
        self.table.action_sort()

    @on(SortWanted)
    def _sort(self, message: SortWanted[JobColumn]) -> None:
        """Sort on the target where it can, else what is on the page."""
        self.order = self.order.by(message.column)
        self.app.remember(job_habits.with_order(self.app.memory.now, self.order))
        if self.view is None or self.found is None:
            return
        if message.column.field is None:
            self.show()
        else:
            self.ask(replace(self.view.query, sort=server_sort(self.order), page=1))

    def _has_page(self, step: int) -> bool:
        """Whether there is a page so many on. From the one that was asked for last: keys may be faster than answers."""
        if self.view is None or self.found is None:
            return False
        return 1 <= self.view.query.page + step <= self.found.page.pages

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Grey out the way to a page that there is not."""
        if action == "page" and isinstance(step := parameters[0], int) and not self._has_page(step):
            return None
        return super().check_action(action, parameters)

    def action_page(self, step: int) -> None:
        """Turn the page."""
        if self.view is not None and self._has_page(step):
            self.ask(replace(self.view.query, page=self.view.query.page + step))

    def action_resize(self, step: int) -> None:
        """Show more or fewer jobs on a page. The first one stays on it."""
        if self.view is not None:
            query = self.view.query
            place = min(max(PAGE_SIZES.index(query.page_size) + step, 0), len(PAGE_SIZES) - 1)
            size = PAGE_SIZES[place]
            page = (query.page - 1) * query.page_size // size + 1
            self.app.remember(job_habits.with_page_size(self.app.memory.now, size))
            self.ask(replace(query, page_size=size, page=page))
            toast(self.app, styled("Up to $size jobs on a page.", size=size))

    # How fresh it is.

    def action_refresh_now(self) -> None:
        """Ask again, now."""
        self.counts.ask_soon()
        self.look()

    def action_pause(self) -> None:
        """Stop asking, or go on."""
        self.refreshing.paused = not self.refreshing.paused
        self.tick()

    @on(JobTable.Moved)
    def _read(self) -> None:
        """Let nothing move under the cursor while somebody reads."""
        self.refreshing.reads(monotonic())

    # What is done with a job.

    def action_watch(self) -> None:
        """Have the end of the job told, or no longer."""
        tracked = self.table.job
        if tracked is None or not tracked.job.id or tracked.job.ended or tracked.job.status in LOCAL_STATUSES:
            self.notify("This has no end to wait for.", severity="warning")
            return
        self.app.toggle_watch((tracked.job.target, tracked.job.id))
        self.show()

    def action_export(self) -> None:
        """Ask for a file, and write the page into it."""
        if self.found is not None and self.found.page.items:
            dialog = SaveDialog(Content("Write the jobs on this page"), "jobs.csv", (CSV, JSON))
            self.app.push_screen(dialog, self._take_path)

    def _take_path(self, path: Path | None) -> None:
        if path is not None and self.found is not None:
            self.save(path, replace(self.found.page, items=self.table.jobs))

    @work(group="export")
    async def save(self, path: Path, page: Page[TrackedJob]) -> None:
        """Write a page of jobs. What goes wrong is shown in a dialog."""
        text = jobs_as_csv(page.items) if path.suffix.lower() == CSV else to_json(jobs_shape(page))
        toast(self.app, await export(path, text, counted(len(page.items), "job")))

    @on(JobTable.OpenWanted)
    def _open(self, message: JobTable.OpenWanted) -> None:
        tracked = message.tracked
        if tracked.job.status in LOCAL_STATUSES and tracked.submission is not None:
            self.post_message(OpenSettle(tracked.submission))
        else:
            self.post_message(OpenJob(tracked.job.target, tracked.job.id, tracked))
