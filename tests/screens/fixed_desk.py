"""A desk where nothing changes, for the looks of the screens: fixed jobs, plans and outcomes, and no clock."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Iterable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from console.cli.setup import make_validator
from console.config import CiscoXdrConfig, Config, LimitsConfig, ProwlerConfig, SecurityHubConfig, UiConfig
from console.credentials import Credentials, Found, Source
from console.errors import BadInput, OutcomeUnknown, TargetUnavailable
from console.progress import Report, silent
from console.records.model import Span
from console.submissions.desk import LOOKS_FOR_THE_UNKNOWN, Desk
from console.submissions.listing import AllJobs
from console.submissions.model import (
    Account,
    BatchState,
    Conversion,
    FrozenBatch,
    LeftOut,
    LocatedError,
    Plan,
    Selection,
    SentBatch,
    Settled,
    Submission,
    TrackedJob,
)
from console.submissions.settling import Finding
from console.submissions.tally import Tally
from console.submissions.timeline import Event, Step
from console.submissions.tracking import LOCAL_STATUSES, WAITING, as_job
from console.targets.base import (
    COMPLETED,
    FAILED,
    PENDING,
    PROCESSING,
    Batch,
    InDoubt,
    Job,
    JobError,
    JobQuery,
    JobSummary,
    Outcome,
    Page,
    ProbeStep,
    StepState,
    Target,
)
from console.targets.prowler.target import ProwlerTarget
from tests.screens.job_stories import START, MemoryKeyring

JOBS = 45
SHA256 = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"
SUBMISSION = "0b9c2c1e-53a7-4f0e-9d1e-6a1d2f3b4c5d"
FILE = "prowler-output-123456789012-20261119101500.ocsf.json"

_NO_KEY = Found(None, Source.MISSING, "The Memory holds none for https://api.prowler.com.")
_TURNS = (
    (PENDING, JobSummary(1_000, 0, 0)),
    (PROCESSING, JobSummary(1_000, 412, 3)),
    (COMPLETED, JobSummary(1_000, 1_000, 0)),
    (COMPLETED, JobSummary(1_000, 988, 12)),
    (FAILED, JobSummary(240, 0, 240)),
)


def job(number: int) -> TrackedJob:
    """The job of that number; 0 is the newest."""
    status, summary = _TURNS[number % len(_TURNS)]
    requested = START - number * timedelta(minutes=7)
    started = None if status == PENDING else f"{requested + timedelta(seconds=2):%Y-%m-%dT%H:%M:%S.%fZ}"
    ended = requested + timedelta(seconds=2.4 + number * 31)
    identifier = f"{number + 0x3650FEF9:08x}-8e5f-4808-a95f-74f0afae8499"
    found = Job(
        id=identifier,
        target="prowler",
        status=status,
        summary=summary,
        requested_at=f"{requested:%Y-%m-%dT%H:%M:%S.%fZ}",
        started_at=started,
        completed_at=f"{ended:%Y-%m-%dT%H:%M:%S.%fZ}" if status in (COMPLETED, FAILED) else None,
        raw={"type": "ingestions", "id": identifier, "attributes": {"status": status}},
    )
    mine = number % 3 != 2
    return TrackedJob(found, SUBMISSION if mine else None, [f"/scans/{FILE}"] if mine else [], SHA256 if mine else None)


def error(number: int) -> LocatedError:
    """The error of that number: one every 83 records."""
    index = number * 83
    found = JobError(
        message=f"Missing required field 'metadata.event_code' at index {index}",
        code="validation_error",
        record=index,
        uid=f"prowler-aws-s3_bucket_public_access-123456789012-eu-west-1-bucket-{index}",
        pointer=f"/data/findings/{index}/metadata/event_code",
    )
    return LocatedError(found, f"/scans/{FILE}", Span(index, index * 6_800, 6_799, 1 + index * 180))


class FixedTarget(ProwlerTarget):
    """A target whose way is half open."""

    async def probe(self) -> AsyncIterator[ProbeStep]:
        yield ProbeStep("address", StepState.OK, "https://api.prowler.com answers, at 203.0.113.7")
        yield ProbeStep("tls", StepState.OK, "TLSv1.3, certificate trusted")
        yield ProbeStep("credentials", StepState.OK, "the API key is accepted")
        yield ProbeStep(
            "permission",
            StepState.FAILED,
            "the permission Manage Ingestions is missing (HTTP 403)",
            "Ask an administrator to add Manage Ingestions to the role of the key's owner.",
        )


class FixedDesk(Desk):
    """Answers the same to everybody, at once."""

    def __init__(
        self,
        state: Path,
        *,
        jobs: Sequence[TrackedJob] = tuple(map(job, range(JOBS))),
        plan: Plan | None = None,
        read_only: bool = False,
        submission: Submission | None = None,
        candidates: Sequence[TrackedJob] = (),
    ) -> None:
        state.mkdir(exist_ok=True)
        config = Config(
            targets={
                "prowler": ProwlerConfig(kind="prowler", base_url="https://api.prowler.com"),
                "staging": ProwlerConfig(kind="prowler", base_url="https://api.staging.example.com"),
                "hub": SecurityHubConfig(kind="security-hub"),
                "xdr": CiscoXdrConfig(kind="cisco-xdr"),
            },
            ui=UiConfig(read_only=read_only),
        )
        environ = {"PROWLER_API_KEY": "pk_example1.secret"} if not read_only else {}
        super().__init__(config, Credentials(environ, MemoryKeyring()), state, make_validator)
        self._jobs = jobs
        self._plan = plan
        self._submission = submission
        """What the ledger has; None until something is sent."""
        self._candidates = candidates

    async def target(self, name: str) -> Target:
        known = self._open._targets
        if name not in known:
            known[name] = FixedTarget(name, "https://api.prowler.com", _NO_KEY, LimitsConfig())
        return known[name]

    async def jobs(self, target_name: str, query: JobQuery) -> Page[TrackedJob]:
        found = [one for one in self._jobs if not query.statuses or one.job.status in query.statuses]
        if query.statuses == LOCAL_STATUSES and self._jobs:
            # Two are in doubt, which a list of all does not show.
            doubtful = [as_job(replace(in_doubt(), id=f"{number}{SUBMISSION[1:]}")) for number in (0, 1)]
            found = doubtful + [one for one in found if one.job.status == WAITING]
        first = (query.page - 1) * query.page_size
        pages = max(1, -(-len(found) // query.page_size))
        return Page(found[first : first + query.page_size], query.page, pages, len(found))

    async def job(self, target_name: str, job_id: str) -> TrackedJob:
        return next(one for one in self._jobs if one.job.id == job_id)

    async def watch(self, target_name: str, job_id: str, timeout: float | None = None) -> AsyncIterator[TrackedJob]:
        yield await self.job(target_name, job_id)

    async def job_errors(self, target_name: str, job_id: str, page: int = 1) -> Page[LocatedError]:
        return Page([error(number) for number in range(10 * page - 10, min(10 * page, 12))], page, 2, 12)

    async def timeline(self, target_name: str, job_id: str) -> Sequence[Event]:
        begun = START - timedelta(minutes=2)
        at = [f"{begun + timedelta(seconds=seconds):%Y-%m-%dT%H:%M:%S+00:00}" for seconds in (0, 4, 6, 20, 23, 400)]
        return [
            Event(Step.PLANNED, at[0], detail=f"1,000 records from {FILE}"),
            Event(Step.ATTEMPT, at[1], at[2], "waiting", SLOW_DOWN, "1f3c"),
            Event(Step.ATTEMPT, at[3], at[4], "accepted", "", "8a0e"),
            Event(Step.ENDED, at[5], outcome=COMPLETED),
        ]

    async def tally(self, target_name: str, query: JobQuery) -> Tally:
        return Tally(Counter(one.job.status for one in self._jobs), {})

    async def tally_of_all(self, query: JobQuery) -> Tally:
        down = TargetUnavailable("https://api.staging.example.com can't be reached: nothing answers there.")
        return Tally((await self.tally("prowler", query)).counts, {"staging": down})

    async def jobs_of_all(self, query: JobQuery) -> AllJobs:
        down = TargetUnavailable("https://api.staging.example.com can't be reached: nothing answers there.")
        return AllJobs(await self.jobs("prowler", query), {"staging": down}, 2)

    async def submission(self, submission: str) -> Submission:
        if self._submission is None:
            raise BadInput("The ledger has nothing of it.")
        return self._submission

    async def reconcile(self, submission: str, pauses: Iterable[float] = LOOKS_FOR_THE_UNKNOWN) -> Submission:
        return await self.submission(submission)

    async def look(self, target_name: str) -> Sequence[Finding]:
        verdict = Settled.SEVERAL if self._candidates else Settled.NOT_FOUND
        return [Finding(SUBMISSION, 1, verdict, [one.job for one in self._candidates])]

    async def prepare(
        self,
        paths: Sequence[Path],
        target_name: str,
        selection: Selection,
        report: Report = silent,
        stdin: Path | None = None,
    ) -> Plan:
        assert self._plan is not None
        return self._plan

    async def send(
        self,
        plan: Plan,
        report: Report = silent,
        unseen_since: datetime | None = None,
        halt: asyncio.Event | None = None,
    ) -> AsyncIterator[tuple[FrozenBatch, Outcome]]:
        self._submission = in_doubt()
        yield (
            plan.batches[0],
            InDoubt(OutcomeUnknown(WHY)),
        )


SLOW_DOWN = "https://api.prowler.com asks us to slow down (HTTP 429)."
WHY = "Everything was sent, and it may have been accepted. https://api.prowler.com broke the connection off."


def sent(state: BatchState, number: int = 1, **known: Any) -> SentBatch:
    """A batch of a submission in that state."""
    batch = SentBatch(
        number=number,
        records=1_000,
        bytes=6_800_332,
        sha256=SHA256,
        source=Path("/scans") / FILE,
        source_sha256=SHA256,
        state=state,
        job_id=None,
        attempts=1,
        detail="",
    )
    return replace(batch, **known)


def submission(*batches: SentBatch) -> Submission:
    """A submission of these batches."""
    created = f"{START:%Y-%m-%dT%H:%M:%S}Z"
    return Submission(SUBMISSION, "prowler", "prowler", created, batches, "https://api.prowler.com")


def in_doubt() -> Submission:
    """A submission of one batch whose outcome is unknown."""
    return submission(sent(BatchState.UNKNOWN, detail=WHY))


KEPT = submission(
    sent(BatchState.ACCEPTED, 1, job_id=job(2).job.id),
    sent(
        BatchState.WAITING,
        2,
        detail=SLOW_DOWN,
        not_before="2026-11-19T10:30:00Z",
    ),
    sent(BatchState.READY, 3, attempts=0),
)
"""A submission of which the second batch has to wait."""


def plan(
    *,
    left_out: int = 0,
    sent_before: bool = False,
    refusable: int = 0,
    invalid: int = 0,
    batches: int = 1,
    accounts: int = 0,
    conversion: Conversion | None = None,
) -> Plan:
    """A plan of one file, in so many batches, with so many accounts of which every other one is new.

    In each batch, so many records are *refusable* or *invalid*.
    """
    reason = "attribute_required_missing: The required attribute metadata.product is missing."
    batch = Batch(1, 1_000 - left_out, Path("/spool/1.payload"), 6_800_332 - left_out * 6_800, SHA256, filename=FILE)
    wrapped = "only the valid records" if left_out else ""
    return Plan(
        submission=SUBMISSION,
        target="prowler",
        kind="prowler",
        origin="https://api.prowler.com",
        batches=[
            FrozenBatch(
                replace(batch, number=at, sha256=f"{at:x}{SHA256[1:]}"),
                Path(FILE),
                SHA256,
                wrapped,
                {"prowler_resources_missing": refusable} if refusable else {},
                invalid={"attribute_required_missing": invalid} if invalid else {},
            )
            for at in range(1, batches + 1)
        ],
        accounts=[
            Account("aws", f"{123456789012 + at}", 1_000 - at, is_new=2 * at < accounts) for at in range(accounts)
        ],
        left_out=[LeftOut(Path(FILE), index * 83, 1 + index * 180, reason) for index in range(left_out)],
        left_out_count=left_out,
        sent_before=["5d9b8790-b9ad-4768-9745-0bdf23d8ecf0"] if sent_before else [],
        conversions=[conversion] if conversion is not None else [],
        converts_to=conversion.form.label if conversion is not None else "",
    )
