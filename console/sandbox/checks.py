"""What makes a record invalid to the Prowler intake: the documented rules of ingestion, and OCSF itself."""

from __future__ import annotations

from collections.abc import Sequence

from console.limits import DEFAULT_LIMITS
from console.ocsf.issues import Issue
from console.ocsf.store import SchemaStore
from console.ocsf.validator import Validator
from console.paths import cache_dir
from console.records.model import Record
from console.sandbox.worker import Check
from console.targets.prowler.rules import check_record


def default_check() -> Check:
    """The check that the sandbox holds records to. The validator reads its schemas when the first record comes."""
    validator = Validator(SchemaStore(cache_dir() / "schemas"))

    def check(record: Record) -> Sequence[Issue]:
        return [*check_record(record, DEFAULT_LIMITS), *validator.check(record.raw)]

    return check
