"""How many jobs there are of each status, told by the ledger and by targets."""

from __future__ import annotations

from contextlib import closing
from datetime import date
from pathlib import Path

import pytest

from console.config import ProwlerConfig
from console.errors import TargetUnavailable
from console.submissions.kept_jobs import KeptJobs
from console.submissions.ledger import Ledger
from console.targets.base import JobQuery
from tests.screens.job_stories import START, seed_jobs
from tests.submissions.conftest import Bench
from tests.submissions.test_kept_jobs import ORIGIN, fill


async def test_a_target_counts_each_status_whatever_is_shown_of_them(bench: Bench) -> None:
    seed_jobs(bench.sandbox.prowler.store, 45)
    shown = JobQuery(statuses=("failed",), page=3, page_size=10)

    assert (await bench.desk.tally("prowler", shown)).counts == {
        "completed": 12, "failed": 11, "pending": 11, "processing": 11,
    }  # fmt: skip
    found = await bench.desk.tally("prowler", JobQuery(search="scan-7.ocsf"))
    assert {status: count for status, count in found.counts.items() if count} == {"processing": 1}
    assert sum((await bench.desk.tally("prowler", JobQuery(inserted=START.date()))).counts.values()) == 45
    assert sum((await bench.desk.tally("prowler", JobQuery(inserted=date(2020, 1, 1)))).counts.values()) == 0


async def test_a_target_that_does_not_answer_is_not_counted_and_said_so(bench: Bench) -> None:
    seed_jobs(bench.sandbox.prowler.store, 8)
    bench.desk.config.targets["down"] = ProwlerConfig(kind="prowler", base_url="http://127.0.0.1:9")

    tally = await bench.desk.tally_of_all(JobQuery())

    assert sum(tally.counts.values()) == 8
    assert list(tally.failures) == ["down"]


async def test_a_target_that_asks_to_be_left_alone_is_not_counted_before_its_time(bench: Bench) -> None:
    sandbox = bench.sandbox
    sandbox.faults.add("status=429,on=prowler.list,retry-after=3600")
    with pytest.raises(TargetUnavailable):
        await bench.desk.jobs("prowler", JobQuery())
    asked = sandbox.journal.count("prowler.list")

    tally = await bench.desk.tally_of_all(JobQuery())

    assert (tally.counts, list(tally.failures)) == ({}, ["prowler"])
    assert sandbox.journal.count("prowler.list") == asked


def test_the_jobs_that_the_ledger_keeps_are_counted_there(tmp_path: Path) -> None:
    with closing(Ledger(tmp_path / "ledger.sqlite3")) as ledger:
        fill(ledger)
        kept = KeptJobs(ledger.database, "hub", ORIGIN)

        assert kept.counts(JobQuery(statuses=("failed",), page=9)) == {"completed": 7, "failed": 3}
        first = JobQuery(inserted=date(2026, 11, 1))
        assert sum(kept.counts(first).values()) == kept.jobs(first).count == 4
