"""Lists put together: whatever their lengths, the pages are those of the one long list that they stand for."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from console.cli.setup import make_validator
from console.config import Config, ProwlerConfig
from console.credentials import Credentials
from console.errors import NoSuchPage, TargetDenied, TargetUnavailable
from console.sandbox.prowler.intake import ProwlerSettings
from console.sandbox.samples import as_array, findings
from console.sandbox.server import Sandbox, running
from console.sandbox.settings import Settings
from console.submissions.desk import Desk
from console.submissions.listing import Ask, Merge, in_order_of, newest_first, stitched, wait_of
from console.submissions.model import Selection, TrackedJob
from console.targets.base import Accepted, Job, JobQuery, Page
from tests.submissions.conftest import Bench
from tests.targets.fault_server import Connection, serving

SIZES = st.integers(min_value=1, max_value=7)


class Pages:
    """A long list that is asked for page by page, and keeps account of what it was asked."""

    def __init__(self, items: Sequence[int]) -> None:
        self.items = items
        self.read = 0

    async def ask(self, query: JobQuery) -> Page[int]:
        """One page, as a target answers."""
        start = (query.page - 1) * query.page_size
        items = self.items[start : start + query.page_size]
        self.read += len(items)
        return Page(items, query.page, -(-len(self.items) // query.page_size), len(self.items))


def all_pages(ask: Ask[int], size: int) -> list[int]:
    """Everything that pages of that size hold, turned one by one. Each is full, but the last."""

    async def turn() -> list[int]:
        found: list[int] = []
        page = await ask(JobQuery(page_size=size))
        pages, count = page.pages, page.count
        for number in range(1, pages + 1):
            page = await ask(JobQuery(page=number, page_size=size))
            assert (page.number, page.pages, page.count) == (number, pages, count)
            assert number == pages or len(page.items) == size
            found += page.items
        assert len(found) == count
        return found

    return asyncio.run(turn())


@given(st.lists(st.integers()), st.lists(st.integers()), SIZES)
def test_a_stitched_list_is_the_first_and_then_the_second(first: list[int], second: list[int], size: int) -> None:
    async def ask(query: JobQuery) -> Page[int]:
        return await stitched(first, Pages(second).ask, query)

    assert all_pages(ask, size) == first + second


async def test_a_page_that_is_not_there_is_called_by_the_number_that_was_asked_for() -> None:
    async def ask(query: JobQuery) -> Page[int]:
        raise NoSuchPage(f"no page {query.page}")

    with pytest.raises(NoSuchPage, match="has no page 99"):
        await stitched([1], ask, JobQuery(page=99, page_size=2))


@given(st.lists(st.lists(st.integers()).map(sorted), max_size=5), SIZES)
def test_a_merged_list_is_all_of_them_in_order(lists: list[list[int]], size: int) -> None:
    async def ask(query: JobQuery) -> Page[int]:
        return await Merge([Pages(items).ask for items in lists], key=float).page(query)

    assert all_pages(ask, size) == sorted(item for items in lists for item in items)


@given(st.lists(st.lists(st.integers()), max_size=5), SIZES)
def test_a_list_that_is_not_in_order_loses_nothing(lists: list[list[int]], size: int) -> None:
    async def ask(query: JobQuery) -> Page[int]:
        return await Merge([Pages(items).ask for items in lists], key=float).page(query)

    assert sorted(all_pages(ask, size)) == sorted(item for items in lists for item in items)


@given(st.lists(st.lists(st.integers()).map(sorted), min_size=1, max_size=5), SIZES, SIZES)
def test_a_merged_page_reads_no_more_than_it_may_need(lists: list[list[int]], size: int, number: int) -> None:
    pages = [Pages(items) for items in lists]

    asyncio.run(Merge([one.ask for one in pages], key=float).page(JobQuery(page=number, page_size=size)))

    assert all(one.read <= number * size for one in pages)


@given(st.lists(st.integers()).map(sorted), SIZES)
def test_what_was_read_for_one_page_is_not_read_again_for_the_next(items: list[int], size: int) -> None:
    pages = Pages(items)
    merge = Merge([pages.ask], key=float)

    assert all_pages(merge.page, size) == items
    assert pages.read == len(items)


def test_a_list_that_promises_more_than_it_has_comes_to_an_end() -> None:
    async def ask(query: JobQuery) -> Page[int]:
        return Page([7] if query.page == 1 else [], query.page, 10**9, 10**9)

    assert asyncio.run(Merge([ask], key=float).page(JobQuery(page_size=5))).items == [7]


TIMES = ["2026-11-19T10:15:00Z", "2026-11-19T12:15:00+02:00", "2026-11-19T10:15:00.5Z", None, "soon", "2026-11-19"]


@pytest.mark.parametrize(
    ("sort", "order"), [("started_at", [0, 1, 2, 3, 4, 5]), ("-started_at", [3, 4, 5, 2, 0, 1])], ids=["up", "down"]
)
def test_jobs_are_merged_by_the_instant_and_what_has_none_is_the_latest(sort: str, order: list[int]) -> None:
    jobs = [TrackedJob(Job(str(at), "x", "y", started_at=time), None, (), None) for at, time in enumerate(TIMES)]

    assert [int(one.job.id) for one in sorted(jobs, key=in_order_of(sort))] == order


def test_what_two_targets_at_one_address_share_is_listed_once() -> None:
    jobs = [
        TrackedJob(Job(job_id, "x", "unknown", requested_at=time), job_id, (), None)
        for job_id, time in (("a", TIMES[0]), ("b", TIMES[2]), ("a", TIMES[0]))
    ]

    assert [one.job.id for one in newest_first(jobs)] == ["b", "a"]


@asynccontextmanager
async def two_targets(bench: Bench, other_url: str) -> AsyncIterator[Desk]:
    """A desk on the bench's sandbox, as `prowler`, and on something at another address, as `other`."""
    access = bench.sandbox.access.prowler
    config = Config(
        targets={
            "prowler": ProwlerConfig(kind="prowler", base_url=access.base_url),
            "other": ProwlerConfig(kind="prowler", base_url=other_url),
        }
    )
    credentials = Credentials(environ={"PROWLER_CLOUD_API_KEY": access.api_key.reveal()})
    desk = Desk(config, credentials, bench.state, make_validator)
    yield desk
    await desk.close()


