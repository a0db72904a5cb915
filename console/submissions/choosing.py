"""Which records of a finding file go to a target, and why others do not.

All that is judged about a record before it is frozen is judged here: whether it is selected, whether the target takes
it, and whether it could go once it is converted.
"""

from __future__ import annotations

import shlex
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Final

from console.convert.forms import Request, can_become
from console.display import safe_text
from console.errors import BadInput, DoesNotFit, GoesInPart
from console.limits import Limits
from console.ocsf.issues import Issue, Severity
from console.progress import Cancel, Progress, Report
from console.records.decode import BadRecord, decode
from console.records.faults import TAKES_NOTHING, FaultCode
from console.records.model import Fault, Record, Span
from console.records.query import Undecided
from console.records.reader import FindingFile
from console.records.uids import Earlier
from console.submissions.model import FROM_STDIN, LeftOut, Selection
from console.submissions.scrutiny import Scrutiny
from console.targets.base import BatchLimits, Target

_PATH_WIDTH: Final = 4_096
_SHOWN_LEFT_OUT: Final = 100
TOO_LARGE: Final = "too_large"
"""Why a record is left out that no request may hold."""
UNREADABLE: Final = "unreadable"
"""Why a record is left out of which nobody can say whether it is selected."""
SAME_FILE: Final = "same_file"
"""Why a file is left out that goes already under another name."""
_STEP: Final = 500
"""Records between two progress reports."""


def tighter(limits: BatchLimits, records: int, length: int) -> BatchLimits:
    """A target's limits of one request, where the operator may want fewer *records* or less *length* in bytes.

    0 stands for what the target takes.
    """

    def least(*caps: int | None) -> int | None:
        return min((cap for cap in caps if cap), default=None)

    return replace(
        limits,
        records_per_batch=least(limits.records_per_batch, records),
        bytes_per_batch=least(limits.bytes_per_batch, length),
    )


def does_not_fit(message: str, path: Path, count: int, conversion: Request) -> DoesNotFit:
    """The error of records that can't go as they are, and could once they are converted."""
    options = conversion.asff
    partition = "" if options.partition == "aws" else options.partition
    given = {
        "account": options.account,
        "region": options.region,
        "partition": partition,
        "product-arn": options.product_arn,
    }
    words = "".join(f" --{name} {value}" for name, value in given.items() if value)
    form = conversion.form
    file = safe_text(shlex.quote(str(path)), width=_PATH_WIDTH)
    records = "1 record is of a kind" if count == 1 else f"{count:,} records are of a kind"
    return DoesNotFit(
        message,
        hint=f"{records} that can be converted: ocsf-console convert {file} --to {form}{words} -o NEW,"
        " and submit that.",
        records=count,
        form=form.label,
    )


@dataclass(frozen=True, slots=True)
class Chosen:
    """What goes: a record, or in a file that is sent whole, an element that is none."""

    span: Span
    record: Record | None
    refusable: str = ""
    """The code of the first error by the target's own rules, for which it will refuse it; empty when there is none."""
    invalid: str = ""
    """The code of the first error that OCSF finds in it, where it is not refusable anyway; empty when there is none."""


