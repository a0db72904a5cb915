"""Requests and answers of our HTTP layer, with servers that misbehave: how long it waits, and what a failure proves."""

from __future__ import annotations

import asyncio
import logging
import socket
import time
from collections.abc import AsyncGenerator

import pytest

from console.targets.failures import RequestFailed, Stage
from console.targets.http import ANSWER_LIMIT, Upload
from tests.targets.fault_server import Behaviour, Connection, answer, answering, serving
from tests.targets.http_client import CANARY, KEY, QUICK, SOON, client, failure_of, get, post


async def test_a_request_carries_the_secret_our_name_and_no_wish_for_packed_answers() -> None:
    with serving(answering("200 OK", b"{}", "Transaction-ID: 42")) as server:
        response = await get(server.url)

    [request] = server.requests
    assert request.header("authorization") == f"Api-Key {KEY}"
    assert request.header("user-agent").startswith("ocsf-console/")
    assert request.header("accept") == "application/vnd.api+json"
    assert request.header("accept-encoding") == "identity"
    assert request.header("connection") == "keep-alive"
    assert (response.status, response.body, response.whole) == (200, b"{}", True)
    assert (response.media_type, response.transaction) == ("application/vnd.api+json", "42")


async def test_a_body_is_sent_with_its_length_and_never_in_chunks() -> None:
    with serving(answering("200 OK")) as server:
        response = await post(server.url, b"one", b"two")

    [request] = server.requests
    assert request.header("content-length") == "6"
    assert "transfer-encoding" not in request.headers
    assert request.body == b"onetwo"
    assert response.handed_over


@pytest.mark.parametrize("status", ["301 Moved", "302 Found", "303 See Other", "307 Temporary", "308 Permanent"])
async def test_a_redirect_is_not_followed_and_its_origin_is_told(status: str) -> None:
    with serving(answering("200 OK")) as elsewhere:
        location = f"Location: {elsewhere.url}/collect?{KEY}"
        with serving(answering(status, b"", location)) as server:
            response = await post(server.url, b"finding")

    assert elsewhere.requests == []
    assert response.redirect == elsewhere.url


@pytest.mark.parametrize(
    "location", ["http://x:abc/", "http://xn--/", "http://[zz]/", "http://[", "http://x:99999999/", "//"]
)
async def test_a_redirect_to_nonsense_is_an_answer_like_any_other(location: str) -> None:
    with serving(answering("302 Found", b"", f"Location: {location}")) as server:
        response = await get(server.url)

    assert response.status == 302


async def test_cookies_are_not_sent_back() -> None:
    with serving(answering("200 OK", b"{}", "Set-Cookie: session=1; Path=/")) as server:
        http = client(server.url)
        await http.get("/thing")
        await http.get("/thing")
        await http.close()

    assert ["cookie" in request.headers for request in server.requests] == [False, False]


def drip_body(connection: Connection) -> None:
    connection.read_all()
    connection.send(b"HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n")
    connection.drip(b"x" * 1_000_000, every=0.02)


def drip_headers(connection: Connection) -> None:
    connection.read_all()
    connection.drip(b"HTTP/1.1 200 OK\r\n" + b"X-Slow: 1\r\n" * 10_000, every=0.02)


def never_answer(connection: Connection) -> None:
    connection.read_all()
    connection.hang()


async def test_a_body_that_drips_is_given_up_at_the_deadline() -> None:
    with serving(drip_body) as server:
        start = time.monotonic()
        response = await get(server.url, timeout=QUICK)

    assert time.monotonic() - start < SOON
    assert (response.status, response.whole) == (200, False)


@pytest.mark.parametrize("behave", [drip_headers, never_answer])
async def test_an_answer_that_does_not_come_is_given_up_at_the_deadline(behave: Behaviour) -> None:
    with serving(behave) as server:
        start = time.monotonic()
        failure = await failure_of(get(server.url, timeout=QUICK))

    assert time.monotonic() - start < SOON
    assert failure.stage is Stage.EXCHANGE
    assert failure.message == f"{server.url} did not answer in time."
    assert "large" not in failure.hint
    assert "limits.request_seconds" in failure.hint


