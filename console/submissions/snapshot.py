"""Freezing what will be sent: the selected records of a finding file, in a private file, hashed.

What is judged here is what is sent: after this, the finding file may change or vanish. Where the target takes the
file's own format and every record goes, the payload is the file byte for byte; else the target puts the records'
exact bytes together. Records are never written anew, so that no number or character can drift, unless the operator
asks for a conversion to what the target takes: then what they became is what is judged and sent.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Final

from console.convert.forms import Request, can_become
from console.display import safe_text
from console.errors import BadInput, DoesNotFit, StateError
from console.limits import Limits
from console.ocsf.issues import Issue, Severity
from console.ocsf.validator import Validator
from console.progress import Cancel, Progress, Report
from console.records.decode import BadRecord, decode
from console.records.faults import TAKES_NOTHING, FaultCode
from console.records.model import Compression, Fault, Record, Span
from console.records.query import Query, Undecided
from console.records.reader import FindingFile
from console.submissions.accounts import Accounts
from console.submissions.hashed_file import HashedFile, private_file
from console.submissions.model import Conversion, FrozenBatch, LeftOut
from console.submissions.pushback import Pushback
from console.submissions.remaking import remade
from console.submissions.runs import in_runs
from console.submissions.spool import Spool, pack
from console.targets.base import Batch, BatchLimits, Target

_SHOWN_LEFT_OUT: Final = 100
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
    records = "1 record is of a kind" if count == 1 else f"{count:,} records are of a kind"
    return DoesNotFit(
        message,
        hint=f"{records} that can be converted: ocsf-console convert {safe_text(path.name)} --to {form}{words} -o NEW,"
        " and submit that.",
        records=count,
        form=form.label,
    )


@dataclass(slots=True)
class Freezer:
    """Freezes the files of one submission, each in batches of its own, and keeps what was left out."""

    spool: Spool
    submission: str
    target: Target
    limits: Limits
    validator: Validator | None
    """Leaves out what is invalid by OCSF or by the target's rules; None does not."""
    query: Query | None
    """Selects what it means; None selects everything."""
    batch_limits: BatchLimits
    """How much one request may hold: the target's own limits, or what the configuration makes of them."""
    report: Report
    cancel: Cancel
    conversion: Request | None = None
    """What to convert the records to first; None takes them as they are."""
    conversions: list[Conversion] = field(default_factory=list)
    """What became of each file that was converted."""
    convertible: int = 0
    """Records that can't go as they are, of the kind that can be converted to what the target takes."""
    left_out: list[LeftOut] = field(default_factory=list)
    """The first of them."""
    left_out_count: int = 0
    not_selected: int = 0
    """Sound records that the query does not mean."""

    @property
    def _frame(self) -> int:
        """Bytes of a request besides its records, each with something in between."""
        return sum(map(len, self.target.payload([]))) - 1

    @property
    def _takes_all(self) -> bool:
        """Whether everything in the files was asked for."""
        return self.validator is None and self.query is None

    def freeze_all(self, paths: Sequence[Path]) -> list[FrozenBatch]:
        """Freeze files, each as one batch or as several. One of which nothing is selected makes none, nor does a copy.

        Raises `UnreadableFile`; `BadInput` when a file is broken and everything of it was asked for; `StateError`
        when the spool can't be written; `Cancelled`.
        """
        self.spool.folder(self.submission)
        frozen: list[FrozenBatch] = []
        seen: dict[tuple[str, ...], Path] = {}
        for path in paths:
            batches = self._freeze(path, len(frozen) + 1)
            content = tuple(one.batch.sha256 for one in batches)
            if content and content in seen:
                for one in batches:
                    one.batch.path.unlink()
                self._leave_out(path, None, None, f"It holds the same as {seen[content]}, which goes already.")
                continue
            seen[content] = path
            frozen += batches
        self.spool.sync(self.submission)
        return frozen

    def _freeze(self, path: Path, number: int) -> list[FrozenBatch]:
        """Freeze one finding file, as batches from *number* on."""
        try:
            with FindingFile.open(path, self.limits) as source:
                if self.conversion is not None:
                    return self._freeze_converted(source, number, self.conversion)
                whole = self._freeze_whole(source, number) if self._takes_verbatim(source) else None
                return self._freeze_parts(source, number, source.records()) if whole is None else whole
        except OSError as error:
            raise StateError(
                f"{safe_text(path)} can't be frozen for sending: {error.strerror}. Nothing was sent."
            ) from error

    def _freeze_whole(self, source: FindingFile, number: int) -> list[FrozenBatch] | None:
        """Freeze a file byte for byte; None when it is more than one request may hold."""
        payload = self.spool.payload(self.submission, number)
        going = _Going(Accounts(self.target))
        with HashedFile(payload) as out:
            for piece in source.disk_bytes(self.cancel):
                out.write(piece)
        # Copied first and the copy judged: the file may change meanwhile.
        with FindingFile.open(payload, self.limits) as copy:
            if not self._takes_verbatim(copy):
                raise BadInput(f"{safe_text(source.path)} changed while it was read. Nothing was sent.")
            with private_file(self.spool.index(self.submission, number)) as index:
                for found in self._chosen(copy.records(), source.path, whole=True):
                    index.write(pack(found.span))
                    going.add(found)
        if not going.records or not self._fits(going.records, out.length):
            payload.unlink()
            return None if going.records else []
        batch = Batch(number, going.records, payload, out.length, out.sha256, self.target.filename(source.path.name))
        return [FrozenBatch(batch, source.path, out.sha256, "", going.refusable, going.accounts.counted())]

    def _freeze_converted(self, source: FindingFile, number: int, conversion: Request) -> list[FrozenBatch]:
        """Freeze the selected ones of what the records of a file become."""
        with remade(source, conversion, self.spool, self.submission, self.report, self.cancel) as made:
            self.conversions.append(made.conversion)
            return self._freeze_parts(source, number, made.records(self.limits))

    def _freeze_parts(self, source: FindingFile, number: int, records: Iterator[Record | Fault]) -> list[FrozenBatch]:
        """Freeze the selected ones of a file's records, put together anew, in as many batches as the limits ask."""
        frozen: list[FrozenBatch] = []
        going = self._chosen(records, source.path, whole=False)
        if self.target.capabilities.any_order:
            going = in_runs(going, self._measure, self._fits, self._frame)
        chosen = Pushback(going)
        while not chosen.ended:
            frozen.append(self._freeze_part(chosen, source, number + len(frozen)))
        wrapped, sha256 = self._difference(source), source.sha256(self.cancel) if frozen else ""
        parts = f"in {len(frozen)} parts" if len(frozen) > 1 else ""
        return [replace(one, source_sha256=sha256, wrapped=", ".join(filter(None, (wrapped, parts)))) for one in frozen]

    def _freeze_part(self, chosen: Pushback[_Chosen], source: FindingFile, number: int) -> FrozenBatch:
        """Freeze one batch: as many of the chosen records as fit."""
        payload = self.spool.payload(self.submission, number)
        going = _Going(Accounts(self.target))

        def portion() -> Iterator[Record]:
            length = self._frame
            group: str | None = None
            there: set[str] = set()
            for found in chosen:
                record = found.record
                if record is None:
                    continue  # does not come: what is no record goes with whole files only
                length += len(record.raw) + 1
                identity, previous, group = self.target.identity(record), group, self.target.group(record)
                is_alike = group == previous and identity not in there
                if going.records and not (is_alike and self._fits(going.records + 1, length)):
                    chosen.push(found)
                    return
                if identity is not None:
                    there.add(identity)
                index.write(pack(found.span))
                going.origin = going.origin or self.target.origin_for(record)
                going.add(found)
                yield record

        with HashedFile(payload) as out, private_file(self.spool.index(self.submission, number)) as index:
            for piece in self.target.payload(portion()):
                out.write(piece)
        batch = Batch(number, going.records, payload, out.length, out.sha256, self.target.filename(source.path.name))
        return FrozenBatch(batch, source.path, "", "", going.refusable, going.accounts.counted(), going.origin)

    def _measure(self, chosen: _Chosen) -> tuple[str, int]:
        """The group of what goes, and its bytes in a request."""
        record = chosen.record
        return ("", 0) if record is None else (self.target.group(record), len(record.raw) + 1)

    def _fits(self, records: int, length: int) -> bool:
        """Whether so many records of so many bytes may go in one request."""
        most, largest = self.batch_limits.records_per_batch, self.batch_limits.bytes_per_batch
        return (most is None or records <= most) and (largest is None or length <= largest)

    def _takes_verbatim(self, source: FindingFile) -> bool:
        """Whether the target takes this very file as it is, and all of it is asked for."""
        return (
            self._takes_all
            and source.format is self.target.capabilities.verbatim
            and source.compression is Compression.NONE
            and not source.byte_order_mark
            and self.batch_limits.bytes_per_record is None
        )

    def _chosen(self, records: Iterator[Record | Fault], path: Path, *, whole: bool) -> Iterator[_Chosen]:
        """What goes; what does not go is noted. Faults go only with a file that is sent *whole*."""
        records = self._told(records, "Freezing what will be sent")
        for found in records:
            if isinstance(found, Fault):
                self._fault(found, path, whole=whole)
                if whole and found.index is not None:
                    # The target counts it too: without an entry, every later record would seem to be another.
                    span = Span(found.index, found.offset or 0, 0, found.line or 0)
                    yield _Chosen(span, None, refusable=found.code == FaultCode.NOT_AN_OBJECT)
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
                    self._leave_out(path, found.span.index, found.span.line, f"{issues[0].code}: {issues[0].message}")
                else:
                    yield _Chosen(found.span, found, refusable=bool(issues))

    def _told(self, records: Iterator[Record | Fault], doing: str) -> Iterator[Record | Fault]:
        """The same records, with a report of how many there were from time to time."""
        for count, found in enumerate(records):
            if count % _STEP == 0:
                self.cancel.check()
                self.report(Progress(count, None, "records", doing))
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
        return self.validator is None and self.target.capabilities.judges_records

    @property
    def _is_strict(self) -> bool:
        """Whether a record that can't go is a reason to send nothing: all was asked for, and it would spoil others."""
        return self._takes_all and not self.target.capabilities.judges_records

    def _would_spoil(self, record: Record, path: Path, why: str, place: str = "") -> BadInput:
        """The error of a record for which the target would refuse others too, where all of the file was asked for."""
        at = f" at {safe_text(place, width=80)}" if place else ""
        became = "what became of " if self.conversion is not None else ""
        message = (
            f"{safe_text(path)}, line {record.span.line}: {self.target.name} refuses {became}record"
            f" {record.span.index}{at}: {safe_text(why, width=240)} Nothing was sent."
        )
        if self.convertible and self.target.conversion is not None:
            return does_not_fit(message, path, self.convertible, self.target.conversion)
        all_wrong = f"See all that is wrong: ocsf-console validate --for {self.target.kind} FILE. "
        return BadInput(message, hint=f"{'' if became else all_wrong}Send what is right with --select valid.")

    def _is_small_enough(self, record: Record, path: Path) -> bool:
        """Whether the target takes a record of that size; one that is larger is left out."""
        alone = self._frame + len(record.raw) + 1
        caps = ((self.batch_limits.bytes_per_record, len(record.raw)), (self.batch_limits.bytes_per_batch, alone))
        largest = min((cap for cap, length in caps if cap is not None and length > cap), default=None)
        if largest is None:
            return True
        reason = f"It has {len(record.raw):,} bytes, and the target takes {largest:,} at most."
        if self._is_strict:
            raise self._would_spoil(record, path, reason)
        self._leave_out(path, record.span.index, record.span.line, reason)
        return False

    def _is_selected(self, record: Record, path: Path) -> bool:
        """Whether the query means a record; what it does not mean is counted, and what can't be read is left out.

        Raises `BadInput` when that is not decided in time: no guess is sent.
        """
        if self.query is None:
            return True
        span = record.span
        try:
            selected = self.query.matches(decode(record.raw, self.limits))
        except BadRecord as error:
            self._leave_out(path, span.index, span.line, error.message)
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
        issues = list(self.target.check(record))
        if self.validator is not None and self.target.capabilities.takes_ocsf:
            issues += self.validator.check(record.raw)
        return [issue for issue in issues if issue.severity is Severity.ERROR]

    def _fault(self, fault: Fault, path: Path, *, whole: bool) -> None:
        """Leave out what can't be read at a broken place, or refuse the whole file where all of it was asked for."""
        if whole and fault.code == FaultCode.NOT_AN_OBJECT:
            return  # The one fault that leaves a file well-formed: this goes, and the target will refuse it.
        if self._takes_all:
            where = f", line {fault.line}" if fault.line else ""
            raise BadInput(
                f"{safe_text(path)}{where}: {safe_text(fault.message, width=200)} Nothing was sent.",
                hint="Mend the file, or send what is whole with --select valid.",
            )
        if fault.code not in TAKES_NOTHING:
            self._leave_out(path, fault.index, fault.line, fault.message)

    def _difference(self, source: FindingFile) -> str:
        """Say how the payload differs from the file."""
        reasons = []
        if self.conversion is not None:
            reasons.append(f"converted to {self.conversion.form.label}")
        if source.compression is not Compression.NONE:
            reasons.append(f"unpacked from {source.compression}")
        if source.byte_order_mark:
            reasons.append("byte order mark dropped")
        if self.validator is not None:
            reasons.append("only the valid records")
        if self.query is not None:
            reasons.append("only the records that match")
        if self.conversion is None and source.format is not self.target.capabilities.verbatim:
            reasons.append(f"{source.format} put into the form that the target takes")
        return ", ".join(reasons)

    def _leave_out(self, path: Path, index: int | None, line: int | None, reason: str) -> None:
        self.left_out_count += 1
        if len(self.left_out) < _SHOWN_LEFT_OUT:
            self.left_out.append(LeftOut(path, index, line, reason))


@dataclass(frozen=True, slots=True)
class _Chosen:
    """What goes: a record, or in a file that is sent whole, an element that is none."""

    span: Span
    record: Record | None
    refusable: bool
    """The target's own rules say that it will refuse it."""


@dataclass(slots=True)
class _Going:
    """What goes in a batch, as far as it is filled."""

    accounts: Accounts
    records: int = 0
    refusable: int = 0
    origin: str = ""
    """Where it goes, by its first record."""

    def add(self, chosen: _Chosen) -> None:
        """Count what goes."""
        self.records += 1
        self.refusable += chosen.refusable
        if chosen.record is not None:
            self.accounts.add(chosen.record)
