"""Validating a large file with several processes, each of which takes a part of it at a time.

Each part's report is made alone; they are put together in the order of the file.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from threading import get_ident
from typing import ClassVar, Self

from console.limits import Limits
from console.ocsf.fast import FastPass
from console.ocsf.finding_uids import FindingUids
from console.ocsf.report import Report
from console.ocsf.rules import Policy
from console.ocsf.run import NO_DEMANDS, Checking, Demands, count_repeated
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
    file: FindingFile,
    validator: Validator,
    workers: Workers,
    tell: Tell = silent,
    cancel: Cancel | None = None,
    demands: Demands = NO_DEMANDS,
) -> Report:
    """The report of a whole file, as `console.ocsf.run.validate_file` makes it with that validator.

    Raises `Cancelled`, `UnreadableFile`, and `StateError` when a worker died.
    """
    look = Validation.by(validator, demands)
    return _joined(sweep(file, look, workers, tell, cancel, "Validating"), look)


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
    demands: Demands = NO_DEMANDS

    @classmethod
    def by(cls, validator: Validator, demands: Demands = NO_DEMANDS) -> Self:
        """The look that does what that validator does."""
        schemas = validator.schemas
        return cls(validator.policy, schemas.cache_dir, schemas.added_dir, new_key(), demands)

    def finder(self, reading: Reading) -> _PartChecking:
        """What checks one part."""
        validator, fast = self.validator(reading.limits)
        return _PartChecking(Checking(validator, fast, None, self.key, self.demands))

    def validator(self, limits: Limits) -> tuple[Validator, FastPass]:
        """The validator that it is the look of, and a fast pass of it for this thread; made once for many parts."""
        return _validator(self.policy, limits, self.cache_dir, self.added_dir, get_ident())


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
    policy: Policy, limits: Limits, cache_dir: Path | None, added_dir: Path | None, _thread: int
) -> tuple[Validator, FastPass]:
    """What a worker keeps from part to part, and from file to file. A fast pass is for one thread alone."""
    validator = Validator(SchemaStore(cache_dir, added_dir), policy, limits)
    return validator, validator.fast_pass()


def _joined(parts: Iterable[Found[Verdicts]], look: Validation) -> Report:
    """The reports of all parts as one."""
    report, uids = Report(), FindingUids()
    for found in parts:
        report.merge(found.result.report, found.index)
        if look.demands.compares(look.policy):
            count_repeated(uids.add(found.first, found.result.marks), report, look.demands)
    return report
