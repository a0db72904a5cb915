"""A multipart upload, written to disk as it arrives.

The event loop only collects pieces: parsing, hashing and writing them is done off it, about a megabyte at a time. No
more than that is in memory, so the size of a file does not matter.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable
from pathlib import Path
from typing import Final, TypeAlias, TypeVar

from python_multipart.exceptions import FormParserError
from python_multipart.multipart import MultipartParser, parse_options_header
from starlette.requests import Request

from console.progress import Cancel, in_thread, to_the_end
from console.sandbox.prowler.file_part import FilePart, Upload, file_error, headers_too_large
from console.sandbox.prowler.jsonapi import parse_error, unsupported_media_type

_BOUNDARY: Final = re.compile(r"[ -~]{0,200}[!-~]")
"""RFC 2046, as Django reads it."""
_COLLECTED_BYTES: Final = 1024 * 1024
"""What is collected before it is handed to a thread: handing each piece over would cost more than parsing it."""
_HEADER_TOO_LARGE: Final = "Maximum header"
"""How the parser's message starts, when it stops at headers that are larger than it takes."""

T = TypeVar("T")

Accept: TypeAlias = Callable[[Upload, Cancel], T]
"""Takes a file that came in whole."""


async def receive(request: Request, path: Path, max_bytes: int, accept: Accept[T]) -> T:
    """Write the request's `file` part to *path*, which is made and private, and give what *accept* makes of it.

    Of several such parts the last counts. *accept* is called off the event loop, and asked to stop when the task that
    waits for it is cancelled. Raises a `Refusal` when there is no
    file, when it is empty or too large, what *accept* raises, and starlette's `ClientDisconnect` when the client goes
    away; *path* is removed then.
    """
    if not int(request.headers.get("content-length") or 0):
        # Django REST framework reads no body without a length: a chunked upload has no file in it.
        raise file_error("No file was submitted.", "required")
    boundary = _boundary(request.headers.get("content-type", ""))
    part = FilePart(path, max_bytes)
    taking = _Taking(part, MultipartParser(boundary, part.callbacks()))
    try:
        await _feed_all_but_last(request, taking)
        cancel = Cancel()
        return await in_thread(cancel, lambda: taking.end(accept, cancel))
    finally:
        if not taking.accepted:
            await to_the_end(asyncio.to_thread(part.discard))


async def _feed_all_but_last(request: Request, taking: _Taking) -> None:
    async for piece in request.stream():
        taking.collected += piece
        if len(taking.collected) >= _COLLECTED_BYTES:
            await to_the_end(asyncio.to_thread(taking.feed))


class _Taking:
    """The parsing of one body. What was collected of it is parsed in a thread, while nothing else is collected."""

    def __init__(self, part: FilePart, parser: MultipartParser) -> None:
        self.collected = bytearray()
        """What came and was not parsed yet."""
        self.accepted = False
        """Whether the file was accepted, which a cancellation may come too late for."""
        self._part = part
        self._parser = parser
        self._readable = True

    def feed(self) -> None:
        """Parse what was collected. A body that can't be followed any further has a part that never ends."""
        pieces, self.collected = bytes(self.collected), bytearray()
        if not self._readable:
            return
        try:
            self._parser.write(pieces)
        except FormParserError as error:
            self._readable = False
            if str(error).startswith(_HEADER_TOO_LARGE):
                raise headers_too_large() from error

    def end(self, accept: Accept[T], cancel: Cancel) -> T:
        """Parse the rest, and have the file accepted."""
        self.feed()
        result = accept(self._part.upload(), cancel)
        self.accepted = True
        return result


def _boundary(content_type: str) -> bytes:
    """The boundary of a multipart body. Raises a 415 for another kind of body and a 400 for an unusable boundary."""
    kind, options = parse_options_header(content_type)
    if kind != b"multipart/form-data":
        raise unsupported_media_type(content_type)
    boundary = options.get(b"boundary")
    shown = None if boundary is None else boundary.decode("latin-1")
    if boundary is None or shown is None or not _BOUNDARY.fullmatch(shown):
        raise parse_error(f"Multipart form parse error - Invalid boundary in multipart: {shown}")
    return boundary
