"""What a comparison has to know of a scan: of each finding who it is, how it stands and where it is. One pass.

Most records are decoded many at once, and nothing but these attributes of them. What is found is packed, since it may
come from another process, and holds digests in place of the findings' identifiers, which may be of any size.
"""

from __future__ import annotations

import hashlib
from array import array
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Final, NamedTuple

import msgspec

from console.limits import Limits
from console.records import fields
from console.records.bounded import Faults
from console.records.decode import BadRecord, decode
from console.records.faults import TAKES_NOTHING, FaultCode
from console.records.fields import Finding
from console.records.model import Fault, Record
from console.records.reading import Reading
from console.records.slices import records_in
from console.records.stretch import Decoders, Stretch

_DIGEST_BYTES: Final = 16
_KEPT_WHOLE: Final = 64
"""Characters up to which a text of a state is kept as it is. Real ones have a dozen."""
_NOTHING_MISSING: Final = TAKES_NOTHING - {FaultCode.NOT_CLOSED}
"""Faults beside which a scan is complete. It is not when the array was never closed: what its writer did not come to
write seems to be gone, or new in the other scan.
"""


class State(NamedTuple):
    """What may change of a finding from one scan to the next. The texts are foreign; empty where there is none."""

    status_code: str
    """The verdict, such as PASS: `status_code`, or `compliance.status` where there is none."""
    status: str
    """Such as New or Suppressed."""
    severity: str
    """In words, from `severity_id` where there are none."""


class Standing(NamedTuple):
    """A finding of a scan: who it is, how it stands, and where."""

    uid: bytes
    """The digest of its identifier."""
    status_code: str
    status: str
    severity: str
    """These three are its state. Long texts are abbreviated, and still differ where the whole texts do."""
    record: int
    """Its index in the file."""
    offset: int
    length: int

    @property
    def state(self) -> State:
        """How it stands."""
        return State(self.status_code, self.status, self.severity)


class Known(NamedTuple):
    """A record that names its finding, or one that does not: then the identifier is empty. It is foreign text."""

    uid: str
    state: State


def digest(uid: str) -> bytes:
    """What stands for an identifier. Nobody can make two identifiers that have the same."""
    return hashlib.blake2b(uid.encode(), digest_size=_DIGEST_BYTES).digest()


def identify(raw: bytes, limits: Limits) -> Known:
    """Who the finding of a record is, and how it stands. Raises `BadRecord` when nobody can say."""
    try:
        raw.decode()
        return _from_struct(_FINDINGS.line.decode(raw))
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return _from_value(decode(raw, limits))


@dataclass(slots=True)
class Scanned:
    """What was found in a scan, or in a part of one. Indexes count from its start."""

    records: int = 0
    """Records whose place was found, whether they can be decoded or not."""
    without_uid: int = 0
    """Records that name no finding, and so can't be compared."""
    faults: Faults = field(default_factory=Faults)
    """The places that are broken, without lines, and the records that can't be decoded."""
    lossy: bool = False
    """Whether findings may be missing because of a fault."""
    _digests: bytearray = field(default_factory=bytearray)
    _places: array[int] = field(default_factory=lambda: array("Q"))
    """Index, offset and length of each finding."""
    _numbers: array[int] = field(default_factory=lambda: array("I"))
    """The number of each finding's state."""
    _states: dict[State, int] = field(default_factory=dict)
    """The different states, numbered."""

    def add(self, known: Known, index: int, offset: int, length: int) -> None:
        """Add a record that could be decoded."""
        self.records += 1
        if not known.uid:
            self.without_uid += 1
            return
        self._digests += digest(known.uid)
        self._places.extend((index, offset, length))
        self._numbers.append(self._states.setdefault(known.state, len(self._states)))

    def add_fault(self, fault: Fault) -> None:
        """Add a place that is broken."""
        self.lossy = self.lossy or fault.code not in _NOTHING_MISSING
        self.faults.add(replace(fault, line=None))

    def standings(self, index: int = 0) -> Iterator[Standing]:
        """The findings in file order. Their indexes count from *index* on."""
        states = [State(*map(_abbreviated, state)) for state in self._states]
        places = iter(self._places)
        triples = zip(places, places, places, strict=True)
        for at, (number, (record, offset, length)) in enumerate(zip(self._numbers, triples, strict=True)):
            uid = bytes(self._digests[at * _DIGEST_BYTES : (at + 1) * _DIGEST_BYTES])
            yield Standing(uid, *states[number], index + record, offset, length)


class ScanFinder:
    """Finds what a comparison has to know, in the records that a reader offers."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._found = Scanned()

    def take(self, stretch: Stretch) -> int:
        """Look at many records at once; how many there were. 0 where they must be looked at one by one."""
        findings = stretch.decode(_FINDINGS)
        records = None if findings is None else records_in(stretch)
        if findings is None or records is None:
            return 0
        for finding, (index, offset, raw) in zip(findings, records, strict=True):
            self._found.add(_from_struct(finding), index, offset, len(raw))
        return len(findings)

    def add(self, piece: Record | Fault) -> None:
        """Look at one record, or count a place that holds none."""
        if isinstance(piece, Fault):
            self._found.add_fault(piece)
            return
        span = piece.span
        try:
            self._found.add(identify(piece.raw, self._limits), span.index, span.offset, span.length)
        except BadRecord as error:
            self._found.records += 1
            self._found.add_fault(error.fault(span))

    def result(self) -> Scanned:
        """What was found so far."""
        return self._found


@dataclass(frozen=True, slots=True)
class ScanLook:
    """Asks for what a comparison has to know."""

    counts_lines: bool = False

    def finder(self, reading: Reading) -> ScanFinder:
        """What finds it in one part of a file."""
        return ScanFinder(reading.limits)


class _Info(msgspec.Struct):
    uid: str | None = None


class _Compliance(msgspec.Struct):
    status: str | None = None


class _Finding(msgspec.Struct):
    """The attributes that say who a finding is and how it stands, of the types that they nearly always have."""

    finding_info: _Info | None = None
    finding: _Info | None = None
    status_code: str | None = None
    compliance: _Compliance | None = None
    status: str | None = None
    severity: str | None = None
    severity_id: int | None = None


_FINDINGS: Final[Decoders[_Finding]] = Decoders.of(_Finding)


def _from_struct(found: _Finding) -> Known:
    info, older, compliance = found.finding_info, found.finding, found.compliance
    return Known(
        (info and info.uid) or (older and older.uid) or "",
        State(
            found.status_code or (compliance and compliance.status) or "",
            found.status or "",
            fields.severity_in_words(found.severity, found.severity_id),
        ),
    )


def _from_value(finding: Finding) -> Known:
    """The same from a record whose attributes may be anything."""
    return Known(
        fields.finding_uid(finding),
        State(
            fields.text(finding.get("status_code")) or fields.text(fields.at(finding, "compliance", "status")),
            fields.text(finding.get("status")),
            fields.severity(finding),
        ),
    )


def _abbreviated(text: str) -> str:
    """A text that is short; of a long one the start and a digest of the whole."""
    if len(text) <= _KEPT_WHOLE:
        return text
    return f"{text[:_KEPT_WHOLE]}…{hashlib.blake2b(text.encode(), digest_size=8).hexdigest()}"
