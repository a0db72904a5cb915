"""Targets that come, change and go: what is asked, what is written, and who is told."""

from __future__ import annotations

import asyncio
from abc import abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass

from textual import work
from textual.content import Content
from textual.message import Message

from console.config import AnyTargetConfig
from console.config_file import ConfigFile
from console.credentials import Source
from console.errors import ConsoleError
from screens.base import ConsoleScreen
from screens.local_sandbox import NAME
from screens.target_form import Draft, TargetForm, draft_of
from screens.widgets.dialogs import ConfirmDialog
from screens.widgets.target_table import KnownTarget, Place
from screens.widgets.text import styled


@dataclass
class TargetsChanged(Message):
    """A target was added, changed or removed."""

    target: str
    said: Content
    """What that came to."""
    is_new: bool = False


class TargetChanges(ConsoleScreen):
    """A screen with a target under its cursor that can be changed. It posts `TargetsChanged`."""

    def __init__(self) -> None:
        super().__init__()
        self.in_file: Mapping[str, AnyTargetConfig] = {}
        """The targets of the configuration file, as they are there."""

    @property
    @abstractmethod
    def current(self) -> KnownTarget | None:
        """The target under the cursor."""

    @abstractmethod
    def say(self, words: Content) -> None:
        """Say what just happened."""

    @abstractmethod
    def ask_to_forget(self, known: KnownTarget) -> None:
        """Ask whether the secrets of a target shall be forgotten."""

    def action_add(self) -> None:
        """Ask for a new target."""
        self._ask_for(Draft(), Content("Add a target"))

    def action_edit(self) -> None:
        """Ask for other settings of the target; or, where it is in no file, for those to keep."""
        known = self.current
        if known is None:
            return
        draft = draft_of(known.name, self.in_file.get(known.name) or self.config.targets[known.name])
        if known.place is Place.FILE:
            self._ask_for(draft, styled("Settings of $target", target=known.name), is_named=True)
        else:
            self._ask_for(draft, styled("Copy $target into the configuration file", target=known.name))

    def _ask_for(self, draft: Draft, title: Content, *, is_named: bool = False) -> None:
        file = self.app.config_file
        if file is None:
            self.say(Content("There is no configuration file in this session: targets can't be kept."))
            return

        def answer(chosen: Draft | None) -> None:
            if chosen is not None:
                self.save(file, chosen, title, is_named=is_named)

        self.app.push_screen(TargetForm(title, draft, taken=self.in_file, is_named=is_named), answer)

    @work(group="config")
    async def save(self, file: ConfigFile, draft: Draft, title: Content, *, is_named: bool) -> None:
        """Keep a target in the file. What can't be kept is asked for again, as it was typed."""
        try:
            write = file.edit if is_named else file.add
            config = await asyncio.to_thread(write, draft.name, draft.values)
        except ConsoleError as error:
            self._ask_for(draft, title, is_named=is_named)
            self.fail(error)
            return
        await self.app.use_targets(config)
        said = styled("$target: kept in $path.", target=draft.name, path=file.path)
        self.post_message(TargetsChanged(draft.name, said, is_new=not is_named))

    def action_remove(self) -> None:
        """Take the target out of the file, after asking."""
        known, file = self.current, self.app.config_file
        if known is None:
            return
        if known.place is not Place.FILE or file is None:
            self.say(styled("$target is in no configuration file: nothing can be removed.", target=known.name))
            return

        def answer(yes: bool | None) -> None:
            if yes:
                self.remove_target(file, known)

        question = styled("Remove the target [b]$target[/b] from $path?", target=known.name, path=file.path)
        self.app.push_screen(ConfirmDialog(question, yes=Content("Remove"), variant="warning"), answer)

    @work(group="config")
    async def remove_target(self, file: ConfigFile, known: KnownTarget) -> None:
        """Take a target out of the file, and ask what shall become of its secrets."""
        await self.app.use_targets(await asyncio.to_thread(file.remove, known.name))
        self.post_message(TargetsChanged(known.name, styled("$target: removed.", target=known.name)))
        if any(found.source in (Source.KEYRING, Source.SESSION) for _, found in known.found):
            self.ask_to_forget(known)

    @work(group="config")
    async def action_sandbox(self) -> None:
        """Start a sandbox, and make a target of it for this session."""
        self.say(Content("Starting a sandbox on this machine …"))
        self.app.session_targets[NAME] = await self.app.sandbox.start(self.desk)
        self.app.choose_target(NAME)
        await self.app.use_targets(self.config)
        said = styled("$target: runs until you leave the console. Send it what you like.", target=NAME)
        self.post_message(TargetsChanged(NAME, said, is_new=True))
