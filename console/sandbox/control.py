"""How a rehearsal is steered while it runs: which faults are planned, and what the journal holds.

For this machine alone, whatever the address that the sandbox listens on, and for whoever has the key of the Prowler
intake. A page in a browser on this machine gets nothing: the name that it asked by is not ours.
"""

from __future__ import annotations

import asyncio
import ipaddress
import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlsplit

from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route, Router
from starlette.types import ASGIApp, Receive, Scope, Send

from console.errors import BadInput
from console.records.model import JsonValue
from console.sandbox.body import Body, BodyTooLarge, read_body
from console.sandbox.faults.plan import Faults
from console.sandbox.journal import Journal
from console.sandbox.prowler.auth import ApiKeys, Permission
from console.sandbox.prowler.jsonapi import ApiError
from console.urls import LOOPBACK

PREFIX: Final = "/_sandbox/"
_MAX_BODY: Final = 64 * 1024
_PAGE: Final = 1_000
"""Entries of the journal in one answer, at most."""


class _Wrong(Exception):
    """A request that can't be obeyed: the sentence that answers it."""

    def __init__(self, message: str, status: int = 400) -> None:
        super().__init__(message)
        self.message = message
        self.status = status


@dataclass(frozen=True, slots=True)
class Control:
    """What the control endpoint works with."""

    keys: ApiKeys
    faults: Faults
    journal: Journal

    def application(self) -> ASGIApp:
        """The endpoint, under `PREFIX`."""
        return Router(
            [
                self._route("faults", GET=self._list, POST=self._add, DELETE=self._clear),
                self._route("faults/{number:int}", DELETE=self._remove),
                self._route("requests", GET=self._requests),
            ],
            redirect_slashes=False,
        )

    def _route(self, path: str, **methods: Handler) -> Route:
        return Route(PREFIX + path, _Guarded(self.keys, methods))

    async def _list(self, _request: Request) -> Response:
        return JSONResponse({"faults": self.faults.as_json()})

    async def _add(self, request: Request) -> Response:
        try:
            asked = json.loads(await read_body(request, _MAX_BODY))
        except (BodyTooLarge, ValueError, RecursionError) as error:
            raise _Wrong('Send JSON, such as {"fault": "status=503,nth=2"}.') from error
        text = asked.get("fault") if isinstance(asked, dict) else None
        if not isinstance(text, str):
            raise _Wrong('Send JSON, such as {"fault": "status=503,nth=2"}.')
        try:
            number = self.faults.add(text)
        except BadInput as error:
            raise _Wrong(str(error)) from error
        return JSONResponse({"id": number, "fault": text}, status_code=201)

    async def _clear(self, _request: Request) -> Response:
        self.faults.clear()
        return Response(status_code=204)

    async def _remove(self, request: Request) -> Response:
        if not self.faults.remove(request.path_params["number"]):
            raise _Wrong("There is no fault of that number.", 404)
        return Response(status_code=204)

    async def _requests(self, request: Request) -> Response:
        endpoint = request.query_params.get("endpoint")
        after, limit = _whole(request, "after", 0), min(_PAGE, _whole(request, "limit", _PAGE))
        entries = await asyncio.to_thread(self.journal.entries, endpoint, after=after, limit=limit)
        count = await asyncio.to_thread(self.journal.count, endpoint)
        shown: list[JsonValue] = [entry.as_json() for entry in entries]
        return JSONResponse({"requests": shown, "count": count})


Handler = Callable[[Request], Awaitable[Response]]


def _whole(request: Request, name: str, default: int) -> int:
    text = request.query_params.get(name)
    if text is None:
        return default
    if not text.isascii() or not text.isdigit() or len(text) > 18:
        raise _Wrong(f"'{name}' is a whole number.")
    return int(text)


class _Guarded:
    """One path, for those who may use it."""

    def __init__(self, keys: ApiKeys, methods: dict[str, Handler]) -> None:
        self._keys = keys
        self._methods = methods

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        body = Body(receive)
        try:
            response = await self._answer(Request(scope, body.receive))
        except _Wrong as wrong:
            response = JSONResponse({"error": wrong.message}, status_code=wrong.status)
            await body.read_out(until=_MAX_BODY)
        except ClientDisconnect:
            return
        await response(scope, receive, send)

    async def _answer(self, request: Request) -> Response:
        if not _is_this_machine(request):
            raise _Wrong("The control endpoint serves this machine only, by its own name.", 403)
        try:
            caller = self._keys.authenticate(request.headers.get("authorization"))
        except ApiError as error:
            raise _Wrong("Send the key of the Prowler intake, as 'Authorization: Api-Key …'.", 401) from error
        if caller.permission is not Permission.MANAGE_INGESTIONS:
            raise _Wrong("This key may not steer the sandbox.", 403)
        handler = self._methods.get(request.method)
        if handler is None:
            raise _Wrong(f"Use one of {', '.join(self._methods)}.", 405)
        return await handler(request)


def _is_this_machine(request: Request) -> bool:
    """Whether the client is on this machine and asked by its name, so that no foreign page can be behind it."""
    client = ipaddress.ip_address(request.client.host) if request.client else None
    named = urlsplit(f"//{request.headers.get('host', '')}").hostname
    return client is not None and client.is_loopback and named in LOOPBACK and "origin" not in request.headers
