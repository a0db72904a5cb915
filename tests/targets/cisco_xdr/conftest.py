"""Targets with secrets that must never be seen, batches on disk, and servers that give tokens out and take findings."""

from __future__ import annotations

import hashlib
import json
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest

from console.cli.setup import make_validator
from console.config import CiscoXdrConfig, Config, LimitsConfig
from console.credentials import Credentials
from console.records.model import JsonValue, Record, Span
from console.sandbox.server import Sandbox, running
from console.sandbox.settings import Settings
from console.submissions.desk import Desk
from console.targets.base import Batch, Try
from console.targets.cisco_xdr.target import CiscoXdrTarget
from console.targets.registry import open_target
from tests.targets.cisco_xdr.bundles import TIME
from tests.targets.fault_server import Behaviour, Connection, answer

ATTEMPT = "5b0e3c64-6f6e-4a6e-9b0a-2f0a3c1b2d10"
CLIENT = {"CISCO_XDR_CLIENT_ID": "client-canary", "CISCO_XDR_CLIENT_SECRET": "c2VjcmV0LWNhbmFyeS1vZi1jaXNjbw"}
TOKEN = "eyJhbGciOiJub25lIn0.dG9rZW4tY2FuYXJ5LW9mLWNpc2Nv.c2lnbmF0dXJlLWNhbmFyeQ"
SECRETS = (CLIENT["CISCO_XDR_CLIENT_SECRET"], TOKEN, *TOKEN.split(".")[1:])
"""What must be seen nowhere."""
GRANTED: dict[str, JsonValue] = {
    "access_token": TOKEN,
    "token_type": "bearer",
    "expires_in": 600,
    "scope": "enrich:read casebook",
}
TAKEN: dict[str, JsonValue] = {"data": {"version": "1.4.0", "timestamp": "2026-01-02T03:04:05Z"}, "errors": None}
PATIENCE = 5.0
LAST = Try(datetime(2026, 11, 29, tzinfo=UTC), None, None)

MakeTarget = Callable[..., CiscoXdrTarget]
MakeBatch = Callable[..., Batch]


def nothing(_: int) -> None:
    """Hears of what was sent."""


def settings_of(url: str, **more: str) -> CiscoXdrConfig:
    """The configuration of a server that does all."""
    known = {
        "base_url": url,
        "token_url": f"{url}/iroh/oauth2/token",
        "query_url": f"{url}/api/v1/finding",
        "module_instance_id": "instance-1",
    }
    return CiscoXdrConfig.model_validate({"kind": "cisco-xdr"} | known | more)


def secrets_of(sandbox: Sandbox) -> dict[str, str]:
    """The variables that hold the secrets of a sandbox."""
    access = sandbox.access.cisco_xdr
    return {"CISCO_XDR_CLIENT_ID": access.client_id, "CISCO_XDR_CLIENT_SECRET": access.client_secret.reveal()}


@pytest.fixture
async def make_target() -> AsyncIterator[MakeTarget]:
    """Makes targets, and closes them."""
    made: list[CiscoXdrTarget] = []

    def make(
        where: str | Sandbox,
        environ: dict[str, str] | None = None,
        limits: LimitsConfig | None = None,
        **more: str,
    ) -> CiscoXdrTarget:
        url, secrets = (where, CLIENT) if isinstance(where, str) else (where.url, secrets_of(where))
        given = Credentials(secrets if environ is None else environ)
        usual = LimitsConfig(request_seconds=PATIENCE, upload_seconds=PATIENCE)
        target = open_target("xdr", settings_of(url, **more), given, limits or usual)
        assert isinstance(target, CiscoXdrTarget)
        made.append(target)
        return target

    yield make
    for target in made:
        await target.close()


@pytest.fixture
def make_batch(tmp_path: Path) -> MakeBatch:
    """Makes batches of these records."""

    def make(*contents: JsonValue, number: int = 1) -> Batch:
        payload = json.dumps(contents[0] if is_custom(contents[0]) else contents).encode()
        path = tmp_path / f"{number}.payload"
        path.write_bytes(payload)
        return Batch(number, len(contents), path, len(payload), hashlib.sha256(payload).hexdigest(), "f.json")

    return make


def is_custom(content: JsonValue) -> bool:
    return isinstance(content, dict) and "detection_findings" in content


def custom(uid: str = "c-1", title: str = "Suspicious Email", **detection: JsonValue) -> dict[str, JsonValue]:
    """A simplified finding."""
    info: dict[str, JsonValue] = {"title": title, "types": ["Email"], "uid": uid}
    activity: JsonValue = {"activity_name": "Send", "direction": "Inbound", "time": TIME}
    return {
        "detection_findings": {"finding_info": info, "severity": "Medium", "time": TIME, **detection},
        "email_activity": [activity],
    }


def record(content: JsonValue, index: int = 0) -> Record:
    """A record of that content."""
    raw = json.dumps(content).encode()
    return Record(Span(index, 0, len(raw), 1), raw)


def as_json(document: JsonValue, status: str = "200 OK", *headers: str) -> bytes:
    """An answer in JSON."""
    return answer(status, json.dumps(document).encode(), *headers, media_type="application/json")


def speaking(intake: Behaviour | bytes, tokens: bytes | None = None) -> Behaviour:
    """A server that gives tokens out, and does with everything else what *intake* says."""

    def behave(connection: Connection) -> None:
        connection.read_all()
        if "/oauth2/token" in connection.request.line:
            connection.send(tokens or as_json(GRANTED))
        elif isinstance(intake, bytes):
            connection.send(intake)
        else:
            intake(connection)

    return behave


def in_turn(*answers: bytes) -> Behaviour:
    """Gives each of these answers once, and the last for ever."""
    left = list(answers)

    def behave(connection: Connection) -> None:
        connection.send(left.pop(0) if len(left) > 1 else left[0])

    return behave


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    """A sandbox of this test alone."""
    with running(Settings()) as one:
        yield one


AtDesk = Callable[..., AbstractAsyncContextManager[Desk]]


@pytest.fixture
def at_desk(sandbox: Sandbox, tmp_path: Path) -> AtDesk:
    """A desk whose target `xdr` is the sandbox."""

    @asynccontextmanager
    async def make(limits: LimitsConfig | None = None, **more: str) -> AsyncIterator[Desk]:
        config = Config(targets={"xdr": settings_of(sandbox.url, **more)}, limits=limits or LimitsConfig())
        state = tmp_path / "state"
        state.mkdir(exist_ok=True)
        desk = Desk(config, Credentials(secrets_of(sandbox)), state, make_validator)
        try:
            yield desk
        finally:
            await desk.close()

    return make
