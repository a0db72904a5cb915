"""GitHub's workflow commands: each issue becomes an annotation of the run, at its file and line.

The runner obeys whatever stands at the beginning of a line, so a value must not begin one, nor end its property. Its
escapes are those of `actions/toolkit` (packages/core/src/command.ts).
"""

from __future__ import annotations

from collections import Counter
from typing import Final

from console.display import safe_text
from console.ocsf.issues import LocatedIssue, Severity
from console.reports.model import FailOn, ReportWriter, UnreadFile, Write, place_in_words
from console.reports.room import in_words
from console.serialise import CELL_WIDTH

_SHOWN: Final = 10
_COMMANDS: Final = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.INFO: "notice"}
_IN_MESSAGES: Final = str.maketrans({"%": "%25", "\r": "%0D", "\n": "%0A"})
_IN_PROPERTIES: Final = str.maketrans({"%": "%25", "\r": "%0D", "\n": "%0A", ":": "%3A", ",": "%2C"})


class GitHubReport(ReportWriter):
    """One command an issue. GitHub shows the first ten of each kind of a step, and all in its log."""

    def __init__(self, write: Write, fail_on: FailOn = FailOn.ERROR) -> None:
        super().__init__(write, fail_on)
        self._counts = Counter[Severity]()

    @property
    def remark(self) -> str:
        """The issues that GitHub does not show at their places."""
        hidden = Counter({severity: count - _SHOWN for severity, count in self._counts.items() if count > _SHOWN})
        return f"GitHub shows ten annotations of a kind: {in_words(hidden)} more in the log alone." if hidden else ""

    def issue(self, label: str, located: LocatedIssue) -> None:
        """Write it."""
        issue = located.issue
        self._counts[issue.severity] += 1
        places = [place for place in (place_in_words(located), issue.path) if place]
        message = f"{', '.join(places)}: {issue.message}" if places else issue.message
        self._write(_command(_COMMANDS[issue.severity], label, located.line, issue.code, message))

    def unread(self, file: UnreadFile) -> None:
        """Write that it could not be read."""
        self._write(_command("error", file.label, None, "unreadable", f"{file.message} {file.hint}".rstrip()))


def _command(kind: str, label: str, line: int | None, title: str, message: str) -> str:
    """One line. Only *line* and *title* are ours."""
    properties = {"file": label, **({} if line is None else {"line": str(line)}), "title": title}
    shown = ",".join(f"{name}={_safe(value).translate(_IN_PROPERTIES)}" for name, value in properties.items())
    return f"::{kind} {shown}::{_safe(message).translate(_IN_MESSAGES)}\n"


def _safe(value: str) -> str:
    return safe_text(value, width=CELL_WIDTH)
