"""AWS Security Hub as a target: findings go to `BatchImportFindings`, which judges each by itself and keeps no job.

Source: Security Hub's API reference and its guide for partners. What becomes of a batch is known with the answer, so
its job has ended when it begins to exist: the ledger keeps it.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from typing import Final

import msgspec

from console.config import LimitsConfig
from console.convert.asff_origin import AsffOptions
from console.convert.asff_regions import region_of
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
from console.targets.conversions import request_for
from console.targets.failures import RequestFailed
from console.targets.http import Response
from console.targets.payloads import PayloadChanged, payload_changed, read_payload
from console.targets.security_hub.agreement import disagreements
from console.targets.security_hub.answers import Imported
from console.targets.security_hub.asff import FINDING_BYTES
from console.targets.security_hub.aws import CredentialChain, Place
from console.targets.security_hub.hub import PER_SECOND, Hub
from console.targets.security_hub.identity import kept_as
from console.targets.security_hub.probe import probe_steps
from console.targets.security_hub.refusals import without_answer
from console.targets.security_hub.rules import check_record
from console.targets.security_hub.tally import Tally, framed, id_of

RECORDS_PER_BATCH: Final = 100
BYTES_PER_BATCH: Final = 6_000_000
RETRY_PAUSES: Final = (0.5, 1.0, 2.0)
"""Seconds before findings that may be taken the next time are sent again, within one try of their batch."""

_CAPABILITIES: Final = Capabilities(
    remote_jobs=False,
    partial_success=True,
    idempotent=True,  # by Id and UpdatedAt, both of which are frozen with the payload
    shows_doubts=False,
    gzip=False,
    concurrency=1,
    per_second=PER_SECOND,
    verbatim=None,
    judges_records=False,  # one finding of another account or region has the whole request refused
    limits=BatchLimits(RECORDS_PER_BATCH, FINDING_BYTES, BYTES_PER_BATCH),
    takes_ocsf=False,
    any_order=True,  # two findings of one Id and product are of one region, and stay in order
)


class SecurityHubTarget:
    """Security Hub of one AWS account in its regions. It implements `console.targets.base.Target`.

    The first of the places is where findings are judged to belong that name no other of them. Made without any network.
    Where *chain* has no credentials, everything that needs some is denied.
    """

    kind: Final = "security-hub"
    capabilities: Final = _CAPABILITIES

    def __init__(
        self,
        name: str,
        places: Sequence[Place],
        chain: CredentialChain,
        limits: LimitsConfig,
        retry_pauses: Sequence[float] = RETRY_PAUSES,
    ) -> None:
        self.name = name
        self.place = places[0]
        self._hubs = {place.region: Hub(place, chain, limits) for place in places}
        self._home = self._hubs[self.place.region]
        self._chain = chain
        self._limits = limits.for_files()
        self._pauses = retry_pauses

    def __repr__(self) -> str:
        return f"SecurityHubTarget({self.name!r}, {self.origin!r})"

    @property
    def origin(self) -> str:
        """Scheme, host and port of the first region."""
        return self._home.origin

    @property
    def credential(self) -> str:
        """A fingerprint of the credentials; empty without any."""
        return self._chain.fingerprint

    @property
    def clock_offset(self) -> float | None:
        """How far the clock of Security Hub was last seen to be ahead of ours, in seconds."""
        return next((hub.clock_offset for hub in self._hubs.values() if hub.clock_offset is not None), None)

    @property
    def conversion(self) -> Request:
        """To findings in AWS's format, for the account and region of the configuration where they name none."""
        place = self.place
        product_arn = (place.product_arn or "") if place.has_own_product else ""
        options = AsffOptions(place.account_id or "", place.region, place.partition, product_arn)
        return request_for(Form.ASFF, options)

    def check_setup(self) -> None:
        """Nothing is needed but what the target was made of."""

    def check(self, record: Record) -> Sequence[Issue]:
        """The issues that would make Security Hub refuse the record, or the request that it is in. Offline."""
        place = (self._hubs.get(region_of(record.raw)) or self._home).place
        return check_record(record, self._limits, partial(disagreements, place=place))

    def group(self, record: Record) -> str:
        """The region: a request goes to one."""
        return region_of(record.raw)

    def origin_for(self, record: Record) -> str:
        """Scheme, host and port of the finding's region."""
        return (self._hubs.get(region_of(record.raw)) or self._home).origin

    def identity(self, record: Record) -> str | None:
        """The finding's Id: an answer names it by nothing else, so it stands only once in a request."""
        return id_of(record.raw)

    def rules_for(self, record: Record) -> str:
        """Its own."""
        return self.kind

    def kept_as(self, record: Record) -> str | None:
        """The finding's Id and product."""
        return kept_as(record.raw)

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
            hub = self._hub_of(tally)
            answer = await hub.import_findings(payload, sent)
        except (PayloadChanged, _NoSuchRegion) as error:
            return NotSent(error, passing=False)
        except RequestFailed as error:
            return without_answer(error, handed_over=error.handed_over, passing=error.passing)
        except TargetDenied as error:
            return Denied(error)
        except TargetError as error:  # who gives the credentials does not answer
            return NotSent(error)
        if isinstance(answer, Response):
            return hub.refused(answer)
        tally.take(answer)
        await self._retry(hub, tally)
        job = self._job(attempt, tally, begun)
        errors = tally.errors
        return PartlyAccepted(job, errors) if errors else Accepted(job)

    async def probe(self) -> AsyncIterator[ProbeStep]:
        """Ask about the account's hubs and their products, and tell how far that came. Sends no finding."""
        for hub in self._hubs.values():
            where = "" if len(self._hubs) == 1 else f" in {hub.place.region}"
            async for step in probe_steps(hub):
                yield replace(step, name=step.name + where)

    async def candidates(self, batch: Batch, last: Try) -> Sequence[Job]:
        """None: it is not asked, since what is in doubt can be sent again, which does no harm."""
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
        for hub in self._hubs.values():
            await hub.close()

    def _hub_of(self, tally: Tally) -> Hub:
        """Where a request goes: the region of its findings, which is that of the first. Raises `_NoSuchRegion`."""
        region = next(map(region_of, tally.records), "") or self.place.region
        if region not in self._hubs:
            raise _NoSuchRegion(
                f"The findings are of {safe_text(region)}, which is none of the regions of the target '{self.name}' any"
                " more. Nothing was sent.",
                hint="Name it in the target's regions.",
            )
        return self._hubs[region]

    async def _retry(self, hub: Hub, tally: Tally) -> None:
        """Send again what failed for reasons that pass, while it does. What was said first stands where it does not."""
        for pause in self._pauses:
            again = tally.passing
            if not again:
                return
            await asyncio.sleep(pause)
            payload = b"".join(framed(tally.records[index] for index in again))
            try:
                answer = await hub.import_findings(payload, _nothing)
            except TargetError:
                return
            if isinstance(answer, Imported):
                tally.take(answer, again)
            elif not isinstance(hub.refused(answer), Throttled):
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


class _NoSuchRegion(TargetError):
    """A batch is for a region that the configuration does not name any more."""


def _read(batch: Batch) -> tuple[bytes, Tally]:
    """The payload of a batch, and the findings in it. Waits for the disk. Raises `PayloadChanged`."""
    payload = read_payload(batch)
    try:
        return payload, Tally.of(payload)
    except msgspec.DecodeError as error:
        raise payload_changed(batch, "it is no request that holds findings") from error


def _nothing(_count: int) -> None:
    """Findings that are sent again were handed over before: that is not undone."""


def _iso(at: datetime) -> str:
    return at.isoformat(timespec="milliseconds")
