"""The terminal that the UI runs in: how large it is, and how it is given back. For a browser see `screens.browser`."""

from __future__ import annotations

import os
import select
import signal
import termios
from contextlib import suppress
from functools import partial
from threading import Thread

from textual.drivers.linux_driver import LinuxDriver


class TerminalDriver(LinuxDriver):
    """Textual's driver for a terminal, which is a usual one again only when all is written to it.

    Textual (8.2) has the terminal act on `ctrl+c` again while it still writes. A `ctrl+c` then throws away what nobody
    has read yet: often what leaves the screen of the UI, and now and then so that the process waits for ever.

    The UI ends with its terminal. When a window is closed or a connection breaks, a process is sent SIGHUP, but only
    one whose controlling terminal it was; Textual would read on from what is gone, at full load and for ever.
    """

    _has_terminal = False
    _watch: Thread | None = None
    """Waits for the end of the terminal, as long as the process lives."""

    def _get_terminal_size(self) -> tuple[int, int]:
        """Columns and lines of the terminal, whatever `COLUMNS` and `LINES` say.

        Where a shell exports them, Textual would never follow the window.
        """
        try:
            columns, lines = os.get_terminal_size(self.fileno)
        except OSError:
            columns = lines = 0
        return (columns, lines) if columns and lines else super()._get_terminal_size()

    def start_application_mode(self) -> None:
        """Take the terminal."""
        self._has_terminal = True
        if self._watch is None:
            self._watch = Thread(target=self._end_with_terminal, name="hangup", daemon=True)
            self._watch.start()
        super().start_application_mode()  # type: ignore[no-untyped-call]

    def write(self, data: str) -> None:
        """Write to the terminal, as long as it is ours. What is drawn later is for nobody."""
        if self._has_terminal:
            super().write(data)

    def stop_application_mode(self) -> None:
        """Give the terminal back, to who started the UI or to an editor."""
        attributes, self.attrs_before = self.attrs_before, None
        super().stop_application_mode()
        self._has_terminal = False
        self.close()
        if attributes is not None:
            # It may be gone.
            with suppress(termios.error):
                termios.tcsetattr(self.fileno, termios.TCSADRAIN, attributes)

    def _end_with_terminal(self) -> None:
        """Wait until the other end of the terminal is closed, and end the UI."""
        waiting = select.poll()
        # For nothing that could be read, but for its end, which is always told.
        waiting.register(self.fileno, 0)
        waiting.poll()
        # It may have ended meanwhile, and its loop with it.
        with suppress(RuntimeError):
            self._loop.call_soon_threadsafe(partial(self._app.exit, return_code=128 + signal.SIGHUP))
