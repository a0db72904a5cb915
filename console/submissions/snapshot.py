"""Freezing what will be sent: the selected records of a finding file, in a private file, hashed.

What is judged here is what is sent: after this, the finding file may change or vanish. Where the target takes the
file's own format and every record goes, the payload is the file byte for byte; else the target puts the records'
exact bytes together. Records are never written anew, so that no number or character can drift.
"""

from __future__ import annotations

import hashlib
import shutil
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
from console.records.model import Compression, Fault, Record, Span
from console.records.reader import FindingFile
from console.submissions.model import FrozenBatch, LeftOut, Selection
from console.submissions.spool import Spool, pack
from console.targets.base import Batch, Target

_SHOWN_LEFT_OUT: Final = 100
_STEP: Final = 500
"""Records between two progress reports."""
_PIECE: Final = 1 << 20

NOT_AN_OBJECT: Final = "not_an_object"
"""The one fault that leaves a file well-formed: what it stands for can be sent, and the target will refuse it."""


@dataclass(slots=True)
class Freezer:
    """Freezes the files of one submission, one batch for each file, and keeps what was left out."""

    spool: Spool
    submission: str
    target: Target
    selection: Selection
    limits: Limits
    validator: Validator
    report: Report
    cancel: Cancel
    left_out: list[LeftOut] = field(default_factory=list)
    left_out_count: int = 0

    def freeze_all(self, paths: Sequence[Path]) -> list[FrozenBatch]:
        """Freeze files, one batch each. A file of which nothing is selected makes none."""
        frozen: list[FrozenBatch] = []
        for path in paths:
            batch = self.freeze(path, len(frozen) + 1)
            if batch is not None:
                frozen.append(batch)
        return frozen

    def freeze(self, path: Path, number: int) -> FrozenBatch | None:
        """Freeze one finding file as batch *number*. None when no record of it is selected.

        Raises `UnreadableFile`; `BadInput` when the file is broken and everything of it was asked for; `StateError`
        when the spool can't be written.
        """
        self.spool.folder(self.submission)
        try:
            return self._freeze(path, number)
        except OSError as error:
            raise StateError(f"{path} can't be frozen for sending: {error.strerror}. Nothing was sent.") from error

    def _freeze(self, path: Path, number: int) -> FrozenBatch | None:
        with FindingFile.open(path, self.limits) as source:
            verbatim = self._takes_verbatim(source)
            tally = self._copy(source, number) if verbatim else self._assemble(source, number)
            wrapped = "" if verbatim else _difference(source, self.selection)
            source_sha256 = source.sha256(self.cancel)
        payload = self.spool.payload(self.submission, number)
        if not tally.records:
            payload.unlink()
            return None
        batch = Batch(
            number=number,
            records=tally.records,
            path=payload,
            length=payload.stat().st_size,
            sha256=_hash_file(payload),
            filename=self.target.filename(path.name),
        )
        return FrozenBatch(batch, path, source_sha256, wrapped, tally.refusable)

    def _takes_verbatim(self, source: FindingFile) -> bool:
        """Whether the target takes this very file as it is, and all of it is asked for."""
        return (
            self.selection is Selection.ALL
            and source.format is self.target.capabilities.verbatim
            and source.compression is Compression.NONE
            and not source.byte_order_mark
        )

    def _copy(self, source: FindingFile, number: int) -> _Tally:
        """Copy the file first and judge the copy: the file may change meanwhile."""
        payload = self.spool.payload(self.submission, number)
        with source.path.open("rb") as file, _private(payload) as out:
            shutil.copyfileobj(file, out, _PIECE)
        tally = _Tally(verbatim=True)
        with FindingFile.open(payload, self.limits) as frozen:
            for _ in self._chosen(frozen, source.path, number, tally):
                pass
        return tally

    def _assemble(self, source: FindingFile, number: int) -> _Tally:
        """Put the selected records together in the form that the target takes."""
        tally = _Tally(verbatim=False)
        with _private(self.spool.payload(self.submission, number)) as out:
            for piece in self.target.payload(self._chosen(source, source.path, number, tally)):
                out.write(piece)
        return tally

    def _chosen(self, source: FindingFile, path: Path, number: int, tally: _Tally) -> Iterator[Record]:
        """The records that go, each written into the index; what does not go is noted."""
        with _private(self.spool.index(self.submission, number)) as index:
            for found in source.records():
                if isinstance(found, Fault):
                    self._fault(found, path, tally)
                    if tally.verbatim and found.index is not None:
                        # The target counts it too: without an entry, every later record would seem to be another.
                        index.write(pack(Span(found.index, found.offset or 0, 0, found.line or 0)))
                    continue
                issues = self._issues(found)
                if self.selection is Selection.VALID and issues:
                    self._leave_out(path, found.span.index, found.span.line, f"{issues[0].code}: {issues[0].message}")
                    continue
                index.write(pack(found.span))
                tally.records += 1
                tally.refusable += bool(issues)
                if tally.records % _STEP == 0:
                    self.cancel.check()
                    self.report(Progress(tally.records, None, "records", "Freezing what will be sent"))
                yield found

    def _issues(self, record: Record) -> list[Issue]:
        """The errors of a record: the target's rules always, OCSF's where only what is valid may go."""
        issues = list(self.target.check(record))
        if self.selection is Selection.VALID:
            issues += self.validator.check(record.raw)
        return [issue for issue in issues if issue.severity is Severity.ERROR]

    def _fault(self, fault: Fault, path: Path, tally: _Tally) -> None:
        """Leave a broken place out, or refuse the whole file where everything of it was asked for."""
        if tally.verbatim and fault.code == NOT_AN_OBJECT:
            tally.refusable += 1
        elif self.selection is Selection.ALL:
            where = f", line {fault.line}" if fault.line else ""
            raise BadInput(
                f"{safe_text(path)}{where}: {safe_text(fault.message, width=200)} Nothing was sent.",
                hint="Mend the file, or send what is whole with --select valid.",
            )
        else:
            self._leave_out(path, fault.index, fault.line, fault.message)

    def _leave_out(self, path: Path, index: int | None, line: int | None, reason: str) -> None:
        self.left_out_count += 1
        if len(self.left_out) < _SHOWN_LEFT_OUT:
            self.left_out.append(LeftOut(path, index, line, reason))


@dataclass(slots=True)
class _Tally:
    """What one pass over a file counted."""

    verbatim: bool
    records: int = 0
    refusable: int = 0


def _difference(source: FindingFile, selection: Selection) -> str:
    """Say how the payload differs from the file."""
    reasons = []
    if source.compression is not Compression.NONE:
        reasons.append(f"unpacked from {source.compression}")
    if source.byte_order_mark:
        reasons.append("byte order mark dropped")
    if selection is Selection.VALID:
        reasons.append("only the valid records")
    if not reasons or source.format != "array":
        reasons.append(f"{source.format} put into the form that the target takes")
    return ", ".join(reasons)


def _private(path: Path) -> IO[bytes]:
    """Open a new file that only its owner can read, for writing."""
    path.touch(mode=0o600)
    return path.open("wb")


def _hash_file(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
