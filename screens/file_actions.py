"""What can be done with the finding file under the cursor, and the ways to other files."""

from __future__ import annotations

import asyncio
from abc import abstractmethod
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar, Final

from textual import work
from textual.binding import BindingType
from textual.content import Content

from console.paths import is_there
from screens.base import ConsoleScreen
from screens.commands.files import FILES
from screens.navigation import OpenCompare, OpenEditor, OpenRecords, OpenSubmit, OpenValidation
from screens.widgets.file_tree import CHOOSE_FIRST
from screens.widgets.pick_dialog import PickDialog
from screens.widgets.text import short_path, styled, toast

if TYPE_CHECKING:
    from console.submissions.model import Submission
    from screens.new_file import NewFileDialog

_NEED_A_FILE: Final = {"open", "validate", "submit", "repair", "convert", "compare", "edit"}
_NOT_SENT: Final = Content("Nothing is known of earlier submissions of this file.")
_NO_RECENT: Final = Content("No file yet: those that are opened, validated or submitted are listed here.")


class FileActions(ConsoleScreen):
    """A screen with a finding file under its cursor."""

    BINDINGS: ClassVar[list[BindingType]] = FILES.bindings()

    @property
    @abstractmethod
    def file(self) -> Path | None:
        """The file under the cursor."""

    @property
    @abstractmethod
    def marked(self) -> Path | None:
        """The file that is marked."""

    @property
    @abstractmethod
    def others(self) -> Sequence[Path]:
        """Files beside the one under the cursor."""

    @property
    @abstractmethod
    def earlier(self) -> Sequence[Submission]:
        """The earlier submissions of the content of the file, the latest first."""

    @abstractmethod
    def go_to(self, path: Path) -> None:
        """Put the cursor on a file, wherever it is."""

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Grey out what needs a file while there is none under the cursor."""
        if action in _NEED_A_FILE and self.is_mounted and self.file is None:
            return None
        if action == "sent_before" and self.is_mounted and not self.earlier:
            return None
        return super().check_action(action, parameters)

    def tell_why_not(self, action: str) -> None:
        """Say that it takes a file: greyed keys are easily missed."""
        if action in _NEED_A_FILE and self.file is None:
            toast(self.app, CHOOSE_FIRST, severity="warning")
        elif action == "sent_before":
            toast(self.app, _NOT_SENT if self.file else CHOOSE_FIRST, severity="warning")

    def action_open(self) -> None:
        """Page through the records of the file."""
        if self.file is not None:
            self.post_message(OpenRecords(self.file))

    def action_validate(self) -> None:
        """Check the file against OCSF."""
        if self.file is not None:
            self.post_message(OpenValidation(self.file))

    def action_submit(self) -> None:
        """Plan the submission of the file."""
        if self.file is not None:
            self.post_message(OpenSubmit(self.file))

    def action_edit(self) -> None:
        """Hand the file to the editor."""
        if self.file is not None:
            self.post_message(OpenEditor(self.file))

    def action_repair(self) -> None:
        """Write all that is whole in the file to a new one, and go there."""
        # Loaded when it is first asked for, as the other dialog is: the console is to be on the screen soon.
        from screens.repair import RepairDialog

        if self.file is not None:
            self._offer(RepairDialog(self.file, self.config.limits.for_files()))

    def action_convert(self) -> None:
        """Write the findings of the file in another format to a new one, and go there."""
        from screens.convert import ConvertDialog

        if self.file is not None:
            self._offer(ConvertDialog(self.file, self.config.limits.for_files()))

    def _offer(self, dialog: NewFileDialog) -> None:
        """Let a new file be made; then go there if that is wished, or at least show that it is there."""

        def closed(path: Path | None) -> None:
            if path is not None:
                self.go_to(path)
            elif dialog.made is not None:
                self.action_reload()

        self.app.push_screen(dialog, closed)

    @abstractmethod
    def action_reload(self) -> None:
        """Read the folder again."""

    def action_compare(self) -> None:
        """Compare the file with the one that is marked, or ask which is the older one."""
        new = self.file
        if new is None:
            return
        if self.marked is not None and self.marked != new:
            self.post_message(OpenCompare(self.marked, new))
        else:
            self.ask_for_older(new)

    @work(exclusive=True, group="pick")
    async def ask_for_older(self, new: Path) -> None:
        """Ask which file to compare with, of those beside it and those of before."""
        recent = [one.path for one in self.app.memory.now.recent]
        files = [path for path in dict.fromkeys([*self.others, *recent]) if path != new]
        there = await asyncio.to_thread(lambda: [path for path in files if is_there(path)])

        def chosen(index: int | None) -> None:
            if index is not None:
                self.post_message(OpenCompare(there[index], new))

        question = styled("The scan before $name", name=new.name)
        nothing = Content("There is no other file here. Mark one with space, wherever it is, and come back.")
        lines = [styled("$name  [dim]$folder[/dim]", name=one.name, folder=short_path(one.parent)) for one in there]
        self.app.push_screen(PickDialog(question, lines, nothing), chosen)

    @work(exclusive=True, group="pick")
    async def action_recent(self) -> None:
        """Go to a file that something was done with lately. Those that are gone are marked, and stay in the list."""
        recent = self.app.memory.now.recent
        gone = await asyncio.to_thread(lambda: [not is_there(one.path) for one in recent])

        def chosen(index: int | None) -> None:
            if index is not None:
                self.go_to(recent[index].path)

        lines = [
            styled(
                "[$text-error]$gone[/]$name  [dim]$use · $folder[/dim]",
                gone="gone  " if is_gone else "",
                name=one.path.name,
                use=one.use,
                folder=short_path(one.path.parent),
            )
            for one, is_gone in zip(recent, gone, strict=True)
        ]
        self.app.push_screen(PickDialog(Content("Files of before"), lines, _NO_RECENT), chosen)

    def action_sent_before(self) -> None:
        """Open the job that the same content became before; ask which, where there are several."""
        from screens.earlier import open_earlier

        open_earlier(self, self.earlier)
