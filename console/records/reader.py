"""A finding file on disk: opening it, and reading its records one after another in bounded memory."""

from __future__ import annotations

import errno
import hashlib
import os
import stat
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType
from typing import Final, Self

from console.display import safe_text
from console.errors import UnreadableFile
from console.limits import DEFAULT_LIMITS, Limits
from console.progress import Cancel
from console.records.model import Compression, Fault, Format, Identity, Record, Span
from console.records.parts import Part, PartReader, cut
from console.records.pieces import pieces
from console.records.sniff import BYTE_ORDER_MARK, GZIP_MAGIC, Refusal, sniff
from console.records.source import GzipSource, PlainSource, Source
from console.records.stretch import Stretch, Take
from console.records.window import Window

_FLAGS: Final = os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC | os.O_NOCTTY
"""Opening never waits, as it would for a pipe that nobody writes to."""

_HEAD_BYTES: Final = 1024 * 1024
"""Bytes that the format is told by, unless they are all of one line."""
_DISK_BYTES: Final = 1024 * 1024
"""Bytes on disk that are handed out at once."""

_KINDS: Final = (
    (stat.S_ISDIR, "a directory"),
    (stat.S_ISFIFO, "a named pipe"),
    (stat.S_ISCHR, "a device"),
    (stat.S_ISBLK, "a device"),
)
_REASONS: Final = {
    errno.ENOENT: "does not exist",
    errno.EACCES: "can't be read: permission denied",
    errno.EPERM: "can't be read: permission denied",
    errno.ELOOP: "is a link that leads in a circle",
    errno.ENAMETOOLONG: "has a name that is too long",
    errno.ENXIO: "is a socket or a device, not a regular file",
}


