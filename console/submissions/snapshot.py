"""Freezing what will be sent: the selected records of a finding file, in a private file, hashed.

What is judged here is what is sent: after this, the finding file may change or vanish. Where the target takes the
file's own format and every record goes, the payload is the file byte for byte; else the target puts the records'
exact bytes together. Records are never written anew, so that no number or character can drift, unless the operator
asks for a conversion to what the target takes: then what they became is what is judged and sent.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from console.convert.forms import Request
from console.display import safe_text
from console.errors import BadInput, StateError
from console.records.model import Compression, Fault, Record
from console.records.reader import FindingFile
from console.submissions.accounts import Accounts
from console.submissions.choosing import SAME_FILE, Chooser, Chosen
from console.submissions.hashed_file import HashedFile, private_file
from console.submissions.model import Conversion, FrozenBatch, file_name
from console.submissions.pushback import Pushback
from console.submissions.remaking import remade
from console.submissions.repeats import RepeatedFindings
from console.submissions.runs import in_runs
from console.submissions.spool import Spool, pack
from console.targets.base import Batch, Target


@dataclass(slots=True)
class Freezer:
    """Freezes the files of one submission, each in batches of its own, and keeps what was left out."""

    spool: Spool
    submission: str
    chooser: Chooser
    conversions: list[Conversion] = field(default_factory=list)
    """What became of each file that was converted."""
    repeated: int = 0
    """Records that go although an earlier one of their file is of the same finding."""

    @property
    def _target(self) -> Target:
        return self.chooser.target

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
                reason = f"It holds the same as {self.chooser.called(seen[content])}, which goes already."
                self.chooser.leave_out(self.chooser.called(path), None, None, reason, SAME_FILE)
                continue
            seen[content] = path
            frozen += batches
        self.spool.sync(self.submission)
        return frozen

    def _freeze(self, path: Path, number: int) -> list[FrozenBatch]:
        """Freeze one finding file, as batches from *number* on."""
        try:
            with FindingFile.open(path, self.chooser.limits, name=str(self.chooser.called(path))) as source:
                self.chooser.must_be_picked_from(source)
                if self.chooser.conversion is not None:
                    return self._freeze_converted(source, number, self.chooser.conversion)
                whole = self._freeze_whole(source, number) if self._takes_verbatim(source) else None
                return self._freeze_parts(source, number, source.records()) if whole is None else whole
        except OSError as error:
            raise StateError(
                f"{safe_text(self.chooser.called(path))} can't be frozen for sending: {error.strerror}."
                " Nothing was sent."
            ) from error

    def _freeze_whole(self, source: FindingFile, number: int) -> list[FrozenBatch] | None:
        """Freeze a file byte for byte; None when it is more than one request may hold."""
        payload, called = self.spool.payload(self.submission, number), self.chooser.called(source.path)
        going = _Going(Accounts(self._target), RepeatedFindings(self._target))
        with HashedFile(payload) as out:
            for piece in source.disk_bytes(self.chooser.cancel):
                out.write(piece)
        # Copied first and the copy judged: the file may change meanwhile.
        with FindingFile.open(payload, self.chooser.limits) as copy:
            if not self._takes_verbatim(copy):
                raise BadInput(f"{safe_text(called)} changed while it was read. Nothing was sent.")
            with private_file(self.spool.index(self.submission, number)) as index:
                for found in self.chooser.chosen(copy.records(), called, copy.size, whole=True):
                    index.write(pack(found.span))
                    going.add(found)
        if not going.records or not self.chooser.fits(going.records, out.length):
            payload.unlink()
            return None if going.records else []
        self.repeated += going.repeats.count()
        name = self._target.filename(file_name(called))
        batch = Batch(number, going.records, payload, out.length, out.sha256, name)
        return [going.frozen(batch, called, out.sha256)]

    def _freeze_converted(self, source: FindingFile, number: int, conversion: Request) -> list[FrozenBatch]:
        """Freeze the selected ones of what the records of a file become."""
        with remade(source, conversion, self.spool, self.submission, self.chooser.report, self.chooser.cancel) as made:
            self.conversions.append(made.conversion)
            return self._freeze_parts(source, number, made.records(self.chooser.limits))

    def _freeze_parts(self, source: FindingFile, number: int, records: Iterator[Record | Fault]) -> list[FrozenBatch]:
        """Freeze the selected ones of a file's records, put together anew, in as many batches as the limits ask."""
        frozen: list[FrozenBatch] = []
        repeats = RepeatedFindings(self._target)
        # Offsets are those of the unpacked file, of which nobody knows the end.
        total = source.size if source.compression is Compression.NONE else None
        going = self.chooser.chosen(records, self.chooser.called(source.path), total, whole=False)
        if self._target.capabilities.any_order:
            going = in_runs(going, self._measure, self.chooser.fits, self.chooser.frame)
        chosen = Pushback(going)
        while not chosen.ended:
            frozen.append(self._freeze_part(chosen, source, number + len(frozen), repeats))
        self.repeated += repeats.count()
        wrapped, sha256 = self._difference(source), source.sha256(self.chooser.cancel) if frozen else ""
        parts = f"in {len(frozen)} parts" if len(frozen) > 1 else ""
        return [replace(one, source_sha256=sha256, wrapped=", ".join(filter(None, (wrapped, parts)))) for one in frozen]

    def _freeze_part(
        self, chosen: Pushback[Chosen], source: FindingFile, number: int, repeats: RepeatedFindings
    ) -> FrozenBatch:
        """Freeze one batch: as many of the chosen records as fit."""
        payload = self.spool.payload(self.submission, number)
        going = _Going(Accounts(self._target), repeats)

        def portion() -> Iterator[Record]:
            length = self.chooser.frame
            group: str | None = None
            there: set[str] = set()
            for found in chosen:
                record = found.record
                if record is None:
                    continue  # does not come: what is no record goes with whole files only
                length += len(record.raw) + 1
                identity, previous, group = self._target.identity(record), group, self._target.group(record)
                is_alike = group == previous and identity not in there
                if going.records and not (is_alike and self.chooser.fits(going.records + 1, length)):
                    chosen.push(found)
                    return
                if identity is not None:
                    there.add(identity)
                index.write(pack(found.span))
                going.kept_once += self.chooser.repeats(record)
                going.origin = going.origin or self._target.origin_for(record)
                going.add(found)
                yield record

        with HashedFile(payload) as out, private_file(self.spool.index(self.submission, number)) as index:
            for piece in self._target.payload(portion()):
                out.write(piece)
        called = self.chooser.called(source.path)
        name = self._target.filename(file_name(called))
        batch = Batch(number, going.records, payload, out.length, out.sha256, name)
        return going.frozen(batch, called)

    def _measure(self, chosen: Chosen) -> tuple[str, int]:
        """The group of what goes, and its bytes in a request."""
        record = chosen.record
        return ("", 0) if record is None else (self._target.group(record), len(record.raw) + 1)

    def _takes_verbatim(self, source: FindingFile) -> bool:
        """Whether all of this very file is asked for, and the target takes it as it is, but for too many records."""
        return (
            self.chooser.takes_all
            and source.format is self._target.capabilities.verbatim
            and source.compression is Compression.NONE
            and not source.byte_order_mark
            and self.chooser.batch_limits.bytes_per_record is None
            and self.chooser.fits(0, source.size)
        )

    def _difference(self, source: FindingFile) -> str:
        """Say how the payload differs from the file."""
        reasons = []
        if self.chooser.conversion is not None:
            reasons.append(f"converted to {self.chooser.conversion.form.label}")
        if source.compression is not Compression.NONE:
            reasons.append(f"unpacked from {source.compression}")
        if source.byte_order_mark:
            reasons.append("byte order mark dropped")
        if self.chooser.only_valid:
            reasons.append("only the valid records")
        if self.chooser.selection.query is not None:
            reasons.append("only the records that match")
        if self.chooser.selection.picked is not None:
            reasons.append("only the records that were picked")
        if self.chooser.conversion is None and source.format is not self._target.capabilities.verbatim:
            reasons.append(f"{source.format} put into the form that the target takes")
        return ", ".join(reasons)


@dataclass(slots=True)
class _Going:
    """What goes in a batch, as far as it is filled."""

    accounts: Accounts
    repeats: RepeatedFindings
    records: int = 0
    kept_once: int = 0
    refusable: Counter[str] = field(default_factory=Counter)
    invalid: Counter[str] = field(default_factory=Counter)
    origin: str = ""
    """Where it goes, by its first record."""

    def add(self, chosen: Chosen) -> None:
        """Count what goes."""
        self.records += 1
        if chosen.refusable:
            self.refusable[chosen.refusable] += 1
        if chosen.invalid:
            self.invalid[chosen.invalid] += 1
        if chosen.record is not None:
            self.accounts.add(chosen.record)
            self.repeats.add(chosen.record)

    def frozen(self, batch: Batch, source: Path, sha256: str = "") -> FrozenBatch:
        """The batch that it became, of a finding file with that hash."""
        return FrozenBatch(
            batch, source, sha256, "", self.refusable, self.accounts.counted(), self.origin,
            kept_once=self.kept_once, invalid=self.invalid,
        )  # fmt: skip
