"""What is in doubt: found at the target, or left to the operator, and never sent again in silence."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import pytest

from console.config import LimitsConfig
from console.errors import BadInput, NoSuchJob, OutcomeUnknown
from console.sandbox.samples import as_array, findings
from console.submissions.desk import Desk
from console.submissions.history import Doubt
from console.submissions.model import BatchState, Selection, Settled, Submission
from console.submissions.settling import decide, key
from console.targets.base import Accepted, InDoubt, Job, JobQuery, JobSummary, Outcome, Try
from tests.submissions.conftest import Bench, make_desk

AT_ONCE = (0.0,)
"""One look, without waiting."""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "scan.ocsf.json"
    path.write_bytes(as_array(list(findings(12))))
    return path


async def _send(desk: Desk, path: Path) -> tuple[str, Outcome]:
    """Submit a whole file; the submission and what it came to."""
    plan = await desk.prepare([path], "prowler", Selection.ALL)
    [(_, outcome)] = [sent async for sent in desk.send(plan)]
    return plan.submission, outcome


def _states(found: Submission) -> list[BatchState]:
    return [batch.state for batch in found.batches]


@pytest.fixture
def impatient(bench: Bench, tmp_path: Path) -> Desk:
    """A desk that waits for an answer no longer than a test should."""
    return make_desk(bench.sandbox, tmp_path / "state", LimitsConfig(request_seconds=0.5))


async def test_a_job_that_was_opened_and_not_answered_for_is_found(bench: Bench, path: Path) -> None:
    bench.sandbox.faults.add("no-reply=reset,on=prowler.submit,times=1")
    submission, outcome = await _send(bench.desk, path)
    assert isinstance(outcome, InDoubt)

    found = await bench.desk.reconcile(submission, AT_ONCE)

    assert _states(found) == [BatchState.ACCEPTED]
    assert found.batches[0].inferred
    tracked = await bench.desk.job("prowler", found.batches[0].job_id or "")
    assert (tracked.submission, tracked.inferred) == (submission, True)
    assert bench.sandbox.prowler.store.count() == 1


async def test_what_is_only_inferred_to_have_been_taken_is_kept(bench: Bench, path: Path) -> None:
    bench.sandbox.faults.add("no-reply=reset,on=prowler.submit,times=1")
    submission, _ = await _send(bench.desk, path)
    found = await bench.desk.reconcile(submission, AT_ONCE)

    looks = [tracked async for tracked in bench.desk.watch("prowler", found.batches[0].job_id or "", 30)]

    assert looks[-1].job.succeeded
    assert len(list(bench.state.glob("spool/*/*.payload"))) == 1


async def test_an_upload_that_never_became_a_job_is_left_to_the_operator(bench: Bench, path: Path) -> None:
    bench.sandbox.faults.add("status=503,on=prowler.submit,times=1")
    submission, outcome = await _send(bench.desk, path)
    assert isinstance(outcome, InDoubt)

    found = await bench.desk.reconcile(submission, AT_ONCE)

    assert _states(found) == [BatchState.UNKNOWN]
    listed = await bench.desk.jobs("prowler", JobQuery())
    assert [(one.job.id, one.job.status) for one in listed.items] == [(submission, "unknown")]


async def test_the_same_content_is_refused_while_it_is_in_doubt(bench: Bench, path: Path) -> None:
    bench.sandbox.faults.add("status=503,on=prowler.submit,times=1")
    submission, _ = await _send(bench.desk, path)

    with pytest.raises(OutcomeUnknown, match=submission):
        await _send(bench.desk, path)

    assert bench.sandbox.prowler.store.count() == 0
    assert len(list(bench.state.glob("spool/*"))) == 1


async def test_the_operator_may_send_it_again(bench: Bench, path: Path) -> None:
    bench.sandbox.faults.add("status=503,on=prowler.submit,times=1")
    submission, _ = await _send(bench.desk, path)

    await bench.desk.allow_resend(submission)
    [(_, outcome)] = [sent async for sent in bench.desk.resume(submission)]

    assert isinstance(outcome, Accepted)
    (job,) = (await bench.desk.jobs("prowler", JobQuery())).items
    assert (job.submission, job.inferred, job.job.summary.total) == (submission, False, 12)


async def test_nothing_is_sent_again_without_a_word(bench: Bench, path: Path) -> None:
    bench.sandbox.faults.add("status=503,on=prowler.submit,times=1")
    submission, _ = await _send(bench.desk, path)

    with pytest.raises(BadInput, match="nothing to go on with"):
        async for _ in bench.desk.resume(submission):
            pass

    assert bench.sandbox.prowler.store.count() == 0


async def test_the_operator_may_let_it_be(bench: Bench, path: Path) -> None:
    bench.sandbox.faults.add("status=503,on=prowler.submit,times=1")
    submission, _ = await _send(bench.desk, path)

    assert _states(await bench.desk.abandon(submission)) == [BatchState.ABANDONED]

    assert (await bench.desk.jobs("prowler", JobQuery())).count == 0
    with pytest.raises(BadInput, match="settled already: abandoned"):
        await bench.desk.abandon(submission)


async def test_the_operator_may_name_the_job(bench: Bench, path: Path, tmp_path: Path) -> None:
    """Two look-alikes: neither is taken unasked, and the operator's choice is believed."""
    twin = tmp_path / "twin.ocsf.json"
    twin.write_bytes(as_array(list(findings(24))[12:]))
    bench.sandbox.faults.add("no-reply=reset,on=prowler.submit,times=1")
    submission, _ = await _send(bench.desk, path)
    other_desk = make_desk(bench.sandbox, tmp_path / "other")
    _, other = await _send(other_desk, twin)
    await other_desk.close()
    assert isinstance(other, Accepted)

    assert _states(await bench.desk.reconcile(submission, AT_ONCE)) == [BatchState.UNKNOWN]
    mine = next(job for job in (await bench.desk.jobs("prowler", JobQuery())).items if job.job.id not in
                (other.job.id, submission))  # fmt: skip
    found = await bench.desk.adopt(submission, mine.job.id)

    assert [(batch.state, batch.job_id, batch.inferred) for batch in found.batches] == [
        (BatchState.ACCEPTED, mine.job.id, True)
    ]


