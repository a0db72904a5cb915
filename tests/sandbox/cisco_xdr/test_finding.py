"""A finding is read back by its uid, also by the next process."""

from __future__ import annotations

import json
from pathlib import Path
from urllib.parse import quote

import httpx
import pytest

from console.sandbox.server import Sandbox, running
from console.sandbox.settings import Settings
from tests.convert.simplified import example
from tests.sandbox.cisco_xdr.conftest import BUNDLES, CUSTOM, FINDING, SetClock, client_of, correlation, read_back
from tests.targets.cisco_xdr.bundles import bundle, finding, minimal


def refused(answer: httpx.Response, status: int) -> list[str]:
    """The details in an answer that must be an error of the Findings Query API."""
    found = answer.json()
    assert answer.status_code == status
    assert list(found) == ["status", "message", "details"]
    assert found["status"] == status
    details: list[str] = found["details"]
    return details


def test_a_finding_is_read_back_with_its_events_as_they_came(client: httpx.Client) -> None:
    client.post(BUNDLES, json=[minimal()])

    result = read_back(client, "external-uid-456")
    assert list(result) == ["finding_uid", "format", "events", "correlation"]
    assert (result["finding_uid"], result["format"]) == ("external-uid-456", "ocsf1.4")
    assert result["events"] == minimal()["events"]


def test_the_last_one_is_read_whichever_way_it_came(client: httpx.Client, clock: SetClock) -> None:
    client.post(BUNDLES, json=[bundle(finding("external-uid-123"))])
    clock.advance(60)
    client.post(CUSTOM, json=example())

    found = correlation(client, "external-uid-123")
    assert (found["received_as"], found["times_received"]) == ("custom", 2)
    assert found["received_at"] == "2026-02-17T13:01:00Z"


@pytest.mark.parametrize("uid", ["ä/ö?&=#", "a\x00b", " a ", "' OR 1=1 --", "x" * 4_096, "%", "😀"])
def test_any_uid_can_be_read_back(client: httpx.Client, uid: str) -> None:
    assert client.post(BUNDLES, json=[bundle(finding(uid)), bundle(finding("other"))]).status_code == 200

    answer = client.get(f"{FINDING}?finding_uid={quote(uid, safe='')}&format=ocsf1.4")
    assert answer.json()["result"]["finding_uid"] == uid


def test_without_a_format_there_is_only_one(client: httpx.Client) -> None:
    client.post(BUNDLES, json=[minimal()])

    assert client.get(FINDING, params={"finding_uid": "external-uid-456"}).status_code == 200


def test_what_was_never_taken_in_is_not_found(client: httpx.Client) -> None:
    assert refused(client.get(FINDING, params={"finding_uid": "nothing", "format": "ocsf1.4"}), 404) == []


@pytest.mark.parametrize(
    ("query", "detail"),
    [
        ("", "The parameter finding_uid is required."),
        ("?format=ocsf1.4", "The parameter finding_uid is required."),
        ("?finding_uid=&format=ocsf1.4", "The parameter finding_uid is required."),
        ("?finding_uid=a&finding_uid=b", "The parameter finding_uid is repeated."),
        ("?finding_uid=a&format=ocsf1.5", "The format must be ocsf1.4."),
        ("?finding_uid=a&format=", "The format must be ocsf1.4."),
        ("?finding_uid=a&limit=1", "The parameter limit is not known."),
    ],
)
def test_a_wrong_query_is_refused_in_its_own_form(client: httpx.Client, query: str, detail: str) -> None:
    assert refused(client.get(FINDING + query), 400) == [detail]


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "HEAD"])
def test_a_finding_is_only_read(client: httpx.Client, method: str) -> None:
    answer = client.request(method, FINDING)

    assert answer.status_code == 405
    assert answer.headers["allow"] == "GET"


def test_the_read_back_needs_no_module_instance(sandbox: Sandbox, client: httpx.Client) -> None:
    del client.headers["module-instance-id"]

    refused(client.get(FINDING, params={"finding_uid": "a"}), 404)


def test_findings_survive_a_restart(tmp_path: Path) -> None:
    with running(Settings(data=tmp_path)) as sandbox, client_of(sandbox) as client:
        client.post(CUSTOM, json=example())
        client.post(BUNDLES, json=[minimal()])
        before = [read_back(client, uid) for uid in ("external-uid-123", "external-uid-456")]

    with running(Settings(data=tmp_path)) as sandbox, client_of(sandbox) as client:
        assert [read_back(client, uid) for uid in ("external-uid-123", "external-uid-456")] == before
        client.post(BUNDLES, json=[minimal()])
        assert correlation(client, "external-uid-456")["times_received"] == 2


def test_what_the_tests_see_of_the_store_is_what_was_sent(sandbox: Sandbox, client: httpx.Client) -> None:
    client.post(CUSTOM, json=example())
    client.post(BUNDLES, json=[minimal(), bundle(finding("f"))])

    kept = sandbox.cisco_xdr.store.findings(limit=10)
    assert [(one.uid, one.way) for one in kept] == [
        ("external-uid-123", "custom"),
        ("external-uid-456", "bundle"),
        ("f", "bundle"),
    ]
    assert json.loads(kept[1].bundle) == minimal()
    assert sandbox.cisco_xdr.store.findings(limit=1, offset=1) == kept[1:2]
