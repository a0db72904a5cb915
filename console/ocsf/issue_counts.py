"""How many issues each record has: one by one for a list, and as keys to sort a whole file by.

Duplicate findings are not among them: whether a finding is one, only a validation of all records tells.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar, NamedTuple, Self

from console.ocsf.fast import FastPass
from console.ocsf.issues import Issue, Severity
from console.ocsf.run import NO_DEMANDS, Demands
from console.ocsf.together import Validation
from console.ocsf.trained import Accepted
from console.ocsf.validator import Validator
from console.records.model import Fault, Record
from console.records.reading import Reading
from console.records.slices import records_in
from console.records.sort_keys import Keys
from console.records.stretch import Stretch


class IssueCounts(NamedTuple):
    """How many issues a record has. What is only worth knowing is not counted."""

    errors: int
    warnings: int

    @classmethod
    def of(cls, issues: Sequence[Issue]) -> Self:
        """Count issues."""
        severities = [issue.severity for issue in issues]
        return cls(severities.count(Severity.ERROR), severities.count(Severity.WARNING))

    @property
    def key(self) -> str:
        """What records are sorted by: first the errors, then the warnings."""
        return f"{self.errors:05}{self.warnings:05}"


class IssueCounter:
    """Counts the issues of records that come one after the other, and gets quicker with them. One for each thread."""

    def __init__(self, validator: Validator, fast: FastPass, demands: Demands = NO_DEMANDS) -> None:
        self._validator = validator
        self._fast = fast
        self._demands = demands

    @classmethod
    def by(cls, validator: Validator, demands: Demands = NO_DEMANDS) -> Self:
        """A counter that knows nothing yet."""
        return cls(validator, validator.fast_pass(), demands)

    def counts(self, record: Record) -> IssueCounts:
        """Those of one record. Never raises for what a file can hold."""
        further = self._demands.further(record)
        accepted = self._fast.accept_one(record.raw) if self._demands.ocsf and not further else None
        if accepted is not None:
            return _warned(accepted)
        return IssueCounts.of(self._demands.judge(record, further, self._validator, self._fast.learn).issues)

    def are_clean(self, stretch: Stretch) -> bool:
        """Whether it is known at once that no record of a stretch has any."""
        if self._demands.also or not self._demands.ocsf:
            return False
        accepted = self._fast.accept(stretch)
        return accepted is not None and not _warned(accepted).warnings


def _warned(accepted: Accepted) -> IssueCounts:
    """What was counted of records without errors."""
    return IssueCounts(0, sum(count for key, count in accepted.warnings.items() if key.severity is Severity.WARNING))


@dataclass(frozen=True, slots=True)
class IssueKeying:
    """A look for the keys by which records are sorted by their issues; see `console.records.sweep`."""

    counts_lines: ClassVar[bool] = False
    validation: Validation
    """How the records are judged."""

    @classmethod
    def by(cls, validator: Validator, demands: Demands = NO_DEMANDS) -> Self:
        """The look that finds what that validator finds, and those demands."""
        return cls(Validation.by(validator, demands))

    def finder(self, reading: Reading) -> _IssueKeyFinder:
        """What counts the issues in one part."""
        return _IssueKeyFinder(IssueCounter(*self.validation.validator(reading.limits), self.validation.demands))


class _IssueKeyFinder:
    """Counts the issues of the records of a part."""

    def __init__(self, counter: IssueCounter) -> None:
        self._counter = counter
        self._keys = Keys()

    def take(self, stretch: Stretch) -> int:
        """Count those of many records at once, where there are none."""
        if not self._counter.are_clean(stretch):
            return 0
        places = records_in(stretch) or ()
        for index, offset, raw in places:
            self._keys.add(index, offset, len(raw), IssueCounts(0, 0).key)
        return len(places)

    def add(self, piece: Record | Fault) -> None:
        """Count those of one record."""
        if isinstance(piece, Record):
            span = piece.span
            self._keys.add(span.index, span.offset, span.length, self._counter.counts(piece).key)

    def result(self) -> Keys:
        """The keys so far."""
        return self._keys
