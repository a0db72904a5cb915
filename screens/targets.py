"""The Targets screen: the destinations, where their secrets come from, and the way to them step by step."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar

from textual import getters, on, work
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.content import Content
from textual.message import Message
from textual.widgets import DataTable
from textual.worker import Worker

from console.config import AnyTargetConfig
from console.credentials import Credentials, Secret, Slot, Source
from console.errors import BadConfig, KeyringUnavailable
from console.targets.base import ProbeStep
from screens.commands.targets import TARGETS, Logout
from screens.login import Keep, Login, LoginScreen
from screens.target_changes import TargetChanges, TargetsChanged
from screens.target_secrets import log_in, log_out
from screens.widgets.dialogs import ConfirmDialog
from screens.widgets.target_panel import TargetPanel
from screens.widgets.target_table import KnownTarget, Place, TargetTable, known_targets
from screens.widgets.text import styled


@dataclass
class TargetsKnown(Message):
    """What there is to know of all targets was looked up."""

    targets: Sequence[KnownTarget]
    in_file: Mapping[str, AnyTargetConfig]
    """Those of the configuration file, as they are there."""
    fault: BadConfig | None
    """Why the file can't be read; None when it can."""
    news: TargetsChanged | None
    """The last change, which nobody has been told of yet."""
    has_keyring: bool
    """Whether secrets can be kept in the keyring, as far as that is known."""


@dataclass
class StepTaken(Message):
    """A step of testing a target ended."""

    target: str
    step: ProbeStep


@dataclass
class TestEnded(Message):
    """The test of a target is over, also where it failed to begin."""

    target: str


@dataclass
class SecretsChanged(Message):
    """A target's secrets were stored or forgotten."""

    target: str
    said: Content
    """What that came to."""
    tests: bool = False
    """Whether the way to the target is to be tested with them."""


