"""The resource objects of the ingestion API: a job, and what is wrong with one of its records.

Sources: Prowler's documentation (`prowler-import-findings`) for the job. The body of an ingestion error is documented
nowhere; ours follows the error objects of the public proposal for an importer (prowler-cloud/prowler, pull request
9704).
"""

from __future__ import annotations

from datetime import datetime
from typing import Final
from uuid import UUID

from console.records.model import JsonValue
from console.sandbox.prowler.model import Ingestion, RecordError

INGESTIONS: Final = "ingestions"
"""The type of a job."""
INGESTION_ERRORS: Final = "ingestion-errors"
"""The type of an error of a record."""


def ingestion(job: Ingestion, fields: frozenset[str] | None, miscount: int = 0) -> JsonValue:
    """A job as the service shows it, with only the chosen attributes, and so many more processed than there are."""
    attributes: dict[str, JsonValue] = {
        "status": job.status,
        "summary": {"total": job.total, "processed": job.processed + miscount, "invalid": job.invalid},
        "requested_at": _time(job.requested_at),
        "started_at": _time(job.started_at),
        "completed_at": _time(job.completed_at),
    }
    return _object(INGESTIONS, job.id, attributes, fields)


def ingestion_error(error: RecordError, fields: frozenset[str] | None) -> JsonValue:
    """What is wrong with one record, pointing to it."""
    attributes: dict[str, JsonValue] = {
        "code": error.code,
        "title": error.title,
        "detail": error.detail,
        "index": error.record,
        "field": error.field,
        "uid": error.uid,
        "source": {"pointer": error.pointer},
    }
    return _object(INGESTION_ERRORS, error.id, attributes, fields)


def _object(kind: str, identity: UUID, attributes: dict[str, JsonValue], fields: frozenset[str] | None) -> JsonValue:
    """A resource object with only the chosen attributes, and without `attributes` when none is left."""
    chosen = {name: value for name, value in attributes.items() if fields is None or name in fields}
    shown: dict[str, JsonValue] = {"type": kind, "id": str(identity)}
    return {**shown, "attributes": chosen} if chosen else shown


def _time(at: datetime | None) -> str | None:
    """A time as Django REST framework writes it: without a fraction when it has none."""
    return None if at is None else at.isoformat().replace("+00:00", "Z")
