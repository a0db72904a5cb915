"""The operations of Security Hub that clients which import findings call, at their real paths, behind the gateway.

Source: the API's model (2018-10-26) for paths and shapes. The gateway checks what it can before the body, as AWS does:
who has no credentials is told so first.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Final

from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from console.records.model import JsonValue
from console.sandbox.body import Body, BodyTooLarge, read_body
from console.sandbox.disturbance import disturbance_of
from console.sandbox.journal import note_taken
from console.sandbox.security_hub.answers import (
    Problem,
    as_json,
    expired_token,
    missing_token,
    problem_of,
    refuse,
    request_too_large,
    respond,
    too_many_requests,
)
from console.sandbox.security_hub.importing import import_findings
from console.sandbox.security_hub.products import Account
from console.sandbox.security_hub.reading import Pager, describe_hub, get_findings, list_products
from console.sandbox.security_hub.requests import REQUEST_BYTES
from console.sandbox.security_hub.signature import AccessKey, ReceivedRequest, read_authorization, verify
from console.sandbox.security_hub.store import Store, Taken
from console.sandbox.security_hub.throttle import Throttle
from console.sandbox.security_hub.updating import update_findings
from console.sandbox.words import Clock, Endpoint, NewId

IMPORT: Final = Endpoint("hub.import", "POST", "/findings/import")
GET: Final = Endpoint("hub.get", "POST", "/findings")
UPDATE: Final = Endpoint("hub.update", "PATCH", "/findings/batchupdate")
DESCRIBE: Final = Endpoint("hub.describe", "GET", "/accounts")
PRODUCTS: Final = Endpoint("hub.products", "GET", "/productSubscriptions")
ENDPOINTS: Final = (IMPORT, GET, UPDATE, DESCRIBE, PRODUCTS)
"""What the intake answers."""

_ENDPOINTS: Final = {(endpoint.method, endpoint.path): endpoint for endpoint in ENDPOINTS}
_SUCCESSES: Final = "SuccessCount"

Document = dict[str, JsonValue]
Operation = Callable[[bytes, Mapping[str, str], datetime], Document]
"""Answers the body, query and time of a request that is let through. May block. Raises `Problem`."""


@dataclass(frozen=True, slots=True)
class SecurityHubApi:
    """What the endpoints work with: an ASGI application of its own."""

    key: AccessKey
    account: Account
    enabled: bool
    """Whether the account has subscribed to Security Hub."""
    store: Store
    throttle: Throttle
    pager: Pager
    since: datetime
    """When the account subscribed."""
    clock: Clock
    new_id: NewId

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request, as ASGI asks."""
        body = Body(receive)
        request = Request(scope, body.receive)
        now = self.clock() + disturbance_of(request).skew
        try:
            response = respond(await self._answer(request, now), new_id=self.new_id, now=now)
        except Problem as problem:
            response = await self._refused(problem, body, now)
        except ClientDisconnect:
            return
        await response(scope, receive, send)

    async def _refused(self, problem: Problem, body: Body, now: datetime) -> Response:
        await body.read_out()
        return refuse(problem, new_id=self.new_id, now=now)

    async def _answer(self, request: Request, now: datetime) -> bytes:
        disturbance = disturbance_of(request)
        if disturbance.expired:
            raise expired_token()
        if disturbance.status is not None:
            raise problem_of(disturbance.status, disturbance.retry_after)
        endpoint, body = await self._admitted(request, now)
        operation = self._operation(endpoint, request)
        query = dict(request.query_params)

        def answer() -> bytes:
            document = operation(body, query, now)
            successes = document.get(_SUCCESSES)
            if isinstance(successes, int):
                document[_SUCCESSES] = successes + disturbance.miscount
            return as_json(document)

        return await asyncio.to_thread(answer)

    async def _admitted(self, request: Request, now: datetime) -> tuple[Endpoint, bytes]:
        """The endpoint and the body of a request that may go on. Raises `Problem`."""
        received = _received(request)
        authorization = read_authorization(received)
        try:
            body = await read_body(request, REQUEST_BYTES)
        except BodyTooLarge as error:
            raise request_too_large() from error
        body_hash = await asyncio.to_thread(lambda: sha256(body).hexdigest())
        verify(received, authorization, body_hash, self.key, now)
        endpoint = _ENDPOINTS.get((request.method, request.scope["path"]))
        if endpoint is None:  # a gateway knows no operation there, whoever asks
            raise missing_token()
        if not self.throttle.admits((endpoint.name, self.account.id, self.account.region)):
            raise too_many_requests()
        if not self.enabled:
            message = f"Account {self.account.id} is not subscribed to AWS Security Hub"
            raise Problem(401, "InvalidAccessException", message)
        return endpoint, body

    def _operation(self, endpoint: Endpoint, request: Request) -> Operation:
        def tell(taken: Sequence[Taken]) -> None:
            note_taken(request, [_noted(one) for one in taken])

        operations: dict[Endpoint, Operation] = {
            IMPORT: lambda body, _query, now: import_findings(body, self.account, self.store, now, tell),
            GET: lambda body, _query, now: get_findings(body, self.store, self.pager, now),
            UPDATE: lambda body, _query, now: update_findings(body, self.store, now),
            DESCRIBE: lambda _body, query, _now: describe_hub(query, self.account, self.since),
            PRODUCTS: lambda _body, query, _now: list_products(query, self.account, self.pager),
        }
        return operations[endpoint]


def _noted(taken: Taken) -> JsonValue:
    """A finding as the journal has it."""
    return {"id": taken.identifier.id, "sha256": taken.sha256, "outcome": taken.outcome}


def _received(request: Request) -> ReceivedRequest:
    """The request as its signer saw it: nothing decoded."""
    path = request.scope.get("raw_path") or request.scope["path"].encode()
    return ReceivedRequest(
        request.method,
        path.decode("latin-1"),
        request.scope["query_string"].decode("latin-1"),
        [(name.decode("latin-1").lower(), value) for name, value in request.scope["headers"]],
    )
