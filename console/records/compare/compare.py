"""Two scans compared by the identifiers of their findings: what is new, what is gone, what stands differently.

Both files are read once, and what is listed is read back from them, so that memory grows with neither.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from types import TracebackType
from typing import Final, Self

from console.display import safe_text
from console.errors import UnreadableFile
from console.progress import Cancel, Progress, Report, silent
from console.records import fields
from console.records.bounded import Faults
from console.records.compare.scan import Known, ScanLook, Scanned, Standing, State, digest, identify
from console.records.compare.store import Kind, PairStore, Side
from console.records.compare.totals import PairCounts, Totals
from console.records.compare.trend import Change, Trend, changes, trend
from console.records.decode import BadRecord, decode
from console.records.model import Fault, Span
from console.records.reader import FindingFile
from console.records.sweep import sweep
from console.records.workers import Workers

_STEP_PAIRS: Final = 10_000
"""Pairs between two looks at the progress and at the wish to stop."""


@dataclass(frozen=True, slots=True)
class ScanSummary:
    """One of the two scans, in counts."""

    records: int
    """Records whose place was found, whether they can be decoded or not."""
    without_uid: int
    """Records that name no finding. They are not compared."""
    repeated: int
    """Records whose finding an earlier record of the file names too."""
    faults: tuple[Fault, ...]
    """The first faults, at most `bounded.FAULTS_KEPT`, without lines."""
    fault_count: int
    """All of them, records that can't be decoded among them."""
    complete: bool
    """Whether every finding could be read. If not, findings of the other scan may only seem to be alone."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A finding as it stands in one of the scans. All text is foreign, and empty where the record has none."""

    record: int
    """The index of its record."""
    offset: int
    length: int
    uid: str
    state: State
    title: str
    resource: str
    account: str


@dataclass(frozen=True, slots=True)
class Difference:
    """A finding that differs between the scans."""

    entry: Entry
    """How it stands in the new scan; for one that is gone, in the old."""
    before: Entry | None
    """How a changed one stood in the old scan."""

    @property
    def changes(self) -> tuple[Change, ...]:
        """The attributes of a changed one that have other values."""
        return changes(self.before.state, self.entry.state) if self.before else ()

    @property
    def trend(self) -> Trend:
        """What it means that a changed one has changed."""
        return trend(self.before.state, self.entry.state) if self.before else Trend.OTHER


class Comparison:
    """What came of comparing two scans. Use it as a context manager, while both files are open."""

    def __init__(
        self,
        files: Mapping[Side, FindingFile],
        store: PairStore,
        scans: Mapping[Side, ScanSummary],
        totals: Totals,
        changes: Mapping[Change, int],
    ) -> None:
        self.files = files
        """The two files."""
        self._store = store
        self.scans = scans
        """The two scans."""
        self.totals = totals
        """The differences, in counts."""
        self.changes = changes
        """The changes of all changed findings and how many have each, the most frequent first."""

    def close(self) -> None:
        """Forget everything."""
        self._store.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def differences(self, kind: Kind) -> Iterator[Difference]:
        """All findings that differ in that way: what is worse or failing first, then by severity, then in file order.

        Each is read back from its file. Raises `UnreadableFile` when a file was changed meanwhile.
        """
        for old, new in self._store.listed(kind):
            before = self._entry(Side.OLD, old) if old else None
            if new:
                yield Difference(self._entry(Side.NEW, new), before)
            elif before:
                yield Difference(before, None)
        for file in self.files.values():
            file.check_unchanged()

    def warnings(self) -> list[str]:
        """Why the counts may mislead, in sentences of ours."""
        said = []
        for side, other in ((Side.OLD, Kind.NEW), (Side.NEW, Kind.GONE)):
            scan = self.scans[side]
            if not scan.complete:
                places = f"{scan.fault_count:,} place" + ("s" if scan.fault_count > 1 else "")
                said.append(
                    f"The {side} file is broken in {places}, and findings in it could not be read:"
                    f" some that are counted as {other} may be there."
                )
            if scan.without_uid:
                said.append(
                    f"The {side} file holds {scan.without_uid:,} of {scan.records:,} records that name no finding"
                    " (finding_info.uid): they were not compared."
                )
            if scan.repeated:
                said.append(
                    f"The {side} file holds {scan.repeated:,} records that name the same finding as an earlier one:"
                    " those that stand alike are paired first, the rest in file order."
                )
        totals = self.totals
        if totals.new and totals.gone and not (totals.changed or totals.unchanged):
            said.append("The files have no finding in common: are they scans of the same accounts by the same tool?")
        return said

    def _entry(self, side: Side, known: Standing) -> Entry:
        """What a list shows of a finding."""
        file = self.files[side]
        raw = file.raw(Span(known.record, known.offset, known.length, line=0))
        uid, state = _identified(raw, known, file)
        try:
            shown = fields.row(decode(raw, file.limits))
        except BadRecord:
            # Over a limit somewhere: who the finding is and how it stands could be said nevertheless.
            shown = fields.row({})
        return Entry(known.record, known.offset, known.length, uid, state, shown.title, shown.resource, shown.account)


