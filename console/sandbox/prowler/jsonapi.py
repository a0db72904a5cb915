"""The documents of JSON:API as Django REST framework writes them: resources, pages, errors, negotiation.

Prowler's API is Django REST framework 3.15 with djangorestframework-jsonapi 7.0. What is here follows those two,
key order included, so that an answer can be compared byte for byte.
"""

from __future__ import annotations

import json
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final
from urllib.parse import parse_qs, urlencode, urlsplit, urlunsplit

from starlette.requests import Request
from starlette.responses import Response

from console.records.model import JsonValue

MEDIA_TYPE: Final = "application/vnd.api+json"
VERSION: Final[dict[str, JsonValue]] = {"version": "v1"}
PAGE_SIZE: Final = 10
MAX_PAGE_SIZE: Final = 100
"""A larger `page[size]` is capped without a word, while the links go on echoing what was asked."""

DATA: Final = "/data"
"""The pointer of an error that concerns no attribute."""


@dataclass(frozen=True, slots=True)
class ErrorObject:
    """One entry of an error document."""

    detail: str
    code: str
    pointer: str | None = DATA
    """JSON pointer to what is wrong. None leaves `source` out, as for a resource that isn't there."""

    def as_json(self, status: int) -> JsonValue:
        """The entry, with its keys in the service's order."""
        shown: dict[str, JsonValue] = {"detail": self.detail, "status": str(status)}
        if self.pointer is not None:
            shown["source"] = {"pointer": self.pointer}
        shown["code"] = self.code
        return shown


class Refusal(Exception, ABC):
    """A request that is not done, and what is answered to it."""

    @abstractmethod
    def response(self) -> Response:
        """The answer to send."""


class ApiError(Refusal):
    """A request that is answered with an error document."""

    def __init__(self, status: int, *errors: ErrorObject, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(", ".join(error.detail for error in errors))
        self.status = status
        self.errors = errors
        self.headers = dict(headers or {})

    def response(self) -> Response:
        """The answer to send."""
        body: JsonValue = {"errors": [error.as_json(self.status) for error in self.errors]}
        return respond(body, status=self.status, headers=self.headers)


def invalid(detail: str) -> ApiError:
    """A 400 for a query string that can't be obeyed."""
    return ApiError(400, ErrorObject(detail, "invalid"))


def not_found(detail: str) -> ApiError:
    """A 404 for a resource that isn't there. These, and no others, have no `source`."""
    return ApiError(404, ErrorObject(detail, "not_found", pointer=None))


def method_not_allowed(method: str) -> ApiError:
    """A 405."""
    return ApiError(405, ErrorObject(f'Method "{method}" not allowed.', "method_not_allowed"))


def not_acceptable() -> ApiError:
    """A 406."""
    return ApiError(406, ErrorObject("Could not satisfy the request Accept header.", "not_acceptable"))


def unsupported_media_type(content_type: str) -> ApiError:
    """A 415."""
    return ApiError(415, ErrorObject(f'Unsupported media type "{content_type}" in request.', "unsupported_media_type"))


def parse_error(detail: str) -> ApiError:
    """A 400 for a body that can't be read."""
    return ApiError(400, ErrorObject(detail, "parse_error"))


def throttled(seconds: int | None) -> ApiError:
    """A 429, with the seconds to wait where they are known."""
    if seconds is None:
        return ApiError(429, ErrorObject("Request was throttled.", "throttled"))
    detail = f"Request was throttled. Expected available in {seconds} second{'' if seconds == 1 else 's'}."
    return ApiError(429, ErrorObject(detail, "throttled"), headers={"Retry-After": str(seconds)})


def respond(body: JsonValue, *, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    """An answer with this document, packed as the service packs it."""
    text = json.dumps(body, ensure_ascii=False, separators=(",", ":"))
    return Response(text.encode(), status_code=status, headers=dict(headers or {}), media_type=MEDIA_TYPE)


def document(data: JsonValue) -> JsonValue:
    """The document of one resource."""
    return {"data": data, "meta": VERSION}


def negotiate(accept: str | None) -> None:
    """Raise a 406 unless the client takes JSON:API. A quality of 0 is not looked at, there as here."""
    if accept is None:
        return
    for choice in accept.split(","):
        main, _, sub = choice.partition(";")[0].strip().partition("/")
        if main in ("*", "application") and sub in ("*", "vnd.api+json"):
            return
    raise not_acceptable()


@dataclass(frozen=True, slots=True)
class PageSlice:
    """Which part of a list a request asks for."""

    number: int
    """1 for the first."""
    pages: int
    """At least 1, also when the list is empty."""
    count: int
    """Items on all pages together."""
    size: int

    @property
    def offset(self) -> int:
        """Items before this page."""
        return (self.number - 1) * self.size


def page_slice(request: Request, count: int) -> PageSlice:
    """Read `page[number]` and `page[size]`. Raises a 404 for a page that isn't there."""
    size = _page_size(request.query_params.get("page[size]", ""))
    pages = max(1, -(-count // size))
    asked = request.query_params.get("page[number]") or "1"
    try:
        number = pages if asked == "last" else int(asked)
    except ValueError:
        number = 0
    if not 1 <= number <= pages:
        raise ApiError(404, ErrorObject("Invalid page.", "not_found"))
    return PageSlice(number=number, pages=pages, count=count, size=size)


def _page_size(asked: str) -> int:
    """The size to use: what is no positive number counts for nothing."""
    try:
        size = int(asked)
    except ValueError:
        return PAGE_SIZE
    return min(size, MAX_PAGE_SIZE) if size > 0 else PAGE_SIZE


def page_document(request: Request, part: PageSlice, data: Sequence[JsonValue]) -> JsonValue:
    """The document of one page of resources, with its links."""
    url = str(request.url)
    return {
        "links": {
            "first": _page_link(url, 1),
            "last": _page_link(url, part.pages),
            "next": _page_link(url, part.number + 1) if part.number < part.pages else None,
            "prev": _page_link(url, part.number - 1) if part.number > 1 else None,
        },
        "data": list(data),
        "meta": {"pagination": {"page": part.number, "pages": part.pages, "count": part.count}, **VERSION},
    }


def _page_link(url: str, number: int) -> str:
    """The same URL at another page: keys sorted, brackets percent-encoded."""
    parts = urlsplit(url)
    query = parse_qs(parts.query, keep_blank_values=True)
    query["page[number]"] = [str(number)]
    return urlunsplit(parts._replace(query=urlencode(sorted(query.items()), doseq=True)))
