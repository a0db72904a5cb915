"""The app: the three modes, the way between screens, and what happens when something goes wrong."""

from __future__ import annotations

import asyncio
import gc
import os
import signal
from collections.abc import Callable, Iterable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar, Final

from msgspec import structs
from textual import on, work
from textual._context import active_message_pump
from textual.app import SuspendNotSupported, SystemCommand
from textual.binding import ActiveBinding, BindingType
from textual.content import Content
from textual.css.query import NoMatches
from textual.dom import DOMNode
from textual.driver import Driver
from textual.drivers.linux_driver import LinuxDriver
from textual.screen import Screen
from textual.theme import Theme
from textual.types import CSSPathType
from textual.worker import WorkerFailed, get_current_worker

from console.config import Config
from console.config_file import ConfigFile
from console.errors import BadInput, ConsoleError
from console.paths import is_folder
from console.progress import Cancel, in_thread
from screens import loading, navigation
from screens.base import ConsoleScreen, DeskApp
from screens.commands.everywhere import APP
from screens.editor import edit, editor_command
from screens.files import FilesScreen
from screens.help import HelpScreen
from screens.lookout import Key
from screens.memory import Memory
from screens.mishaps import REPORT_LINES, crash_report, unexpected
from screens.recent import RecentFile, Use, read, with_recent
from screens.terminal_driver import TerminalDriver
from screens.widgets.dialogs import ConfirmDialog, ErrorDialog
from screens.widgets.text import notice, page, toast

if TYPE_CHECKING:
    from console.submissions.desk import Desk
    from screens.widgets.end_words import Severity

_USUAL_THEME: Final = "textual-dark"
_BARE_THEME: Final = "ansi-dark"
"""The theme for who wants no colours: it has none but the terminal's, which are taken away."""
_ENDING: Final = (signal.SIGTERM, signal.SIGHUP)
"""Signals on which the terminal is given back as it was. What is being sent is in the ledger."""
_SYSTEM_COMMANDS: Final = frozenset({"Theme", "Quit", "Maximize", "Minimize"})
"""What stays of Textual's own palette. Its help panel gives way to ours, and its screenshot writes files."""


