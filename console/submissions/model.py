"""The words of a submission: what is selected, what was frozen, what became of it. No I/O here."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches
from enum import StrEnum
from pathlib import Path
from typing import ClassVar, Final

from console.convert.forms import Form
from console.convert.tally import Tally
from console.display import safe_text
from console.errors import BadInput
from console.records.model import Identity, Span
from console.records.query import Query, parse
from console.targets.base import Batch, Job, JobError

FROM_STDIN: Final = Path("-")
"""In the place of a finding file: its records came on stdin. Every file is absolute, so that none is called that."""


def file_name(source: Path) -> str:
    """The name of a finding file that a target may be told."""
    return "stdin" if source == FROM_STDIN else source.name


@dataclass(frozen=True, slots=True)
class Picked:
    """Records that were picked one by one from a finding file, as it was then."""

    indexes: frozenset[int]
    identity: Identity
    """What the file was: in another one, other records have these indexes."""


@dataclass(frozen=True, slots=True)
class Selection:
    """Which records of the files to send: `ALL`, `VALID`, those that a query means, or those that were picked."""

    name: str
    """`all`, `valid`, the expression as it was written, or what was picked: foreign text."""
    query: Query | None = None
    picked: Picked | None = None

    ALL: ClassVar[Selection]
    VALID: ClassVar[Selection]
    """Those that neither OCSF nor the target finds an error in."""

    @property
    def is_some(self) -> bool:
        """Whether it says of each record if it is meant."""
        return self.query is not None or self.picked is not None

    @staticmethod
    def parse(text: str) -> Selection:
        """What *text* selects. Raises `BadQuery`; and `BadInput` for what may be a misspelt `all` or `valid`.

        A word alone would be looked for in every record, and what holds it would be sent: whoever wants that says so
        with quotes.
        """
        if text in _NAMED:
            return _NAMED[text]
        query = parse(text)
        word = str(query)
        if query.words == {word.casefold()}:
            near = get_close_matches(word.casefold(), _NAMED, 1) or list(_NAMED)
            raise BadInput(
                f"Which records are meant by {safe_text(word, width=40)}? It is neither all nor valid.",
                hint=f"Did you mean {' or '.join(near)}? To select records that hold this text, put it in quotes"
                """ inside the argument: --select '"text"'.""",
            )
        if named := sorted(query.words & set(_NAMED)):
            raise BadInput(
                f"{named[0]} can't be a part of an expression: there it is a text like any other.",
                hint="To select records that hold this text, put it in quotes.",
            )
        return Selection(text, query)


Selection.ALL = Selection("all")
Selection.VALID = Selection("valid")
_NAMED: Final = {one.name: one for one in (Selection.ALL, Selection.VALID)}


class BatchState(StrEnum):
    """What is known of a batch. `console.submissions.schema.LEGAL` has the ways between them."""

    READY = "ready"
    """Not accepted so far, and nobody is at it."""
    WAITING = "waiting"
    """Not accepted so far, and not to be tried before a certain time."""
    SENDING = "sending"
    ACCEPTED = "accepted"
    REFUSED = "refused"
    DENIED = "denied"
    """Not accepted, for want of credentials, permission or subscription: it can be sent once there are."""
    UNKNOWN = "unknown"
    """Sent, and no trustworthy answer: it may have been accepted."""
    ABANDONED = "abandoned"
    """It may have been accepted, and the operator lets it be."""
    CANCELLED = "cancelled"
    """Never accepted, and given up."""


CUT_OFF: Final = "The console stopped while this was being sent."
"""The detail of a batch whose sender is gone: nobody knows how much of it was handed over."""

UNSENT: Final = (BatchState.READY, BatchState.WAITING, BatchState.DENIED)
"""What is certain not to have been accepted, and may still be sent."""


class Settled(StrEnum):
    """What a look at a doubtful batch came to."""

    ADOPTED = "adopted"
    """A job at the target is taken for what became of it."""
    RESEND = "resend"
    """It is to be sent once more."""
    ABANDONED = "abandoned"
    """It is let be."""
    NOT_FOUND = "not_found"
    """The target shows nothing that can be it, so far. The doubt remains."""
    SEVERAL = "several"
    """More than one thing can be it, or what can be it proves nothing yet. The doubt remains."""


class Judge(StrEnum):
    """Who said what became of a doubtful batch."""

    TARGET = "target"
    """It follows from what the target shows."""
    OPERATOR = "operator"


@dataclass(frozen=True, slots=True)
class Account:
    """An account that records are about, as the target will book them."""

    provider: str
    uid: str
    """Foreign text, both."""
    records: int
    is_new: bool = False
    """This console never saw the target accept records of it: it may become a new one there, and be billed."""


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A record, or a broken place, that is not part of a submission, and why. All text in it is foreign."""

    path: Path
    index: int | None
    line: int | None
    reason: str


