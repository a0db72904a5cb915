"""What OCSF finds wrong with records on their way to a target."""

from __future__ import annotations

from collections.abc import Sequence

from console.ocsf.issues import Issue, Severity
from console.ocsf.validator import Validator
from console.records.model import Record


class Scrutiny:
    """Finds the errors in records, about as fast as they are read. It learns as it goes: one for each thread."""

    def __init__(self, validator: Validator) -> None:
        self._validator = validator
        self._fast = validator.fast_pass()

    def errors(self, record: Record) -> Sequence[Issue]:
        """What makes a record invalid by OCSF; empty when nothing does."""
        if self._fast.accept_one(record.raw) is not None:
            return ()
        verdict = self._validator.examine(record.raw, self._fast.learn)
        return [issue for issue in verdict.issues if issue.severity is Severity.ERROR]
