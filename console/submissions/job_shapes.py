"""The JSON and CSV shapes of jobs and job errors, which `CONTRACT` promises and both front ends write."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from console.serialise import JsonData, to_csv, to_json
from console.submissions.model import LocatedError, TrackedJob
from console.targets.base import Page

JOB_COLUMNS: Final = (
    "id", "status", "total", "processed", "invalid", "requested_at", "started_at", "completed_at", "files",
)  # fmt: skip
ALL_JOB_COLUMNS: Final = ("target", *JOB_COLUMNS)
"""Where jobs of several targets are listed together."""
CSV_JOB_COLUMNS: Final = (*ALL_JOB_COLUMNS, "inserted_at", "submission", "sha256")
"""Those of a CSV document, whichever jobs it lists: whoever reads it goes by them."""
ERROR_COLUMNS: Final = ("record", "file", "line", "offset", "code", "message", "uid", "pointer")


def inferred_shape(inferred: bool) -> dict[str, JsonData]:
    """What is added where nobody was told that a batch became its job."""
    return {"inferred": True} if inferred else {}


def _remarks(remarks: Sequence[str]) -> dict[str, JsonData]:
    """What is added where something is odd."""
    return {"remarks": list(remarks)} if remarks else {}


def job_shape(tracked: TrackedJob) -> dict[str, JsonData]:
    """A job, joined with what the ledger knows of it."""
    one = tracked.job
    return {
        "id": one.id,
        "target": one.target,
        "status": one.status,
        "summary": {
            "total": one.summary.total,
            "processed": one.summary.processed,
            "invalid": one.summary.invalid,
        },
        "inserted_at": one.inserted_at,
        "requested_at": one.requested_at,
        "started_at": one.started_at,
        "completed_at": one.completed_at,
        "submission": tracked.submission,
        "files": list(tracked.files),
        "sha256": tracked.sha256,
        "raw": one.raw,
        **inferred_shape(tracked.inferred),
        **_remarks(tracked.remarks),
    }


def jobs_shape(page: Page[TrackedJob]) -> dict[str, JsonData]:
    """One page of jobs."""
    return {
        "jobs": [job_shape(tracked) for tracked in page.items],
        "page": page.number,
        "pages": page.pages,
        "count": page.count,
    }


def error_shape(located: LocatedError) -> dict[str, JsonData]:
    """A job error, with the place of its record."""
    error, span = located.error, located.span
    return {
        "record": error.record if span is None else span.index,
        "uid": error.uid,
        "code": error.code,
        "message": error.message,
        "pointer": error.pointer,
        "file": located.file,
        "offset": span.offset if span else None,
        "line": span.line if span else None,
        "raw": error.raw,
    }


def job_fields(tracked: TrackedJob) -> dict[str, object]:
    """A job by the names of the columns."""
    job = tracked.job
    return {
        "target": job.target,
        "id": job.id,
        "status": job.status,
        "total": job.summary.total,
        "processed": job.summary.processed,
        "invalid": job.summary.invalid,
        "requested_at": job.requested_at,
        "started_at": job.started_at,
        "completed_at": job.completed_at,
        "files": " ".join(tracked.files) or None,
        "inserted_at": job.inserted_at,
        "submission": tracked.submission,
        "sha256": tracked.sha256,
    }


def job_rows(jobs: Sequence[TrackedJob], columns: Sequence[str]) -> list[list[object]]:
    """Jobs as rows of these columns."""
    return [[fields[column] for column in columns] for fields in map(job_fields, jobs)]


def error_rows(errors: Sequence[LocatedError]) -> list[list[object]]:
    """Errors as rows of `ERROR_COLUMNS`."""
    return [[shape[column] for column in ERROR_COLUMNS] for shape in map(error_shape, errors)]


def jobs_as_csv(jobs: Sequence[TrackedJob]) -> str:
    """Jobs as a CSV document, as `jobs list --format csv` writes it."""
    return to_csv(CSV_JOB_COLUMNS, job_rows(jobs, CSV_JOB_COLUMNS))


def errors_as_csv(errors: Sequence[LocatedError]) -> str:
    """Errors as a CSV document, as `jobs errors --format csv` writes it."""
    return to_csv(ERROR_COLUMNS, error_rows(errors))


def errors_as_json(errors: Sequence[LocatedError]) -> str:
    """Errors as a JSON document, as `jobs errors --format json` writes it."""
    return to_json({"errors": [error_shape(located) for located in errors]})