@dataclass(frozen=True, slots=True)
class Conversion:
    """What became of a finding file on the way to a target."""

    source: Path
    form: Form
    tally: Tally


@dataclass(frozen=True, slots=True)
class FrozenBatch:
    """A batch in the spool, and where its records came from."""

    batch: Batch
    source: Path
    source_sha256: str
    """Of the finding file as it is on disk, compressed or not."""
    wrapped: str
    """How the payload differs from the file, in our words; empty when it is the file byte for byte."""
    refusable: Mapping[str, int] = field(default_factory=dict)
    """How many records the target's own rules say it will refuse: by the code of the first error."""
    accounts: Sequence[Account] = ()
    """The accounts that the target would book its records on, where that matters to it."""
    origin: str = ""
    """Scheme, host and port that it goes to, where these are not the target's own."""
    kept_once: int = 0
    """Records of which the target keeps no more than one together with an earlier one of the submission."""
    invalid: Mapping[str, int] = field(default_factory=dict)
    """How many more are invalid by OCSF, so that the target may reject them: by the code of the first error."""


@dataclass(frozen=True, slots=True)
class Plan:
    """A submission, frozen and ready: what would be sent, and what not. Nothing has been sent."""

    submission: str
    """A UUID."""
    target: str
    kind: str
    origin: str
    batches: Sequence[FrozenBatch]
    left_out: Sequence[LeftOut]
    """The first of them; `left_out_count` says how many there are."""
    left_out_count: int
    sent_before: Sequence[str]
    """Earlier submissions to this target that hold a batch of the same bytes."""
    replaces: Sequence[str] = ()
    """Earlier submissions to this target that left a batch of the same bytes unsent: sending this one cancels that."""
    not_selected: int = 0
    """Records that the selection does not mean. They are not among those left out."""
    accounts: Sequence[Account] = ()
    """The accounts of all batches together, those that may be new first."""
    resend_of: str | None = None
    """The submission whose failed records these are."""
    conversions: Sequence[Conversion] = ()
    """What became of each file, where they were converted for the target."""
    convertible: int = 0
    """Of those left out, how many could be converted to what the target takes."""
    converts_to: str = ""
    """What that is, in our words. Empty where nothing is to be converted."""
    settled_with: str = "--resend or --abandon"
    """The options by which the operator says what became of something in doubt at the target."""
    reasons: Sequence[tuple[str, int]] = ()
    """The codes of why records are left out, and of how many, the most frequent first."""
    repeated: int = 0
    """Records that would be sent although an earlier one of their file is of the same finding."""
    selected: str = ""
    """What was selected, where that is neither all nor what is valid: foreign text."""
    refused: Sequence[tuple[str, int]] = ()
    """Why the target refused these very records before, as it said, and how many for that, the most frequent first.
    Foreign text. Empty where it did not say so of single records, or never got them."""

    @property
    def new_accounts(self) -> Sequence[Account]:
        """Those that may become new ones at the target, and be billed."""
        return [account for account in self.accounts if account.is_new]

    @property
    def origins(self) -> Sequence[str]:
        """Scheme, host and port of everything that something would be sent to."""
        return list(dict.fromkeys(frozen.origin or self.origin for frozen in self.batches))

    @property
    def records(self) -> int:
        """Records that would be sent."""
        return sum(frozen.batch.records for frozen in self.batches)

    @property
    def bytes(self) -> int:
        """Bytes of payload that would be sent."""
        return sum(frozen.batch.length for frozen in self.batches)

    @property
    def kept_once(self) -> int:
        """Records of which the target keeps no more than one together with an earlier one."""
        return sum(frozen.kept_once for frozen in self.batches)

    @property
    def refusable(self) -> Sequence[tuple[str, int]]:
        """The first errors by the target's own rules of records that would be sent and that it will refuse for them.

        By code, the most frequent first.
        """
        return _together(frozen.refusable for frozen in self.batches)

    @property
    def refusable_count(self) -> int:
        """How many records these are."""
        return sum(count for _, count in self.refusable)

    @property
    def invalid(self) -> Sequence[tuple[str, int]]:
        """The first errors by OCSF of further records that would be sent, by code, the most frequent first."""
        return _together(frozen.invalid for frozen in self.batches)

    @property
    def invalid_count(self) -> int:
        """How many records these are."""
        return sum(count for _, count in self.invalid)


