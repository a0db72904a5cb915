"""The terminal UI in a browser: how it ends. `ocsf-console web` names the driver to Textual; see `console.cli.tui`."""

from __future__ import annotations

from textual import messages
from textual.drivers.web_driver import WebDriver


class BrowserDriver(WebDriver):
    """Textual's driver for a browser. The UI ends with its server, even with one that was killed."""

    def run_input_thread(self) -> None:
        """Take input until there is none any more, and then end the UI: Textual's would go on for nobody."""
        super().run_input_thread()
        self._app.post_message(messages.ExitApp())
