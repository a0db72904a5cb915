"""What every screen has: the frame around it, the way back, and the desk. Screens see the app as no more than this."""

from __future__ import annotations

import asyncio
import os
from abc import abstractmethod
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cached_property
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, ClassVar, Final

from msgspec import structs
from textual import getters, work
from textual._context import active_message_pump
from textual.actions import ActionParseResult
from textual.app import App, ComposeResult
from textual.await_complete import AwaitComplete
from textual.binding import BindingType
from textual.command import CommandList, CommandPalette
from textual.content import Content
from textual.dom import DOMNode
from textual.errors import NoWidget
from textual.events import Click, Event, Mount, MouseDown, MouseEvent, MouseUp, Resize
from textual.events import Key as KeyPress
from textual.screen import Screen
from textual.signal import Signal
from textual.widgets import OptionList

from console.config import AnyTargetConfig, Config
from console.config_file import ConfigFile
from console.errors import ConsoleError
from screens.commands.everywhere import APP, SCREEN, Files, Jobs, Targets
from screens.event_log import EventLog
from screens.file_facts import FileFacts
from screens.local_sandbox import LocalSandbox
from screens.lookout import End, Key, Lookout
from screens.memory import Memory, Remembered
from screens.widgets.dialog import take_size
from screens.widgets.dialogs import ConfirmDialog
from screens.widgets.half_page import turn_half_page
from screens.widgets.keys import Keys
from screens.widgets.live_options import take_click
from screens.widgets.text import plain
from screens.widgets.title_bar import TitleBar

if TYPE_CHECKING:
    from console.submissions.desk import Desk
    from console.submissions.model import TrackedJob
    from console.targets.offline import Rules

_NOTHING: Final = Content("")
_REST: Final = 1.0
"""Seconds without a change after which what is remembered is written down."""


class PaletteList(CommandList):
    """The commands that are found, as one types."""

    async def _on_click(self, event: Click) -> None:
        take_click(self, event)


class Palette(CommandPalette):
    """The command palette. It takes no click beside the terminal, as after the window became smaller: Textual fails.

    It offers nothing where it is not on top when it comes to be there: the screen below it may have closed it already.
    """

    def compose(self) -> ComposeResult:
        """Textual's own, with our list in it."""
        for widget in super().compose():
            yield PaletteList() if isinstance(widget, CommandList) else widget

    def _on_mount(self, event: Mount) -> None:
        if self.app.screen is not self:
            event.prevent_default()

    async def _on_resize(self, event: Resize) -> None:
        take_size(self, event)

    def _on_click(self, event: Click) -> None:  # type: ignore[override] # as Textual's own has it
        if not self.region.contains(event.screen_x, event.screen_y):
            event.prevent_default()


