"""Validating the records of a finding file, or of a part of one, in memory that does not grow with the file."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Final

from console.ocsf.declared import Event
from console.ocsf.fast import FastPass
from console.ocsf.finding_uids import FindingUids, duplicate_uid
from console.ocsf.issues import Declared, Issue, LocatedIssue, Severity, Verdict
from console.ocsf.report import Report, group_key
from console.ocsf.rules import Policy, RuleSet
from console.ocsf.trained import Accepted
from console.ocsf.validator import Validator
from console.progress import Cancel, Progress, silent
from console.progress import Report as Tell
from console.records.faults import OF_THE_WHOLE_FILE
from console.records.model import Compression, Fault, Record
from console.records.reader import FindingFile
from console.records.slices import records_in
from console.records.stretch import Stretch
from console.records.uids import marks_of, new_key

_STEP_BYTES: Final = 512 * 1024
"""Bytes between two looks at the progress and at the wish to stop."""

_SILENT: Final = Verdict({Declared(None, None): 1}, [])
"""What OCSF says of a record that is no event of it."""

OnIssue = Callable[[LocatedIssue], object]
"""Takes each issue, in the order of the file."""

Check = Callable[[Record], Sequence[Issue]]
"""Rules beyond OCSF's, such as those of a target."""


@dataclass(frozen=True, slots=True)
class Distinct:
    """What tells records apart by the rules of a target, in place of OCSF's. It can be sent to another process."""

    identity: Callable[[Record], str | None]
    """What no earlier record may have. Foreign text; None where a record has nothing of the kind."""
    code: str
    path: str
    message: str
    """With `{earlier}` for the index of the record that has it too."""

    def repeated(self, earlier: int) -> Issue:
        """The issue of a record that has it in common with an earlier one."""
        return Issue(Severity.WARNING, self.code, self.path, self.message.format(earlier=earlier))


@dataclass(frozen=True, slots=True)
class Demands:
    """What records are held to beside the policy of a validator. It can be sent to another process if *also* can."""

    also: tuple[Check, ...] = ()
    """Further rules."""
    ocsf: bool = True
    """Without it, records are held to the rules in *also* alone: they are no OCSF events."""
    distinct: Distinct | None = None
    """What tells records apart. None leaves it to OCSF's `finding_info.uid`."""
    lenient: bool = False
    """With it, what OCSF finds an error in has warnings: only the rules in *also* refuse a record."""

    def further(self, record: Record) -> Sequence[Issue]:
        """What the further rules say of a record."""
        return [issue for check in self.also for issue in check(record)]

    def judge(
        self, record: Record, further: Sequence[Issue], validator: Validator, learn: Callable[[Event], None]
    ) -> Verdict:
        """Every issue of one record, *further* ones the last. *learn* is given what OCSF finds no error in."""
        verdict = validator.examine(record.raw, learn) if self.ocsf else _SILENT
        if self.distinct is not None:
            verdict = replace(verdict, finding_uid=self.distinct.identity(record))
        own = list(map(_as_warning, verdict.issues)) if self.lenient else verdict.issues
        return replace(verdict, issues=[*own, *further]) if self.lenient or further else verdict

    def repeated(self, earlier: int) -> Issue:
        """The issue of a record that is told by the same as an earlier one."""
        return duplicate_uid(earlier) if self.distinct is None else self.distinct.repeated(earlier)

    def compares(self, policy: Policy) -> bool:
        """Whether records are compared with one another."""
        return self.distinct is not None or policy.rules is RuleSet.FULL


NO_DEMANDS: Final = Demands()


