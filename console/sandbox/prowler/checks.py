"""What makes a record invalid to the Prowler intake: the documented rules of ingestion, and OCSF itself."""

from __future__ import annotations

from collections.abc import Sequence

from console.limits import DEFAULT_LIMITS
from console.ocsf.issues import Issue
from console.ocsf.store import user_store
from console.ocsf.validator import Validator
from console.records.model import Record
from console.sandbox.prowler.worker import Check
from console.targets.prowler.rules import check_record


def default_check() -> Check:
    """The check that the sandbox holds records to. The validator reads its schemas when the first record comes."""
    validator = Validator(user_store())

    def check(record: Record) -> Sequence[Issue]:
        return [*check_record(record, DEFAULT_LIMITS), *validator.check(record.raw)]

    return check
