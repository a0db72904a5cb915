"""What every destination looks like from the rest of the console. Imports no HTTP client."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from pathlib import Path
from typing import Final, Generic, Protocol, TypeVar

from console.convert.forms import Request
from console.errors import TargetError
from console.ocsf.issues import Issue
from console.records.model import Format, JsonValue, Record

PENDING: Final = "pending"
PROCESSING: Final = "processing"
COMPLETED: Final = "completed"
FAILED: Final = "failed"
UNKNOWN: Final = "unknown"
STATUSES: Final = (PENDING, PROCESSING, COMPLETED, FAILED, UNKNOWN)
"""The statuses that we know. A server may invent others: they are shown as they are and not taken for an end."""

JOB_SORT_FIELDS: Final = ("inserted_at", "requested_at", "started_at", "completed_at")


@dataclass(frozen=True, slots=True)
class BatchLimits:
    """How much one request to a target may hold. None means that the target publishes no number."""

    records_per_batch: int | None = None
    bytes_per_record: int | None = None
    bytes_per_batch: int | None = None


@dataclass(frozen=True, slots=True)
class Capabilities:
    """What a kind of target can do, so that nobody has to ask which kind it is."""

    remote_jobs: bool
    """It keeps a list of jobs that we can ask for."""
    partial_success: bool
    """Some records of a batch may be taken and others not."""
    idempotent: bool
    """Sending the same batch twice does no harm."""
    shows_doubts: bool
    """It can be asked what became of a batch that is in doubt."""
    gzip: bool
    """It takes compressed requests."""
    concurrency: int
    """Requests that may send findings at the same time."""
    per_second: float | None
    """Requests that may be begun in a second. None where the target publishes no number."""
    verbatim: Format | None
    """The format of a finding file that can be sent byte for byte as it is."""
    judges_records: bool
    """It judges record by record, so that one which its rules refuse does no harm to the others."""
    limits: BatchLimits = BatchLimits()
    takes_ocsf: bool = True
    """Its records are OCSF events. Of those of another format OCSF's own rules have nothing to say."""
    any_order: bool = False
    """Records of different groups may overtake each other, so that each group is sent in as few requests as can be."""


@dataclass(frozen=True, slots=True)
class JobSummary:
    """The counters of a job. None where the target has not said it (yet)."""

    total: int | None = None
    processed: int | None = None
    invalid: int | None = None


@dataclass(frozen=True, slots=True)
class Job:
    """What a target makes of a batch. All text in it is foreign."""

    id: str
    """Empty in a list where the target gave none: nothing can be asked of it."""
    target: str
    """Our name of the target that holds it."""
    status: str
    summary: JobSummary = JobSummary()
    inserted_at: str | None = None
    requested_at: str | None = None
    started_at: str | None = None
    completed_at: str | None = None
    """Times as the target wrote them (ISO 8601 where it behaves)."""
    remarks: Sequence[str] = ()
    """What of it could not be read as it should be, in our words, fit to show."""
    raw: Mapping[str, JsonValue] = field(default_factory=dict)
    """The target's own object."""

    @property
    def ended(self) -> bool:
        """Whether the target is done with it."""
        return self.status in (COMPLETED, FAILED)

    @property
    def succeeded(self) -> bool:
        """Completed, and no record refused."""
        return self.status == COMPLETED and not self.summary.invalid


@dataclass(frozen=True, slots=True)
class JobError:
    """What a target says went wrong, tied to a record of the batch where it can be. All text in it is foreign."""

    message: str
    code: str = ""
    record: int | None = None
    """Index of the record within the batch that was sent."""
    uid: str | None = None
    """The finding's own identifier, when the target named it."""
    pointer: str | None = None
    raw: Mapping[str, JsonValue] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class JobQuery:
    """Which jobs to list, in which order, and which page of them."""

    statuses: tuple[str, ...] = ()
    """Any of these; all when empty."""
    search: str = ""
    inserted: date | None = None
    completed: date | None = None
    sort: str = "-inserted_at"
    """One of `JOB_SORT_FIELDS`, with `-` in front for newest first."""
    page: int = 1
    page_size: int = 10
    fields: tuple[str, ...] = ()
    """Attributes to ask for; all when empty."""


T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    """One page of a longer list."""

    items: Sequence[T]
    number: int
    """1 for the first."""
    pages: int
    count: int
    """Items on all pages together."""


@dataclass(frozen=True, slots=True)
class Batch:
    """The records of one request: a part of a frozen snapshot, exactly as it will be sent."""

    number: int
    """1 for the first of a submission."""
    records: int
    path: Path
    """A private file that holds the request's payload and nothing else."""
    length: int
    """Bytes of it."""
    sha256: str
    filename: str
    """The name that the target is told."""


@dataclass(frozen=True, slots=True)
class Try:
    """When a batch was last sent, by our clock, and how far the target's clock was seen to be ahead of it."""

    started_at: datetime
    ended_at: datetime | None
    """None where nobody lived to see the end."""
    clock_offset: float | None
    """Seconds; None where nobody had looked."""


Sent = Callable[[int], None]
"""Takes the number of payload bytes that were handed to the network so far."""


# What one try to send a batch came to: a closed set, so that every caller must face each case.


@dataclass(frozen=True, slots=True)
class Accepted:
    """The target took the batch and opened a job."""

    job: Job
    note: str = ""
    """What was odd about its answer, though not enough to doubt it. In our words, fit to show."""


