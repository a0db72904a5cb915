"""Asking for jobs and errors: how the question is put, and what becomes of answers that are none."""

from __future__ import annotations

import socket
from collections.abc import Awaitable, Callable
from datetime import date
from urllib.parse import parse_qsl, urlsplit

import pytest

from console.errors import BadAnswer, NoSuchJob, NoSuchPage, TargetDenied, TargetError, TargetRefused, TargetUnavailable
from console.targets.base import JobQuery
from console.targets.prowler.target import ProwlerTarget
from tests.targets.fault_server import Behaviour, answering, serving
from tests.targets.prowler.conftest import JOB_ID, MakeTarget, error_document, job_document

EMPTY = b'{"data":[],"meta":{"pagination":{"page":1,"pages":1,"count":0}}}'
HTML = b"<html>maintenance</html>"

Ask = Callable[[ProwlerTarget], Awaitable[object]]


def jobs(target: ProwlerTarget) -> Awaitable[object]:
    return target.jobs(JobQuery())


def job(target: ProwlerTarget) -> Awaitable[object]:
    return target.job(JOB_ID)


def errors(target: ProwlerTarget) -> Awaitable[object]:
    return target.job_errors(JOB_ID, 1)


QUESTIONS = pytest.mark.parametrize("ask", [jobs, job, errors])


async def params_of(query: JobQuery, make_target: MakeTarget) -> dict[str, str]:
    with serving(answering("200 OK", EMPTY)) as server:
        await make_target(server.url).jobs(query)
    [request] = server.requests
    path = request.line.split()[1]
    assert urlsplit(path).path == "/api/v1/ingestions"
    return dict(parse_qsl(urlsplit(path).query, strict_parsing=True))


async def test_a_plain_question_is_sorted_and_paged(make_target: MakeTarget) -> None:
    params = await params_of(JobQuery(), make_target)

    assert params == {"sort": "-inserted_at", "page[number]": "1", "page[size]": "10"}


async def test_every_documented_filter_is_asked_for(make_target: MakeTarget) -> None:
    query = JobQuery(
        statuses=("completed", "failed"),
        search="a & b=[c]",
        inserted=date(2026, 2, 17),
        completed=date(2026, 2, 18),
        sort="completed_at",
        page=3,
        page_size=25,
        fields=("status", "summary"),
    )

    assert await params_of(query, make_target) == {
        "filter[status__in]": "completed,failed",
        "filter[search]": "a & b=[c]",
        "filter[inserted_at]": "2026-02-17",
        "filter[completed_at]": "2026-02-18",
        "sort": "completed_at",
        "fields[ingestions]": "status,summary",
        "page[number]": "3",
        "page[size]": "25",
    }


async def test_one_status_is_asked_for_by_its_own_filter(make_target: MakeTarget) -> None:
    params = await params_of(JobQuery(statuses=("failed",)), make_target)

    assert params["filter[status]"] == "failed"
    assert "filter[status__in]" not in params


async def test_no_page_larger_than_the_servers_is_asked_for(make_target: MakeTarget) -> None:
    assert (await params_of(JobQuery(page_size=500), make_target))["page[size]"] == "100"


async def test_links_of_a_server_are_never_followed(make_target: MakeTarget) -> None:
    with serving(answering("200 OK", EMPTY)) as elsewhere:
        body = EMPTY.replace(b"{", b'{"links":{"next":"' + elsewhere.url.encode() + b'/x","first":"http://["},', 1)
        with serving(answering("200 OK", body)) as server:
            target = make_target(server.url)
            await target.jobs(JobQuery())
            await target.jobs(JobQuery(page=2))

    assert elsewhere.requests == []
    assert ["page%5Bnumber%5D=2" in request.line for request in server.requests] == [False, True]


async def test_errors_are_asked_for_page_by_page(make_target: MakeTarget) -> None:
    with serving(answering("200 OK", b'{"data":[{"attributes":{"index":3}}]}')) as server:
        page = await make_target(server.url).job_errors(JOB_ID, 2)

    assert [error.record for error in page.items] == [3]
    assert page.number == 2
    path, _, query = server.requests[0].line.split()[1].partition("?")
    assert path == f"/api/v1/ingestions/{JOB_ID}/errors"
    assert dict(parse_qsl(query)) == {"page[number]": "2", "page[size]": "100"}


@pytest.mark.parametrize("job_id", ["", ".", "..", "../tokens", "a/b", "https://evil.example/"])
async def test_an_id_can_not_lead_to_another_address(job_id: str, make_target: MakeTarget) -> None:
    with serving(answering("200 OK", job_document())) as server:
        target = make_target(server.url)
        with pytest.raises(NoSuchJob):
            await target.job(job_id)
        with pytest.raises(NoSuchJob):
            await target.job_errors(job_id, 1)

    assert server.requests == []


