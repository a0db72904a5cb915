"""What a finding file holds, in counts: producer, versions, classes, verdicts, accounts, time span, faults."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Final, TypeVar

from console.progress import Cancel, Progress, Report, silent
from console.records import fields
from console.records.decode import BadRecord, decode
from console.records.fields import Account, Finding
from console.records.model import Compression, Fault, Format, Record
from console.records.reader import FindingFile

FAULTS_KEPT: Final = 100
"""Faults that a summary lists. A hostile file has millions: the rest are only counted."""
DISTINCT_KEPT: Final = 10_000
"""Different values that are counted apart. The rest are counted together, so that memory stays bounded."""
OTHERS: Final = "(others)"
"""The name that the rest are counted under."""

_REPORT_BYTES: Final = 4 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class AccountCount:
    """An account and its records. Both names are foreign text."""

    provider: str
    uid: str
    records: int


@dataclass(frozen=True, slots=True)
class Summary:
    """What a finding file holds. The keys of the counts are foreign text; records that lack the attribute are under
    the empty key.
    """

    path: Path
    format: Format
    compression: Compression
    bytes: int
    """Bytes on disk."""
    sha256: str
    """Of the bytes on disk, in hexadecimal."""
    records: int
    """Records whose place was found, whether they can be decoded or not."""
    versions: Mapping[str, int]
    """Records by `metadata.version`, the most frequent first, as in all counts."""
    classes: Mapping[str, int]
    """By `class_uid`."""
    severities: Mapping[str, int]
    """By severity in words."""
    statuses: Mapping[str, int]
    """By `status_code`."""
    producers: Mapping[str, int]
    """By product name and version."""
    accounts: tuple[AccountCount, ...]
    first: datetime | None
    """The earliest time of a record."""
    last: datetime | None
    duplicates: int
    """Records whose finding identifier an earlier record of the file has."""
    faults: tuple[Fault, ...]
    """The first faults, at most `FAULTS_KEPT`."""
    fault_count: int
    """All of them. Not 0 means that something in the file can't be read."""


def summarise(file: FindingFile, report: Report = silent, cancel: Cancel | None = None) -> Summary:
    """Read the whole file and count what it holds.

    Memory grows with the number of different finding identifiers only. Raises `Cancelled` when asked to stop, and
    `UnreadableFile` when reading fails midway.
    """
    total = file.size if file.compression is Compression.NONE else None
    counts = _Counts()
    due = 0
    for piece in file.records():
        if cancel:
            cancel.check()
        if isinstance(piece, Fault):
            counts.add_fault(piece)
            continue
        if piece.span.offset >= due:
            report(Progress(piece.span.offset, total, "bytes", "Reading the records"))
            due = piece.span.offset + _REPORT_BYTES
        counts.add(piece, file)
    return counts.summary(file, file.sha256(cancel))


Name = TypeVar("Name", str, Account)


@dataclass(slots=True)
class _Counts:
    """What was counted so far."""

    records: int = 0
    versions: Counter[str] = field(default_factory=Counter)
    classes: Counter[str] = field(default_factory=Counter)
    severities: Counter[str] = field(default_factory=Counter)
    statuses: Counter[str] = field(default_factory=Counter)
    producers: Counter[str] = field(default_factory=Counter)
    accounts: Counter[Account] = field(default_factory=Counter)
    first: datetime | None = None
    last: datetime | None = None
    duplicates: int = 0
    faults: list[Fault] = field(default_factory=list)
    fault_count: int = 0
    _uids: set[int] = field(default_factory=set)
    """Hashes of the identifiers seen: the identifiers themselves are long."""

    def add_fault(self, fault: Fault) -> None:
        """Count a fault, and keep it if it is one of the first."""
        self.fault_count += 1
        if len(self.faults) < FAULTS_KEPT:
            self.faults.append(fault)

    def add(self, record: Record, file: FindingFile) -> None:
        """Count a record."""
        self.records += 1
        try:
            finding = decode(record.raw, file.limits)
        except BadRecord as error:
            self.add_fault(error.fault(record.span))
            return
        _count(self.versions, fields.text(fields.at(finding, "metadata", "version")), OTHERS)
        _count(self.classes, fields.text(finding.get("class_uid")), OTHERS)
        _count(self.severities, fields.severity(finding), OTHERS)
        _count(self.statuses, fields.text(finding.get("status_code")), OTHERS)
        _count(self.producers, fields.producer(finding), OTHERS)
        _count(self.accounts, fields.account(finding), Account("", OTHERS))
        self._add_time(finding)
        self._add_uid(finding)

    def _add_time(self, finding: Finding) -> None:
        if time := fields.time(finding):
            self.first = min(self.first or time, time)
            self.last = max(self.last or time, time)

    def _add_uid(self, finding: Finding) -> None:
        if uid := fields.finding_uid(finding):
            known = hash(uid)
            self.duplicates += known in self._uids
            self._uids.add(known)

    def summary(self, file: FindingFile, sha256: str) -> Summary:
        """The counts as they are now."""
        return Summary(
            path=file.path,
            format=file.format,
            compression=file.compression,
            bytes=file.size,
            sha256=sha256,
            records=self.records,
            versions=_ranked(self.versions),
            classes=_ranked(self.classes),
            severities=_ranked(self.severities),
            statuses=_ranked(self.statuses),
            producers=_ranked(self.producers),
            accounts=tuple(AccountCount(*name, count) for name, count in self.accounts.most_common()),
            first=self.first,
            last=self.last,
            duplicates=self.duplicates,
            faults=tuple(self.faults),
            fault_count=self.fault_count,
        )


def _count(counter: Counter[Name], name: Name, others: Name) -> None:
    """Count *name*; together with others once there are too many different ones."""
    if name in counter or len(counter) < DISTINCT_KEPT:
        counter[name] += 1
    else:
        counter[others] += 1


def _ranked(counter: Counter[str]) -> dict[str, int]:
    return dict(counter.most_common())
