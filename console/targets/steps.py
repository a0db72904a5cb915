"""The steps of a probe that are the same for every target: the way to it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from console.errors import TargetError
from console.targets.base import ProbeStep, StepState
from console.targets.failures import RequestFailed, Stage
from console.targets.http import Response

ADDRESS: Final = "address"
TLS: Final = "tls"
CREDENTIALS: Final = "credentials"
PERMITTED: Final = "permission"


def steps_to(answer: Response, origin: str) -> Iterator[ProbeStep]:
    """The way to a server that answered."""
    yield ProbeStep(ADDRESS, StepState.OK, f"{origin} answers, at {answer.address or 'an unknown address'}")
    yield tls_step(origin, answer.tls)


def steps_of_failure(failure: RequestFailed, origin: str) -> Iterator[ProbeStep]:
    """All steps, where a request got no answer."""
    failed = {Stage.ADDRESS: ADDRESS, Stage.TLS: TLS, Stage.EXCHANGE: CREDENTIALS}[failure.stage]
    state = StepState.OK
    for name in (ADDRESS, TLS, CREDENTIALS, PERMITTED):
        if name == failed:
            yield failed_step(name, failure)
            state = StepState.SKIPPED
        elif name == TLS and state is StepState.OK:
            yield tls_step(origin, "")
        else:
            yield ProbeStep(name, state, "")


def failed_step(name: str, error: TargetError) -> ProbeStep:
    """A step that failed, for what reason, and what to do about it."""
    return ProbeStep(name, StepState.FAILED, error.message, error.hint, error)


def tls_step(origin: str, version: str, name: str = TLS) -> ProbeStep:
    """Whether the way to a server that was reached is encrypted. *version* is that of TLS, where it is known."""
    if not origin.startswith("https:"):
        return ProbeStep(name, StepState.SKIPPED, "unencrypted, on this machine")
    return ProbeStep(name, StepState.OK, f"{version or 'TLS'}, certificate trusted")
