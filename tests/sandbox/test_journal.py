"""The journal: every request as it was received, without the secrets in it."""

from __future__ import annotations

import hashlib
from base64 import b64encode
from pathlib import Path

import botocore.session
import httpx
import pytest

from console.sandbox import journal as journals
from console.sandbox.prowler.intake import ProwlerSettings
from console.sandbox.server import Sandbox, running
from console.sandbox.settings import Settings
from tests.sandbox.conftest import PATH, client_of, no_bad_records, submit
from tests.sandbox.wire import PATIENCE, connected
from tests.targets.security_hub.findings import finding


def test_an_entry_is_there_when_the_answer_is(sandbox: Sandbox, client: httpx.Client) -> None:
    body = b"--b\r\n\r\n--b--"
    content = {"Content-Type": "multipart/form-data; boundary=b"}

    client.post(f"{PATH}?include=x&a=%41", content=body, headers=content)

    (entry,) = sandbox.journal.entries()
    assert (entry.number, entry.endpoint, entry.method) == (1, "prowler.submit", "POST")
    assert entry.target == f"{PATH}?include=x&a=%41"
    assert (entry.size, entry.sha256, entry.complete) == (len(body), hashlib.sha256(body).hexdigest(), True)
    assert entry.status == 400
    assert entry.taken is None
    assert ("content-type", "multipart/form-data; boundary=b") in entry.headers


def test_a_large_body_is_hashed_whole(sandbox: Sandbox, client: httpx.Client) -> None:
    body = bytes(range(256)) * 20_000

    client.post(PATH, content=body)

    (entry,) = sandbox.journal.entries()
    assert (entry.size, entry.sha256) == (len(body), hashlib.sha256(body).hexdigest())


def test_what_was_taken_in_is_named(sandbox: Sandbox, client: httpx.Client) -> None:
    content = b'[{"a": 1}]'

    job = submit(client, content).json()["data"]["id"]

    (entry,) = sandbox.journal.entries("prowler.submit")
    assert entry.taken == {"job": job, "sha256": hashlib.sha256(content).hexdigest(), "size": 10, "records": 1}


@pytest.mark.parametrize(
    ("header", "kept"),
    [
        ("Api-Key {key}", "Api-Key ***"),
        ("Bearer {key}", "Bearer ***"),
        ("{key}", "***"),
        ("AWS4-HMAC-SHA256 Credential=A/b, Signature={key}", "AWS4-HMAC-SHA256 ***"),
    ],
)
def test_no_secret_is_kept(tmp_path: Path, header: str, kept: str) -> None:
    with running(Settings(data=tmp_path, prowler=ProwlerSettings(check=no_bad_records))) as sandbox:
        key = sandbox.access.prowler.api_key.reveal()
        headers = {
            "Authorization": header.format(key=key),
            "Proxy-Authorization": f"Basic {key}",
            "Cookie": f"session={key}",
            "X-Amz-Security-Token": key,
            "X-Odd-Place": f"see {key} here",
            "X-Forwarded-Authorization": "Bearer canary-token",
        }
        httpx.get(f"{sandbox.url}{PATH}", params={"key": key}, headers=headers)
        (entry,) = sandbox.journal.entries()

    assert ("authorization", kept) in entry.headers
    assert key not in repr(entry)
    assert "canary-token" not in repr(entry)
    assert all(key.encode() not in file.read_bytes() for file in tmp_path.rglob("*") if file.is_file())


def test_no_secret_is_kept_in_an_odd_form_or_place(tmp_path: Path) -> None:
    with running(Settings(data=tmp_path, prowler=ProwlerSettings(check=no_bad_records))) as sandbox:
        key = sandbox.access.prowler.api_key.reveal()
        access = sandbox.access.cisco_xdr
        pair = b64encode(f"{access.client_id}:{access.client_secret.reveal()}".encode()).decode().rstrip("=")
        percent = "".join(f"%{byte:02X}" for byte in key.encode())
        packed = b64encode(key.encode()).decode().rstrip("=")
        grant = {"grant_type": "client_credentials"}
        auth = (access.client_id, access.client_secret.reveal())
        token = httpx.post(access.token_url, auth=auth, data=grant).json()["access_token"]
        dotted = token.replace(".", "%2E")
        query = f"a={percent}&b={packed}&c={token}&d={pair}"
        httpx.get(f"{sandbox.url}{PATH}?{query}", headers={"X-Custom": token, "X-Pair": pair, key: "x"})
        httpx.get(f"{sandbox.url}{PATH}?t={dotted}")
        entries = sandbox.journal.entries("prowler.list")

    assert len(entries) == 2
    written = b"".join(file.read_bytes() for file in tmp_path.rglob("*") if file.is_file())
    for secret in (key, key.lower(), percent, packed, pair, token, dotted):
        assert secret not in repr(entries)
        assert secret.encode() not in written


