"""Cisco XDR as a target: bundles and simplified findings go to its Findings Intake, which keeps no jobs.

Source: Cisco's guide "Findings Intake API Docs", and the models of the "XDR Findings Container API" 1.0.0.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Final
from uuid import NAMESPACE_URL, uuid5

from console.config import MODULE_INSTANCE_VARIABLE, LimitsConfig
from console.convert.forms import Form, Request
from console.display import safe_text
from console.errors import BadConfig, NoSuchJob, TargetDenied, TargetError, TargetUnavailable
from console.ocsf.issues import Issue
from console.records.model import Record
from console.targets.base import (
    COMPLETED,
    Batch,
    BatchLimits,
    Capabilities,
    Denied,
    InDoubt,
    Job,
    JobError,
    JobQuery,
    JobSummary,
    NotSent,
    Outcome,
    Page,
    ProbeStep,
    Sent,
    Throttled,
    Try,
)
from console.targets.cisco_xdr import custom_rules
from console.targets.cisco_xdr.client import ApiClient
from console.targets.cisco_xdr.outcomes import Attempt, outcome_of, timestamp, without_answer
from console.targets.cisco_xdr.payload import Payload, group_of, joined
from console.targets.cisco_xdr.places import Places
from console.targets.cisco_xdr.probe import probe_steps
from console.targets.cisco_xdr.readback import marks_of, query_of, shows, uid_of
from console.targets.cisco_xdr.refusals import Source, bad_answer, refused_request
from console.targets.cisco_xdr.shapes import Shape, check_bundle_record, finding_uid_of, shape_of
from console.targets.cisco_xdr.token import Token, Tokens
from console.targets.conversions import request_for
from console.targets.documents import object_in
from console.targets.failures import RequestFailed
from console.targets.http import Http, Response, SecretHeader
from console.targets.payloads import PayloadChanged

USUAL_RECORDS: Final = 100
USUAL_BYTES: Final = 1024**2
"""Bundles, and bytes before compression, of one request where the configuration says nothing. Cisco publishes none."""

Ask = Callable[[SecretHeader], Awaitable[Response]]
"""Sends one request with what lets it in."""


@dataclass(frozen=True, slots=True)
class EventSource:
    """What Cisco XDR calls the source of findings: these go into headers."""

    module_instance_id: str | None
    workflow_run_id: str | None

    def headers(self) -> dict[str, str]:
        """The headers that say so."""
        told = {"module-instance-id": self.module_instance_id, "workflow-run-id": self.workflow_run_id}
        return {name: value for name, value in told.items() if value}


class CiscoXdrTarget:
    """An organisation of Cisco XDR, reached with an API client. It implements `console.targets.base.Target`.

    Made without any network. Where a secret of the client was not found, everything that needs it is denied. Raises
    `BadConfig` for addresses that secrets must not be sent to.
    """

    kind: Final = "cisco-xdr"

    def __init__(
        self, name: str, places: Places, client: ApiClient, event_source: EventSource, limits: LimitsConfig
    ) -> None:
        self.name = name
        self.capabilities = _capabilities(limits, shows_doubts=places.query_url is not None)
        self._client = client
        self._event_source = event_source
        self._limits = limits.for_files()
        self._tokens = Tokens(places.token_url, client, limits.request_seconds)
        self._http = _http(places.base_url, limits)
        self._query = _http(places.query_url, limits) if places.query_url else None
        self._source = Source(name, self._http.origin)

    def __repr__(self) -> str:
        return f"CiscoXdrTarget({self.name!r}, {self.origin!r})"

    @property
    def origin(self) -> str:
        """Scheme, host and port of the findings intake."""
        return self._http.origin

    @property
    def credential(self) -> str:
        """A fingerprint of the API client; empty without one."""
        return self._client.fingerprint

    @property
    def clock_offset(self) -> float | None:
        """How far the clock of the intake was last seen to be ahead of ours, in seconds."""
        return self._http.clock_offset

    @property
    def conversion(self) -> Request:
        """To OCSF bundles: one for each finding, with its activities."""
        return request_for(Form.CISCO_BUNDLE)

    def check_setup(self) -> None:
        """Raise `BadConfig` without a module instance: Cisco XDR takes no finding whose source it does not know."""
        if not self._event_source.module_instance_id:
            raise BadConfig(
                f"The target '{self.name}' has no module_instance_id, without which Cisco XDR takes no findings.",
                hint="It is the ID of an integration module in Cisco XDR. Set module_instance_id in the configuration,"
                f" or {MODULE_INSTANCE_VARIABLE}.",
            )

    def check(self, record: Record) -> Sequence[Issue]:
        """The issues that would make Cisco XDR refuse the record, or take it for something else. Offline."""
        if shape_of(record.raw) is Shape.CUSTOM:
            return custom_rules.check_record(record, self._limits)
        return check_bundle_record(record, self._limits)

    def group(self, record: Record) -> str:
        """What may share a request: all bundles, and each simplified finding with nothing else."""
        return group_of(record)

    def origin_for(self, record: Record) -> str:
        """Everything goes to the same place."""
        return self.origin

    def identity(self, record: Record) -> str | None:
        """The finding's uid: errors name findings by it."""
        return finding_uid_of(record.raw, self._limits)

    def rules_for(self, record: Record) -> str:
        """Its own, or that of simplified findings."""
        return "cisco-xdr-custom" if shape_of(record.raw) is Shape.CUSTOM else self.kind

    def kept_as(self, record: Record) -> str | None:
        """The finding's uid, by which Cisco XDR tells findings apart."""
        return finding_uid_of(record.raw, self._limits)

    def account(self, record: Record) -> tuple[str, str] | None:
        """None: findings belong to the organisation of the API client."""
        return None

    def filename(self, source: str) -> str:
        """The name of the finding file itself. Cisco XDR is not told."""
        return source

    def payload(self, records: Iterable[Record]) -> Iterator[bytes]:
        """A JSON array of bundles, or the one simplified finding, in the records' exact bytes."""
        return joined(records)

    async def probe(self) -> AsyncIterator[ProbeStep]:
        """Get a token, and ask the intake something that takes no finding."""
        async for step in probe_steps(self._tokens, self._http, self._source, self.check_setup):
            yield step

    async def send(self, batch: Batch, attempt: str, sent: Sent) -> Outcome:
        """Try once to send a batch. The outcome says what is known; only cancellation is raised."""
        begun_at = timestamp()
        try:
            self.check_setup()
            payload = await asyncio.to_thread(Payload.of, batch)
        except BadConfig as error:
            return NotSent(TargetError(error.message, hint=error.hint), passing=False)
        except PayloadChanged as error:
            return NotSent(error, passing=False)
        headers = {**self._event_source.headers(), **payload.headers, "x-request-id": attempt}

        async def request(auth: SecretHeader) -> Response:
            sent(0)  # what a refused token was sent with has come to nothing
            return await self._http.post(payload.path, payload.upload(sent), headers, auth=auth)

        try:
            response, token = await self._let_in(request)
        except _NoToken as failure:
            return _without_token(failure.error)
        except RequestFailed as error:
            outcome = without_answer(error, attempt, handed_over=error.handed_over)
            return outcome if isinstance(outcome, InDoubt) else replace(outcome, passing=error.passing)
        return outcome_of(
            response,
            Attempt(
                attempt, self._source, batch.records, begun_at, token.scopes, lambda: payload.uids(self._limits)
            ),
        )  # fmt: skip

    async def candidates(self, batch: Batch, last: Try) -> Sequence[Job]:
        """The job that a batch has become, if each of its findings is shown as it was sent.

        None where the configuration does not say where findings are shown, or one of them is not there. Raises
        `TargetDenied`, `TargetUnavailable`, `TargetRefused`, `BadAnswer`.
        """
        if self._query is None:
            return []
        try:
            payload = await asyncio.to_thread(Payload.of, batch)
        except PayloadChanged:
            return []
        for raw in payload.records():
            if not await self._is_shown(self._query, raw):
                return []
        return [self._found(batch, last)]

    async def _is_shown(self, query: Http, raw: bytes) -> bool:
        """Whether the finding of a record is there, as it was sent."""
        marks = marks_of(raw, self._limits)
        if not marks:
            return False

        async def request(auth: SecretHeader) -> Response:
            return await query.get("", query_of(uid_of(marks)), auth=auth)

        try:
            response, token = await self._let_in(request)
        except _NoToken as failure:
            raise failure.error from None
        source = Source(self.name, query.origin)
        document = object_in(response)
        if response.status == 404 and document is not None:
            return False
        if not 200 <= response.status < 300:
            raise refused_request(response, source, token.scopes, what="to show a finding")
        if document is None:
            raise bad_answer(response, source)
        return shows(document, marks)

    def _found(self, batch: Batch, last: Try) -> Job:
        """The job of a batch whose findings are all there. Its id follows from the batch, so that it is always one."""
        return Job(
            id=str(uuid5(NAMESPACE_URL, f"{self.origin}/{self.name}/{batch.sha256}")),
            target=self.name,
            status=COMPLETED,
            summary=JobSummary(batch.records, batch.records, 0),
            inserted_at=last.started_at.isoformat(timespec="milliseconds"),
            requested_at=last.started_at.isoformat(timespec="milliseconds"),
            started_at=last.started_at.isoformat(timespec="milliseconds"),
            completed_at=timestamp(),
            raw={"read_back": True},
        )

    async def job(self, job_id: str) -> Job:
        """Nothing: raises `NoSuchJob`. The ledger keeps the jobs."""
        raise self._keeps_no_jobs(job_id)

    async def jobs(self, query: JobQuery) -> Page[Job]:
        """Nothing. The ledger keeps the jobs."""
        return Page([], query.page, 1, 0)

    async def job_errors(self, job_id: str, page: int) -> Page[JobError]:
        """Nothing: raises `NoSuchJob`. The ledger keeps the errors."""
        raise self._keeps_no_jobs(job_id)

    async def close(self) -> None:
        """Let go of connections."""
        await self._tokens.close()
        await self._http.close()
        if self._query is not None:
            await self._query.close()

    async def _let_in(self, request: Ask) -> tuple[Response, Token]:
        """Send a request with a token; with a new one once more, where the first is refused, since it may have ended.

        Raises `_NoToken`, and `RequestFailed` for the request itself.
        """
        token = await self._token()
        response = await request(token.header)
        if response.status == 401:
            self._tokens.refuse(token)
            token = await self._token()
            response = await request(token.header)
        return response, token

    async def _token(self) -> Token:
        try:
            return await self._tokens.current()
        except TargetError as error:
            raise _NoToken(error) from error

    def _keeps_no_jobs(self, job_id: str) -> NoSuchJob:
        return NoSuchJob(f"Cisco XDR keeps no jobs: {self.name} has none called {safe_text(job_id, width=80)}.")


