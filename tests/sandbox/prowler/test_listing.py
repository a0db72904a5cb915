"""The list of jobs: every filter, sort, page and sparse field."""

from __future__ import annotations

from dataclasses import replace
from typing import cast
from urllib.parse import parse_qs, urlsplit
from uuid import UUID

import httpx
import pytest

from console.sandbox.server import Sandbox
from tests.sandbox.conftest import PATH, seeded

Resource = dict[str, object]

COMPLETED = [0, 4, 8, 12, 16, 20]
FAILED = [1, 5, 9, 13, 17, 21]
PENDING = [2, 6, 10, 14, 18, 22]
PROCESSING = [3, 7, 11, 15, 19]


def listed(reader: httpx.Client, query: str) -> list[Resource]:
    answer = reader.get(f"{PATH}?{query}")
    assert answer.status_code == 200, answer.text
    return cast(list[Resource], answer.json()["data"])


def numbers(reader: httpx.Client, query: str) -> list[int]:
    """The numbers of the seeded jobs that a query lists, in its order."""
    return [UUID(str(found["id"])).int - 1 for found in listed(reader, query + "&page[size]=100")]


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("filter[status]=completed", COMPLETED),
        ("filter[status]=failed&filter[status]=pending", PENDING),
        ("filter[status__in]=failed,processing", FAILED + PROCESSING),
        ("filter[status.in]=failed", FAILED),
        ("filter[status__in]=failed,", FAILED),
        ("filter[status__in]=,", []),
        ("filter[status]=failed&filter[status__in]=failed,pending", FAILED),
        ("filter[status]=failed&filter[status__in]=pending", []),
        ("filter[inserted_at]=2026-02-17", list(range(11))),
        ("filter[inserted_at]=02/17/2026", list(range(11))),
        ("filter[inserted_at]=17 February 2026", list(range(11))),
        ("filter[inserted_at]=%202026-02-18%20", list(range(11, 23))),
        ("filter[inserted_at]=2020-01-01", []),
        ("filter[completed_at]=2026-02-18", [n for n in range(11, 23) if n in COMPLETED + FAILED]),
        ("filter[status]=failed&filter[inserted_at]=2026-02-18", [13, 17, 21]),
        ("filter[search]=", list(range(23))),
        ("filter[search]=SCAN-17", [17]),
        ("filter[search]=000000000005", [4]),
        ("filter[search]=failed scan-1", [1, 13, 17]),
        ("filter[search]=failed,scan-1", [1, 13, 17]),
        ("filter[search]=%25", []),
        ("filter[search]='scan-17.ocsf.json'", [17]),
        ('filter[search]="failed scan-1"', []),
        ("filter[search]='',failed", []),
        ('filter[search]="scan-17', []),
        ("filter[search]='' failed", FAILED),
        ("filter[search]=" + "'' a " * 1_000, [*COMPLETED, *FAILED, *PENDING, *PROCESSING]),
        ("filter[search]=x&filter[search]=failed", FAILED),
    ],
)
def test_each_filter_leaves_what_it_names(reader: httpx.Client, query: str, expected: list[int]) -> None:
    assert sorted(numbers(reader, query)) == sorted(expected)


def test_a_day_begins_and_ends_at_midnight_in_utc(sandbox: Sandbox, client: httpx.Client) -> None:
    midnight = seeded(0).inserted_at.replace(hour=0, microsecond=0)
    last = midnight.replace(hour=23, minute=59, second=59, microsecond=999999)

    sandbox.prowler.store.add(replace(seeded(0), inserted_at=midnight))
    sandbox.prowler.store.add(replace(seeded(1), inserted_at=last))

    assert numbers(client, "filter[inserted_at]=2026-02-17") == [1, 0]
    assert numbers(client, "filter[inserted_at]=2026-02-18") == []
    assert numbers(client, "filter[inserted_at]=2026-02-16") == []


@pytest.mark.parametrize("term", ["\u00e9t\u00c9", "STRASSE", "\u00c9T\u00c9 stra\u00dfe"])
def test_a_search_does_not_mind_the_case_of_any_letter(sandbox: Sandbox, client: httpx.Client, term: str) -> None:
    sandbox.prowler.store.add(replace(seeded(0), filename="\u00c9t\u00e9-Stra\u00dfe.json"))
    sandbox.prowler.store.add(seeded(1))

    assert [UUID(str(found["id"])).int for found in listed(client, f"filter[search]={term}")] == [1]


@pytest.mark.parametrize("day", ["0001-01-01", "9999-12-31"])
def test_any_day_can_be_asked_for(reader: httpx.Client, day: str) -> None:
    assert listed(reader, f"filter[inserted_at]={day}&filter[completed_at]={day}") == []


@pytest.mark.parametrize("size", ["0", "-5", "zzz", "", "9" * 5_000])
def test_a_page_size_that_is_none_counts_for_nothing(reader: httpx.Client, size: str) -> None:
    assert len(listed(reader, f"page[size]={size}")) == 10


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("", list(range(22, -1, -1))),
        ("sort=", list(range(22, -1, -1))),
        ("sort=inserted_at", list(range(23))),
        ("sort=-inserted_at", list(range(22, -1, -1))),
        ("sort=requested_at", list(range(23))),
        ("sort=-requested_at", list(range(22, -1, -1))),
        ("sort=--inserted_at", list(range(22, -1, -1))),
        ("sort=inserted_at," + ",".join(["-inserted_at"] * 4_000), list(range(23))),
    ],
)
def test_each_sort_orders_the_whole_list(reader: httpx.Client, query: str, expected: list[int]) -> None:
    assert numbers(reader, query) == expected


