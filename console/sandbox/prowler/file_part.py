"""The parts of a multipart body: what the parser finds, and the `file` part that is written to disk.

What the real service (Django's multipart parser) passes over in silence, such as a part that never ends, is passed
over here too: the client is then told that no file was submitted. So are its caps on headers and on parts.
"""

from __future__ import annotations

import hashlib
import html
import os
from dataclasses import dataclass
from email.message import Message
from pathlib import Path
from typing import IO, TYPE_CHECKING, Final

from python_multipart.multipart import parse_options_header

from console.sandbox.prowler.jsonapi import ApiError, ErrorObject, parse_error
from console.sandbox.prowler.pages import PageRefusal

if TYPE_CHECKING:
    from python_multipart.multipart import MultipartCallbacks

FILE_POINTER: Final = "/data/attributes/file"
_MOST_HEADER_BYTES: Final = 1024
"""Of all headers of a part: Django's cap."""
_AROUND_HEADER: Final = len(": \r\n")
_AROUND_HEADERS: Final = len("\r\n\r\n")
_MOST_FILES: Final = 100
_MOST_FIELDS: Final = 1_000
"""Of a body: Django's caps, too."""


@dataclass(frozen=True, slots=True)
class Upload:
    """A file that was taken in whole."""

    path: Path
    filename: str
    """The name that the client gave, as Django cleans it. Foreign text."""
    size: int
    sha256: str


def file_error(detail: str, code: str, status: int = 400) -> ApiError:
    """An answer that blames the `file` part."""
    return ApiError(status, ErrorObject(detail, code, FILE_POINTER))


def file_too_large() -> ApiError:
    """A 413."""
    return file_error("The selected file exceeds the allowed upload size.", "file_too_large", status=413)


def headers_too_large() -> ApiError:
    """A 400 for a part with more headers than are read."""
    return parse_error("Multipart form parse error - Request max total header size exceeded.")


class FilePart:
    """Takes what the parser finds, and writes the `file` part. The file is made when such a part begins."""

    def __init__(self, path: Path, max_bytes: int) -> None:
        self._path = path
        self._max_bytes = max_bytes
        self._file: IO[bytes] | None = None
        self._header = bytearray()
        self._value = bytearray()
        self._header_bytes = 0
        """Of the part at hand."""
        self._disposition = b""
        self._files = self._fields = 0
        self._in_file = False
        self._text_field = False
        self._filename = ""
        self._whole = False
        self._size = 0
        self._hash = hashlib.sha256()

    def discard(self) -> None:
        """Leave no file behind."""
        if self._file is not None:
            self._file.close()
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
        if self._file is None or not self._whole:
            if self._text_field:
                raise file_error("The submitted data was not a file. Check the encoding type on the form.", "invalid")
            raise file_error("No file was submitted.", "required")
        if not self._size:
            raise file_error("The submitted file is empty.", "empty")
        self._file.close()
        return Upload(self._path, self._filename, self._size, self._hash.hexdigest())

    def _part_begin(self) -> None:
        self._header.clear()
        self._value.clear()
        self._disposition = b""
        self._header_bytes = _AROUND_HEADERS

    def _header_field(self, data: bytes, start: int, end: int) -> None:
        self._count_header(end - start)
        self._header += data[start:end]

    def _header_value(self, data: bytes, start: int, end: int) -> None:
        self._count_header(end - start)
        self._value += data[start:end]

    def _header_end(self) -> None:
        self._count_header(_AROUND_HEADER)
        if self._header.lower() == b"content-disposition":
            self._disposition = bytes(self._value)
        self._header.clear()
        self._value.clear()

    def _count_header(self, count: int) -> None:
        """Count bytes of headers. Raises a 400 when they are more than are read."""
        self._header_bytes += count
        if self._header_bytes > _MOST_HEADER_BYTES:
            raise headers_too_large()

    def _headers_finished(self) -> None:
        _, options = parse_options_header(self._disposition)
        filename = _filename(self._disposition, options.get(b"filename"))
        self._count_part(is_file=filename is not None)
        named_file = options.get(b"name", b"").strip() == b"file"
        self._in_file = named_file and bool(filename)
        self._text_field = self._text_field or (named_file and filename is None)
        if self._in_file:
            self._start(filename or "")

    def _count_part(self, *, is_file: bool) -> None:
        """Count a part. Raises a 400 when there are more than are read."""
        self._files += is_file
        self._fields += not is_file
        if self._files > _MOST_FILES or self._fields > _MOST_FIELDS:
            raise PageRefusal

    def _start(self, filename: str) -> None:
        """Begin a file, over one that came before."""
        if self._file is None:
            self._file = os.fdopen(os.open(self._path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "wb")
        else:
            self._file.seek(0)
            self._file.truncate()
        self._filename, self._whole, self._size, self._hash = filename, False, 0, hashlib.sha256()

    def _part_data(self, data: bytes, start: int, end: int) -> None:
        if not self._in_file or self._file is None:
            return
        self._size += end - start
        if self._size > self._max_bytes:
            raise file_too_large()
        piece = memoryview(data)[start:end]
        self._hash.update(piece)
        self._file.write(piece)

    def _part_end(self) -> None:
        self._whole = self._whole or self._in_file
        self._in_file = False


def _filename(disposition: bytes, plain: bytes | None) -> str | None:
    """The file's name as Django cleans it, empty where nothing is left of it; None for a part that is no file."""
    name = plain.decode("utf-8", "replace") if plain is not None else _extended_filename(disposition)
    if name is None:
        return None
    name = html.unescape(name).replace("\\", "/").rpartition("/")[2]
    name = "".join(filter(str.isprintable, name))
    return "" if name in (".", "..") else name


def _extended_filename(disposition: bytes) -> str | None:
    """The `filename*` (RFC 2231) of a part: older clients write it for names that are not ASCII. Django takes it."""
    header = Message()
    header["Content-Disposition"] = disposition.decode("latin-1")
    return header.get_filename()
