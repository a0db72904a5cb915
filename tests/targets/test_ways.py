"""The way to a server: which addresses are used, and what names, ports and proxies do to a request."""

from __future__ import annotations

import socket

import pytest

from console.errors import BadConfig
from console.targets.failures import Stage
from tests.targets.fault_server import Connection, answer, answering, serving
from tests.targets.http_client import client, failure_of, get, post


async def test_a_port_that_nothing_listens_on_is_not_reached() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    failure = await failure_of(post(f"http://127.0.0.1:{port}", b"finding"))

    assert (failure.stage, failure.handed_over) == (Stage.ADDRESS, False)
    assert "nothing answers" in failure.message


async def test_a_name_that_does_not_exist_is_told_as_such() -> None:
    failure = await failure_of(post("https://ocsf-console.invalid", b"finding"))

    assert (failure.stage, failure.handed_over) == (Stage.ADDRESS, False)
    assert "name can't be resolved" in failure.message


@pytest.mark.parametrize(
    "url",
    [
        "http://api.prowler.com",
        "http://127.0.0.1.evil.example",
        "http://localhost.evil.example",
        "http://127.0.0.1@evil.example",
        "https://user:password@api.prowler.com",
        "https://api.prowler.com/?a=b",
        "https://api.prowler.com/#a",
        "ftp://api.prowler.com",
        "https://",
        "",
        "https://api.prowler.com:99999999",
        "https://[::1",
        "https://api.prowler.com\n.evil.example",
        "https://a\\@b",
        "https://api.prowlеr.com",  # a Cyrillic letter
        "https://a b",
    ],
)
def test_an_address_that_a_secret_must_not_be_sent_to_is_refused(url: str) -> None:
    with pytest.raises(BadConfig):
        client(url)


@pytest.mark.parametrize(
    ("url", "origin"),
    [
        ("api.prowler.com", "https://api.prowler.com"),
        ("https://API.prowler.com:443/", "https://api.prowler.com"),
        ("https://proxy.example:8443/prowler/", "https://proxy.example:8443"),
        ("http://127.0.0.1:8000", "http://127.0.0.1:8000"),
        ("http://[::1]:8000", "http://[::1]:8000"),
        ("http://localhost:8000", "http://localhost:8000"),
    ],
)
def test_an_address_that_may_be_used_has_an_origin(url: str, origin: str) -> None:
    assert client(url).origin == origin


async def test_a_loopback_server_is_never_asked_through_a_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    with serving(answering("502 Bad Gateway")) as proxy, serving(answering("200 OK")) as server:
        monkeypatch.setenv("HTTP_PROXY", proxy.url)
        monkeypatch.setenv("ALL_PROXY", proxy.url)
        response = await get(server.url)

    assert response.status == 200
    assert proxy.requests == []


async def test_a_proxy_that_wants_a_password_is_told_as_such_and_sees_no_secret(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def refuse(connection: Connection) -> None:
        connection.read_head()
        connection.send(answer("407 Proxy Authentication Required"))

    with serving(refuse) as proxy:
        monkeypatch.setenv("HTTPS_PROXY", proxy.url)
        failure = await failure_of(post("https://api.prowler.invalid", b"finding"))

    assert (failure.stage, failure.handed_over) == (Stage.ADDRESS, False)
    assert "proxy" in failure.message
    assert proxy.requests[0].line == "CONNECT api.prowler.invalid:443 HTTP/1.1"
    assert "authorization" not in proxy.requests[0].headers


@pytest.mark.parametrize("proxy", ["ftp://user:hunter2@proxy", "socks5://user:hunter2@proxy", "http://user:hunter2@:x"])
async def test_a_proxy_address_that_can_not_be_used_is_refused_without_quoting_it(
    proxy: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTPS_PROXY", proxy)
    failure = await failure_of(get("https://api.prowler.invalid"))

    assert "proxy" in failure.message
    assert "hunter2" not in str(failure)


async def test_a_proxy_that_is_not_there_is_named_and_not_its_password(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTPS_PROXY", "http://user:hunter2@ocsf-console-proxy.invalid:3128")
    failure = await failure_of(get("https://api.prowler.invalid"))

    assert failure.stage is Stage.ADDRESS
    assert "proxy ocsf-console-proxy.invalid could not be reached" in failure.message
    assert "hunter2" not in str(failure)
