"""S01 to S08, S55, S56: servers that can't be reached, are not trusted, or break off; proxies in between."""

from __future__ import annotations

import socket
import ssl
import warnings
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import UTC, datetime
from typing import Any

import pytest
import trustme

from tests.cli.conftest import Done
from tests.faults.errands import ACCEPTED, HTML, Errand, api, shown, uploads
from tests.targets.fault_server import Behaviour, Connection, answer, answering, serving
from tests.targets.prowler.conftest import JOB_ID, job_document

BODY = 8
"""Megabytes that the buffers of no connection hold, so that a server can go away in the middle of them."""


@pytest.fixture(autouse=True)
def _own_network(monkeypatch: pytest.MonkeyPatch) -> None:
    """Take away the authorities and the exceptions from proxies that the machine has set."""
    for name in ("SSL_CERT_FILE", "SSL_CERT_DIR", "NO_PROXY", "no_proxy"):
        monkeypatch.delenv(name, raising=False)


def _was_retried(errand: Errand, done: Done) -> None:
    """It waited for another try as often as agreed, and can go on at any time."""
    assert done.code == 3
    assert errand.kept.states == ["ready"]
    assert errand.kept.attempts == ["waiting", "waiting", "ready"]
    assert f"jobs resume --target prowler {errand.submission}" in done.stderr


def _was_not_retried(errand: Errand, done: Done) -> None:
    """Something must be set right first: one try."""
    assert done.code == 3
    assert (errand.kept.states, errand.kept.attempts) == (["ready"], ["ready"])


def _is_in_doubt(errand: Errand, done: Done) -> None:
    """It may have been accepted: one try, and the operator is asked."""
    assert done.code == 5
    assert (errand.kept.states, errand.kept.attempts) == (["unknown"], ["unknown"])
    assert f"jobs settle --target prowler {errand.submission}" in done.stderr


@pytest.fixture
def thrice(errand: Errand) -> Errand:
    """An errand that is tried three times."""
    errand.limits["send_attempts"] = 3
    return errand


def test_s01_a_name_that_does_not_exist_is_tried_again(thrice: Errand) -> None:
    """DNS failure: not sent; RETRY_WAIT."""
    done = thrice.submit("https://ocsf-console.invalid")
    _was_retried(thrice, done)
    assert "its name can't be resolved" in done.stderr


