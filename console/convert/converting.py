"""Converting each record of a finding file on its own, and counting what becomes of it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import ClassVar

from console.convert.changes import CannotConvert
from console.convert.forms import Converted, Request, convert_record
from console.convert.tally import Refusal, Tally
from console.limits import Limits
from console.records.decode import BadRecord
from console.records.faults import TAKES_NOTHING
from console.records.model import Fault, Record, Span
from console.records.reading import Reading
from console.records.stretch import Stretch


@dataclass(frozen=True, slots=True)
class PartlyConverted:
    """What became of a part of a file."""

    outputs: list[bytes]
    origins: list[Span]
    """Where each of the outputs came from."""
    identities: list[str | None]
    """What tells each of the outputs from others."""
    tally: Tally


@dataclass(frozen=True, slots=True)
class Converting:
    """The look that converts."""

    counts_lines: ClassVar[bool] = True
    """Those of the records that can't be converted."""
    request: Request

    def finder(self, reading: Reading) -> _PartConverting:
        """What converts one part."""
        return _PartConverting(self, reading.limits)


class _PartConverting:
    """Converts a part of a file."""

    def __init__(self, how: Converting, limits: Limits) -> None:
        self._how = how
        self._limits = limits
        self._outputs: list[bytes] = []
        self._origins: list[Span] = []
        self._identities: list[str | None] = []
        self._tally = Tally()

    def take(self, stretch: Stretch) -> int:
        """Records are converted one by one."""
        return 0

    def add(self, piece: Record | Fault) -> None:
        """Convert one record, or count a place that holds none."""
        if isinstance(piece, Fault):
            count_fault(piece, self._tally)
            return
        done = attempt(piece, self._tally, lambda: convert_record(piece.raw, self._how.request, self._limits))
        self._outputs += done.outputs
        self._origins += [piece.span] * len(done.outputs)
        self._identities += identities_of(done.outputs, self._how.request, self._limits)

    def result(self) -> PartlyConverted:
        """What came of it."""
        return PartlyConverted(self._outputs, self._origins, self._identities, self._tally)


def identities_of(outputs: Sequence[bytes], request: Request, limits: Limits) -> list[str | None]:
    """What tells each of some elements of the output from others."""
    identity = request.identity
    return [None if identity is None else identity.of(raw, limits) for raw in outputs]


def count_fault(fault: Fault, tally: Tally) -> None:
    """Count a place where the file is broken, unless nothing is lost by that."""
    if fault.code in TAKES_NOTHING:
        return
    tally.records += 1
    tally.refused += 1
    tally.refuse(Refusal(fault.code, "", fault.message, 1, fault.index, fault.offset, fault.line))


def attempt(record: Record, tally: Tally, work: Callable[[], Converted]) -> Converted:
    """Convert a record and count what became of it."""
    span = record.span
    tally.records += 1
    try:
        done = work()
    except BadRecord as fault:
        tally.refused += 1
        tally.refuse(Refusal(fault.code, "", fault.message, 1, span.index, span.offset, span.line))
        return Converted()
    except CannotConvert as refused:
        done = Converted(refusals=[refused])
    tally.change(done.changes, span.index)
    tally.written += len(done.outputs)
    for region in done.regions:
        tally.locate(region)
    for reason in done.refusals:
        tally.refuse(_refusal(reason, span))
    if done.refusals:
        tally.refused += 1
    else:
        tally.converted += 1
    return done


def _refusal(reason: CannotConvert, span: Span) -> Refusal:
    return Refusal(reason.code, reason.path, reason.message, 1, span.index, span.offset, span.line)