async def send(desk: Desk, target: str, path: Path, count: int) -> str:
    """Submit so many records; the job, or the submission where the outcome is in doubt."""
    path.write_bytes(as_array(list(findings(count))))
    plan = await desk.prepare([path], target, Selection.ALL)
    [(_, outcome)] = [sent async for sent in desk.send(plan)]
    return outcome.job.id if isinstance(outcome, Accepted) else plan.submission


@pytest.fixture
def other(bench: Bench) -> Iterator[Sandbox]:
    """A second sandbox, which takes the same key."""
    with running(Settings(prowler=ProwlerSettings(api_key=bench.sandbox.access.prowler.api_key))) as sandbox:
        yield sandbox


async def test_the_jobs_of_all_targets_are_one_list(bench: Bench, other: Sandbox, tmp_path: Path) -> None:
    async with two_targets(bench, other.url) as desk:
        path = tmp_path / "scan.ocsf.json"
        jobs = [await send(desk, target, path, at + 1) for at, target in enumerate(["prowler", "other"] * 3)]
        bench.sandbox.faults.add("status=503,on=prowler.submit,times=1")
        doubtful = await send(desk, "prowler", path, 9)

        pages = [await desk.jobs_of_all(JobQuery(page=number, page_size=3)) for number in (1, 2, 3)]
        oldest_first = await desk.jobs_of_all(JobQuery(sort="requested_at", page_size=100))

    assert [one.job.id for found in pages for one in found.page.items] == [doubtful, *reversed(jobs)]
    assert [one.job.target for one in pages[0].page.items] == ["prowler", "other", "prowler"]
    assert {(found.page.pages, found.page.count, len(found.failures)) for found in pages} == {(3, 7, 0)}
    assert [one.job.id for one in oldest_first.page.items] == [doubtful, *jobs]


