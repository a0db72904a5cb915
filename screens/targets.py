"""The Targets screen: the destinations, where their secrets come from, and the way to them step by step."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from textual import getters, on, work
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.content import Content
from textual.message import Message
from textual.widgets import DataTable
from textual.worker import Worker

from console.credentials import Found, Source
from console.targets.base import ProbeStep
from console.targets.registry import Access
from screens.base import ConsoleScreen
from screens.commands.targets import TARGETS
from screens.login import Keep, Login, LoginScreen
from screens.widgets.dialogs import ConfirmDialog
from screens.widgets.target_panel import TargetPanel
from screens.widgets.target_table import KnownTarget, TargetTable, known_targets
from screens.widgets.text import styled


@dataclass
class TargetsKnown(Message):
    """Where the secrets of all targets come from was looked up."""

    targets: Sequence[KnownTarget]


@dataclass
class StepTaken(Message):
    """A step of testing a target ended."""

    target: str
    step: ProbeStep


@dataclass
class TestEnded(Message):
    """The test of a target is over, also where it failed to begin."""


@dataclass
class SecretsChanged(Message):
    """A target's secrets were stored or forgotten."""

    target: str
    said: Content
    """What that came to."""


class TargetsScreen(ConsoleScreen):
    """Where findings can be sent, and whether the way there is open.

    Secrets come from the environment, then from the keyring, then from what was typed in for this session. They are
    never shown.
    """

    TITLE = "Targets"
    CSS_PATH = "targets.tcss"

    BINDINGS: ClassVar[list[BindingType]] = TARGETS.bindings()

    table = getters.query_one(TargetTable)
    panel = getters.query_one(TargetPanel)

    def __init__(self) -> None:
        super().__init__()
        self._testing: Worker[None] | None = None

    def compose_body(self) -> ComposeResult:
        """The table over the panel of the target under the cursor."""
        yield TargetTable()
        yield TargetPanel()

    def on_mount(self) -> None:
        """Look the secrets up."""
        self.table.focus()

    def on_screen_resume(self) -> None:
        """Secrets may have changed meanwhile."""
        self.look_up()

    @work(exclusive=True, group="targets")
    async def look_up(self) -> None:
        """Look up where the secrets of all targets come from."""
        desk = self.app.desk
        self.post_message(TargetsKnown(await asyncio.to_thread(known_targets, desk.config, desk.credentials)))

    @on(TargetsKnown)
    def _show_targets(self, message: TargetsKnown) -> None:
        self.table.show(message.targets)
        self.panel.show(self.table.target)

    @on(DataTable.RowHighlighted)
    def _show_target(self) -> None:
        self.panel.show(self.table.target)

    def action_refresh_now(self) -> None:
        """Look the secrets up again."""
        self.look_up()

    def action_test(self) -> None:
        """Test the way to the target, step by step."""
        known = self.table.target
        if known is not None and (self._testing is None or self._testing.is_finished):
            self.panel.begin_test(known.name)
            self._testing = self.test(known.name)

    @work(group="test")
    async def test(self, name: str) -> None:
        """Probe a target, and tell each step as it ends."""
        try:
            target = await self.app.desk.target(name)
            async for step in target.probe():
                self.post_message(StepTaken(name, step))
        finally:
            self.post_message(TestEnded())

    @on(StepTaken)
    def _show_step(self, message: StepTaken) -> None:
        self.panel.add_step(message.target, message.step)

    @on(TestEnded)
    def _show_end(self) -> None:
        self.panel.end_test()

    def action_login(self) -> None:
        """Ask for the secrets of the target and keep them."""
        known = self.table.target
        if known is None:
            return
        if known.access.elsewhere:
            how = known.access.elsewhere
            self.panel.say(styled("$target: AWS keeps its credentials. $how.", target=known.name, how=how))
            return

        def answer(login: Login | None) -> None:
            if login is not None:
                self.keep(known.name, known.access, login)

        self.app.push_screen(LoginScreen(known.name, known.access), answer)

    @work(group="secrets")
    async def keep(self, name: str, wanted: Access, login: Login) -> None:
        """Keep what was typed in, and let the target be opened anew with what is found now."""
        try:
            found = await asyncio.to_thread(self._keep, name, wanted, login)
        finally:
            await self.app.desk.forget_target(name)
        self.post_message(SecretsChanged(name, _logged_in(name, login.keep, found)))

    def _keep(self, name: str, wanted: Access, login: Login) -> list[Found]:
        """Hand secrets to their keeper, and see which it finds then. Runs in a thread: the keyring may wait."""
        credentials = self.app.desk.credentials
        for slot, secret in login.secrets.items():
            if login.keep is Keep.KEYRING:
                credentials.store(name, wanted.origin, slot, secret)
            else:
                credentials.remember(name, wanted.origin, slot, secret)
        return [credentials.find(name, wanted.origin, slot) for slot in wanted.slots]

    def action_logout(self) -> None:
        """Forget the secrets of the target, after asking."""
        known = self.table.target
        if known is None:
            return
        if known.access.elsewhere:
            self.panel.say(styled("$target: AWS keeps its credentials: there is nothing to forget.", target=known.name))
            return

        def answer(yes: bool | None) -> None:
            if yes:
                self.forget(known)

        question = styled(
            "Forget the secrets of [b]$target[/b], in the keyring and in this session?", target=known.name
        )
        self.app.push_screen(ConfirmDialog(question, yes=Content("Log out"), variant="warning"), answer)

    @work(group="secrets")
    async def forget(self, known: KnownTarget) -> None:
        """Remove the secrets of a target, and let it be opened anew without them."""
        try:
            places = await asyncio.to_thread(self._forget, known.name, known.access)
        finally:
            # A keyring that fails does not keep this session from forgetting.
            await self.app.desk.forget_target(known.name)
        self.post_message(SecretsChanged(known.name, _forgotten(known, places)))

    def _forget(self, name: str, wanted: Access) -> set[Source]:
        """Tell the keeper of the secrets to forget them. Runs in a thread. Returns where there were some."""
        credentials = self.app.desk.credentials
        return {place for slot in wanted.slots for place in credentials.forget(name, wanted.origin, slot)}

    @on(SecretsChanged)
    def _show_change(self, message: SecretsChanged) -> None:
        self.panel.forget_test(message.target)
        self.panel.say(message.said)
        self.look_up()


