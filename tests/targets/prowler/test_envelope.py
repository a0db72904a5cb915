"""Prowler's documents, as documented and in every way that they could be odd."""

from __future__ import annotations

import json

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from console.errors import BadAnswer
from console.records.model import JsonValue
from console.targets.base import UNKNOWN, Job, JobSummary
from console.targets.prowler.envelope import read_job, read_jobs
from console.targets.prowler.record_errors import job_error, read_errors
from tests.targets.prowler.conftest import JOB_ID, SOURCE, job_document, response


def job_with(**attributes: JsonValue) -> Job:
    return read_job(response({"data": {"id": JOB_ID, "attributes": attributes}}), SOURCE)


def test_the_documented_answer_is_read() -> None:
    job = read_job(response(job_document(), 202), SOURCE)

    assert (job.id, job.target, job.status) == (JOB_ID, "prowler", "pending")
    assert job.summary == JobSummary(total=4, processed=0, invalid=0)
    assert (job.requested_at, job.started_at) == ("2026-02-17T13:16:28.644666Z", None)
    assert job.raw["type"] == "ingestions"


@pytest.mark.parametrize("summary", [None, "x", [], 3, {}, {"total": None}])
def test_a_summary_that_is_missing_or_odd_is_unknown(summary: JsonValue) -> None:
    assert job_with(status="processing", summary=summary).summary == JobSummary()


@pytest.mark.parametrize(
    ("count", "read"),
    [
        *[(5, 5), ("5", 5), (5.0, 5), (0, 0)],
        *[(-1, None), ("-1", None), ("٣", None), (True, None), (1.5, None), ([], None), ("", None)],
        *[(2**63, None), ("9" * 30, None)],
    ],
)
def test_a_count_is_read_sensibly_or_not_at_all(count: JsonValue, read: int | None) -> None:
    assert job_with(summary={"total": count}).summary.total == read


@pytest.mark.parametrize(
    ("status", "read"),
    [("queued2", "queued2"), ("COMPLETED", "COMPLETED"), (None, "null"), ({"a": [7]}, '{"a": [7]}'), ("", UNKNOWN)],
)
def test_a_status_that_we_do_not_know_is_kept_and_ends_nothing(status: JsonValue, read: str) -> None:
    job = job_with(status=status)

    assert (job.status, job.ended) == (read, False)


@pytest.mark.parametrize(
    "document",
    [
        b"",
        b"   ",
        b"null",
        b"[]",
        b"{",
        b"<html>sign in</html>",
        b'{"data":null}',
        b'{"data":[]}',
        b'{"data":{}}',
        b'{"data":{"id":""}}',
        b'{"data":{"id":7}}',
        b'{"errors":[]}',
        b'{"data":"\xff"}',
        b'{"a":NaN}',
        b"[" * 100_000,
        b'{"data":{"id":"x","deep":' + b"[" * 200 + b"]" * 200 + b"}}",
    ],
)
def test_what_is_no_job_is_a_bad_answer_that_quotes_nothing(document: bytes) -> None:
    with pytest.raises(BadAnswer) as caught:
        read_job(response(document), SOURCE)

    assert "HTTP 200" in caught.value.message
    assert "sign in" not in caught.value.message


def test_another_job_than_was_asked_for_keeps_its_id_and_has_a_remark() -> None:
    other = response({"data": {"id": "../\x1b[31m" + "x" * 200, "attributes": {"status": "completed"}}})
    job = read_job(other, SOURCE, "id-0")

    assert job.id.startswith("../\x1b")
    (remark,) = job.remarks
    assert remark.startswith("Job id-0 was asked for, and the target answered with job ../␛[31mxxx")
    assert len(remark) < 160
    assert read_job(response({"data": {"id": "ab-1"}}), SOURCE, "AB-1").remarks == []


def test_half_a_document_is_not_trusted_even_if_it_reads_well() -> None:
    with pytest.raises(BadAnswer, match="whole"):
        read_job(response(job_document(), whole=False), SOURCE)


@pytest.mark.parametrize(
    ("body", "media_type", "named"),
    [
        (b"<!DOCTYPE html><p>", "text/html", "HTML page"),
        (b"<HTML>", "", "HTML page"),
        (b"x", "text/html", "HTML page"),
        (b"", "text/html", "empty reply"),
        (b"OK", "text/plain", "no JSON:API"),
    ],
)
def test_a_bad_answer_says_what_came_instead(body: bytes, media_type: str, named: str) -> None:
    with pytest.raises(BadAnswer, match=named):
        read_job(response(body, media_type=media_type), SOURCE)


def listing(items: JsonValue, **pagination: JsonValue) -> JsonValue:
    return {"data": items, "meta": {"pagination": pagination, "version": "v1"}}


def test_a_page_says_where_it_is() -> None:
    items: list[JsonValue] = [{"id": "a", "attributes": {"status": "completed"}}]
    page = read_jobs(response(listing(items, page=2, pages=23, count=23)), SOURCE, number=2, size=1)

    assert (page.number, page.pages, page.count) == (2, 23, 23)
    assert [job.id for job in page.items] == ["a"]


@pytest.mark.parametrize("pagination", [{}, {"page": -1, "pages": "x", "count": None}, {"pages": 0, "count": 0}])
def test_a_page_that_does_not_say_where_it_is_is_taken_for_the_last(pagination: dict[str, JsonValue]) -> None:
    page = read_jobs(response(listing([{"id": "a"}], **pagination)), SOURCE, number=3, size=10)

    assert (page.number, page.pages, page.count) == (3, 3, 21)


