"""Batches on disk, targets with a key that must never be seen, and what they are sent to."""

from __future__ import annotations

import hashlib
import json
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

from console import credentials
from console.config import LimitsConfig
from console.credentials import Found, Secret
from console.records.model import JsonValue
from console.targets.base import Batch
from console.targets.http import Response
from console.targets.prowler.envelope import Source
from console.targets.prowler.target import ProwlerTarget

CANARY = "c2VjcmV0LXRoYXQtbm9ib2R5LW1heS1zZWU"
KEY = f"pk_canary1.{CANARY}"
JOB_ID = "3650fef9-8e5f-4808-a95f-74f0afae8499"
ATTEMPT = "5b0e3c64-6f6e-4a6e-9b0a-2f0a3c1b2d10"
NO_KEY = "The keyring is locked."
"""Why a target of a test has no key, where it has none."""
PATIENCE = 5.0
"""Seconds that these targets wait: longer than a busy machine needs, shorter than a test may last."""
SOURCE = Source("prowler", "https://api.prowler.example")

MakeBatch = Callable[..., Batch]
MakeTarget = Callable[..., ProwlerTarget]


def finding(number: int = 0) -> dict[str, JsonValue]:
    """A small finding that Prowler Cloud takes."""
    return {
        "class_uid": 2004,
        "finding_info": {"uid": f"prowler-aws-check-123456789012-eu-west-1-{number}"},
        "resources": [{"uid": f"arn:aws:s3:::bucket-{number}"}],
        "unmapped": {"provider": "aws", "provider_uid": "123456789012"},
    }


def job_document(status: str = "pending", job_id: str = JOB_ID) -> bytes:
    """The documented answer to a submission ("Import findings", user guide)."""
    attributes = {
        "status": status,
        "summary": {"total": 4, "processed": 0, "invalid": 0},
        "requested_at": "2026-02-17T13:16:28.644666Z",
        "started_at": None,
        "completed_at": None,
    }
    document = {"data": {"type": "ingestions", "id": job_id, "attributes": attributes}, "meta": {"version": "v1"}}
    return json.dumps(document).encode()


def error_document(code: str, detail: str, *, status: object = "400", pointer: str = "/data") -> bytes:
    """An error document as Django REST framework JSON:API writes it."""
    entry = {"detail": detail, "status": status, "source": {"pointer": pointer}, "code": code}
    return json.dumps({"errors": [entry]}).encode()


def response(
    body: bytes | JsonValue,
    status: int = 200,
    *,
    whole: bool = True,
    handed_over: bool = True,
    media_type: str = "application/vnd.api+json",
) -> Response:
    """An answer as the HTTP layer gives it."""
    return Response(
        status=status,
        media_type=media_type,
        body=body if isinstance(body, bytes) else json.dumps(body).encode(),
        whole=whole,
        handed_over=handed_over,
        retry_after=None,
        transaction="",
        redirect="",
        address="127.0.0.1",
        tls="",
    )


def nothing(_done: int) -> None:
    """Take progress and forget it."""


@pytest.fixture
def make_batch(tmp_path: Path) -> MakeBatch:
    """Puts a payload on disk and describes it, as the spool does."""

    def make(payload: bytes = b"[]", filename: str = "scan.ocsf.json") -> Batch:
        path = tmp_path / "payload"
        path.write_bytes(payload)
        return Batch(
            number=1,
            records=1,
            path=path,
            length=len(payload),
            sha256=hashlib.sha256(payload).hexdigest(),
            filename=filename,
        )

    return make


@pytest.fixture
async def make_target() -> AsyncIterator[MakeTarget]:
    """Makes targets, and closes them in the end."""
    made: list[ProwlerTarget] = []

    def make(base_url: str, *, key: str | None = KEY, timeout: float = PATIENCE) -> ProwlerTarget:
        secret = None if key is None else Secret(key)
        found = Found(secret, credentials.Source.SESSION if secret else credentials.Source.MISSING, NO_KEY)
        limits = LimitsConfig(request_seconds=timeout, upload_seconds=PATIENCE)
        made.append(ProwlerTarget("prowler", base_url, found, limits))
        return made[-1]

    yield make
    for target in made:
        await target.close()
