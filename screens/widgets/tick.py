"""A box to tick, whose state can be read without colours."""

from __future__ import annotations

from textual.widgets import Checkbox


class Tick(Checkbox):
    """Textual's box shows its cross in two colours; this one shows it or not."""

    def on_mount(self) -> None:
        """Show the cross, or none."""
        self._show_cross()

    def watch_value(self) -> None:
        """Show it from now on, or no longer."""
        self._show_cross()
        super().watch_value()

    def _show_cross(self) -> None:
        self.BUTTON_INNER = "X" if self.value else " "
        self.refresh()
