"""The ingestion endpoints of Prowler Cloud: submit a file, follow its job, read what was wrong with its records.

Sources: Prowler's documentation (`prowler-import-findings`) for the resource, Prowler's API code for keys and
permissions, Django REST framework for everything around them. The body of an ingestion error is documented nowhere;
ours follows the error objects of the public proposal for an importer (prowler-cloud/prowler, pull request 9704).
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final
from uuid import UUID, uuid4

from starlette.datastructures import MutableHeaders
from starlette.requests import ClientDisconnect, Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route, Router
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from console.errors import UnreadableFile
from console.records.model import JsonValue
from console.sandbox.body import Body
from console.sandbox.journal import note_taken
from console.sandbox.prowler import auth, jsonapi, query
from console.sandbox.prowler.auth import ApiKeys
from console.sandbox.prowler.model import Ingestion, RecordError
from console.sandbox.prowler.report_file import count_records
from console.sandbox.prowler.store import Store
from console.sandbox.prowler.upload import file_error, receive
from console.sandbox.words import Clock, Endpoint, NewId
from console.targets.base import PENDING

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
_TYPE: Final = "ingestions"
_ERROR_TYPE: Final = "ingestion-errors"
_TRANSACTION: Final = "Transaction-ID"
_SECURITY_HEADERS: Final = {
    "X-Frame-Options": "DENY",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "strict-origin-when-cross-origin",
}
_NO_SUCH_PAGE: Final = """
<!doctype html>
<html lang="en">
<head>
  <title>Not Found</title>
</head>
<body>
  <h1>Not Found</h1><p>The requested resource was not found on this server.</p>
</body>
</html>
"""

Handler = Callable[[Request], Awaitable[Response]]


@dataclass(frozen=True, slots=True)
class IngestionApi:
    """What the endpoints work with."""

    keys: ApiKeys
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
                Route(PATH, _Endpoint(self.keys, {"GET": self._list, "POST": self._submit})),
                Route(_JOB, _Endpoint(self.keys, {"GET": self._show})),
                Route(_ERRORS, _Endpoint(self.keys, {"GET": self._errors})),
            ],
            redirect_slashes=False,
            default=_NoSuchPage(),
        )
        return _Transactions(router)

    async def _submit(self, request: Request) -> Response:
        query.check_include(request.query_params)
        job_id = self.new_id()
        path = self.uploads / str(job_id)
        upload = await receive(request, path, self.max_upload_bytes)
        now = self.clock()
        try:
            total = await asyncio.to_thread(count_records, path)
        except UnreadableFile as error:
            await asyncio.to_thread(path.unlink)
            raise file_error("The report is not a valid Prowler OCSF finding report.", "invalid") from error
        job = Ingestion(
            id=job_id,
            status=PENDING,
            total=total,
            inserted_at=now,
            requested_at=now,
            filename=upload.filename,
            sha256=upload.sha256,
            size=upload.size,
            path=path,
        )
        await asyncio.to_thread(self.store.add, job)
        note_taken(request, {"job": str(job_id), "sha256": upload.sha256, "size": upload.size, "records": total})
        return jsonapi.respond(jsonapi.document(_resource(job, None)), status=202)

    async def _list(self, request: Request) -> Response:
        asked = query.parse(request.query_params)
        part = jsonapi.page_slice(request, await asyncio.to_thread(self.store.count, asked.where))
        query.check_include(request.query_params)
        jobs = await asyncio.to_thread(
            self.store.ingestions, asked.where, asked.sort, limit=part.size, offset=part.offset
        )
        fields = query.chosen_fields(request.query_params, _TYPE)
        return jsonapi.respond(jsonapi.page_document(request, part, [_resource(job, fields) for job in jobs]))

    async def _show(self, request: Request) -> Response:
        job = await self._job(request)
        query.check_include(request.query_params)
        fields = query.chosen_fields(request.query_params, _TYPE)
        return jsonapi.respond(jsonapi.document(_resource(job, fields)))

    async def _errors(self, request: Request) -> Response:
        asked = query.parse(request.query_params, sorts=(), filters=())
        job = await self._find(request, asked)
        part = jsonapi.page_slice(request, await asyncio.to_thread(self.store.count_errors, job.id))
        query.check_include(request.query_params)
        errors = await asyncio.to_thread(self.store.errors, job.id, limit=part.size, offset=part.offset)
        fields = query.chosen_fields(request.query_params, _ERROR_TYPE)
        data = [_error_resource(error, fields) for error in errors]
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


class _Endpoint:
    """One path: what is checked before its methods run, in the order in which the service checks it."""

    def __init__(self, keys: ApiKeys, methods: Mapping[str, Handler]) -> None:
        self._keys = keys
        self._methods = methods

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        body = Body(receive)
        request = Request(scope, body.receive)
        if "." in request.path_params.get("id", ""):  # a router of Django REST framework takes no dot in an id
            await _NoSuchPage()(scope, receive, send)
            return
        try:
            response = await self._answer(request)
        except jsonapi.ApiError as error:
            response = error.response()
            await body.read_out()
        except ClientDisconnect:
            return
        response.headers["Allow"] = ", ".join(self._methods)
        await response(scope, receive, send)

    async def _answer(self, request: Request) -> Response:
        permission = self._keys.authenticate(request.headers.get("authorization"))
        jsonapi.negotiate(request.headers.get("accept"))
        auth.require(permission)
        handler = self._methods.get(request.method)
        if handler is None:
            raise jsonapi.method_not_allowed(request.method)
        return await handler(request)


class _NoSuchPage:
    """The service's answer to a path that it doesn't know: Django's page."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await HTMLResponse(_NO_SUCH_PAGE, status_code=404)(scope, receive, send)


class _Transactions:
    """Puts a transaction id on every answer: the client's own when it sent a UUID, as django-guid does."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        transaction = _transaction(Request(scope).headers.get(_TRANSACTION, ""))

        async def send_marked(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                headers[_TRANSACTION] = transaction
                headers.update(_SECURITY_HEADERS)
            await send(message)

        await self._app(scope, receive, send_marked)


def _transaction(offered: str) -> str:
    try:
        UUID(offered)
    except ValueError:
        return uuid4().hex
    return offered


def _resource(job: Ingestion, fields: frozenset[str] | None) -> JsonValue:
    """An ingestion as the service shows it, with only the chosen attributes."""
    attributes: dict[str, JsonValue] = {
        "status": job.status,
        "summary": {"total": job.total, "processed": job.processed, "invalid": job.invalid},
        "requested_at": _time(job.requested_at),
        "started_at": _time(job.started_at),
        "completed_at": _time(job.completed_at),
    }
    return _object(_TYPE, job.id, attributes, fields)


def _error_resource(error: RecordError, fields: frozenset[str] | None) -> JsonValue:
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
    return _object(_ERROR_TYPE, error.id, attributes, fields)


def _object(kind: str, identity: UUID, attributes: dict[str, JsonValue], fields: frozenset[str] | None) -> JsonValue:
    """A resource object with only the chosen attributes, and without `attributes` when none is left."""
    chosen = {name: value for name, value in attributes.items() if fields is None or name in fields}
    shown: dict[str, JsonValue] = {"type": kind, "id": str(identity)}
    return {**shown, "attributes": chosen} if chosen else shown


def _time(at: datetime | None) -> str | None:
    """A time as Django REST framework writes it: without a fraction when it has none."""
    return None if at is None else at.isoformat().replace("+00:00", "Z")