async def test_a_target_that_is_down_is_named_and_what_is_in_doubt_there_is_listed(
    bench: Bench, tmp_path: Path
) -> None:
    path = tmp_path / "scan.ocsf.json"
    with serving(_swallow) as server:
        async with two_targets(bench, server.url) as desk:
            job = await send(desk, "prowler", path, 3)
            doubtful = await send(desk, "other", path, 4)
            found = await desk.jobs_of_all(JobQuery())

    assert [one.job.id for one in found.page.items] == [doubtful, job]
    assert list(found.failures) == ["other"]
    assert isinstance(found.failures["other"], TargetUnavailable)
    assert not found.none_answered


async def test_where_no_target_answers_each_says_why(bench: Bench) -> None:
    bench.sandbox.prowler.keys.revoke(bench.sandbox.access.prowler.api_key)
    async with two_targets(bench, "http://127.0.0.1:9") as desk:
        found = await desk.jobs_of_all(JobQuery())

    assert found.none_answered
    assert isinstance(found.failures["prowler"], TargetDenied)
    assert isinstance(found.failures["other"], TargetUnavailable)


async def test_a_target_that_hangs_does_not_hold_up_the_others(
    bench: Bench, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("console.submissions.job_board.ANSWER_SECONDS", 0.5)
    with serving(Connection.hang) as server:
        async with two_targets(bench, server.url) as desk:
            job = await send(desk, "prowler", tmp_path / "scan.ocsf.json", 3)
            found = await desk.jobs_of_all(JobQuery())

    assert [one.job.id for one in found.page.items] == [job]
    assert "has not answered within 0.5 seconds" in found.failures["other"].message


async def test_a_target_that_asks_to_be_left_alone_is_and_the_others_are_asked(
    bench: Bench, other: Sandbox, tmp_path: Path
) -> None:
    bench.sandbox.faults.add("status=429,on=prowler.list,retry-after=3600")
    async with two_targets(bench, other.url) as desk:
        await desk.jobs_of_all(JobQuery())
        asked = bench.sandbox.journal.count("prowler.list")
        job = await send(desk, "other", tmp_path / "scan.ocsf.json", 3)
        found = await desk.jobs_of_all(JobQuery())
        unseen = await desk.jobs_of_all(JobQuery(statuses=("unknown", "waiting")))
        assert bench.sandbox.journal.count("prowler.list") == asked

        # Who asks for it alone has a reason.
        bench.sandbox.faults.clear()
        await desk.jobs("prowler", JobQuery())
        again = await desk.jobs_of_all(JobQuery())

    assert [one.job.id for one in found.page.items] == [job]
    assert 3_590 < wait_of(found.failures["prowler"]) < 3_600
    assert (unseen.failures, again.failures) == ({}, {})


async def test_a_target_that_is_opened_anew_is_asked_again(bench: Bench, other: Sandbox) -> None:
    bench.sandbox.faults.add("status=429,on=prowler.list,retry-after=3600,times=1")
    async with two_targets(bench, other.url) as desk:
        assert list((await desk.jobs_of_all(JobQuery())).failures) == ["prowler"]
        assert list((await desk.jobs_of_all(JobQuery())).failures) == ["prowler"]
        await desk.forget_target("prowler")
        assert not (await desk.jobs_of_all(JobQuery())).failures


async def test_nobody_is_asked_for_what_only_this_console_knows(bench: Bench) -> None:
    async with two_targets(bench, "http://127.0.0.1:9") as desk:
        found = await desk.jobs_of_all(JobQuery(statuses=("unknown", "waiting")))

    assert (found.page.count, found.failures) == (0, {})


def _swallow(connection: Connection) -> None:
    connection.read_all()
    connection.reset()