class _NoToken(Exception):
    """There is no token to begin a request with. What was to be sent has not been."""

    def __init__(self, error: TargetError) -> None:
        super().__init__(error.message)
        self.error = error


def _without_token(error: TargetError) -> Outcome:
    """The outcome of a batch for which there is no token: whatever the reason, it was not sent."""
    if isinstance(error, TargetDenied):
        return Denied(error)
    if isinstance(error, RequestFailed):
        return NotSent(error, passing=error.passing)
    if isinstance(error, TargetUnavailable):
        return NotSent(error) if error.retry_after is None else Throttled(error, error.retry_after)
    return NotSent(error, passing=False)


def _capabilities(limits: LimitsConfig, *, shows_doubts: bool) -> Capabilities:
    """What the intake can do. How much it takes is not published, so that the configuration may say more or less."""
    return Capabilities(
        remote_jobs=False,
        partial_success=True,
        idempotent=False,
        shows_doubts=shows_doubts,
        gzip=True,
        concurrency=1,  # of two findings with one uid, the later one must come later
        per_second=None,
        verbatim=None,
        judges_records=False,
        limits=BatchLimits(
            records_per_batch=limits.batch_records or USUAL_RECORDS,
            bytes_per_batch=limits.batch_bytes or USUAL_BYTES,
        ),
        takes_ocsf=False,  # simplified findings are none, and bundles need not be whole OCSF
    )


def _http(url: str, limits: LimitsConfig) -> Http:
    return Http(
        url, None, accept="application/json", timeout=limits.request_seconds, upload_timeout=limits.upload_seconds
    )
