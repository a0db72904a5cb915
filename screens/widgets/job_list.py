"""What the Jobs screen shows of a list: the table or why there is none, and a line that says how fresh it is."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from time import monotonic
from typing import Final

from textual import getters
from textual.app import ComposeResult
from textual.binding import Keymap
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import Static

from console.errors import ConsoleError, TargetDenied
from console.submissions.listing import AllJobs, wait_of
from console.submissions.model import TrackedJob
from console.targets.base import JobQuery, Page
from screens.commands.everywhere import APP, Files, Targets
from screens.commands.jobs import JOBS, STATUSES, All, Clear
from screens.commands.targets import TARGETS, Login, Sandbox, Test
from screens.widgets.few_lines import FewLines
from screens.widgets.job_columns import COLUMNS, COLUMNS_OF_ALL, JobOrder, Marks, column
from screens.widgets.job_table import JobTable
from screens.widgets.job_words import trouble
from screens.widgets.numbers import counted, number
from screens.widgets.refreshing import seconds_of
from screens.widgets.target_select import ALL_TARGETS
from screens.widgets.text import styled

_WIDE: Final = 100
"""Columns of a terminal from which on there is room for how many jobs are on a page."""


@dataclass(frozen=True, slots=True)
class View:
    """What is asked for."""

    target: str
    """Or `ALL_TARGETS`."""
    query: JobQuery

    @property
    def is_of_all(self) -> bool:
        """Whether the jobs of all targets are asked for."""
        return self.target == ALL_TARGETS

    def asks_for_the_same_jobs(self, other: View) -> bool:
        """Whether another view is of the same jobs, whatever statuses of them, in whatever order and on which page."""
        mine, theirs = (
            (view.target, view.query.search, view.query.inserted, view.query.completed) for view in (self, other)
        )
        return mine == theirs

    def selects_as(self, other: View) -> bool:
        """Whether another view is of the same jobs and statuses, in whatever order and on which page."""
        return self.asks_for_the_same_jobs(other) and self.query.statuses == other.query.statuses


class JobList(Vertical):
    """A page of jobs and all that is to say about it. Shows what it is told and asks nobody."""

    table = getters.query_one(JobTable)
    empty = getters.query_one("#empty", Static)
    missing = getters.query_one("#missing", FewLines)
    status = getters.query_one("#status", FewLines)

    def __init__(self, keymap: Keymap) -> None:
        super().__init__()
        self._keymap = keymap
        self._found: AllJobs | None = None
        self._error: ConsoleError | None = None
        self._order: JobOrder | None = None
        self._page_size = 0
        """How many jobs are asked for at once."""
        self._came = 0.0
        """When that was found."""

    def compose(self) -> ComposeResult:
        """The table, what stands in its place while it is empty, and the lines below."""
        yield JobTable()
        yield Static(id="empty")
        yield FewLines(id="missing")
        yield FewLines(id="status")

    def show(
        self,
        view: View | None,
        found: AllJobs | None,
        error: ConsoleError | None,
        order: JobOrder,
        watched: Marks = frozenset(),
    ) -> None:
        """Show what came last: the newest page that was *found*, and the *error* of the last try if that failed."""
        if found is not self._found:
            self._came = monotonic()
        self._found, self._error, self._order = found, error, order
        self._page_size = view.query.page_size if view else 0
        has_jobs = found is not None and bool(found.page.items)
        self.table.display = has_jobs
        self.empty.display = not has_jobs
        columns = COLUMNS_OF_ALL if view is not None and view.is_of_all else COLUMNS
        self.table.show(found.page.items if found else (), order, columns, watched)
        self.missing.display = found is not None and bool(found.failures)
        self._tell_missing()
        if has_jobs:
            # It may have lost the focus when it had nothing to show, or could not take it.
            self.call_after_refresh(self._take_what_nobody_has)
        if not has_jobs:
            self.empty.update(_why_empty(view, found, error, self._keymap))

    def take_focus(self) -> None:
        """Give the table the focus: now, or as soon as it has something to show and nothing else was turned to."""
        self.screen.set_focus(self.table if self.table.display else None)

    def _take_what_nobody_has(self) -> None:
        if self.is_attached and self.screen.focused is None:
            self.table.focus()

    def _tell_missing(self) -> None:
        """Say whose jobs are not in the list."""
        self.missing.tell(*_missing_words(self._found, monotonic() - self._came))

    def tell_freshness(self, freshness: str) -> None:
        """Show which page this is, how fresh it is, and what went wrong with the last try."""
        self._tell_missing()
        self.status.set_class(self._error is not None and self._found is not None, "-error")
        if self._error is not None and self._found is not None:
            self.status.tell(
                styled("✗ $freshness · $error", error=trouble(self._error, self._keymap), freshness=freshness)
            )
        elif self._found is None or self._order is None:
            self.status.tell(styled("$freshness", freshness=freshness))
        else:
            page, size = self._found.page, self._page_size
            words = styled(
                "$pages$size · by $order · $freshness",
                pages=pages_words(page, size),
                size=f", {size} each" if page.pages > 1 and self.app.size.width >= _WIDE else "",
                order=_order_words(self._order),
                freshness=freshness,
            )
            self.status.tell(words)


def pages_words(page: Page[TrackedJob], size: int) -> str:
    """Which page this is, of how many jobs. More pages than these can fill are not ours to believe."""
    # A target may give fewer at once than it is asked for.
    each = min(len(page.items), size) if page.number < page.pages else size
    fitting = max(page.number, -(-page.count // max(each, 1)))
    jobs = counted(page.count, "job")
    if page.pages <= fitting:
        return f"page {number(page.number)} of {number(page.pages)} · {jobs}"
    return f"page {number(page.number)} · {jobs}, though the target speaks of {number(page.pages)} pages"


def _order_words(order: JobOrder) -> str:
    """How the list is sorted, and where that holds for the page only."""
    by = column(order.column)
    words = f"{by.label.lower()} {order.arrow}"
    return words if by.field is not None else f"{words} on this page"


def _missing_words(found: AllJobs | None, age: float) -> Iterator[Content]:
    """Whose jobs are not in the list, why, and when those are asked that want to be left alone; *age* is the list's."""
    failures = found.failures.items() if found else ()
    for target, error in failures:
        when = _when(error, age)
        yield styled("✗ [b]Without $target$when:[/b] $message", target=target, message=error.message, when=when)


