"""The part of the Job screen that is about its errors: page by page, by what is wrong, to the record, into a file."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from textual import getters, on, work
from textual.content import Content
from textual.message import Message
from textual.widgets import DataTable

from console.errors import ConsoleError
from console.submissions.error_groups import MOST_PAGES, ErrorGroup, grouped
from console.submissions.job_shapes import errors_as_csv, errors_as_json
from console.submissions.listing import gathered
from console.submissions.model import FROM_STDIN, LocatedError
from console.targets.base import Page
from console.targets.pointers import attribute_of
from screens.base import ConsoleScreen
from screens.exporting import CSV, JSON, export, name_of
from screens.navigation import OpenRecords
from screens.widgets.error_table import ErrorTable, Sight
from screens.widgets.numbers import counted
from screens.widgets.save_dialog import SaveDialog
from screens.widgets.text import toast

_MEMBERS: Final = 100
"""Errors of one group on a page."""


@dataclass
class ErrorsLoaded(Message):
    """A page of the job's errors came."""

    page: Page[LocatedError]


@dataclass
class ErrorsFailed(Message):
    """A page of the job's errors did not come."""

    error: ConsoleError


@dataclass
class ErrorsRead(Message):
    """More of the job's errors were read."""

    read: int
    count: int


@dataclass
class ErrorsGrouped(Message):
    """The job's errors were read, as far as they are, and grouped."""

    groups: Sequence[ErrorGroup]
    read: int
    count: int


class JobErrorsScreen(ConsoleScreen):
    """A screen about one job that lists its errors."""

    errors = getters.query_one(ErrorTable)

    def __init__(self, target: str, job_id: str) -> None:
        super().__init__()
        self.target = target
        """Our name of the target that has the job."""
        self.job_id = job_id
        """What the target calls the job."""
        self._page: Page[LocatedError] | None = None
        self._group: ErrorGroup | None = None

    @property
    def key(self) -> tuple[str, str]:
        """What the job is told by."""
        return self.target, self.job_id

    def ask_errors(self) -> None:
        """Ask anew for the page of errors that is shown."""
        self.load_errors(self._page.number if self._page else 1)

    @work(exclusive=True, group="errors")
    async def load_errors(self, page: int) -> None:
        """Ask for a page of the job's errors."""
        try:
            self.post_message(ErrorsLoaded(await self.desk.job_errors(*self.key, page)))
        except ConsoleError as error:
            self.post_message(ErrorsFailed(error))

    @on(ErrorsLoaded)
    def _show_errors(self, message: ErrorsLoaded) -> None:
        self._page = message.page
        if self.errors.sight is Sight.PAGE:
            self.errors.show(message.page)

    @on(ErrorsFailed)
    def _show_errors_failed(self, message: ErrorsFailed) -> None:
        self.app.log_of_session.add_once(message.error)
        self.errors.tell_failure(message.error)

    # By what is wrong.

    @work(exclusive=True, group="groups")
    async def load_groups(self) -> None:
        """Read the job's errors, as many as are read, and group them."""
        try:
            found = await gathered(
                lambda number: self.desk.job_errors(*self.key, number),
                self._note_read,
                MOST_PAGES,
            )
        except ConsoleError as error:
            self.post_message(ErrorsFailed(error))
        else:
            self.post_message(ErrorsGrouped(grouped(found.items), len(found.items), found.count))

    def _note_read(self, read: int, count: int) -> None:
        self.post_message(ErrorsRead(read, count))

    @on(ErrorsRead)
    def _tell_read(self, message: ErrorsRead) -> None:
        self.errors.tell_reading(message.read, message.count)

    @on(ErrorsGrouped)
    def _show_groups(self, message: ErrorsGrouped) -> None:
        self.errors.show_groups(message.groups, message.read, message.count)

    def action_causes(self) -> None:
        """Show the errors by what is wrong, or one by one."""
        if self.errors.sight is Sight.PAGE:
            self.errors.tell_reading(0, self._page.count if self._page else 0)
            self.load_groups()
        else:
            self._show_pages()

    def _show_pages(self) -> None:
        """Show the errors one by one, as they come from the target."""
        if self._page is not None:
            self.errors.show(self._page)

    def _show_members(self, number: int) -> None:
        """Show a page of the errors of the group that was opened."""
        if self._group is not None:
            members = self._group.errors
            first = (number - 1) * _MEMBERS
            page = Page(members[first : first + _MEMBERS], number, -(-len(members) // _MEMBERS), len(members))
            self.errors.show_members(page, self._group)

    def action_back(self) -> None:
        """Return from a group to the groups, from these to the errors, and from there to the screen before."""
        match self.errors.sight:
            case Sight.MEMBERS:
                self.errors.return_to_groups()
            case Sight.GROUPS:
                self._show_pages()
            case Sight.PAGE:
                super().action_back()

    def _has_page(self, step: int) -> bool:
        """Whether there is a page of the errors so many on. This is asked before there is a list of them, and after."""
        lists = [one for one in self.query(ErrorTable) if one.sight is not Sight.GROUPS]
        pages = [one.page for one in lists if one.page is not None]
        return any(1 <= page.number + step <= page.pages for page in pages)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Grey out the way to a page that there is not."""
        if action == "page" and isinstance(step := parameters[0], int) and not self._has_page(step):
            return None
        return super().check_action(action, parameters)

    def action_page(self, step: int) -> None:
        """Turn the page of the errors."""
        page = self.errors.page
        if page is None or not self._has_page(step):
            return
        if self.errors.sight is Sight.MEMBERS:
            self._show_members(page.number + step)
        else:
            self.load_errors(page.number + step)

    # To the record, and into a file.

    @on(DataTable.RowSelected)
    def _open(self) -> None:
        if self.errors.sight is Sight.GROUPS:
            self._group = self.errors.groups.group
            self._show_members(1)
            return
        located = self.errors.error
        if located is None:
            return
        if located.file is not None and located.file != str(FROM_STDIN) and located.span is not None:
            attribute = attribute_of(located.error.pointer or "")
            self.post_message(OpenRecords(Path(located.file), located.span.index, attribute=attribute))
        else:
            self.errors.tell_why_no_record(located)

    def action_export(self) -> None:
        """Ask for a file, and write all errors into it."""
        dialog = SaveDialog(Content("Write the errors of this job"), name_of("errors", self.job_id), (CSV, JSON))
        self.app.push_screen(dialog, self._take_path)

    def _take_path(self, path: Path | None) -> None:
        if path is not None:
            self.save(path)

    @work(group="export")
    async def save(self, path: Path) -> None:
        """Read all errors, and write them. What goes wrong is shown in a dialog."""
        found = await gathered(lambda number: self.desk.job_errors(*self.key, number), self._note_read)
        written = errors_as_csv if path.suffix.lower() == CSV else errors_as_json
        # There may be a hundred thousand of them.
        text = await asyncio.to_thread(written, found.items)
        what = counted(len(found.items), "error") + (f" of {found.count:,}" if found.cut else "")
        toast(self.app, await export(path, text, what))
        self.errors.tell_which()
