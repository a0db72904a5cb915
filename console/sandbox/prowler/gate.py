"""What stands around the ingestion endpoints: what is checked before one is asked, and what every answer carries.

The order of the checks is that of the service.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Final
from uuid import UUID, uuid4

from starlette.datastructures import MutableHeaders
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from console.sandbox.body import Body
from console.sandbox.disturbance import disturbance_of
from console.sandbox.prowler import auth, jsonapi, pages
from console.sandbox.prowler.auth import ApiKeys
from console.sandbox.prowler.refusals import disturbed
from console.sandbox.prowler.throttle import Throttle

_TRANSACTION: Final = "Transaction-ID"
_SECURITY_HEADERS: Final = {
    "X-Frame-Options": "DENY",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "strict-origin-when-cross-origin",
}

Handler = Callable[[Request], Awaitable[Response]]


@dataclass(frozen=True, slots=True)
class Gate:
    """What every endpoint checks before it answers."""

    keys: ApiKeys
    throttle: Throttle

    def check(self, request: Request) -> None:
        """Raise an `ApiError` unless the client may ask, and takes what we answer."""
        caller = self.keys.authenticate(request.headers.get("authorization"))
        jsonapi.negotiate(request.headers.get("accept"))
        auth.require(caller.permission)
        self.throttle.count(caller.number)


class Gated:
    """One path behind the gate, and what answers each of its methods. An ASGI application.

    A client that is told no is still listened to until it has said all: see `Body`.
    """

    def __init__(self, gate: Gate, methods: Mapping[str, Handler]) -> None:
        self._gate = gate
        self._methods = methods

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request, as ASGI asks."""
        body = Body(receive)
        request = Request(scope, body.receive)
        try:
            response = await self._answer(request)
            await body.read_out()
        except ClientDisconnect:
            return
        await response(scope, receive, send)

    async def _answer(self, request: Request) -> Response:
        """The answer. What is left of the body is of no interest any more."""
        if "." in request.path_params.get("id", ""):  # a router of Django REST framework takes no dot in an id
            return pages.not_found()
        wrong = disturbed(request, disturbance_of(request))
        if wrong is not None:
            return wrong
        try:
            self._gate.check(request)
            handler = self._methods.get(request.method)
            if handler is None:
                raise jsonapi.method_not_allowed(request.method)
            response = await handler(request)
        except jsonapi.Refusal as refused:
            response = refused.response()
        except (OSError, sqlite3.Error):  # our own disk is full or broken
            return pages.server_error()
        response.headers["Allow"] = ", ".join(self._methods)
        return response


class NoSuchPage:
    """Answers that there is no such path. An ASGI application."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request, as ASGI asks."""
        await Body(receive).read_out()
        await pages.not_found()(scope, receive, send)


class Transactions:
    """Puts a transaction id on every answer: the client's own when it sent a UUID, as django-guid does."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request, as ASGI asks."""
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
