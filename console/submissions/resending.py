"""A new submission of the records that a job rejected, made from what was frozen for it: their bytes are the same."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Container, Iterator, Sequence
from dataclasses import dataclass, field

import msgspec

from console.errors import BadInput, ConsoleError, StateError
from console.limits import Limits
from console.progress import Cancel
from console.records.model import Fault, Record
from console.records.reader import FindingFile
from console.submissions.accounts import Accounts
from console.submissions.hashed_file import HashedFile, private_file
from console.submissions.model import FrozenBatch, SentBatch, file_name
from console.submissions.spool import Spool, pack
from console.targets.base import Batch, JobError, Target


@dataclass(frozen=True, slots=True)
class Frozen:
    """The batch that was sent: where its payload is, and how its records are found in it."""

    spool: Spool
    submission: str
    batch: SentBatch
    limits: Limits

    def records(self) -> Iterator[tuple[int, Record | None]]:
        """Each record of the payload with its index in it; None in the place of what is no record.

        Raises `BadInput` when the payload is not kept any more.
        """
        path = self.spool.payload(self.submission, self.batch.number)
        if not path.exists():
            raise BadInput(
                f"What submission {self.submission} sent is not kept any more.",
                hint="Submit the finding file again, with --select to choose from it.",
            )
        with FindingFile.open(path, self.limits) as payload:
            for index, found in enumerate(payload.records()):
                yield index, None if isinstance(found, Fault) else found

    def by_uid(self, uids: set[str]) -> dict[str, list[int]]:
        """The indexes of the records that these uids name."""
        found: dict[str, list[int]] = defaultdict(list)
        for index, record in self.records():
            for uid in uids.intersection(uids_of(record.raw) if record else ()):
                found[uid].append(index)
        return found


def rules_of(frozen: Frozen, target: Target) -> str:
    """The kind of target whose rules the records of a batch are held to, by the first of them: they are of one group.

    That of the target where what was sent is not kept any more.
    """
    try:
        first = next((record for _, record in frozen.records() if record is not None), None)
    except ConsoleError:
        return target.kind
    return target.kind if first is None else target.rules_for(first)


class _Named(msgspec.Struct):
    finding_info: object = None
    metadata: object = None
    id: object = msgspec.field(default=None, name="Id")


_DECODER = msgspec.json.Decoder(_Named)


def uids_of(raw: bytes) -> set[str]:
    """What a target may call a record by: the finding's uid, the event's, or the Id of an ASFF finding."""
    try:
        named = _DECODER.decode(raw)
    except (msgspec.DecodeError, RecursionError):
        return set()
    places = [part.get("uid") for part in (named.finding_info, named.metadata) if isinstance(part, dict)]
    return {uid for uid in (*places, named.id) if isinstance(uid, str)}


@dataclass(slots=True)
class Failed:
    """Which records of a batch a job rejected, as far as its errors tell."""

    indexes: set[int] = field(default_factory=set)
    nameless: int = 0
    """Errors that name no record that was sent."""
    said: dict[int, str] = field(default_factory=dict)
    """What is said of a record first: a code, else a message. Foreign text, by index."""

    def reasons(self) -> Sequence[tuple[str, int]]:
        """What is said of records, and of how many, the most frequent first."""
        return Counter(self.said.values()).most_common()


def failed_records(frozen: Frozen, errors: Sequence[JobError], *, whole: bool = False) -> Failed:
    """The records that a job's errors are about: by index, else by a uid that only one record has. Reads the payload.

    *whole* says that the job took none at all: then every record failed, whether an error names it or not. Raises
    `BadInput` when what was sent is not kept any more.
    """
    failed = Failed()
    by_uid = frozen.by_uid({error.uid for error in errors if error.record is None and error.uid is not None})
    for error in errors:
        indexes = [error.record] if error.record is not None else by_uid.get(error.uid or "", [])
        if len(indexes) == 1 and 0 <= indexes[0] < frozen.batch.records:
            failed.indexes.add(indexes[0])
            failed.said.setdefault(indexes[0], error.code or error.message)
        else:
            failed.nameless += 1
    if whole:
        return Failed({index for index, _ in frozen.records()}, 0, failed.said)
    return failed


def freeze_again(
    frozen: Frozen, indexes: Container[int], target: Target, submission: str, cancel: Cancel, number: int = 1
) -> FrozenBatch:
    """Freeze these records of what was frozen before, as batch *number* of a submission.

    Raises `BadInput` when none is left to send, `StateError` when the spool can't be written; `Cancelled`.
    """
    spool, batch = frozen.spool, frozen.batch
    accounts = Accounts(target)
    spool.folder(submission)
    count = 0
    goes_to = ""

    def chosen() -> Iterator[Record]:
        nonlocal count, goes_to
        with private_file(spool.index(submission, number)) as index:
            for position, record in frozen.records():
                cancel.check()
                if record is None or position not in indexes:
                    continue
                origin = spool.origin(frozen.submission, batch.number, position)
                index.write(pack(origin or record.span))
                accounts.add(record)
                goes_to = goes_to or target.origin_for(record)
                count += 1
                yield record

    path = spool.payload(submission, number)
    try:
        with HashedFile(path) as out:
            for piece in target.payload(chosen()):
                out.write(piece)
        spool.sync(submission)
    except OSError as error:
        raise StateError(f"The failed records can't be frozen again: {error.strerror}. Nothing was sent.") from error
    if not count:
        raise BadInput("No record that the job rejected can be told from its errors: there is nothing to send again.")
    payload = Batch(number, count, path, out.length, out.sha256, target.filename(file_name(batch.source)))
    wrapped = f"only the records that failed in submission {frozen.submission}"
    return FrozenBatch(payload, batch.source, batch.source_sha256, wrapped, accounts=accounts.counted(), origin=goes_to)


def halves(frozen: Frozen, target: Target, numbers: tuple[int, int], cancel: Cancel) -> tuple[FrozenBatch, FrozenBatch]:
    """Freeze what was frozen before in two parts, as batches of these *numbers* of the same submission.

    Raises `StateError` when the spool can't be written; `Cancelled`.
    """
    middle, end = frozen.batch.records // 2, frozen.batch.records
    first, second = range(middle), range(middle, end)
    return (
        freeze_again(frozen, first, target, frozen.submission, cancel, numbers[0]),
        freeze_again(frozen, second, target, frozen.submission, cancel, numbers[1]),
    )
