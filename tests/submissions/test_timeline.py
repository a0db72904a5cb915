"""What was done to bring a job about, as the ledger tells it."""

from __future__ import annotations

from pathlib import Path

from console.sandbox.samples import as_array, findings
from console.submissions.model import BatchState, Selection
from console.submissions.timeline import Step
from console.targets.base import Accepted, InDoubt
from tests.submissions.conftest import Bench


async def test_every_attempt_is_told_with_what_it_came_to_and_its_request(bench: Bench, tmp_path: Path) -> None:
    path = tmp_path / "scan.ocsf.json"
    path.write_bytes(as_array(list(findings(3))))
    bench.sandbox.faults.add("status=429,on=prowler.submit,nth=1,retry-after=0")
    plan = await bench.desk.prepare([path], "prowler", Selection.ALL)
    (outcome,) = [outcome async for _, outcome in bench.desk.send(plan)]
    assert isinstance(outcome, Accepted)
    async for _ in bench.desk.watch("prowler", outcome.job.id):
        pass

    planned, first, second, ended = await bench.desk.timeline("prowler", outcome.job.id)

    assert (planned.step, planned.detail) == (Step.PLANNED, "3 records from scan.ocsf.json")
    assert (first.step, first.outcome) == (Step.ATTEMPT, BatchState.WAITING)
    assert "429" in first.detail
    assert first.until is not None
    assert (second.step, second.outcome, second.detail) == (Step.ATTEMPT, BatchState.ACCEPTED, "")
    assert first.reference != second.reference
    assert (ended.step, ended.outcome) == (Step.ENDED, "completed")


async def test_a_doubt_that_was_settled_says_by_whom(bench: Bench, tmp_path: Path) -> None:
    path = tmp_path / "scan.ocsf.json"
    path.write_bytes(as_array(list(findings(3))))
    bench.sandbox.faults.add("no-reply=reset,on=prowler.submit,nth=1")
    plan = await bench.desk.prepare([path], "prowler", Selection.ALL)
    (outcome,) = [outcome async for _, outcome in bench.desk.send(plan)]
    assert isinstance(outcome, InDoubt)
    settled = await bench.desk.reconcile(plan.submission, pauses=(0.0, 0.1, 0.5, 2.0))
    (batch,) = settled.batches
    assert batch.job_id is not None

    steps = [(one.step, one.outcome) for one in await bench.desk.timeline("prowler", batch.job_id)]

    assert steps[:3] == [
        (Step.PLANNED, ""),
        (Step.ATTEMPT, BatchState.UNKNOWN),
        (Step.SETTLED, "adopted by the target"),
    ]
    assert await bench.desk.timeline("prowler", "3650fef9-8e5f-4808-a95f-74f0afae8499") == []
