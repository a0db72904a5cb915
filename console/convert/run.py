"""Converting a finding file record by record, in memory that does not grow with it.

Where each record is converted on its own, several processes may take a part of the file each. Where findings bring
their activities along, a first pass notes where those are, and a second reads them with the finding that names them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from typing import Final

from console.convert import converting
from console.convert.changes import Change, ChangeKind
from console.convert.converting import Converting, identities_of
from console.convert.forms import Form, Request
from console.convert.gathering import converted_together, index_activities
from console.convert.tally import Tally
from console.progress import Cancel, silent
from console.progress import Report as Tell
from console.records.model import Span
from console.records.reader import FindingFile
from console.records.sharing import shared_workers, spare_workers
from console.records.sweep import WORTH_BYTES, sweep
from console.records.uids import Earlier
from console.records.workers import Workers, processors

Write = Callable[[bytes], object]
"""Takes the next bytes of the new file."""

Trace = Callable[[Span], object]
"""Takes where the next element of the new file came from: with a finding its activities come too."""

_WORTH_BYTES: Final = 24 * 1024**2
"""Bytes of a file from which on several processes are quicker with what takes longer than reading."""
_MESSAGE: Final = "Converting"
_REPEATED: Final = "An earlier finding has the same: the service keeps one of each."


class NothingConverted(Exception):
    """No record of a file could be converted. Nothing was written."""

    def __init__(self, done: Conversion) -> None:
        super().__init__()
        self.done = done


@dataclass(frozen=True, slots=True)
class Conversion:
    """What became of a file."""

    tally: Tally
    written_bytes: int
    """Bytes of the new file."""


def convert(
    file: FindingFile,
    request: Request,
    write: Write,
    workers: Workers | None = None,
    tell: Tell = silent,
    cancel: Cancel | None = None,
    trace: Trace | None = None,
) -> Conversion:
    """Write what the records of *file* become: a JSON array, or lines for NDJSON. *trace* hears of each before *write*.

    The array gets its end last, so that what is written of it before an exception is no JSON. Raises
    `NothingConverted` before anything is written; `UnreadableFile`, `Cancelled`, and what *write* raises.
    """
    output = _Output(write, lines=request.form is Form.NDJSON)
    tally, earlier = Tally(), Earlier()
    for piece in _converted(file, request, workers, tally, tell, cancel):
        for origin, identity in zip(piece.origins, piece.identities, strict=True):
            if trace is not None:
                trace(origin)
            if request.identity is not None and earlier.find(identity, origin.index) is not None:
                tally.change([Change(ChangeKind.REPEATED, request.identity.path, _REPEATED)], origin.index)
        output.add(piece.outputs)
    done = Conversion(tally, output.written)
    if tally.refused and not tally.written:
        raise NothingConverted(done)
    output.finish()
    return Conversion(tally, output.written)


def workers_for(file: FindingFile, request: Request) -> AbstractContextManager[Workers | None]:
    """The processes to share the converting of a file with; None where one is quicker alone."""
    count = processors() if request.form.takes_long and file.size >= _WORTH_BYTES else None
    return shared_workers(file, preload=[converting.__name__], count=count)


def spare_workers_for(file: FindingFile, request: Request) -> AbstractContextManager[Workers | None]:
    """The processes to leave the converting of a file to, where there is a screen; None where it is done at once."""
    least_bytes = _WORTH_BYTES if request.form.takes_long else WORTH_BYTES
    return spare_workers(file, preload=[converting.__name__], least_bytes=least_bytes)


@dataclass(frozen=True, slots=True)
class _Piece:
    """Some elements of the new file, where each came from, and what tells it from others."""

    outputs: Sequence[bytes]
    origins: Sequence[Span]
    identities: Sequence[str | None]


def _converted(
    file: FindingFile,
    request: Request,
    workers: Workers | None,
    tally: Tally,
    tell: Tell,
    cancel: Cancel | None,
) -> Iterator[_Piece]:
    """What the records become, some at a time. *tally* counts all of it."""
    if request.form.groups and (index := index_activities(file, tell, cancel)) is not None:
        with index:
            for span, elements in converted_together(file, request, index, tally, tell, cancel):
                identities = identities_of(elements, request, file.limits)
                yield _Piece(elements, [span] * len(elements), identities)
        return
    for found in sweep(file, Converting(request), workers, tell, cancel, _MESSAGE):
        tally.merge(found.result.tally, found.index, found.line)
        origins = found.result.origins
        if found.index or found.line:
            origins = [replace(one, index=one.index + found.index, line=one.line + found.line) for one in origins]
        yield _Piece(found.result.outputs, origins, found.result.identities)


class _Output:
    """The new file, as far as it is written."""

    def __init__(self, write: Write, *, lines: bool) -> None:
        self.written = 0
        """Bytes."""
        self._write = write
        self._lines = lines
        self._is_empty = True

    def add(self, elements: Sequence[bytes]) -> None:
        """Write some elements."""
        if not elements:
            return
        if self._lines:
            self._put(b"\n".join(elements) + b"\n")
        else:
            self._put((b"[\n" if self._is_empty else b",\n") + b",\n".join(elements))
        self._is_empty = False

    def finish(self) -> None:
        """Write the end."""
        if not self._lines:
            self._put(b"[]\n" if self._is_empty else b"\n]\n")

    def _put(self, data: bytes) -> None:
        self._write(data)
        self.written += len(data)
