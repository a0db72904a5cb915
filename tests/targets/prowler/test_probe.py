"""Testing the way to a target that is broken: the first step that fails is told, with what to do."""

from __future__ import annotations

import socket
import ssl
from pathlib import Path

import pytest
import trustme

from console.errors import TargetUnavailable
from console.targets.base import ProbeStep, StepState
from tests.targets.fault_server import Behaviour, Connection, answering, serving
from tests.targets.prowler.conftest import MakeTarget, error_document

OK, FAILED, SKIPPED = StepState.OK, StepState.FAILED, StepState.SKIPPED


async def probed(url: str, make_target: MakeTarget) -> list[ProbeStep]:
    return [step async for step in make_target(url).probe()]


def states(steps: list[ProbeStep]) -> list[StepState]:
    assert [step.name for step in steps] == ["address", "tls", "credentials", "permission"]
    assert all(step.advice and step.error for step in steps if step.state is FAILED)
    return [step.state for step in steps]


async def test_a_target_that_is_away_fails_at_its_address(make_target: MakeTarget) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]

    steps = await probed(f"http://127.0.0.1:{port}", make_target)

    assert states(steps) == [FAILED, SKIPPED, SKIPPED, SKIPPED]
    assert isinstance(steps[0].error, TargetUnavailable)


async def test_a_target_without_tls_fails_at_tls(make_target: MakeTarget) -> None:
    def plain(connection: Connection) -> None:
        connection.sock.recv(100)
        connection.send(b"HTTP/1.1 400 Bad Request\r\n\r\n")

    with serving(plain) as server:
        steps = await probed(server.url.replace("http:", "https:"), make_target)

    assert states(steps) == [OK, FAILED, SKIPPED, SKIPPED]


async def test_a_trusted_target_that_breaks_off_passes_its_tls(
    make_target: MakeTarget, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    authority = trustme.CA()
    authority.cert_pem.write_to_path(str(tmp_path / "ca.pem"))
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "ca.pem"))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1").configure_cert(context)
    with serving(reset, context) as server:
        assert states(await probed(server.url, make_target)) == [OK, OK, FAILED, SKIPPED]
    with serving(answering("401 No"), context) as server:
        steps = await probed(server.url, make_target)

    assert states(steps) == [OK, OK, FAILED, SKIPPED]
    assert "TLSv1.3" in steps[1].detail


def reset(connection: Connection) -> None:
    connection.read_all()
    connection.reset()


@pytest.mark.parametrize(
    ("behave", "expected"),
    [
        (answering("402 Pay", error_document("subscription_required", "Pay.")), [OK, SKIPPED, OK, FAILED]),
        (answering("200 OK", b"<html>", media_type="text/html"), [OK, SKIPPED, FAILED, SKIPPED]),
        (answering("404 Not Found", b"<html>", media_type="text/html"), [OK, SKIPPED, FAILED, SKIPPED]),
        (answering("503 Down"), [OK, SKIPPED, FAILED, SKIPPED]),
        (answering("302 Away", b"", "Location: https://evil.example"), [OK, SKIPPED, FAILED, SKIPPED]),
        (reset, [OK, SKIPPED, FAILED, SKIPPED]),
    ],
    ids=["subscription", "sign-in page", "other server", "maintenance", "redirect", "reset"],
)
async def test_a_target_that_is_not_the_api_fails_at_the_key(
    behave: Behaviour, expected: list[StepState], make_target: MakeTarget
) -> None:
    with serving(behave) as server:
        assert states(await probed(server.url, make_target)) == expected
