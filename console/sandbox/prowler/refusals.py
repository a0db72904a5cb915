"""What the service says when it is asked to refuse: one answer for every HTTP status, whatever the request was.

Those that Django REST framework gives itself are as it gives them. Those of Prowler Cloud's own have the codes that
its UI knows. The words of 402, 411, 413 and of `rate_limited` are published nowhere as an answer: they are ours, or
what the UI shows.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from http import HTTPStatus
from typing import Final

from starlette.requests import Request
from starlette.responses import Response

from console.sandbox.disturbance import Disturbance
from console.sandbox.prowler import pages
from console.sandbox.prowler.auth import EXPIRED, denied, failed
from console.sandbox.prowler.file_part import file_error, file_too_large
from console.sandbox.prowler.jsonapi import (
    DATA,
    ApiError,
    ErrorObject,
    method_not_allowed,
    not_acceptable,
    not_found,
    throttled,
    unsupported_media_type,
)

_OWN: Final[Mapping[int, tuple[str, str]]] = {
    402: ("A Prowler Cloud subscription is required to import findings.", "subscription_required"),
    411: ("The request has no Content-Length.", "length_required"),
}
"""Detail and code of what the framework has no answer for."""
_SECONDS: Final = re.compile(r"[0-9]{1,9}")
_NOT_A_REPORT: Final = "The report is not a valid Prowler OCSF finding report."


def disturbed(request: Request, disturbance: Disturbance) -> Response | None:
    """The refusal that a request is to get; None for a request that is to be answered."""
    if disturbance.status is not None:
        response = refusal(request, disturbance.status, disturbance.retry_after)
        if disturbance.retry_after is not None:
            response.headers["Retry-After"] = disturbance.retry_after
        return response
    return failed(EXPIRED).response() if disturbance.expired else None


def refusal(request: Request, status: int, retry_after: str | None = None) -> Response:
    """What the service, or the gateway before it, answers with this status."""
    if status in pages.GATEWAY:
        return pages.gateway_error(status)
    if status >= 500:
        return pages.server_error(status)
    return _api_error(request, status, retry_after).response()


def _api_error(request: Request, status: int, retry_after: str | None) -> ApiError:  # noqa: PLR0911 - a table
    match status:
        case 400:
            return report_invalid() if request.method == "POST" else _error(400, "Malformed request.", "parse_error")
        case 401:
            return failed("Invalid API Key.")
        case 403:
            return denied()
        case 404:
            return not_found("No Ingestion matches the given query." if "id" in request.path_params else "Not found.")
        case 405:
            return method_not_allowed(request.method)
        case 406:
            return not_acceptable()
        case 413:
            return file_too_large()
        case 415:
            return unsupported_media_type(request.headers.get("content-type", ""))
        case 429:
            return _too_many(retry_after)
        case _:
            return _error(status, *_OWN.get(status, _by_name(status)))


def report_invalid() -> ApiError:
    """A 400 for a file that is no finding report."""
    return file_error(_NOT_A_REPORT, "invalid")


def _too_many(retry_after: str | None) -> ApiError:
    """A 429: the framework's, which tells how long to wait, or else that of the import itself."""
    if retry_after is None:
        return _error(429, "Too many import requests. Please try again shortly.", "rate_limited")
    return throttled(int(retry_after) if _SECONDS.fullmatch(retry_after) else None)


def _by_name(status: int) -> tuple[str, str]:
    """Detail and code of a status that no part of the service is known to answer: its name."""
    try:
        phrase = HTTPStatus(status).phrase
    except ValueError:
        phrase = "Error"
    return f"{phrase}.", phrase.lower().replace(" ", "_").replace("-", "_").replace("'", "")


def _error(status: int, detail: str, code: str) -> ApiError:
    return ApiError(status, ErrorObject(detail, code, DATA))
