"""The token endpoint: an API client proves who it is, and gets a token for ten minutes.

Source: Cisco's "Authentication" pages for request, answer and the form of errors; RFC 6749, sections 4.4 and 5, for the
rest.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp

from console.sandbox.body import BodyTooLarge, read_body
from console.sandbox.cisco_xdr.answers import ApiError, iroh_error, respond
from console.sandbox.cisco_xdr.client import FORM_TYPE, GRANT, MAX_FORM_BYTES, BadForm, Client, grant_type
from console.sandbox.cisco_xdr.surface import Call, Surface
from console.sandbox.cisco_xdr.tokens import LIFETIME, SCOPE, Tokens
from console.sandbox.words import Clock, NewId

TOKEN_PATH: Final = "/iroh/oauth2/token"  # noqa: S105 - a path

_CHALLENGE: Final = {"WWW-Authenticate": 'Basic realm="iroh"'}
_NO_STORE: Final = {"Cache-Control": "no-store", "Pragma": "no-cache"}


@dataclass(frozen=True, slots=True)
class TokenApi:
    """What the endpoint works with."""

    client: Client
    tokens: Tokens
    clock: Clock
    new_id: NewId

    def surfaces(self) -> Mapping[str, ASGIApp]:
        """What answers at which path."""
        methods = {"POST": self._token}
        surface = Surface(methods, self._refusal, self._denial, self.clock, self.new_id, fixed=_NO_STORE)
        return {TOKEN_PATH: surface}

    async def _token(self, call: Call) -> Response:
        body = await self._form(call.request)
        header = call.request.headers.get("authorization")
        if call.disturbance.expired or not self.client.is_named_by(header):
            raise self._denial({})
        self._check_grant(call.request, body)
        token = self.tokens.issue(self.client.id, call.now, self.new_id())
        seconds = int(LIFETIME.total_seconds())
        return respond({"access_token": token, "token_type": "bearer", "expires_in": seconds, "scope": SCOPE})

    async def _form(self, request: Request) -> bytes:
        try:
            return await read_body(request, MAX_FORM_BYTES)
        except BodyTooLarge as error:
            raise self._error(413, "invalid_request", "The body is too large.") from error

    def _check_grant(self, request: Request, body: bytes) -> None:
        sent = request.headers.get("content-type", "").partition(";")[0].strip().lower()
        if sent != FORM_TYPE:
            raise self._error(400, "invalid_request", f"The content type must be {FORM_TYPE}.")
        try:
            asked = grant_type(body)
        except BadForm as error:
            raise self._error(400, "invalid_request", str(error)) from error
        if asked != GRANT:
            raise self._error(400, "unsupported_grant_type", f"The grant type must be {GRANT}.")

    def _denial(self, also: Mapping[str, str]) -> ApiError:
        description = "The client is unknown, or its password is wrong."
        return self._error(401, "invalid_client", description, {**_CHALLENGE, **also})

    def _error(self, status: int, error: str, description: str, headers: Mapping[str, str] | None = None) -> ApiError:
        return iroh_error(status, error, description, str(self.new_id()), headers)

    def _refusal(
        self, status: int, message: str, details: list[str], headers: Mapping[str, str] | None = None
    ) -> ApiError:
        error = "unauthorized_client" if status == 403 else "invalid_request" if status < 500 else "server_error"
        return self._error(status, error, " ".join([f"{message}.", *details]), headers)
