"""Prowler Cloud as a target: findings go to its ingestion API, which keeps the jobs.

Source: "Import findings" in Prowler's user guide, and what its own client (`prowler --push-to-cloud`) sends.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable, Iterator, Sequence
from dataclasses import replace
from typing import Final
from urllib.parse import quote

from console.config import LimitsConfig
from console.credentials import Found
from console.errors import TargetDenied
from console.ocsf.issues import Issue
from console.records.model import Format, Record
from console.targets.base import (
    Batch,
    Capabilities,
    Denied,
    Job,
    JobError,
    JobQuery,
    NotSent,
    Outcome,
    Page,
    ProbeStep,
    Sent,
    Try,
)
from console.targets.failures import RequestFailed
from console.targets.http import Http, Response, SecretHeader
from console.targets.payloads import PayloadChanged
from console.targets.prowler import rules
from console.targets.prowler.candidates import find_candidates
from console.targets.prowler.envelope import MEDIA_TYPES, Source, read_job, read_jobs
from console.targets.prowler.multipart import upload
from console.targets.prowler.outcomes import outcome_of, without_answer
from console.targets.prowler.probe import probe_steps
from console.targets.prowler.record_errors import read_errors
from console.targets.prowler.refusals import (
    API_KEY_VARIABLE,
    no_such_job,
    refused_job,
    refused_list,
    understand,
)

INGESTIONS: Final = "/api/v1/ingestions"
LARGEST_PAGE: Final = 100
"""A larger page is capped by the server without a word."""

# One upload at a time: what became of one in doubt is told by when it was sent.
_CAPABILITIES: Final = Capabilities(
    remote_jobs=True,
    partial_success=True,
    idempotent=False,
    shows_doubts=True,
    gzip=False,
    concurrency=1,
    per_second=None,
    verbatim=Format.ARRAY,
    judges_records=True,
)


class ProwlerTarget:
    """A tenant of Prowler Cloud, reached with an API key. It implements `console.targets.base.Target`.

    Made without any network. Where no API key was found, everything that needs one is denied, for the reason that
    *found* gives. Raises `BadConfig` for a base URL that a key must not be sent to.
    """

    kind: Final = "prowler"
    capabilities: Final = _CAPABILITIES

    def __init__(self, name: str, base_url: str, found: Found, limits: LimitsConfig) -> None:
        self.name = name
        self._found = found
        self._limits = limits.for_files()
        self._http = Http(
            base_url,
            SecretHeader("Authorization", "Api-Key ", found.secret) if found.secret else None,
            # `application/json` alone is answered with 406.
            accept=MEDIA_TYPES[0],
            timeout=limits.request_seconds,
            upload_timeout=limits.upload_seconds,
        )
        self._source = Source(name, self._http.origin)

    def __repr__(self) -> str:
        return f"ProwlerTarget({self.name!r}, {self.origin!r})"

    @property
    def origin(self) -> str:
        """Scheme, host and port that it is reached at."""
        return self._http.origin

    @property
    def credential(self) -> str:
        """A fingerprint of the API key; empty without one."""
        return self._found.secret.fingerprint() if self._found.secret else ""

    @property
    def clock_offset(self) -> float | None:
        """How far the clock of Prowler Cloud was last seen to be ahead of ours, in seconds."""
        return self._http.clock_offset

    @property
    def conversion(self) -> None:
        """None: it takes OCSF."""
        return

    def check_setup(self) -> None:
        """Nothing is needed but the API key."""

    def check(self, record: Record) -> Sequence[Issue]:
        """The issues that would make Prowler Cloud refuse the record, or book it on the wrong account. Offline."""
        return rules.check_record(record, self._limits)

    def group(self, record: Record) -> str:
        """All findings may share a file."""
        return ""

    def origin_for(self, record: Record) -> str:
        """Everything goes to the same place."""
        return self.origin

    def identity(self, record: Record) -> str | None:
        """Nothing: a finding may stand twice in a file."""
        return None

    def rules_for(self, record: Record) -> str:
        """Its own."""
        return self.kind

    def kept_as(self, record: Record) -> str | None:
        """Nothing: what OCSF says of findings with one uid holds for Prowler Cloud too."""
        return None

    def account(self, record: Record) -> tuple[str, str] | None:
        """Provider and uid of the account that a record is booked on. One that is new there is created, and billed."""
        return rules.account_of(record)

    def filename(self, source: str) -> str:
        """The name that Prowler Cloud is told: it must end in `.ocsf.json`."""
        return rules.upload_name(source)

    def payload(self, records: Iterable[Record]) -> Iterator[bytes]:
        """A JSON array of the records' exact bytes, in pieces."""
        separator = b"["
        for record in records:
            yield separator
            yield record.raw
            separator = b","
        yield b"[]" if separator == b"[" else b"]"

    async def probe(self) -> AsyncIterator[ProbeStep]:
        """Ask for the smallest list there is, and tell how far that came. Sends no finding."""
        answer: Response | RequestFailed
        try:
            answer = await self._http.get(INGESTIONS, [("page[size]", "1")])
        except RequestFailed as error:
            answer = error
        for step in probe_steps(answer, self._source, self._denied()):
            yield step

    async def send(self, batch: Batch, attempt: str, sent: Sent) -> Outcome:
        """Try once to send a batch. The outcome says what is known; only cancellation is raised."""
        if denied := self._denied():
            return Denied(denied)
        try:
            # Prowler's API takes the identifier of a transaction from this header and logs by it.
            response = await self._http.post(INGESTIONS, upload(batch, sent), {"Transaction-ID": attempt})
        except PayloadChanged as error:
            return NotSent(error, passing=False)
        except RequestFailed as error:
            outcome = without_answer(error, self._source, attempt, handed_over=error.handed_over)
            return replace(outcome, passing=error.passing) if isinstance(outcome, NotSent) else outcome
        return outcome_of(response, self._source, attempt)

    async def job(self, job_id: str) -> Job:
        """One job. Raises `NoSuchJob`, `TargetDenied`, `TargetUnavailable`, `TargetRefused`, `BadAnswer`."""
        response = await self._ask(self._job_path(job_id), [])
        if not _is_success(response):
            raise refused_job(understand(response, self._source), job_id)
        return read_job(response, self._source, job_id)

    async def jobs(self, query: JobQuery) -> Page[Job]:
        """One page of the jobs that the query asks for. A page holds at most `LARGEST_PAGE`.

        Raises `TargetDenied`, `TargetUnavailable`, `TargetRefused`, `BadAnswer`.
        """
        size = _page_size(query.page_size)
        response = await self._ask(INGESTIONS, [*_filters(query), *_page(query.page, size)])
        if not _is_success(response):
            raise refused_list(understand(response, self._source), query.page)
        return read_jobs(response, self._source, number=query.page, size=size)

    async def candidates(self, batch: Batch, last: Try) -> Sequence[Job]:
        """The jobs that can be what became of a batch, by the time of its last try and its number of records.

        The API lists no file name and no hash, so time and count are all there is to tell a job by. Raises as `jobs`
        does, and `TooManyJobs`.
        """
        longest = self._http.upload_timeout + self._http.timeout
        return await find_candidates(self.jobs, batch.records, last, longest, lambda: self.clock_offset)

    async def job_errors(self, job_id: str, page: int) -> Page[JobError]:
        """One page, of at most `LARGEST_PAGE`, of what went wrong in a job. Raises as `job` does."""
        response = await self._ask(f"{self._job_path(job_id)}/errors", _page(page, LARGEST_PAGE))
        if not _is_success(response):
            raise refused_job(understand(response, self._source), job_id, page)
        return read_errors(response, self._source, number=page, size=LARGEST_PAGE)

    async def close(self) -> None:
        """Let go of connections."""
        await self._http.close()

    async def _ask(self, path: str, params: Sequence[tuple[str, str]]) -> Response:
        if denied := self._denied():
            raise denied
        return await self._http.get(path, params)

    def _denied(self) -> TargetDenied | None:
        """The error of everything, when there is no key to try."""
        if self._found.secret:
            return None
        return TargetDenied(
            f"There is no API key for the target '{self.name}'. {self._found.detail}",
            hint=f"Set {API_KEY_VARIABLE}, or run: ocsf-console login {self.name}",
        )

    def _job_path(self, job_id: str) -> str:
        """The path of a job. The id may be anything that a user or a server wrote: it must stay one segment."""
        if not job_id or "/" in job_id or "." in job_id:
            raise no_such_job(job_id, self._source)
        return f"{INGESTIONS}/{quote(job_id, safe='', errors='replace')}"


def _filters(query: JobQuery) -> Iterator[tuple[str, str]]:
    """The query in the words of the API."""
    if len(query.statuses) == 1:
        yield "filter[status]", query.statuses[0]
    elif query.statuses:
        yield "filter[status__in]", ",".join(query.statuses)
    if query.search:
        yield "filter[search]", query.search
    if query.inserted:
        yield "filter[inserted_at]", query.inserted.isoformat()
    if query.completed:
        yield "filter[completed_at]", query.completed.isoformat()
    if query.sort:
        yield "sort", query.sort
    if query.fields:
        yield "fields[ingestions]", ",".join(query.fields)


def _page(number: int, size: int) -> list[tuple[str, str]]:
    """A page by its number: we never follow a link that a server wrote."""
    return [("page[number]", str(number)), ("page[size]", str(size))]


def _page_size(asked: int) -> int:
    return max(1, min(asked, LARGEST_PAGE))


def _is_success(response: Response) -> bool:
    return 200 <= response.status < 300
