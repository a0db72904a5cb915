"""The words that every intake of the sandbox uses. No I/O here."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Protocol
from uuid import UUID

from starlette.types import ASGIApp

Clock = Callable[[], datetime]
"""Tells the time, in UTC."""

NewId = Callable[[], UUID]
"""Gives an identifier that was never given before."""


def utc_now() -> datetime:
    """The time, in UTC."""
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Something that a service can be asked for."""

    name: str
    """What faults and the journal call it: `prowler.submit`."""
    method: str
    path: str
    """Starlette's template of the path: `/api/v1/ingestions/{id}`."""


class Intake(Protocol):
    """One of the services that the sandbox stands in for."""

    @property
    def endpoints(self) -> Sequence[Endpoint]:
        """What it answers, by method and path."""

    @property
    def app(self) -> ASGIApp:
        """What answers: to requests for its paths, whatever their method, and says so when it knows no such path."""
