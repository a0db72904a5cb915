"""The Prowler intake as a whole: its settings, its keys, its jobs and the worker that processes them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final
from uuid import UUID

from starlette.types import ASGIApp

from console.credentials import Secret
from console.records.model import JsonValue
from console.sandbox.database import Database
from console.sandbox.prowler.auth import ApiKeys, Permission, new_key
from console.sandbox.prowler.endpoints import ENDPOINTS, IngestionApi
from console.sandbox.prowler.gate import Gate
from console.sandbox.prowler.judges import Check, CheckJudge, IngestionJudge
from console.sandbox.prowler.store import Store
from console.sandbox.prowler.throttle import Rate, Throttle
from console.sandbox.prowler.worker import Pace, Worker
from console.sandbox.words import Clock, Endpoint, NewId

MAX_UPLOAD_BYTES: Final = 2 * 1024**3
"""How large a file may be by default. The real service publishes no number."""


@dataclass(frozen=True, slots=True)
class ProwlerSettings:
    """How the Prowler intake is set up."""

    api_key: Secret = field(default_factory=new_key)
    api_key_without_permission: Secret = field(default_factory=new_key)
    pace: Pace = field(default_factory=Pace)
    max_upload_bytes: int = MAX_UPLOAD_BYTES
    rate: tuple[int, float] | None = None
    """How many requests each key may make in how many seconds. None for any number: the real limit is published
    nowhere."""
    check: Check | None = None
    """What says which records are invalid, one by one. None for the rules of ingestion and OCSF."""


@dataclass(frozen=True, slots=True)
class ProwlerAccess:
    """What a client of the Prowler intake must know."""

    base_url: str
    """`{base_url}/api/v1/ingestions` is the resource."""
    api_key: Secret
    api_key_without_permission: Secret
    """A key whose owner lacks the Manage Ingestions permission."""

    def as_json(self) -> dict[str, JsonValue]:
        """The part of the line that the command prints. It holds the keys."""
        return {
            "base_url": self.base_url,
            "api_key": self.api_key.reveal(),
            "api_key_without_permission": self.api_key_without_permission.reveal(),
        }


@dataclass(frozen=True, slots=True)
class ProwlerIntake:
    """The Prowler intake of a sandbox that runs."""

    app: ASGIApp
    store: Store
    """Its jobs: wait for them, or put some there."""
    keys: ApiKeys
    """Who may speak to it: add and revoke at will."""

    @property
    def endpoints(self) -> Sequence[Endpoint]:
        """What it answers."""
        return ENDPOINTS


@contextmanager
def prowler_intake(
    settings: ProwlerSettings, database: Database, uploads: Path, *, clock: Clock, new_id: NewId
) -> Iterator[ProwlerIntake]:
    """An intake whose worker processes jobs while the context lasts. Submitted files are kept in *uploads*."""
    store = Store(database)
    keys = ApiKeys(clock)
    keys.add(settings.api_key, Permission.MANAGE_INGESTIONS)
    keys.add(settings.api_key_without_permission, Permission.NONE)
    api = IngestionApi(
        gate=Gate(keys, Throttle(None if settings.rate is None else Rate(*settings.rate), clock)),
        store=store,
        uploads=uploads,
        max_upload_bytes=settings.max_upload_bytes,
        clock=clock,
        new_id=new_id,
    )
    judge = IngestionJudge() if settings.check is None else CheckJudge(settings.check)
    worker = Worker(store, judge, pace=settings.pace, clock=clock, new_id=new_id)
    _remove_unfinished(uploads, store)
    worker.start()
    try:
        yield ProwlerIntake(api.application(), store, keys)
    finally:
        worker.stop()


def _remove_unfinished(uploads: Path, store: Store) -> None:
    """Remove what an earlier process had taken in of files when it was killed: no job belongs to it."""
    for file in uploads.iterdir():
        try:
            job = UUID(file.name)
        except ValueError:
            continue  # not ours
        if store.ingestion(job) is None:
            file.unlink()