async def test_of_equal_batches_the_operator_says_which(bench: Bench, path: Path) -> None:
    desk = make_desk(bench.sandbox, bench.state, LimitsConfig(batch_records=6))
    bench.sandbox.faults.add("no-reply=reset,on=prowler.submit,times=2")
    plan = await desk.prepare([path], "prowler", Selection.ALL)
    async for _ in desk.send(plan):
        pass
    async for _ in desk.resume(plan.submission):
        pass
    first, second = [job.job.id for job in (await desk.jobs("prowler", JobQuery(sort="inserted_at"))).items[1:]]

    with pytest.raises(BadInput, match="Several batches") as refused:
        await desk.adopt(plan.submission, second)
    assert "--batch" in refused.value.hint
    await desk.adopt(plan.submission, second, 2)
    found = await desk.adopt(plan.submission, first)
    await desk.close()

    assert [(batch.job_id, batch.inferred) for batch in found.batches] == [(first, True), (second, True)]


async def test_a_job_of_another_size_is_not_adopted(bench: Bench, path: Path, tmp_path: Path) -> None:
    other = tmp_path / "other.ocsf.json"
    other.write_bytes(as_array(list(findings(3))))
    _, accepted = await _send(bench.desk, other)
    bench.sandbox.faults.add("status=503,on=prowler.submit,times=1")
    submission, _ = await _send(bench.desk, path)
    assert isinstance(accepted, Accepted)

    with pytest.raises(BadInput, match="holds 3 records, and what is in doubt 12"):
        await bench.desk.adopt(submission, accepted.job.id)
    with pytest.raises(BadInput, match="has no job"):
        await bench.desk.adopt(submission, "3650fef9-8e5f-4808-a95f-74f0afae8499")


JOBS = [Job(name, "prowler", "pending", JobSummary(12)) for name in "abc"]
UNTOLD = [Job(f"untold-{total}", "prowler", "pending", JobSummary(total)) for total in (None, 0)]


def _doubt(name: str, state: BatchState = BatchState.UNKNOWN) -> Doubt:
    return Doubt(name, "prowler", 1, 12, 100, "", state, Try(datetime.now(UTC), None, None))


@pytest.mark.parametrize(
    ("claims", "verdicts"),
    [
        ([JOBS[:1]], [Settled.ADOPTED]),
        ([[]], [Settled.NOT_FOUND]),
        ([JOBS[:2]], [Settled.SEVERAL]),
        ([JOBS[:1], JOBS[1:2]], [Settled.ADOPTED, Settled.ADOPTED]),
        ([JOBS[:1], JOBS[:1]], [Settled.SEVERAL, Settled.SEVERAL]),
        ([JOBS[:1], JOBS[:2]], [Settled.SEVERAL, Settled.SEVERAL]),
        ([JOBS[:1], []], [Settled.ADOPTED, Settled.NOT_FOUND]),
        ([UNTOLD[:1]], [Settled.SEVERAL]),
        ([UNTOLD[1:]], [Settled.SEVERAL]),
        ([[*UNTOLD, *JOBS[:1]]], [Settled.SEVERAL]),
    ],
)
def test_a_job_is_adopted_only_where_nothing_else_can_be_meant(
    claims: Sequence[Sequence[Job]], verdicts: Sequence[Settled]
) -> None:
    doubts = [_doubt(f"s{number}") for number in range(len(claims))]

    found = decide(doubts, {key(doubt): jobs for doubt, jobs in zip(doubts, claims, strict=True)})

    assert [one.verdict for one in found] == verdicts


def test_a_job_that_may_be_that_of_a_living_process_is_left_to_it() -> None:
    mine, theirs = _doubt("mine"), _doubt("theirs", BatchState.SENDING)

    (found,) = decide([mine], {key(doubt): JOBS[:1] for doubt in (mine, theirs)})

    assert (found.submission, found.verdict) == ("mine", Settled.SEVERAL)


async def test_what_is_in_doubt_at_one_tenant_is_not_looked_for_at_another(bench: Bench, path: Path) -> None:
    """Both have one address, and a job of the same size at the same time."""
    config = bench.desk.config
    tenants = dict.fromkeys(("prowler", "other-tenant"), config.targets["prowler"])
    bench.desk.config = config.model_copy(update={"targets": tenants})
    bench.sandbox.faults.add("no-reply=reset,on=prowler.submit,times=1")
    submission, _ = await _send(bench.desk, path)

    assert await bench.desk.look("other-tenant") == []

    assert (await bench.desk.jobs("other-tenant", JobQuery(statuses=("unknown",)))).count == 0
    with pytest.raises(NoSuchJob):
        await bench.desk.job("other-tenant", submission)
    (found,) = await bench.desk.look("prowler")
    assert (found.submission, found.verdict) == (submission, Settled.ADOPTED)
