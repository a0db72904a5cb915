"""A batch as the one `file` part of a multipart form, made while it is sent.

The length is known beforehand: Prowler Cloud finds no file in a body that is sent in chunks. The closing boundary is
held back until everything before it is known to be what the ledger wrote down, so that a payload that changed on
disk is never a whole request.
"""

from __future__ import annotations

import asyncio
import hashlib
import re
import secrets
from collections.abc import AsyncGenerator
from functools import partial
from typing import BinaryIO, Final

from console.targets.base import Batch, Sent
from console.targets.http import Upload
from console.targets.payloads import payload_changed

PART_NAME: Final = "file"
PART_TYPE: Final = "application/json"
PIECE: Final = 256 * 1024
"""Bytes that are read and handed over at a time."""

# RFC 7578, section 2: a browser's way with what would end the quoted name or the header. A backslash too, as some
# servers read it as an escape.
_UNFIT: Final = re.compile(r'[\x00-\x1f\x7f"\\]')


def upload(batch: Batch, sent: Sent) -> Upload:
    """The request body for a batch. Its pieces raise `PayloadChanged`; *sent* hears of each piece of the payload."""
    boundary = secrets.token_hex(16)
    head = (
        f"--{boundary}\r\n"
        f'Content-Disposition: form-data; name="{PART_NAME}"; filename="{quoted(batch.filename)}"\r\n'
        f"Content-Type: {PART_TYPE}\r\n\r\n"
    ).encode()
    tail = f"\r\n--{boundary}--\r\n".encode()
    return Upload(
        content_type=f"multipart/form-data; boundary={boundary}",
        length=len(head) + batch.length + len(tail),
        pieces=_pieces(batch, head, tail, sent),
    )


def quoted(filename: str) -> str:
    """A file name that can stand between quotes in a header, whatever it holds. Beyond ASCII it stays UTF-8."""
    fit = filename.encode("utf-8", errors="replace").decode()
    return _UNFIT.sub(lambda match: f"%{ord(match[0]):02X}", fit)


async def _pieces(batch: Batch, head: bytes, tail: bytes, sent: Sent) -> AsyncGenerator[bytes, None]:
    yield head
    payload = await asyncio.to_thread(_Payload, batch)
    # The next piece is read and hashed while the one before it is on its way.
    reading = asyncio.ensure_future(asyncio.to_thread(payload.read))
    try:
        done = 0
        while piece := await asyncio.shield(reading):
            reading = asyncio.ensure_future(asyncio.to_thread(payload.read))
            yield piece
            done += len(piece)
            sent(done)
    finally:
        # A thread can't be stopped: the file stays open for as long as it is read.
        reading.add_done_callback(partial(_close, payload))
    yield tail


def _close(payload: _Payload, reading: asyncio.Future[bytes]) -> None:
    """Close a payload that is not read any more. What went wrong in the last reading matters to nobody."""
    if not reading.cancelled():
        reading.exception()
    payload.file.close()


class _Payload:
    """The frozen payload, compared with what the batch says of it while it is read. Its methods wait for the disk."""

    def __init__(self, batch: Batch) -> None:
        self._batch = batch
        self._left = batch.length
        self._hash = hashlib.sha256()
        try:
            self.file: BinaryIO = batch.path.open("rb")
        except OSError as error:
            raise payload_changed(batch, f"it can't be opened: {error.strerror}") from error

    def read(self) -> bytes:
        """The next piece; empty when all of it was read and found right. Raises `PayloadChanged`."""
        try:
            # At the end one byte more is asked for, to see whether there is one.
            piece = self.file.read(min(PIECE, self._left) or 1)
        except OSError as error:
            raise payload_changed(self._batch, f"it can't be read: {error.strerror}") from error
        if self._left and not piece:
            raise payload_changed(self._batch, f"it is {self._left} bytes shorter")
        if piece and not self._left:
            raise payload_changed(self._batch, "it is longer")
        self._left -= len(piece)
        self._hash.update(piece)
        if not piece and self._hash.hexdigest() != self._batch.sha256:
            raise payload_changed(self._batch, "its content is another")
        return piece
