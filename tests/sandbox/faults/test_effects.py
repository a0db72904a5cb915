"""What a client sees of each fault, over real sockets, and what the journal keeps of it."""

from __future__ import annotations

import hashlib
import json
import socket
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

import httpx
import pytest

from console.sandbox.server import Sandbox
from tests.sandbox.conftest import PATH, submit
from tests.sandbox.wire import PATIENCE, connected, read_to_the_end, talk, was_reset

REPORT = b'[{"a": 1}, {"a": 2}]'


def request(sandbox: Sandbox, method: str = "GET", body: bytes = b"", length: int | None = None) -> bytes:
    """The bytes of a request with the good key, for a bare socket."""
    key = sandbox.access.prowler.api_key.reveal()
    head = (
        f"{method} {PATH} HTTP/1.1\r\nHost: {sandbox.url.removeprefix('http://')}\r\nAuthorization: Api-Key {key}\r\n"
        "Content-Type: multipart/form-data; boundary=x\r\n"
    )
    size = f"Content-Length: {len(body) if length is None else length}\r\n" if body or length else ""
    return f"{head}{size}\r\n".encode() + body


def form(content: bytes = REPORT) -> bytes:
    """A form with a file, of which the boundary is `x`."""
    head = b'--x\r\nContent-Disposition: form-data; name="file"; filename="a.ocsf.json"\r\n\r\n'
    return head + content + b"\r\n--x--\r\n"


def jobs(sandbox: Sandbox) -> int:
    """How many jobs the service opened."""
    return sandbox.prowler.store.count()


def last_entry_of(sandbox: Sandbox, endpoint: str) -> tuple[int, bool, int | None, tuple[str, ...]]:
    """Size and completeness of the body, status, and faults of the last request to an endpoint."""
    entry = sandbox.journal.entries(endpoint)[-1]
    return entry.size, entry.complete, entry.status, tuple(entry.faults)


def test_an_error_page_of_a_gateway_takes_the_place_of_the_service(sandbox: Sandbox, client: httpx.Client) -> None:
    sandbox.faults.add("html=503,on=prowler.submit")

    answer = submit(client, REPORT)

    assert answer.status_code == 503
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert "<h1>503 Service Unavailable</h1>" in answer.text
    assert jobs(sandbox) == 0
    assert client.get(PATH).status_code == 200


def test_reset_before_the_body_gets_nothing_of_it(sandbox: Sandbox) -> None:
    sandbox.faults.add("reset=before")
    with connected(sandbox.url) as sock:
        sock.sendall(request(sandbox, "POST", length=1_000_000))

        assert was_reset(sock)

    assert last_entry_of(sandbox, "prowler.submit") == (0, False, None, ("reset",))
    assert jobs(sandbox) == 0


def test_reset_during_the_body_gets_half_of_it(sandbox: Sandbox) -> None:
    sandbox.faults.add("reset=during")
    with connected(sandbox.url) as sock:
        sock.sendall(request(sandbox, "POST", b"x" * 500_000, length=1_000_000))

        assert was_reset(sock)

    assert last_entry_of(sandbox, "prowler.submit") == (500_000, False, None, ("reset",))
    assert jobs(sandbox) == 0


def test_reset_after_the_body_gets_all_of_it_and_does_nothing(sandbox: Sandbox) -> None:
    sandbox.faults.add("reset=after")
    body = form()
    with connected(sandbox.url) as sock:
        sock.sendall(request(sandbox, "POST", body))

        assert was_reset(sock)

    assert last_entry_of(sandbox, "prowler.submit") == (len(body), True, None, ("reset",))
    assert jobs(sandbox) == 0


@pytest.mark.parametrize("how", ["hang", "reset"])
def test_accepted_but_no_reply(sandbox: Sandbox, how: str) -> None:
    sandbox.faults.add(f"no-reply={how}")
    with connected(sandbox.url) as sock:
        sock.sendall(request(sandbox, "POST", form()))
        if how == "reset":
            assert was_reset(sock)
        else:
            assert sandbox.journal.wait(lambda: sandbox.journal.count() == 1, PATIENCE)
            sock.settimeout(0.2)
            with pytest.raises(TimeoutError):
                sock.recv(1)

    (entry,) = sandbox.journal.entries()
    (job,) = sandbox.prowler.store.ingestions(limit=2)
    assert entry.status is None
    assert isinstance(entry.taken, dict)
    assert entry.taken["job"] == str(job.id)
    assert entry.taken["sha256"] == hashlib.sha256(REPORT).hexdigest()


