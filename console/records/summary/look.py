"""Counting what the records of a finding file, or of a part of one, say of themselves.

Only what is counted is decoded. The rest of a record must be sound JSON, but the caps on what may be decoded do not
apply to it: whoever looks at all of a record, or validates it, is told.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

import msgspec
from msgspec import Struct
from msgspec.structs import asdict

from console.limits import Limits
from console.records import fields
from console.records.decode import BadRecord, decode
from console.records.fields import Finding
from console.records.model import Fault, Record
from console.records.reading import Reading
from console.records.stretch import Stretch
from console.records.summary import usual
from console.records.summary.counts import Counts, shortened
from console.records.uids import marks_of


class _Counted(Struct, gc=False):
    """What is counted of a record, whatever is there."""

    metadata: object = None
    class_uid: object = None
    severity: object = None
    severity_id: object = None
    status_code: object = None
    cloud: object = None
    unmapped: object = None
    finding_info: object = None
    finding: object = None
    time: object = None


_decoder: Final = msgspec.json.Decoder(_Counted)


@dataclass(frozen=True, slots=True)
class SummaryLook:
    """Looks for what a summary is made of."""

    key: bytes = field(repr=False)
    """What the marks of finding identifiers are made with, at most 64 bytes."""
    counts_lines: bool = True
    """Faults have lines."""

    def finder(self, reading: Reading) -> Counting:
        """What counts the records of one part."""
        return Counting(reading.limits, self.key)


class Counting:
    """Counts records as they come. Give `take` to a reader, and `add` what it yields."""

    def __init__(self, limits: Limits, key: bytes) -> None:
        self._limits = limits
        self._key = key
        self._counts = Counts()

    def take(self, stretch: Stretch) -> int:
        """Count many records at once, if all of them are of the usual types; how many there were."""
        records = usual.usual(stretch)
        if records is None:
            return 0
        usual.count(records, self._counts)
        self._counts.marks.extend(marks_of(usual.finding_uids(records), self._key))
        return len(records)

    def add(self, piece: Record | Fault) -> None:
        """Count a record, or a place that holds none."""
        if isinstance(piece, Fault):
            self._counts.faults.add(piece)
            return
        self._counts.records += 1
        try:
            finding = _decoded(piece.raw, self._limits)
        except BadRecord as error:
            self._counts.faults.add(error.fault(piece.span))
        else:
            self._add(finding)

    def _add(self, finding: Finding) -> None:
        counts = self._counts
        counts.versions.add(shortened(fields.text(fields.at(finding, "metadata", "version"))))
        counts.classes.add(shortened(fields.class_uid(finding.get("class_uid"))))
        counts.severities.add(shortened(fields.severity(finding)))
        counts.statuses.add(shortened(fields.text(finding.get("status_code"))))
        counts.producers.add(shortened(fields.producer(finding)))
        counts.add_account(fields.account(finding))
        counts.add_time(fields.time(finding))
        counts.marks.extend(marks_of([fields.finding_uid(finding)], self._key))

    def result(self) -> Counts:
        """What was counted so far."""
        return self._counts


def _decoded(raw: bytes, limits: Limits) -> Finding:
    """What is counted of a record. Raises `BadRecord` when that can't be decoded, or the record is no sound JSON."""
    try:
        if not raw.isascii():
            raw.decode()
        return asdict(_decoder.decode(raw))
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        # This tells precisely what is wrong.
        return decode(raw, limits)