def test_jobs_that_lack_the_time_come_last_ascending_and_first_descending(reader: httpx.Client) -> None:
    started = [n for n in range(23) if n not in PENDING]
    ended = sorted(COMPLETED + FAILED)
    open_jobs = sorted(PENDING + PROCESSING)

    assert numbers(reader, "sort=started_at,inserted_at") == started + PENDING
    assert numbers(reader, "sort=-started_at,inserted_at") == PENDING + started[::-1]
    assert numbers(reader, "sort=completed_at,-inserted_at") == ended + open_jobs[::-1]
    assert numbers(reader, "sort=-completed_at,inserted_at") == open_jobs + ended[::-1]


def test_pages_of_ten_by_default_cover_the_list_once(reader: httpx.Client) -> None:
    pages = [listed(reader, f"page[number]={number}") for number in (1, 2, 3)]

    assert [len(page) for page in pages] == [10, 10, 3]
    assert len({str(job["id"]) for page in pages for job in page}) == 23


@pytest.mark.parametrize("size", ["0", "-3", "abc", ""])
def test_a_page_size_that_is_no_positive_number_counts_for_nothing(reader: httpx.Client, size: str) -> None:
    assert len(listed(reader, f"page[size]={size}")) == 10


def test_the_last_page_can_be_asked_for_by_name(reader: httpx.Client) -> None:
    answer = reader.get(PATH + "?page[number]=last").json()

    assert answer["meta"]["pagination"] == {"page": 3, "pages": 3, "count": 23}


def test_a_larger_page_than_a_hundred_is_capped_while_the_links_echo_it(sandbox: Sandbox, client: httpx.Client) -> None:
    for number in range(101):
        sandbox.prowler.store.add(seeded(number))

    answer = client.get(PATH + "?page[size]=500").json()

    assert len(answer["data"]) == 100
    assert answer["meta"]["pagination"] == {"page": 1, "pages": 2, "count": 101}
    assert answer["links"]["next"].endswith("?page%5Bnumber%5D=2&page%5Bsize%5D=500")


def test_links_repeat_the_whole_query_sorted_and_encoded(reader: httpx.Client) -> None:
    answer = reader.get(PATH + "?sort=-inserted_at&page[size]=2&filter[status]=failed").json()

    link = answer["links"]["next"]
    assert urlsplit(link).query == "filter%5Bstatus%5D=failed&page%5Bnumber%5D=2&page%5Bsize%5D=2&sort=-inserted_at"
    assert parse_qs(urlsplit(answer["links"]["last"]).query)["page[number]"] == ["3"]


def test_following_the_links_visits_every_job(reader: httpx.Client) -> None:
    seen: list[str] = []
    link: str | None = PATH + "?page[size]=5"
    while link:
        answer = reader.get(link).json()
        seen += [job["id"] for job in answer["data"]]
        link = answer["links"]["next"]

    assert len(seen) == len(set(seen)) == 23


@pytest.mark.parametrize(
    ("fields", "left"),
    [
        ("status", ["status"]),
        ("completed_at,status", ["status", "completed_at"]),
        ("summary,zzz", ["summary"]),
    ],
)
def test_sparse_fields_leave_only_what_was_asked(reader: httpx.Client, fields: str, left: list[str]) -> None:
    one = reader.get(f"{PATH}/{UUID(int=1)}?fields[ingestions]={fields}").json()["data"]
    first = listed(reader, f"fields[ingestions]={fields}")[0]

    assert list(one["attributes"]) == left
    assert list(cast(Resource, first["attributes"])) == left


@pytest.mark.parametrize("fields", ["", "zzz", "id"])
def test_without_any_field_there_are_no_attributes_at_all(reader: httpx.Client, fields: str) -> None:
    assert set(listed(reader, f"fields[ingestions]={fields}")[0]) == {"type", "id"}


def test_the_fields_of_another_resource_change_nothing(reader: httpx.Client) -> None:
    first = listed(reader, "fields[scans]=status")[0]

    assert len(cast(Resource, first["attributes"])) == 5


def test_a_filter_narrows_the_view_of_a_single_job_too(reader: httpx.Client) -> None:
    path = f"{PATH}/{UUID(int=1)}"

    assert reader.get(path + "?filter[status]=completed").status_code == 200
    assert reader.get(path + "?filter[status]=failed").status_code == 404
    assert reader.get(path + "?filter[foo]=failed").status_code == 400


@pytest.mark.parametrize("spelling", ["00000000000000000000000000000001", "{00000000-0000-0000-0000-000000000001}"])
def test_a_job_is_found_by_any_spelling_of_its_uuid(reader: httpx.Client, spelling: str) -> None:
    assert reader.get(f"{PATH}/{spelling}").json()["data"]["id"] == str(UUID(int=1))
