"""Freezing what will be sent: the selected records of a finding file, in a private file, hashed.

What is judged here is what is sent: after this, the finding file may change or vanish. Where the target takes the
file's own format and every record goes, the payload is the file byte for byte; else the target puts the records'
exact bytes together. Records are never written anew, so that no number or character can drift.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import IO, Final, Generic, TypeVar

from console.display import safe_text
from console.errors import BadInput, StateError
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
from console.submissions.model import FrozenBatch, LeftOut
from console.submissions.spool import Spool, pack
from console.targets.base import Batch, BatchLimits, Target

T = TypeVar("T")

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
                whole = self._freeze_whole(source, number) if self._takes_verbatim(source) else None
                return self._freeze_parts(source, number) if whole is None else whole
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
                for found in self._chosen(copy, source.path, whole=True):
                    index.write(pack(found.span))
                    going.add(found)
        if not going.records or not self._fits(going.records, out.length):
            payload.unlink()
            return None if going.records else []
        batch = Batch(number, going.records, payload, out.length, out.sha256, self.target.filename(source.path.name))
        return [FrozenBatch(batch, source.path, out.sha256, "", going.refusable, going.accounts.counted())]

    def _freeze_parts(self, source: FindingFile, number: int) -> list[FrozenBatch]:
        """Freeze the selected records of a file, put together anew, in as many batches as the target's limits ask."""
        frozen: list[FrozenBatch] = []
        chosen = Pushback(self._chosen(source, source.path, whole=False))
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
                going.add(found)
                yield record

        with HashedFile(payload) as out, private_file(self.spool.index(self.submission, number)) as index:
            for piece in self.target.payload(portion()):
                out.write(piece)
        batch = Batch(number, going.records, payload, out.length, out.sha256, self.target.filename(source.path.name))
        return FrozenBatch(batch, source.path, "", "", going.refusable, going.accounts.counted())

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

    def _chosen(self, source: FindingFile, path: Path, *, whole: bool) -> Iterator[_Chosen]:
        """What goes; what does not go is noted. Faults go only with a file that is sent *whole*."""
        for count, found in enumerate(source.records()):
            if count % _STEP == 0:
                self.cancel.check()
                self.report(Progress(count, None, "records", "Freezing what will be sent"))
            if isinstance(found, Fault):
                self._fault(found, path, whole=whole)
                if whole and found.index is not None:
                    # The target counts it too: without an entry, every later record would seem to be another.
                    span = Span(found.index, found.offset or 0, 0, found.line or 0)
                    yield _Chosen(span, None, refusable=found.code == FaultCode.NOT_AN_OBJECT)
            elif self._is_selected(found, path):
                issues = self._issues(found)
                if issues and self._is_strict:
                    raise self._would_spoil(found, path, f"{issues[0].message} ({issues[0].code})", issues[0].path)
                if not whole and not self._is_small_enough(found, path):
                    continue
                if issues and not self._sends_refusable:
                    self._leave_out(path, found.span.index, found.span.line, f"{issues[0].code}: {issues[0].message}")
                else:
                    yield _Chosen(found.span, found, refusable=bool(issues))

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
        return BadInput(
            f"{safe_text(path)}, line {record.span.line}: {self.target.name} refuses record {record.span.index}{at}:"
            f" {safe_text(why, width=240)} Nothing was sent.",
            hint=f"See all that is wrong: ocsf-console validate --for {self.target.kind} FILE. Send what is right with"
            " --select valid, or convert the file first.",
        )

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
        if source.compression is not Compression.NONE:
            reasons.append(f"unpacked from {source.compression}")
        if source.byte_order_mark:
            reasons.append("byte order mark dropped")
        if self.validator is not None:
            reasons.append("only the valid records")
        if self.query is not None:
            reasons.append("only the records that match")
        if source.format is not self.target.capabilities.verbatim:
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

    def add(self, chosen: _Chosen) -> None:
        """Count what goes."""
        self.records += 1
        self.refusable += chosen.refusable
        if chosen.record is not None:
            self.accounts.add(chosen.record)


class Pushback(Generic[T]):
    """An iterator that takes back what was one too many."""

    def __init__(self, items: Iterator[T]) -> None:
        self._items = items
        self._kept: list[T] = []

    @property
    def ended(self) -> bool:
        """Whether there is nothing more."""
        for item in self:
            self.push(item)
            break
        return not self._kept

    def push(self, item: T) -> None:
        """Take an item back: it is the next."""
        self._kept.append(item)

    def __iter__(self) -> Iterator[T]:
        return self

    def __next__(self) -> T:
        return self._kept.pop() if self._kept else next(self._items)


class HashedFile:
    """A new private file that is hashed while it is written."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.length = 0
        """Bytes written so far."""
        self._file = private_file(path)
        self._digest = hashlib.sha256()

    def __enter__(self) -> HashedFile:
        return self

    def __exit__(self, *_: object) -> None:
        self.flush()
        self._file.close()

    @property
    def sha256(self) -> str:
        """Of what was written so far, in hexadecimal."""
        return self._digest.hexdigest()

    def write(self, piece: bytes) -> None:
        """Add a piece."""
        self._file.write(piece)
        self._digest.update(piece)
        self.length += len(piece)

    def flush(self) -> None:
        """Make what was written readable by others, and durable."""
        self._file.flush()
        os.fsync(self._file.fileno())


def private_file(path: Path) -> IO[bytes]:
    """Open a new file that only its owner can read, for writing."""
    path.touch(mode=0o600)
    return path.open("wb")