async def test_no_answer_to_a_whole_upload_leaves_doubt_after_the_time_for_an_answer() -> None:
    with serving(never_answer) as server:
        start = time.monotonic()
        failure = await failure_of(post(server.url, b"finding", timeout=QUICK, upload_timeout=60))

    assert time.monotonic() - start < SOON
    assert failure.handed_over


async def test_an_upload_that_is_not_taken_in_time_was_not_handed_over() -> None:
    def never_read(connection: Connection) -> None:
        connection.hang()

    with serving(never_read) as server:
        failure = await failure_of(post(server.url, *[b"x" * 1_000_000] * 30, upload_timeout=QUICK))

    assert not failure.handed_over
    assert "did not take the request in time" in failure.message
    assert "large" in failure.hint
    assert "request_seconds" not in failure.hint


async def test_a_slow_upload_leaves_the_answer_its_own_time() -> None:
    def answer_late(connection: Connection) -> None:
        connection.read_all()
        connection.stopping.wait(2 * QUICK)
        connection.send(answer("200 OK", b"late"))

    with serving(answer_late) as server:
        response = await post(server.url, b"finding", timeout=SOON, upload_timeout=QUICK)

    assert response.body == b"late"


async def test_an_endless_body_is_read_up_to_the_limit() -> None:
    def flood(connection: Connection) -> None:
        connection.read_all()
        connection.send(b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n")
        while not connection.stopping.is_set():
            connection.send(b"x" * 65_536)

    with serving(flood) as server:
        response = await get(server.url)

    assert not response.whole
    assert ANSWER_LIMIT < len(response.body) < ANSWER_LIMIT + 1_000_000


async def test_a_packed_body_is_not_unpacked() -> None:
    with serving(answering("200 OK", b"\x1f\x8b" + b"bomb", "Content-Encoding: gzip")) as server:
        response = await get(server.url)

    assert (response.whole, response.body) == (False, b"\x1f\x8bbomb")


async def test_a_reply_that_is_cut_short_is_not_whole() -> None:
    def cut(connection: Connection) -> None:
        connection.read_all()
        connection.send(b"HTTP/1.1 202 Accepted\r\nContent-Length: 100\r\n\r\nhalf")

    with serving(cut) as server:
        response = await post(server.url, b"finding")

    assert (response.status, response.whole, response.body) == (202, False, b"half")


def reset_at_once(connection: Connection) -> None:
    connection.read_head()
    connection.reset()


def reset_after_body(connection: Connection) -> None:
    connection.read_all()
    connection.reset()


def close_after_body(connection: Connection) -> None:
    connection.read_all()


def no_http(connection: Connection) -> None:
    connection.read_all()
    connection.send(b"SSH-2.0-OpenSSH_9.6\r\n")


def huge_header(connection: Connection) -> None:
    connection.read_all()
    connection.send(b"HTTP/1.1 200 OK\r\nX-Huge: " + b"x" * 200_000 + b"\r\n\r\n")


@pytest.mark.parametrize("behave", [reset_after_body, close_after_body, no_http, huge_header])
async def test_a_failure_after_the_whole_body_leaves_doubt(behave: Behaviour) -> None:
    with serving(behave) as server:
        failure = await failure_of(post(server.url, b"finding"))

    assert (failure.handed_over, failure.stage) == (True, Stage.EXCHANGE)


async def test_a_refusal_that_comes_before_the_body_is_finished_is_read() -> None:
    def refuse_early(connection: Connection) -> None:
        connection.read_head()
        connection.send(answer("413 Payload Too Large", b"{}", "Connection: close"))
        connection.sock.shutdown(socket.SHUT_WR)
        # As nginx does: a reset would take the answer away from a client that is still sending.
        connection.drain()

    with serving(refuse_early) as server:
        response = await post(server.url, *[b"x" * 1_000_000] * 30)

    assert response.status == 413


async def test_a_reset_in_the_middle_of_the_body_proves_that_it_was_not_handed_over() -> None:
    with serving(reset_at_once) as server:
        failure = await failure_of(post(server.url, *[b"x" * 1_000_000] * 30))

    assert not failure.handed_over
    assert "large" in failure.hint


async def test_a_question_that_is_broken_off_is_not_called_too_large() -> None:
    with serving(reset_at_once) as server:
        failure = await failure_of(get(server.url))

    assert failure.message == f"{server.url} broke the connection off."
    assert "large" not in failure.hint


async def test_an_error_of_the_body_itself_stops_the_request_and_comes_through() -> None:
    class OurFault(Exception):
        pass

    async def body() -> AsyncGenerator[bytes, None]:
        yield b"half"
        raise OurFault

    with serving(reset_after_body) as server:
        http = client(server.url)
        with pytest.raises(OurFault):
            await http.post("/thing", Upload("text/plain", 8, body()), {})
        await http.close()


async def test_a_body_is_let_go_when_the_server_goes_away() -> None:
    closed = asyncio.Event()

    async def body() -> AsyncGenerator[bytes, None]:
        try:
            while True:
                yield b"x" * 1_000_000
        finally:
            closed.set()

    with serving(reset_at_once) as server:
        http = client(server.url)
        await failure_of(http.post("/thing", Upload("text/plain", 30_000_000, body()), {}))
        await http.close()

    assert closed.is_set()


async def test_cancelling_comes_through() -> None:
    with serving(never_answer) as server:
        task = asyncio.create_task(get(server.url))
        async with asyncio.timeout(SOON):
            while not (server.requests and server.requests[0].line):
                await asyncio.sleep(0.005)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task


@pytest.mark.parametrize(
    ("date", "text", "wait"),
    [
        ("Date: Tue, 17 Feb 2026 13:00:00 GMT", "Tue, 17 Feb 2026 13:02:00 GMT", 120.0),
        ("X-None: 1", "120", 120.0),
        ("X-None: 1", "abc", None),
    ],
)
async def test_retry_after_is_measured_by_the_clock_of_the_server(date: str, text: str, wait: float | None) -> None:
    with serving(answering("429 Slow", b"", date, f"Retry-After: {text}")) as server:
        response = await get(server.url)

    assert response.retry_after == wait


def echo_everywhere(connection: Connection) -> None:
    connection.read_all()
    escaped = KEY.replace("/", "\\/")
    payload = KEY.partition(".")[2]
    body = f"{KEY} {escaped} {payload}".encode()
    headers = (f"Transaction-ID: {KEY}", f"Set-Cookie: k={KEY}", f"X-Key: {KEY}", f"Location: https://{KEY}/")
    connection.send(answer(f"302 {KEY}", body, *headers, media_type=KEY))


async def test_a_secret_that_a_server_echoes_is_taken_out(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    with serving(echo_everywhere) as server:
        response = await get(server.url)

    assert response.body == b"*** *** ***"
    assert CANARY not in repr(response)
    assert CANARY not in caplog.text


async def test_no_exception_and_no_object_shows_a_secret(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    with serving(reset_after_body) as server:
        http = client(server.url)
        with pytest.raises(RequestFailed) as caught:
            await http.get("/thing")
        await http.close()

    shown = [repr(http), repr(vars(http)), repr(http._auth), caplog.text, str(caught.value), repr(caught.value)]
    shown.append(str(caught.getrepr(showlocals=True, style="long")))
    assert [text for text in shown if CANARY in text] == []
    # Nor may anyone who prints the chain of causes come to the frames that hold the request.
    assert (caught.value.__cause__, caught.value.__suppress_context__) == (None, True)
