"""The SHA-256 of a finding file, computed on a thread of its own while the records are read on others."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from concurrent.futures import TimeoutError as NotYet
from contextlib import contextmanager
from typing import Final

from console.progress import Cancel, Progress, Report
from console.records.reader import FindingFile

_POLL_SECONDS: Final = 0.1


@contextmanager
def digesting(file: FindingFile) -> Iterator[Future[str]]:
    """Start on the SHA-256 of the bytes on disk, and give it in hexadecimal once it is there.

    It stops when the context is left. What it gives raises `UnreadableFile` when the file can't be read.
    """
    stop = Cancel()
    with ThreadPoolExecutor(1, "sha256") as thread:
        try:
            yield thread.submit(file.sha256, stop)
        finally:
            stop.ask()


def wait_for(digest: Future[str], file: FindingFile, tell: Report, cancel: Cancel | None) -> str:
    """The digest, when nothing else is left to do. Raises `Cancelled`, and what the digest raises."""
    while True:
        try:
            return digest.result(_POLL_SECONDS)
        except NotYet:
            tell(Progress(file.size, file.size, "bytes", "Computing the SHA-256"))
        if cancel is not None:
            cancel.check()
