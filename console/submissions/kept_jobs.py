"""The jobs of targets that keep no list of their own: the ledger's, with the same filters, sorting and paging."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from typing import Final

from console.display import safe_text
from console.errors import NoSuchJob
from console.submissions.database import Database, Row
from console.targets.base import JOB_SORT_FIELDS, Job, JobError, JobQuery, JobSummary, Page

ERRORS_A_PAGE: Final = 100

_COLUMNS: Final = (
    "job.id, job.status, job.total, job.processed, job.invalid, job.inserted_at, job.requested_at, job.started_at,"
    " job.completed_at, job.raw"
)
_FROM: Final = (
    "FROM job JOIN submission ON submission.id = job.submission"
    " JOIN batch ON batch.submission = job.submission AND batch.number = job.batch"
)
_ORDERS: Final = {
    sign + field: f"job.{field} IS NULL, job.{field} {way}, job.sequence {way}"
    for field in JOB_SORT_FIELDS
    for sign, way in (("", "ASC"), ("-", "DESC"))
}


@dataclass(frozen=True, slots=True)
class KeptJobs:
    """The jobs of one target. Each question raises `StateError` when the disk refuses."""

    database: Database
    target: str
    """Our name of it, which the jobs bear."""
    origin: str

    def jobs(self, query: JobQuery) -> Page[Job]:
        """One page of the jobs that a query asks for."""
        where, values = _conditions(self.target, self.origin, query)
        ((count,),) = self.database.query(f"SELECT count(*) {_FROM} WHERE {where}", *values)
        rows = self.database.query(
            f"SELECT {_COLUMNS} {_FROM} WHERE {where} ORDER BY {_ORDERS[query.sort]} LIMIT ? OFFSET ?",
            *values, query.page_size, (query.page - 1) * query.page_size,
        )  # fmt: skip
        return Page([self._job(row) for row in rows], query.page, max(1, -(-count // query.page_size)), count)

    def counts(self, query: JobQuery) -> dict[str, int]:
        """How many of the jobs that a query asks for have each status, whatever statuses and page it names."""
        where, values = _conditions(self.target, self.origin, replace(query, statuses=()))
        return dict(
            self.database.query(f"SELECT job.status, count(*) {_FROM} WHERE {where} GROUP BY job.status", *values)
        )

    def job(self, job_id: str) -> Job:
        """One job. Raises `NoSuchJob`."""
        rows = self.database.query(
            f"SELECT {_COLUMNS} {_FROM} WHERE submission.target = ? AND submission.origin = ? AND job.id = ?",
            self.target, self.origin, job_id,
        )  # fmt: skip
        if not rows:
            raise NoSuchJob(f"{self.target} has no job {safe_text(job_id, width=80)} that came from this console.")
        return self._job(rows[0])

    def errors(self, job_id: str, page: int) -> Page[JobError]:
        """One page, of `ERRORS_A_PAGE`, of what went wrong in a job. Raises `NoSuchJob`."""
        self.job(job_id)
        ((count,),) = self.database.query("SELECT count(*) FROM job_error WHERE job = ?", job_id)
        rows = self.database.query(
            "SELECT message, code, record, uid, pointer, raw FROM job_error WHERE job = ?"
            " ORDER BY sequence LIMIT ? OFFSET ?",
            job_id, ERRORS_A_PAGE, (page - 1) * ERRORS_A_PAGE,
        )  # fmt: skip
        errors = [
            JobError(message, code, record, uid, pointer, json.loads(raw))
            for message, code, record, uid, pointer, raw in rows
        ]
        return Page(errors, page, max(1, -(-count // ERRORS_A_PAGE)), count)

    def _job(self, row: Row) -> Job:
        job_id, status, total, processed, invalid, inserted_at, requested_at, started_at, completed_at, raw = row
        return Job(
            id=job_id,
            target=self.target,
            status=status,
            summary=JobSummary(total, processed, invalid),
            inserted_at=inserted_at,
            requested_at=requested_at,
            started_at=started_at,
            completed_at=completed_at,
            raw=json.loads(raw),
        )


def _conditions(target: str, origin: str, query: JobQuery) -> tuple[str, list[object]]:
    """The query in SQL: its conditions, and the values that they ask for."""
    conditions, values = ["submission.target = ?", "submission.origin = ?"], [target, origin]
    if query.statuses:
        conditions.append(f"job.status IN ({', '.join('?' * len(query.statuses))})")
        values += query.statuses
    for column, day in (("inserted_at", query.inserted), ("completed_at", query.completed)):
        if day is not None:
            conditions.append(f"substr(job.{column}, 1, 10) = ?")
            values.append(day.isoformat())
    if query.search:
        conditions.append(
            "instr(lower(job.id || ' ' || job.status || ' ' || submission.id || ' ' || CAST(batch.source AS TEXT)),"
            " lower(?)) > 0"
        )
        values.append(query.search)
    return " AND ".join(conditions), list(values)