def compare(
    old: FindingFile,
    new: FindingFile,
    workers: Workers | None = None,
    tell: Report = silent,
    cancel: Cancel | None = None,
) -> Comparison:
    """Compare two scans. Their shapes and compressions may differ, and both may be the same file.

    A finding is known by `finding_info.uid`, or `finding.uid` in OCSF 1.0. Raises `Cancelled`, `UnreadableFile`, and
    `StateError` when there is no room for temporary data or a worker died.
    """
    with ExitStack() as gone_wrong:
        store = PairStore()
        gone_wrong.callback(store.close)
        files = {Side.OLD: old, Side.NEW: new}
        scans = {side: _scan(file, side, store, workers, tell, cancel) for side, file in files.items()}
        counts = PairCounts(store)
        total = max(scan.records for scan in scans.values())
        for number, pair in enumerate(store.pairs()):
            if number % _STEP_PAIRS == 0:
                tell(Progress(min(number, total), total, "records", "Comparing"))
                if cancel is not None:
                    cancel.check()
            counts.add(pair)
        gone_wrong.pop_all()
        return Comparison(
            files,
            store,
            {side: scan.summary(store.repeated[side]) for side, scan in scans.items()},
            counts.totals(),
            counts.changes.ranked(),
        )


@dataclass(slots=True)
class _Scan:
    """What is known of a scan so far, beside its findings."""

    records: int = 0
    without_uid: int = 0
    faults: Faults = field(default_factory=Faults)
    complete: bool = True

    def add(self, part: Scanned, index: int) -> None:
        """Add a part, whose indexes count from *index*."""
        self.records += part.records
        self.without_uid += part.without_uid
        self.complete = self.complete and not part.lossy
        self.faults.merge(part.faults, index=index, line=0)

    def summary(self, repeated: int) -> ScanSummary:
        """The counts as they are now."""
        faults = self.faults
        return ScanSummary(
            self.records, self.without_uid, repeated, tuple(faults.first), faults.count, complete=self.complete
        )


def _scan(
    file: FindingFile, side: Side, store: PairStore, workers: Workers | None, tell: Report, cancel: Cancel | None
) -> _Scan:
    """Read one of the files, and put its findings in the store."""
    scan = _Scan()
    for found in sweep(file, ScanLook(), workers, tell, cancel, f"Reading the {side} file"):
        scan.add(found.result, found.index)
        store.add(side, found.result.standings(found.index))
    return scan


def _identified(raw: bytes, known: Standing, file: FindingFile) -> Known:
    """Who the finding is that was read back. Raises `UnreadableFile` when it is not the one that was compared."""
    try:
        found = identify(raw, file.limits)
    except BadRecord:
        found = None
    if found is not None and digest(found.uid) == known.uid:
        return found
    file.check_unchanged()
    raise UnreadableFile(
        f"{safe_text(file.name)} holds another record {known.record} than it did before.", hint="Try again."
    )
