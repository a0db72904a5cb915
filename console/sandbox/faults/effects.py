"""What faults do: each wraps an application, and is as wrong as it was asked to be.

Some happen on the way to the service, some on the way back, and some are the service's own, which is asked for them by
a disturbance.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from http import HTTPStatus
from typing import Any, Final

from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import HTTPConnection
from starlette.responses import HTMLResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from console.sandbox.body import Body
from console.sandbox.connection import Line
from console.sandbox.disturbance import Disturbance, disturb, disturbance_of
from console.sandbox.faults.spec import Fault, FaultKind

_ENDLESS_PIECE: Final = b" " * 65_536
_PAGE: Final = (
    "<html>\r\n<head><title>{title}</title></head>\r\n<body>\r\n<center><h1>{title}</h1></center>\r\n"
    "<hr><center>nginx</center>\r\n</body>\r\n</html>\r\n"
)
"""A gateway's page for an error, as nginx writes it."""


def with_faults(app: ASGIApp, faults: Sequence[Fault], line: Line) -> ASGIApp:
    """An application that meets these faults. The first of them is the outermost."""
    for fault in reversed(faults):
        app = _EFFECTS[fault.kind](app, fault, line)
    return app


Effect = Callable[[ASGIApp, Fault, Line], ASGIApp]


def _latency(app: ASGIApp, fault: Fault, _line: Line) -> ASGIApp:
    async def late(scope: Scope, receive: Receive, send: Send) -> None:
        await asyncio.sleep(fault.number or 0)
        await app(scope, receive, send)

    return late


def _answering(respond: Callable[[Fault, Scope], Response]) -> Effect:
    """An effect that answers in the service's place, once the whole request was read."""

    def effect(_app: ASGIApp, fault: Fault, _line: Line) -> ASGIApp:
        async def answer(scope: Scope, receive: Receive, send: Send) -> None:
            await Body(receive).read_out()
            await respond(fault, scope)(scope, receive, send)

        return answer

    return effect


def _gateway_page(fault: Fault, _scope: Scope) -> Response:
    status = int(fault.number or 0)
    return HTMLResponse(_PAGE.format(title=_title(status)), status_code=status)


def _title(status: int) -> str:
    try:
        return f"{status} {HTTPStatus(status).phrase}"
    except ValueError:
        return str(status)


def _elsewhere(fault: Fault, _scope: Scope) -> Response:
    return Response(status_code=307, headers={"Location": fault.word})


def _reset(_app: ASGIApp, fault: Fault, line: Line) -> ASGIApp:
    async def break_off(scope: Scope, receive: Receive, _send: Send) -> None:
        body = Body(receive)
        if fault.word == "after":
            await body.read_out()
        elif fault.word == "during":
            await body.read_out(until=max(1, _declared_length(scope) // 2))
        await line.reset()

    return break_off


def _declared_length(scope: Scope) -> int:
    length = Headers(scope=scope).get("content-length", "")
    return int(length) if length.isascii() and length.isdigit() else 0


def _no_reply(app: ASGIApp, fault: Fault, line: Line) -> ASGIApp:
    async def obey(scope: Scope, receive: Receive, _send: Send) -> None:
        await app(scope, receive, _swallow)
        await (line.hang() if fault.word == "hang" else line.reset())

    return obey


async def _swallow(_message: Message) -> None:
    """Send nothing."""


class _Answer:
    """The whole answer of an application, in memory: those of the sandbox are small."""

    def __init__(self) -> None:
        self.start: dict[str, Any] = {}  # ASGI's own kind of message
        self.body = b""

    @classmethod
    async def of(cls, app: ASGIApp, scope: Scope, receive: Receive) -> _Answer | None:
        """What the application answers; None when it has nobody to answer any more."""
        answer = cls()
        await app(scope, receive, answer._take)
        return answer if answer.start else None

    async def _take(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.start = dict(message)
        else:
            self.body += message.get("body", b"")

    def as_bytes(self) -> bytes:
        """The answer as it is on the wire, up to its end."""
        title = _title(self.start["status"])
        lines = [f"HTTP/1.1 {title}".encode(), *(name + b": " + value for name, value in self.start["headers"])]
        return b"\r\n".join([*lines, b"Connection: close", b"", self.body])


def _cut(app: ASGIApp, fault: Fault, line: Line) -> ASGIApp:
    async def cut_short(scope: Scope, receive: Receive, send: Send) -> None:
        answer = await _Answer.of(app, scope, receive)
        if answer is None:
            return
        length = len(answer.body) // 2 if fault.number is None else int(fault.number)
        await send(answer.start)
        await send({"type": "http.response.body", "body": answer.body[:length], "more_body": True})
        await line.close()

    return cut_short


def _drip(app: ASGIApp, fault: Fault, line: Line) -> ASGIApp:
    async def drip(scope: Scope, receive: Receive, _send: Send) -> None:
        answer = await _Answer.of(app, scope, receive)
        if answer is None:
            return
        await line.drip(answer.as_bytes(), fault.number or 0)

    return drip


def _endless(app: ASGIApp, _fault: Fault, line: Line) -> ASGIApp:
    async def go_on(scope: Scope, receive: Receive, send: Send) -> None:
        answer = await _Answer.of(app, scope, receive)
        if answer is None:
            return
        del MutableHeaders(raw=answer.start["headers"])["content-length"]
        await send(answer.start)
        piece = answer.body[:-1]  # what follows is white space within the document, so that no reader stops here
        while not line.closing:
            await send({"type": "http.response.body", "body": piece, "more_body": True})
            piece = _ENDLESS_PIECE
            await asyncio.sleep(0)
        await line.gone()

    return go_on


def _asking(change: Callable[[Fault, Disturbance], Disturbance]) -> Effect:
    """An effect that the service itself must bring about."""

    def effect(app: ASGIApp, fault: Fault, _line: Line) -> ASGIApp:
        async def ask(scope: Scope, receive: Receive, send: Send) -> None:
            disturb(scope, change(fault, disturbance_of(HTTPConnection(scope))))
            await app(scope, receive, send)

        return ask

    return effect


def _refused(fault: Fault, already: Disturbance) -> Disturbance:
    return replace(already, status=int(fault.number or 0), retry_after=fault.retry_after)


def _skewed(fault: Fault, already: Disturbance) -> Disturbance:
    return replace(already, skew=already.skew + timedelta(seconds=fault.number or 0))


def _late(fault: Fault, already: Disturbance) -> Disturbance:
    return replace(already, late=timedelta(seconds=fault.number or 0))


_EFFECTS: Final[Mapping[FaultKind, Effect]] = {
    FaultKind.LATENCY: _latency,
    FaultKind.STATUS: _asking(_refused),
    FaultKind.HTML: _answering(_gateway_page),
    FaultKind.RESET: _reset,
    FaultKind.NO_REPLY: _no_reply,
    FaultKind.CUT: _cut,
    FaultKind.DRIP: _drip,
    FaultKind.ENDLESS: _endless,
    FaultKind.REDIRECT: _answering(_elsewhere),
    FaultKind.EXPIRED: _asking(lambda _fault, already: replace(already, expired=True)),
    FaultKind.SKEW: _asking(_skewed),
    FaultKind.STUCK: _asking(lambda fault, already: replace(already, stuck=fault.word)),
    FaultKind.LATE: _asking(_late),
    FaultKind.MISCOUNT: _asking(lambda fault, already: replace(already, miscount=int(fault.number or 0))),
}