def test_a_reply_is_cut_short(sandbox: Sandbox, client: httpx.Client) -> None:
    whole = client.get(PATH).content
    sandbox.faults.add("cut=10")

    received = talk(sandbox.url, request(sandbox))

    head, _, body = received.partition(b"\r\n\r\n")
    assert body == whole[:10]
    assert f"content-length: {len(whole)}".encode() in head.lower()


def test_a_cut_without_a_number_takes_half(sandbox: Sandbox, client: httpx.Client) -> None:
    whole = client.get(PATH).content
    sandbox.faults.add("cut")

    assert talk(sandbox.url, request(sandbox)).partition(b"\r\n\r\n")[2] == whole[: len(whole) // 2]


def test_a_reply_drips_head_and_all(sandbox: Sandbox) -> None:
    sandbox.faults.add("drip=1ms")
    pieces: list[bytes] = []
    with connected(sandbox.url) as sock:
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        sock.sendall(request(sandbox))
        while piece := sock.recv(65_536):
            pieces.append(piece)

    answer = b"".join(pieces)
    assert answer.startswith(b"HTTP/1.1 200 OK\r\n")
    assert b"\r\ndate: " in answer.lower()
    assert json.loads(answer.partition(b"\r\n\r\n")[2])["data"] == []
    assert len(pieces[0]) < 10


def test_a_body_without_an_end_goes_on_until_the_client_has_enough(sandbox: Sandbox) -> None:
    sandbox.faults.add("endless,times=1")
    received = 0
    with connected(sandbox.url) as sock:
        sock.sendall(request(sandbox))
        while received < 5_000_000:
            received += len(sock.recv(65_536))

    with connected(sandbox.url) as sock:
        sock.sendall(request(sandbox).replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n"))
        assert read_to_the_end(sock).startswith(b"HTTP/1.1 200")


def test_a_redirect_leads_elsewhere(sandbox: Sandbox, client: httpx.Client) -> None:
    sandbox.faults.add("redirect=https://elsewhere.example/x?a=1,b")

    answer = submit(client, REPORT)

    assert answer.status_code == 307
    assert answer.headers["location"] == "https://elsewhere.example/x?a=1,b"
    assert jobs(sandbox) == 0


def test_latency_comes_before_anything_is_done(sandbox: Sandbox, client: httpx.Client) -> None:
    sandbox.faults.add("latency=60,nth=1")

    with pytest.raises(httpx.ReadTimeout):
        client.post(PATH, files={"file": ("a.ocsf.json", REPORT)}, timeout=0.3)

    assert jobs(sandbox) == 0


def test_latency_ends_and_then_the_request_is_obeyed(sandbox: Sandbox, client: httpx.Client) -> None:
    sandbox.faults.add("latency=1ms")

    assert submit(client, REPORT).status_code == 202


def test_the_clock_of_the_service_is_off(sandbox: Sandbox, client: httpx.Client) -> None:
    sandbox.faults.add("skew=3600")

    told = parsedate_to_datetime(client.get(PATH).headers["date"])

    assert timedelta(minutes=59) < told - datetime.now(UTC) < timedelta(minutes=61)


def test_faults_add_up(sandbox: Sandbox, client: httpx.Client) -> None:
    sandbox.faults.add("latency=1ms")
    sandbox.faults.add("html")
    sandbox.faults.add("cut=4")

    assert client.get(PATH).status_code == 502
    assert last_entry_of(sandbox, "prowler.list")[3] == ("latency", "html", "cut")


def test_a_fault_stops_when_it_is_forgotten(sandbox: Sandbox, client: httpx.Client) -> None:
    number = sandbox.faults.add("html")
    assert client.get(PATH).status_code == 502

    sandbox.faults.remove(number)

    assert client.get(PATH).status_code == 200


def test_a_stop_does_not_wait_for_those_who_hang(sandbox: Sandbox) -> None:
    sandbox.faults.add("no-reply")
    with connected(sandbox.url) as sock:
        sock.sendall(request(sandbox))
        assert sandbox.journal.wait(lambda: sandbox.journal.count() == 1, PATIENCE)
    # The fixture stops the sandbox now, with the request in the air: it must end.
