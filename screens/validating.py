"""Validating a finding file, and looking into what was found, off the screen's thread. Touches no widget."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Final

from console.limits import Limits
from console.ocsf import together
from console.ocsf.having import HavingIssue
from console.ocsf.report import GroupKey, Report
from console.ocsf.run import OnIssue, validate_file
from console.ocsf.together import Validation
from console.ocsf.validator import Validator
from console.progress import Cancel
from console.progress import Report as Tell
from console.records.faults import FaultCode
from console.records.model import Identity, Record, Span
from console.records.reader import FindingFile
from console.records.sharing import SHARED_BYTES, spare_workers
from console.targets.offline import Rules
from screens.record_source import Line, line_of

_FAULTS: Final = frozenset(FaultCode)
_MOST_EXAMPLES: Final = 5
_FAR: Final = 64 * 1024**2
"""Bytes of a file that are looked through for examples."""


@dataclass(frozen=True, slots=True)
class Checked:
    """What validation found in a file."""

    report: Report
    validation: Validation
    """What found it."""
    rules: Rules
    """What it was held to."""
    identity: Identity
    """Which file it was."""

    @property
    def is_broken(self) -> bool:
        """Whether the file itself is, so that repairing may help."""
        return any(key.code in _FAULTS for key in self.report.groups)

    def having(self, group: GroupKey) -> HavingIssue | None:
        """The look for the records that a group counts; None where it is about places that hold none."""
        return None if group.code in _FAULTS else HavingIssue(group, self.validation)


@dataclass(frozen=True, slots=True)
class Validating:
    """How files are validated."""

    usual: Callable[[], Validator]
    """Makes a validator over the schemas that are known; may read their cache."""
    rules: Rules
    limits: Limits

    def validator(self) -> Validator:
        """A validator by the rules. Raises `BadInput` for an unknown version."""
        return Validator(self.usual().schemas, self.rules.policy, self.limits)

    def versions(self) -> Sequence[str]:
        """The versions of OCSF that are known."""
        return self.usual().schemas.versions()

    def check(self, path: Path, tell: Tell, cancel: Cancel) -> Checked:
        """Validate a file, with worker processes where they are quicker.

        Raises `Cancelled`, `UnreadableFile`, `StateError` when a worker died, `BadInput` for an unknown version.
        """
        with FindingFile.open(path, self.limits) as file:
            validator = self.validator()
            report = self.report(file, validator, tell, cancel)
            look = Validation.by(validator, self.rules.demands(self.limits))
            return Checked(report, look, self.rules, file.identity)

    def report(
        self, file: FindingFile, validator: Validator, tell: Tell, cancel: Cancel, on_issue: OnIssue | None = None
    ) -> Report:
        """The report of an open file; raises as `check` does. Who is told of each issue waits for one process."""
        demands = self.rules.demands(self.limits)
        alone = nullcontext() if on_issue is not None else None
        with alone or spare_workers(file, preload=[together.__name__], least_bytes=SHARED_BYTES) as workers:
            if workers is None:
                return validate_file(file, validator, demands=demands, tell=tell, cancel=cancel, on_issue=on_issue)
            return together.validate_together(file, validator, workers, tell, cancel, demands)


def examples(path: Path, limits: Limits, look: HavingIssue, cancel: Cancel) -> Sequence[Line]:
    """The first records that have an issue, as far as they are near the beginning of the file.

    Raises `Cancelled`, `UnreadableFile`.
    """
    with FindingFile.open(path, limits) as file:
        return list(islice(_lines(file, look, cancel), _MOST_EXAMPLES))


def _lines(file: FindingFile, look: HavingIssue, cancel: Cancel) -> Iterator[Line]:
    for found in look.found_in(file, cancel=cancel):
        hits = found.result
        for index, offset, length in zip(hits.indexes, hits.offsets, hits.lengths, strict=True):
            span = Span(index + found.index, offset, length, 0)
            yield line_of(file, Record(span, file.raw(span)))
        if found.end >= _FAR:
            return
