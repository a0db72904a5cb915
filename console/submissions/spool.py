"""The private folder where a submission's payloads are frozen, and the index from a payload's records to their file.

One folder for each submission: `N.payload` is what is sent, `N.index` has 32 bytes for each record of it. Whoever
sends holds the folder's lock, which the system releases when the process dies, however it dies.
"""

from __future__ import annotations

import fcntl
import os
import shutil
import struct
import time
from collections.abc import Container, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from console.display import safe_text
from console.errors import StateError
from console.paths import private_dir, sync_dir
from console.records.model import Span
from console.submissions.model import FrozenBatch, SentBatch, Submission
from console.targets.base import Batch

_ENTRY: Final = struct.Struct("<qqqq")
"""Index, offset, length and line of a record in its finding file."""


FORGOTTEN_SECONDS: Final = 24 * 3600
"""After this a plan that nobody sent or discarded is what a process left that died."""


_LOOK_SECONDS: Final = (0.001, 0.01, 0.05)
"""Between the tries to take a lock."""


ENTRY_BYTES: Final = _ENTRY.size
"""Bytes of an index entry."""


def unpack(entry: bytes) -> Span:
    """The place that an index entry stands for."""
    return Span(*_ENTRY.unpack(entry))


def pack(span: Span) -> bytes:
    """The index entry of a record."""
    return _ENTRY.pack(span.index, span.offset, span.length, span.line)


class Spool:
    """The frozen payloads of all submissions, below one folder."""

    def __init__(self, state: Path) -> None:
        self._root = private_dir(state / "spool")

    def folder(self, submission: str) -> Path:
        """The submission's own folder, made when it is not there."""
        return private_dir(self._root / submission)

    def sync(self, submission: str) -> None:
        """Make the names of a submission's files durable, as their content is already. Raises `StateError`."""
        try:
            sync_dir(self._root / submission)
            sync_dir(self._root)
        except OSError as error:
            raise StateError(
                f"What was frozen in {safe_text(self._root)} can't be made durable: {error.strerror}. Nothing was sent."
            ) from error

    def payload(self, submission: str, number: int) -> Path:
        """The file that holds what batch *number* sends."""
        return self._root / submission / f"{number}.payload"

    def index(self, submission: str, number: int) -> Path:
        """The file that says where each record of batch *number* came from."""
        return self._root / submission / f"{number}.index"

    def converted(self, submission: str) -> Path:
        """The file that holds what a finding file was converted to, while it is frozen from there."""
        return self._root / submission / "converted"

    def origins(self, submission: str) -> Path:
        """The file that says where each record of the converted one came from."""
        return self._root / submission / "converted.origins"

    def origin(self, submission: str, number: int, record: int) -> Span | None:
        """Where the *record*-th record of a batch is in its finding file. None where that is not known."""
        try:
            with self.index(submission, number).open("rb") as file:
                # The number comes from the target, which may say anything.
                if not 0 <= record < os.fstat(file.fileno()).st_size // _ENTRY.size:
                    return None
                file.seek(record * _ENTRY.size)
                return Span(*_ENTRY.unpack(file.read(_ENTRY.size)))
        except FileNotFoundError:
            return None

    def frozen(self, submission: Submission, batch: SentBatch, filename: str) -> FrozenBatch:
        """A batch of a submission as it was frozen, to be sent under that name."""
        payload = self.payload(submission.id, batch.number)
        again = Batch(batch.number, batch.records, payload, batch.bytes, batch.sha256, filename)
        return FrozenBatch(again, batch.source, batch.source_sha256, wrapped="")

    def payload_bytes(self, submission: str) -> int:
        """The room that a submission's payloads take."""
        sizes = (_status(path) for path in (self._root / submission).glob("*.payload"))
        return sum(found.st_size for found in sizes if found is not None)

    def drop_payload(self, submission: str, number: int) -> None:
        """Remove what a batch sent: nobody will send any of it again. Where its records came from stays known."""
        self.payload(submission, number).unlink(missing_ok=True)

    def drop_payloads(self, submission: str) -> None:
        """Remove what a submission sent: nobody can send it again. Where its records came from stays known."""
        for path in (self._root / submission).glob("*.payload"):
            path.unlink(missing_ok=True)

    def sweep(self, known: Container[str]) -> None:
        """Remove what was planned a day ago or longer and never became one of the *known* submissions."""
        for folder in self._root.iterdir():
            found = _status(folder)
            if found is None or folder.name in known or time.time() - found.st_mtime <= FORGOTTEN_SECONDS:
                continue
            if not self.is_being_sent(folder.name):
                self.discard(folder.name)

    def discard(self, submission: str) -> None:
        """Remove everything of a submission that was never sent."""
        shutil.rmtree(self._root / submission, ignore_errors=True)

    @contextmanager
    def lock(self, submission: str) -> Iterator[None]:
        """Hold the right to send this submission. Raises `StateError` when another process holds it."""
        path = self.folder(submission) / "lock"
        try:
            descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        except OSError as error:
            raise _no_lock(path, error) from error
        try:
            try:
                _take(descriptor)
            except BlockingIOError as error:
                holder = os.pread(descriptor, 20, 0).decode(errors="replace")
                process = f"Process {holder}" if holder.isdigit() else "Another process"
                raise StateError(f"{process} is sending submission {submission}.") from error
            except OSError as error:
                raise _no_lock(path, error) from error
            yield
        finally:
            os.close(descriptor)

    def is_being_sent(self, submission: str) -> bool:
        """Whether a living process holds the lock."""
        try:
            descriptor = os.open(self._root / submission / "lock", os.O_RDONLY | os.O_CLOEXEC)
            try:
                fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
            finally:
                os.close(descriptor)
        except FileNotFoundError:
            return False
        except BlockingIOError:
            return True
        except OSError as error:
            raise StateError(f"The lock of submission {submission} can't be read: {error.strerror}.") from error
        return False


def _status(path: Path) -> os.stat_result | None:
    """What is there; None where another process has removed it meanwhile."""
    try:
        return path.stat()
    except FileNotFoundError:
        return None


def _take(descriptor: int) -> None:
    """Take a lock, and sign it. Who only looks whether it is held holds it too, for an instant: that is waited for."""
    for pause in _LOOK_SECONDS:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            break
        except BlockingIOError:
            time.sleep(pause)
    else:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    os.ftruncate(descriptor, 0)
    os.pwrite(descriptor, str(os.getpid()).encode(), 0)


def _no_lock(path: Path, error: OSError) -> StateError:
    return StateError(f"{safe_text(path)} can't be locked: {error.strerror}. Nothing was sent.")