def test_s02_a_port_that_nobody_listens_on_is_tried_again(thrice: Errand) -> None:
    """Connection refused: same."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    done = thrice.submit(f"http://127.0.0.1:{port}")
    _was_retried(thrice, done)
    assert "nothing answers there" in done.stderr
    with serving(api()) as server:
        thrice.submit(server.url)
    assert thrice.kept.states == ["ready", "accepted"], "another address is another submission"


@pytest.fixture
def black_hole() -> Iterator[str]:
    """A server that answers no greeting: its queue of connections is full, and stays so."""
    with ExitStack() as stack:
        listener = stack.enter_context(socket.create_server(("127.0.0.1", 0), backlog=0))
        for _ in range(8):
            waiting = stack.enter_context(socket.socket())
            waiting.setblocking(False)
            waiting.connect_ex(listener.getsockname())
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"


def test_s03_a_black_hole_is_given_up_at_the_limit(thrice: Errand, black_hole: str) -> None:
    """Connect timeout / black hole: at most the connect limit; RETRY_WAIT."""
    thrice.limits["request_seconds"] = 0.1
    done = thrice.submit(black_hole)
    _was_retried(thrice, done)
    assert "could not be reached in time" in done.stderr


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    """An authority that nobody knows unless it is told."""
    return trustme.CA()


def _tls(authority: trustme.CA, host: str = "127.0.0.1", **certificate: Any) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert(host, **certificate).configure_cert(context)
    return context


def _trust(authority: trustme.CA, errand: Errand) -> None:
    """Name the authority in the environment, as in a network with its own."""
    path = errand.folder / "ca.pem"
    authority.cert_pem.write_to_path(str(path))
    errand.environment["SSL_CERT_FILE"] = str(path)


@pytest.mark.parametrize(
    ("certificate", "is_known", "said"),
    [
        (
            {"not_before": datetime(2020, 1, 1, tzinfo=UTC), "not_after": datetime(2020, 1, 2, tzinfo=UTC)},
            True,
            "expired",
        ),
        ({"host": "other.example"}, True, "IP address mismatch"),
        ({}, False, "unable to get local issuer certificate"),
    ],
    ids=["expired", "wrong host", "unknown CA"],
)
def test_s04_a_server_that_can_not_prove_who_it_is_gets_nothing(
    thrice: Errand, authority: trustme.CA, certificate: dict[str, Any], is_known: bool, said: str
) -> None:
    """TLS expired/wrong host/unknown CA: CONFIG_ERROR, no retry, hint on CA."""
    if is_known:
        _trust(authority, thrice)
    with serving(ACCEPTED, _tls(authority, **certificate)) as server:
        done = thrice.submit(server.url)
    _was_not_retried(thrice, done)
    assert said in done.stderr
    assert "SSL_CERT_FILE" in done.stderr
    assert [request.line for request in server.requests] == []


def test_s05_a_server_of_old_tls_alone_gets_nothing(thrice: Errand, authority: trustme.CA) -> None:
    """TLS < 1.2 only: same."""
    _trust(authority, thrice)
    old = _tls(authority)
    old.set_ciphers("ALL:@SECLEVEL=0")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        old.minimum_version = old.maximum_version = ssl.TLSVersion.TLSv1_1
    with serving(ACCEPTED, old) as server:
        done = thrice.submit(server.url)
    _was_not_retried(thrice, done)
    assert "is not trusted" in done.stderr
    assert [request.line for request in server.requests] == []


def test_s06_a_sign_in_page_after_the_whole_file_leaves_doubt(errand: Errand) -> None:
    """Captive portal 200 HTML: "not the API" by content type; in doubt only if the POST body was fully sent."""
    with serving(answering("200 OK", HTML, media_type="text/html")) as server:
        done = errand.submit(server.url)
    _is_in_doubt(errand, done)
    assert "answered HTTP 200 with an HTML page" in done.stderr
    assert uploads(server) == 1


def _answers_early(content: bytes) -> Behaviour:
    """A server that answers while the file is still coming, and takes no more of it."""

    def behave(connection: Connection) -> None:
        connection.read_head()
        connection.send(content)
        connection.sock.close()

    return behave


def test_s06_a_sign_in_page_before_the_end_of_the_file_proves_that_nothing_was_taken(thrice: Errand) -> None:
    """Captive portal 200 HTML: in doubt only if the POST body was fully sent."""
    thrice.fill(BODY)
    with serving(_answers_early(answer("200 OK", HTML, media_type="text/html"))) as server:
        done = thrice.submit(server.url)
    _was_retried(thrice, done)
    assert uploads(server) == 3


def test_s07_a_proxy_that_wants_a_password_is_for_the_operator_to_set_right(thrice: Errand) -> None:
    """Proxy 407: config error."""
    with serving(answering("407 Proxy Authentication Required")) as proxy:
        thrice.environment["HTTPS_PROXY"] = proxy.url
        done = thrice.submit("https://api.prowler.invalid")
    _was_not_retried(thrice, done)
    assert "The proxy did not let us through to https://api.prowler.invalid" in done.stderr
    assert [request.line for request in proxy.requests] == ["CONNECT api.prowler.invalid:443 HTTP/1.1"]
    assert "authorization" not in proxy.requests[0].headers


def test_s07_the_page_of_a_proxy_after_the_whole_file_leaves_doubt(errand: Errand) -> None:
    """Proxy HTML 502: in doubt."""
    with serving(api(answering("502 Bad Gateway", HTML, media_type="text/html"))) as server:
        done = errand.submit(server.url)
    _is_in_doubt(errand, done)
    assert "HTTP 502" in done.stderr
    assert uploads(server) == 1


def _before(connection: Connection) -> None:
    connection.reset()


def _amid(connection: Connection) -> None:
    connection.read_head()
    connection.sock.recv(1_000_000)
    connection.reset()


def _after(connection: Connection) -> None:
    connection.read_all()
    connection.reset()


@pytest.mark.parametrize("behave", [_before, _amid])
def test_s08_a_reset_before_the_end_of_the_file_is_tried_again(thrice: Errand, behave: Behaviour) -> None:
    """Reset before, mid body: RETRY_WAIT / RETRY_WAIT."""
    thrice.fill(BODY)
    with serving(behave) as server:
        done = thrice.submit(server.url)
    _was_retried(thrice, done)
    assert len(server.requests) == 3


def test_s08_a_reset_after_the_whole_file_leaves_doubt(errand: Errand) -> None:
    """Reset after body: UNKNOWN."""
    with serving(api(_after)) as server:
        done = errand.submit(server.url)
    _is_in_doubt(errand, done)
    assert errand.kept.settlements == ["not_found", "not_found"]
    assert uploads(server) == 1


def _by_http_1_0(document: bytes) -> Behaviour:
    """A server of 1996, which closes each connection to end its answer."""

    def behave(connection: Connection) -> None:
        connection.read_all()
        connection.send(b"HTTP/1.0 202 Accepted\r\nContent-Type: application/vnd.api+json\r\n\r\n" + document)

    return behave


def test_s55_a_server_of_http_1_0_is_understood(errand: Errand) -> None:
    """HTTP/1.0: works."""
    with serving(_by_http_1_0(job_document("completed"))) as server:
        done = errand.submit(server.url, "--wait")
    assert (done.code, errand.kept.states, errand.kept.jobs) == (0, ["accepted"], [JOB_ID])
    assert uploads(server) == 1


@pytest.mark.parametrize("header", ["Connection: close", "Connection: keep-alive"], ids=["close", "kept, then closed"])
def test_s55_a_connection_that_the_server_closes_is_not_relied_on(errand: Errand, header: str) -> None:
    """`Connection: close` each time, keep-alive closed by peer: works; never a stale connection."""
    answers = api(
        answering("202 Accepted", job_document(), header),
        shows=[shown("processing"), shown("completed")],
    )
    with serving(answers) as server:
        done = errand.submit(server.url, "--wait", files=1)
    assert (done.code, errand.kept.states, errand.kept.attempts) == (0, ["accepted"], ["accepted"])
    assert len(server.requests) == 3


def test_s56_a_broken_ipv6_does_not_keep_us_from_ipv4(errand: Errand, monkeypatch: pytest.MonkeyPatch) -> None:
    """IPv6 broken, v4 fine: connects within limit."""
    with ExitStack() as stack:
        try:
            hole = stack.enter_context(socket.create_server(("::1", 0), family=socket.AF_INET6, backlog=0))
        except OSError:
            pytest.skip("this machine has no IPv6 of its own")
        for _ in range(8):
            waiting = stack.enter_context(socket.socket(socket.AF_INET6))
            waiting.setblocking(False)
            waiting.connect_ex(hole.getsockname())
        server = stack.enter_context(serving(api()))
        _resolve_localhost(monkeypatch, ("::1", hole.getsockname()[1]), ("127.0.0.1", server.port))
        done = errand.submit(f"http://localhost:{server.port}")
    assert (done.code, errand.kept.states, errand.kept.attempts) == (0, ["accepted"], ["accepted"])


def _resolve_localhost(monkeypatch: pytest.MonkeyPatch, six: tuple[str, int], four: tuple[str, int]) -> None:
    """Let the name of this machine have both addresses, the broken one first."""
    known = socket.getaddrinfo

    def resolve(host: Any, *arguments: Any, **options: Any) -> Any:
        if host not in ("localhost", b"localhost"):
            return known(host, *arguments, **options)
        return [
            (socket.AF_INET6, socket.SOCK_STREAM, 6, "", (*six, 0, 0)),
            (socket.AF_INET, socket.SOCK_STREAM, 6, "", four),
        ]

    monkeypatch.setattr(socket, "getaddrinfo", resolve)