def _logged_in(name: str, keep: Keep, found: Sequence[Found]) -> Content:
    """What logging in came to: what is looked for first wins, and that need not be what was typed in."""
    winner = next((one for one in found if one.source is not Source(keep)), None)
    if winner is None:
        return styled("Logged in to $target, $keep.", target=name, keep=keep.words)
    match winner.source:
        case Source.ENVIRONMENT:
            why = f"{winner.detail} in the environment comes first. Unset it and start again."
        case Source.KEYRING:
            why = f"what the {winner.detail} holds comes first. Press o to forget both, then log in again."
        case _:
            why = f"{winner.detail} That comes first: mend it and start again."
    return styled(
        "[$text-warning]! $target: what you typed in is $keep and not in use: $why[/]",
        target=name,
        keep=keep.words,
        why=why,
    )


def _forgotten(known: KnownTarget, places: set[Source]) -> Content:
    """What logging out came to: what the environment holds is not ours to remove."""
    variable = next((found.detail for _, found in known.found if found.source is Source.ENVIRONMENT), None)
    if variable is not None:
        return styled("$target: the environment still gives the secret ($name).", target=known.name, name=variable)
    if not places:
        return styled("$target: there was nothing to forget.", target=known.name)
    return styled("$target: forgotten ($places).", target=known.name, places=", ".join(sorted(places)))
