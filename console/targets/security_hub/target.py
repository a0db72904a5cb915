"""AWS Security Hub as a target: findings go to `BatchImportFindings`, which judges each by itself and keeps no job.

Source: Security Hub's API reference and its guide for partners. What becomes of a batch is known with the answer, so
its job has ended when it begins to exist: the ledger keeps it.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Iterable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Final

import msgspec

from console.config import LimitsConfig
from console.convert.asff_origin import AsffOptions
from console.convert.forms import Form, Request
from console.display import safe_text
from console.errors import NoSuchJob, TargetDenied, TargetError
from console.ocsf.issues import Issue
from console.records.model import Record
from console.targets.base import (
    Accepted,
    Batch,
    BatchLimits,
    Capabilities,
    Denied,
    Job,
    JobError,
    JobQuery,
    NotSent,
    Outcome,
    Page,
    PartlyAccepted,
    ProbeStep,
    Sent,
    Throttled,
    Try,
)
from console.targets.failures import RequestFailed
from console.targets.http import Http, Response, SecretHeaders, Upload
from console.targets.pace import Pace
from console.targets.payloads import PayloadChanged, payload_changed, read_payload
from console.targets.security_hub.agreement import disagreements
from console.targets.security_hub.answers import Imported, read_import, read_refusal
from console.targets.security_hub.asff import FINDING_BYTES
from console.targets.security_hub.aws import CredentialChain, Place
from console.targets.security_hub.probe import probe_steps
from console.targets.security_hub.refusals import (
    is_skewed,
    outcome_of_refusal,
    speaks_of_the_key,
    unreadable,
    without_answer,
)
from console.targets.security_hub.rules import check_record
from console.targets.security_hub.signing import CONTENT_TYPE, signed
from console.targets.security_hub.tally import Tally, framed, id_of

IMPORT: Final = "/findings/import"
RECORDS_PER_BATCH: Final = 100
BYTES_PER_BATCH: Final = 6_000_000
PER_SECOND: Final = 10.0
"""Requests that an account may begin in a region in a second."""
RETRY_PAUSES: Final = (0.5, 1.0, 2.0)
"""Seconds before findings that may be taken the next time are sent again, within one try of their batch."""
_PIECE: Final = 256 * 1024

_CAPABILITIES: Final = Capabilities(
    remote_jobs=False,
    partial_success=True,
    idempotent=True,  # by Id and UpdatedAt, both of which are frozen with the payload
    gzip=False,
    concurrency=1,
    per_second=PER_SECOND,
    verbatim=None,
    judges_records=False,  # one finding of another account or region has the whole request refused
    limits=BatchLimits(RECORDS_PER_BATCH, FINDING_BYTES, BYTES_PER_BATCH),
    takes_ocsf=False,
)


class SecurityHubTarget:
    """Security Hub of one AWS account in one region. It implements `console.targets.base.Target`.

    Made without any network. Where *chain* has no credentials, everything that needs some is denied.
    """

    kind: Final = "security-hub"
    capabilities: Final = _CAPABILITIES

    def __init__(
        self,
        name: str,
        place: Place,
        chain: CredentialChain,
        limits: LimitsConfig,
        retry_pauses: Sequence[float] = RETRY_PAUSES,
    ) -> None:
        self.name = name
        self.place = place
        self._chain = chain
        self._limits = limits.for_files()
        self._pauses = retry_pauses
        self._pace = Pace(PER_SECOND)
        self._skew = timedelta()
        """What our clock has to be set forward by for signatures to fit."""
        self._http = Http(
            place.endpoint,
            None,
            accept=CONTENT_TYPE,
            timeout=limits.request_seconds,
            upload_timeout=limits.upload_seconds,
        )

    def __repr__(self) -> str:
        return f"SecurityHubTarget({self.name!r}, {self.origin!r})"

    @property
    def origin(self) -> str:
        """Scheme, host and port that it is reached at."""
        return self._http.origin

    @property
    def credential(self) -> str:
        """A fingerprint of the credentials; empty without any."""
        return self._chain.fingerprint

    @property
    def clock_offset(self) -> float | None:
        """How far the clock of Security Hub was last seen to be ahead of ours, in seconds."""
        return self._http.clock_offset

    @property
    def conversion(self) -> Request:
        """To findings in AWS's format, for the account and region of the configuration where they name none."""
        place = self.place
        product_arn = (place.product_arn or "") if place.has_own_product else ""
        options = AsffOptions(place.account_id or "", place.region, place.partition, product_arn)
        return Request(Form.ASFF, options)

    def check_setup(self) -> None:
        """Nothing is needed but what the target was made of."""

    def check(self, record: Record) -> Sequence[Issue]:
        """The issues that would make Security Hub refuse the record, or the request that it is in. Offline."""
        return check_record(record, self._limits, partial(disagreements, place=self.place))

    def group(self, record: Record) -> str:
        """All findings may share a request."""
        return ""

    def identity(self, record: Record) -> str | None:
        """The finding's Id: an answer names it by nothing else, so it stands only once in a request."""
        return id_of(record.raw)

    def account(self, record: Record) -> tuple[str, str] | None:
        """Nothing: findings are imported for one account, which is there already."""
        return None

    def filename(self, source: str) -> str:
        """The finding file's own name. Security Hub is not told it."""
        return source

    def payload(self, records: Iterable[Record]) -> Iterator[bytes]:
        """The records' exact bytes as the `Findings` of a request, in pieces."""
        return framed(record.raw for record in records)

    async def send(self, batch: Batch, attempt: str, sent: Sent) -> Outcome:
        """Try once to send a batch, and again what of it failed for reasons that pass.

        The outcome says what is known; only cancellation is raised. The job has *attempt* as its id.
        """
        begun = datetime.now(UTC)
        try:
            payload, tally = await asyncio.to_thread(_read, batch)
            answer = await self._import(payload, sent)
        except PayloadChanged as error:
            return NotSent(error, passing=False)
        except RequestFailed as error:
            return without_answer(error, handed_over=error.handed_over, passing=error.passing)
        except TargetDenied as error:
            return Denied(error)
        except TargetError as error:  # who gives the credentials does not answer
            return NotSent(error)
        if isinstance(answer, Response):
            return self._refused(answer)
        tally.take(answer)
        await self._retry(tally)
        job = self._job(attempt, tally, begun)
        errors = tally.errors
        return PartlyAccepted(job, errors) if errors else Accepted(job)

    async def probe(self) -> AsyncIterator[ProbeStep]:
        """Ask about the account's hub and its products, and tell how far that came. Sends no finding."""
        async for step in probe_steps(self.place, self._chain, self.ask, lambda: self._off_by):
            yield step

    async def ask(self, path: str, *, unsigned: bool = False) -> Response:
        """Ask for something. Raises `RequestFailed`, `TargetDenied`, `TargetUnavailable`."""
        if unsigned:
            return await self._http.get(path)
        return await self._twice_if_skewed(lambda: self._ask_once(path))

    async def candidates(self, batch: Batch, last: Try) -> Sequence[Job]:
        """None: what is in doubt is sent again, which does no harm."""
        return ()

    async def job(self, job_id: str) -> Job:
        """None: the ledger keeps the jobs. Raises `NoSuchJob`."""
        raise NoSuchJob(f"{self.origin} keeps no jobs, so it has no job {safe_text(job_id, width=80)}.")

    async def jobs(self, query: JobQuery) -> Page[Job]:
        """None: the ledger keeps the jobs."""
        return Page([], query.page, 1, 0)

    async def job_errors(self, job_id: str, page: int) -> Page[JobError]:
        """None: the ledger keeps them. Raises `NoSuchJob`."""
        await self.job(job_id)
        return Page([], page, 1, 0)

    async def close(self) -> None:
        """Let go of connections."""
        await self._http.close()

    async def _import(self, payload: bytes, sent: Sent) -> Imported | Response:
        """What the service counted of a request; its answer where that is none. Raises as `ask` does."""
        response = await self._twice_if_skewed(lambda: self._import_once(payload, sent))
        return (read_import(response) if response.status == 200 else None) or response

    async def _import_once(self, payload: bytes, sent: Sent) -> Response:
        await self._pace.turn()
        auth = await asyncio.to_thread(self._signed, "POST", IMPORT, payload)
        return await self._http.post(IMPORT, Upload(CONTENT_TYPE, len(payload), _pieces(payload, sent)), {}, auth)

    async def _ask_once(self, path: str) -> Response:
        await self._pace.turn()
        auth = await asyncio.to_thread(self._signed, "GET", path, b"")
        return await self._http.get(path, auth=auth)

    def _signed(self, method: str, path: str, body: bytes) -> SecretHeaders:
        """Signed as of now: each try anew. Waits for the credentials. Raises `TargetDenied`, `TargetUnavailable`."""
        credentials = self._chain.frozen()
        at = datetime.now(UTC) + self._skew
        return signed(credentials, self.place.region, method, self._http.base_url + path, body, at)

    async def _twice_if_skewed(self, once: Callable[[], Awaitable[Response]]) -> Response:
        """Ask, and once more by the service's clock where ours is why the signature was refused."""
        response = await once()
        if response.status in (400, 401, 403):
            refusal = read_refusal(response)
            if self.clock_offset is not None and is_skewed(refusal, self._off_by):
                self._skew = timedelta(seconds=self.clock_offset)
                return await once()
            if speaks_of_the_key(refusal):
                self._chain.forget()
        return response

    @property
    def _off_by(self) -> float | None:
        """What the time that we sign with is behind the service's, in seconds."""
        return None if self.clock_offset is None else self.clock_offset - self._skew.total_seconds()

    def _refused(self, response: Response) -> Outcome:
        if response.status == 200:
            return without_answer(unreadable(response, self.place), handed_over=response.handed_over)
        return outcome_of_refusal(response, self.place, self._off_by)

    async def _retry(self, tally: Tally) -> None:
        """Send again what failed for reasons that pass, while it does. What was said first stands where it does not."""
        for pause in self._pauses:
            again = tally.passing
            if not again:
                return
            await asyncio.sleep(pause)
            payload = b"".join(framed(tally.records[index] for index in again))
            try:
                answer = await self._import(payload, _nothing)
            except TargetError:
                return
            if isinstance(answer, Imported):
                tally.take(answer, again)
            elif not isinstance(self._refused(answer), Throttled):
                return

    def _job(self, attempt: str, tally: Tally, begun: datetime) -> Job:
        """The job of a batch: it ends as it begins to exist."""
        at = _iso(begun)
        return Job(
            id=attempt,
            target=self.name,
            status=tally.status,
            summary=tally.summary,
            inserted_at=at,
            requested_at=at,
            started_at=at,
            completed_at=_iso(datetime.now(UTC)),
            raw=tally.raw,
        )


def _read(batch: Batch) -> tuple[bytes, Tally]:
    """The payload of a batch, and the findings in it. Waits for the disk. Raises `PayloadChanged`."""
    payload = read_payload(batch)
    try:
        return payload, Tally.of(payload)
    except msgspec.DecodeError as error:
        raise payload_changed(batch, "it is no request that holds findings") from error


async def _pieces(payload: bytes, sent: Sent) -> AsyncGenerator[bytes, None]:
    """The payload in pieces. Each counts as handed over before it goes: a write that fails may have delivered it."""
    for start in range(0, len(payload), _PIECE):
        piece = payload[start : start + _PIECE]
        sent(start + len(piece))
        yield piece


def _nothing(_count: int) -> None:
    """Findings that are sent again were handed over before: that is not undone."""


def _iso(at: datetime) -> str:
    return at.isoformat(timespec="milliseconds")
