"""What Security Hub answers with: JSON, the headers of the gateway before it, and errors in their two forms.

The gateway, which knows credentials, signatures and rates, writes `{"message"}`; the service behind it
`{"Message","Code"}`. The name of an error is in the header `x-amzn-errortype`.
"""

from __future__ import annotations

import json
from base64 import b64encode
from datetime import datetime
from typing import Final

from starlette.responses import Response

from console.records.model import JsonValue
from console.sandbox.words import NewId

_NAMES: Final = {
    400: ("InvalidInputException", "Invalid input."),
    401: ("InvalidAccessException", "The account is not subscribed to AWS Security Hub."),
    403: ("AccessDeniedException", "You do not have sufficient access to perform this action."),
    404: ("ResourceNotFoundException", "The request was rejected because we can't find the specified resource."),
    409: ("ResourceConflictException", "The resource specified in the request conflicts with an existing resource."),
    413: ("RequestEntityTooLarge", "Request Entity Too Large"),
    429: ("TooManyRequestsException", "Too Many Requests"),
    500: ("InternalException", "Internal service error."),
    502: ("BadGateway", "Bad Gateway"),
    503: ("ServiceUnavailable", "Service Unavailable"),
    504: ("GatewayTimeout", "Endpoint request timed out"),
}
"""Error names and messages by status. The messages of 400, 401, 403 and 500 are ours."""
_OF_THE_SERVICE: Final = frozenset({400, 401, 403, 404, 409, 500})
_LAST_OF_CLIENT: Final = 499


class Problem(Exception):
    """A request is not answered as it asks, with an error document instead."""

    def __init__(
        self, status: int, name: str, message: str, *, by_gateway: bool = False, retry_after: str | None = None
    ) -> None:
        super().__init__(message)
        self.status = status
        self.name = name
        """By which clients tell errors apart: `InvalidInputException`."""
        self.message = message
        self.by_gateway = by_gateway
        """Whether the gateway says so, and not the service."""
        self.retry_after = retry_after

    def document(self) -> JsonValue:
        """The body of the answer."""
        return {"message": self.message} if self.by_gateway else {"Message": self.message, "Code": self.name}


def invalid_input(message: str) -> Problem:
    """The service's answer to a parameter that it can't take."""
    return Problem(400, "InvalidInputException", message)


def too_many_requests() -> Problem:
    """The gateway's answer to a client that is too fast."""
    return _gateway_problem(429)


def request_too_large() -> Problem:
    """The gateway's answer to a body over its limit."""
    return _gateway_problem(413)


def expired_token() -> Problem:
    """The gateway's answer to temporary credentials that have run out."""
    return Problem(
        403, "ExpiredTokenException", "The security token included in the request is expired", by_gateway=True
    )


def missing_token() -> Problem:
    """The gateway's answer to a request without credentials, and to a path that it doesn't know."""
    return Problem(403, "MissingAuthenticationTokenException", "Missing Authentication Token", by_gateway=True)


def problem_of(status: int, retry_after: str | None) -> Problem:
    """The error that goes with a status of 400 to 599: of the same class where AWS gives that status to none."""
    known = status if status in _NAMES else 400 if status <= _LAST_OF_CLIENT else 500
    name, message = _NAMES[known]
    return Problem(status, name, message, by_gateway=known not in _OF_THE_SERVICE, retry_after=retry_after)


def _gateway_problem(status: int) -> Problem:
    name, message = _NAMES[status]
    return Problem(status, name, message, by_gateway=True)


def as_json(document: JsonValue) -> bytes:
    """A document as the service writes it. A page of findings has megabytes: keep that off the event loop."""
    return json.dumps(document, ensure_ascii=False, separators=(",", ":")).encode()


def respond(content: bytes, *, new_id: NewId, now: datetime) -> Response:
    """An answer that worked."""
    return _response(content, 200, new_id, now)


def refuse(problem: Problem, *, new_id: NewId, now: datetime) -> Response:
    """An answer that says what is wrong."""
    response = _response(as_json(problem.document()), problem.status, new_id, now)
    response.headers["x-amzn-ErrorType"] = problem.name
    if problem.retry_after is not None:
        response.headers["Retry-After"] = problem.retry_after
    return response


def _response(content: bytes, status: int, new_id: NewId, now: datetime) -> Response:
    request_id = new_id()
    return Response(
        content,
        status,
        {
            "Content-Type": "application/json",
            "x-amzn-RequestId": str(request_id),
            "x-amz-apigw-id": b64encode(request_id.bytes[:11]).decode(),
            "X-Amzn-Trace-Id": f"Root=1-{int(now.timestamp()):08x}-{request_id.hex[:24]}",
        },
    )
