"""The endpoints that take findings in and show them again.

Paths and headers are those of Cisco's guide. Of the read-back only the name (`get_finding`), the query and the body are
published: its path is ours. So are the statuses of all refusals, and that the answer to a simplified finding holds its
`data` as the answer to bundles does.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp

from console.convert.ocsf_event import OCSF_VERSION
from console.records.model import JsonValue
from console.sandbox.body import BadGzip, BodyTooLarge, read_body, unpack_gzip
from console.sandbox.cisco_xdr import headers
from console.sandbox.cisco_xdr.answers import (
    MEDIA_TYPE,
    ApiError,
    container_error,
    iroh_error,
    query_error,
    respond,
    too_many_requests,
)
from console.sandbox.cisco_xdr.headers import accepts_gzip
from console.sandbox.cisco_xdr.model import ReceivedFinding
from console.sandbox.cisco_xdr.quota import Quota
from console.sandbox.cisco_xdr.readback import result, utc
from console.sandbox.cisco_xdr.receive import error_of_nothing, receive_bundles, receive_custom
from console.sandbox.cisco_xdr.store import Store
from console.sandbox.cisco_xdr.surface import Call, Surface
from console.sandbox.cisco_xdr.tokens import NO_TOKEN, TokenRefused, Tokens, expired, no_token
from console.sandbox.journal import note_taken
from console.sandbox.words import Clock, NewId

CUSTOM_PATH: Final = "/api/v1/custom_detection_findings"
BUNDLES_PATH: Final = "/api/v1/detection_findings"
FINDING_PATH: Final = "/api/v1/finding"

_REALM: Final = 'Bearer realm="iroh"'
_FORMAT: Final = "ocsf1.4"
"""The one format that findings are shown in."""
_PARAMETERS: Final = frozenset({"finding_uid", "format"})


@dataclass(frozen=True, slots=True)
class IntakeLimits:
    """How much the intake takes at once. Cisco publishes none of these numbers but that of the requests."""

    body_bytes: int = 10 * 1024**2
    """Bytes of a body as it is sent."""
    unpacked_bytes: int = 64 * 1024**2
    """Bytes of a body that was unpacked."""
    bundles: int = 10_000
    """Bundles in one request."""
    requests: int = 8_000
    """Requests of the organisation within `window`."""
    window: timedelta = timedelta(minutes=60)


@dataclass(frozen=True, slots=True)
class FindingsApi:
    """What the endpoints work with."""

    tokens: Tokens
    store: Store
    quota: Quota
    limits: IntakeLimits
    module_instances: Mapping[str, str]
    """The names of the event sources, by the id of the module instance."""
    clock: Clock
    new_id: NewId

    def surfaces(self) -> Mapping[str, ASGIApp]:
        """What answers at which path."""
        custom = {"POST": self._custom}
        bundles = {"POST": self._bundles}
        finding = {"GET": self._finding}
        return {
            CUSTOM_PATH: Surface(custom, container_error, self._denial, self.clock, self.new_id, self.quota),
            BUNDLES_PATH: Surface(
                bundles, container_error, self._denial, self.clock, self.new_id, self.quota, packing=accepts_gzip
            ),
            FINDING_PATH: Surface(finding, query_error, self._denial, self.clock, self.new_id, self.quota),
        }

    async def _custom(self, call: Call) -> Response:
        self._admit(call)
        sent = call.request.headers
        headers.require_json(sent)
        headers.require_plain(sent)
        caller = headers.caller_of(sent, self.module_instances, call.id)
        body = await self._body(call.request)
        finding = await asyncio.to_thread(receive_custom, body, caller, call.now, self.new_id)
        await self._keep(call, [finding])
        return respond({"data": {**_processed(call), "detection_id": finding.uid}})

    async def _bundles(self, call: Call) -> Response:
        self._admit(call)
        sent = call.request.headers
        headers.require_json(sent)
        packed = headers.is_gzip(sent)
        caller = headers.caller_of(sent, self.module_instances, call.id)
        body = await self._body(call.request)
        if packed:
            body = await self._unpacked(body)
        taken = await asyncio.to_thread(receive_bundles, body, caller, call.now, self.limits.bundles)
        errors = [*taken.errors, *(error_of_nothing(str(self.new_id())) for _ in range(call.disturbance.miscount))]
        if not taken.accepted:
            raise ApiError(400, {"errors": errors, "message": "None of the findings is valid."})
        await self._keep(call, taken.accepted)
        return respond({"data": _processed(call), "errors": errors or None})

    async def _keep(self, call: Call, findings: Sequence[ReceivedFinding]) -> None:
        """Keep what was taken in, and note it for the journal."""
        await asyncio.to_thread(self.store.add, findings)
        note_taken(call.request, [{"uid": finding.uid, "sha256": finding.sha256} for finding in findings])

    async def _finding(self, call: Call) -> Response:
        self._admit(call)
        uid = _asked_uid(call.request)
        found = await asyncio.to_thread(self.store.latest, uid)
        if found is None:
            raise query_error(404, "The finding was not found.")
        times = await asyncio.to_thread(self.store.count, uid)
        return Response(await asyncio.to_thread(result, found, times), media_type=MEDIA_TYPE)

    def _admit(self, call: Call) -> None:
        """Let a request in: raises a 401 without a good token, and a 429 when there were too many."""
        try:
            if call.disturbance.expired:
                raise expired(timedelta(seconds=1))
            self.tokens.check(call.request.headers.get("authorization"), call.now)
        except TokenRefused as refused:
            raise self._denied(refused) from refused
        wait = self.quota.take(call.now)
        if wait is not None:
            raise too_many_requests({"Retry-After": f"{wait}s"})  # with the letter, as in Cisco's own example

    def _denied(self, refused: TokenRefused, also: Mapping[str, str] | None = None) -> ApiError:
        """The platform's answer to a request without a good token. RFC 6750: no error where there is no token."""
        challenge = _REALM if refused.error == NO_TOKEN else f'{_REALM}, error="invalid_token"'
        headers = {"WWW-Authenticate": challenge, **(also or {})}
        return iroh_error(401, refused.error, refused.description, str(self.new_id()), headers)

    def _denial(self, also: Mapping[str, str]) -> ApiError:
        return self._denied(no_token(), also)

    async def _body(self, request: Request) -> bytes:
        try:
            return await read_body(request, self.limits.body_bytes)
        except BodyTooLarge as error:
            raise _too_large(self.limits.body_bytes) from error

    async def _unpacked(self, packed: bytes) -> bytes:
        try:
            return await asyncio.to_thread(unpack_gzip, packed, self.limits.unpacked_bytes)
        except BadGzip as error:
            raise container_error(400, "The request body is not valid gzip.", [str(error)]) from error
        except BodyTooLarge as error:
            raise _too_large(self.limits.unpacked_bytes) from error


def _too_large(limit: int) -> ApiError:
    return container_error(413, "The request body is too large.", [f"The limit is {limit:,} bytes."])


def _processed(call: Call) -> dict[str, JsonValue]:
    """`FindingsDetectionResponseData`."""
    return {"version": OCSF_VERSION, "timestamp": utc(call.now)}


def _asked_uid(request: Request) -> str:
    """The finding that a query asks for. Raises a 400 `ApiError`."""
    asked = request.query_params
    details = [f"The parameter {name} is not known." for name in sorted(set(asked) - _PARAMETERS)]
    details += [f"The parameter {name} is repeated." for name in _PARAMETERS if len(asked.getlist(name)) > 1]
    if asked.get("format", _FORMAT) != _FORMAT:
        details.append(f"The format must be {_FORMAT}.")
    uid = asked.get("finding_uid", "")
    if not uid:
        details.append("The parameter finding_uid is required.")
    if details:
        raise query_error(400, "The query is invalid.", details)
    return uid
