"""Submissions to servers of every mood: what goes over the wire, and what each answer proves."""

from __future__ import annotations

import asyncio
import socket

import pytest

from console.errors import ExitCode, TargetUnavailable
from console.targets.base import Accepted, Denied, InDoubt, NotSent, Outcome, Refused, Throttled
from tests.targets.fault_server import Behaviour, Connection, answer, answering, serving
from tests.targets.prowler.conftest import (
    ATTEMPT,
    JOB_ID,
    KEY,
    NO_KEY,
    MakeBatch,
    MakeTarget,
    error_document,
    job_document,
    nothing,
)

HTML = b"<!doctype html><html><title>Bad Gateway</title></html>"
PATIENT = 5.0


def html(status: str) -> Behaviour:
    return answering(status, HTML, media_type="text/html")


async def outcome_against(
    behave: Behaviour,
    make_batch: MakeBatch,
    make_target: MakeTarget,
    payload: bytes = b"[{}]",
    timeout: float = PATIENT,
) -> Outcome:
    with serving(behave) as server:
        return await make_target(server.url, timeout=timeout).send(make_batch(payload), ATTEMPT, nothing)


async def test_a_submission_is_what_the_api_documents(make_batch: MakeBatch, make_target: MakeTarget) -> None:
    payload = b'[{"class_uid":2004}]' * 100_000
    with serving(answering("202 Accepted", job_document())) as server:
        outcome = await make_target(server.url).send(make_batch(payload, 'x".ocsf.json'), ATTEMPT, nothing)

    assert isinstance(outcome, Accepted)
    assert (outcome.job.id, outcome.job.status) == (JOB_ID, "pending")
    [request] = server.requests
    assert request.line == "POST /api/v1/ingestions HTTP/1.1"
    assert request.header("accept") == "application/vnd.api+json"
    assert request.header("authorization") == f"Api-Key {KEY}"
    assert request.header("transaction-id") == ATTEMPT
    assert int(request.header("content-length")) == len(request.body)
    assert "transfer-encoding" not in request.headers
    kind, _, boundary = request.header("content-type").partition("; boundary=")
    assert kind == "multipart/form-data"
    head, _, rest = request.body.partition(b"\r\n\r\n")
    assert head.decode().split("\r\n") == [
        f"--{boundary}",
        'Content-Disposition: form-data; name="file"; filename="x%22.ocsf.json"',
        "Content-Type: application/json",
    ]
    assert rest == payload + f"\r\n--{boundary}--\r\n".encode()


@pytest.mark.parametrize("status", ["200 OK", "201 Created", "202 Accepted"])
async def test_any_success_with_a_job_is_accepted(status: str, make_batch: MakeBatch, make_target: MakeTarget) -> None:
    # The content type is not what decides: some proxies change it.
    behave = answering(status, job_document(), media_type="text/plain")

    assert isinstance(await outcome_against(behave, make_batch, make_target), Accepted)


def cut_short(connection: Connection) -> None:
    connection.read_all()
    connection.send(answer("202 Accepted", job_document())[:-20])


def cut_without_length(connection: Connection) -> None:
    connection.read_all()
    connection.send(b"HTTP/1.1 202 Accepted\r\nConnection: close\r\n\r\n" + job_document()[:-20])


def reset_after_body(connection: Connection) -> None:
    connection.read_all()
    connection.reset()


def no_http(connection: Connection) -> None:
    connection.read_all()
    connection.send(b"220 mail.example ESMTP\r\n")


IN_DOUBT = {
    "202 empty": answering("202 Accepted"),
    "204": answering("204 No Content"),
    "202 HTML": html("202 Accepted"),
    "200 sign-in page": html("200 OK"),
    "202 bad JSON": answering("202 Accepted", b'{"data":{"id":'),
    "202 without id": answering("202 Accepted", b'{"data":{"type":"ingestions","attributes":{}}}'),
    "202 id is a number": answering("202 Accepted", b'{"data":{"id":7}}'),
    "202 id is no UUID": answering("202 Accepted", b'{"data":{"id":"../../tokens"}}'),
    "202 list": answering("202 Accepted", b'{"data":[]}'),
    "202 errors": answering("202 Accepted", error_document("invalid", "no")),
    "202 cut short": cut_short,
    "202 cut without length": cut_without_length,
    "408": html("408 Request Timeout"),
    "409": answering("409 Conflict", error_document("conflict", "again", status=409)),
    "500": answering("500 Error", b""),
    "502 HTML": html("502 Bad Gateway"),
    "503 HTML": html("503 Service Unavailable"),
    "504": html("504 Gateway Timeout"),
    "reset": reset_after_body,
    "no HTTP": no_http,
}


