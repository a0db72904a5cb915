"""Jobs that only the ledger keeps: listed, filtered, sorted and paged as a target's own."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from datetime import date
from pathlib import Path

import pytest

from console.errors import NoSuchJob
from console.submissions.kept_jobs import KeptJobs
from console.submissions.ledger import Ledger
from console.submissions.model import BatchState, FrozenBatch, KeptJob, Plan
from console.targets.base import JOB_SORT_FIELDS, Batch, Job, JobError, JobQuery, JobSummary

ORIGIN = "https://securityhub.eu-west-1.amazonaws.com"


def _job(number: int) -> Job:
    at = f"2026-11-{number % 3 + 1:02}T10:{number:02}:00+00:00"
    status = "failed" if number % 4 == 0 else "completed"
    started_at = None if number == 7 else at
    summary = JobSummary(10, 10 - number, number)
    return Job(f"job-{number}", "hub", status, summary, at, at, started_at, at, raw={"n": number, "t": "\ud800"})


def fill(ledger: Ledger) -> None:
    """Put ten jobs at one address into a ledger, and one at another."""
    for number in range(11):
        origin = ORIGIN if number < 10 else "https://elsewhere.example.com"
        batch = Batch(1, 10, Path("x"), 30, f"{number}", "a")
        frozen = FrozenBatch(batch, Path(f"/files/scan-{number}.json"), "b", wrapped="")
        ledger.record(Plan(f"s{number}", "hub", "security-hub", origin, [frozen], [], 0, []), lambda _: False)
        ledger.begin_attempt(f"a{number}", f"s{number}", 1, "key")
        errors = [JobError(f"wrong {at}", "InvalidInput", at, f"uid-{at}", None, {"Id": at}) for at in range(number)]
        kept = KeptJob(_job(number), errors if number != 9 else errors * 30)
        ledger.end_attempt(f"a{number}", f"s{number}", 1, BatchState.ACCEPTED, job_id=f"job-{number}", kept=kept)


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    with closing(Ledger(tmp_path / "ledger.sqlite3")) as one:
        fill(one)
        yield one


@pytest.fixture
def kept(ledger: Ledger) -> KeptJobs:
    return KeptJobs(ledger.database, "hub", ORIGIN)


def test_a_job_is_read_back_as_it_was(kept: KeptJobs) -> None:
    assert kept.job("job-3") == _job(3)


def test_jobs_of_another_address_are_not_known(kept: KeptJobs) -> None:
    with pytest.raises(NoSuchJob, match="job-10"):
        kept.job("job-10")
    with pytest.raises(NoSuchJob):
        kept.errors("job-10", 1)


@pytest.mark.parametrize("field", JOB_SORT_FIELDS)
@pytest.mark.parametrize("sign", ["", "-"])
def test_pages_are_cut_from_the_list_in_order_with_what_has_no_time_last(kept: KeptJobs, field: str, sign: str) -> None:
    pages = [kept.jobs(JobQuery(sort=sign + field, page=number, page_size=4)) for number in (1, 2, 3)]

    times = [getattr(job, field) for page in pages for job in page.items]
    known = [time for time in times if time is not None]
    assert known == sorted(known, reverse=bool(sign))
    assert None not in times[: len(known)]
    assert [(page.pages, page.count) for page in pages] == [(3, 10)] * 3
    assert len({job.id for page in pages for job in page.items}) == 10


@pytest.mark.parametrize(
    ("query", "numbers"),
    [
        (JobQuery(statuses=("failed",)), {0, 4, 8}),
        (JobQuery(statuses=("failed", "completed"), page_size=100), set(range(10))),
        (JobQuery(statuses=("processing",)), set()),
        (JobQuery(search="SCAN-3"), {3}),
        (JobQuery(search="job-4"), {4}),
        (JobQuery(search="%"), set()),
        (JobQuery(inserted=date(2026, 11, 1)), {0, 3, 6, 9}),
        (JobQuery(completed=date(2026, 11, 2), statuses=("failed",)), {4}),
    ],
)
def test_filters_are_those_of_every_target(kept: KeptJobs, query: JobQuery, numbers: set[int]) -> None:
    page = kept.jobs(query)

    assert {job.raw["n"] for job in page.items} == numbers
    assert page.count == len(numbers)


def test_errors_are_paged(kept: KeptJobs) -> None:
    pages = [kept.errors("job-9", number) for number in (1, 2, 3)]

    assert [len(page.items) for page in pages] == [100, 100, 70]
    assert {(page.pages, page.count) for page in pages} == {(3, 270)}
    assert pages[0].items[1] == JobError("wrong 1", "InvalidInput", 1, "uid-1", None, {"Id": 1})


def test_a_job_is_forgotten_with_its_submission(ledger: Ledger, kept: KeptJobs) -> None:
    ledger.retire("s9")

    assert kept.jobs(JobQuery()).count == 9
    assert ledger.database.query("SELECT count(*) FROM job_error WHERE job = 'job-9'") == [(0,)]
