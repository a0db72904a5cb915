"""Prowler's own client of its ingestion API: `send_ocsf_to_api` of the published package."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from pathlib import Path

import pytest

from console.cli.root import run as run_command
from console.sandbox.samples import as_array, findings
from console.sandbox.server import Sandbox
from tests.cli.conftest import access
from tests.clients.conftest import Run
from tests.sandbox.conftest import ended

Send = Callable[..., str]
"""Sends a file, with another key if one is given, and gives what the client printed."""

SEND = """
import json, sys
import requests
from prowler.lib.outputs.ocsf.ingestion import send_ocsf_to_api
try:
    print(json.dumps(send_ocsf_to_api(sys.argv[1])))
except (requests.RequestException, ValueError) as error:
    response = getattr(error, "response", None)
    print(type(error).__name__, None if response is None else response.status_code)
"""


@pytest.fixture
def send(run: Run, python: Path, sandbox: Sandbox) -> Send:
    """Sends a file with Prowler's client, and gives what it printed."""
    if run(python, "-c", "import prowler").returncode:
        pytest.skip("Prowler is not installed among the clients")

    def send(path: Path, key: str | None = None) -> str:
        access = sandbox.access.prowler
        variables = {
            "PROWLER_CLOUD_API_BASE_URL": access.base_url,
            "PROWLER_CLOUD_API_KEY": access.api_key.reveal() if key is None else key,
        }
        done = run(python, "-c", SEND, path, **variables)
        assert done.returncode == 0, done.stderr
        return done.stdout.strip()

    return send


@pytest.fixture
def report(tmp_path: Path) -> Path:
    """A finding file as Prowler names it."""
    path = tmp_path / "prowler-output-123456789012-20261119101500.ocsf.json"
    path.write_bytes(as_array(list(findings(50))))
    return path


def test_a_report_is_pushed_and_processed(send: Send, sandbox: Sandbox, report: Path) -> None:
    answer = json.loads(send(report))

    job = ended(sandbox, answer["data"]["id"])
    assert (job.status, job.processed, job.invalid) == ("completed", 50, 0)
    assert (job.filename, job.sha256) == (report.name, hashlib.sha256(report.read_bytes()).hexdigest())


def test_a_wrong_key_is_refused_as_the_client_knows_it(send: Send, report: Path) -> None:
    assert send(report, key="pk_wrong.key") == "HTTPError 401"


@pytest.mark.parametrize(
    ("fault", "told"),
    [
        ("status=402", "HTTPError 402"),
        ("redirect=https://elsewhere.example/", "HTTPError 307"),
        ("html=503", "HTTPError 503"),
        ("reset=after", "ConnectionError None"),
        ("cut=20", "ChunkedEncodingError None"),
    ],
)
def test_a_bad_day_is_told_as_the_client_tells_it(
    send: Send, sandbox: Sandbox, report: Path, fault: str, told: str
) -> None:
    sandbox.faults.add(f"{fault},on=prowler.submit")

    assert send(report) == told


def test_what_the_client_takes_for_success_fails_a_build_that_waits(
    send: Send, sandbox: Sandbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The client is told that the job was accepted, and never asks what became of it."""
    records = list(findings(5))
    records[3]["resources"] = []
    path = tmp_path / "prowler-output-1.ocsf.json"
    path.write_bytes(as_array(records))
    for name, value in access(sandbox).items():
        monkeypatch.setenv(name, value)

    pushed = json.loads(send(path))
    waited = run_command(["submit", str(path), "--target", "prowler", "--wait"])

    assert ended(sandbox, pushed["data"]["id"]).invalid == 1
    assert waited == 1
