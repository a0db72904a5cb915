"""The Python examples of Cisco's documentation of its findings intake, with `requests`."""

from __future__ import annotations

import json
import re
from pathlib import Path

import httpx
import pytest

from console.sandbox.server import Sandbox
from tests.clients.conftest import Run
from tests.conftest import SHARED

DOCUMENT = SHARED / "seeds" / "cisco-xdr-findings-intake.txt"
EXAMPLE = re.compile(r"^import (?:gzip|json|requests)\n.*?^print\(response\.text\)", re.MULTILINE | re.DOTALL)


@pytest.fixture
def examples(sandbox: Sandbox) -> list[str]:
    """The examples, unchanged but for the address and the credentials. Skips where the document is absent."""
    if not DOCUMENT.exists():
        pytest.skip("Cisco's document is not beside this checkout")
    access = sandbox.access.cisco_xdr
    found = EXAMPLE.findall(DOCUMENT.read_text().replace("https://findings.us.security.cisco.com", access.base_url))
    assert len(found) == 3
    token = token_of(sandbox)
    filled = [text.replace('access_token = ""', f"access_token = {token!r}") for text in found]
    return [
        text.replace('module_instance_id = ""', f"module_instance_id = {access.module_instance_id!r}")
        for text in filled
    ]


def token_of(sandbox: Sandbox) -> str:
    """A token, got as Cisco documents it."""
    access = sandbox.access.cisco_xdr
    answer = httpx.post(
        access.token_url,
        auth=(access.client_id, access.client_secret.reveal()),
        data={"grant_type": "client_credentials"},
        headers={"Accept": "application/json"},
    )
    return str(answer.json()["access_token"])


def finding_of(sandbox: Sandbox, uid: str) -> httpx.Response:
    """What the sandbox says of a finding."""
    return httpx.get(
        f"{sandbox.access.cisco_xdr.base_url}/api/v1/finding",
        params={"finding_uid": uid, "format": "ocsf1.4"},
        headers={"Authorization": f"Bearer {token_of(sandbox)}"},
    )


@pytest.mark.parametrize(("number", "uid"), [(0, "external-uid-123"), (1, "external-uid-456")])
def test_an_example_is_taken_in(
    run: Run, python: Path, sandbox: Sandbox, examples: list[str], number: int, uid: str
) -> None:
    done = run(python, "-c", examples[number])

    assert done.returncode == 0, done.stderr
    assert "errors" not in {key for key, value in json.loads(done.stdout).items() if value}
    assert finding_of(sandbox, uid).status_code == 200


def test_the_example_of_compression_is_taken_in(run: Run, python: Path, sandbox: Sandbox, examples: list[str]) -> None:
    """It goes on from the example before it."""
    done = run(python, "-c", examples[1].replace("print(response.text)", "") + examples[2])

    assert done.returncode == 0, done.stderr
    assert not json.loads(done.stdout).get("errors")
    second = sandbox.journal.entries("cisco.bundles")[1]
    assert ("content-encoding", "gzip") in second.headers
    assert second.status == 200
