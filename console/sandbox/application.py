"""The one application behind the sandbox's socket.

Each request goes to the intake whose service knows its path, meets the faults that are planned for it, has to arrive
within its time, and is written down in the journal.
"""

from __future__ import annotations

import asyncio
import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass
from email.utils import format_datetime
from typing import Final

from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import HTTPConnection
from starlette.responses import PlainTextResponse, Response
from starlette.routing import compile_path
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from console.sandbox.connection import Line
from console.sandbox.control import PREFIX
from console.sandbox.disturbance import disturbance_of
from console.sandbox.faults.effects import with_faults
from console.sandbox.faults.plan import Faults
from console.sandbox.faults.spec import Fault
from console.sandbox.journal import Entry, Journal, Redaction, taken_from
from console.sandbox.words import Clock, Endpoint, Intake

BODY_SECONDS: Final = 20.0
"""How long a body may take to arrive, and a second more for each 500 bytes of it (as Apache's reqtimeout)."""
_BYTES_PER_SECOND: Final = 500
_HASH_AT: Final = 1024**2
"""Bytes that are hashed at once, off the event loop."""

_HOST: Final = re.compile(r"([A-Za-z0-9._-]*|\[[0-9A-Fa-f:.]+\])(:[0-9]{0,5})?")
"""What a Host header may be (RFC 9110, section 7.2): answers are built with it."""


class TooSlow(Exception):
    """The body of a request takes longer to arrive than it may."""


@dataclass(frozen=True, slots=True)
class Destination:
    """Where a request goes."""

    app: ASGIApp
    name: str
    """The name of the endpoint; empty where the path is none of the service's, or doesn't take the method."""


class Destinations:
    """The intakes by the paths that their services know."""

    def __init__(self, intakes: Sequence[Intake], otherwise: ASGIApp) -> None:
        """*otherwise* answers for a path that none of them knows."""
        self._routes = [
            (compile_path(endpoint.path)[0], endpoint, intake.app)
            for intake in intakes
            for endpoint in intake.endpoints
        ]
        self._otherwise = otherwise

    @property
    def endpoints(self) -> Sequence[Endpoint]:
        """Everything that can be asked for."""
        return [endpoint for _, endpoint, _ in self._routes]

    def of(self, scope: Scope) -> Destination:
        """The intake of a path, and its endpoint if it takes the method."""
        found: Destination | None = None
        for pattern, endpoint, app in self._routes:
            if pattern.match(scope["path"]):
                if endpoint.method == scope["method"]:
                    return Destination(app, endpoint.name)
                found = found or Destination(app, "")
        return found or Destination(self._otherwise, "")


