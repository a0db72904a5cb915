"""Simplified findings are taken in, converted and kept."""

from __future__ import annotations

import hashlib
import json

import httpx
import pytest

from console.records.model import JsonValue
from console.sandbox.server import Sandbox
from tests.convert.simplified import example
from tests.sandbox.cisco_xdr.conftest import CUSTOM, JSON, correlation, read_back


def post(client: httpx.Client, content: bytes, **headers: str) -> httpx.Response:
    return client.post(CUSTOM, content=content, headers={**JSON, **headers})


def container(answer: httpx.Response, status: int) -> dict[str, JsonValue]:
    """A `FindingsContainerError`."""
    found: dict[str, JsonValue] = answer.json()
    assert answer.status_code == status
    assert list(found) == ["result", "message", "details"]
    assert found["result"] == "error"
    assert found["message"]
    return found


def test_a_finding_is_answered_as_documented(client: httpx.Client) -> None:
    answer = post(client, json.dumps(example()).encode())

    assert answer.status_code == 200
    assert answer.text == (
        '{"data":{"version":"1.4.0","timestamp":"2026-02-17T13:00:00Z","detection_id":"external-uid-123"}}'
    )


def test_a_finding_is_kept_as_ocsf_with_what_was_changed(sandbox: Sandbox, client: httpx.Client) -> None:
    finding = example()
    activities = finding["email_activity"]
    assert isinstance(activities, list)
    assert isinstance(activities[0], dict)
    activities[0]["email"] = {"from_list": ["a@x.example", "b@x.example"]}
    raw = json.dumps(finding, indent=2).encode()
    post(client, raw, **{"workflow-run-id": "run-7", "x-request-id": "req-1"})

    result = read_back(client, "external-uid-123")
    assert [event["class_uid"] for event in json.loads(json.dumps(result["events"]))] == [2004, 4009]
    found = correlation(client, "external-uid-123")
    linked = found.pop("linked")
    assert isinstance(linked, list)
    assert len(linked) == 1
    assert found == {
        "source": "Custom OCSF Event Source",
        "module_instance_id": sandbox.access.cisco_xdr.module_instance_id,
        "workflow_run_id": "run-7",
        "request_id": "req-1",
        "received_at": "2026-02-17T13:00:00Z",
        "received_as": "custom",
        "times_received": 1,
        "sha256": hashlib.sha256(raw).hexdigest(),
        "unlinked": [],
        "dangling": [],
        "changes": [
            {
                "kind": "unmapped",
                "path": "email_activity[0].email.from_list[1]",
                "message": "OCSF 1.4.0 has one sender of an email.",
            }
        ],
    }


def test_a_finding_without_uid_can_be_read_back_by_the_one_it_got(client: httpx.Client) -> None:
    answer = post(client, b'{"detection_findings":{"finding_info":{"types":["Email"]}}}')

    uid = answer.json()["data"]["detection_id"]
    assert read_back(client, uid)["finding_uid"] == uid


def test_all_that_is_wrong_is_listed_with_its_place(sandbox: Sandbox, client: httpx.Client) -> None:
    finding = {
        "detection_findings": {"finding_info": {"types": ["Email"], "color": "red"}, "time": 1739700000},
        "email_activity": [{"email": {"to": ["nobody"]}}],
        "network_activity": [{}],
    }

    found = container(post(client, json.dumps(finding).encode()), 400)
    assert found["details"] == [
        "detection_findings.finding_info.color: Cisco XDR knows no such key here.",
        "detection_findings.time: It counts seconds, not milliseconds: multiply it by 1,000.",
        "email_activity[0].email.to[0]: It must be an email address.",
        "network_activity: A finding of the type Email has no network_activity; its activities are email_activity.",
    ]
    assert sandbox.cisco_xdr.store.count() == 0


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"  ",
        b"{",
        b"[]",
        b"3",
        b"null",
        b"\xff",
        b"\xef\xbb\xbf{}",
        b"{} {}",
        b'{"a":NaN}',
        b'{"a":1e999}',
        b'{"a":"\\ud800"}',
        b'{"a":' + b"9" * 5_000 + b"}",
        b'{"a":' * 100_000,
        b"[" * 100_000,
        b'{"detection_findings":' * 60 + b"{}" + b"}" * 60,
        b'{"detection_findings":{"finding_info":{"types":["Email"]}},"detection_findings":{}}',
    ],
)
def test_what_is_no_finding_is_a_400(sandbox: Sandbox, client: httpx.Client, content: bytes) -> None:
    container(post(client, content), 400)

    assert sandbox.cisco_xdr.store.count() == 0


def test_details_are_bounded(client: httpx.Client) -> None:
    finding = {**example(), "email_activity": [0] * 50_000}

    details = container(post(client, json.dumps(finding).encode()), 400)["details"]
    assert isinstance(details, list)
    assert len(details) == 100


def test_far_too_many_values_are_a_413(client: httpx.Client) -> None:
    container(post(client, json.dumps({"email_activity": [0] * 1_000_000}).encode()), 413)


@pytest.mark.parametrize("encoding", ["gzip", "identity", "br", ""])
def test_no_content_encoding_is_taken(client: httpx.Client, encoding: str) -> None:
    container(post(client, json.dumps(example()).encode(), **{"Content-Encoding": encoding}), 415)


def test_answers_are_not_packed(client: httpx.Client) -> None:
    assert "content-encoding" not in post(client, b"{}", **{"Accept-Encoding": "gzip"}).headers