def test_a_page_is_the_one_that_was_asked_for_so_that_paging_ends() -> None:
    page = read_jobs(response(listing([{"id": "a"}], page=1, pages=3, count=3)), SOURCE, number=2, size=1)

    assert (page.number, page.pages) == (2, 3)


def test_an_empty_list_is_one_empty_page() -> None:
    page = read_jobs(response(listing([], page=1, pages=1, count=0)), SOURCE, number=1, size=10)

    assert (list(page.items), page.number, page.pages, page.count) == ([], 1, 1, 0)


@pytest.mark.parametrize("odd", [None, {}, [], "x", {"id": ""}, {"id": 5}])
def test_what_is_no_job_stands_among_the_jobs_with_a_remark(odd: JsonValue) -> None:
    page = read_jobs(response(listing([odd, {"id": "a"}, odd])), SOURCE, number=1, size=10)

    assert [job.id for job in page.items] == ["", "a", ""]
    assert [bool(job.remarks) for job in page.items] == [True, False, True]


@pytest.mark.parametrize("items", [None, {}, "x", [None], [{"type": "ingestions"}, {}], [[]]])
def test_a_list_without_any_job_is_none(items: JsonValue) -> None:
    with pytest.raises(BadAnswer):
        read_jobs(response(listing(items)), SOURCE, number=1, size=10)


@pytest.mark.parametrize(
    ("entry", "record"),
    [
        ({"attributes": {"index": 5, "message": "no uid"}}, 5),
        ({"attributes": {"index": "5"}}, 5),
        ({"index": 0}, 0),
        ({"detail": "bad", "source": {"pointer": "/data/findings/5/metadata/event_code"}}, 5),
        ({"attributes": {"source": {"pointer": "/data/5"}}}, 5),
        ({"attributes": {"pointer": "/records/5/x"}}, 5),
        ({"detail": "Missing required field 'metadata.event_code' at index 5"}, 5),
        ({"detail": "bad", "source": {"pointer": "/data/attributes/file"}}, None),
        ({"index": -1}, None),
        ({"index": True}, None),
        ({"index": {}}, None),
        ({"detail": "5"}, None),
        ({"detail": "at index 99999999999999999999999"}, None),
        ("something went wrong at index 5", None),
        ({}, None),
    ],
)
def test_an_error_is_tied_to_its_record_wherever_the_index_is(entry: JsonValue, record: int | None) -> None:
    assert job_error(entry).record == record


def test_an_error_record_of_the_public_proposal_is_read() -> None:
    entry: JsonValue = {
        "status": "422",
        "code": "validation_error",
        "title": "Invalid OCSF format",
        "detail": "Missing required field 'metadata.event_code' at index 5",
        "source": {"pointer": "/data/findings/5/metadata/event_code"},
    }
    error = job_error(entry)

    assert (error.code, error.message) == (
        "validation_error",
        "Missing required field 'metadata.event_code' at index 5",
    )
    assert (error.record, error.pointer, error.raw) == (5, "/data/findings/5/metadata/event_code", entry)


@pytest.mark.parametrize(
    ("entry", "uid", "message"),
    [
        ({"attributes": {"uid": "u", "error": "bad"}}, "u", "bad"),
        ({"attributes": {"finding_uid": "u", "reason": "bad"}}, "u", "bad"),
        ({"finding_info": {"uid": "u"}, "title": "bad"}, "u", "bad"),
        ({"attributes": {"field": "x"}}, None, '{"field":"x"}'),
        ("just text", None, "just text"),
        (7, None, "7"),
        (None, None, "null"),
    ],
)
def test_an_error_of_any_keys_says_something(entry: JsonValue, uid: str | None, message: str) -> None:
    error = job_error(entry)

    assert (error.uid, error.message) == (uid, message)


@pytest.mark.parametrize("document", [{"data": [{"index": 1}]}, {"errors": [{"index": 1}]}])
def test_errors_are_read_from_data_or_from_errors(document: JsonValue) -> None:
    page = read_errors(response(document), SOURCE, number=1, size=100)

    assert [error.record for error in page.items] == [1]


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from(["data", "id", "attributes", "summary", "meta", "pagination", "errors", "index", "source"])
            | st.text(),
            inner,
            max_size=4,
        )
    ),
    max_leaves=20,
)


@given(json_values | st.fixed_dictionaries({"data": st.lists(json_values), "meta": json_values}))
def test_any_document_is_read_or_is_a_bad_answer(document: JsonValue) -> None:
    answer = response(msgspec.json.encode(document))
    for read in (read_jobs, read_errors):
        try:
            page = read(answer, SOURCE, number=2, size=10)
        except BadAnswer:
            continue
        assert page.number >= 1
        assert page.pages >= page.number
        assert page.count >= len(page.items)
        json.dumps([item.raw for item in page.items])


@given(st.binary())
def test_any_bytes_are_read_or_are_a_bad_answer(body: bytes) -> None:
    with pytest.raises(BadAnswer):
        read_job(response(body), SOURCE)


def test_a_job_that_stands_twice_on_a_page_is_one_job() -> None:
    items: list[JsonValue] = [{"id": "a"}, {"id": "b"}, {"id": "a"}]
    page = read_jobs(response(listing(items, page=1, pages=1, count=3)), SOURCE, number=1, size=10)

    assert [job.id for job in page.items] == ["a", "b"]
