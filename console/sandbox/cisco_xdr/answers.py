"""The bodies of Cisco XDR's answers: its four forms of errors, and JSON with the headers that belong to it.

`FindingsContainerError` and `FindingsValidationResponseBody` are models of the "XDR Findings Container API"; the IROH
envelope is that of the token endpoint and of everything that is wrong with a token; the Findings Query API has a form
of its own. Which status goes with which is not published, and so ours.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Final

import msgspec
from starlette.responses import Response

from console.records.model import JsonValue

MEDIA_TYPE: Final = "application/json"
MOST_DETAILS: Final = 100
"""Single errors that are listed of one finding. Ours: a hostile one could have millions."""

_ERROR_DOCUMENTATION: Final = "https://visibility.amp.cisco.com/iroh/doc"
_TOO_MANY: Final[JsonValue] = {"message": "Too many requests"}


class ApiError(Exception):
    """A request that is refused, and how."""

    def __init__(self, status: int, document: JsonValue, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(status)
        self.status = status
        self._document = document
        self._headers = headers

    def response(self) -> Response:
        """The answer."""
        return respond(self._document, self.status, self._headers)


def respond(document: JsonValue, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    """An answer in JSON. Its integers fit 64 bits, and its texts are sound Unicode."""
    return Response(msgspec.json.encode(document), status, headers, MEDIA_TYPE)


def container_error(
    status: int, message: str, details: Sequence[str] | None = None, headers: Mapping[str, str] | None = None
) -> ApiError:
    """A `FindingsContainerError`: the whole request is refused."""
    listed = None if details is None else list[JsonValue](details)
    return ApiError(status, {"result": "error", "message": message, "details": listed}, headers)


def query_error(
    status: int, message: str, details: Sequence[str] = (), headers: Mapping[str, str] | None = None
) -> ApiError:
    """An error of the Findings Query API."""
    return ApiError(status, {"status": status, "message": message, "details": list[JsonValue](details)}, headers)


def iroh_error(
    status: int, error: str, description: str, trace_id: str, headers: Mapping[str, str] | None = None
) -> ApiError:
    """An error of IROH, the platform that gives out tokens and looks at them."""
    document: JsonValue = {
        "error": error,
        "error_description": description,
        "error_code": error,
        "error_uri": _ERROR_DOCUMENTATION,
        "trace_id": trace_id,
    }
    return ApiError(status, document, headers)


def too_many_requests(headers: Mapping[str, str]) -> ApiError:
    """The answer when the organisation has used up its requests."""
    return ApiError(429, _TOO_MANY, headers)


def phrase_of(status: int) -> str:
    """The words for an HTTP status, whether or not it is a registered one."""
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return "Error"
