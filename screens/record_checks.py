"""What validation says of the records of a screen. The validator is made when it is first needed; all waits."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from threading import Lock

from console.ocsf.guide import Guide
from console.ocsf.issue_counts import IssueCounter, IssueCounts, IssueKeying
from console.ocsf.issues import Issue
from console.ocsf.validator import Validator
from console.records.model import JsonValue
from screens.record_notes import Notes


class RecordChecks:
    """One validator for all that is asked, by any thread but that of the screen."""

    def __init__(self, make: Callable[[], Validator]) -> None:
        """*make* makes the validator, and may read the schema cache."""
        self._make = make
        self._lock = Lock()
        self._validator: Validator | None = None
        self._counter: IssueCounter | None = None

    def validator(self) -> Validator:
        """The validator. The first call takes a moment."""
        with self._lock:
            if self._validator is None:
                self._validator = self._make()
            return self._validator

    def issues(self, raw: bytes) -> Sequence[Issue]:
        """The issues of a record."""
        return self.validator().check(raw)

    def notes(self, record: dict[str, JsonValue], issues: Sequence[Issue]) -> Notes:
        """What there is to say beside the attributes of a record."""
        return Notes.of(record, issues, Guide(record, self.validator()))

    def counts(self, raw: bytes) -> IssueCounts:
        """How many issues a record has."""
        validator = self.validator()
        with self._lock:
            if self._counter is None:
                self._counter = IssueCounter.by(validator)
            return self._counter.counts(raw)

    def keying(self) -> IssueKeying:
        """The look for the keys by which records are sorted by their issues."""
        return IssueKeying.by(self.validator())
