"""What stands before the service: credentials, rates, unknown paths, and what it is asked to do wrong."""

from __future__ import annotations

import json
import re
import shutil
import socket
import subprocess
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import httpx
import pytest
from starlette.types import Message, Receive, Scope, Send

from console.credentials import Secret
from console.sandbox.disturbance import Disturbance, disturb
from console.sandbox.security_hub.intake import SecurityHubSettings
from console.sandbox.security_hub.throttle import Rate, Throttle
from console.sandbox.server import Sandbox, running
from console.sandbox.settings import Settings
from tests.sandbox.security_hub.conftest import START, Client, Times, sign
from tests.targets.security_hub.findings import finding

PATHS = [
    ("POST", "/findings/import"),
    ("POST", "/findings"),
    ("PATCH", "/findings/batchupdate"),
    ("GET", "/accounts"),
    ("GET", "/productSubscriptions"),
]


@pytest.mark.parametrize(("method", "path"), PATHS)
def test_no_operation_answers_without_a_good_signature(client: Client, method: str, path: str) -> None:
    unsigned = client.http.request(method, path)
    assert (unsigned.status_code, unsigned.json()) == (403, {"message": "Missing Authentication Token"})
    assert unsigned.headers["x-amzn-errortype"] == "MissingAuthenticationTokenException"
    assert unsigned.headers["content-type"] == "application/json"
    assert unsigned.headers["x-amzn-requestid"]

    answer = client.send(method, path, X_Amz_Date="20261120T204305Z")
    assert (answer.status_code, answer.headers["x-amzn-errortype"]) == (403, "InvalidSignatureException")
    assert answer.json()["message"].startswith("The request signature we calculated does not match")


def test_another_secret_key_or_region_is_refused(client: Client) -> None:
    for changes, name in [
        ({"secret_access_key": Secret("other")}, "InvalidSignatureException"),
        ({"access_key_id": "AKIAAAAAAAAAAAAAAAAA"}, "UnrecognizedClientException"),
        ({"region": "eu-west-1"}, "InvalidSignatureException"),
    ]:
        with Client(replace(client.access, **changes), client.times) as stranger:  # type: ignore[arg-type]  # by name
            answer = stranger.import_(finding())
        assert (answer.status_code, answer.headers["x-amzn-errortype"]) == (403, name)
    assert client.get() == []


def test_the_window_is_that_of_the_sandboxs_clock(client: Client, sandbox: Sandbox, times: Times) -> None:
    late = Client(client.access, Times(now=START + timedelta(minutes=6)))
    with late:
        answer = late.import_(finding())

    assert answer.status_code == 403
    assert answer.json() == {
        "message": "Signature not yet current: 20261120T204904Z is still later than 20261120T204804Z"
        " (20261120T204304Z + 5 min.)"
    }
    times.now += timedelta(minutes=6)
    client.take(finding())


def test_a_large_body_without_credentials_is_answered_and_not_reset(client: Client) -> None:
    answer = client.http.post("/findings/import", content=b"x" * 30_000_000)

    assert answer.json() == {"message": "Missing Authentication Token"}


@pytest.mark.parametrize(
    ("method", "path"),
    [("GET", "/insights"), ("PUT", "/findings"), ("GET", "/findings/import"), ("DELETE", "/accounts")],
)
def test_an_operation_that_is_not_there_answers_as_the_gateway_does(client: Client, method: str, path: str) -> None:
    answer = client.send(method, path)

    assert (answer.status_code, answer.json()) == (403, {"message": "Missing Authentication Token"})


def test_other_services_keep_the_paths_that_nobody_signs_for(client: Client) -> None:
    assert client.http.get("/insights").status_code == 404


def test_an_account_without_the_hub_may_do_nothing(times: Times) -> None:
    settings = Settings(security_hub=SecurityHubSettings(enabled=False), clock=times.clock)
    with running(settings) as sandbox, Client(sandbox.access.security_hub, times) as client:
        for method, path in PATHS:
            answer = client.send(method, path)
            assert (answer.status_code, answer.headers["x-amzn-errortype"]) == (401, "InvalidAccessException")
            assert answer.json() == {
                "Message": "Account 123456789012 is not subscribed to AWS Security Hub",
                "Code": "InvalidAccessException",
            }


def test_clients_get_30_requests_at_once_and_10_a_second(client: Client, times: Times) -> None:
    def admitted(count: int) -> int:
        return sum(client.import_(finding()).status_code == 200 for _ in range(count))

    assert admitted(32) == 30
    answer = client.import_(finding())
    assert (answer.status_code, answer.json()) == (429, {"message": "Too Many Requests"})
    assert answer.headers["x-amzn-errortype"] == "TooManyRequestsException"
    assert client.post("/findings", {}).status_code == 200, "reading has a bucket of its own"
    times.seconds += 0.25
    assert admitted(4) == 2
    times.seconds += 0.0625
    assert admitted(2) == 1
    times.seconds += 1_000
    assert admitted(32) == 30


