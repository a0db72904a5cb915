"""Which servers are believed."""

from __future__ import annotations

import ssl
from pathlib import Path

import pytest
import trustme

from console.targets.failures import Stage
from tests.targets.fault_server import Connection, answer, answering, serving
from tests.targets.http_client import failure_of, get, post


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    return trustme.CA()


def tls_server(authority: trustme.CA, host: str) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert(host).configure_cert(context)
    return context


@pytest.fixture
def trusted(authority: trustme.CA, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Name the authority in the environment, as in a network with its own."""
    authority.cert_pem.write_to_path(str(tmp_path / "ca.pem"))
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "ca.pem"))


@pytest.mark.usefixtures("trusted")
async def test_an_authority_named_in_the_environment_is_trusted(authority: trustme.CA) -> None:
    with serving(answering("200 OK"), tls_server(authority, "127.0.0.1")) as server:
        response = await get(server.url)

    assert (response.status, response.tls, response.address) == (200, "TLSv1.3", "127.0.0.1")


@pytest.mark.parametrize("variable", ["REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"])
async def test_an_authority_is_trusted_where_prowler_s_own_client_finds_it(
    authority: trustme.CA, variable: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    authority.cert_pem.write_to_path(str(tmp_path / "ca.pem"))
    monkeypatch.delenv("SSL_CERT_FILE")
    monkeypatch.setenv(variable, str(tmp_path / "ca.pem"))

    with serving(answering("200 OK"), tls_server(authority, "127.0.0.1")) as server:
        assert (await get(server.url)).status == 200

    monkeypatch.setenv(variable, str(tmp_path / "absent.pem"))
    assert variable in (await failure_of(get("https://api.prowler.invalid"))).message


@pytest.mark.parametrize("system", [False, True], ids=["one authority", "those of the system"])
async def test_an_unknown_authority_is_not_trusted(
    authority: trustme.CA, system: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    if system:
        monkeypatch.delenv("SSL_CERT_FILE")
    with serving(answering("200 OK"), tls_server(authority, "127.0.0.1")) as server:
        failure = await failure_of(post(server.url, b"finding"))

    assert (failure.stage, failure.handed_over) == (Stage.TLS, False)
    assert "SSL_CERT_FILE" in failure.hint
    assert [request.line for request in server.requests] == []


@pytest.mark.usefixtures("trusted")
async def test_a_certificate_for_another_host_is_not_trusted(authority: trustme.CA) -> None:
    with serving(answering("200 OK"), tls_server(authority, "other.example")) as server:
        failure = await failure_of(post(server.url, b"finding"))

    assert failure.stage is Stage.TLS
    assert "127.0.0.1" in failure.message


@pytest.mark.usefixtures("trusted")
async def test_a_server_without_tls_on_an_https_address_is_not_trusted() -> None:
    def plain(connection: Connection) -> None:
        connection.sock.recv(100)
        connection.send(answer("400 Bad Request"))

    with serving(plain) as server:
        failure = await failure_of(post(server.url.replace("http:", "https:"), b"finding"))

    assert (failure.stage, failure.handed_over) == (Stage.TLS, False)


@pytest.mark.parametrize("content", [None, "not a certificate"])
async def test_an_authority_file_that_can_not_be_used_is_named(
    content: str | None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "ca.pem"
    if content is not None:
        path.write_text(content)
    monkeypatch.setenv("SSL_CERT_FILE", str(path))
    failure = await failure_of(get("https://api.prowler.invalid"))

    assert (failure.stage, failure.handed_over) == (Stage.TLS, False)
    assert str(path) in failure.message


@pytest.mark.usefixtures("trusted")
async def test_the_keys_of_a_connection_are_not_written_down(
    authority: trustme.CA, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSLKEYLOGFILE", str(tmp_path / "keys"))
    with serving(answering("200 OK"), tls_server(authority, "127.0.0.1")) as server:
        await get(server.url)

    assert [path.name for path in tmp_path.iterdir()] == ["ca.pem"]
