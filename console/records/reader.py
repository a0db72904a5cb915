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

from console.display import ELLIPSIS, safe_text
from console.errors import UnreadableFile
from console.limits import DEFAULT_LIMITS, Limits
from console.progress import Cancel, Report, silent
from console.records.model import Compression, Fault, Format, Identity, Record, Shared, Span
from console.records.packed import GZIP_MAGIC, GzipSource
from console.records.parts import Part, cut, guess
from console.records.reading import Place, Reading
from console.records.sniff import BYTE_ORDER_MARK, Content, Refusal, sniff
from console.records.source import PlainSource, Source, identity_of
from console.records.stretch import Stretch, Take
from console.records.window import Window

_FLAGS: Final = os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC | os.O_NOCTTY
"""Opening never waits, as it would for a pipe that nobody writes to."""

_HEAD_BYTES: Final = 1024 * 1024
"""Bytes that the format is told by, unless they are all of one line."""
_DISK_BYTES: Final = 1024 * 1024
"""Bytes on disk that are handed out at once."""

_NAME_WIDTH: Final = 300
"""Characters of a file's name in a message."""
_SAMPLES: Final = 16
_SAMPLE_BYTES: Final = 16 * 1024
"""Of each of some samples of what is on disk."""
_PROC: Final = Path("/proc")

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

    def __init__(self, path: Path, limits: Limits, expected: Identity | None, name: str | None) -> None:
        with ExitStack() as undo:
            self.name = _brief(str(path) if name is None else name)
            """What it is called in messages. Foreign text."""
            descriptor = _open_regular(path, safe_text(self.name))
            undo.callback(os.close, descriptor)
            self.path = path
            """The path that it was opened by."""
            self.identity = identity_of(os.fstat(descriptor))
            """What the file was when it was opened."""
            if expected and expected != self.identity:
                raise changed(self.name)
            self.size = self.identity.size
            """Bytes on disk."""
            self.limits = limits
            """The caps that it is read with."""
            self._disk = PlainSource(descriptor, self.name, self.size)
            packed = self._disk.read(0, len(GZIP_MAGIC)) == GZIP_MAGIC
            self.compression = Compression.GZIP if packed else Compression.NONE
            """How the bytes on disk are packed."""
            self._source: Source = GzipSource(descriptor, self.name, limits) if packed else self._disk
            undo.callback(self._source.close)
            self.byte_order_mark = self._source.read(0, len(BYTE_ORDER_MARK)) == BYTE_ORDER_MARK
            """Whether the content starts with a UTF-8 byte order mark. Targets may refuse what viewing takes."""
            self._start = len(BYTE_ORDER_MARK) if self.byte_order_mark else 0
            content = self._recognised()
            self.layout = content.layout
            """How records stand in the content."""
            self.format = content.format
            """The shape of the content, as far as it was read: `CONCATENATED` once a second document was met."""
            self.wrappers = 0
            """Objects that stand around the records, as far as it was read. What else is in them is passed over."""
            self._resources = undo.pop_all()

    @classmethod
    def open(
        cls,
        path: Path,
        limits: Limits = DEFAULT_LIMITS,
        expected: Identity | None = None,
        name: str | None = None,
    ) -> FindingFile:
        """Open *path* and recognise what it holds; links to files are followed. Costs the same for any size.

        Messages call it by *name*, or else by its path.

        Raises `UnreadableFile` with the reason when nothing in it can be read as records, or when it is not the
        *expected* file any more.
        """
        return cls(path, limits, expected, name)

    def close(self) -> None:
        """Let go of the file and of what was unpacked."""
        self._resources.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def records(
        self, start: int = 0, take: Take | None = None, cancel: Cancel | None = None
    ) -> Iterator[Record | Fault]:
        """The records from index *start* on, and the faults, in file order.

        Faults that belong to no index come whatever *start* is. What is wrong inside a record that can be told from
        its neighbours is not looked for: the decoder says it. Raises `UnreadableFile` when reading fails midway, and
        at the end when the file was changed since it was opened; and `Cancelled`, wherever it is.

        *take* is offered many records at once, where they can be, and those that it takes are left out. A few are
        always left over, such as the first one of an array, which tells how the others start.
        """
        reading = self.reading(cancel=cancel)
        for piece in reading.pieces(_from(start, take) if take else None):
            index = piece.span.index if isinstance(piece, Record) else piece.index
            if index is None or index >= start:
                yield piece
        self.learn(reading)
        self.check_unchanged()

    def reading(self, place: Place | None = None, length: int | None = None, cancel: Cancel | None = None) -> Reading:
        """A reading from *place* on, by default the start, and for *length* bytes, by default to the end.

        It gives what `records` gives. What it is to end with must end where a record starts.
        """
        start = place or Place(self._start)
        source: Source = self._source if length is None else self._plain.up_to(start.offset + length)
        window = Window(source, start.offset, line=start.line, cancel=cancel)
        return Reading(window, self.layout, self.limits, start, goes_on=length is not None)

    def reading_of(self, part: Part) -> Reading:
        """A reading of one part alone. Its indexes count from 0 and its lines from 1."""
        return self.reading(part.start, None if part.last else part.length)

    def learn(self, reading: Reading) -> None:
        """Take over what a reading that went to the end came to know of the file."""
        if reading.second_document:
            self.format = Format.CONCATENATED
        self.wrappers = max(self.wrappers, reading.wrappers)

    def check_unchanged(self) -> None:
        """Raises `UnreadableFile` when the file is not what it was when it was opened, or its name leads elsewhere."""
        if not self.is_unchanged():
            raise changed(self.name)

    def is_unchanged(self) -> bool:
        """Whether the file is what it was when it was opened, and its name leads to it."""
        try:
            return self._disk.identity() == self.identity == identity_of(self.path.stat())
        except OSError:
            return False

    def parts(self, part_bytes: int) -> list[Part]:
        """The file in parts of about *part_bytes*, at least 1, cut by guess; see `console.records.parts`.

        A single object is one part. Raises `UnreadableFile` when reading fails.
        """
        return cut(self._plain, self._start, self._plain.end, self.layout, self.limits, part_bytes)

    def place_near(self, offset: int) -> Place | None:
        """A place at *offset*, or a little after it, that looks like the start of a record; None where none does.

        It is a guess, and its index and line are not known. Nothing is guessed in a compressed file: it would have to
        be unpacked. Raises `UnreadableFile`.
        """
        if self.compression is not Compression.NONE:
            return None
        return guess(self._disk, self._start, offset, self.layout, self.limits)

    def shared(self, tell: Report = silent, cancel: Cancel | None = None) -> Shared | None:
        """What other processes can open to read the same; None where they can't, and this one has to.

        A compressed file is unpacked first, whole, where that was not done. Others reach what was unpacked, which has
        no name, for as long as this one is open, on systems with a `/proc`. Raises `Cancelled` and `UnreadableFile`.
        """
        if not isinstance(self._source, GzipSource):
            return Shared(self.path, self.identity)
        self._source.unpack(tell, cancel)
        if self._source.damage or not _PROC.is_dir():
            return None
        spool = self._source.unpacked()
        return Shared(_PROC / str(os.getpid()) / "fd" / str(spool.descriptor), spool.identity())

    def spans(self, start: int = 0) -> Iterator[Span | Fault]:
        """Where the records from index *start* on are, and the faults. As `records`, without the bytes."""
        for piece in self.records(start):
            yield piece.span if isinstance(piece, Record) else piece

    def raw(self, span: Span) -> bytes:
        """The bytes of one record. Raises `UnreadableFile` when the file no longer holds them."""
        data = self._source.read(span.offset, span.length)
        if len(data) != span.length:
            raise UnreadableFile(f"{safe_text(self.name)} became shorter while it was open.")
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

    @property
    def _plain(self) -> PlainSource:
        """The unpacked content, all of it, as a file."""
        return self._source.unpacked() if isinstance(self._source, GzipSource) else self._disk

    def disk_samples(self) -> Iterator[bytes]:
        """Some of the bytes on disk: the start, the end, and a little in between. Raises `UnreadableFile`."""
        for number in range(_SAMPLES + 1):
            offset = max(self.size - _SAMPLE_BYTES, 0) * number // _SAMPLES
            yield self._disk.read(offset, _SAMPLE_BYTES)

    @property
    def notes(self) -> tuple[str, ...]:
        """What is unusual about the file, and does no harm to reading it: sentences of ours."""
        named_gzip = self.path.name.lower().endswith(".gz")
        is_gzip = self.compression is Compression.GZIP
        notes = (
            (self.byte_order_mark, "It starts with a byte order mark, which targets may refuse."),
            (is_gzip and not named_gzip, "It is compressed with gzip, though its name does not say so."),
            (named_gzip and not is_gzip, "It is not compressed, though its name says so."),
            (
                isinstance(self._source, GzipSource) and self._source.members > 1,
                "It is made of several gzip members, which are read as one.",
            ),
        )
        return tuple(note for applies, note in notes if applies)

    def _recognised(self) -> Content:
        """What the content is. Raises `UnreadableFile`."""
        asked = _HEAD_BYTES
        head = self._source.read(self._start, asked)
        if b"\n" not in head and head.lstrip().startswith(b"{"):
            # One object or the first of many lines? The answer is after the first line.
            asked += self.limits.record_bytes
            head = self._source.read(self._start, asked)
        name = safe_text(self.name)
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


def _brief(name: str) -> str:
    """A name that leaves room for what is said of it: the middle of a very long one is left out."""
    return name if len(name) <= _NAME_WIDTH else f"{name[: _NAME_WIDTH // 3]}{ELLIPSIS}{name[-_NAME_WIDTH // 2 :]}"


def changed(name: str) -> UnreadableFile:
    """The error of an open file that is not what it was."""
    return UnreadableFile(f"{safe_text(name)} was changed or replaced while it was being read.", hint="Try again.")


def _open_regular(path: Path, name: str) -> int:
    """A descriptor of a regular file. Never waits. Raises `UnreadableFile`."""
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
