"""The ingestion endpoints of Prowler Cloud: submit a file, follow its job, read what was wrong with its records.

Sources: Prowler's documentation (`prowler-import-findings`), Prowler's API code for keys and permissions, Django REST
framework for everything around them.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Final
from uuid import UUID

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route, Router
from starlette.types import ASGIApp

from console.errors import UnreadableFile
from console.progress import Cancel
from console.sandbox.disturbance import Disturbance, disturbance_of
from console.sandbox.journal import note_taken
from console.sandbox.prowler import jsonapi, query
from console.sandbox.prowler.file_part import Upload
from console.sandbox.prowler.gate import Gate, Gated, NoSuchPage, Transactions
from console.sandbox.prowler.model import Ingestion
from console.sandbox.prowler.refusals import report_invalid
from console.sandbox.prowler.report_file import count_records
from console.sandbox.prowler.resources import INGESTION_ERRORS, INGESTIONS, ingestion, ingestion_error
from console.sandbox.prowler.store import Store
from console.sandbox.prowler.upload import receive
from console.sandbox.words import Clock, Endpoint, NewId
from console.targets.base import COMPLETED, FAILED, PENDING

PATH: Final = "/api/v1/ingestions"
_JOB: Final = PATH + "/{id}"
_ERRORS: Final = _JOB + "/errors"
ENDPOINTS: Final = (
    Endpoint("prowler.submit", "POST", PATH),
    Endpoint("prowler.list", "GET", PATH),
    Endpoint("prowler.show", "GET", _JOB),
    Endpoint("prowler.errors", "GET", _ERRORS),
)
"""What the intake answers."""


@dataclass(frozen=True, slots=True)
class IngestionApi:
    """What the endpoints work with."""

    gate: Gate
    store: Store
    uploads: Path
    """The private folder that submitted files are kept in."""
    max_upload_bytes: int
    clock: Clock
    new_id: NewId

    def application(self) -> ASGIApp:
        """The endpoints at their real paths, and the service's page for any other path."""
        router = Router(
            [
                Route(PATH, Gated(self.gate, {"GET": self._list, "POST": self._submit})),
                Route(_JOB, Gated(self.gate, {"GET": self._show})),
                Route(_ERRORS, Gated(self.gate, {"GET": self._errors})),
            ],
            redirect_slashes=False,
            default=NoSuchPage(),
        )
        return Transactions(router)

    async def _submit(self, request: Request) -> Response:
        query.check_include(request.query_params)
        wrong = disturbance_of(request)
        job_id = self.new_id()
        open_job = partial(self._open_job, job_id, wrong)
        job = await receive(request, self.uploads / str(job_id), self.max_upload_bytes, open_job)
        note_taken(request, {"job": str(job.id), "sha256": job.sha256, "size": job.size, "records": job.total})
        return jsonapi.respond(jsonapi.document(ingestion(job, None, wrong.miscount)), status=202)

    def _open_job(self, job_id: UUID, wrong: Disturbance, upload: Upload, cancel: Cancel) -> Ingestion:
        """Keep the job of a file that was taken in. Raises a 400 when the file is no report. Blocks."""
        now = self.clock()
        try:
            total = count_records(upload.path, cancel)
        except UnreadableFile as error:
            raise report_invalid() from error
        job = Ingestion(
            id=job_id,
            status=PENDING,
            total=total,
            inserted_at=now + wrong.skew,
            requested_at=now + wrong.skew,
            filename=upload.filename,
            sha256=upload.sha256,
            size=upload.size,
            path=upload.path,
            listed_at=now + wrong.late if wrong.late else None,
            skew=wrong.skew,
        )
        self.store.add(job if wrong.stuck is None else _stuck(job, wrong.stuck))
        return job

    async def _list(self, request: Request) -> Response:
        asked = query.parse(request.query_params)
        where = replace(asked.where, listed_by=self.clock())
        part = jsonapi.page_slice(request, await asyncio.to_thread(self.store.count, where))
        query.check_include(request.query_params)
        jobs = await asyncio.to_thread(self.store.ingestions, where, asked.sort, limit=part.size, offset=part.offset)
        fields = query.chosen_fields(request.query_params, INGESTIONS)
        miscount = disturbance_of(request).miscount
        return jsonapi.respond(jsonapi.page_document(request, part, [ingestion(job, fields, miscount) for job in jobs]))

    async def _show(self, request: Request) -> Response:
        job = await self._job(request)
        query.check_include(request.query_params)
        fields = query.chosen_fields(request.query_params, INGESTIONS)
        return jsonapi.respond(jsonapi.document(ingestion(job, fields, disturbance_of(request).miscount)))

    async def _errors(self, request: Request) -> Response:
        asked = query.parse(request.query_params, sorts=(), filters=())
        job = await self._find(request, asked)
        part = jsonapi.page_slice(request, await asyncio.to_thread(self.store.count_errors, job.id))
        query.check_include(request.query_params)
        errors = await asyncio.to_thread(self.store.errors, job.id, limit=part.size, offset=part.offset)
        fields = query.chosen_fields(request.query_params, INGESTION_ERRORS)
        data = [ingestion_error(error, fields) for error in errors]
        return jsonapi.respond(jsonapi.page_document(request, part, data))

    async def _job(self, request: Request) -> Ingestion:
        """The job of the path. The filters of a list narrow the view of a single one, too."""
        return await self._find(request, query.parse(request.query_params))

    async def _find(self, request: Request, asked: query.ListQuery) -> Ingestion:
        try:
            job_id = UUID(request.path_params["id"])
        except ValueError as error:
            raise jsonapi.not_found("Not found.") from error
        job = await asyncio.to_thread(self.store.ingestion, job_id, asked.where)
        if job is None:
            raise jsonapi.not_found("No Ingestion matches the given query.")
        return job


def _stuck(job: Ingestion, status: str) -> Ingestion:
    """The job as it stays for ever, with the times that go with its status."""
    started_at = None if status == PENDING else job.requested_at
    completed_at = job.requested_at if status in (COMPLETED, FAILED) else None
    return replace(job, stuck=True, status=status, started_at=started_at, completed_at=completed_at)
