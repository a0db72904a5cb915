"""The bytes of a finding file by position, whether they are packed or not. Nothing here knows JSON."""

from __future__ import annotations

import gzip
import os
import tempfile
import threading
import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Protocol

from console.display import safe_text
from console.errors import UnreadableFile
from console.limits import Limits
from console.records.faults import FaultCode, size

_CHUNK: Final = 64 * 1024
"""Bytes unpacked in one step. What a corrupt step would have given is lost, so a step is small."""


@dataclass(frozen=True, slots=True)
class Damage:
    """Why the bytes of a source end earlier than they should."""

    code: FaultCode
    message: str


class Source(Protocol):
    """Bytes that can be read by position, from any thread."""

    def read(self, offset: int, length: int) -> bytes:
        """Up to *length* bytes from *offset*; fewer only at the end. Raises `UnreadableFile`."""
        ...

    @property
    def damage(self) -> Damage | None:
        """Why the bytes ended early. Known once the end was read."""
        ...

    def close(self) -> None:
        """Let go of what the source opened itself."""
        ...


class PlainSource:
    """A file as it stands on disk, up to the size that it had when it was opened.

    The descriptor belongs to the caller.
    """

    damage: Damage | None = None

    def __init__(self, descriptor: int, path: Path, end: int) -> None:
        self._descriptor = descriptor
        self._path = path
        self._end = end

    def read(self, offset: int, length: int) -> bytes:
        """Up to *length* bytes from *offset*; fewer only at the end. Raises `UnreadableFile`."""
        return _read_at(self._descriptor, self._path, offset, min(length, self._end - offset))

    def up_to(self, end: int) -> PlainSource:
        """The same file, as if it ended at *end*."""
        return PlainSource(self._descriptor, self._path, end)

    def close(self) -> None:
        """Nothing to let go of."""


class GzipSource:
    """What a gzip file unpacks to. Members that follow one another are one stream.

    It is unpacked once, no further than it was asked for and no further than the limit, into a temporary file without
    a name: the system removes it however the process ends. The descriptor belongs to the caller.
    """

    def __init__(self, descriptor: int, path: Path, limits: Limits) -> None:
        self._path = path
        self._limit = limits.decompressed_bytes
        self._lock = threading.Lock()
        self._packed = os.fdopen(os.dup(descriptor), "rb")
        self._packed.seek(0)
        self._reader = gzip.GzipFile(fileobj=self._packed)
        try:
            self._spool = tempfile.TemporaryFile()  # noqa: SIM115  # open as long as the source is
        except OSError as error:
            self._packed.close()
            raise self._no_room(error) from error
        self._unpacked = 0
        self._ended = False
        self.damage: Damage | None = None

    def read(self, offset: int, length: int) -> bytes:
        """Up to *length* bytes from *offset*; fewer only at the end. Raises `UnreadableFile`."""
        with self._lock:
            while not self._ended and self._unpacked < offset + length:
                self._unpack()
            end = self._unpacked
        return _read_at(self._spool.fileno(), self._path, offset, min(length, end - offset))

    def close(self) -> None:
        """Forget what was unpacked."""
        self._spool.close()
        self._packed.close()

    def _unpack(self) -> None:
        """Unpack one step."""
        room = self._limit - self._unpacked
        data = self._next(min(_CHUNK, room + 1))
        if len(data) > room:
            data = data[:room]
            self._end(
                FaultCode.UNPACKED_TOO_LARGE,
                f"The file unpacks to more than {size(self._limit)}, the limit for compressed files.",
            )
        try:
            self._spool.write(data)
            self._spool.flush()
        except OSError as error:
            raise self._no_room(error) from error
        self._unpacked += len(data)

    def _next(self, length: int) -> bytes:
        """Up to *length* unpacked bytes; none at the end, whether it is a good end or not."""
        try:
            # read1 and not read: when a step fails, read forgets what the steps before it gave.
            data = self._reader.read1(length)
        except EOFError:
            self._end(FaultCode.GZIP_TRUNCATED, f"The gzip data ends early, {self._so_far()}.")
        except (zlib.error, gzip.BadGzipFile) as error:
            self._end(FaultCode.GZIP_CORRUPT, f"The gzip data is damaged, {self._so_far()}: {error}.")
        except OSError as error:
            raise UnreadableFile(f"{safe_text(self._path)} can't be read: {error.strerror}.") from error
        else:
            self._ended = not data
            return data
        return b""

    def _so_far(self) -> str:
        return f"after {self._unpacked:,} unpacked bytes"

    def _end(self, code: FaultCode, message: str) -> None:
        self._ended = True
        self.damage = Damage(code, message)

    def _no_room(self, error: OSError) -> UnreadableFile:
        return UnreadableFile(
            f"{safe_text(self._path)} can't be unpacked into {tempfile.gettempdir()}: {error.strerror}.",
            hint="Name a folder with more room in TMPDIR.",
        )


def _read_at(descriptor: int, path: Path, offset: int, length: int) -> bytes:
    """Exactly *length* bytes. Raises `UnreadableFile` when the file no longer has them."""
    pieces: list[bytes] = []
    while length > 0:
        try:
            piece = os.pread(descriptor, length, offset)
        except OSError as error:
            raise UnreadableFile(f"{safe_text(path)} can't be read: {error.strerror}.") from error
        if not piece:
            raise UnreadableFile(f"{safe_text(path)} became shorter while it was open.")
        pieces.append(piece)
        offset += len(piece)
        length -= len(piece)
    return pieces[0] if len(pieces) == 1 else b"".join(pieces)
