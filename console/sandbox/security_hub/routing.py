"""Where a request for a path that no service knows goes: signed as AWS asks, it was meant for AWS."""

from __future__ import annotations

from starlette.types import ASGIApp, Receive, Scope, Send

_SIGNED = b"AWS4-"


class SignedElsewhere:
    """Sends requests that are signed for AWS to one application, and all others to another one."""

    def __init__(self, aws: ASGIApp, others: ASGIApp) -> None:
        self._aws = aws
        self._others = others

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request, as ASGI asks."""
        headers: list[tuple[bytes, bytes]] = scope["headers"]
        signed = any(name == b"authorization" and value.startswith(_SIGNED) for name, value in headers)
        await (self._aws if signed else self._others)(scope, receive, send)
