"""What validation has to say of one record, in a list beside it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from textual import getters
from textual.app import ComposeResult
from textual.content import Content
from textual.widgets import Static

from console.ocsf.issues import Issue, Severity
from screens.widgets.scrolled_text import ScrolledText
from screens.widgets.text import styled

_SHOWN: Final = 100
"""Issues that are listed. A record can have thousands; the Validation screen counts them all."""

MARKS: Final = {
    Severity.ERROR: styled("[$text-error]✗[/]"),
    Severity.WARNING: styled("[$text-warning]![/]"),
    Severity.INFO: styled("[dim]·[/dim]"),
}
"""The sign of each severity, in its colour."""


class IssueList(ScrolledText):
    """The issues of the record that is shown."""

    text = getters.query_one(Static)

    def compose(self) -> ComposeResult:
        """One text: the list is short."""
        yield Static()

    def show_nothing(self) -> None:
        """Say nothing: there is no record to check."""
        self.text.update("")

    def wait(self) -> None:
        """Say that the record is being checked."""
        self.text.update("Checking …")

    def show(self, issues: Sequence[Issue]) -> None:
        """List the issues of a record; of none, say so."""
        if not issues:
            self.text.update(styled("[$text-success]● No issues[/]"))
            return
        lines = [_line(issue) for issue in issues[:_SHOWN]]
        if len(issues) > _SHOWN:
            lines.append(styled("[dim]… $count more[/dim]", count=f"{len(issues) - _SHOWN:,}"))
        self.text.update(Content("\n").join(lines))


def _line(issue: Issue) -> Content:
    """An issue in two lines: what and where, and the sentence."""
    return MARKS[issue.severity] + styled(
        " [b]$code[/b] $path\n  [dim]$message[/dim]", code=issue.code, path=issue.path, message=issue.message
    )
