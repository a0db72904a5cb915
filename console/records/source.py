"""The bytes of a finding file by position, whether they are packed or not. Nothing here knows JSON."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import Protocol

from console.display import safe_text
from console.errors import UnreadableFile
from console.records.faults import FaultCode
from console.records.model import Identity


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
        return read_at(self.descriptor, self._name, offset, min(length, self.end - offset))

    def up_to(self, end: int) -> PlainSource:
        """The same file, as if it ended at *end*."""
        return PlainSource(self.descriptor, self._name, end)

    def identity(self) -> Identity:
        """What the file is now."""
        return identity_of(os.fstat(self.descriptor))

    def close(self) -> None:
        """Nothing to let go of."""


def identity_of(status: os.stat_result) -> Identity:
    """What the file is that has this status."""
    return Identity(status.st_dev, status.st_ino, status.st_size, status.st_mtime_ns)


def read_at(descriptor: int, name: str, offset: int, length: int) -> bytes:
    """Exactly *length* bytes of an open file, called *name* in messages. Raises `UnreadableFile` when it lacks them."""
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
