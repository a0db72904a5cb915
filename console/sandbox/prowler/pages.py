"""The answers of the service that are no JSON:API: the pages of Django, and those of the gateway before it."""

from __future__ import annotations

from http import HTTPStatus
from typing import Final

from starlette.responses import HTMLResponse, Response

from console.sandbox.prowler.jsonapi import Refusal

GATEWAY: Final = frozenset((408, 502, 503, 504))
"""The statuses that the gateway answers itself: when it waits in vain for the client, or for the service."""

_DJANGO: Final = """
<!doctype html>
<html lang="en">
<head>
  <title>{title}</title>
</head>
<body>
  <h1>{title}</h1><p>{text}</p>
</body>
</html>
"""
_NOT_FOUND: Final = "The requested resource was not found on this server."
_GATEWAY: Final = (
    "<html>\r\n<head><title>{title}</title></head>\r\n<body>\r\n<center><h1>{title}</h1></center>\r\n</body>\r\n"
    "</html>\r\n"
)


class PageRefusal(Refusal):
    """A request that is answered with a page of Django's: it was stopped before the API looked at it."""

    def response(self) -> Response:
        """The answer to send."""
        return bad_request()


def not_found() -> Response:
    """Django's answer to a path that it doesn't know."""
    return HTMLResponse(_DJANGO.format(title="Not Found", text=_NOT_FOUND), status_code=404)


def bad_request() -> Response:
    """Django's answer to a request that it takes for an attack."""
    return HTMLResponse(_DJANGO.format(title="Bad Request (400)", text=""), status_code=400)


def server_error(status: int = 500) -> Response:
    """Django's answer when the service itself broke."""
    return HTMLResponse(_DJANGO.format(title=f"Server Error ({status})", text=""), status_code=status)


def gateway_error(status: int) -> Response:
    """The gateway's answer in place of the service's. Its exact form is ours: that of the usual load balancers."""
    page = _GATEWAY.format(title=f"{status} {HTTPStatus(status).phrase}")
    return Response(page, status_code=status, media_type="text/html")