class Checking:
    """Validates records as they come, and keeps the report of them. Give `take` to a reader, and `add` what it yields.

    With *uids*, duplicate findings are looked for as well, since all earlier records of the file went through it. A
    part of a file goes without, and keeps `marks` for whoever puts the parts together. They are made with *key*.
    """

    def __init__(
        self,
        validator: Validator,
        fast: FastPass,
        uids: FindingUids | None,
        key: bytes,
        demands: Demands = NO_DEMANDS,
        on_issue: OnIssue | None = None,
    ) -> None:
        self.report = Report()
        self.marks = marks_of([], key)
        """The marks of the finding uids so far, one for each index. Empty with *uids*."""
        self._validator = validator
        self._fast = fast
        self._uids = uids
        self._key = key
        self._demands = demands
        self._on_issue = on_issue
        self._compares = demands.compares(validator.policy)

    def take(self, stretch: Stretch) -> int:
        """Validate many records at once; how many there were. 0 where they must be looked at one by one."""
        alone = self._on_issue is None and self._demands.ocsf and not self._demands.also
        accepted = self._fast.accept(stretch) if alone else None
        if accepted is None:
            return 0
        self._count(stretch.index, accepted, lambda: (bytes(raw) for _, _, raw in records_in(stretch) or ()))
        return accepted.count

    def add(self, piece: Record | Fault) -> None:
        """Validate one record, or count a place that holds none."""
        if isinstance(piece, Fault):
            self._add_fault(piece)
            return
        further = self._demands.further(piece)
        slowly = further or self._on_issue is not None or not self._demands.ocsf or self._demands.distinct is not None
        accepted = None if slowly else self._fast.accept_one(piece.raw)
        if accepted is not None:
            self._count(piece.span.index, accepted, lambda: [piece.raw])
        else:
            self._explain(piece, further)

    def _add_fault(self, fault: Fault) -> None:
        issue = Issue(Severity.ERROR, fault.code, "", fault.message)
        self.report.add_issue(issue, fault.index)
        if fault.index is not None:
            self._compare(fault.index, [None])
        if self._on_issue is not None:
            of_file = fault.code in OF_THE_WHOLE_FILE
            place = (None, None, None) if of_file else (fault.index, fault.offset, fault.line)
            self._on_issue(LocatedIssue(*place, issue))

    def _explain(self, record: Record, further: Sequence[Issue]) -> None:
        """Find every issue of one record, beside *further* ones. The fast pass learns from it, if there is no error."""
        span = record.span
        verdict = self._demands.judge(record, further, self._validator, self._fast.learn)
        repeated = self._compare(span.index, [verdict.finding_uid], count=False)
        if repeated:
            verdict = replace(verdict, issues=[*verdict.issues, *repeated])
        self.report.add_record(span.index, verdict)
        if self._on_issue is not None:
            for issue in verdict.issues:
                self._on_issue(LocatedIssue(span.index, span.offset, span.line, issue))

    def _count(self, first: int, accepted: Accepted, raws: Callable[[], Iterable[bytes]]) -> None:
        """Count records that were accepted, the first of which has the index *first*.

        As many of them are explained as it takes to have an example of each kind of warning.
        """
        warnings = Counter(accepted.warnings)
        new = [key for key in warnings if not self.report.knows(key)]
        for index, raw in enumerate(raws() if new else (), first):
            for issue in self._validator.check(raw):
                self.report.add_issue(issue, index)
                warnings[group_key(issue)] -= 1
            if all(map(self.report.knows, new)):
                break
        self.report.add_valid(accepted.count, accepted.versions, accepted.class_uid)
        for key, count in warnings.items():
            if count > 0:
                self.report.add_more(key, count)
        self._compare(first, accepted.finding_uids)

    def _compare(self, first: int, uids: Sequence[str | None], *, count: bool = True) -> list[Issue]:
        """The duplicates among the uids of the records from *first* on, which are counted if asked for."""
        if not self._compares:
            return []
        marks = marks_of(uids, self._key)
        if self._uids is None:
            self.marks.extend(marks)
            return []
        repeated = self._uids.add(first, marks)
        if count:
            count_repeated(repeated, self.report, self._demands)
            return []
        return [self._demands.repeated(earlier) for _, earlier in repeated]


def _as_warning(issue: Issue) -> Issue:
    return replace(issue, severity=Severity.WARNING) if issue.severity is Severity.ERROR else issue


def count_repeated(repeated: Sequence[tuple[int, int]], report: Report, demands: Demands = NO_DEMANDS) -> None:
    """Count records that are told by the same as an earlier one; each with the index of that."""
    if not repeated:
        return
    index, earlier = repeated[0]
    issue = demands.repeated(earlier)
    report.add_issue(issue, index)
    if len(repeated) > 1:
        report.add_more(group_key(issue), len(repeated) - 1)


def validate_file(
    file: FindingFile,
    validator: Validator,
    *,
    demands: Demands = NO_DEMANDS,
    tell: Tell = silent,
    cancel: Cancel | None = None,
    on_issue: OnIssue | None = None,
    fast: FastPass | None = None,
) -> Report:
    """Validate every record of *file* in this process, and report what is broken in the file itself.

    Each record is also held to the *demands*. *fast* is a fast pass of that validator, which has learned from other
    files. A place that holds no readable record is no record: it counts as an error, not as an invalid record.
    Raises `Cancelled` when *cancel* asks for it, and `UnreadableFile` when the file can't be read on.
    """
    fast = fast or validator.fast_pass()
    checking = Checking(validator, fast, FindingUids(), new_key(), demands, on_issue)
    # Offsets are those of the unpacked file, of which nobody knows the end.
    total = file.size if file.compression is Compression.NONE else None
    next_look = 0

    def look_up(offset: int | None) -> None:
        nonlocal next_look
        if offset is None or offset < next_look:
            return
        next_look = offset + _STEP_BYTES
        tell(Progress(offset, total, "bytes", "Validating"))
        if cancel is not None:
            cancel.check()

    def take(stretch: Stretch) -> int:
        look_up(stretch.offset)
        return checking.take(stretch)

    for piece in file.records(take=take, cancel=cancel):
        look_up(piece.span.offset if isinstance(piece, Record) else piece.offset)
        checking.add(piece)
    return checking.report