@dataclass(frozen=True, slots=True)
class PartlyAccepted:
    """The target took a part of the batch and refused the rest."""

    job: Job
    errors: Sequence[JobError]


@dataclass(frozen=True, slots=True)
class Refused:
    """The target understood and took nothing. The same batch will be refused again."""

    error: TargetError
    errors: Sequence[JobError] = ()
    """What it says is wrong with single records, where it says so."""


@dataclass(frozen=True, slots=True)
class Denied:
    """Credentials, permission or subscription are missing. Nothing was taken."""

    error: TargetError


@dataclass(frozen=True, slots=True)
class Throttled:
    """Asked to slow down. Nothing was taken."""

    error: TargetError
    retry_after: float | None
    """Seconds that the target asked for."""


@dataclass(frozen=True, slots=True)
class NotSent:
    """It is certain that the target did not get the whole request. Nothing was taken."""

    error: TargetError
    passing: bool = True
    """Whether it may go by itself. Not where something must be set right first: a certificate, a proxy, a payload."""


@dataclass(frozen=True, slots=True)
class InDoubt:
    """Everything was handed over and no trustworthy answer came. It may have been taken: never send again unasked."""

    error: TargetError


Outcome = Accepted | PartlyAccepted | Refused | Denied | Throttled | NotSent | InDoubt


class StepState(StrEnum):
    """How a step of a probe went."""

    OK = "ok"
    FAILED = "failed"
    SKIPPED = "skipped"


@dataclass(frozen=True, slots=True)
class ProbeStep:
    """One step of testing a target: name, TLS, credentials, permission."""

    name: str
    state: StepState
    detail: str
    """What was seen. Foreign text."""
    advice: str = ""
    """What to do about a failure."""
    error: TargetError | None = None
    """The error behind a failed step: its exit code is that of the probe. None unless the step failed."""


class Target(Protocol):
    """A destination that takes findings. The rest of the console knows targets only through this.

    The reading methods raise `TargetError`; `send` never does: its outcome says what is known.
    """

    @property
    def name(self) -> str:
        """Our name of it, from the configuration."""
        ...

    @property
    def kind(self) -> str:
        """Its kind, for showing only."""
        ...

    @property
    def origin(self) -> str:
        """Scheme, host and port that it is reached at."""
        ...

    @property
    def capabilities(self) -> Capabilities:
        """What it can do."""
        ...

    @property
    def credential(self) -> str:
        """A fingerprint of the secret that it is reached with, for the ledger.

        Empty without a usable one: then everything is denied until the target is opened anew.
        """
        ...

    @property
    def conversion(self) -> Request | None:
        """What OCSF has to be converted to for it, as its configuration says. None where it takes OCSF as it is."""
        ...

    def check_setup(self) -> None:
        """Raise `BadConfig` where the configuration lacks what sending needs, so that nothing is begun. Offline."""
        ...

    def check(self, record: Record) -> Sequence[Issue]:
        """The issues that would make this target refuse the record, or take it for something else. Offline."""
        ...

    def filename(self, source: str) -> str:
        """The name that the target is told for a finding file named *source*."""
        ...

    def payload(self, records: Iterable[Record]) -> Iterator[bytes]:
        """The bytes of one request that holds these records, in pieces."""
        ...

    def probe(self) -> AsyncIterator[ProbeStep]:
        """Test the way to the target, step by step. Sends no finding."""
        ...

    @property
    def clock_offset(self) -> float | None:
        """How far its clock was last seen to be ahead of ours, in seconds. None when it has not been seen."""
        ...

    def group(self, record: Record) -> str:
        """Records of different groups never share a request. Empty for a target to which all are alike."""
        ...

    def origin_for(self, record: Record) -> str:
        """Scheme, host and port that a record goes to: `origin`, unless records of its group go elsewhere."""
        ...

    def identity(self, record: Record) -> str | None:
        """What may stand only once in a request, if there is such a thing. Foreign text."""
        ...

    def rules_for(self, record: Record) -> str:
        """The kind of target whose rules a record is held to, as `validate --for` knows it."""
        ...

    def kept_as(self, record: Record) -> str | None:
        """What it keeps only one record of, whatever was sent, if there is such a thing. Foreign text."""
        ...

    def account(self, record: Record) -> tuple[str, str] | None:
        """Provider and uid of the account that it would book a record on. None where that does not matter to it."""
        ...

    async def send(self, batch: Batch, attempt: str, sent: Sent) -> Outcome:
        """Try once to send a batch. *attempt* is a UUID of this try, for the target's logs where it takes one."""
        ...

    async def candidates(self, batch: Batch, last: Try) -> Sequence[Job]:
        """The jobs that can be what became of a batch, by when it was last sent. Empty where nobody can tell.

        For a target that `shows_doubts`. Raises `TooManyJobs` when there are more than can be looked through.
        """
        ...

    # A target that keeps no `remote_jobs` is never asked for these: the ledger is.

    async def job(self, job_id: str) -> Job:
        """One job. Raises `NoSuchJob`."""
        ...

    async def jobs(self, query: JobQuery) -> Page[Job]:
        """One page of the jobs that the query asks for."""
        ...

    async def job_errors(self, job_id: str, page: int) -> Page[JobError]:
        """One page of what went wrong in a job. Raises `NoSuchJob`."""
        ...

    async def close(self) -> None:
        """Let go of connections."""
        ...