def _together(counts: Iterable[Mapping[str, int]]) -> Sequence[tuple[str, int]]:
    """The counts of all batches, by code, the most frequent first."""
    found: Counter[str] = Counter()
    for some in counts:
        found.update(some)
    return found.most_common()


@dataclass(frozen=True, slots=True)
class SentBatch:
    """What became of one batch, as far as is known."""

    number: int
    records: int
    bytes: int
    sha256: str
    source: Path
    source_sha256: str
    state: BatchState
    job_id: str | None
    attempts: int
    detail: str
    """Why it is in this state, when that is not plain success. May quote the target: foreign text."""
    inferred: bool = False
    """Nobody was told that it became this job: it follows from what the target shows, or the operator said so."""
    kept_job: str | None = None
    """The job that the ledger keeps of it, also where it was refused: its target keeps none."""
    kept_invalid: int = 0
    """Records that this job rejected."""
    not_before: str | None = None
    """When it may be tried again (ISO 8601), for one that waits."""
    ended_as: str | None = None
    """The status in which its job was first seen to have ended."""


@dataclass(frozen=True, slots=True)
class Submission:
    """What the operator decided to send, as the ledger has it."""

    id: str
    target: str
    kind: str
    created_at: str
    batches: Sequence[SentBatch]
    origin: str = ""
    """Scheme, host and port that it is for."""
    resend_of: str | None = None
    """The submission whose failed records these are."""

    def in_state(self, *states: BatchState) -> Sequence[SentBatch]:
        """Its batches that are in one of these states."""
        return [batch for batch in self.batches if batch.state in states]


@dataclass(frozen=True, slots=True)
class KeptJob:
    """A job that the target keeps no list of, so that the ledger has to."""

    job: Job
    errors: Sequence[JobError] = ()


@dataclass(frozen=True, slots=True)
class TrackedJob:
    """A target's job, and what the ledger knows of where it came from."""

    job: Job
    submission: str | None
    files: Sequence[str]
    sha256: str | None
    """Of the payload that was sent."""
    inferred: bool = False
    """That it came from this submission is not what the target said, but what follows from what it shows."""
    remarks: Sequence[str] = ()
    """What is odd about it, in our words, fit to show."""
    stalled: bool = False
    """It has not ended for so long that it may be stuck."""


@dataclass(frozen=True, slots=True)
class LocatedError:
    """A job error, and the place in the finding file where its record is, when that is known."""

    error: JobError
    """Its own `record` is the index within the batch."""
    file: str | None
    span: Span | None
    """Where the record was in the file when it was frozen; its index is that within the file."""
