"""Converting the findings of a file together with the activities that they name, wherever in the file those are.

A first pass notes where the activities are; a second one reads them with the finding that names them.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial
from typing import Final

import msgspec

from console.convert.activity_index import ActivityIndex
from console.convert.changes import CannotConvert, JsonObject
from console.convert.cisco_bundle import Event
from console.convert.cisco_grouping import named_by
from console.convert.cisco_limits import SUPPORTED_CLASSES
from console.convert.converting import attempt, count_fault
from console.convert.forms import Converted, Request, convert_record, grouped, is_activity
from console.convert.ocsf_findings import FINDING_CLASSES
from console.convert.ocsf_links import class_of, uid_of
from console.convert.repeated_keys import repeated_keys
from console.convert.tally import Refusal, Tally
from console.limits import Limits
from console.progress import Cancel, Progress
from console.progress import Report as Tell
from console.records.decode import BadRecord, decode
from console.records.model import Compression, Fault, Record, Span
from console.records.reader import FindingFile
from console.records.stretch import Decoders, Stretch

_STEP_BYTES: Final = 4 * 1024**2
"""Bytes between two reports of the progress."""


class _Class(msgspec.Struct):
    """What tells whether a record may be an activity."""

    class_uid: msgspec.Raw | msgspec.UnsetType = msgspec.UNSET


_CLASSES: Final[Decoders[_Class]] = Decoders.of(_Class)
_NO_ACTIVITIES: Final = frozenset(str(number).encode() for number in FINDING_CLASSES)


def index_activities(file: FindingFile, tell: Tell, cancel: Cancel | None) -> ActivityIndex | None:
    """Where the activities are that findings may bring along; None where there are none."""
    index: ActivityIndex | None = None

    def take(stretch: Stretch) -> int:
        records = stretch.decode(_CLASSES)
        if records is None or not all(_is_no_activity(record) for record in records):
            return 0
        return len(records)

    for piece in _with_progress(file, file.records(take=take, cancel=cancel), tell, "Looking for activities"):
        if isinstance(piece, Fault):
            continue
        try:
            record = decode(piece.raw, file.limits)
        except BadRecord:
            continue
        if is_activity(record) and class_of(record) in SUPPORTED_CLASSES:
            index = index or ActivityIndex()
            index.add(uid_of(record), piece.span)
    if index is not None:
        index.complete()
    return index


def _is_no_activity(record: _Class) -> bool:
    return record.class_uid is msgspec.UNSET or bytes(record.class_uid) in _NO_ACTIVITIES


def _with_progress(
    file: FindingFile, pieces: Iterator[Record | Fault], tell: Tell, message: str
) -> Iterator[Record | Fault]:
    """The pieces, with a report of how far the file was read from time to time."""
    total = file.size if file.compression is Compression.NONE else None
    due = 0
    for piece in pieces:
        place = piece.span.offset if isinstance(piece, Record) else piece.offset or 0
        if place >= due:
            tell(Progress(place, total, "bytes", message))
            due = place + _STEP_BYTES
        yield piece


def converted_together(
    file: FindingFile, request: Request, index: ActivityIndex, tally: Tally, tell: Tell, cancel: Cancel | None
) -> Iterator[tuple[Span, list[bytes]]]:
    """What each finding of a file becomes with the activities that it names, wherever those stand in it.

    What becomes of each record is counted in *tally*. Raises `UnreadableFile`, `StateError` and `Cancelled`.
    """
    for piece in _with_progress(file, file.records(cancel=cancel), tell, "Converting"):
        if isinstance(piece, Fault):
            count_fault(piece, tally)
            continue
        try:
            record = decode(piece.raw, file.limits)
        except BadRecord as fault:
            count_fault(fault.fault(piece.span), tally)
            continue
        if is_activity(record):
            if class_of(record) in SUPPORTED_CLASSES:
                tally.records += 1  # It is converted with the finding that names it.
            else:
                attempt(piece, tally, _refuse_class)
            continue
        spans = list(index.find(named_by(record))) if class_of(record) in FINDING_CLASSES else []
        work = partial(_gathered, file, request, index, record, piece, spans, tally)
        yield piece.span, attempt(piece, tally, work).outputs
    _count_the_others(index, tally)


def _gathered(
    file: FindingFile,
    request: Request,
    index: ActivityIndex,
    record: JsonObject,
    piece: Record,
    spans: Sequence[Span],
    tally: Tally,
) -> Converted:
    """A finding, with the activities that it names. Raises `CannotConvert`, `BadRecord` and `UnreadableFile`."""
    if not spans:
        return convert_record(piece.raw, request, file.limits)
    if sum(span.length for span in spans) + len(piece.raw) > file.limits.record_bytes:
        message = "Its bundle would be larger than a record may be here."
        raise CannotConvert("cisco_bundle_too_large", "", message)
    done = Converted(changes=repeated_keys(piece.raw, record))
    finding = Event(record, "", done.changes)
    activities = [_activity(file.raw(span), file.limits) for span in spans]
    raw, chosen = grouped(finding, activities, request, file.limits)
    done.outputs.append(raw)
    there = {id(event) for event in chosen}
    for span, event in zip(spans, activities, strict=True):
        tally.change(event.changes, span.index)
        if id(event) in there:
            index.use(span)
    return done


def _activity(raw: bytes, limits: Limits) -> Event:
    """An activity that stands alone in the file. Raises `BadRecord`."""
    record = decode(raw, limits)
    return Event(record, "", repeated_keys(raw, record))


def _count_the_others(index: ActivityIndex, tally: Tally) -> None:
    """Count the activities that went with a finding, and those that did not."""
    left = index.unused()
    tally.converted += index.count - left.number
    tally.refused += left.number
    if left.first is not None:
        message = "It is in no bundle: no finding that could be converted names it, by its metadata.uid."
        span = left.first
        code = "cisco_activity_left_over"
        tally.refuse(Refusal(code, "metadata.uid", message, left.number, span.index, span.offset, span.line))


def _refuse_class() -> Converted:
    message = "Cisco XDR does not support events of its class."
    raise CannotConvert("cisco_class_unsupported", "class_uid", message)
