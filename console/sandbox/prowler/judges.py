"""What makes a record invalid to the Prowler intake: the documented rules of ingestion, and OCSF itself."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final, Protocol

from console.limits import DEFAULT_LIMITS
from console.ocsf.issues import Issue, Severity
from console.ocsf.store import user_store
from console.ocsf.validator import Validator
from console.records import fields
from console.records.decode import BadRecord, decode
from console.records.model import JsonValue, Record
from console.records.stretch import Stretch
from console.sandbox.prowler.quick import all_taken, is_taken
from console.targets.prowler.rules import check_event, check_record

Check = Callable[[Record], Sequence[Issue]]
"""Says what is wrong with a record. Never raises for what a file can hold."""


@dataclass(frozen=True, slots=True)
class Ruling:
    """What is to say of one record."""

    errors: Sequence[Issue]
    """What makes it invalid; empty if it is good."""
    uid: str | None = None
    """The finding's own identifier, if there are errors and it has one. Foreign text."""


GOOD: Final = Ruling(())


class Judge(Protocol):
    """Tells good records from bad ones. It may learn from what it sees: one for each thread."""

    def take(self, stretch: Stretch) -> int:
        """Judge many records at once: how many there are if all are good; 0 where each must be looked at."""

    def rule(self, record: Record) -> Ruling:
        """Judge one record. Never raises for what a file can hold."""


class CheckJudge:
    """Holds records to a check, one by one."""

    def __init__(self, check: Check) -> None:
        self._check = check

    def take(self, _stretch: Stretch) -> int:
        """Nothing is judged at once."""
        return 0

    def rule(self, record: Record) -> Ruling:
        """Hold one record to the check."""
        errors = _errors(self._check(record))
        return Ruling(errors, finding_uid(record.raw)) if errors else GOOD


class IngestionJudge:
    """Holds records to the rules of ingestion and to OCSF. The schemas are read when the first record comes."""

    def __init__(self) -> None:
        self._validator = Validator(user_store())
        self._fast = self._validator.fast_pass()

    def take(self, stretch: Stretch) -> int:
        """Judge records together, once the fast pass knows some of their kind."""
        accepted = self._fast.accept(stretch)
        return accepted.count if accepted is not None and all_taken(stretch) else 0

    def rule(self, record: Record) -> Ruling:
        """Judge one record: first by what the rules of ingestion refuse, then by what OCSF calls an error."""
        raw = record.raw
        if self._fast.accept_one(raw) is not None and is_taken(raw):
            return GOOD
        try:
            event = decode(raw)
        except BadRecord:
            return Ruling(_errors([*check_record(record, DEFAULT_LIMITS), *self._validator.check(raw)]))
        verdict = self._validator.examine(raw, self._fast.learn)
        errors = _errors([*check_event(event), *verdict.issues])
        return Ruling(errors, _uid(event)) if errors else GOOD


def finding_uid(raw: bytes) -> str | None:
    """The finding's own identifier, if it has one. Never raises, whatever the record holds."""
    try:
        return _uid(decode(raw))
    except BadRecord:
        return None


def _uid(event: dict[str, JsonValue]) -> str | None:
    return fields.finding_uid(event) or None


def _errors(issues: Sequence[Issue]) -> Sequence[Issue]:
    return [issue for issue in issues if issue.severity is Severity.ERROR]