def test_who_is_not_let_in_uses_up_nothing() -> None:
    seconds = 0.0
    throttle = Throttle(Rate(per_second=1, burst=1), lambda: seconds)

    assert [throttle.admits("a"), throttle.admits("a"), throttle.admits("b")] == [True, False, True]
    seconds = 0.9
    assert not throttle.admits("a")
    seconds = 1.0
    assert throttle.admits("a")


def test_the_printed_part_holds_what_a_client_needs() -> None:
    settings = SecurityHubSettings(access_key_id="AKIAIOSFODNN7EXAMPLE", secret_access_key=Secret("very secret"))
    with running(Settings(security_hub=settings)) as sandbox:
        assert sandbox.access.as_json()["security_hub"] == {
            "endpoint_url": sandbox.url,
            "region": "us-east-1",
            "account_id": "123456789012",
            "access_key_id": "AKIAIOSFODNN7EXAMPLE",
            "secret_access_key": "very secret",
        }
        assert "very secret" not in repr(sandbox) + repr(settings)


def test_credentials_are_random_and_of_aws_shape() -> None:
    first, second = SecurityHubSettings(), SecurityHubSettings()

    assert first.access_key_id != second.access_key_id
    assert first.secret_access_key != second.secret_access_key
    assert re.fullmatch(r"AKIA[A-Z2-7]{16}", first.access_key_id)
    assert len(first.secret_access_key.reveal()) == 40


def can_sign(curl: str) -> bool:
    listed = subprocess.run([curl, "--help", "all"], check=True, capture_output=True, text=True, timeout=30)
    return "--aws-sigv4" in listed.stdout


def test_curl_signs_as_we_verify(tmp_path: Path) -> None:
    curl = shutil.which("curl")
    if curl is None or not can_sign(curl):
        pytest.skip("no curl that signs for AWS here")
    body = tmp_path / "findings.json"
    body.write_text(json.dumps({"Findings": [finding(Title="é 漢 \U0001f600")]}))
    with running(Settings()) as sandbox:
        access = sandbox.access.security_hub
        command = [curl, "-sS", "--aws-sigv4", "aws:amz:us-east-1:securityhub", "-H", "Content-Type: application/json"]
        user = f"{access.access_key_id}:{access.secret_access_key.reveal()}"
        whole = [*command, "-u", user, "--data-binary", f"@{body}", f"{access.endpoint_url}/findings/import"]
        answer = json.loads(subprocess.run(whole, capture_output=True, check=True, timeout=30).stdout)
        wrong = [*command, "-u", f"{user}x", f"{access.endpoint_url}/productSubscriptions?MaxResults=1"]
        refused = json.loads(subprocess.run(wrong, capture_output=True, check=True, timeout=30).stdout)

    assert answer == {"FailedCount": 0, "SuccessCount": 1, "FailedFindings": []}
    assert refused["message"].startswith("The request signature we calculated does not match")


@pytest.mark.parametrize(
    "head",
    [
        b"POST /findings/import HTTP/1.1\r\nHost: x\r\nAuthorization: AWS4-HMAC-SHA256 \xff\xfe=\xff\r\n\r\n",
        b"POST /findings/import HTTP/1.1\r\nHost: x\r\nAuthorization: ,,,===\r\nX-Amz-Date: \xe9\r\n\r\n",
        b"POST /findings/import HTTP/1.1\r\nHost: x\r\nAuthorization: A Credential=////,SignedHeaders=;,Signature=\xff"
        b"\r\nDate: Mon, 99 Foo 2026 99:99:99 +9999\r\n\r\n",
        b"GET /accounts?%zz&&=&%ff HTTP/1.1\r\nHost: x\r\nAuthorization: AWS4-HMAC-SHA256 Credential=a/b/c/d/e,"
        b"SignedHeaders=a,Signature=b\r\nX-Amz-Date: 00000000T000000Z\r\n\r\n",
    ],
)
def test_strange_bytes_in_the_head_are_refused_in_words(sandbox: Sandbox, head: bytes) -> None:
    host, port = sandbox.url.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port)), timeout=10) as connection:
        connection.sendall(head)
        answer = connection.recv(4096)

    assert answer.startswith(b"HTTP/1.1 403 ")
    assert b"IncompleteSignatureException" in answer


