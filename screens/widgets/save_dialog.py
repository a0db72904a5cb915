"""Asks for the file that something is written into, by its name, and says what is wrong with it while it is typed."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Sequence
from pathlib import Path
from typing import ClassVar

from textual import getters, on, work
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.message import Message
from textual.widgets import Input, Static

from screens.commands.dialogs import FORM
from screens.widgets.dialog import Dialog
from screens.widgets.plain_input import PlainInput
from screens.widgets.text import plain, styled

_NOTHING = Content("")


class Found(Message):
    """What is at the place that was typed."""

    def __init__(self, path: Path, fault: Content) -> None:
        super().__init__()
        self.path = path
        self.fault = fault
        """Why it can't be written there; empty where it can."""


class SaveDialog(Dialog[Path | None]):
    """One line for the name of a new file, whose ending says the format. None when the user thinks better of it.

    What is there already is never written over.
    """

    BINDINGS: ClassVar[list[BindingType]] = FORM.bindings()

    name_input = getters.query_one(Input)
    wrong = getters.query_one("#wrong", Static)

    def __init__(self, title: Content, name: str, suffixes: Sequence[str]) -> None:
        """Offer *name*; what is typed must end in one of *suffixes*, the dot included."""
        super().__init__()
        self._title = title
        self._offered = name
        self._suffixes = tuple(suffixes)

    def compose(self) -> ComposeResult:
        """The title over the line, and what is wrong with it."""
        with Vertical(classes="dialog"):
            yield Static(self._title, classes="dialog-title")
            yield PlainInput(value=self._offered, id="name", compact=True, select_on_focus=False)
            yield Static(id="wrong", classes="dialog-wrong")
            yield Static(
                styled("[b]enter[/b] write   [b]esc[/b] cancel   ending $endings", endings=" or ".join(self._suffixes)),
                classes="dialog-keys",
            )

    @on(Input.Changed)
    def _check(self) -> None:
        """Say what is wrong with the name, without a look at the disk."""
        self.wrong.update(self._fault)

    @property
    def _fault(self) -> Content:
        text = self.name_input.value
        if not text.strip() or text.endswith("/"):
            return Content("Write the name of a file.")
        if not text.lower().endswith(self._suffixes):
            return styled("The ending says the format: $endings.", endings=" or ".join(self._suffixes))
        return plain("A name can't hold this character.") if not text.isprintable() else _NOTHING

    @on(Input.Submitted)
    def _submit(self) -> None:
        if not self._fault:
            self.look_there(Path(self.name_input.value.strip()))

    @work(exclusive=True, group="save")
    async def look_there(self, typed: Path) -> None:
        """Look what is there."""
        path, fault = await asyncio.to_thread(_looked, typed)
        self.post_message(Found(path, fault))

    @on(Found)
    def _found(self, message: Found) -> None:
        if message.fault:
            self.wrong.update(message.fault)
        else:
            self.dismiss(message.path)

    def action_cancel(self) -> None:
        """Close and write nothing."""
        self.dismiss(None)


def _looked(typed: Path) -> tuple[Path, Content]:
    """The whole path of what was typed, and what stands against writing there."""
    # Unlike that of `Path`, this leaves the home of nobody as it was typed.
    path = Path(os.path.expanduser(typed)).absolute()  # noqa: PTH111
    if path.is_dir():
        return path, styled("$path is a folder.", path=path)
    if not path.parent.is_dir():
        return path, styled("There is no folder $folder.", folder=path.parent)
    if os.path.lexists(path):
        return path, styled("$path is there already: choose another name.", path=path)
    return path, _NOTHING
