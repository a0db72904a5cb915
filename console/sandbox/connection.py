"""One connection of a client: how long it may take over a request, and how it is broken when a fault asks for it.

uvicorn's own protocol speaks HTTP. It sets no time for a request's head, and an application under it can't reach the
connection that it answers on.
"""

from __future__ import annotations

import asyncio
import socket
import struct
from collections.abc import Awaitable, Callable
from typing import Final

import h11
from starlette.types import ASGIApp, Receive, Scope, Send
from uvicorn.protocols.http.h11_impl import H11Protocol, RequestResponseCycle

HEAD_SECONDS: Final = 20.0
"""How long the head of a request may take, from its first byte or that of the connection (as Apache's reqtimeout)."""
_KEY: Final = "connection"
LINGER_SECONDS: Final = 2.0
"""How long what a client goes on to send is thrown away after it was refused: a reset would take the answer away."""
_TIMED_OUT: Final = b"HTTP/1.1 408 Request Timeout\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
_BAD_REQUEST: Final = b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
_RESET_ON_CLOSE: Final = struct.pack("ii", 1, 0)
"""SO_LINGER on, with no time to linger: closing sends a RST (POSIX leaves it open, Linux and macOS do so)."""


class Protocol(H11Protocol):
    """HTTP/1.1 on one connection, with a time for each head, and with the connection in reach of the application."""

    _head_timer: asyncio.TimerHandle | None = None
    _refused = False

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as in uvicorn's own
        """Take a new connection."""
        super().connection_made(transport)
        self.app = _OnConnection(self.app, transport, self._let_go)
        self._start_timer()

    def data_received(self, data: bytes) -> None:
        """Take what the client sent."""
        if self._refused:
            return
        try:
            super().data_received(data)
        except h11.LocalProtocolError:
            # The client broke the protocol while it was being answered: there is nothing left that could be said.
            self.transport.close()
        if self._in_hand() is not None:
            self._stop_timer()
        else:
            self._start_timer()

    def send_400_response(self, msg: str) -> None:
        """Refuse what is no HTTP. uvicorn's own would reset a client that is still sending."""
        cycle = self._in_hand()
        if cycle is not None and cycle.response_started:
            self.transport.close()
        else:
            self._refuse(_BAD_REQUEST)

    def connection_lost(self, exc: Exception | None) -> None:
        """Forget a connection that is gone."""
        self._stop_timer()
        super().connection_lost(exc)

    def _let_go(self) -> None:
        """Break off without an answer, and without a word about it."""
        self.transport.abort()
        cycle = self._in_hand()
        if cycle is not None:
            cycle.disconnected = True

    def _in_hand(self) -> RequestResponseCycle | None:
        """The request that is not answered yet."""
        cycle: RequestResponseCycle | None = self.cycle  # None until the first request came
        return None if cycle is None or cycle.response_complete else cycle

    def _start_timer(self) -> None:
        """Begin to wait for the rest of a head, unless that is so already, or nothing is waited for any more."""
        if self._head_timer is None and not self._refused and not self.transport.is_closing():
            self._head_timer = self.loop.call_later(HEAD_SECONDS, self._time_out)

    def _stop_timer(self) -> None:
        if self._head_timer is not None:
            self._head_timer.cancel()
            self._head_timer = None

    def _time_out(self) -> None:
        self._refuse(_TIMED_OUT)

    def _refuse(self, answer: bytes) -> None:
        """Answer, take nothing more, and close when the client has seen it or some time has passed."""
        self._refused = True
        self._stop_timer()
        self.transport.write(answer)
        self.transport.write_eof()
        self.loop.call_later(LINGER_SECONDS, self.transport.close)


class _OnConnection:
    """Tells an application which connection a request came by."""

    def __init__(self, app: ASGIApp, transport: asyncio.Transport, let_go: Callable[[], None]) -> None:
        self._app = app
        self._transport = transport
        self._let_go = let_go

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        scope["state"][_KEY] = self._transport
        try:
            await self._app(scope, receive, send)
        except asyncio.CancelledError:
            # The server stops, and does not wait any longer for who hangs: often that was what a fault asked for.
            self._let_go()


class Line:
    """The connection under a request, for answers that break the rules of HTTP.

    *before* is awaited before the first of them takes effect.
    """

    def __init__(self, scope: Scope, receive: Receive, before: Callable[[], Awaitable[None]]) -> None:
        self._transport: asyncio.Transport = scope["state"][_KEY]
        self._receive = receive
        self._before = before

    async def reset(self) -> None:
        """Close with an RST, as a machine that crashed does."""
        await self._before()
        found = self._transport.get_extra_info("socket")
        found.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET_ON_CLOSE)
        self._transport.abort()
        await self.gone()

    async def close(self) -> None:
        """Send what is waiting, and close."""
        await self._before()
        self._transport.close()
        await self.gone()

    async def hang(self) -> None:
        """Say nothing until the client goes away."""
        await self._before()
        await self.gone()

    async def drip(self, answer: bytes, seconds: float) -> None:
        """Send an answer, head and all, a byte every so many seconds, and close."""
        await self._before()
        for byte in answer:
            if self._transport.is_closing():
                break
            self._transport.write(bytes([byte]))
            await asyncio.sleep(seconds)
        await self.close()

    @property
    def closing(self) -> bool:
        """Whether nothing more can be sent."""
        return self._transport.is_closing()

    async def gone(self) -> None:
        """Wait until the client is gone, or was sent away."""
        while (await self._receive())["type"] != "http.disconnect":
            pass