def _when(error: ConsoleError, age: float) -> str:
    """When a target is asked again, where it said so: before what may be cut."""
    wait = wait_of(error)
    return f" for {seconds_of(max(1, round(wait - age)))}" if wait else ""


def _why_empty(view: View | None, found: AllJobs | None, error: ConsoleError | None, keymap: Keymap) -> Content:
    """Why there is no job to see, and what to do next."""
    targets = APP.key_of(Targets, keymap)
    if view is None:
        return styled(
            "[b]No target can be reached with this configuration.[/b]\n\n"
            "Press $targets for Targets: $sandbox starts a sandbox.",
            targets=targets,
            sandbox=TARGETS.key_of(Sandbox, keymap),
        )
    if error is not None:
        return _error_words(error, keymap)
    if found is None:
        return styled("Asking $target for jobs …", target=_whose(view))
    if found.none_answered:
        return styled(
            "[b]No target answers.[/b]\n\nPress $targets for Targets: $test tests the way to one step by step.",
            targets=targets,
            test=TARGETS.key_of(Test, keymap),
        )
    filters = words_of(view.query)
    if filters:
        return styled(
            "[b]No job matches[/b] $filters.\n\nPress $all for every status, $clear to clear the search and the days.",
            filters=filters,
            all=STATUSES.key_of(All, keymap),
            clear=JOBS.key_of(Clear, keymap),
        )
    return styled(
        "[b]$target $has no jobs yet.[/b]\n\n"
        "Press $files for Files, open a finding file and submit it: its job comes here.",
        files=APP.key_of(Files, keymap),
        target=_whose(view),
        has="have" if view.is_of_all else "has",
    )


def _whose(view: View) -> str:
    """Whose jobs are asked for."""
    return "All targets" if view.is_of_all else view.target


def _error_words(error: ConsoleError, keymap: Keymap) -> Content:
    """What went wrong, and where to mend it."""
    if isinstance(error, TargetDenied):
        return styled(
            "[b]$message[/b]\n\n$hint\n\nPress $targets for Targets: $login logs in, $test tests the way there step by"
            " step,\nand $sandbox starts a sandbox on this machine to try things with.",
            targets=APP.key_of(Targets, keymap),
            login=TARGETS.key_of(Login, keymap),
            test=TARGETS.key_of(Test, keymap),
            sandbox=TARGETS.key_of(Sandbox, keymap),
            message=error.message,
            hint=error.hint,
        )
    return styled("[b]$message[/b]\n\n$hint", message=error.message, hint=error.hint)


def words_of(query: JobQuery) -> str:
    """What a query holds the list to; empty where it does not."""
    parts = []
    if query.statuses:
        parts.append(f"the status {' or '.join(query.statuses)}")
    if query.search:
        parts.append(f"the search '{query.search}'")
    parts += [f"{name} on {day}" for name, day in (("inserted", query.inserted), ("completed", query.completed)) if day]
    return " and ".join(parts)
