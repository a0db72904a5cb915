"""Freezing what will be sent: the selected records of a finding file, in a private file, hashed.

What is judged here is what is sent: after this, the finding file may change or vanish. Where the target takes the
file's own format and every record goes, the payload is the file byte for byte; else the target puts the records'
exact bytes together. Records are never written anew, so that no number or character can drift.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Final

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
from console.submissions.model import FrozenBatch, LeftOut
from console.submissions.spool import Spool, pack
from console.targets.base import Batch, Target

_SHOWN_LEFT_OUT: Final = 100
_STEP: Final = 500
"""Records between two progress reports."""


@dataclass(slots=True)
class Freezer:
    """Freezes the files of one submission, one batch for each file, and keeps what was left out."""

    spool: Spool
    submission: str
    target: Target
    limits: Limits
    validator: Validator | None
    """Leaves out what is invalid by OCSF or by the target's rules; None does not."""
    query: Query | None
    """Selects what it means; None selects everything."""
    report: Report
    cancel: Cancel
    left_out: list[LeftOut] = field(default_factory=list)
    """The first of them."""
    left_out_count: int = 0
    not_selected: int = 0
    """Sound records that the query does not mean."""

    @property
    def _takes_all(self) -> bool:
        """Whether everything in the files was asked for."""
        return self.validator is None and self.query is None

    def freeze_all(self, paths: Sequence[Path]) -> list[FrozenBatch]:
        """Freeze files, one batch each. A file of which nothing is selected makes none, nor does a second copy."""
        frozen: list[FrozenBatch] = []
        for path in paths:
            batch = self.freeze(path, len(frozen) + 1)
            if batch is None:
                continue
            twin = next((one for one in frozen if one.batch.sha256 == batch.batch.sha256), None)
            if twin is None:
                frozen.append(batch)
            else:
                batch.batch.path.unlink()
                self._leave_out(path, None, None, f"It holds the same as {twin.source}, which goes already.")
        return frozen

    def freeze(self, path: Path, number: int) -> FrozenBatch | None:
        """Freeze one finding file as batch *number*. None when no record of it is selected.

        Raises `UnreadableFile`; `BadInput` when the file is broken and everything of it was asked for; `StateError`
        when the spool can't be written; `Cancelled`.
        """
        self.spool.folder(self.submission)
        try:
            return self._freeze(path, number)
        except OSError as error:
            raise StateError(
                f"{safe_text(path)} can't be frozen for sending: {error.strerror}. Nothing was sent."
            ) from error

    def _freeze(self, path: Path, number: int) -> FrozenBatch | None:
        payload = self.spool.payload(self.submission, number)
        with FindingFile.open(path, self.limits) as source, _HashedFile(payload) as out:
            going = _Going(verbatim=self._takes_verbatim(source))
            if going.verbatim:
                self._copy(source, out, number, going)
                wrapped, source_sha256 = "", out.sha256
            else:
                for piece in self.target.payload(self._chosen(source, path, number, going)):
                    out.write(piece)
                wrapped, source_sha256 = self._difference(source), source.sha256(self.cancel)
        if not going.records:
            payload.unlink()
            return None
        batch = Batch(number, going.records, payload, out.length, out.sha256, self.target.filename(path.name))
        return FrozenBatch(batch, path, source_sha256, wrapped, going.refusable)

    def _takes_verbatim(self, source: FindingFile) -> bool:
        """Whether the target takes this very file as it is, and all of it is asked for."""
        return (
            self._takes_all
            and source.format is self.target.capabilities.verbatim
            and source.compression is Compression.NONE
            and not source.byte_order_mark
        )

    def _copy(self, source: FindingFile, out: _HashedFile, number: int, going: _Going) -> None:
        """Copy the file first and judge the copy: the file may change meanwhile."""
        for piece in source.disk_bytes(self.cancel):
            out.write(piece)
        out.flush()
        with FindingFile.open(out.path, self.limits) as copy:
            if not self._takes_verbatim(copy):
                raise BadInput(f"{safe_text(source.path)} changed while it was read. Nothing was sent.")
            for _ in self._chosen(copy, source.path, number, going):
                pass

    def _chosen(self, source: FindingFile, path: Path, number: int, going: _Going) -> Iterator[Record]:
        """The records that go, each written into the index; what does not go is noted."""
        with _private(self.spool.index(self.submission, number)) as index:
            for count, found in enumerate(source.records()):
                if count % _STEP == 0:
                    self.cancel.check()
                    self.report(Progress(count, None, "records", "Freezing what will be sent"))
                if isinstance(found, Fault):
                    self._fault(found, path, going)
                    if going.verbatim and found.index is not None:
                        going.records += 1
                        # The target counts it too: without an entry, every later record would seem to be another.
                        index.write(pack(Span(found.index, found.offset or 0, 0, found.line or 0)))
                    continue
                if not self._is_selected(found, path):
                    continue
                issues = self._issues(found)
                if self.validator is not None and issues:
                    self._leave_out(path, found.span.index, found.span.line, f"{issues[0].code}: {issues[0].message}")
                    continue
                index.write(pack(found.span))
                going.records += 1
                going.refusable += bool(issues)
                yield found

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
        if self.validator is not None:
            issues += self.validator.check(record.raw)
        return [issue for issue in issues if issue.severity is Severity.ERROR]

    def _fault(self, fault: Fault, path: Path, going: _Going) -> None:
        """Leave out what can't be read at a broken place, or refuse the whole file where all of it was asked for."""
        if going.verbatim and fault.code == FaultCode.NOT_AN_OBJECT:
            # The one fault that leaves a file well-formed: this goes, and the target will refuse it.
            going.refusable += 1
        elif self._takes_all:
            where = f", line {fault.line}" if fault.line else ""
            raise BadInput(
                f"{safe_text(path)}{where}: {safe_text(fault.message, width=200)} Nothing was sent.",
                hint="Mend the file, or send what is whole with --select valid.",
            )
        elif fault.code not in TAKES_NOTHING:
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


@dataclass(slots=True)
class _Going:
    """What of a file goes, as far as one pass over it came."""

    verbatim: bool
    records: int = 0
    refusable: int = 0


class _HashedFile:
    """A new private file that is hashed while it is written."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.length = 0
        """Bytes written so far."""
        self._file = _private(path)
        self._digest = hashlib.sha256()

    def __enter__(self) -> _HashedFile:
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


def _private(path: Path) -> IO[bytes]:
    """Open a new file that only its owner can read, for writing."""
    path.touch(mode=0o600)
    return path.open("wb")
