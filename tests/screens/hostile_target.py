"""A target that speaks Prowler's API and puts what attackers write into every field of its answers."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from typing import Final
from uuid import UUID

from tests.hostile import MARK, TEXTS
from tests.targets.fault_server import Connection, answer, serving

_SMALL: Final = {name: text[:2_000] for name, text in TEXTS.items()}
_TIME: Final = "2026-11-19T10:15:00Z"
FIRST: Final = str(UUID(int=1 << 96))
"""The identifier of the first job of the list: an honest one, so that it can be opened."""


@dataclass(frozen=True, slots=True)
class Manners:
    """How it behaves where that matters to a story."""

    submit: int = 422
    """The status of its answer to a submission."""
    list: int = 200
    """And of that to a question for its list."""
    total: int = 3
    """The records that each of its jobs claims."""


def _job(job_id: str, text: str, total: int) -> dict[str, object]:
    return {
        "type": text,
        "id": job_id,
        "attributes": {
            "status": "failed" if job_id == FIRST else text,
            "summary": {"total": total, "processed": 1, "invalid": 2, text: text},
            "inserted_at": _TIME if job_id == FIRST else text,
            "requested_at": text,
            "started_at": text,
            "completed_at": text,
            text: {text: [text]},
        },
        "links": {"self": text},
    }


def _jobs(total: int) -> list[dict[str, object]]:
    texts = iter(_SMALL.values())
    first = _job(FIRST, next(texts), total)
    return [first, *(_job(f"{text}{number}", text, total) for number, text in enumerate(texts))]


def _error(text: str, **more: object) -> dict[str, object]:
    return {"detail": text, "code": text, "title": text, "source": {"pointer": text}, "finding_uid": text, **more}


def _answer(line: str, manners: Manners) -> tuple[int, object]:
    """Status and document for a request line."""
    method, path, _ = line.split(" ", 2)
    errors = [_error(text, index=number) for number, text in enumerate(_SMALL.values())]
    if method == "POST":
        return manners.submit, {"errors": [_error("".join(list(_SMALL.values())[:9]))]}
    if "/errors" in path:
        return 200, {"data": errors, "meta": {"pagination": {"page": 1, "pages": 1, "count": len(errors)}}}
    if path.split("?")[0].endswith("/ingestions"):
        if manners.list != 200:
            return manners.list, {"errors": [_error("".join(list(_SMALL.values())[:9]))]}
        jobs = _jobs(manners.total)
        return 200, {"data": jobs, "meta": {"pagination": {"page": 1, "pages": 1, "count": len(jobs)}}}
    return 200, {"data": _job(FIRST, _SMALL["csi"] + _SMALL["bidi"], manners.total)}


def _behaviour(manners: Manners, connection: Connection) -> None:
    connection.read_all()
    status, document = _answer(connection.request.line, manners)
    connection.send(answer(f"{status} {MARK}", json.dumps(document).encode(), "Connection: close"))


_WORST: Final = Manners()


@contextmanager
def hostile_target(manners: Manners = _WORST) -> Iterator[str]:
    """Serve it. Yields its base URL."""
    with serving(partial(_behaviour, manners)) as server:
        yield server.url
