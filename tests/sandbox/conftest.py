"""Sandboxes on real sockets, and clients that know them only by their URL and key."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from uuid import UUID

import httpx
import pytest

from console.ocsf.issues import Issue, Severity
from console.records.model import Record
from console.sandbox.prowler.intake import ProwlerSettings
from console.sandbox.prowler.model import Ingestion
from console.sandbox.server import Sandbox, running
from console.sandbox.settings import Settings
from console.targets.base import COMPLETED, FAILED, PENDING, PROCESSING

PATH = "/api/v1/ingestions"
MEDIA_TYPE = "application/vnd.api+json"
START = datetime(2026, 2, 17, 13, 0, 0, 1, tzinfo=UTC)
"""When the first seeded job was taken in; the others follow hour by hour."""
STATUSES = (COMPLETED, FAILED, PENDING, PROCESSING)


def no_bad_records(record: Record) -> Sequence[Issue]:
    """A small rule: a record with a `bad` attribute is wrong, once for each of its members, and warned about."""
    found = json.loads(record.raw)
    issues = [Issue(Severity.ERROR, "bad_value", str(path), f"{path} is bad.") for path in found.get("bad", [])]
    return [Issue(Severity.WARNING, "fishy", "", "Looked at."), *issues]


def seeded(number: int) -> Ingestion:
    """The job of that number, from 0: one per hour, the statuses in turn."""
    status = STATUSES[number % len(STATUSES)]
    at = START + number * timedelta(hours=1)
    return Ingestion(
        id=UUID(int=number + 1),
        status=status,
        total=4,
        processed=3 if status == COMPLETED else 0,
        invalid=1 if status == COMPLETED else 0,
        inserted_at=at,
        requested_at=at,
        started_at=None if status == PENDING else at + timedelta(seconds=1),
        completed_at=at + timedelta(seconds=2) if status in (COMPLETED, FAILED) else None,
        filename=f"scan-{number}.ocsf.json",
        sha256="",
        size=1,
        path=None,
    )


def client_of(sandbox: Sandbox) -> httpx.Client:
    """A client with the good key."""
    key = sandbox.access.prowler.api_key.reveal()
    return httpx.Client(base_url=sandbox.url, headers={"Authorization": f"Api-Key {key}", "Accept": MEDIA_TYPE})


def submit(client: httpx.Client, content: bytes, name: str = "a.ocsf.json") -> httpx.Response:
    """Submit a file as Prowler's own client does."""
    return client.post(PATH, files={"file": (name, content, "application/json")})


def ended(sandbox: Sandbox, job_id: str) -> Ingestion:
    """The job once it has ended. Fails when that takes too long."""
    job = UUID(job_id)

    def is_ended() -> bool:
        found = sandbox.prowler.store.ingestion(job)
        return found is not None and found.status in (COMPLETED, FAILED)

    assert sandbox.prowler.store.wait(is_ended, timeout=20), "the job did not end"
    found = sandbox.prowler.store.ingestion(job)
    assert found is not None
    return found


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    """A sandbox with a small rule, and no job yet."""
    with running(Settings(prowler=ProwlerSettings(check=no_bad_records))) as found:
        yield found


@pytest.fixture
def client(sandbox: Sandbox) -> Iterator[httpx.Client]:
    """A client with the good key."""
    with client_of(sandbox) as found:
        yield found


@pytest.fixture(scope="module")
def full(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sandbox]:
    """A sandbox that is only read from, with 23 seeded jobs."""
    with running(
        Settings(data=tmp_path_factory.mktemp("full"), prowler=ProwlerSettings(check=no_bad_records))
    ) as found:
        for number in range(23):
            found.prowler.store.add(seeded(number))
        yield found


@pytest.fixture
def reader(full: Sandbox) -> Iterator[httpx.Client]:
    """A client of the sandbox that has jobs."""
    with client_of(full) as found:
        yield found