@pytest.mark.parametrize("job_id", ["a?b", "a#b", "a b", "a%2fb", "ü", "a\r\nX: y", "\udcff"])
async def test_an_odd_id_stays_one_part_of_the_path(job_id: str, make_target: MakeTarget) -> None:
    body = error_document("not_found", "No Ingestion matches the given query.", status="404")
    with serving(answering("404 Not Found", body)) as server, pytest.raises(NoSuchJob):
        await make_target(server.url).job(job_id)

    parts = urlsplit(server.requests[0].line.split()[1])
    assert parts.path.count("/") == 4
    assert (parts.query, parts.fragment) == ("", "")
    assert "x" not in server.requests[0].headers


@QUESTIONS
@pytest.mark.parametrize(
    ("behave", "error"),
    [
        (answering("401 No", error_document("authentication_failed", "Invalid API Key.")), TargetDenied),
        (answering("402 Pay", error_document("subscription_required", "Pay.")), TargetDenied),
        (answering("403 No", error_document("permission_denied", "No.")), TargetDenied),
        (answering("429 Slow", error_document("rate_limited", "Slow.")), TargetUnavailable),
        (answering("500 Oops", b""), TargetUnavailable),
        (answering("503 Down", HTML, media_type="text/html"), TargetUnavailable),
        (answering("408 Late", b""), TargetUnavailable),
        (answering("400 Bad", error_document("invalid", "invalid filter[foo]")), TargetRefused),
        (answering("406 Bad", error_document("not_acceptable", "No.")), TargetRefused),
        (answering("307 Away", b"", "Location: https://evil.example/"), TargetRefused),
        (answering("404 Not Found", HTML, media_type="text/html"), BadAnswer),
        (answering("200 OK", HTML, media_type="text/html"), BadAnswer),
        (answering("200 OK"), BadAnswer),
        (answering("204 No Content"), BadAnswer),
        (answering("200 OK", b"[]"), BadAnswer),
        (answering("200 OK", b'{"data":7}'), BadAnswer),
    ],
)
async def test_an_answer_that_is_none_is_the_right_error(
    behave: Behaviour, error: type[TargetError], ask: Ask, make_target: MakeTarget
) -> None:
    with serving(behave) as server, pytest.raises(TargetError) as caught:
        await ask(make_target(server.url))

    assert type(caught.value) is error
    assert "maintenance" not in str(caught.value)


@QUESTIONS
async def test_a_target_that_is_away_is_unavailable(ask: Ask, make_target: MakeTarget) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    with pytest.raises(TargetUnavailable, match="nothing answers"):
        await ask(make_target(f"http://127.0.0.1:{port}"))


@QUESTIONS
async def test_without_a_key_nothing_is_asked(ask: Ask, make_target: MakeTarget) -> None:
    with serving(answering("200 OK", EMPTY)) as server, pytest.raises(TargetDenied, match="no API key"):
        await ask(make_target(server.url, key=None))

    assert server.requests == []


async def test_a_target_that_is_throttling_says_how_long(make_target: MakeTarget) -> None:
    slow = answering("429 Slow", error_document("throttled", "Slow."), "Retry-After: 7")
    with serving(slow) as server, pytest.raises(TargetUnavailable) as caught:
        await make_target(server.url).jobs(JobQuery())

    assert caught.value.retry_after == 7
    assert caught.value.code == "throttled"
    assert "7 s" in caught.value.hint


async def test_a_target_that_is_failing_names_the_transaction(make_target: MakeTarget) -> None:
    failing = answering("502 Bad Gateway", HTML, "Transaction-ID: 9c2f")
    with serving(failing) as server, pytest.raises(TargetUnavailable) as caught:
        await make_target(server.url).jobs(JobQuery())

    assert caught.value.transaction == "9c2f"
    assert "9c2f" in caught.value.hint


async def test_what_no_api_answers_leads_to_what_stands_in_between(make_target: MakeTarget) -> None:
    with serving(answering("418 Teapot", HTML)) as server, pytest.raises(TargetRefused) as caught:
        await make_target(server.url).jobs(JobQuery())

    assert "proxy" in caught.value.hint


async def test_a_job_that_is_not_there_is_told_by_its_id(make_target: MakeTarget) -> None:
    body = error_document("not_found", "No Ingestion matches the given query.", status=404)
    with serving(answering("404 Not Found", body)) as server, pytest.raises(NoSuchJob, match=JOB_ID):
        await make_target(server.url).job(JOB_ID)


async def test_a_page_past_the_end_is_not_a_job_that_is_missing(make_target: MakeTarget) -> None:
    with serving(answering("404 Not Found", error_document("not_found", "Invalid page."))) as server:
        target = make_target(server.url)
        with pytest.raises(NoSuchPage, match="no page 7"):
            await target.jobs(JobQuery(page=7))
        with pytest.raises(NoSuchPage, match="no page 7"):
            await target.job_errors(JOB_ID, 7)


async def test_what_a_server_says_can_not_move_the_cursor(make_target: MakeTarget) -> None:
    hostile = "\\u001b]52;c;aGk=\\u0007\\u202e" + "x" * 5_000
    body = error_document("invalid", "@").replace(b"@", hostile.encode())
    with serving(answering("400 Bad", body)) as server, pytest.raises(TargetRefused) as caught:
        await make_target(server.url).jobs(JobQuery())

    assert caught.value.message.isprintable()
    assert len(caught.value.message) < 500
