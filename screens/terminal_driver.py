"""The terminal that the UI runs in: how large it is, and how it is given back. For a browser see `screens.browser`."""

from __future__ import annotations

import os
import termios
from contextlib import suppress

from textual.drivers.linux_driver import LinuxDriver


class TerminalDriver(LinuxDriver):
    """Textual's driver for a terminal, which is a usual one again only when all is written to it.

    Textual (8.2) has the terminal act on `ctrl+c` again while it still writes. A `ctrl+c` then throws away what nobody
    has read yet: often what leaves the screen of the UI, and now and then so that the process waits for ever.
    """

    _has_terminal = False

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