class DeskApp(App[None]):
    """The app, as far as screens know it."""

    def __init__(
        self, config: Config, open_desk: Callable[[], Desk], memory: Memory, config_file: ConfigFile | None = None
    ) -> None:
        # Without colours, those of the terminal are the ones that Textual takes away whole: of its own it makes greys.
        super().__init__(ansi_color=True if "NO_COLOR" in os.environ else None)
        self._config = config
        """The configuration of the start."""
        self._open_desk = open_desk
        self._desk: Desk | None = None
        self._opening = Lock()
        self.config_file = config_file
        """Where targets are kept; None where they are for this session only."""
        self.session_targets: dict[str, AnyTargetConfig] = {}
        """Targets that are in no file, and go when the app does; changed before `use_targets`."""
        self.sandbox = LocalSandbox()
        """A stand-in for a target, for those who have none."""
        self.targets_changed: Signal[Config] = Signal(self, "targets-changed")
        """Tells the configuration when targets were added, changed or removed."""
        self.memory = memory
        """What is remembered from run to run; changed by `remember` alone."""
        self.last_target = memory.now.target
        """The target that was chosen last, or came last for this session: the one that is offered first."""
        self.stdin: Path | None = None
        """The file that holds what came on stdin, as long as the console runs; None where nothing did."""
        self.log_of_session = EventLog()
        """What went wrong in this session."""
        self.facts = FileFacts()
        """What is known of finding files in this session."""
        self.lookout = Lookout(self._look_at_job, config.ui.refresh_seconds)
        """The jobs whose end is told, wherever the operator is by then."""
        self.jobs_ended: Signal[Sequence[End]] = Signal(self, "jobs-ended")
        """Tells which watched jobs have ended, whether or not that is announced."""

    @property
    def desk(self) -> Desk:
        """What screens ask for everything that is not on this machine's disk. Opened when it is first asked for.

        May be asked for on any thread.
        """
        with self._opening:
            if self._desk is None:
                self._desk = self._open_desk()
            return self._desk

    @property
    def config(self) -> Config:
        """The configuration of now: that of the desk, which is not opened for it."""
        return self._config if self._desk is None else self._desk.config

    async def close_desk(self) -> None:
        """Close the desk, if it was opened."""
        if self._desk is not None:
            await self._desk.close()

    async def _look_at_job(self, target: str, job: str) -> TrackedJob:
        return await self.desk.job(target, job)

    @cached_property
    def rules(self) -> Rules:
        """What files are held to in this session."""
        from console.targets.offline import Rules

        return Rules()

    async def use_targets(self, config: Config) -> None:
        """Let everybody work with the targets of *config*, and with those of this session, from now on."""
        await self.desk.use_targets({**config.targets, **self.session_targets})
        self.targets_changed.publish(self.config)

    def remember(self, remembered: Remembered) -> None:
        """Remember this in place of what was remembered, and write it down soon."""
        if remembered != self.memory.now:
            self.memory.now = remembered
            self.keep_memory()

    @work(exclusive=True, group="memory")
    async def keep_memory(self) -> None:
        """Write down what is remembered once it rests."""
        await asyncio.sleep(_REST)
        await self.memory.keep_meanwhile()

    def choose_target(self, name: str) -> None:
        """Offer a target first from now on; also in later runs, unless it goes with this one."""
        self.last_target = name
        if name not in self.session_targets:
            self.remember(structs.replace(self.memory.now, target=name))

    def pop_screen(self) -> AwaitComplete:
        """Close the screen on top; or the screen that asks for it, with what has come to lie on it.

        Nothing is closed when a screen asks that is closed already, as at the second of two quick clicks: Textual would
        close the one below it, or fail where there is none.
        """
        asks = active_message_pump.get(self)
        if isinstance(asks, Screen) and asks is not self.screen:
            if asks not in self.screen_stack:
                return AwaitComplete()
            while self.screen is not asks:
                super().pop_screen()
        return super().pop_screen()

    @abstractmethod
    def await_end(self, job: Key) -> None:
        """Have the end of a job told, wherever the operator is by then."""

    def toggle_watch(self, job: Key) -> None:
        """Have the end of a job told, or no longer."""
        if job in self.lookout.watched:
            self.lookout.remove(job)
        else:
            self.await_end(job)

    def action_command_palette(self) -> None:
        """Open the palette, unless one lies below another screen or is about to go: Textual fails at a second one."""
        if not any(isinstance(screen, CommandPalette) for screen in self._nodes):
            self.push_screen(Palette(id="--command-palette"))

    async def on_event(self, event: Event) -> None:
        """Let the mouse be, where it is on something that has gone and is drawn for a moment more: Textual would fail.

        A button that is let go is told all the same: what it holds must not stay held.

        Drop what was pressed before a question was seen. A key comes by here twice: on its way to what has the focus,
        and back from there where that has no use for it.
        """
        asked = self.screen if self._screen_stack else None
        if isinstance(event, (KeyPress, MouseDown)) and isinstance(asked, ConfirmDialog) and asked.is_early(event):
            return
        if isinstance(event, MouseEvent) and not isinstance(event, MouseUp) and self._has_gone(event):
            return
        await super().on_event(event)

    def _has_gone(self, event: MouseEvent) -> bool:
        try:
            widget, _ = self.get_widget_at(int(event.screen_x), int(event.screen_y))
        except NoWidget:
            return False
        return not widget.is_attached

    @property
    def open_screens(self) -> Sequence[Screen[object]]:
        """The screens of all modes."""
        return [screen for stack in self._screen_stacks.values() for screen in stack]

    def is_here(self, node: DOMNode) -> bool:
        """Whether a node is the app, or part of a screen that is open: not one that is on its way in or out."""
        if node is self:
            return True
        return node.is_attached and not node._pruning and node.screen.is_mounted and node.screen in self.open_screens

    def _is_on_top(self, node: DOMNode) -> bool:
        """Whether a node is the app, or part of the screen that nothing lies on."""
        return node is self or (self.is_here(node) and node.screen is self.screen)

    def action_half_page(self, pages: int) -> None:
        """Move the list, the tree or the text that has the focus by some halves of a page."""
        turn_half_page(self.focused, pages)

    async def action_switch_mode(self, mode: str) -> None:
        """Go to a mode, unless a dialog lies on top: the key was pressed before it came, and the mode lies below."""
        if not self.screen.is_modal:
            await super().action_switch_mode(mode)

    async def run_action(
        self,
        action: str | ActionParseResult,
        default_namespace: DOMNode | None = None,
        namespaces: Mapping[str, DOMNode] | None = None,
    ) -> bool:
        """Carry an action out, but turn no page of a list for which there is no room: Textual would fail there."""
        asked = default_namespace
        if asked is not None and not self._is_on_top(asked):
            # What was asked for before there was anything on its screen, or before that was left or covered: to go back
            # would take away what lies on top.
            return False
        lists = asked.query(OptionList) if isinstance(asked, CommandPalette) else [asked]
        has_no_room = any(isinstance(one, OptionList) and not one.scrollable_content_region for one in lists)
        if has_no_room and "page_" in str(action):
            return False
        if await super().run_action(action, default_namespace, namespaces):
            return True
        if isinstance(asked, ConsoleScreen):
            asked.tell_why_not(str(action))
        return False

    @abstractmethod
    def show_error(self, error: ConsoleError) -> None:
        """Show an error in a dialog. The app lives on."""


