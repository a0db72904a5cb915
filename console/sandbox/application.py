"""The one application behind the sandbox's socket: sends each request to the intake whose service knows its path."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from starlette.routing import compile_path
from starlette.types import ASGIApp, Receive, Scope, Send

from console.sandbox.words import Endpoint, Intake


@dataclass(frozen=True, slots=True)
class Destination:
    """Where a request goes."""

    app: ASGIApp
    endpoint: Endpoint | None
    """None where the path is none of the service's, or doesn't take the method."""


class Application:
    """Three services at one address."""

    def __init__(self, intakes: Sequence[Intake], otherwise: ASGIApp) -> None:
        self._routes = [
            (compile_path(endpoint.path)[0], endpoint, intake.app)
            for intake in intakes
            for endpoint in intake.endpoints
        ]
        self._otherwise = otherwise

    def destination(self, method: str, path: str) -> Destination:
        """The intake of a path, and its endpoint if it takes the method."""
        found: Destination | None = None
        for pattern, endpoint, app in self._routes:
            if pattern.match(path):
                if endpoint.method == method:
                    return Destination(app, endpoint)
                found = found or Destination(app, None)
        return found or Destination(self._otherwise, None)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request, as ASGI asks."""
        destination = self.destination(scope["method"], scope["path"])
        await destination.app(scope, receive, send)
