"""A new, sound JSON array of all that is whole in a finding file, and an account of what was mended and what was lost.

Nothing is guessed. A record goes byte for byte as it stands, or it does not go at all; where it does not, a fault says
what is lost. The file itself is only read.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from enum import StrEnum
from pathlib import Path
from typing import Final

from console.display import safe_text
from console.errors import UnreadableFile
from console.progress import Cancel, Progress, silent
from console.progress import Report as Tell
from console.records import fields
from console.records.bounded import Faults
from console.records.decode import BadRecord, decode
from console.records.faults import TAKES_NOTHING
from console.records.model import Compression, Fault, Format, Layout, Record
from console.records.reader import FindingFile
from console.records.uids import Repeats, UidMarks, marks_of, new_key

LISTED: Final = 1_000
"""Places where something was dropped that are listed. A hostile file has millions: the rest are only counted."""

_STEP_BYTES: Final = 4 * 1024 * 1024
"""Bytes between two reports of the progress."""
_MARKS_AT_ONCE: Final = 4_096
"""Marks of finding identifiers that are compared at once, which is much quicker than one by one."""

Write = Callable[[bytes], object]
"""Takes the next bytes of the new array, such as the `write` of a file that was opened for bytes."""


class Change(StrEnum):
    """What is sound in a file, and other than in a plain array. Stands beside the codes of faults in `Mend.code`."""

    BYTE_ORDER_MARK = "byte_order_mark"
    """The text starts with a byte order mark. RFC 8259, section 8.1, has none, and strict readers refuse it."""
    COMPRESSED = "gzip"
    """The file is compressed. The new one is not."""
    LINES = "lines"
    """Each record stands on a line, not in an array."""
    SINGLE_OBJECT = "single_object"
    """The file is an object, not an array."""
    WRAPPER = "wrapper"
    """An array stands in an object, whose other members are left out."""


_SENTENCES: Final = {
    Change.BYTE_ORDER_MARK: "The file starts with a byte order mark, which many readers refuse.",
    Change.COMPRESSED: "The file is compressed with gzip; what was written is not.",
    Change.LINES: "The records stand on lines, not in an array.",
    Change.SINGLE_OBJECT: "The file is an object, not an array.",
    Change.WRAPPER: "Records stand in an object around their array; what else is in that was left out.",
}


@dataclass(frozen=True, slots=True)
class Mend:
    """One kind of mending, and where it was needed first."""

    code: str
    """A code of `TAKES_NOTHING`, or a `Change`."""
    message: str
    """What was wrong at the first place: one sentence."""
    count: int
    """At how many places."""
    index: int | None
    """The record of the first place, where it is one record's."""
    offset: int | None
    """Bytes from the start of the (unpacked) file."""
    line: int | None


@dataclass(frozen=True, slots=True)
class Repair:
    """What became of a file."""

    path: Path
    format: Format
    compression: Compression
    bytes: int
    """Bytes of the file on disk."""
    records: int
    """Records that were written."""
    written: int
    """Bytes that were written."""
    mended: tuple[Mend, ...]
    """What was mended without losing anything, in the order of the first places."""
    dropped: tuple[Fault, ...]
    """The first places, at most `LISTED`, where the file holds, or should hold, what was not written."""
    dropped_count: int
    """All of them."""
    duplicates: int
    """Written records whose finding identifier an earlier one has. Which of them is meant can't be known: all are
    kept.
    """
    duplicates_complete: bool
    """Whether all identifiers were compared. If not, they were too many to remember, and there may be more duplicates.
    """

    @property
    def was_sound(self) -> bool:
        """Whether there was nothing to mend and nothing to drop: the file was such an array already."""
        return not self.mended and not self.dropped_count


