"""The private files that hold what will be sent: hashed while they are written, durable when they are done."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path
from typing import IO


class HashedFile:
    """A new private file that is hashed while it is written."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.length = 0
        """Bytes written so far."""
        self._file = private_file(path)
        self._digest = hashlib.sha256()

    def __enter__(self) -> HashedFile:
        return self

    def __exit__(self, *_: object) -> None:
        self.flush()
        self._file.close()

    @property
    def sha256(self) -> str:
        """Of what was written so far, in hexadecimal."""
        return self._digest.hexdigest()

    def write(self, piece: bytes) -> None:
        """Add a piece."""
        self._file.write(piece)
        self._digest.update(piece)
        self.length += len(piece)

    def flush(self) -> None:
        """Make what was written readable by others, and durable."""
        self._file.flush()
        os.fsync(self._file.fileno())


def private_file(path: Path) -> IO[bytes]:
    """Open a new file that only its owner can read, for writing."""
    path.touch(mode=0o600)
    return path.open("wb")