def test_a_client_that_leaves_in_the_middle_is_written_down(sandbox: Sandbox) -> None:
    key = sandbox.access.prowler.api_key.reveal()
    head = f"POST {PATH} HTTP/1.1\r\nHost: x\r\nAuthorization: Api-Key {key}\r\nContent-Length: 100\r\n"
    with connected(sandbox.url) as sock:
        sock.sendall(f"{head}Content-Type: multipart/form-data; boundary=b\r\n\r\n--b\r\n".encode())

    assert sandbox.journal.wait(lambda: sandbox.journal.count() == 1, PATIENCE)
    (entry,) = sandbox.journal.entries()
    assert (entry.size, entry.complete, entry.status) == (5, False, None)


def test_a_request_without_a_body_is_complete(sandbox: Sandbox, client: httpx.Client) -> None:
    client.get(PATH)

    (entry,) = sandbox.journal.entries()
    assert (entry.size, entry.complete, entry.sha256) == (0, True, hashlib.sha256(b"").hexdigest())


def test_what_no_service_knows_is_written_down_as_well(sandbox: Sandbox, client: httpx.Client) -> None:
    client.get("/nowhere")
    client.delete(PATH)

    assert [(entry.endpoint, entry.target, entry.status) for entry in sandbox.journal.entries()] == [
        ("", "/nowhere", 404),
        ("", PATH, 405),
    ]


def test_entries_are_read_in_pages_and_survive_a_restart(tmp_path: Path) -> None:
    settings = Settings(data=tmp_path, prowler=ProwlerSettings(check=no_bad_records))
    with running(settings) as sandbox, client_of(sandbox) as client:
        for _ in range(5):
            client.get(PATH)

    with running(settings) as sandbox:
        assert [entry.number for entry in sandbox.journal.entries(limit=2)] == [1, 2]
        assert [entry.number for entry in sandbox.journal.entries(after=3)] == [4, 5]
        assert sandbox.journal.entries("prowler.submit") == []
        assert (sandbox.journal.count(), sandbox.journal.count("prowler.list")) == (5, 5)


def test_the_oldest_entries_go(sandbox: Sandbox, client: httpx.Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(journals, "KEPT", 3)
    for _ in range(5):
        client.get(PATH)

    assert [entry.number for entry in sandbox.journal.entries()] == [3, 4, 5]


def test_what_cisco_xdr_took_in_is_named(sandbox: Sandbox) -> None:
    access = sandbox.access.cisco_xdr
    secret = access.client_secret.reveal()
    grant = {"grant_type": "client_credentials"}
    token = httpx.post(access.token_url, auth=(access.client_id, secret), data=grant).json()["access_token"]
    finding = (
        b'{"events": [{"class_uid": 2004, "finding_info": {"uid": "a"}, "metadata": {"version": "1.4.0"},'
        b' "time": 1739700000000}]}'
    )
    headers = {
        "Authorization": f"Bearer {token}",
        "Content-Type": "application/json",
        "module-instance-id": access.module_instance_id,
    }

    httpx.post(f"{access.base_url}/api/v1/detection_findings", content=b"[" + finding + b"]", headers=headers)

    asked, taken = sandbox.journal.entries()
    assert taken.taken == [{"uid": "a", "sha256": hashlib.sha256(finding).hexdigest()}]
    assert ("authorization", "Basic ***") in asked.headers
    assert ("authorization", "Bearer ***") in taken.headers
    assert token not in repr(taken)


def test_what_security_hub_took_in_is_named(sandbox: Sandbox) -> None:
    access = sandbox.access.security_hub
    session = botocore.session.get_session()
    hub = session.create_client(
        "securityhub",
        endpoint_url=access.endpoint_url,
        region_name=access.region,
        aws_access_key_id=access.access_key_id,
        aws_secret_access_key=access.secret_access_key.reveal(),
    )

    hub.batch_import_findings(Findings=[finding(Id="a")])
    hub.close()

    (entry,) = sandbox.journal.entries("hub.import")
    assert isinstance(entry.taken, list)
    (taken,) = entry.taken
    assert isinstance(taken, dict)
    assert (taken["id"], taken["outcome"]) == ("a", "created")
    assert access.secret_access_key.reveal() not in repr(entry)
