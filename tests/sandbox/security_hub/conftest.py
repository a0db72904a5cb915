"""Sandboxes on real sockets, and a client that signs what it sends with a signer of the tests."""

from __future__ import annotations

import hmac
import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any

import httpx
import pytest

from console.sandbox.security_hub.intake import SecurityHubAccess, SecurityHubSettings
from console.sandbox.server import Sandbox, running
from console.sandbox.settings import Settings
from tests.targets.security_hub.findings import Finding

START = datetime(2026, 11, 20, 20, 43, 4, 123456, tzinfo=UTC)


@dataclass
class Times:
    """The clocks of a sandbox, which stand still until a test moves them."""

    now: datetime = START
    seconds: float = 0.0

    def clock(self) -> datetime:
        return self.now

    def monotonic(self) -> float:
        return self.seconds


@dataclass
class Client:
    """A client of the intake, by nothing but what the sandbox prints."""

    access: SecurityHubAccess
    times: Times
    http: httpx.Client = field(init=False)

    def __post_init__(self) -> None:
        self.http = httpx.Client(base_url=self.access.endpoint_url)

    def __enter__(self) -> Client:
        return self

    def __exit__(self, *_: object) -> None:
        self.http.close()

    def send(self, method: str, path: str, body: bytes = b"", **headers: str) -> httpx.Response:
        """Send a signed request, and these headers in place of its own."""
        request = self.http.build_request(method, path, content=body)
        sign(request, body, self.access, self.times.now)
        request.headers.update({name.replace("_", "-"): value for name, value in headers.items()})
        return self.http.send(request)

    def post(self, path: str, document: object) -> httpx.Response:
        return self.send("POST", path, json.dumps(document).encode())

    def import_(self, *findings: object) -> httpx.Response:
        return self.post("/findings/import", {"Findings": findings})

    def take(self, *findings: Finding) -> None:
        """Import findings, all of which are good."""
        answer = self.import_(*findings)
        assert answer.json() == {"FailedCount": 0, "SuccessCount": len(findings), "FailedFindings": []}

    def get(self, **asked: object) -> list[Any]:
        """The findings that GetFindings returns."""
        answer = self.post("/findings", asked)
        assert answer.status_code == 200, answer.text
        found: list[Any] = answer.json()["Findings"]
        return found

    def only(self) -> Any:
        """The one finding that is there."""
        (found,) = self.get()
        return found

    def update(self, *identifiers: object, **changes: object) -> httpx.Response:
        document = {"FindingIdentifiers": identifiers, **changes}
        return self.send("PATCH", "/findings/batchupdate", json.dumps(document).encode())


def sign(request: httpx.Request, body: bytes, access: SecurityHubAccess, now: datetime) -> None:
    """Sign a request whose query, if any, is sorted and encoded already."""
    at = now.strftime("%Y%m%dT%H%M%SZ")
    path, _, query = request.url.raw_path.decode().partition("?")
    host = request.headers["host"]
    lines = [request.method, path, query, f"host:{host}", f"x-amz-date:{at}", "", "host;x-amz-date"]
    canonical = "\n".join([*lines, sha256(body).hexdigest()])
    scope = f"{at[:8]}/{access.region}/securityhub/aws4_request"
    key = f"AWS4{access.secret_access_key.reveal()}".encode()
    for part in scope.split("/"):
        key = hmac.new(key, part.encode(), "sha256").digest()
    text = f"AWS4-HMAC-SHA256\n{at}\n{scope}\n{sha256(canonical.encode()).hexdigest()}"
    signature = hmac.new(key, text.encode(), "sha256").hexdigest()
    request.headers["X-Amz-Date"] = at
    request.headers["Authorization"] = (
        f"AWS4-HMAC-SHA256 Credential={access.access_key_id}/{scope}, SignedHeaders=host;x-amz-date,"
        f" Signature={signature}"
    )


@pytest.fixture
def times() -> Times:
    return Times()


@pytest.fixture
def sandbox(times: Times) -> Iterator[Sandbox]:
    """A sandbox without findings."""
    hub = SecurityHubSettings(monotonic=times.monotonic)
    with running(Settings(security_hub=hub, clock=times.clock)) as found:
        yield found


@pytest.fixture
def client(sandbox: Sandbox, times: Times) -> Iterator[Client]:
    """A client with the good key."""
    with Client(sandbox.access.security_hub, times) as made:
        yield made


def later(days: int = 1) -> str:
    """A time after that of the tests' finding."""
    return (START + timedelta(days=days)).strftime("%Y-%m-%dT%H:%M:%SZ")
