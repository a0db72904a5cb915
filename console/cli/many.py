"""A run over many files: several at a time in worker processes, with the results in the order of the files."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import TYPE_CHECKING, Final, Generic, TypeVar

from console.progress import Progress
from console.progress import Report as Tell
from console.records.sweep import WORTH_BYTES
from console.records.workers import Workers, processors

if TYPE_CHECKING:
    from console.cli.setup import Source

R = TypeVar("R")

_TASK_BYTES: Final = 1024**2
"""What a worker is given at a time, unless one file is larger."""
_FILE_BYTES: Final = 16 * 1024
"""What opening a file costs, in bytes of reading."""

Look = Callable[["Source"], R]
"""What to do with each file. It can be sent to another process, and so can what comes of it."""


@dataclass(frozen=True, slots=True)
class _Task(Generic[R]):
    """Some files to look at."""

    look: Look[R]
    sources: Sequence[Source]

    def perform(self) -> Iterator[R]:
        """What comes of each."""
        return map(self.look, self.sources)


@dataclass(frozen=True, slots=True)
class Sharing:
    """When files are shared between processes."""

    worth_bytes: int
    """All files together, from which on that is quicker."""
    file_bytes: int = WORTH_BYTES
    """A file of that size is none of many: it is looked at by itself, perhaps by several processes."""
    count: int | None = None
    """How many processes there shall be; None for one for each processor. Who asks for several gets them."""


def in_groups(sources: Iterable[Source], sharing: Sharing) -> Iterator[tuple[int, list[Source]]]:
    """The files in their order, in groups: with the number of processes that shall share them, or 0."""
    wanted = processors() if sharing.count is None else sharing.count
    for is_one_of_many, group in groupby(sources, lambda source: _size(source) < sharing.file_bytes):
        files = list(group)
        cost = sum(_size(source) + _FILE_BYTES for source in files)
        is_worth_it = sharing.count is not None or cost >= sharing.worth_bytes
        shared = is_one_of_many and wanted > 1 and len(files) > 1 and is_worth_it
        yield (min(wanted, len(files)) if shared else 0), files


def looked_at(sources: Sequence[Source], look: Look[R], count: int, preload: str, tell: Tell) -> Iterator[R]:
    """What comes of each file, in their order. *preload* is the module of what is done, which is then loaded once.

    Raises `StateError` when a worker died, and what a look raised.
    """
    total = sum(map(_size, sources))
    done = 0
    with Workers(count, preload) as workers:
        results = workers.perform([_Task(look, chunk) for chunk in _chunks(sources)])
        for source, result in zip(sources, results, strict=True):
            yield result
            done += _size(source)
            tell(Progress(done, total, "bytes", "Looking at files"))


def _chunks(sources: Iterable[Source]) -> Iterator[list[Source]]:
    chunk: list[Source] = []
    size = 0
    for source in sources:
        if chunk and size + _size(source) > _TASK_BYTES:
            yield chunk
            chunk, size = [], 0
        chunk.append(source)
        size += _size(source) + _FILE_BYTES
    if chunk:
        yield chunk


def _size(source: Source) -> int:
    """The bytes of a file on disk; 0 for what can't be read, which is told by whoever opens it."""
    try:
        return 0 if source.failure is not None else source.path.stat().st_size
    except OSError:
        return 0
