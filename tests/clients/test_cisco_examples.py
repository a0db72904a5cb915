"""The Python examples of Cisco's documentation of its findings intake, with `requests`."""

from __future__ import annotations

import json
import re
from pathlib import Path

import httpx
import pytest

from console.cli.setup import make_validator
from console.config import CiscoXdrConfig, Config
from console.credentials import Credentials
from console.records.model import JsonValue
from console.sandbox.server import Sandbox, running
from console.sandbox.settings import Settings
from console.submissions.desk import Desk
from console.submissions.model import Selection
from console.targets.base import Accepted
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


UUIDS = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
PAYLOAD = re.compile(r"^(?:payload|bundle) = (.*?)\n\nheaders", re.MULTILINE | re.DOTALL)
OF_THE_REQUEST = ("request_id", "received_at", "times_received", "module_instance_id", "sha256")


async def sent_by_us(sandbox: Sandbox, path: Path, state: Path) -> None:
    """Submit a finding file to a sandbox."""
    access = sandbox.access.cisco_xdr
    config = CiscoXdrConfig(
        kind="cisco-xdr",
        base_url=access.base_url,
        token_url=access.token_url,
        module_instance_id=access.module_instance_id,
    )
    secrets = {"CISCO_XDR_CLIENT_ID": access.client_id, "CISCO_XDR_CLIENT_SECRET": access.client_secret.reveal()}
    desk = Desk(Config(targets={"xdr": config}), Credentials(secrets), state, make_validator)
    plan = await desk.prepare([path], "xdr", Selection.ALL)
    assert all([isinstance(outcome, Accepted) async for _, outcome in desk.send(plan)])
    await desk.close()


def left(sandbox: Sandbox, uid: str) -> str:
    """What is left of a finding, without what is of the request, such as how its bytes were written."""
    found = finding_of(sandbox, uid).json()["result"]
    for name in OF_THE_REQUEST:
        del found["correlation"][name]
    # The conversion of a simplified finding makes new uids.
    return UUIDS.sub("new", json.dumps(found, sort_keys=True))


async def test_our_client_leaves_what_the_examples_leave(
    run: Run, python: Path, sandbox: Sandbox, examples: list[str], tmp_path: Path
) -> None:
    """The third example sends what the second does, compressed, as ours does always."""
    compressed = examples[1].replace("print(response.text)", "") + examples[2]
    for example in (examples[0], compressed):
        assert run(python, "-c", example).returncode == 0
    contents: list[JsonValue] = []
    for example in examples[:2]:
        (text,) = PAYLOAD.findall(example)
        content = json.loads(text)
        contents += content if isinstance(content, list) else [content]
    path, state = tmp_path / "findings.json", tmp_path / "state"
    path.write_text(json.dumps(contents))
    state.mkdir()

    with running(Settings()) as ours:
        await sent_by_us(ours, path, state)
        mine = {uid: left(ours, uid) for uid in ("external-uid-123", "external-uid-456")}

    theirs = {uid: left(sandbox, uid) for uid in ("external-uid-123", "external-uid-456")}
    assert mine == theirs