class TargetsScreen(TargetChanges):
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
        self._tests: dict[str, Worker[None]] = {}
        """The last test of each target."""
        self._news: TargetsChanged | None = None
        self._has_keyring = True

    @property
    def current(self) -> KnownTarget | None:
        """The target under the cursor."""
        return self.table.target

    def say(self, words: Content) -> None:
        """Say what just happened."""
        self.panel.say(words)

    def compose_body(self) -> ComposeResult:
        """The table over the panel of the target under the cursor."""
        yield TargetTable()
        yield TargetPanel(self.config.keys)

    def on_mount(self) -> None:
        """Look the secrets up."""
        self.table.focus()

    def on_screen_resume(self) -> None:
        """Secrets may have changed meanwhile."""
        self.look_up()

    @work(exclusive=True, group="targets")
    async def look_up(self) -> None:
        """Look up where all targets are kept, and where their secrets come from."""
        news, desk, session = self._news, self.desk, self.app.session_targets
        in_file, fault = await asyncio.to_thread(self._read_file)
        if fault is None:
            await self._follow_file()
        places = {**dict.fromkeys(in_file, Place.FILE), **dict.fromkeys(session, Place.SESSION)}
        known = await asyncio.to_thread(known_targets, desk.config.targets, places, desk.credentials)
        has_keyring = await asyncio.to_thread(_has_keyring, known, desk.credentials)
        self.post_message(TargetsKnown(known, in_file, fault, news, has_keyring=has_keyring))

    async def _follow_file(self) -> None:
        """Use what the file says now, where somebody has changed it meanwhile: what is shown of it is what is used."""
        file = self.app.config_file
        if file is None:
            return
        config = await asyncio.to_thread(file.now)
        if {**config.targets, **self.app.session_targets} != self.config.targets:
            await self.app.use_targets(config)
            said = styled("$path was changed: its targets are used from now on.", path=file.path)
            self.post_message(TargetsChanged("", said))

    def _read_file(self) -> tuple[Mapping[str, AnyTargetConfig], BadConfig | None]:
        """The targets of the configuration file, or why there are none to be had. Runs in a thread."""
        try:
            return (self.app.config_file.alone().targets if self.app.config_file else {}), None
        except BadConfig as error:
            return {}, error

    @on(TargetsKnown)
    def _show_targets(self, message: TargetsKnown) -> None:
        news, self.in_file, self._has_keyring = message.news, message.in_file, message.has_keyring
        self.table.show(message.targets, news.target if news else "")
        self.panel.show(self.table.target)
        self.panel.offer(not any(one.is_ready for one in message.targets))
        fault = message.fault
        self.note_errors([fault] if fault else ())
        if fault:
            self.panel.say(styled("[$text-error]✗ $message[/] $hint", message=fault.message, hint=fault.hint))
        if news is not None and news is self._news:
            self._news = None
            self._tell(news)

    def _tell(self, news: TargetsChanged) -> None:
        """Say what became of a change; with a new target, go on to its secrets and to the test of the way there."""
        self.panel.say(news.said)
        known = self.table.target
        if not news.is_new or known is None or known.name != news.target:
            return
        if not known.is_missing_secrets:
            self._begin_test(known.name)
            return

        def answer(yes: bool | None) -> None:
            if yes:
                self._ask_for_secrets(known, tests=True)

        question = styled("$said Log in to it now?", said=news.said.plain)
        self.app.push_screen(ConfirmDialog(question, yes=Content("Log in"), no=Content("Later")), answer)

    @on(DataTable.RowHighlighted)
    def _show_target(self) -> None:
        self.panel.show(self.table.target)

    def action_refresh_now(self) -> None:
        """Look the secrets up again."""
        self.look_up()

    def action_test(self) -> None:
        """Test the way to the target, step by step."""
        if self.table.target is not None:
            self._begin_test(self.table.target.name)

    def _begin_test(self, name: str) -> None:
        """Test a target, whatever others are being tested."""
        if name not in self._tests or self._tests[name].is_finished:
            self.panel.begin_test(name)
            self._tests[name] = self.test(name)

    @work(group="test")
    async def test(self, name: str) -> None:
        """Probe a target, and tell each step as it ends."""
        try:
            target = await self.app.desk.target(name)
            async for step in target.probe():
                self.post_message(StepTaken(name, step))
        finally:
            self.post_message(TestEnded(name))

    @on(StepTaken)
    def _show_step(self, message: StepTaken) -> None:
        self.panel.add_step(message.target, message.step)
        if message.step.error is not None:
            self.app.log_of_session.add(message.step.error)

    @on(TestEnded)
    def _show_end(self, message: TestEnded) -> None:
        self.panel.end_test(message.target)

    def action_login(self) -> None:
        """Ask for the secrets of the target and keep them."""
        if self.table.target is not None:
            self._ask_for_secrets(self.table.target)

    def _ask_for_secrets(self, known: KnownTarget, *, tests: bool = False) -> None:
        """Ask for the secrets of a target; *tests* it afterwards."""
        if known.access.elsewhere:
            how = known.access.elsewhere
            self.panel.say(styled("$target: AWS keeps its credentials. $how.", target=known.name, how=how))
            return

        self._open_login(known, Keep.KEYRING if self._has_keyring else Keep.SESSION, {}, tests=tests)

    def _open_login(self, known: KnownTarget, usual: Keep, typed: Mapping[Slot, Secret], *, tests: bool) -> None:
        def answer(login: Login | None) -> None:
            if login is not None:
                self.keep(known, login, tests=tests)

        self.app.push_screen(LoginScreen(known.name, known.access, usual=usual, typed=typed), answer)

    @work(group="secrets")
    async def keep(self, known: KnownTarget, login: Login, *, tests: bool) -> None:
        """Keep what was typed in. What no keyring takes is asked for again, as it was typed."""
        try:
            said = await log_in(self.desk, known.name, known.access, login, TARGETS.key_of(Logout, self.config.keys))
        except KeyringUnavailable as error:
            self._open_login(known, Keep.SESSION, login.secrets, tests=tests)
            self.fail(error)
            return
        self.post_message(SecretsChanged(known.name, said, tests=tests))

    def action_logout(self) -> None:
        """Forget the secrets of the target, after asking."""
        known = self.table.target
        if known is None:
            return
        if known.access.elsewhere:
            self.panel.say(styled("$target: AWS keeps its credentials: there is nothing to forget.", target=known.name))
            return
        self.ask_to_forget(known)

    def ask_to_forget(self, known: KnownTarget) -> None:
        """Ask whether the secrets of a target shall be forgotten."""

        def answer(yes: bool | None) -> None:
            if yes:
                self.forget(known)

        question = styled(
            "Forget the secrets of [b]$target[/b], in the keyring and in this session?", target=known.name
        )
        self.app.push_screen(ConfirmDialog(question, yes=Content("Log out"), variant="warning"), answer)

    @work(group="secrets")
    async def forget(self, known: KnownTarget) -> None:
        """Remove the secrets of a target."""
        self.post_message(SecretsChanged(known.name, await log_out(self.desk, known)))

    @on(SecretsChanged)
    def _show_change(self, message: SecretsChanged) -> None:
        self.panel.forget_test(message.target)
        self.panel.say(message.said)
        self.look_up()
        if message.tests:
            self._begin_test(message.target)

    @on(TargetsChanged)
    def _show_targets_change(self, message: TargetsChanged) -> None:
        self.panel.forget_test(message.target)
        self._news = message
        self.look_up()


def _has_keyring(known: Sequence[KnownTarget], credentials: Credentials) -> bool:
    """Whether the keyring can be used. It is not asked where the environment holds every secret. Runs in a thread."""
    elsewhere = all(found.source is Source.ENVIRONMENT for one in known for _, found in one.found)
    return elsewhere or credentials.backend().usable
