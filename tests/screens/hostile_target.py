"""A target that speaks Prowler's API and puts what attackers write into every field of its answers."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final
from uuid import UUID

from tests.hostile import MARK, TEXTS
from tests.targets.fault_server import Connection, answer, serving

_SMALL: Final = {name: text[:2_000] for name, text in TEXTS.items()}
_TIME: Final = "2026-11-19T10:15:00Z"
FIRST: Final = str(UUID(int=1 << 96))
"""The identifier of the first job of the list: an honest one, so that it can be opened."""


def _job(job_id: str, text: str) -> dict[str, object]:
    return {
        "type": text,
        "id": job_id,
        "attributes": {
            "status": "failed" if job_id == FIRST else text,
            "summary": {"total": 3, "processed": 1, "invalid": 2, text: text},
            "inserted_at": _TIME if job_id == FIRST else text,
            "requested_at": text,
            "started_at": text,
            "completed_at": text,
            text: {text: [text]},
        },
        "links": {"self": text},
    }


def _jobs() -> list[dict[str, object]]:
    texts = iter(_SMALL.values())
    return [_job(FIRST, next(texts)), *(_job(f"{text}{number}", text) for number, text in enumerate(texts))]


def _error(text: str, **more: object) -> dict[str, object]:
    return {"detail": text, "code": text, "title": text, "source": {"pointer": text}, "finding_uid": text, **more}


def _answer(line: str) -> tuple[int, object]:
    """Status and document for a request line."""
    method, path, _ = line.split(" ", 2)
    errors = [_error(text, index=number) for number, text in enumerate(_SMALL.values())]
    if method == "POST":
        return 422, {"errors": [_error("".join(list(_SMALL.values())[:9]))]}
    if "/errors" in path:
        return 200, {"data": errors, "meta": {"pagination": {"page": 1, "pages": 1, "count": len(errors)}}}
    if path.split("?")[0].endswith("/ingestions"):
        jobs = _jobs()
        return 200, {"data": jobs, "meta": {"pagination": {"page": 1, "pages": 1, "count": len(jobs)}}}
    return 200, {"data": _job(FIRST, _SMALL["csi"] + _SMALL["bidi"])}


def _behaviour(connection: Connection) -> None:
    connection.read_all()
    status, document = _answer(connection.request.line)
    connection.send(answer(f"{status} {MARK}", json.dumps(document).encode(), "Connection: close"))


@contextmanager
def hostile_target() -> Iterator[str]:
    """Serve it. Yields its base URL."""
    with serving(_behaviour) as server:
        yield server.url
