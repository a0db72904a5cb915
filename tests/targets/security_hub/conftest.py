"""Security Hub as a target: at a sandbox, with credentials that must never be seen."""

from __future__ import annotations

import hashlib
import json
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from pathlib import Path
from uuid import uuid4

import pytest

from console.config import LimitsConfig, SecurityHubConfig
from console.records.model import Record, Span
from console.sandbox.server import Sandbox, running
from console.sandbox.settings import Settings
from console.targets.base import Batch, Outcome
from console.targets.security_hub.aws import CredentialChain, place_of
from console.targets.security_hub.target import SecurityHubTarget
from tests.targets.security_hub.findings import Finding

ACCOUNT = "123456789012"
REGION = "us-east-1"
PATIENCE = 10.0
"""Seconds that these targets wait: longer than a busy machine needs, shorter than a test may last."""

MakeTarget = Callable[..., SecurityHubTarget]
Send = Callable[..., "Sending"]


def records(*findings: Finding) -> list[Record]:
    raws = [json.dumps(one).encode() for one in findings]
    return [Record(Span(index, 0, len(raw), 1), raw) for index, raw in enumerate(raws)]


class Sending:
    """A batch on disk that a target sends."""

    def __init__(self, target: SecurityHubTarget, payload: bytes, count: int, path: Path) -> None:
        path.write_bytes(payload)
        self.target = target
        self.attempt = str(uuid4())
        self.batch = Batch(1, count, path, len(payload), hashlib.sha256(payload).hexdigest(), "f.json")
        self.handed_over: list[int] = []

    async def outcome(self) -> Outcome:
        return await self.target.send(self.batch, self.attempt, self.handed_over.append)


@pytest.fixture(autouse=True)
def no_instance_metadata(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody is asked for the role of this machine."""
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")


@pytest.fixture(scope="module")
def shared_sandbox() -> Iterator[Sandbox]:
    with running(Settings()) as found:
        yield found


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    """A sandbox of this test alone."""
    with running(Settings()) as found:
        yield found


def give_keys(monkeypatch: pytest.MonkeyPatch, sandbox: Sandbox) -> None:
    """Set the access key of a sandbox in the environment, as users do."""
    access = sandbox.access.security_hub
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", access.access_key_id)
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", access.secret_access_key.reveal())


@pytest.fixture
async def make_target() -> AsyncIterator[MakeTarget]:
    """Makes targets as the registry does, and closes them in the end. They wait for nothing before they try again."""
    made: list[SecurityHubTarget] = []

    def make(
        endpoint: str,
        *,
        account_id: str | None = ACCOUNT,
        timeout: float = PATIENCE,
        pauses: Sequence[float] = (0, 0, 0),
        region: str = REGION,
        profile: str | None = None,
        product_arn: str | None = None,
    ) -> SecurityHubTarget:
        config = SecurityHubConfig(
            kind="security-hub",
            region=region,
            account_id=account_id,
            endpoint_url=endpoint,
            aws_profile=profile,
            product_arn=product_arn,
        )
        place = place_of("hub", config)
        limits = LimitsConfig(request_seconds=timeout, upload_seconds=PATIENCE)
        made.append(SecurityHubTarget("hub", [place], CredentialChain("hub", profile, region), limits, pauses))
        return made[-1]

    yield make
    for target in made:
        await target.close()


@pytest.fixture
def target(sandbox: Sandbox, make_target: MakeTarget, monkeypatch: pytest.MonkeyPatch) -> SecurityHubTarget:
    """The target of this test's sandbox."""
    give_keys(monkeypatch, sandbox)
    return make_target(sandbox.access.security_hub.endpoint_url)


@pytest.fixture
def send(tmp_path: Path) -> Send:
    """Puts findings on disk as the spool does, for a target to send."""

    def make(target: SecurityHubTarget, *findings: Finding, payload: bytes | None = None) -> Sending:
        made = b"".join(target.payload(records(*findings))) if payload is None else payload
        return Sending(target, made, len(findings), tmp_path / "payload")

    return make
