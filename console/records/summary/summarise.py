"""What a finding file holds, in counts: producer, versions, classes, verdicts, accounts, time span, faults."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final

from console.progress import Cancel, Report, silent
from console.records.bounded import OTHERS
from console.records.model import Compression, Fault, Format
from console.records.reader import FindingFile
from console.records.sharing import shared_workers
from console.records.summary.counts import Counts
from console.records.summary.digest import digesting, wait_for
from console.records.summary.look import SummaryLook
from console.records.sweep import sweep
from console.records.uids import MARKS_KEPT, Repeats, new_key
from console.records.workers import Workers

COMPLIANCE: Final = "2003"
"""The class of the results of compliance frameworks. Prowler writes such files beside those of its findings, under the
same suffix, and does not ingest them (Prowler's documentation of importing findings).
"""


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
    """The earliest time of a record, in UTC."""
    last: datetime | None
    """The latest one."""
    duplicates: int
    """Records whose finding identifier an earlier record of the file has."""
    faults: tuple[Fault, ...]
    """The first faults, at most `bounded.FAULTS_KEPT`."""
    fault_count: int
    """All of them. Not 0 means that something in the file can't be read."""
    notes: tuple[str, ...]
    """What is unusual about the file or the counts, and no fault: sentences of ours."""

    @property
    def account_count(self) -> int:
        """How many different accounts the records are about. Prowler bills each that it does not know yet."""
        return sum(1 for account in self.accounts if account.uid not in ("", OTHERS))

    @property
    def label(self) -> str:
        """What kind of file it is, where its name and format suggest another one; else empty."""
        if set(self.classes) != {COMPLIANCE}:
            return ""
        by_prowler = all(producer.startswith("Prowler") for producer in self.producers)
        return "Prowler compliance report" if by_prowler else "Compliance report"


def summarise(
    file: FindingFile, report: Report = silent, cancel: Cancel | None = None, workers: Workers | None = None
) -> Summary:
    """Read the whole file and count what it holds, with *workers* where there are any.

    Memory has an end whatever the file. Raises `Cancelled` when asked to stop, `UnreadableFile` when reading fails
    midway or the file was changed meanwhile, and `StateError` when a worker died.
    """
    counts, repeats = Counts(), Repeats()
    with digesting(file) as digest:
        for found in sweep(file, SummaryLook(new_key()), workers, report, cancel):
            counts.merge(found.result, index=found.index, line=found.line)
            repeats.add(found.result.marks)
        sha256 = wait_for(digest, file, report, cancel)
    # The digest is read apart from the records, and longer: it must be that of the same content.
    file.check_unchanged()
    return Summary(
        path=file.path,
        format=file.format,
        compression=file.compression,
        bytes=file.size,
        sha256=sha256,
        records=counts.records,
        versions=counts.versions.ranked(),
        classes=counts.classes.ranked(),
        severities=counts.severities.ranked(),
        statuses=counts.statuses.ranked(),
        producers=counts.producers.ranked(),
        accounts=tuple(AccountCount(*account, number) for account, number in counts.accounts.ranked().items()),
        first=counts.first,
        last=counts.last,
        duplicates=repeats.count(),
        faults=tuple(counts.faults.first),
        fault_count=counts.faults.count,
        notes=(*file.notes, *_compliance(counts), *_incomplete(repeats)),
    )


def summarise_together(file: FindingFile, report: Report = silent, cancel: Cancel | None = None) -> Summary:
    """As `summarise`, with workers of its own where the file is so large that they are quicker."""
    with shared_workers(file, preload=[SummaryLook.__module__]) as workers:
        return summarise(file, report, cancel, workers)


def _compliance(counts: Counts) -> tuple[str, ...]:
    """What there is to know about records that a target of findings does not want."""
    number = counts.classes.counts.get(COMPLIANCE, 0)
    if not number:
        return ()
    which = "All records" if number == counts.records else f"{number:,} of {counts.records:,} records"
    return (f"{which} are of class {COMPLIANCE}, Compliance Finding: Prowler does not ingest them.",)


def _incomplete(repeats: Repeats) -> tuple[str, ...]:
    if repeats.is_complete:
        return ()
    return (f"There are more than {MARKS_KEPT:,} records with identifiers: not all were looked at for duplicates.",)
