"""Which jobs can be what became of an upload: by time and by count, through every page, and never one too few."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from console.errors import BadAnswer, NoSuchPage, TooManyJobs
from console.targets.base import Job, JobQuery, JobSummary, Page, Try
from console.targets.prowler.candidates import Window, find_candidates

NOON = datetime(2026, 11, 29, 12, tzinfo=UTC)
ENDED = Try(NOON, NOON + timedelta(seconds=10), None)
LONGEST = 100.0


def _at(seconds: float) -> str:
    return (NOON + timedelta(seconds=seconds)).isoformat()


def _job(name: str, seconds: float, total: int | None = 12, status: str = "completed") -> Job:
    at = _at(seconds)
    return Job(name, "prowler", status, JobSummary(total), inserted_at=at, requested_at=at)


class Listed:
    """A list of jobs that is asked as the API is."""

    def __init__(self, jobs: Sequence[Job], offset: float | None = 0.0) -> None:
        self.jobs = sorted(jobs, key=lambda job: job.inserted_at or "", reverse=True)
        self.asked = 0
        self.offset = offset

    async def ask(self, query: JobQuery) -> Page[Job]:
        self.asked += 1
        found = [job for job in self.jobs if query.inserted is None or self._day(job) == query.inserted.isoformat()]
        first = (query.page - 1) * query.page_size
        if query.page > 1 and first >= len(found):
            raise NoSuchPage("no such page")
        pages = max(1, -(-len(found) // query.page_size))
        return Page(found[first : first + query.page_size], query.page, pages, len(found))

    @staticmethod
    def _day(job: Job) -> str:
        return (job.inserted_at or "")[:10]

    async def candidates(self, last: Try = ENDED, records: int = 12) -> list[str]:
        found = await find_candidates(self.ask, records, last, LONGEST, lambda: self.offset)
        return sorted(job.id for job in found)


@pytest.mark.parametrize(
    ("seconds", "is_one"), [(-6, False), (-5, True), (0, True), (10, True), (70, True), (71, False), (-3600, False)]
)
async def test_a_job_is_one_only_near_the_time_of_the_try(seconds: float, is_one: bool) -> None:
    assert await Listed([_job("a", seconds)]).candidates() == (["a"] if is_one else [])


@pytest.mark.parametrize(
    ("total", "status", "is_one"),
    [
        (12, "pending", True),
        (None, "pending", True),
        (0, "pending", True),
        (0, "processing", True),
        (0, "completed", False),
        (13, "pending", False),
    ],
)
async def test_a_job_is_one_only_with_as_many_records(total: int | None, status: str, is_one: bool) -> None:
    assert await Listed([_job("a", 1, total, status)]).candidates() == (["a"] if is_one else [])


async def test_among_jobs_of_which_one_has_no_id_nothing_is_certain() -> None:
    with pytest.raises(BadAnswer, match="without an id"):
        await Listed([_job("a", 1), _job("", 2)]).candidates()


async def test_a_try_whose_end_nobody_saw_may_have_taken_as_long_as_it_can() -> None:
    jobs = [_job("a", 159), _job("b", 161)]

    assert await Listed(jobs).candidates(Try(NOON, None, None)) == ["a"]


async def test_a_try_that_was_found_cut_off_days_later_did_not_take_days() -> None:
    later = 3 * 24 * 3600.0

    assert await Listed([_job("theirs", later - 10), _job("mine", 20)]).candidates(
        Try(NOON, NOON + timedelta(seconds=later), None)
    ) == ["mine"]


@pytest.mark.parametrize(("seen", "now"), [(3600.0, None), (None, 3600.0), (3600.0, 0.0)])
async def test_the_clock_of_the_target_counts_as_it_was_seen_then_else_as_it_is_now(
    seen: float | None, now: float | None
) -> None:
    """Its clock is an hour ahead; in the last case ours has been set right since."""
    listed = Listed([_job("theirs", 3601), _job("ours", 1)], offset=now)

    assert await listed.candidates(Try(NOON, NOON, seen)) == ["theirs"]


async def test_midnight_is_no_border() -> None:
    midnight = datetime(2026, 11, 29, 23, 59, 59, tzinfo=UTC)
    jobs = [
        Job(name, "prowler", "pending", inserted_at=at, requested_at=at)
        for name, at in {"before": "2026-11-29T23:59:58Z", "after": "2026-11-30T00:00:20Z"}.items()
    ]

    assert await Listed(jobs).candidates(Try(midnight, midnight, None)) == ["after", "before"]


@pytest.mark.parametrize("written", [None, "", "yesterday", "0001-01-01", "2026-13-01T00:00:00Z"])
async def test_a_job_whose_time_cannot_be_read_may_be_it(written: str | None) -> None:
    job = Job("a", "prowler", "pending", requested_at=written, inserted_at=None)

    if written == "0001-01-01":
        assert not Window.of(ENDED, LONGEST, 0).may_hold(job)
    else:
        assert Window.of(ENDED, LONGEST, 0).may_hold(job)


async def test_every_page_of_the_time_is_looked_through() -> None:
    noise = [_job(f"later-{number}", 300, 7) for number in range(250)]

    assert await Listed([*noise, _job("mine", 1)]).candidates() == ["mine"]


async def test_older_pages_are_not_looked_through() -> None:
    listed = Listed([_job("mine", 1), *[_job(f"old-{number}", -9_000 - number, 7) for number in range(450)]])

    assert await listed.candidates() == ["mine"]
    assert listed.asked == 3, "one page of each day"


async def test_too_many_jobs_to_look_through_are_said_to_be() -> None:
    listed = Listed([_job(str(number), 300, 7) for number in range(5_001)])

    with pytest.raises(TooManyJobs, match="more than 5,000 jobs of 2026-11-29"):
        await listed.candidates()


@given(
    st.lists(st.tuples(st.floats(-400, 400), st.sampled_from([12, 13, None])), max_size=300),
    st.sampled_from([-7200.0, 0.0, 7200.0]),
)
async def test_paging_finds_what_looking_at_all_jobs_would(jobs: list[tuple[float, int | None]], offset: float) -> None:
    listed = Listed([_job(str(n), offset + at, total) for n, (at, total) in enumerate(jobs)], offset)

    expected = sorted(str(n) for n, (at, total) in enumerate(jobs) if -5 <= at <= 70 and total != 13)

    assert set(await listed.candidates()) ^ set(expected) <= {
        str(n) for n, (at, _) in enumerate(jobs) if abs(at + 5) < 0.01 or abs(at - 70) < 0.01
    }