@dataclass(slots=True)
class Chooser:
    """Chooses from the files of one submission, and keeps what was left out."""

    target: Target
    limits: Limits
    scrutiny: Scrutiny | None
    """Finds what is invalid by OCSF; None where the target takes records that are none of OCSF."""
    selection: Selection
    batch_limits: BatchLimits
    """How much one request may hold: the target's own limits, or what the configuration makes of them."""
    report: Report
    cancel: Cancel
    conversion: Request | None = None
    """What to convert the records to first; None takes them as they are."""
    stdin: Path | None = None
    """The one of the files that is but a copy of what came on stdin."""
    convertible: int = 0
    """Records that can't go as they are, of the kind that can be converted to what the target takes."""
    left_out: list[LeftOut] = field(default_factory=list)
    """The first of them."""
    reasons: Counter[str] = field(default_factory=Counter)
    """Why records and broken places were left out, by code."""
    not_selected: int = 0
    """Sound records that the selection does not mean."""
    _earlier: Earlier = field(default_factory=Earlier)

    @property
    def frame(self) -> int:
        """Bytes of a request besides its records, each with something in between."""
        return sum(map(len, self.target.payload([]))) - 1

    @property
    def left_out_count(self) -> int:
        """How many records and broken places were left out."""
        return self.reasons.total()

    @property
    def takes_all(self) -> bool:
        """Whether everything in the files was asked for."""
        return not self.only_valid and not self.selection.is_some

    @property
    def only_valid(self) -> bool:
        """Whether what is invalid by OCSF or by the target's rules is left out."""
        return self.selection == Selection.VALID

    def called(self, path: Path) -> Path:
        """What a finding file is called, here and in the ledger."""
        return FROM_STDIN if path == self.stdin else path

    def must_be_picked_from(self, file: FindingFile) -> None:
        """Raise `BadInput` where records were picked one by one, and this is not the file any more."""
        picked = self.selection.picked
        if picked is not None and picked.identity != file.identity:
            raise BadInput(
                f"{safe_text(file.path)} was changed or replaced since its records were picked. Nothing was sent.",
                hint="Read the file again, and pick them anew.",
            )

    def fits(self, records: int, length: int) -> bool:
        """Whether so many records of so many bytes may go in one request."""
        most, largest = self.batch_limits.records_per_batch, self.batch_limits.bytes_per_batch
        return (most is None or records <= most) and (largest is None or length <= largest)

    def repeats(self, record: Record) -> bool:
        """Whether the target keeps only one of this record and one that was asked about before."""
        return self._earlier.find(self.target.kept_as(record), record.span.index) is not None

    def chosen(
        self, records: Iterator[Record | Fault], path: Path, total: int | None, *, whole: bool
    ) -> Iterator[Chosen]:
        """What goes; what does not go is noted. Faults go only with a file that is sent *whole*.

        The records stand in a file of *total* bytes; None where that is not known.
        """
        records = self._told(records, total, "Freezing what will be sent")
        for found in records:
            if isinstance(found, Fault):
                self._fault(found, path, whole=whole)
                if whole and found.index is not None:
                    # The target counts it too: without an entry, every later record would seem to be another.
                    span = Span(found.index, found.offset or 0, 0, found.line or 0)
                    yield Chosen(span, None, found.code if found.code == FaultCode.NOT_AN_OBJECT else "")
            elif self._is_selected(found, path):
                issues = self._issues(found)
                if issues:
                    self.convertible += self._is_convertible(found)
                if issues and self._is_strict:
                    self._count_convertible(records)
                    first = issues[0]
                    raise self._would_spoil(found, path, f"{first.message.rstrip('.')} ({first.code}).", first.path)
                if not whole and not self._is_small_enough(found, path):
                    continue
                if issues and not self._sends_refusable:
                    first = issues[0]
                    reason = f"{first.code}: {first.message}"
                    self.leave_out(path, found.span.index, found.span.line, reason, first.code)
                else:
                    invalid = "" if issues or self.only_valid else self._first_error(found)
                    yield Chosen(found.span, found, issues[0].code if issues else "", invalid)

    def _told(self, records: Iterator[Record | Fault], total: int | None, doing: str) -> Iterator[Record | Fault]:
        """The same records, with a report of how far their file was read from time to time."""
        for count, found in enumerate(records):
            if count % _STEP == 0:
                self.cancel.check()
                place = found.span.offset if isinstance(found, Record) else found.offset or 0
                self.report(Progress(place, total, "bytes", doing))
            yield found

    def _is_convertible(self, record: Record) -> bool:
        """Whether it is of the kind that can be converted to what the target takes, and was not yet."""
        offered = self.target.conversion if self.conversion is None else None
        return offered is not None and can_become(record.raw, offered.form, self.limits)

    def _count_convertible(self, rest: Iterator[Record | Fault]) -> None:
        """Where the first one that does not fit can be converted, count all that can."""
        if self.convertible:
            self.convertible += sum(isinstance(found, Record) and self._is_convertible(found) for found in rest)

    @property
    def _sends_refusable(self) -> bool:
        """Whether what the target's rules refuse may go all the same, for the target to say so itself."""
        return not self.only_valid and self.target.capabilities.judges_records

    @property
    def _is_strict(self) -> bool:
        """Whether a record that can't go is a reason to send nothing: all was asked for, and it would spoil others."""
        return self.takes_all and not self.target.capabilities.judges_records

    def _would_spoil(self, record: Record, path: Path, why: str, place: str = "", advice: str = "") -> BadInput:
        """The error of a record for which the target would refuse others too, where all of the file was asked for."""
        at = f" at {safe_text(place, width=80)}" if place else ""
        became = "what became of " if self.conversion is not None else ""
        message = (
            f"{safe_text(path)}, line {record.span.line}: {self.target.name} refuses {became}record"
            f" {record.span.index}{at}: {safe_text(why, width=240)} Nothing was sent."
        )
        if self.convertible and self.target.conversion is not None:
            return does_not_fit(message, path, self.convertible, self.target.conversion)
        all_wrong = f"See all that is wrong: ocsf-console validate --for {self.target.rules_for(record)} FILE."
        advice = advice or ("" if became else all_wrong)
        hint = f"{advice}{' ' if advice else ''}Send what is right with --select valid."
        return GoesInPart(message, hint=hint, advice=advice)

    def _is_small_enough(self, record: Record, path: Path) -> bool:
        """Whether the target takes a record of that size; one that is larger is left out."""
        alone = self.frame + len(record.raw) + 1
        caps = ((self.batch_limits.bytes_per_record, len(record.raw)), (self.batch_limits.bytes_per_batch, alone))
        largest = min((cap for cap, length in caps if cap is not None and length > cap), default=None)
        if largest is None:
            return True
        reason = f"It has {len(record.raw):,} bytes, and the target takes {largest:,} at most."
        if self._is_strict:
            own = self.batch_limits.bytes_per_batch
            advice = f"limits.batch_bytes in the configuration, {own:,} now, is what goes in one request at most."
            raise self._would_spoil(record, path, reason, advice=advice if largest == own else "")
        self.leave_out(path, record.span.index, record.span.line, reason, TOO_LARGE)
        return False

    def _is_selected(self, record: Record, path: Path) -> bool:
        """Whether a record is selected; what is not is counted, and what can't be read is left out.

        Raises `BadInput` when that is not decided in time: no guess is sent.
        """
        span, query = record.span, self.selection.query
        if self.selection.picked is not None:
            picked = span.index in self.selection.picked.indexes
            self.not_selected += not picked
            return picked
        if query is None:
            return True
        try:
            selected = query.matches(decode(record.raw, self.limits))
        except BadRecord as error:
            self.leave_out(path, span.index, span.line, error.message, UNREADABLE)
            return False
        except Undecided as undecided:
            raise BadInput(
                f"{safe_text(path)}, line {span.line}: the regular expression took too long for record {span.index}."
                " Nothing was sent.",
                hint="Simplify it: repetitions inside repetitions, such as (a+)+, take the longest.",
            ) from undecided
        self.not_selected += not selected
        return selected

    def _issues(self, record: Record) -> list[Issue]:
        """The errors of a record: the target's rules always, OCSF's where only what is valid may go."""
        issues = [issue for issue in self.target.check(record) if issue.severity is Severity.ERROR]
        if self.scrutiny is not None and self.only_valid:
            issues += self.scrutiny.errors(record)
        return issues

    def _first_error(self, record: Record) -> str:
        """The code of the first error that OCSF finds in a record, of which the target may think as it likes."""
        errors = self.scrutiny.errors(record) if self.scrutiny is not None else ()
        return errors[0].code if errors else ""

    def _fault(self, fault: Fault, path: Path, *, whole: bool) -> None:
        """Leave out what can't be read at a broken place, or refuse the whole file where all of it was asked for."""
        if whole and fault.code == FaultCode.NOT_AN_OBJECT:
            return  # The one fault that leaves a file well-formed: this goes, and the target will refuse it.
        if self.takes_all:
            where = f", line {fault.line}" if fault.line else ""
            raise GoesInPart(
                f"{safe_text(path)}{where}: {safe_text(fault.message, width=200)} Nothing was sent.",
                hint="Mend the file, or send what is whole with --select valid.",
                repairable=True,
            )
        picked = self.selection.picked
        if fault.code not in TAKES_NOTHING and (picked is None or fault.index in picked.indexes):
            self.leave_out(path, fault.index, fault.line, fault.message, fault.code)

    def leave_out(self, path: Path, index: int | None, line: int | None, reason: str, code: str) -> None:
        """Note what does not go, and why: in words, which may be foreign, and by a code of ours."""
        self.reasons[code] += 1
        if len(self.left_out) < _SHOWN_LEFT_OUT:
            self.left_out.append(LeftOut(path, index, line, reason))