class Application:
    """The services at one address, with what is around all of them."""

    def __init__(
        self,
        destinations: Destinations,
        control: ASGIApp,
        *,
        faults: Faults,
        journal: Journal,
        redaction: Redaction,
        clock: Clock,
    ) -> None:
        self._destinations = destinations
        self._control = control
        self._faults = faults
        self._journal = journal
        self._redaction = redaction
        self._clock = clock

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request, as ASGI asks."""
        wrong = _ambiguity(Headers(scope=scope))
        if wrong:
            await PlainTextResponse(wrong, status_code=400, headers={"Connection": "close"})(scope, receive, send)
            return
        if scope["path"].startswith(PREFIX):
            await self._control(scope, receive, send)
            return
        destination = self._destinations.of(scope)
        faults = self._faults.meeting(destination.name)
        watch = _Watch(self._journal, self._entry(scope, destination, faults), scope, receive, send, self._clock)
        app = with_faults(_dated(destination.app, self._clock), faults, Line(scope, watch.receive, watch.write_down))
        try:
            await app(scope, watch.receive, watch.send)
        except TooSlow:
            await watch.refuse(Response(status_code=408, headers={"Connection": "close"}))
        finally:
            await watch.write_down()

    def _entry(self, scope: Scope, destination: Destination, faults: Sequence[Fault]) -> Entry:
        query = scope["query_string"].decode("latin-1")
        target = scope["raw_path"].decode("latin-1") + (f"?{query}" if query else "")
        return Entry(
            at=self._clock(),
            endpoint=destination.name,
            method=scope["method"],
            target=self._redaction.text(target),
            headers=self._redaction.headers(scope["headers"]),
            complete=_has_no_body(HTTPConnection(scope)),
            faults=[fault.kind.value for fault in faults],
        )


def _ambiguity(headers: Headers) -> str:
    """What could be read in two ways about the head of a request; empty when nothing could."""
    if not _HOST.fullmatch(headers.get("host", "")):
        return "Invalid Host header."
    if "content-length" in headers and "transfer-encoding" in headers:  # RFC 9112, section 6.1: may be smuggling
        return "Content-Length and Transfer-Encoding exclude each other."
    if len(headers.getlist("authorization")) > 1:
        return "There is more than one Authorization header."
    return ""


def _has_no_body(request: HTTPConnection) -> bool:
    """Whether nothing follows the head of a request (RFC 9112, section 6.3)."""
    return "transfer-encoding" not in request.headers and request.headers.get("content-length", "0") == "0"


def _dated(app: ASGIApp, clock: Clock) -> ASGIApp:
    """The application, whose answers bear the time of its own clock."""

    async def answer(scope: Scope, receive: Receive, send: Send) -> None:
        async def send_dated(message: Message) -> None:
            if message["type"] == "http.response.start":
                now = clock() + disturbance_of(HTTPConnection(scope)).skew
                MutableHeaders(scope=message)["Date"] = format_datetime(now, usegmt=True)
            await send(message)

        await app(scope, receive, send_dated)

    return answer


class _Watch:
    """One request on its way in, and its answer on the way out."""

    def __init__(
        self, journal: Journal, entry: Entry, scope: Scope, receive: Receive, send: Send, clock: Clock
    ) -> None:
        self._journal = journal
        self._entry = entry
        self._scope = scope
        self._receive = receive
        self._send = send
        self._clock = clock
        self._started = asyncio.get_running_loop().time()
        self._hash = hashlib.sha256()
        self._unhashed = bytearray()
        self._written = False

    async def receive(self) -> Message:
        """The next piece of the request. Raises `TooSlow` when it does not come in time."""
        if self._entry.complete:
            return await self._receive()
        due = self._started + BODY_SECONDS + self._entry.size / _BYTES_PER_SECOND
        try:
            async with asyncio.timeout_at(due):
                message = await self._receive()
        except TimeoutError as error:
            raise TooSlow from error
        if message["type"] == "http.request":
            await self._note(message.get("body", b""))
            self._entry.complete = not message.get("more_body", False)
        return message

    async def send(self, message: Message) -> None:
        """A part of the answer. The last one waits until the request is written down."""
        if message["type"] == "http.response.start":
            self._entry.status = message["status"]
            MutableHeaders(scope=message).setdefault("Date", format_datetime(self._clock(), usegmt=True))
        elif not message.get("more_body", False):
            await self.write_down()
        await self._send(message)

    async def refuse(self, response: Response) -> None:
        """Answer in the service's place, if it has not answered yet."""
        if self._entry.status is None:
            await response(self._scope, self._receive, self.send)

    async def write_down(self) -> None:
        """Put the entry into the journal, once."""
        if self._written:
            return
        self._written = True
        await asyncio.to_thread(self._finish)

    async def _note(self, piece: bytes) -> None:
        self._entry.size += len(piece)
        self._unhashed += piece
        if len(self._unhashed) >= _HASH_AT:
            ready, self._unhashed = self._unhashed, bytearray()
            await asyncio.to_thread(self._hash.update, ready)

    def _finish(self) -> None:
        self._hash.update(self._unhashed)
        self._entry.sha256 = self._hash.hexdigest()
        self._entry.taken = taken_from(self._scope["state"])
        self._journal.add(self._entry)
