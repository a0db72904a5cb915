"""Finding the records of a file that have issues of one kind: those that a group of a report counts."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import ClassVar

from console.ocsf import codes
from console.ocsf.fast import FastPass
from console.ocsf.finding_uids import FindingUids
from console.ocsf.issues import Issue
from console.ocsf.report import ANY_PATH, GroupKey, group_key
from console.ocsf.run import Demands
from console.ocsf.together import Validation
from console.ocsf.trained import Accepted
from console.ocsf.validator import Validator
from console.progress import Cancel, silent
from console.progress import Report as Tell
from console.records.model import Fault, Record
from console.records.reader import FindingFile
from console.records.reading import Reading
from console.records.search import Hits
from console.records.slices import records_in
from console.records.stretch import Stretch
from console.records.sweep import Found, sweep
from console.records.uids import UidMarks, marks_of
from console.records.workers import Workers


@dataclass(frozen=True, slots=True)
class Having:
    """The records that have such an issue, or in which one repeats an earlier record, of a part of a file."""

    hits: Hits
    marks: UidMarks
    """The marks of finding uids, one for each index, where records are compared with one another; else none."""


@dataclass(frozen=True, slots=True)
class HavingIssue:
    """A look for the records that have issues of a kind."""

    counts_lines: ClassVar[bool] = False
    """Hits have none."""
    group: GroupKey
    validation: Validation
    """What found the group."""

    @property
    def compares(self) -> bool:
        """Whether it depends on the records before whether one has the issue."""
        distinct = self.validation.demands.distinct
        return self.group.code == (codes.DUPLICATE_FINDING_UID.name if distinct is None else distinct.code)

    def finder(self, reading: Reading) -> _Looking:
        """What looks at one part."""
        validator, fast = self.validation.validator(reading.limits)
        return _Looking(self, validator, fast)

    def found_in(
        self, file: FindingFile, workers: Workers | None = None, tell: Tell = silent, cancel: Cancel | None = None
    ) -> Iterator[Found[Hits]]:
        """The records, part by part of the file. Raises `Cancelled`, `UnreadableFile`, `StateError`."""
        uids = FindingUids()
        for found in sweep(file, self, workers, tell, cancel, "Searching"):
            hits = found.result.hits
            if self.compares:
                repeated = {index for index, _ in uids.add(found.first, found.result.marks)}
                hits = _only(hits, {index - found.index for index in repeated})
            yield Found(hits, found.first, found.count, found.index, found.line, found.end)

    def is_meant(self, key: GroupKey) -> bool:
        """Whether issues of that kind are of the group."""
        return key == self.group or (self.group.path == ANY_PATH and key[:2] == self.group[:2])


class _Looking:
    """Looks at the records of a part. What the fast pass accepts has no issue but the warnings that it counts."""

    def __init__(self, look: HavingIssue, validator: Validator, fast: FastPass) -> None:
        self._look = look
        self._demands: Demands = look.validation.demands
        self._validator = validator
        self._fast = fast
        self._hits = Hits()
        self._marks = marks_of([], look.validation.key)

    def result(self) -> Having:
        """What was found so far."""
        return Having(self._hits, self._marks)

    def take(self, stretch: Stretch) -> int:
        """Look at many records at once; how many there were. 0 where they must be looked at one by one."""
        accepted = self._fast.accept(stretch) if self._demands.ocsf and not self._demands.also else None
        if accepted is None or self._has(accepted.warnings):
            return 0
        if self._look.compares:
            for index, offset, raw in records_in(stretch) or ():
                self._hits.add(index, offset, len(raw))
            self._marks.extend(marks_of(accepted.finding_uids, self._look.validation.key))
        return accepted.count

    def add(self, piece: Record | Fault) -> None:
        """Look at one record, or pass a place that holds none."""
        if isinstance(piece, Fault):
            if piece.index is not None:
                self._mark(None)
            return
        has, uid = self._judged(piece)
        if has or self._look.compares:
            self._hits.add(piece.span.index, piece.span.offset, piece.span.length)
        self._mark(uid)

    def _judged(self, record: Record) -> tuple[bool, str | None]:
        """Whether a record has the issue, and its finding uid."""
        further = self._demands.further(record)
        accepted: Accepted | None = None
        if not further and self._demands.ocsf and self._demands.distinct is None:
            accepted = self._fast.accept_one(record.raw)
        if accepted is not None:
            return self._has(accepted.warnings), accepted.finding_uids[0]
        verdict = self._demands.judge(record, further, self._validator, self._fast.learn)
        return any(self._is_meant(issue) for issue in verdict.issues), verdict.finding_uid

    def _has(self, warnings: Mapping[GroupKey, int]) -> bool:
        return any(map(self._look.is_meant, warnings))

    def _is_meant(self, issue: Issue) -> bool:
        # Most have another code, which is quicker to see than the group.
        return issue.code == self._look.group.code and self._look.is_meant(group_key(issue))

    def _mark(self, uid: str | None) -> None:
        if self._look.compares:
            self._marks.extend(marks_of([uid], self._look.validation.key))


def _only(hits: Hits, indexes: set[int]) -> Hits:
    """Those of the hits that have one of these indexes."""
    found = Hits()
    for index, offset, length in zip(hits.indexes, hits.offsets, hits.lengths, strict=True):
        if index in indexes:
            found.add(index, offset, length)
    return found
