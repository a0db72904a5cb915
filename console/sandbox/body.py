"""The bodies of requests: read in bounded memory, unpacked in bounded memory, and read out when they are refused."""

from __future__ import annotations

import zlib
from math import inf
from typing import Final

from starlette.requests import Request
from starlette.types import Message, Receive

_GZIP: Final = 16 + zlib.MAX_WBITS
_MEMBERS: Final = 1_000


class BodyTooLarge(Exception):
    """A body is larger than the service takes: as it was sent, or unpacked."""


class BadGzip(Exception):
    """A body that was declared to be gzip is not, or is cut short."""


class Body:
    """What a request goes on to bring: read to its end whatever the answer is, as the proxy before a service does.

    A client that is still sending when the connection closes may lose the answer to the reset.
    """

    def __init__(self, receive: Receive) -> None:
        self._receive = receive
        self._ended = False

    async def receive(self) -> Message:
        """The next piece."""
        message = await self._receive()
        self._ended = message["type"] != "http.request" or not message.get("more_body", False)
        return message

    async def read_out(self, until: float = inf) -> None:
        """Throw away what is left, or *until* that many bytes are read."""
        read = 0
        while not self._ended and read < until:
            read += len((await self.receive()).get("body", b""))


async def read_body(request: Request, max_bytes: int) -> bytes:
    """The whole body. Raises `BodyTooLarge`, and starlette's `ClientDisconnect` when the client goes away."""
    declared = request.headers.get("content-length", "")
    if declared.isascii() and declared.isdigit() and int(declared) > max_bytes:
        raise BodyTooLarge
    body = bytearray()
    async for piece in request.stream():
        body += piece
        if len(body) > max_bytes:
            raise BodyTooLarge
    return bytes(body)


def unpack_gzip(packed: bytes, max_bytes: int) -> bytes:
    """What is packed in one or more gzip members. Raises `BadGzip`, and `BodyTooLarge` without unpacking further.

    No client makes more than `_MEMBERS` members: each costs a copy of all that is behind it.
    """
    unpacked = bytearray()
    for _ in range(_MEMBERS):
        member = zlib.decompressobj(_GZIP)
        try:
            unpacked += member.decompress(packed, max_bytes + 1 - len(unpacked))
        except zlib.error as error:
            raise BadGzip(str(error)) from error
        if len(unpacked) > max_bytes:
            raise BodyTooLarge
        if not member.eof:
            raise BadGzip("The data end too early.")
        packed = member.unused_data.lstrip(b"\0")
        if not packed:
            return bytes(unpacked)
    raise BadGzip(f"There are more than {_MEMBERS:,} members.")