@pytest.mark.parametrize("behave", IN_DOUBT.values(), ids=IN_DOUBT.keys())
async def test_after_the_whole_request_an_answer_that_can_not_be_trusted_leaves_doubt(
    behave: Behaviour, make_batch: MakeBatch, make_target: MakeTarget
) -> None:
    outcome = await outcome_against(behave, make_batch, make_target)

    assert isinstance(outcome, InDoubt)
    assert outcome.error.exit_code is ExitCode.UNKNOWN
    assert "may have been accepted" in outcome.error.message
    assert "jobs list --target prowler" in outcome.error.hint
    assert outcome.error.transaction == ATTEMPT


async def test_no_answer_in_time_leaves_doubt(make_batch: MakeBatch, make_target: MakeTarget) -> None:
    def never(connection: Connection) -> None:
        connection.read_all()
        connection.hang()

    assert isinstance(await outcome_against(never, make_batch, make_target, timeout=0.3), InDoubt)


@pytest.mark.parametrize(
    ("status", "body", "said"),
    [
        ("400 Bad Request", error_document("invalid", "Not OCSF."), "not a JSON array of Detection Findings"),
        ("400 Bad Request", error_document("invalid_findings", "Not OCSF."), "not a JSON array of Detection Findings"),
        ("400 Bad Request", error_document("required", "No file was submitted."), "found no file"),
        ("400 Bad Request", error_document("empty", "The submitted file is empty."), "the file is empty"),
        ("400 Bad Request", b'{"detail":"Malformed request."}', "Malformed request"),
        ("404 Not Found", HTML, "no ingestion API"),
        ("405 Method Not Allowed", error_document("method_not_allowed", 'Method "POST" not allowed.'), "not allowed"),
        ("406 Not Acceptable", error_document("not_acceptable", "Could not satisfy."), "Could not satisfy"),
        ("411 Length Required", b"", "without its length"),
        ("413 Payload Too Large", error_document("file_too_large", "Too large."), "larger than it takes"),
        ("413 Payload Too Large", HTML, "larger than it takes"),
        ("415 Unsupported", error_document("unsupported_media_type", "Unsupported media type."), "Unsupported media"),
        (
            "422 Unprocessable",
            error_document("validation_error", "Missing 'uid' at index 5", status=422),
            "Missing 'uid' at index 5",
        ),
        ("418 I'm a teapot", b"", "HTTP 418"),
    ],
)
async def test_a_refusal_says_why_and_is_final(
    status: str, body: bytes, said: str, make_batch: MakeBatch, make_target: MakeTarget
) -> None:
    behave = answering(status, body, "Transaction-ID: 9c2f", media_type="text/html" if body == HTML else "x/json")
    outcome = await outcome_against(behave, make_batch, make_target)

    assert isinstance(outcome, Refused)
    assert said in outcome.error.message
    assert outcome.error.hint
    assert outcome.error.transaction == "9c2f"


@pytest.mark.parametrize("status", ["301 Moved", "302 Found", "303 See Other", "307 Temporary", "308 Permanent"])
async def test_a_redirect_is_refused_and_nothing_goes_along(
    status: str, make_batch: MakeBatch, make_target: MakeTarget
) -> None:
    with serving(answering("202 Accepted", job_document())) as elsewhere:
        behave = answering(status, b"", f"Location: {elsewhere.url}/api/v1/ingestions")
        outcome = await outcome_against(behave, make_batch, make_target)

    assert isinstance(outcome, Refused)
    assert f"redirects to {elsewhere.url} " in outcome.error.message
    assert elsewhere.requests == []


@pytest.mark.parametrize(
    ("status", "body", "said", "advice"),
    [
        (
            "401 Unauthorized",
            error_document("authentication_failed", "This API Key has been revoked."),
            "refused the API key (HTTP 401, authentication_failed, This API Key has been revoked)",
            "console login prowler",
        ),
        ("401 Unauthorized", error_document("not_authenticated", "None.", status=401), "refused the API key", "Manage"),
        # Without a challenge to offer, Django REST framework turns its 401 into a 403.
        ("403 Forbidden", error_document("not_authenticated", "None."), "refused the API key", "not revoked"),
        ("402 Payment Required", error_document("subscription_required", "Pay."), "subscription", "owner"),
        ("402 Payment Required", b"", "subscription", "owner"),
        ("403 Forbidden", error_document("permission_denied", "No."), "needs Manage Ingestions", "administrator"),
        ("403 Forbidden", HTML, "refused permission", "firewall"),
    ],
)
async def test_a_denial_says_what_is_missing(
    status: str, body: bytes, said: str, advice: str, make_batch: MakeBatch, make_target: MakeTarget
) -> None:
    outcome = await outcome_against(answering(status, body), make_batch, make_target)

    assert isinstance(outcome, Denied)
    assert outcome.error.exit_code is ExitCode.DENIED
    assert said in outcome.error.message
    assert advice in outcome.error.hint


