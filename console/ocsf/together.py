"""Validating a large file with several processes, each of which takes a part of it at a time.

Each part's report is made alone; they are put together in the order of the file.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import ClassVar, Self

from console.limits import Limits
from console.ocsf.fast import FastPass
from console.ocsf.finding_uids import FindingUids
from console.ocsf.report import Report
from console.ocsf.rules import Policy, RuleSet
from console.ocsf.run import Checking, count_repeated
from console.ocsf.store import SchemaStore
from console.ocsf.validator import Validator
from console.progress import Cancel, silent
from console.progress import Report as Tell
from console.records.model import Fault, Record
from console.records.reader import FindingFile
from console.records.reading import Reading
from console.records.stretch import Stretch
from console.records.sweep import Found, sweep
from console.records.uids import UidMarks, new_key
from console.records.workers import Workers


def validators(count: int) -> Workers:
    """Some workers that load once, and for all, what validation needs."""
    return Workers(count, __name__)


def validate_together(
    file: FindingFile, validator: Validator, workers: Workers, tell: Tell = silent, cancel: Cancel | None = None
) -> Report:
    """The report of a whole file, as `console.ocsf.run.validate_file` makes it with that validator.

    Raises `Cancelled`, `UnreadableFile`, and `StateError` when a worker died.
    """
    return _joined(sweep(file, Validation.by(validator), workers, tell, cancel, "Validating"), validator.policy)


@dataclass(frozen=True, slots=True)
class Verdicts:
    """What validation has to say of a part of a file."""

    report: Report
    marks: UidMarks
    """The marks of its finding uids, one for each index."""


@dataclass(frozen=True, slots=True)
class Validation:
    """The look for everything that is wrong by OCSF."""

    counts_lines: ClassVar[bool] = False
    """A report knows no lines."""
    policy: Policy
    cache_dir: Path | None
    added_dir: Path | None
    key: bytes = field(repr=False)
    """What the marks of finding uids are made with."""

    @classmethod
    def by(cls, validator: Validator) -> Self:
        """The look that does what that validator does."""
        return cls(validator.policy, validator.schemas.cache_dir, validator.schemas.added_dir, new_key())

    def finder(self, reading: Reading) -> _PartChecking:
        """What checks one part."""
        validator, fast = _validator(self.policy, reading.limits, self.cache_dir, self.added_dir)
        return _PartChecking(Checking(validator, fast, None, self.key))


class _PartChecking:
    """Checks a part of a file."""

    def __init__(self, checking: Checking) -> None:
        self._checking = checking

    def take(self, stretch: Stretch) -> int:
        """Check many records at once."""
        return self._checking.take(stretch)

    def add(self, piece: Record | Fault) -> None:
        """Check one record, or count a place that holds none."""
        self._checking.add(piece)

    def result(self) -> Verdicts:
        """What there is to say of all."""
        return Verdicts(self._checking.report, self._checking.marks)


@lru_cache(maxsize=4)
def _validator(
    policy: Policy, limits: Limits, cache_dir: Path | None, added_dir: Path | None
) -> tuple[Validator, FastPass]:
    """What a worker keeps from part to part, and from file to file."""
    validator = Validator(SchemaStore(cache_dir, added_dir), policy, limits)
    return validator, validator.fast_pass()


def _joined(parts: Iterable[Found[Verdicts]], policy: Policy) -> Report:
    """The reports of all parts as one."""
    report, uids = Report(), FindingUids()
    for found in parts:
        report.merge(found.result.report, found.index)
        if policy.rules is RuleSet.FULL:
            count_repeated(uids.add(found.first, found.result.marks), report)
    return report
