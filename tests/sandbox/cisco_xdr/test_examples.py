"""The examples of Cisco's guide, with nothing changed but the URL and the credentials.

They are written for `requests`; here they are sent by httpx, with the same bodies and headers.
"""

from __future__ import annotations

import gzip
import json

import httpx

from console.sandbox.server import Sandbox
from tests.sandbox.cisco_xdr.conftest import known, read_back, token_of
from tests.targets.cisco_xdr.bundles import minimal

PAYLOAD = {
    "detection_findings": {
        "finding_info": {"title": "Suspicious Email", "types": ["Email"], "uid": "external-uid-123"},
        "severity": "Medium",
        "confidence": "Medium",
        "time": 1739700000000,
    },
    "email_activity": [
        {
            "activity_name": "Send",
            "direction": "Inbound",
            "time": 1739700000000,
            "email": {
                "from_list": ["attacker@example.com"],
                "to": ["victim@example.com"],
                "message_uid": "msg-123",
            },
        }
    ],
}


def headers_for(sandbox: Sandbox) -> dict[str, str]:
    return {
        "Authorization": f"Bearer {token_of(sandbox)}",
        "Content-Type": "application/json",
        "module-instance-id": known(sandbox)["module_instance_id"],
    }


def test_the_example_of_a_custom_finding(sandbox: Sandbox, client: httpx.Client) -> None:
    url = known(sandbox)["base_url"] + "/api/v1/custom_detection_findings"

    response = httpx.post(url, headers=headers_for(sandbox), json=PAYLOAD)
    assert response.status_code == 200
    assert response.json()["data"]["detection_id"] == "external-uid-123"
    assert read_back(client, "external-uid-123")["count"] == 2


def test_the_example_of_a_bundle(sandbox: Sandbox, client: httpx.Client) -> None:
    url = known(sandbox)["base_url"] + "/api/v1/detection_findings"

    response = httpx.post(url, headers=headers_for(sandbox), json=[minimal()])
    assert response.status_code == 200
    assert response.json()["errors"] is None
    assert read_back(client, "external-uid-456")["events"] == minimal()["events"]


def test_the_example_of_a_packed_bundle(sandbox: Sandbox, client: httpx.Client) -> None:
    url = known(sandbox)["base_url"] + "/api/v1/detection_findings"
    compressed = gzip.compress(json.dumps([minimal()]).encode("utf-8"))
    headers = {**headers_for(sandbox), "Content-Encoding": "gzip", "Accept-Encoding": "gzip"}

    response = httpx.post(url, headers=headers, content=compressed)
    assert response.status_code == 200
    assert response.headers["content-encoding"] == "gzip"
    assert response.json()["data"]["version"] == "1.4.0"
    assert read_back(client, "external-uid-456")["events"] == minimal()["events"]
