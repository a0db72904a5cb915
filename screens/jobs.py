"""The Jobs screen: the live list of a target's jobs, or of all, filtered, searched, sorted and paged by the targets."""

from __future__ import annotations

from dataclasses import dataclass, replace
from time import monotonic
from typing import ClassVar

from textual import getters, on, work
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal
from textual.message import Message
from textual.widgets import DataTable, Input, Select, Static
from textual.worker import Worker, WorkerState

from console.errors import ConsoleError
from console.submissions.listing import AllJobs
from console.submissions.tracking import LOCAL_STATUSES
from console.targets.base import JobQuery
from screens.base import ConsoleScreen
from screens.commands.jobs import JOBS, STATUSES
from screens.job_pages import PAGE_SIZES, count_unknown, nearest_page
from screens.navigation import OpenJob, OpenSettle
from screens.widgets.job_list import JobList, View
from screens.widgets.job_table import NEWEST_FIRST, JobOrder, JobTable, column
from screens.widgets.refreshing import Refreshing
from screens.widgets.status_filter import StatusFilter
from screens.widgets.target_select import TargetSelect
from screens.widgets.text import styled


@dataclass
class JobsLoaded(Message):
    """A page of jobs came."""

    view: View
    found: AllJobs
    unknown: int
    """Submissions whose outcome is unknown."""


@dataclass
class JobsFailed(Message):
    """A page of jobs did not come."""

    view: View
    error: ConsoleError
    unknown: int
    """Submissions whose outcome is unknown: that is known whoever answers."""


