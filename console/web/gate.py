"""Who may see the UI in a browser: whoever brings the one-time token first, and from then on their browser alone.

A page of a stranger reaches servers of this machine too: through a link, a form, a websocket, or a name of its own that
resolves to 127.0.0.1 (DNS rebinding). So the name that the browser asked for, where the request comes from and the
cookie are looked at on every request, static files and errors included.
"""

from __future__ import annotations

import secrets
from typing import Final

from aiohttp import web
from aiohttp.typedefs import Handler

_TOKEN_BYTES: Final = 32
_FIXED_HEADERS: Final = {
    "Cache-Control": "no-store",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}


class Gate:
    """Lets one browser in, by a token that works once, and refuses everybody else with 403."""

    def __init__(self, host: str) -> None:
        """*host* is address and port, as they stand in the address bar."""
        self._host = host
        self._origin = f"http://{host}"
        # Cookies know no ports: two of these, on two ports, must not overwrite each other's.
        self._cookie = f"ocsf-console-{host.rpartition(':')[2]}"
        self._session = secrets.token_urlsafe(_TOKEN_BYTES)
        self._token: str | None = secrets.token_urlsafe(_TOKEN_BYTES)
        self.url = f"{self._origin}/?token={self._token}"
        """The address to open. It works once."""

    def guard(self, app: web.Application) -> None:
        """Stand before every request of *app*, and put the headers on every answer."""
        app.middlewares.append(self._let_in)
        app.on_response_prepare.append(self._set_headers)

    @web.middleware
    async def _let_in(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        if request.headers.getall("Host", []) != [self._host]:
            raise web.HTTPForbidden(text=f"This is {self._origin}, and answers to no other name.\n")
        if not self._comes_from_here(request):
            raise web.HTTPForbidden(text="Other pages may not come in.\n")
        if request.path == "/" and "token" in request.query:
            return self._exchange(request)
        if not self._is_known(request):
            raise web.HTTPForbidden(text="Open the address that `ocsf-console web` printed. It works once.\n")
        return await handler(request)

    def _comes_from_here(self, request: web.Request) -> bool:
        """Whether no page of somebody else asks. A browser names the page for every websocket."""
        origins = request.headers.getall("Origin", [])
        is_websocket = "Upgrade" in request.headers
        return origins == [self._origin] or (not origins and not is_websocket)

    def _is_known(self, request: web.Request) -> bool:
        return secrets.compare_digest(request.cookies.get(self._cookie, "").encode(), self._session.encode())

    def _exchange(self, request: web.Request) -> web.Response:
        """Spend the token: its browser gets the cookie, and an address without the token."""
        answer = web.Response(status=303, headers={"Location": "/"})
        if self._is_known(request):  # a browser may ask ahead for what is being typed
            return answer
        token, brought = self._token, request.query["token"]
        if token is None or request.method != "GET" or not secrets.compare_digest(brought.encode(), token.encode()):
            raise web.HTTPForbidden(text="This address does not work, or not any more: it works once.\n")
        self._token = None
        answer.set_cookie(self._cookie, self._session, httponly=True, samesite="Strict", path="/")
        return answer

    async def _set_headers(self, _request: web.Request, response: web.StreamResponse) -> None:
        response.headers.update(_FIXED_HEADERS)
        # xterm.js writes its colours into style elements of its own.
        response.headers["Content-Security-Policy"] = (
            "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; "
            f"font-src 'self'; connect-src ws://{self._host}; "
            "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
        )
