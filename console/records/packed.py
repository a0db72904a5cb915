"""The bytes that a gzip file unpacks to, by position. Nothing here knows JSON."""

from __future__ import annotations

import os
import tempfile
import threading
import zlib
from contextlib import suppress
from typing import Final

from console.display import safe_text
from console.errors import UnreadableFile
from console.limits import Limits
from console.progress import Cancel, Progress, Report, silent
from console.records.faults import FaultCode, size
from console.records.source import Damage, PlainSource, read_at

GZIP_MAGIC: Final = b"\x1f\x8b"

_CHUNK: Final = 64 * 1024
"""Bytes unpacked in one step."""
_GZIP_ONLY: Final = 16 + zlib.MAX_WBITS
"""Tells zlib to expect a gzip header and trailer, and to check the sums in it."""
_WRONG_SUM: Final = ("incorrect data check", "incorrect length check")
"""How zlib names a member whose content is not what its trailer says."""
_TELL_BYTES: Final = 4 * 1024 * 1024
"""Unpacked bytes between two looks at the progress."""
_MOST_MEMBERS: Final = 100_000
"""Members without content that are passed over, one after another. Nobody writes them, but to keep us busy."""


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
            self._spool = tempfile.TemporaryFile(buffering=0)  # noqa: SIM115  # open as long as the source is
        except OSError as error:
            raise self._no_room(error) from error
        self._member = zlib.decompressobj(_GZIP_ONLY)
        self._member_start = 0
        """The unpacked byte that the member starts at."""
        self._empty_members = 0
        """Members before this one that had no content, without one in between."""
        self.members = 1
        """Members that were met so far."""
        self._taken = 0
        """Packed bytes that were read."""
        self._waiting = b""
        """Packed bytes that were read and not yet unpacked."""
        self._unpacked = 0
        self._ended = False
        self._failure: UnreadableFile | None = None
        """Why no more can be unpacked, though there is more."""
        self.damage: Damage | None = None

    def read(self, offset: int, length: int) -> bytes:
        """Up to *length* bytes from *offset*; fewer only at the end. Raises `UnreadableFile`."""
        while not self._ended and self._unpacked < offset + length:
            self._step()
        return read_at(self._spool.fileno(), self._name, offset, min(length, self._unpacked - offset))

    def unpack(self, tell: Report = silent, cancel: Cancel | None = None) -> None:
        """Unpack all of it now, unless that was done. Raises `Cancelled` and `UnreadableFile`."""
        due = 0
        while not self._ended:
            if cancel:
                cancel.check()
            self._step()
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

    def _step(self) -> None:
        """Unpack a little more. Only this waits for other threads, so that what is unpacked can be read meanwhile."""
        with self._lock:
            if self._failure is not None:
                raise self._failure
            if self._ended:
                return
            room = self._limit - self._unpacked
            data = self._next(min(_CHUNK, room + 1))
            if len(data) > room:
                data = data[:room]
                self._end(
                    FaultCode.UNPACKED_TOO_LARGE,
                    f"The file unpacks to more than {size(self._limit)}, the limit for compressed files.",
                )
            self._keep(data)

    def _keep(self, data: bytes) -> None:
        """Write what comes next into the spool. Where that fails it is lost, and nothing after it can be read."""
        try:
            written = 0
            while written < len(data):
                written += os.pwrite(self._spool.fileno(), data[written:], self._unpacked + written)
        except OSError as error:
            self._failure = self._no_room(error)
            raise self._failure from error
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
                data = _salvaged(before, packed, length)
                self._end(FaultCode.GZIP_CORRUPT, self._damaged(str(error), self._unpacked + len(data)))
                return data
            self._waiting = self._member.unused_data if self._member.eof else self._member.unconsumed_tail
        return data

    def _read_on(self) -> bytes:
        """The next packed bytes. Where there are none inside a member, that is the end."""
        data = self._packed.read(self._taken, _CHUNK)
        self._taken += len(data)
        if not data and not self._member.eof:
            self._end(FaultCode.GZIP_TRUNCATED, f"The gzip data ends early, {_after(self._unpacked)}.")
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
            self._end(FaultCode.GZIP_CORRUPT, f"Something else follows the gzip data, {_after(self._unpacked)}.")
            return False
        self._empty_members = self._empty_members + 1 if self._unpacked == self._member_start else 0
        if self._empty_members > _MOST_MEMBERS:
            self._end(FaultCode.GZIP_CORRUPT, f"Too many empty gzip members follow, {_after(self._unpacked)}.")
            return False
        self._member = zlib.decompressobj(_GZIP_ONLY)
        self._member_start = self._unpacked
        self.members += 1
        return True

    def _damaged(self, reason: str, end: int) -> str:
        """A sentence on damage that was met when the unpacked bytes up to *end* were known."""
        if any(words in reason for words in _WRONG_SUM):
            return (
                "The checksum of the gzip data is wrong: anything from unpacked byte"
                f" {self._member_start:,} to {end:,} may have been altered."
            )
        return f"The gzip data is damaged, {_after(end)}: {reason}."

    def _end(self, code: FaultCode, message: str) -> None:
        self._ended = True
        self.damage = Damage(code, message)

    def _no_room(self, error: OSError) -> UnreadableFile:
        return UnreadableFile(
            f"{safe_text(self._name)} can't be unpacked into {tempfile.gettempdir()}: {error.strerror}.",
            hint="Name a folder with more room in TMPDIR.",
        )


def _after(unpacked: int) -> str:
    return f"after {unpacked:,} unpacked bytes"


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
