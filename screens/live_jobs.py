"""The live part of the Jobs screen: when it asks, whom, and what it makes of the answers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from time import monotonic

from textual import getters, on, work
from textual.app import ComposeResult
from textual.message import Message
from textual.worker import Worker, WorkerState

from console.errors import ConsoleError
from console.submissions.listing import AllJobs, wait_of
from console.submissions.model import TrackedJob
from console.submissions.tally import Tally
from console.submissions.tracking import LOCAL_STATUSES
from console.targets.base import JobQuery
from screens import job_habits
from screens.base import ConsoleScreen
from screens.job_counts import JobCounts
from screens.job_pages import counts_of, local_jobs, nearest_page, tally, unanswered
from screens.widgets.job_columns import NEWEST_FIRST, JobOrder, Marks, column
from screens.widgets.job_filters import JobFilters
from screens.widgets.job_list import JobList, View
from screens.widgets.job_table import JobTable
from screens.widgets.refreshing import Refreshing
from screens.widgets.text import styled


@dataclass
class JobsLoaded(Message):
    """A page of jobs came."""

    view: View
    found: AllJobs
    local: Sequence[TrackedJob]
    """What this console alone knows of, whatever statuses are asked for."""


@dataclass
class JobsFailed(Message):
    """A page of jobs did not come."""

    view: View
    error: ConsoleError
    local: Sequence[TrackedJob] | None
    """As above: that is known whoever answers. None where the ledger does not."""


@dataclass
class JobsTallied(Message):
    """The targets counted their jobs."""

    view: View
    tally: Tally


class LiveJobsScreen(ConsoleScreen):
    """Asks for a page of jobs every few seconds while somebody looks, and shows what comes and what does not.

    What is asked for is changed by `show_target` and `ask`. Leaving the screen for good stops what it is asking.
    """

    # The list takes the focus, as soon as it has something to show.
    AUTO_FOCUS = ""

    filters = getters.query_one(JobFilters)
    list = getters.query_one(JobList)
    table = getters.query_one(JobTable)

    def __init__(self) -> None:
        super().__init__()
        self.view: View | None = None
        """What is asked for. None where there is no target."""
        self.order = NEWEST_FIRST
        """How it is sorted, by the target or within the page."""
        self.found: AllJobs | None = None
        """What came last."""
        self._answered: View | None = None
        """What that is the answer to."""
        self.refreshing = Refreshing(interval=5)
        self.counts = JobCounts(interval=5)
        self._error: ConsoleError | None = None
        self._marks: Marks = frozenset()
        self._loading: Worker[None] | None = None

    def compose_body(self) -> ComposeResult:
        """What the list is held to, and the list."""
        yield JobFilters(self.app.config)
        yield JobList(self.app.config.keys)

    def on_mount(self) -> None:
        """Start to ask."""
        self.refreshing.interval = self.counts.interval = self.app.config.ui.refresh_seconds
        self.order = job_habits.remembered_order(self.app.memory.now)
        self.show_target(self.filters.target_select.target)
        self.list.take_focus()
        self.set_interval(1, self.tick)

    def on_screen_resume(self) -> None:
        """The operator is back: what is on the screen may be old, and what was missing may be there now."""
        self.refreshing.forgive(self._error)
        self.refreshing.resumed(monotonic())
        self.tick()

    def tick(self) -> None:
        """Tell the age of what is shown, and ask again when it is time and somebody looks."""
        if not self.is_current:
            return
        if self._marks != self.app.lookout.watched:
            self.show()
        if not self.is_active:
            # Nothing moves behind a dialog: it may be about what is seen there.
            self._tell_freshness(held_by="dialog")
            return
        if self.view is not None and not self._is_loading and self.refreshing.is_due(monotonic()):
            self.look(by_hand=False)
        self._tell_freshness()

    @property
    def _is_loading(self) -> bool:
        return self._loading is not None and not self._loading.is_finished

    def show_target(self, target: str | None) -> None:
        """List the jobs of another target, with the filters as they are."""
        query = self.view.query if self.view else self._first_query()
        self.view = None if target is None else View(target, replace(query, page=1))
        self.found = self._answered = self._error = None
        self.counts.start_anew()
        self.refreshing.start_anew()
        if self.view is not None:
            self.show_context(styled("$target", target=self.view.target or "all targets"))
            self.look()
        self.show()

    def _first_query(self) -> JobQuery:
        """What is asked for at first: as the jobs were listed the last time."""
        sorts_here = column(self.order.column).field is None
        sort = server_sort(NEWEST_FIRST if sorts_here else self.order)
        return JobQuery(sort=sort, page_size=job_habits.remembered_page_size(self.app.memory.now))

    def ask(self, query: JobQuery) -> None:
        """Ask for something else of the same target."""
        if self.view is not None and query != self.view.query:
            self.view = View(self.view.target, query)
            self.look()
            self._tell_freshness()
            self.refresh_bindings()

    def look(self, *, by_hand: bool = True) -> None:
        """Ask now: the operator wants it, or it is time."""
        if self.view is not None:
            self.refreshing.asked(monotonic(), by_hand=by_hand)
            self._loading = self.load(self.view)

    @work(exclusive=True, group="jobs")
    async def load(self, view: View) -> None:
        """Ask the ledger for what is in doubt, and the target for a page."""
        local: Sequence[TrackedJob] | None = None
        try:
            local = await local_jobs(self.app.desk, view)
            self.post_message(JobsLoaded(view, await nearest_page(self.app.desk, view), local))
        except ConsoleError as error:
            self.post_message(JobsFailed(view, error, local))

    @work(exclusive=True, group="tally")
    async def tally(self, view: View) -> None:
        """Have the targets count their jobs."""
        try:
            self.post_message(JobsTallied(view, await tally(self.app.desk, view)))
        except ConsoleError as error:
            # The list fails for the same reason, and says so.
            self.log.debug("The jobs could not be counted: %s", error.message)

    @on(Worker.StateChanged)
    def _worker_changed(self, event: Worker.StateChanged) -> None:
        if event.worker is self._loading and event.state is WorkerState.ERROR:
            # Nobody foresaw it, and the app shows it: not again every second.
            self.refreshing.failed(monotonic())

    @on(JobsLoaded)
    def _loaded(self, message: JobsLoaded) -> None:
        if message.view != self.view:
            return
        self._error = None
        self.note_errors(message.found.failures.values())
        if message.found.none_answered:
            known = unanswered(message.view, message.local, self._still_true(message.view))
            self.found = replace(message.found, page=known.page) if known else message.found
            self._answered = self.view
            self.refreshing.failed(monotonic(), *message.found.failures.values())
        else:
            self.found = message.found
            # The page that came is an earlier one where the list became shorter.
            self.view = View(message.view.target, replace(message.view.query, page=message.found.page.number))
            self._answered = self.view
            self._take_news(message.found)
        self.counts.seen(message.view.query, message.found, counts_of(message.local))
        self._count()
        self.show()

    def _take_news(self, found: AllJobs) -> None:
        """A page came from whoever answered: when the next look is, and what the lookout need not ask."""
        jobs = [one for one in found.page.items if one.job.status not in LOCAL_STATUSES]
        for tracked in jobs:
            self.app.lookout.saw(tracked)
        # One that is down gets peace, unless there is something to follow at another. One that asked for it has it.
        is_one_down = any(not wait_of(error) for error in found.failures.values())
        quiet = (is_one_down or bool(jobs)) and all(one.job.ended for one in jobs)
        self.refreshing.succeeded(monotonic(), quiet=quiet)

    def _count(self) -> None:
        """Have the targets count when it is time. Not while they fail, or nobody wants to be asked for."""
        now, found = monotonic(), self.found
        troubled = found is None or found.none_answered
        if self.view is not None and not troubled and not self.refreshing.paused and self.counts.is_due(now):
            self.counts.asked(now)
            self.tally(self.view)

    @on(JobsTallied)
    def _tallied(self, message: JobsTallied) -> None:
        if self.view is not None and message.view.asks_for_the_same_jobs(self.view):
            self.counts.told(message.tally)
            self._show_counts()

    @on(JobsFailed)
    def _failed(self, message: JobsFailed) -> None:
        if message.view != self.view:
            return
        self._error = message.error
        self.note_errors([message.error])
        self.found = self._still_true(message.view)
        if message.local is not None:
            self.counts.seen_here(counts_of(message.local))
            self.found = unanswered(message.view, message.local, self.found)
        self._answered = self.view
        self.refreshing.failed(monotonic(), message.error)
        self.show()

    def _still_true(self, view: View) -> AllJobs | None:
        """What came before, where that is of the jobs that are asked for now, and in the order in which it came."""
        if self.found is None or self._answered is None or not view.selects_as(self._answered):
            return None
        sort = self._answered.query.sort
        if sort != view.query.sort:
            # Nobody can sort them anew: neither the arrow nor the next look may say so.
            self.view = View(view.target, replace(view.query, sort=sort))
            self.order = order_of(sort)
        return self.found

    def _tell_freshness(self, held_by: str = "") -> None:
        """Say how old the list is; or that what is asked for is not what is shown, or does not come."""
        now = monotonic()
        behind = self.found is not None and self._is_loading and self._answered != self.view
        soon = behind and self.refreshing.waited(now) is None
        self.list.tell_freshness("asking …" if soon else self.refreshing.says(now, held_by=held_by))

    def show(self) -> None:
        """Show what is known."""
        self._marks = self.app.lookout.watched
        self.list.show(self.view, self.found, self._error, self.order, self._marks)
        self._tell_freshness()
        self._show_counts()
        self.refresh_bindings()

    def _show_counts(self) -> None:
        self.filters.statuses.show(self.counts.counts, partial=self.counts.partial)


def server_sort(order: JobOrder) -> str:
    """An order by a column that the target can sort by, as the target is asked for it."""
    return f"{'-' if order.descending else ''}{column(order.column).field}"


def order_of(sort: str) -> JobOrder:
    """The order that a target was asked for."""
    return JobOrder(sort.removeprefix("-"), descending=sort.startswith("-"))
