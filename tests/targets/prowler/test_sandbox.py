"""The whole way against the sandbox, which speaks the API as it is documented."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Iterator, Sequence
from datetime import UTC, datetime

import pytest

from console.errors import ExitCode, TargetDenied
from console.limits import DEFAULT_LIMITS
from console.ocsf.issues import Issue
from console.records.model import Record, Span
from console.sandbox.prowler.intake import ProwlerSettings
from console.sandbox.server import Sandbox, running
from console.sandbox.settings import Settings
from console.targets.base import (
    COMPLETED,
    FAILED,
    Accepted,
    Denied,
    Job,
    JobQuery,
    JobSummary,
    ProbeStep,
    Refused,
    StepState,
    Target,
)
from console.targets.prowler.rules import check_record
from tests.targets.prowler.conftest import ATTEMPT, MakeBatch, MakeTarget, finding, nothing

PATIENCE = 20.0


def rules_of_the_intake(record: Record) -> Sequence[Issue]:
    return check_record(record, DEFAULT_LIMITS)


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    with running(Settings(prowler=ProwlerSettings(check=rules_of_the_intake))) as found:
        yield found


@pytest.fixture
def target(sandbox: Sandbox, make_target: MakeTarget) -> Target:
    access = sandbox.access.prowler
    return make_target(access.base_url, key=access.api_key.reveal())


def findings(target: Target, *events: object) -> bytes:
    """The payload that the target makes of these records."""
    raws = [json.dumps(event).encode() for event in events]
    return b"".join(target.payload([Record(Span(i, 0, len(raw), 1), raw) for i, raw in enumerate(raws)]))


async def ended(target: Target, job: Job) -> Job:
    """The job once it has ended."""
    async with asyncio.timeout(PATIENCE):
        while not (job := await target.job(job.id)).ended:
            await asyncio.sleep(0.02)
    return job


async def submitted(target: Target, make_batch: MakeBatch, *events: object) -> Job:
    outcome = await target.send(make_batch(findings(target, *events)), ATTEMPT, nothing)
    assert isinstance(outcome, Accepted)
    return outcome.job


async def test_a_submission_is_accepted_processed_and_found_again(target: Target, make_batch: MakeBatch) -> None:
    job = await ended(target, await submitted(target, make_batch, finding(0), finding(1)))

    assert job.summary == JobSummary(total=2, processed=2, invalid=0)
    assert job.succeeded
    today = datetime.now(UTC).date()
    page = await target.jobs(JobQuery(statuses=(COMPLETED, FAILED), inserted=today, page_size=100))
    assert job.id in {found.id for found in page.items}


async def test_the_records_that_were_refused_are_named_by_their_place(target: Target, make_batch: MakeBatch) -> None:
    bad = finding(1) | {"class_uid": 2003}
    job = await ended(target, await submitted(target, make_batch, finding(0), bad, finding(2)))
    page = await target.job_errors(job.id, 1)

    assert (job.summary.processed, job.summary.invalid) == (2, 1)
    assert not job.succeeded
    [error] = page.items
    assert error.record == 1
    assert error.code == "prowler_class_not_accepted"
    assert (page.number, page.pages, page.count) == (1, 1, 1)


async def test_a_file_that_is_no_array_is_refused(target: Target, make_batch: MakeBatch) -> None:
    outcome = await target.send(make_batch(b"<html>"), ATTEMPT, nothing)

    assert isinstance(outcome, Refused)
    assert outcome.error.status == 400


async def test_a_file_name_of_any_kind_is_taken(target: Target, make_batch: MakeBatch) -> None:
    name = target.filename('ü"\r\nX-Evil: 1\\.json')
    outcome = await target.send(make_batch(findings(target, finding()), name), ATTEMPT, nothing)

    assert isinstance(outcome, Accepted)


async def test_a_list_is_paged_and_sorted(target: Target, make_batch: MakeBatch) -> None:
    for number in range(3):
        await submitted(target, make_batch, finding(number))
    newest = await target.jobs(JobQuery(page_size=2))
    first, second = await target.jobs(JobQuery(page_size=1)), await target.jobs(JobQuery(page=2, page_size=1))
    oldest = await target.jobs(JobQuery(sort="inserted_at", page_size=100))

    assert [job.id for job in newest.items] == [first.items[0].id, second.items[0].id]
    assert newest.count == oldest.count >= 3
    assert oldest.items[-1].id == newest.items[0].id
    assert (first.number, second.number, first.pages) == (1, 2, first.count)


async def test_only_the_fields_that_were_asked_for_come(target: Target, make_batch: MakeBatch) -> None:
    await submitted(target, make_batch, finding())
    page = await target.jobs(JobQuery(fields=("requested_at",), page_size=1))

    [job] = page.items
    assert job.requested_at
    assert job.summary == JobSummary()


async def test_a_key_without_the_permission_is_denied_by_name(
    sandbox: Sandbox, make_target: MakeTarget, make_batch: MakeBatch
) -> None:
    access = sandbox.access.prowler
    target = make_target(access.base_url, key=access.api_key_without_permission.reveal())
    outcome = await target.send(make_batch(findings(target, finding())), ATTEMPT, nothing)

    assert isinstance(outcome, Denied)
    assert "Manage Ingestions" in outcome.error.message
    with pytest.raises(TargetDenied, match="Manage Ingestions"):
        await target.jobs(JobQuery())


async def states(steps: AsyncIterator[ProbeStep]) -> list[tuple[str, StepState]]:
    return [(step.name, step.state) async for step in steps]


async def test_a_probe_of_a_good_way_is_ok_throughout_and_opens_no_job(target: Target) -> None:
    before = (await target.jobs(JobQuery())).count

    assert await states(target.probe()) == [
        ("address", StepState.OK),
        ("tls", StepState.SKIPPED),
        ("credentials", StepState.OK),
        ("permission", StepState.OK),
    ]
    assert (await target.jobs(JobQuery())).count == before


@pytest.mark.parametrize("which", ["without permission", "wrong", "none"])
async def test_a_probe_stops_at_the_key_or_at_the_permission(
    which: str, sandbox: Sandbox, make_target: MakeTarget
) -> None:
    access = sandbox.access.prowler
    keys = {"without permission": access.api_key_without_permission.reveal(), "wrong": "pk_wrong123.x", "none": None}
    steps = [step async for step in make_target(access.base_url, key=keys[which]).probe()]

    failed = [step for step in steps if step.state is StepState.FAILED]
    assert [step.name for step in failed] == ["permission" if which == "without permission" else "credentials"]
    assert failed[0].detail
    assert failed[0].advice
    assert failed[0].error is not None
    assert failed[0].error.exit_code is ExitCode.DENIED
    assert [step for step in steps if step.error is not None] == failed
