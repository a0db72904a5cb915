"""The line for an expression that says which records are sent. What is wrong with it is said while it is typed."""

from __future__ import annotations

from textual import on
from textual.widgets import Input

from console.records.query import BadQuery, parse
from screens.widgets.filter_line import FilterLine
from screens.widgets.text import styled


class ExpressionLine(FilterLine):
    """A filter line that looks at every key: what it lets through leaves this machine."""

    @on(Input.Changed)
    def _check(self, event: Input.Changed) -> None:
        """Say what is wrong so far, or that it can be planned."""
        event.stop()
        event.prevent_default()  # that of the filter line, which would clear what is said
        text = event.value.strip()
        try:
            query = parse(text) if text else None
        except BadQuery as error:
            self.tell(styled("[$text-error]✗ $message[/] [dim]$hint[/]", message=error.message, hint=error.hint))
            return
        meant = "all records" if query is None else "the records that match"
        self.tell(styled("[dim][b]enter[/b] plans $meant; nothing is sent[/dim]", meant=meant))
