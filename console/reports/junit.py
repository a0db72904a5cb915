"""JUnit XML, as build servers read it: a suite for each file, a case for each issue.

There is no standard; what is written is what Jenkins, GitLab and their like have in common. What makes the validation
fail is a failure, all else a case that was skipped. A suite names its numbers before its cases, and the document
before its suites, so that these wait in a temporary file.
"""

from __future__ import annotations

import tempfile
import weakref
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from enum import StrEnum
from html import escape
from typing import IO, Final

from console.display import safe_text
from console.errors import StateError
from console.ocsf.issues import LocatedIssue, Severity
from console.reports.document import file_facts
from console.reports.model import ISSUE_COLUMNS, CheckedFile, FailOn, ReportWriter, UnreadFile, Write, issue_row
from console.reports.room import Room, in_words
from console.serialise import CELL_WIDTH, counted

_IN_MEMORY: Final = 1024**2
"""Bytes of cases that do not need a file yet."""
_NOT_LISTED: Final = "There are too many for a report of this format; --format jsonl lists them all."
_CHUNK: Final = 64 * 1024


class Outcome(StrEnum):
    """How a case ended: the element that says so."""

    PASSED = ""
    FAILURE = "failure"
    ERROR = "error"
    SKIPPED = "skipped"


class JUnitReport(ReportWriter):
    """Suites, each written when its file is done."""

    def __init__(self, write: Write, fail_on: FailOn = FailOn.ERROR) -> None:
        super().__init__(write, fail_on)
        self._suite = _Suite()
        self._suites = _Spool()
        self._outcomes = Counter[Outcome]()
        """Of the suites that are done."""
        self._room = Room()
        self._left_out = Counter[Severity]()
        """The issues of this file that there was no room for."""

    @property
    def remark(self) -> str:
        """The issues that there was no room for."""
        return self._room.left_out

    def issue(self, label: str, located: LocatedIssue) -> None:
        """Keep it as a case of the suite that is to come, if there is room."""
        issue = located.issue
        if not self._room.takes(issue.severity):
            self._left_out[issue.severity] += 1
            return
        place = "" if located.record is None else f", record {located.record}"
        outcome = self._outcome(issue.severity)
        facts = zip(ISSUE_COLUMNS, issue_row(label, located), strict=True)
        named = {name: value for name, value in facts if name not in {"file", "message"} and value is not None}
        self._suite.add(
            _case(label, f"{issue.code} {issue.path}".rstrip() + place, located.line)
            + _properties(named)
            + f'<{outcome} message="{_safe(issue.message)}"/></testcase>\n',
            outcome,
        )

    def checked(self, file: CheckedFile) -> None:
        """Close its suite."""
        if not self._suite.outcomes:
            self._suite.add(
                _case(file.label, f"{counted(file.report.records, 'record')} without an issue", None) + "</testcase>\n",
                Outcome.PASSED,
            )
        self._close(file.label, _properties(file_facts(file)) + "\n")

    def unread(self, file: UnreadFile) -> None:
        """Add a suite with an error."""
        message = _safe(f"{file.message} {file.hint}".rstrip())
        self._suite.add(
            _case(file.label, "can be read", None) + f'<error message="{message}"/></testcase>\n',
            Outcome.ERROR,
        )
        self._close(file.label, "")

    def end(self, seconds: float) -> None:
        """Write the document."""
        self._write(
            f'<?xml version="1.0" encoding="UTF-8"?>\n<testsuites name="ocsf-console validate"'
            f" {_numbers(self._outcomes)}>\n"
        )
        for text in self._suites.text():
            self._write(text)
        self._write("</testsuites>\n")

    def _close(self, label: str, properties: str) -> None:
        if self._left_out:
            outcome = self._outcome(next(one for one in Severity if self._left_out[one]))
            self._suite.add(
                _case(label, f"{in_words(self._left_out)} more", None)
                + f'<{outcome} message="{_NOT_LISTED}"/></testcase>\n',
                outcome,
            )
            self._left_out.clear()
        suite, self._suite = self._suite, _Suite()
        self._outcomes += suite.outcomes
        self._suites.add(f'<testsuite name="{_safe(label)}" {_numbers(suite.outcomes)}>\n{properties}')
        for text in suite.text():
            self._suites.add(text)
        self._suites.add("</testsuite>\n")

    def _outcome(self, severity: Severity) -> Outcome:
        return Outcome.FAILURE if self._fail_on.counts(severity) else Outcome.SKIPPED


def _numbers(outcomes: Counter[Outcome]) -> str:
    """The counts, as attributes."""
    failures, errors, skipped = (outcomes[one] for one in (Outcome.FAILURE, Outcome.ERROR, Outcome.SKIPPED))
    return f'tests="{outcomes.total()}" failures="{failures}" errors="{errors}" skipped="{skipped}"'


class _Spool:
    """Text that waits in a temporary file. Raises `StateError` where there is no room for it."""

    def __init__(self) -> None:
        self._spool: IO[str] = tempfile.SpooledTemporaryFile(  # noqa: SIM115 - see the next line
            _IN_MEMORY, "w+", encoding="utf-8", newline=""
        )
        weakref.finalize(self, self._spool.close)

    def add(self, text: str) -> None:
        """Keep it."""
        with _room():
            self._spool.write(text)

    def text(self) -> Iterator[str]:
        """All of it, once."""
        with _room():
            self._spool.seek(0)
            while chunk := self._spool.read(_CHUNK):
                yield chunk


class _Suite:
    """The cases of one file, until they can be counted. Raises `StateError` where there is no room for them."""

    def __init__(self) -> None:
        self.outcomes = Counter[Outcome]()
        self._spool = _Spool()

    def add(self, case: str, outcome: Outcome) -> None:
        """Keep one case."""
        self.outcomes[outcome] += 1
        self._spool.add(case)

    def text(self) -> Iterator[str]:
        """All cases, once."""
        return self._spool.text()


@contextmanager
def _room() -> Iterator[None]:
    try:
        yield
    except OSError as failed:
        raise StateError(f"The report can't be kept for a while: {failed.strerror}.") from failed


def _case(label: str, name: str, line: int | None) -> str:
    at = "" if line is None else f' line="{line}"'
    return f'<testcase classname="{_safe(label)}" name="{_safe(name)}" file="{_safe(label)}"{at}>'


def _properties(values: Mapping[str, object]) -> str:
    inside = "".join(f'<property name="{name}" value="{_safe(str(value))}"/>' for name, value in values.items())
    return f"<properties>{inside}</properties>"


def _safe(value: str) -> str:
    """Text as an attribute's value. No control character is left, which XML 1.0 has no way to write."""
    return escape(safe_text(value, width=CELL_WIDTH))
