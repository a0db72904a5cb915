"""Sandboxes that stand in for Cisco XDR, and clients that know them by the line that the command prints."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import httpx
import pytest

from console.records.model import JsonValue
from console.sandbox.cisco_xdr.intake import CiscoXdrSettings
from console.sandbox.server import Sandbox, running
from console.sandbox.settings import Settings

CUSTOM = "/api/v1/custom_detection_findings"
BUNDLES = "/api/v1/detection_findings"
FINDING = "/api/v1/finding"
TOKEN = "/iroh/oauth2/token"
JSON = {"Content-Type": "application/json"}
GRANT = {"grant_type": "client_credentials"}


@dataclass
class SetClock:
    """A clock that stands still until it is set."""

    now: datetime = field(default_factory=lambda: datetime(2026, 2, 17, 13, 0, 0, tzinfo=UTC))

    def __call__(self) -> datetime:
        return self.now

    def advance(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)


def known(sandbox: Sandbox) -> dict[str, str]:
    """What the command prints of the intake."""
    return {key: str(value) for key, value in sandbox.access.cisco_xdr.as_json().items()}


def token_of(sandbox: Sandbox) -> str:
    """A token, got as Cisco documents it."""
    access = known(sandbox)
    answer = httpx.post(access["token_url"], auth=(access["client_id"], access["client_secret"]), data=GRANT)
    assert answer.status_code == 200, answer.text
    return str(answer.json()["access_token"])


def client_of(sandbox: Sandbox) -> httpx.Client:
    """A client with a token and the required headers."""
    access = known(sandbox)
    headers = {"Authorization": f"Bearer {token_of(sandbox)}", "module-instance-id": access["module_instance_id"]}
    return httpx.Client(base_url=access["base_url"], headers=headers)


def read_back(client: httpx.Client, uid: str) -> dict[str, JsonValue]:
    """The result of the read-back."""
    answer = client.get(FINDING, params={"finding_uid": uid, "format": "ocsf1.4"})
    assert answer.status_code == 200, answer.text
    result: dict[str, JsonValue] = answer.json()["result"]
    return result


def correlation(client: httpx.Client, uid: str) -> dict[str, JsonValue]:
    """What the read-back says of how the events belong together."""
    found = read_back(client, uid)["correlation"]
    assert isinstance(found, dict)
    return found


@pytest.fixture
def clock() -> SetClock:
    """The clock of `sandbox`."""
    return SetClock()


@pytest.fixture
def sandbox(clock: SetClock) -> Iterator[Sandbox]:
    """A sandbox whose clock stands still, and which took nothing in yet."""
    settings = CiscoXdrSettings(module_instances={"splunk-1": "Splunk"})
    with running(Settings(cisco_xdr=settings, clock=clock)) as found:
        yield found


@pytest.fixture
def client(sandbox: Sandbox) -> Iterator[httpx.Client]:
    """A client with a token and the required headers."""
    with client_of(sandbox) as found:
        yield found
