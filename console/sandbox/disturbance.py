"""What an intake is asked to do wrong with one request, in its own service's words.

Whoever injects faults puts it on the request; the intake looks for it. What needs no knowledge of the service, such as
a connection that breaks, is done around the intakes and never reaches them.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from starlette.requests import HTTPConnection
from starlette.types import Scope

_KEY: Final = "disturbance"


@dataclass(frozen=True, slots=True)
class Disturbance:
    """What to do wrong. Nothing, by default."""

    status: int | None = None
    """Refuse the request with this HTTP status, as the service does where it has such an answer."""
    retry_after: str | None = None
    """The `Retry-After` of that refusal, exactly as it shall be sent."""
    expired: bool = False
    """Say that the credential has expired, whatever it is."""
    skew: timedelta = timedelta()
    """How far the service's clock is ahead of ours."""
    stuck: str | None = None
    """The job that this request opens keeps this status for ever."""
    late: timedelta = timedelta()
    """How long the job that this request opens is missing from lists."""
    miscount: int = 0
    """What is added to a counter of the answer, so that the counters do not add up."""


UNDISTURBED: Final = Disturbance()


def disturb(scope: Scope, disturbance: Disturbance) -> None:
    """Ask the intake that gets this request to do something wrong with it."""
    scope.setdefault("state", {})[_KEY] = disturbance


def disturbance_of(request: HTTPConnection) -> Disturbance:
    """What this request's intake is asked to do wrong."""
    found = request.scope.get("state", {}).get(_KEY, UNDISTURBED)
    assert isinstance(found, Disturbance)  # noqa: S101 - nobody but `disturb` writes there
    return found