class FindingFile:
    """A finding file, opened but not read. Records are reached by position; nothing here parses JSON values.

    Offsets are those of the unpacked file. The file is taken at the size that it had when it was opened. Use it as a
    context manager, or `close` it. Each iteration keeps its own place, so several may go on at once, on several
    threads.
    """

    def __init__(self, path: Path, limits: Limits = DEFAULT_LIMITS, expected: Identity | None = None) -> None:
        with ExitStack() as undo:
            descriptor = _open_regular(path)
            undo.callback(os.close, descriptor)
            self.path = path
            """The path that it was opened by."""
            self.identity = _identity(descriptor)
            """What the file was when it was opened."""
            if expected and expected != self.identity:
                raise UnreadableFile(f"{safe_text(path)} was changed or replaced while it was being read.")
            self.size = self.identity.size
            """Bytes on disk."""
            self.limits = limits
            """The caps that it is read with."""
            self._disk = PlainSource(descriptor, path, self.size)
            packed = self._disk.read(0, len(GZIP_MAGIC)) == GZIP_MAGIC
            self.compression = Compression.GZIP if packed else Compression.NONE
            """How the bytes on disk are packed."""
            self._source: Source = GzipSource(descriptor, path, limits) if packed else self._disk
            undo.callback(self._source.close)
            self.byte_order_mark = self._source.read(0, len(BYTE_ORDER_MARK)) == BYTE_ORDER_MARK
            """Whether the content starts with a UTF-8 byte order mark. Targets may refuse what viewing takes."""
            self._start = len(BYTE_ORDER_MARK) if self.byte_order_mark else 0
            self.format = self._recognised()
            """The shape of the content."""
            self._resources = undo.pop_all()

    @classmethod
    def open(cls, path: Path, limits: Limits = DEFAULT_LIMITS, expected: Identity | None = None) -> FindingFile:
        """Open *path* and recognise what it holds; links to files are followed. Costs the same for any size.

        Raises `UnreadableFile` with the reason when nothing in it can be read as records, or when it is not the
        *expected* file any more.
        """
        return cls(path, limits, expected)

    def close(self) -> None:
        """Let go of the file and of what was unpacked."""
        self._resources.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def records(self, start: int = 0, take: Take | None = None) -> Iterator[Record | Fault]:
        """The records from index *start* on, and the faults, in file order.

        Faults that belong to no index come whatever *start* is. What is wrong inside a record that can be told from
        its neighbours is not looked for: the decoder says it. Raises `UnreadableFile` when reading fails midway.

        *take* is offered many records at once, where they can be, and those that it takes are left out. A few are
        always left over, such as the first one of an array, which tells how the others start.
        """
        window = Window(self._source, self._start)
        for piece in pieces(window, self.format, self.limits, _from(start, take) if take else None):
            index = piece.span.index if isinstance(piece, Record) else piece.index
            if index is None or index >= start:
                yield piece

    def parts(self, part_bytes: int) -> list[Part]:
        """The file in parts of about *part_bytes*, at least 1, cut by guess; see `console.records.parts`.

        A compressed file and a single object are one part. Raises `UnreadableFile` when reading fails.
        """
        if self.compression is Compression.NONE:
            return cut(self._disk, self._start, self.size, self.format, self.limits, part_bytes)
        return [Part(self._start, self.size, b"", last=True)]

    def part_records(self, part: Part, take: Take | None = None) -> PartReader:
        """A reader of one part alone, which another process may have cut; *take* is as for `records`."""
        source = self._source if part.last else self._disk.up_to(part.offset + part.length)
        return PartReader(part, source, self.format, self.limits, take)

    def rest(self, part: Part, index: int, line: int, take: Take | None = None) -> Iterator[Record | Fault]:
        """The records and faults from the start of *part* to the end of the file, as `records` gives them.

        All parts before it must have been sound. They hold *index* records and *line* - 1 line breaks together.
        """
        window = Window(self._source, part.offset, line=line)
        return pieces(window, self.format, self.limits, take, index=index, opening=part.opening)

    def spans(self, start: int = 0) -> Iterator[Span | Fault]:
        """Where the records from index *start* on are, and the faults. As `records`, without the bytes."""
        for piece in self.records(start):
            yield piece.span if isinstance(piece, Record) else piece

    def raw(self, span: Span) -> bytes:
        """The bytes of one record. Raises `UnreadableFile` when the file no longer holds them."""
        data = self._source.read(span.offset, span.length)
        if len(data) != span.length:
            raise UnreadableFile(f"{safe_text(self.path)} became shorter while it was open.")
        return data

    def sha256(self, cancel: Cancel | None = None) -> str:
        """The SHA-256 of the bytes on disk, in hexadecimal. Raises `Cancelled` and `UnreadableFile`."""
        digest = hashlib.sha256()
        for piece in self.disk_bytes(cancel):
            digest.update(piece)
        return digest.hexdigest()

    def disk_bytes(self, cancel: Cancel | None = None) -> Iterator[bytes]:
        """The bytes on disk, packed or not, in pieces. Raises `Cancelled` and `UnreadableFile`."""
        for offset in range(0, self.size, _DISK_BYTES):
            if cancel:
                cancel.check()
            yield self._disk.read(offset, _DISK_BYTES)

    def _recognised(self) -> Format:
        """The format, or `UnreadableFile`."""
        asked = _HEAD_BYTES
        head = self._source.read(self._start, asked)
        if b"\n" not in head and head.lstrip().startswith(b"{"):
            # One object or the first of many lines? The answer is after the first line.
            asked += self.limits.record_bytes
            head = self._source.read(self._start, asked)
        name = safe_text(self.path)
        if not head and self._source.damage:
            raise UnreadableFile(f"{name} can't be unpacked. {self._source.damage.message}")
        found = sniff(head, complete=len(head) < asked)
        if isinstance(found, Refusal):
            raise UnreadableFile(f"{name} {found.reason}.", hint=found.hint)
        return found


def _from(start: int, take: Take) -> Take:
    """*take*, without stretches that start before record *start*."""

    def offered(stretch: Stretch) -> int:
        return take(stretch) if stretch.index >= start else 0

    return offered


def _identity(descriptor: int) -> Identity:
    """What an open file is now."""
    status = os.fstat(descriptor)
    return Identity(status.st_dev, status.st_ino, status.st_size, status.st_mtime_ns)


def _open_regular(path: Path) -> int:
    """A descriptor of a regular file. Never waits. Raises `UnreadableFile`."""
    name = safe_text(path)
    try:
        descriptor = os.open(path, _FLAGS)
    except OSError as error:
        reason = _REASONS.get(error.errno or 0) or f"can't be opened: {error.strerror}"
        raise UnreadableFile(f"{name} {reason}.") from error
    except ValueError as error:
        raise UnreadableFile(f"{name} has a name that no file can have.") from error
    mode = os.fstat(descriptor).st_mode
    if stat.S_ISREG(mode):
        return descriptor
    os.close(descriptor)
    kind = next((word for test, word in _KINDS if test(mode)), "something else")
    raise UnreadableFile(f"{name} is {kind}, not a regular file.")
