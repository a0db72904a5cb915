"""What all endpoints of Cisco XDR do alike: request ids, methods, refusals, and mistakes that are asked for."""

from __future__ import annotations

import asyncio
import gzip
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final, Protocol

from starlette.datastructures import Headers
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from console.sandbox.body import Body
from console.sandbox.cisco_xdr import headers
from console.sandbox.cisco_xdr.answers import ApiError, phrase_of, too_many_requests
from console.sandbox.cisco_xdr.quota import Quota
from console.sandbox.disturbance import Disturbance, disturbance_of
from console.sandbox.words import Clock, NewId

_RETRY_AFTER: Final = "Retry-After"


@dataclass(frozen=True, slots=True)
class Call:
    """A request on its way through an endpoint."""

    request: Request
    id: str
    """Its request id. Foreign text."""
    now: datetime
    """The service's time."""
    disturbance: Disturbance


Handler = Callable[[Call], Awaitable[Response]]
"""Answers a request, or raises `ApiError`."""


class Refusal(Protocol):
    """The form of an API's errors."""

    def __call__(
        self, status: int, message: str, details: list[str], headers: Mapping[str, str] | None = None
    ) -> ApiError:
        """An error of that form."""


@dataclass(frozen=True, slots=True)
class Surface:
    """One path: the methods that it takes, and what is the same for all of them."""

    methods: Mapping[str, Handler]
    refusal: Refusal
    denial: Callable[[Mapping[str, str]], ApiError]
    """The answer to a client that the service doesn't know, with these headers besides its own."""
    clock: Clock
    new_id: NewId
    quota: Quota | None = None
    """Whose state the answers tell; None where requests are not counted."""
    packing: Callable[[Headers], bool] | None = None
    """Whether a client with these headers gets its answer as gzip; None where nobody does."""
    fixed: Mapping[str, str] = field(default_factory=dict)
    """The headers that stand on every answer."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request, as ASGI asks."""
        body = Body(receive)
        request = Request(scope, body.receive)
        disturbance = disturbance_of(request)
        now = self.clock() + disturbance.skew
        call = Call(request, headers.request_id(request.headers, self.new_id), now, disturbance)
        try:
            response = await self._answer(call)
        except ApiError as error:
            response = error.response()
            await body.read_out()
        except ClientDisconnect:
            return
        response.headers[headers.REQUEST_ID] = call.id
        response.headers.update(self.fixed)
        if self.quota is not None:
            response.headers["X-Ratelimit-Org-Limit"] = str(self.quota.limit)
            response.headers["X-Ratelimit-Org-Remaining"] = str(self.quota.remaining(now))
        if self.packing is not None:
            response.headers["Vary"] = "Accept-Encoding"
            if self.packing(request.headers):
                await asyncio.to_thread(_pack, response)
        await response(scope, receive, send)

    async def _answer(self, call: Call) -> Response:
        if call.disturbance.status is not None:
            raise self._disturbed(call.disturbance.status, call.disturbance.retry_after)
        handler = self.methods.get(call.request.method)
        if handler is None:
            allowed = ", ".join(self.methods)
            raise self.refusal(405, phrase_of(405), [f"The methods are: {allowed}."], {"Allow": allowed})
        return await handler(call)

    def _disturbed(self, status: int, retry_after: str | None) -> ApiError:
        """The refusal that was asked for."""
        also = {} if retry_after is None else {_RETRY_AFTER: retry_after}
        if status == 401:
            return self.denial(also)
        if status == 429:
            return too_many_requests(also)
        return self.refusal(status, phrase_of(status), [], also)


def _pack(response: Response) -> None:
    response.body = gzip.compress(bytes(response.body), mtime=0)
    response.headers["Content-Length"] = str(len(response.body))
    response.headers["Content-Encoding"] = "gzip"