def test_a_strange_host_is_only_a_wrong_signature(sandbox: Sandbox) -> None:
    host = b"x" * 1_000
    name, port = sandbox.url.removeprefix("http://").split(":")
    credential = f"{sandbox.access.security_hub.access_key_id}/20261120/us-east-1/securityhub/aws4_request"
    with socket.create_connection((name, int(port)), timeout=10) as connection:
        connection.sendall(
            b"GET /accounts HTTP/1.1\r\nX-Amz-Date: 20261120T204304Z\r\nHost: " + host + b"\r\nAuthorization:"
            b" AWS4-HMAC-SHA256 Credential="
            + credential.encode()
            + b",SignedHeaders=host;x-amz-date,Signature=b\r\n\r\n"
        )
        answer = connection.recv(4096)

    assert answer.startswith(b"HTTP/1.1 403 ")
    assert b"InvalidSignatureException" in answer


@asynccontextmanager
async def disturbed(sandbox: Sandbox, disturbance: Disturbance) -> AsyncIterator[httpx.AsyncClient]:
    """A client whose requests reach the intake as from whoever injects faults."""

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        disturb(scope, disturbance)
        await sandbox.security_hub.app(scope, receive, send)

    transport = httpx.ASGITransport(app, raise_app_exceptions=True)
    async with httpx.AsyncClient(transport=transport, base_url=sandbox.url) as client:
        yield client


async def send(sandbox: Sandbox, times: Times, disturbance: Disturbance) -> httpx.Response:
    body = json.dumps({"Findings": [finding()]}).encode()
    async with disturbed(sandbox, disturbance) as client:
        request = client.build_request("POST", "/findings/import", content=body)
        sign(request, body, sandbox.access.security_hub, times.now)
        return await client.send(request)


async def test_what_is_refused_is_read_to_its_end(sandbox: Sandbox) -> None:
    pieces = [{"type": "http.request", "body": b"x" * 1_000, "more_body": more} for more in (True, True, False)]
    sent: list[Message] = []

    async def receive() -> Message:
        assert not sent, "the answer came before the request had ended"
        return pieces.pop(0)

    async def send(message: Message) -> None:
        sent.append(message)

    scope = {"type": "http", "method": "POST", "path": "/findings", "query_string": b"", "headers": [(b"host", b"x")]}
    await sandbox.security_hub.app(scope, receive, send)

    assert (pieces, sent[0]["status"]) == ([], 403)


@pytest.mark.parametrize(
    ("status", "name", "key"),
    [
        (400, "InvalidInputException", "Message"),
        (401, "InvalidAccessException", "Message"),
        (403, "AccessDeniedException", "Message"),
        (404, "ResourceNotFoundException", "Message"),
        (409, "ResourceConflictException", "Message"),
        (413, "RequestEntityTooLarge", "message"),
        (429, "TooManyRequestsException", "message"),
        (500, "InternalException", "Message"),
        (503, "ServiceUnavailable", "message"),
    ],
)
async def test_a_status_on_request_comes_with_the_services_name_for_it(
    sandbox: Sandbox, times: Times, status: int, name: str, key: str
) -> None:
    answer = await send(sandbox, times, Disturbance(status=status, retry_after="Fri, 31 Dec 1999 23:59:59 GMT"))

    assert (answer.status_code, answer.headers["x-amzn-errortype"]) == (status, name)
    assert answer.headers["retry-after"] == "Fri, 31 Dec 1999 23:59:59 GMT"
    assert answer.json()[key]
    assert sandbox.security_hub.store.findings() == []


async def test_every_status_of_an_error_can_be_asked_for(sandbox: Sandbox, times: Times) -> None:
    for status in range(400, 600):
        answer = await send(sandbox, times, Disturbance(status=status))
        assert answer.status_code == status
        assert answer.headers["x-amzn-errortype"]
        assert "retry-after" not in answer.headers


async def test_a_credential_expires_on_request(sandbox: Sandbox, times: Times) -> None:
    answer = await send(sandbox, times, Disturbance(expired=True))

    assert (answer.status_code, answer.headers["x-amzn-errortype"]) == (403, "ExpiredTokenException")
    assert answer.json() == {"message": "The security token included in the request is expired"}


async def test_a_clock_that_is_ahead_lets_signatures_expire(sandbox: Sandbox, times: Times) -> None:
    assert (await send(sandbox, times, Disturbance(skew=timedelta(minutes=5)))).status_code == 200
    answer = await send(sandbox, times, Disturbance(skew=timedelta(minutes=10)))

    assert answer.json() == {
        "message": "Signature expired: 20261120T204304Z is now earlier than 20261120T204804Z"
        " (20261120T205304Z - 5 min.)"
    }


async def test_successes_are_miscounted_on_request(sandbox: Sandbox, times: Times) -> None:
    answer = await send(sandbox, times, Disturbance(miscount=3))

    assert answer.json() == {"FailedCount": 0, "SuccessCount": 4, "FailedFindings": []}