def repair(file: FindingFile, write: Write, tell: Tell = silent, cancel: Cancel | None = None) -> Repair:
    """Write all whole records of *file* as one JSON array. Memory does not grow with the file.

    A record is whole if `decode` takes it: what we could not read, others would refuse together with all the rest.
    The array gets its end last, so that what is written of it before an exception is no JSON.

    Raises `UnreadableFile` when the file was changed meanwhile, when reading fails, and, before anything is written,
    when a broken file has no whole record; `Cancelled` when asked to stop; and what *write* raises.
    """
    work = _Work(write)
    total = file.size if file.compression is Compression.NONE else None
    due = 0
    for piece in file.records():
        if cancel:
            cancel.check()
        place = piece.span.offset if isinstance(piece, Record) else piece.offset or 0
        if place >= due:
            tell(Progress(place, total, "bytes", "Repairing"))
            due = place + _STEP_BYTES
        work.add(piece, file)
    if work.broken and not work.records:
        raise UnreadableFile(f"{safe_text(file.name)} holds no whole record. {work.broken.message}")
    work.finish()
    return work.result(file)


def _changes(file: FindingFile) -> list[Mend]:
    """What is other than in a plain array, and no fault. Known when the file was read to its end."""
    changes = []
    if file.compression is Compression.GZIP:
        changes.append(Change.COMPRESSED)
    if file.byte_order_mark:
        changes.append(Change.BYTE_ORDER_MARK)
    if file.layout is Layout.LINES:
        changes.append(Change.LINES)
    elif file.layout is Layout.DOCUMENT and not file.wrappers:
        changes.append(Change.SINGLE_OBJECT)
    if file.wrappers:
        changes.append(Change.WRAPPER)
    counts = {Change.WRAPPER: file.wrappers}
    return [Mend(change, _SENTENCES[change], counts.get(change, 1), None, None, None) for change in changes]


@dataclass(slots=True)
class _Work:
    """What was written, mended and dropped so far."""

    write: Write
    records: int = 0
    written: int = 0
    broken: Fault | None = None
    """The first fault of any kind."""
    _mended: dict[str, Mend] = field(default_factory=dict)
    _dropped: Faults = field(default_factory=lambda: Faults(LISTED))
    _repeats: Repeats = field(default_factory=Repeats)
    _marks: UidMarks = field(default_factory=lambda: marks_of([], b""))
    """Those of the finding identifiers that were not compared yet."""
    _key: bytes = field(default_factory=new_key)
    """What marks are made with."""

    def add(self, piece: Record | Fault, file: FindingFile) -> None:
        """Write a record, or note why there is none."""
        if isinstance(piece, Fault):
            self._note(piece)
            return
        try:
            finding = decode(piece.raw, file.limits)
        except BadRecord as error:
            self._note(error.fault(piece.span))
            return
        self._put((b",\n" if self.records else b"[\n") + piece.raw)
        self.records += 1
        self._marks.extend(marks_of([fields.finding_uid(finding)], self._key))
        if len(self._marks) == _MARKS_AT_ONCE:
            self._compare()

    def finish(self) -> None:
        """Write the end of the array."""
        self._put(b"\n]\n" if self.records else b"[]\n")
        self._compare()

    def result(self, file: FindingFile) -> Repair:
        """The account of it all."""
        return Repair(
            path=file.path,
            format=file.format,
            compression=file.compression,
            bytes=file.size,
            records=self.records,
            written=self.written,
            mended=(*_changes(file), *self._mended.values()),
            dropped=tuple(self._dropped.first),
            dropped_count=self._dropped.count,
            duplicates=self._repeats.count(),
            duplicates_complete=self._repeats.is_complete,
        )

    def _note(self, fault: Fault) -> None:
        """A fault that is mended by what is written around it, or that loses something."""
        self.broken = self.broken or fault
        if fault.code not in TAKES_NOTHING:
            self._dropped.add(fault)
            return
        first = Mend(fault.code, fault.message, 0, fault.index, fault.offset, fault.line)
        known = self._mended.get(fault.code, first)
        self._mended[fault.code] = replace(known, count=known.count + 1)

    def _put(self, data: bytes) -> None:
        self.write(data)
        self.written += len(data)

    def _compare(self) -> None:
        self._repeats.add(self._marks)
        del self._marks[:]