class ConsoleScreen(Screen[None]):
    """A full screen: a title bar, the body, and a footer with the keys.

    A screen names itself in `TITLE` (a literal), and yields its body from `compose_body`. What it
    is looking at goes into the title bar by `show_context`. A worker that raises a `ConsoleError` has it shown as a
    dialog, and so has any other failure of a worker; a screen that wants to do more about it catches it in the worker
    and posts a message.
    """

    app = getters.app(DeskApp)
    title_bar = getters.query_one(TitleBar)

    BINDINGS: ClassVar[list[BindingType]] = SCREEN.bindings()

    _noted: frozenset[str] = frozenset()
    """The messages of the errors that stand in a line of this screen."""

    async def _on_resize(self, event: Resize) -> None:
        take_size(self, event)

    def compose(self) -> ComposeResult:
        """The frame, with the body in it."""
        keys = [APP.key_of(command, self.config.keys) for command in (Files, Jobs, Targets)]
        yield TitleBar(self.app.current_mode, plain(self.TITLE or ""), keys, read_only=self.config.ui.read_only)
        yield from self.compose_body()
        yield Keys(show_command_palette=False)

    @abstractmethod
    def compose_body(self) -> ComposeResult:
        """The widgets between title bar and footer."""

    def show_context(self, context: Content, note: Content = _NOTHING) -> None:
        """Say in the title bar what the screen is looking at, and on its right a few words about that.

        Both are made by `plain` or `styled`. The context is cut when space is short; the note is not.
        """
        self.title_bar.context = context
        self.title_bar.note = note

    @property
    def desk(self) -> Desk:
        """The operator's desk."""
        return self.app.desk

    @property
    def config(self) -> Config:
        """The configuration of now."""
        return self.app.config

    def note_errors(self, errors: Iterable[ConsoleError]) -> None:
        """Put errors into the log that stand in a line of this screen from now on; not again those that stood there."""
        now = {error.message: error for error in errors}
        for message in now.keys() - self._noted:
            self.app.log_of_session.add(now[message])
        self._noted = frozenset(now)

    def fail(self, error: ConsoleError) -> None:
        """Show an error in a dialog."""
        self.app.show_error(error)

    @property
    def is_sending(self) -> bool:
        """Whether findings are on their way from here: quitting asks first."""
        return False

    @property
    def shown_job(self) -> Key | None:
        """The job that this screen follows, if it does: its end need not be told."""
        return None

    @property
    def on_top_level(self) -> bool:
        """Whether this is a mode's own screen: there is nothing to go back to."""
        return self.app.screen_stack[0] is self

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Offer the way back only where there is one."""
        return not self.on_top_level if action == "back" else super().check_action(action, parameters)

    def tell_why_not(self, action: str) -> None:  # most screens have nothing to say
        """Say why something could not be done that was asked for, and what to do first."""

    def action_back(self) -> None:
        """Return to the screen before this one."""
        self.dismiss()
