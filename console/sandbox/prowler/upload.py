"""A multipart upload, written to disk as it arrives.

Nothing is kept in memory but the piece that is being parsed, so the size of a file does not matter. What the real
service (Django's multipart parser) passes over in silence, such as a part that never ends, is passed over here too:
the client is then told that no file was submitted.
"""

from __future__ import annotations

import asyncio
import hashlib
import os
import re
from dataclasses import dataclass
from email.message import Message
from pathlib import Path
from typing import TYPE_CHECKING, Final, Self

from python_multipart.exceptions import FormParserError
from python_multipart.multipart import MultipartParser, parse_options_header
from starlette.requests import Request

from console.sandbox.prowler.jsonapi import ApiError, ErrorObject

if TYPE_CHECKING:
    from python_multipart.multipart import MultipartCallbacks

FILE_POINTER: Final = "/data/attributes/file"
_BOUNDARY: Final = re.compile(r"[ -~]{0,200}[!-~]")
"""RFC 2046, as Django reads it."""


@dataclass(frozen=True, slots=True)
class Upload:
    """A file that was taken in whole."""

    path: Path
    filename: str
    """The name that the client gave. Foreign text."""
    size: int
    sha256: str


def file_error(detail: str, code: str, status: int = 400) -> ApiError:
    """An answer that blames the `file` part."""
    return ApiError(status, ErrorObject(detail, code, FILE_POINTER))


async def receive(request: Request, path: Path, max_bytes: int) -> Upload:
    """Write the request's `file` part to *path*, which is made and private.

    Of several such parts the last counts. Raises `ApiError` when there is none, when it is empty or too large, and
    starlette's `ClientDisconnect` when the client goes away; *path* is removed then.
    """
    if not int(request.headers.get("content-length") or 0):
        # Django REST framework reads no body without a length: a chunked upload has no file in it.
        raise file_error("No file was submitted.", "required")
    boundary = _boundary(request.headers.get("content-type", ""))
    with _FileSink(path, max_bytes) as sink:
        parser = MultipartParser(boundary, sink.callbacks())
        readable = True
        async for piece in request.stream():
            readable = readable and await asyncio.to_thread(_feed, parser, piece)
        return sink.upload()


def _boundary(content_type: str) -> bytes:
    """The boundary of a multipart body. Raises a 415 for another kind of body and a 400 for an unusable boundary."""
    kind, options = parse_options_header(content_type)
    if kind != b"multipart/form-data":
        detail = f'Unsupported media type "{content_type}" in request.'
        raise ApiError(415, ErrorObject(detail, "unsupported_media_type"))
    boundary = options.get(b"boundary")
    shown = None if boundary is None else boundary.decode("latin-1")
    if boundary is None or shown is None or not _BOUNDARY.fullmatch(shown):
        detail = f"Multipart form parse error - Invalid boundary in multipart: {shown}"
        raise ApiError(400, ErrorObject(detail, "parse_error"))
    return boundary


def _feed(parser: MultipartParser, piece: bytes) -> bool:
    """Parse one more piece. False when the body can't be followed any further: the part that broke never ends."""
    try:
        parser.write(piece)
    except FormParserError:
        return False
    return True


class _FileSink:
    """Takes what the parser finds, and writes the `file` part. Leaves no file behind when it is left by an error."""

    def __init__(self, path: Path, max_bytes: int) -> None:
        self._path = path
        self._max_bytes = max_bytes
        self._file = os.fdopen(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "wb")
        self._header = b""
        self._value = b""
        self._disposition = b""
        self._in_file = False
        self._text_field = False
        self._filename: str | None = None
        self._whole = False
        self._size = 0
        self._hash = hashlib.sha256()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, *_rest: object) -> None:
        self._file.close()
        if kind is not None:
            self._path.unlink(missing_ok=True)

    def callbacks(self) -> MultipartCallbacks:
        """What the parser shall call."""
        return {
            "on_part_begin": self._part_begin,
            "on_header_field": self._header_field,
            "on_header_value": self._header_value,
            "on_header_end": self._header_end,
            "on_headers_finished": self._headers_finished,
            "on_part_data": self._part_data,
            "on_part_end": self._part_end,
        }

    def upload(self) -> Upload:
        """What was taken in. Raises a 400 when it is no file, or empty."""
        if not self._whole or self._filename is None:
            if self._text_field:
                raise file_error("The submitted data was not a file. Check the encoding type on the form.", "invalid")
            raise file_error("No file was submitted.", "required")
        if not self._size:
            raise file_error("The submitted file is empty.", "empty")
        self._file.flush()
        return Upload(self._path, self._filename, self._size, self._hash.hexdigest())

    def _part_begin(self) -> None:
        self._header = self._value = self._disposition = b""

    def _header_field(self, data: bytes, start: int, end: int) -> None:
        self._header += data[start:end]

    def _header_value(self, data: bytes, start: int, end: int) -> None:
        self._value += data[start:end]

    def _header_end(self) -> None:
        if self._header.lower() == b"content-disposition":
            self._disposition = self._value
        self._header = self._value = b""

    def _headers_finished(self) -> None:
        _, options = parse_options_header(self._disposition)
        named_file = options.get(b"name") == b"file"
        filename = options.get(b"filename", b"").decode("utf-8", "replace") or _extended_filename(self._disposition)
        self._in_file = named_file and bool(filename)
        self._text_field = self._text_field or (named_file and not filename)
        if self._in_file:
            self._filename, self._whole, self._size, self._hash = filename, False, 0, hashlib.sha256()
            self._file.seek(0)
            self._file.truncate()

    def _part_data(self, data: bytes, start: int, end: int) -> None:
        if not self._in_file:
            return
        self._size += end - start
        if self._size > self._max_bytes:
            detail = "The selected file exceeds the allowed upload size."
            raise file_error(detail, "file_too_large", status=413)
        self._hash.update(data[start:end])
        self._file.write(data[start:end])

    def _part_end(self) -> None:
        self._whole = self._whole or self._in_file
        self._in_file = False


def _extended_filename(disposition: bytes) -> str:
    """The `filename*` (RFC 2231) of a part: older clients write it for names that are not ASCII. Django takes it."""
    header = Message()
    header["Content-Disposition"] = disposition.decode("latin-1")
    return header.get_filename("")
