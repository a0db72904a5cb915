"""Clients that are slow, or that speak no HTTP: each gets a clean answer, and the server goes on."""

from __future__ import annotations

import os
from contextlib import ExitStack

import httpx
import pytest

from console.sandbox import application, connection
from console.sandbox.server import Sandbox
from tests.sandbox.conftest import PATH, submit
from tests.sandbox.wire import connected, read_to_the_end, talk


def status_of(answer: bytes) -> int:
    return int(answer.split(b" ", 2)[1])


def head(sandbox: Sandbox, *lines: str, method: str = "POST") -> bytes:
    key = sandbox.access.prowler.api_key.reveal()
    fixed = [f"{method} {PATH} HTTP/1.1", "Host: x", f"Authorization: Api-Key {key}"]
    return "\r\n".join([*fixed, "Content-Type: multipart/form-data; boundary=b", *lines, "", ""]).encode()


def test_a_head_that_does_not_end_gets_408(
    sandbox: Sandbox, client: httpx.Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connection, "HEAD_SECONDS", 0.2)

    assert status_of(talk(sandbox.url, b"GET / HTTP/1.1\r\nHost: x\r\n")) == 408
    assert client.get(PATH).status_code == 200


def test_a_connection_on_which_nothing_comes_is_closed(sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connection, "HEAD_SECONDS", 0.2)
    with connected(sandbox.url) as sock:
        assert status_of(read_to_the_end(sock)) == 408


def test_a_second_head_on_the_same_connection_has_its_time_as_well(
    sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connection, "HEAD_SECONDS", 0.3)
    with connected(sandbox.url) as sock:
        sock.sendall(head(sandbox, method="GET"))
        first = b""
        while b'"meta"' not in first:
            first += sock.recv(65_536)
        sock.sendall(b"GET / HTTP/1.1\r\nHost")

        assert status_of(first) == 200
        assert b"HTTP/1.1 408" in read_to_the_end(sock)


def test_a_body_that_does_not_come_gets_408_and_leaves_nothing(
    sandbox: Sandbox, client: httpx.Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(application, "BODY_SECONDS", 0.2)

    answer = talk(sandbox.url, head(sandbox, "Content-Length: 5000") + b"--b\r\n")

    assert status_of(answer) == 408
    assert sandbox.prowler.store.count() == 0
    assert client.get(PATH).status_code == 200


def test_a_body_that_comes_steadily_may_take_long(sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each 500 bytes buy a second: what is here takes no time that it has not paid for."""
    monkeypatch.setattr(application, "BODY_SECONDS", 0.5)
    part = b'--b\r\nContent-Disposition: form-data; name="file"; filename="a"\r\n\r\n[' + b" " * 5_000
    with connected(sandbox.url) as sock:
        sock.sendall(head(sandbox, "Connection: close", f"Content-Length: {len(part) + 10}") + part)
        sock.settimeout(1.0)
        with pytest.raises(TimeoutError):
            sock.recv(1)
        sock.settimeout(20)
        sock.sendall(b"]\r\n--b--\r\n")

        assert status_of(read_to_the_end(sock)) == 202


@pytest.mark.parametrize(
    "sent",
    [
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + b"\0" * 100,
        b"\r\n\r\nhello\r\n\r\n",
        b"GET /\xff HTTP/1.1\r\nHost: x\r\n\r\n",
        b"GET / HTTP/1.1\r\n\r\n",
        b"GET / HTTP/9.9\r\nHost: x\r\n\r\n",
        b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: -5\r\n\r\n",
        b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 99999999999999999999999\r\n\r\n",
        b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\n",
        b"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: gzip\r\n\r\n",
        b"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nZZ\r\nhello",
        b"GET / HTTP/1.1\r\nHost: x\r\nX: " + b"y" * 300_000 + b"\r\n\r\n",
        b"GET /" + b"a" * 300_000 + b" HTTP/1.1\r\nHost: x\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: x\r\n" + b"".join(b"X-%d: y\r\n" % n for n in range(20_000)) + b"\r\n",
        b"GET / HTTP/1.1\r\nHost: x\r\nBad Header: y\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: x\r\nX: a\0b\r\n\r\n",
    ],
    ids=lambda sent: repr(sent[:50])[2:-1],
)
def test_what_is_no_http_gets_a_4xx(sandbox: Sandbox, client: httpx.Client, sent: bytes) -> None:
    try:
        answer = talk(sandbox.url, sent, and_stop=True)
    except (ConnectionResetError, BrokenPipeError):
        answer = b"HTTP/1.1 400 closed while we were still sending"

    assert 400 <= status_of(answer) < 500
    assert client.get(PATH).status_code == 200


@pytest.mark.parametrize("host", ["[::1", "a b", "x/../y", "x@y", "", "x:99999999", "<script>"])
def test_a_name_that_is_none_gets_a_4xx(sandbox: Sandbox, client: httpx.Client, host: str) -> None:
    """Whatever is asked for, answers bear links that are made of it."""
    answer = client.get(PATH, headers={"Host": host})

    assert answer.status_code == (200 if host == "" else 400)
    assert client.get(PATH).status_code == 200


def test_a_length_and_chunks_at_once_are_refused(sandbox: Sandbox, client: httpx.Client) -> None:
    sent = head(sandbox, "Content-Length: 5", "Transfer-Encoding: chunked") + b"0\r\n\r\n"

    assert status_of(talk(sandbox.url, sent)) == 400
    assert sandbox.prowler.store.count() == 0


def test_two_keys_at_once_are_refused(sandbox: Sandbox) -> None:
    assert status_of(talk(sandbox.url, head(sandbox, "Authorization: Api-Key other", method="GET"))) == 400


def test_noise_does_no_harm(sandbox: Sandbox, client: httpx.Client) -> None:
    for size in (1, 100, 10_000):
        try:
            talk(sandbox.url, os.urandom(size), and_stop=True)
        except (ConnectionResetError, BrokenPipeError):
            continue

    assert client.get(PATH).status_code == 200


def test_a_broken_chunk_after_the_answer_has_begun_ends_the_connection(sandbox: Sandbox, client: httpx.Client) -> None:
    sent = head(sandbox, "Transfer-Encoding: chunked") + b"5\r\nhello\r\nnonsense\r\n"

    answer = talk(sandbox.url, sent, and_stop=True)

    assert answer == b"" or 400 <= status_of(answer) < 500
    assert client.get(PATH).status_code == 200


@pytest.mark.parametrize("upgrade", ["websocket", "h2c"])
def test_nobody_is_upgraded(sandbox: Sandbox, client: httpx.Client, upgrade: str) -> None:
    answer = client.get(PATH, headers={"Connection": "Upgrade", "Upgrade": upgrade})

    assert answer.status_code == 200


def test_many_clients_that_do_nothing_keep_nobody_out(sandbox: Sandbox, client: httpx.Client) -> None:
    with ExitStack() as stack:
        for _ in range(200):
            stack.enter_context(connected(sandbox.url))

        assert submit(client, b"[]").status_code == 202