class JobsScreen(ConsoleScreen):
    """Which jobs a target has, or all have, and how far each is. It asks again every few seconds while it is looked at.

    What was sent and may have been accepted, and what was not sent whole, comes first: enter settles it, or goes on.

    Filter by status with shift and the underlined letters, several at once. Move to a column with the arrows and
    press `s` to sort by it: times are sorted by the target over all pages, other columns within the page.
    """

    TITLE = "Jobs"
    CSS_PATH = "jobs.tcss"

    BINDINGS: ClassVar[list[BindingType]] = [*JOBS.bindings(), *STATUSES.bindings()]

    list = getters.query_one(JobList)
    table = getters.query_one(JobTable)
    statuses = getters.query_one(StatusFilter)
    searching = getters.query_one("#searching", Horizontal)
    search = getters.query_one("#search", Input)
    target_select = getters.query_one(TargetSelect)

    def __init__(self) -> None:
        super().__init__()
        self._view: View | None = None
        self._order = NEWEST_FIRST
        self._found: AllJobs | None = None
        self._error: ConsoleError | None = None
        self._refreshing = Refreshing(interval=5)
        self._loading: Worker[None] | None = None

    def compose_body(self) -> ComposeResult:
        """Statuses and target, the search, and the list."""
        with Horizontal(id="filters"):
            yield StatusFilter()
            yield TargetSelect(self.app.desk.config, offers_all=True)
        with Horizontal(id="searching"):
            yield Static("/")
            yield Input(placeholder="a word of the job; enter searches, esc clears", id="search", compact=True)
        yield JobList()

    def on_mount(self) -> None:
        """Start to ask."""
        self._refreshing.interval = self.app.desk.config.ui.refresh_seconds
        self._show_target(self.target_select.target)
        self.table.focus()
        self.set_interval(1, self._tick)

    def on_screen_resume(self) -> None:
        """The operator is back: what is on the screen may be old, and what was missing may be there now."""
        self._refreshing.forgive(self._error)
        self._tick()

    def _tick(self) -> None:
        """Tell the age of what is shown, and ask again when it is time and somebody looks."""
        if not self.is_current:
            return
        if self._view is not None and not self._is_loading and self._refreshing.is_due(monotonic()):
            self._load()
        self.list.tell_freshness(self._refreshing.says(monotonic()))

    @property
    def _is_loading(self) -> bool:
        return self._loading is not None and not self._loading.is_finished

    def _show_target(self, target: str | None) -> None:
        """List the jobs of another target, with the filters as they are."""
        query = self._view.query if self._view else JobQuery(sort=_server_sort(NEWEST_FIRST), page_size=20)
        self._view = None if target is None else View(target, replace(query, page=1))
        self._found = self._error = None
        self.statuses.tell_unknown(0)
        self._refreshing.start_anew()
        if self._view is not None:
            self.show_context(styled("$target", target=self._view.target or "all targets"))
            self._load()
        self._show()

    def _ask(self, query: JobQuery) -> None:
        """Ask for something else of the same target."""
        if self._view is not None and query != self._view.query:
            self._view = View(self._view.target, query)
            self._load()

    def _load(self) -> None:
        if self._view is not None:
            self._refreshing.asked(monotonic())
            self._loading = self.load(self._view)

    @work(exclusive=True, group="jobs")
    async def load(self, view: View) -> None:
        """Ask the ledger for what is in doubt, and the target for a page."""
        unknown = 0
        try:
            unknown = await count_unknown(self.app.desk, view)
            self.post_message(JobsLoaded(view, await nearest_page(self.app.desk, view), unknown))
        except ConsoleError as error:
            self.post_message(JobsFailed(view, error, unknown))

    @on(Worker.StateChanged)
    def _worker_changed(self, event: Worker.StateChanged) -> None:
        if event.worker is self._loading and event.state is WorkerState.ERROR:
            # Nobody foresaw it, and the app shows it: not again every second.
            self._refreshing.failed(monotonic())

    @on(JobsLoaded)
    def _loaded(self, message: JobsLoaded) -> None:
        if message.view != self._view:
            return
        # The page that came is an earlier one where the list became shorter.
        self._view = View(message.view.target, replace(message.view.query, page=message.found.page.number))
        self._error = None
        if message.found.none_answered:
            self._found = _keeping(message.found, self._found)
            self._refreshing.failed(monotonic())
        else:
            self._found = message.found
            self._refreshing.succeeded(monotonic())
        self.statuses.tell_unknown(message.unknown)
        self._show()

    @on(JobsFailed)
    def _failed(self, message: JobsFailed) -> None:
        if message.view != self._view:
            return
        self._error = message.error
        self.statuses.tell_unknown(message.unknown)
        self._refreshing.failed(monotonic(), message.error)
        self._show()

    def _show(self) -> None:
        self.list.show(self._view, self._found, self._error, self._order)
        self.list.tell_freshness(self._refreshing.says(monotonic()))

    def action_filter(self, status: str) -> None:
        """Choose a status, or no longer."""
        self.statuses.toggle(status)

    @on(StatusFilter.Changed)
    def _filter(self, message: StatusFilter.Changed) -> None:
        if self._view is not None:
            self._ask(replace(self._view.query, statuses=message.statuses, page=1))

    @on(Select.Changed)
    def _choose(self) -> None:
        if self._view is None or self.target_select.target != self._view.target:
            self._show_target(self.target_select.target)
        self.table.focus()

    def action_choose_target(self) -> None:
        """Open the list of targets."""
        self.target_select.focus()
        self.target_select.action_show_overlay()

    def action_search(self) -> None:
        """Ask for a word to search for."""
        self.searching.display = True
        self.search.focus()

    @on(Input.Submitted, "#search")
    def _search(self, message: Input.Submitted) -> None:
        self._apply_search(message.value.strip())

    def action_clear_search(self) -> None:
        """List what is there, whatever was searched for."""
        self._apply_search("")

    def _apply_search(self, words: str) -> None:
        self.search.value = words
        self.searching.display = bool(words)
        self.table.focus()
        if self._view is not None:
            self._ask(replace(self._view.query, search=words, page=1))

    def action_sort(self) -> None:
        """Sort by the column under the cursor."""
        self._sort_by(self.table.column_under_cursor.key)

    @on(DataTable.HeaderSelected)
    def _header(self, message: DataTable.HeaderSelected) -> None:
        self._sort_by(str(message.column_key.value))

    def _sort_by(self, key: str) -> None:
        """Sort on the target where it can, else what is on the page."""
        self._order = self._order.by(column(key))
        if self._view is None or self._found is None:
            return
        if column(key).field is None:
            self._show()
        else:
            self._ask(replace(self._view.query, sort=_server_sort(self._order), page=1))

    def action_page(self, step: int) -> None:
        """Turn the page."""
        if self._view is not None and self._found is not None:
            # From the page that was asked for last: keys may come faster than answers.
            page = self._view.query.page + step
            if 1 <= page <= self._found.page.pages:
                self._ask(replace(self._view.query, page=page))

    def action_resize(self, step: int) -> None:
        """Show more or fewer jobs on a page."""
        if self._view is not None:
            place = PAGE_SIZES.index(self._view.query.page_size) + step
            if 0 <= place < len(PAGE_SIZES):
                self._ask(replace(self._view.query, page_size=PAGE_SIZES[place], page=1))

    def action_refresh_now(self) -> None:
        """Ask again, now."""
        self._load()

    def action_pause(self) -> None:
        """Stop asking, or go on."""
        self._refreshing.paused = not self._refreshing.paused
        self._tick()

    @on(DataTable.RowSelected)
    def _open(self) -> None:
        tracked = self.table.job
        if tracked is None:
            return
        if tracked.job.status in LOCAL_STATUSES and tracked.submission is not None:
            self.post_message(OpenSettle(tracked.submission))
        else:
            self.post_message(OpenJob(tracked.job.target, tracked.job.id))


def _keeping(found: AllJobs, before: AllJobs | None) -> AllJobs:
    """What is known though no target answers: what this console knows by itself, and what the targets last said."""
    if before is None:
        return found
    seen = [one for one in before.page.items if one.job.status not in LOCAL_STATUSES]
    return replace(found, page=replace(before.page, items=[*found.page.items, *seen]))


def _server_sort(order: JobOrder) -> str:
    """An order by a column that the target can sort by, as the target is asked for it."""
    return f"{'-' if order.descending else ''}{column(order.column).field}"