@pytest.mark.parametrize("code", ["throttled", "rate_limited"])
@pytest.mark.parametrize(
    ("header", "wait"),
    [
        ("Retry-After: 60", 60.0),
        ("Retry-After: 3172s", 3172.0),
        ("Retry-After: -5", None),
        ("Retry-After: 1000000000", 86_400.0),
        ("X-None: 1", None),
    ],
)
async def test_throttling_tells_how_long_to_wait(
    code: str, header: str, wait: float | None, make_batch: MakeBatch, make_target: MakeTarget
) -> None:
    body = error_document(code, "Request was throttled. Expected available in 60 seconds.")
    outcome = await outcome_against(answering("429 Too Many Requests", body, header), make_batch, make_target)

    assert isinstance(outcome, Throttled)
    assert isinstance(outcome.error, TargetUnavailable)
    assert (outcome.retry_after, outcome.error.retry_after) == (wait, wait)


async def test_throttling_by_a_gateway_in_html_is_throttling(make_batch: MakeBatch, make_target: MakeTarget) -> None:
    assert isinstance(await outcome_against(html("429 Slow down"), make_batch, make_target), Throttled)


async def test_a_server_that_is_not_there_got_nothing(make_batch: MakeBatch, make_target: MakeTarget) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    outcome = await make_target(f"http://127.0.0.1:{port}").send(make_batch(), ATTEMPT, nothing)

    assert isinstance(outcome, NotSent)
    assert outcome.error.exit_code is ExitCode.UNAVAILABLE


async def test_a_reset_in_the_middle_of_a_file_proves_that_nothing_was_taken(
    make_batch: MakeBatch, make_target: MakeTarget
) -> None:
    def reset(connection: Connection) -> None:
        connection.read_head()
        connection.reset()

    assert isinstance(await outcome_against(reset, make_batch, make_target, b" " * 30_000_000), NotSent)


async def test_a_payload_that_changed_is_not_sent_whole(make_batch: MakeBatch, make_target: MakeTarget) -> None:
    batch = make_batch(b'[{"a":1}]')
    batch.path.write_bytes(b'[{"a":2}]')
    got: list[bytes] = []

    def take(connection: Connection) -> None:
        connection.read_head()
        while data := connection.sock.recv(65_536):
            got.append(data)

    with serving(take) as server:
        outcome = await make_target(server.url).send(batch, ATTEMPT, nothing)

    assert isinstance(outcome, NotSent)
    assert "its content is another" in outcome.error.message
    assert len(b"".join(got)) < int(server.requests[0].header("content-length"))


async def test_progress_reaches_the_length_of_the_batch(make_batch: MakeBatch, make_target: MakeTarget) -> None:
    counted: list[int] = []
    batch = make_batch(b" " * 1_000_000)
    with serving(answering("202 Accepted", job_document())) as server:
        await make_target(server.url).send(batch, ATTEMPT, counted.append)

    assert counted == sorted(counted)
    assert counted[-1] == batch.length


async def test_cancelling_a_submission_comes_through(make_batch: MakeBatch, make_target: MakeTarget) -> None:
    handed_over = asyncio.Event()
    batch = make_batch(b"[{}]")

    def sent(done: int) -> None:
        if done == batch.length:
            handed_over.set()

    def never(connection: Connection) -> None:
        connection.read_all()
        connection.hang()

    with serving(never) as server:
        sending = asyncio.create_task(make_target(server.url).send(batch, ATTEMPT, sent))
        await asyncio.wait_for(handed_over.wait(), PATIENT)
        sending.cancel()
        with pytest.raises(asyncio.CancelledError):
            await sending


async def test_without_a_key_nothing_is_sent_and_the_reason_is_told(
    make_batch: MakeBatch, make_target: MakeTarget
) -> None:
    with serving(answering("202 Accepted", job_document())) as server:
        outcome = await make_target(server.url, key=None).send(make_batch(), ATTEMPT, nothing)

    assert server.requests == []
    assert isinstance(outcome, Denied)
    assert outcome.error.message == f"There is no API key for the target 'prowler'. {NO_KEY}"
    assert "PROWLER_CLOUD_API_KEY" in outcome.error.hint
    assert "ocsf-console login prowler" in outcome.error.hint