class ConsoleApp(DeskApp):
    """The terminal UI, around one desk."""

    TITLE = "ocsf-console"
    # Those of the first screen too: what comes later has Textual read all of it once more.
    CSS_PATH: ClassVar[CSSPathType | None] = ["app.tcss", "files.tcss"]
    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (100, "-wide")]
    DEFAULT_MODE = "files"
    BINDINGS: ClassVar[list[BindingType]] = APP.bindings()

    def __init__(
        self,
        config: Config,
        open_desk: Callable[[], Desk],
        start: Path | None = None,
        memory: Memory | None = None,
        config_file: ConfigFile | None = None,
    ) -> None:
        """Open at *start*, a folder or a finding file; without one in the folder of the last time, or in this one."""
        super().__init__(config, open_desk, memory or Memory(None), config_file)
        self.start = start or _last_folder(self.memory) or Path.cwd()
        """Where the Files screen opens."""
        self.theme = _BARE_THEME if self.no_color else self._known_theme(self._chosen_theme, self._usual_theme)
        self.add_mode("files", lambda: FilesScreen(self.start))
        self.add_mode("jobs", loading.jobs)
        self.add_mode("targets", loading.targets)

    def get_driver_class(self) -> type[Driver]:
        """The driver: in a terminal, ours."""
        chosen = super().get_driver_class()
        return TerminalDriver if chosen is LinuxDriver else chosen

    @property
    def _background_screens(self) -> list[Screen[object]]:
        """None behind a screen that covers them: Textual (8.2) draws that anew whenever the one behind it changes."""
        return super()._background_screens if self.screen.styles.background.a < 1 else []

    def on_load(self) -> None:
        """Put the keys of the configuration in place of ours, and remember each theme that is chosen.

        Tasks begin as in Python 3.11. From 3.12 on Textual has them begin at once: a screen is filled before it is the
        screen, and the first of a mode fails at its first `Input` (Textual 8.2).
        """
        asyncio.get_running_loop().set_task_factory(None)
        self.set_keymap(self.config.keys)
        self.theme_changed_signal.subscribe(self, self._remember_theme)

    def on_ready(self) -> None:
        """Wait until the first screen is seen as well."""
        self.screen.call_after_refresh(self._go_on)

    def _go_on(self) -> None:
        """Show what came on stdin. Then nobody waits for anything: look for garbage again, and load what comes next."""
        if self.stdin is not None:
            self.post_message(navigation.OpenRecords(self.stdin))
        gc.enable()
        self.load_ahead()

    @work(group="load")
    async def load_ahead(self) -> None:
        """Load what the operator is likely to open.

        That stays, so no look for garbage goes through it any more: each would hold up the keys for 0.1 s and longer.
        But where there is no terminal, there may be other apps in the process.
        """
        cancel = Cancel()
        await in_thread(cancel, partial(loading.load_ahead, cancel))
        if not self.is_headless:
            gc.freeze()

    @property
    def _usual_theme(self) -> str:
        """The theme of the configuration."""
        return self._known_theme(self.config.ui.theme, _USUAL_THEME)

    @property
    def _chosen_theme(self) -> str:
        """The theme that was chosen in place of that; empty where none was."""
        now = self.memory.now
        return now.theme if now.theme_instead_of == self._usual_theme else ""

    def _known_theme(self, theme: str, otherwise: str) -> str:
        return theme if theme in self.available_themes else otherwise

    def _remember_theme(self, theme: Theme) -> None:
        """Remember a theme, unless it is the usual one: that of the start is told too."""
        if not self.no_color:
            usual = self._usual_theme
            chosen = theme.name if theme.name != usual else ""
            self.remember(structs.replace(self.memory.now, theme=chosen, theme_instead_of=usual if chosen else ""))

    def get_system_commands(self, screen: Screen[object]) -> Iterable[SystemCommand]:
        """The command palette: Textual's harmless commands, and all that can be done where one is."""
        from screens.commands.everything import commands

        known = commands()
        for command in super().get_system_commands(screen):
            if command.title in _SYSTEM_COMMANDS:
                yield command
        offered: dict[str, list[ActiveBinding]] = {}
        for active in screen.active_bindings.values():
            binding = active.binding
            # A command with two keys is two bindings.
            if active.enabled and binding.tooltip and binding.id in known:
                offered.setdefault(binding.id, []).append(active)
        for name, by_key in offered.items():
            keys = [self.get_key_display(one.binding) for one in by_key]
            yield known[name].in_palette(keys, partial(self._run, by_key[0]))

    def _run(self, active: ActiveBinding) -> None:
        """Carry out a command of the palette where it is offered, once the palette has gone."""
        self.call_later(self.run_action, active.binding.action, active.node)

    async def on_unmount(self) -> None:
        """End what this session alone needs."""
        await self.sandbox.stop()

    # The ways between screens.

    @on(navigation.OpenRecords)
    def _open_records(self, message: navigation.OpenRecords) -> None:
        self._note(message.path, Use.OPENED)
        self.push_screen(loading.records(message))

    @on(navigation.OpenValidation)
    def _open_validation(self, message: navigation.OpenValidation) -> None:
        self._note(message.path, Use.VALIDATED)
        self.push_screen(loading.validation(message))

    @on(navigation.OpenSubmit)
    def _open_submit(self, message: navigation.OpenSubmit) -> None:
        self._note(message.path, Use.PLANNED)
        self.push_screen(loading.submission(message, is_stdin=message.path == self.stdin))

    @on(navigation.OpenCompare)
    def _open_compare(self, message: navigation.OpenCompare) -> None:
        self.push_screen(loading.comparison(message))

    @on(navigation.OpenEditor)
    def _open_editor(self, message: navigation.OpenEditor) -> None:
        """Nothing goes on here while the editor has the terminal: so nothing may be on its way."""
        try:
            command = editor_command(os.environ, message.path)
            if self._is_sending:
                raise BadInput("Findings are being sent, and that would stand still.", hint="Wait until they are sent.")
            with self.suspend():
                failed = edit(command)
        except SuspendNotSupported:
            self.show_error(BadInput("This terminal can't be handed to an editor."))
        except BadInput as error:
            self.show_error(error)
        else:
            if failed is not None:
                self.show_error(failed)

    def _note(self, path: Path, use: Use) -> None:
        """Remember that something was done with a file; not with one that ends with the console."""
        if path == self.stdin:
            return
        now = self.memory.now
        self.remember(structs.replace(now, recent=with_recent(now.recent, RecentFile.of(path, use))))

    @on(navigation.OpenResend)
    def _open_resend(self, message: navigation.OpenResend) -> None:
        self.push_screen(loading.resending(message))

    @on(navigation.OpenSettle)
    def _open_settle(self, message: navigation.OpenSettle) -> None:
        self._show(loading.settling(message), message.instead)

    @on(navigation.OpenJob)
    def _open_job(self, message: navigation.OpenJob) -> None:
        self._show(loading.job(message), message.instead)

    @on(navigation.OpenJobs)
    async def _open_jobs(self, message: navigation.OpenJobs) -> None:
        """Show the list with that target chosen; a list that is new begins with it. What lies on it goes."""
        from screens.widgets.target_select import TargetSelect

        self.choose_target(message.target)
        await self.action_switch_mode("jobs")
        if self.current_mode == "jobs":
            for select in self.screen_stack[0].query(TargetSelect):
                select.choose(message.target)
            await self._uncover_mode()

    async def _uncover_mode(self) -> None:
        """Close what lies on the mode's own screen, down to what is being sent."""
        while isinstance(self.screen, ConsoleScreen) and not (self.screen.on_top_level or self.screen.is_sending):
            await self.pop_screen()

    def _show(self, screen: ConsoleScreen, instead: ConsoleScreen | None) -> None:
        """Show a screen; in place of one that gives way, so that what is below is not seen in between.

        That one may have been left or covered since it asked, and then it stays so.
        """
        if instead is None:
            self.push_screen(screen)
        elif instead is self.screen:
            self.switch_screen(screen)

    def action_log(self) -> None:
        """Show what went wrong in this session."""
        from screens.log import LogScreen

        if not isinstance(self.screen, LogScreen):
            self.push_screen(LogScreen())

    # The end of watched jobs.

    def await_end(self, job: Key) -> None:
        """Have the end of a job told, wherever the operator is by then."""
        self.lookout.add(job)
        self.tell_ends()

    @work(exclusive=True, group="lookout")
    async def tell_ends(self) -> None:
        """Tell of each watched job that has ended, for as long as there are any."""
        from screens.widgets import end_words

        async for ends in self.lookout.ends():
            self.jobs_ended.publish(ends)
            seen = self.screen.shown_job if isinstance(self.screen, ConsoleScreen) else None
            news = [end for end in ends if end.key != seen]
            if news:
                self.tell(end_words.told(news), end_words.severity(news))

    def tell(self, words: Content, severity: Severity) -> None:
        """Tell something wherever the operator is, in the ways that the configuration names."""
        ways = self.config.ui.notify
        if "toast" in ways:
            toast(self, words, severity=severity)
        if "bell" in ways:
            self.bell()
        if "terminal" in ways and self._driver is not None:
            notice(self._driver, words)

    def action_help(self) -> None:
        """Show the keys of the screen."""
        if not isinstance(self.screen, HelpScreen):
            self.push_screen(HelpScreen(self.screen.active_bindings))

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Quit from a mode's own screen only: elsewhere `q` goes back, as it does in a pager."""
        screen = self.screen
        return screen.on_top_level if action == "leave" and isinstance(screen, ConsoleScreen) else True

    async def action_leave(self) -> None:
        """Quit."""
        await self.action_quit()

    async def action_quit(self) -> None:
        """End the console; while findings are being sent, ask first."""
        if self._is_sending:
            question = Content("Findings are being sent. Quit all the same? What was handed over may be accepted.")
            quits = ConfirmDialog(question, yes=Content("Quit"), no=Content("Go on"), variant="warning")
            self.push_screen(quits, self._answer_quit)
        else:
            self.exit()

    @property
    def _is_sending(self) -> bool:
        """Whether findings are on their way from any screen."""
        return any(isinstance(screen, ConsoleScreen) and screen.is_sending for screen in self.open_screens)

    def _answer_quit(self, yes: bool | None) -> None:
        if yes:
            self.exit()

    # When something goes wrong.

    def show_error(self, error: ConsoleError) -> None:
        """Show an error in a dialog, unless it is the one that is being looked at. The app lives on."""
        self.log_of_session.add(error)
        screen = self.screen
        if not (isinstance(screen, ErrorDialog) and screen.error.message == error.message):
            self.push_screen(ErrorDialog(error))

    def _handle_exception(self, error: Exception) -> None:
        """A failed worker is a dialog; anything else ends the app, with a report that holds no values of ours.

        This replaces Textual's handler, whose report prints the local variables of every frame, secrets included.
        """
        failure: BaseException = error
        at_work: object = active_message_pump.get(self)
        if isinstance(error, WorkerFailed):
            failure, at_work = error.error, get_current_worker().node
        is_leaving = self._exit or (isinstance(at_work, DOMNode) and not self.is_here(at_work))
        if is_leaving and isinstance(failure, NoMatches):
            return  # a screen that goes before it was filled is never filled, and its parts go before itself
        if isinstance(error, WorkerFailed):
            self.show_error(failure if isinstance(failure, ConsoleError) else unexpected(failure))
            return
        self._return_code = 1
        if self._exception is None:
            # What Pilot raises again in a test.
            self._exception = error
            self._exception_event.set()
        self._exit_renderables.append(page(crash_report(error), lines=REPORT_LINES))
        self._close_messages_no_wait()


def _last_folder(memory: Memory) -> Path | None:
    """Where the Files screen was the last time, if that is still there."""
    folder = read(memory.now.folder) if memory.now.folder else None
    return folder if folder is not None and is_folder(folder) else None


def run(
    config: Config,
    open_desk: Callable[[], Desk],
    start: Path | None,
    state: Path,
    config_file: ConfigFile | None = None,
    stdin: Path | None = None,
) -> int:
    """Run the app until the user leaves it, then close the desk that it opened. Returns the exit code.

    What the screens remember is in the folder *state*, and targets are kept in *config_file*. The file *stdin* holds
    what came on stdin: its records are opened.
    """

    memory = Memory.of(state)

    async def serve() -> int:
        app = ConsoleApp(config, open_desk, start, memory, config_file)
        app.stdin = stdin
        try:
            for number in _ENDING:
                asyncio.get_running_loop().add_signal_handler(number, partial(app.exit, return_code=128 + number))
            with app.log_of_session.listening():
                await app.run_async()
        finally:
            await app.close_desk()
            memory.keep()
        return app.return_code or 0

    return asyncio.run(serve())
