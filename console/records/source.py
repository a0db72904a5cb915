"""The bytes of a finding file by position, whether they are packed or not. Nothing here knows JSON."""

from __future__ import annotations

import os
import tempfile
import threading
import zlib
from contextlib import suppress
from dataclasses import dataclass
from typing import Final, Protocol

from console.display import safe_text
from console.errors import UnreadableFile
from console.limits import Limits
from console.progress import Cancel, Progress, Report, silent
from console.records.faults import FaultCode, size
from console.records.model import Identity

_CHUNK: Final = 64 * 1024
"""Bytes unpacked in one step. What a corrupt step would have given is lost, so a step is small."""
GZIP_MAGIC: Final = b"\x1f\x8b"
_GZIP_ONLY: Final = 16 + zlib.MAX_WBITS
"""Tells zlib to expect a gzip header and trailer, and to check the sums in it."""
_TELL_BYTES: Final = 4 * 1024 * 1024
"""Unpacked bytes between two looks at the progress."""


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

    The descriptor belongs to the caller. The name is what messages call the file.
    """

    damage: Damage | None = None

    def __init__(self, descriptor: int, name: str, end: int) -> None:
        self.descriptor = descriptor
        """The open file."""
        self.end = end
        """How many bytes there are."""
        self._name = name

    def read(self, offset: int, length: int) -> bytes:
        """Up to *length* bytes from *offset*; fewer only at the end. Raises `UnreadableFile`."""
        return _read_at(self.descriptor, self._name, offset, min(length, self.end - offset))

    def up_to(self, end: int) -> PlainSource:
        """The same file, as if it ended at *end*."""
        return PlainSource(self.descriptor, self._name, end)

    def identity(self) -> Identity:
        """What the file is now."""
        return identity_of(os.fstat(self.descriptor))

    def close(self) -> None:
        """Nothing to let go of."""


class GzipSource:
    """What a gzip file unpacks to. Members that follow one another are one stream.

    It is unpacked once, no further than it was asked for and no further than the limit, into a temporary file without
    a name: the system removes it however the process ends. The descriptor belongs to the caller.
    """

    def __init__(self, descriptor: int, name: str, limits: Limits) -> None:
        self._packed = PlainSource(descriptor, name, os.fstat(descriptor).st_size)
        self._name = name
        self._limit = limits.decompressed_bytes
        self._lock = threading.Lock()
        try:
            self._spool = tempfile.TemporaryFile()  # noqa: SIM115  # open as long as the source is
        except OSError as error:
            raise self._no_room(error) from error
        self._member = zlib.decompressobj(_GZIP_ONLY)
        self.members = 1
        """Members that were met so far."""
        self._taken = 0
        """Packed bytes that were read."""
        self._waiting = b""
        """Packed bytes that were read and not yet unpacked."""
        self._unpacked = 0
        self._ended = False
        self.damage: Damage | None = None

    def read(self, offset: int, length: int) -> bytes:
        """Up to *length* bytes from *offset*; fewer only at the end. Raises `UnreadableFile`."""
        with self._lock:
            while not self._ended and self._unpacked < offset + length:
                self._unpack()
            end = self._unpacked
        return _read_at(self._spool.fileno(), self._name, offset, min(length, end - offset))

    def unpack(self, tell: Report = silent, cancel: Cancel | None = None) -> None:
        """Unpack all of it now, unless that was done. Raises `Cancelled` and `UnreadableFile`."""
        due = 0
        while not self._ended:
            if cancel:
                cancel.check()
            with self._lock:
                if not self._ended:
                    self._unpack()
            if self._unpacked >= due:
                due = self._unpacked + _TELL_BYTES
                tell(Progress(self._taken, self._packed.end, "bytes", "Unpacking"))

    def unpacked(self) -> PlainSource:
        """What was unpacked, all of it, as a file. Raises `UnreadableFile`."""
        self.unpack()
        return PlainSource(self._spool.fileno(), self._name, self._unpacked)

    def close(self) -> None:
        """Forget what was unpacked."""
        self._spool.close()

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
        data = b""
        while not data and not self._ended and (not self._member.eof or self._is_at_member()):
            packed = self._waiting or self._read_on()
            before = self._member.copy()
            try:
                data = self._member.decompress(packed, length)
            except zlib.error as error:
                self._end(FaultCode.GZIP_CORRUPT, f"The gzip data is damaged, {self._so_far()}: {error}.")
                return _salvaged(before, packed, length)
            self._waiting = self._member.unused_data if self._member.eof else self._member.unconsumed_tail
        return data

    def _read_on(self) -> bytes:
        """The next packed bytes. Where there are none inside a member, that is the end."""
        data = self._packed.read(self._taken, _CHUNK)
        self._taken += len(data)
        if not data and not self._member.eof:
            self._end(FaultCode.GZIP_TRUNCATED, f"The gzip data ends early, {self._so_far()}.")
        return data

    def _is_at_member(self) -> bool:
        """Whether another member follows the one that has ended. It may be padded with zeros, as gzip allows."""
        self._waiting = self._waiting.lstrip(b"\0")
        while not self._waiting:
            more = self._read_on()
            if not more:
                self._ended = True
                return False
            self._waiting = more.lstrip(b"\0")
        self._waiting += self._read_on() if len(self._waiting) < len(GZIP_MAGIC) else b""
        if not self._waiting.startswith(GZIP_MAGIC):
            self._end(FaultCode.GZIP_CORRUPT, f"Something else follows the gzip data, {self._so_far()}.")
            return False
        self._member = zlib.decompressobj(_GZIP_ONLY)
        self.members += 1
        return True

    def _so_far(self) -> str:
        return f"after {self._unpacked:,} unpacked bytes"

    def _end(self, code: FaultCode, message: str) -> None:
        self._ended = True
        self.damage = Damage(code, message)

    def _no_room(self, error: OSError) -> UnreadableFile:
        return UnreadableFile(
            f"{safe_text(self._name)} can't be unpacked into {tempfile.gettempdir()}: {error.strerror}.",
            hint="Name a folder with more room in TMPDIR.",
        )


def _salvaged(member: zlib._Decompress, packed: bytes, length: int) -> bytes:
    """What can be unpacked before the damage in *packed*, about *length* bytes at most.

    When zlib finds damage it gives nothing of what came before it, so it is led there byte by byte.
    """
    data = bytearray()
    with suppress(zlib.error):
        for position in range(len(packed)):
            data += member.decompress(packed[position : position + 1])
            if len(data) >= length:
                break
    return bytes(data[:length])


def identity_of(status: os.stat_result) -> Identity:
    """What the file is that has this status."""
    return Identity(status.st_dev, status.st_ino, status.st_size, status.st_mtime_ns)


def _read_at(descriptor: int, name: str, offset: int, length: int) -> bytes:
    """Exactly *length* bytes. Raises `UnreadableFile` when the file no longer has them."""
    pieces: list[bytes] = []
    while length > 0:
        try:
            piece = os.pread(descriptor, length, offset)
        except OSError as error:
            raise UnreadableFile(f"{safe_text(name)} can't be read: {error.strerror}.") from error
        if not piece:
            raise UnreadableFile(f"{safe_text(name)} became shorter while it was open.")
        pieces.append(piece)
        offset += len(piece)
        length -= len(piece)
    return pieces[0] if len(pieces) == 1 else b"".join(pieces)
