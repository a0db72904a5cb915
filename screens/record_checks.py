"""What validation says of the records of a screen. The validator is made when it is first needed; all waits."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from threading import Lock

from console.ocsf.guide import Guide
from console.ocsf.issue_counts import IssueCounter, IssueCounts, IssueKeying
from console.ocsf.issues import Issue
from console.ocsf.run import Demands
from console.ocsf.validator import Validator
from console.records.model import JsonValue, Record
from screens.record_notes import Notes
from screens.validating import Validating


class RecordChecks:
    """One validator for all that is asked, by any thread but that of the screen."""

    def __init__(self, how: Callable[[], Validating]) -> None:
        """*how* says how records are validated; it is asked again after `renew`."""
        self._how = how
        self._lock = Lock()
        self._made: tuple[Validator, Demands, IssueCounter] | None = None

    def renew(self) -> None:
        """Validate by what holds now, from now on."""
        with self._lock:
            self._made = None

    def _parts(self) -> tuple[Validator, Demands, IssueCounter]:
        """What it takes. The first call takes a moment."""
        with self._lock:
            if self._made is None:
                how = self._how()
                validator, demands = how.validator(), how.rules.demands(how.limits)
                self._made = validator, demands, IssueCounter.by(validator, demands)
            return self._made

    def issues(self, record: Record) -> Sequence[Issue]:
        """The issues of a record."""
        validator, demands, _ = self._parts()
        return demands.judge(record, demands.further(record), validator, lambda _: None).issues

    def notes(self, record: dict[str, JsonValue], issues: Sequence[Issue]) -> Notes:
        """What there is to say beside the attributes of a record."""
        return Notes.of(record, issues, Guide(record, self._parts()[0]))

    def counts(self, record: Record) -> IssueCounts:
        """How many issues a record has."""
        _, _, counter = self._parts()
        with self._lock:
            return counter.counts(record)

    def keying(self) -> IssueKeying:
        """The look for the keys by which records are sorted by their issues."""
        validator, demands, _ = self._parts()
        return IssueKeying.by(validator, demands)
