"""Looking at every record of a finding file for something, alone or with worker processes.

What is looked for is a `Look`: a value that can be sent to another process, and that makes a `Finder` for each part of
the file. A part that a worker finds to be broken, or to be no part, is read again with all that follows it, in one go.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, Generic, Protocol, TypeVar

from console.limits import Limits
from console.progress import Cancel, Progress, Report, silent
from console.records.model import Compression, Fault, Format, Layout, Record, Shared
from console.records.parts import Part
from console.records.reader import FindingFile
from console.records.reading import Place, Reading
from console.records.stretch import Stretch
from console.records.workers import Workers

PART_BYTES: Final = 4 * 1024**2
"""What is looked at in one go: enough to be worth the sending, and little enough to stop soon when asked."""
WORTH_BYTES: Final = 96 * 1024**2
"""Smaller files are looked at by one process nearly as soon as workers have started."""

R = TypeVar("R")
R_co = TypeVar("R_co", covariant=True)


class Finder(Protocol[R_co]):
    """Looks at the records of a part as they come."""

    def take(self, stretch: Stretch) -> int:
        """Look at many records at once; how many there were. 0 where they must be looked at one by one."""
        ...

    def add(self, piece: Record | Fault) -> None:
        """Look at one record, or at a place that holds none."""
        ...

    def result(self) -> R_co:
        """What came of it. Asked once, when all of the part was seen."""
        ...


class Look(Protocol[R_co]):
    """What to look for. It can be sent to another process, and so can its results."""

    @property
    def counts_lines(self) -> bool:
        """Whether the lines in a result are of use to anybody. Counting them takes a third of the time of reading."""
        ...

    def finder(self, reading: Reading) -> Finder[R_co]:
        """A finder for one part, of which *reading* gives the records."""
        ...


@dataclass(frozen=True, slots=True)
class Found(Generic[R_co]):
    """What was found in a part of a file."""

    result: R_co
    first: int
    """The index of the part's first record."""
    count: int
    """Indexes in the part."""
    index: int
    """What must be added to each index in the result."""
    line: int
    """What must be added to each line in the result."""
    end: int
    """How far the (unpacked) file has been looked at, in bytes."""


def sweep(
    file: FindingFile,
    look: Look[R],
    workers: Workers | None = None,
    tell: Report = silent,
    cancel: Cancel | None = None,
    message: str = "Reading the records",
) -> Iterator[Found[R]]:
    """What is found in the whole file, part by part, in its order.

    Where a part is read without workers its indexes and lines are those of the file. *message* is what progress says.
    Raises `Cancelled`, `UnreadableFile` (also at the end, when the file was changed meanwhile), and `StateError` when
    a worker died.
    """
    total = file.size if file.compression is Compression.NONE else None
    shared = file.shared(tell, cancel) if workers is not None and file.layout is not Layout.DOCUMENT else None
    if shared is None or workers is None:
        steps = _onwards(file, look, cancel=cancel)
    else:
        steps = _together(file, shared, look, workers, cancel)
    for found in steps:
        yield found
        if cancel is not None:
            cancel.check()
        tell(Progress(found.end, total, "bytes", message))
    file.check_unchanged()


def is_worth_it(file: FindingFile, least_bytes: int = WORTH_BYTES) -> bool:
    """Whether several processes are quicker with a file than one, if it has so many bytes on disk."""
    return file.size >= least_bytes and file.layout is not Layout.DOCUMENT


@dataclass(frozen=True, slots=True)
class _Partly(Generic[R]):
    """Look at one part of a file."""

    shared: Shared
    limits: Limits
    look: Look[R]
    part: Part

    def perform(self) -> Iterator[_Partial[R]]:
        """One partial result."""
        yield _partial(_last_file.of(self.shared, self.limits), self.look, self.part)


class _LastFile:
    """The file that this process looked at last. It stays open for its next part: opening takes a while."""

    def __init__(self) -> None:
        self._key: tuple[Shared, Limits] | None = None
        self._file: FindingFile | None = None

    def of(self, shared: Shared, limits: Limits) -> FindingFile:
        """The file, open. Raises `UnreadableFile`, also when it is not what it was."""
        if self._file is None or self._key != (shared, limits):
            if self._file is not None:
                self._file.close()
            self._file = self._key = None
            self._file = FindingFile.open(shared.path, limits, shared.identity)
            self._key = (shared, limits)
        self._file.check_unchanged()
        return self._file


_last_file: Final = _LastFile()


@dataclass(frozen=True, slots=True)
class _Partial(Generic[R]):
    """What was found in a part, if it is one: indexes count from 0, lines from 1."""

    result: R
    count: int
    newlines: int
    sound: bool
    """Whether it is a part: a whole number of records, and nothing broken. If not, nothing else here counts."""


@dataclass(frozen=True, slots=True)
class _Rest(Generic[R]):
    """Look at everything from some place on."""

    shared: Shared
    limits: Limits
    look: Look[R]
    place: Place

    def perform(self) -> Iterator[tuple[Found[R], Format]]:
        """The results, each with the format as far as it is known by then."""
        with FindingFile.open(self.shared.path, self.limits, self.shared.identity) as file:
            for found in _onwards(file, self.look, self.place):
                yield found, file.format


def _together(
    file: FindingFile, shared: Shared, look: Look[R], workers: Workers, cancel: Cancel | None
) -> Iterator[Found[R]]:
    """The results of parts that workers look at; and where one is no part, what one worker makes of all the rest."""
    tasks = [_Partly(shared, file.limits, look, part) for part in file.parts(PART_BYTES)]
    index = line = 0
    rest: Part | None = None
    for partial, task in zip(workers.perform(tasks, cancel), tasks, strict=False):
        if not partial.sound:
            rest = task.part
            break
        end = task.part.start.offset + task.part.length
        yield Found(partial.result, index, partial.count, index, line, end)
        index += partial.count
        line += partial.newlines
    if rest is None:
        return
    place = Place(rest.start.offset, index, line + 1, rest.start.inside)
    for found, known_format in workers.perform([_Rest(shared, file.limits, look, place)], cancel):
        file.format = known_format
        yield found


def _partial(file: FindingFile, look: Look[R], part: Part) -> _Partial[R]:
    """What is found in one part."""
    reading = file.reading_of(part)
    finder = look.finder(reading)
    for piece in reading.pieces(finder.take):
        finder.add(piece)
    newlines = reading.line - 1 if look.counts_lines and reading.sound else 0
    return _Partial(finder.result(), reading.count, newlines, reading.sound)


def _onwards(
    file: FindingFile, look: Look[R], place: Place | None = None, cancel: Cancel | None = None
) -> Iterator[Found[R]]:
    """What is found from *place* on, the start where there is none, each time that enough was read."""
    reading = file.reading(place, cancel=cancel)
    finder = look.finder(reading)
    first = reading.start.index
    due = reading.start.offset + PART_BYTES

    def take(stretch: Stretch) -> int:
        # What is left to be looked at one by one gives us the chance to begin a new part.
        return finder.take(stretch) if stretch.offset < due else 0

    for piece in reading.pieces(take):
        offset, index = (
            (piece.span.offset, piece.span.index) if isinstance(piece, Record) else (piece.offset, piece.index)
        )
        if offset is not None and offset >= due:
            following = reading.start.index + reading.count if index is None else index
            yield Found(finder.result(), first, following - first, 0, 0, offset)
            finder, first, due = look.finder(reading), following, offset + PART_BYTES
        finder.add(piece)
    file.learn(reading)
    yield Found(finder.result(), first, reading.start.index + reading.count - first, 0, 0, reading.offset)
    file.check_unchanged()
