"""What one small request tells of the way to Prowler Cloud: it came as far as the first step that failed."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from console.errors import TargetDenied, TargetError
from console.targets.base import ProbeStep, StepState
from console.targets.failures import RequestFailed, Stage
from console.targets.http import Response
from console.targets.prowler.envelope import Source, read_jobs
from console.targets.prowler.refusals import PERMISSION, refused_list, understand

ADDRESS: Final = "address"
TLS: Final = "tls"
CREDENTIALS: Final = "credentials"
PERMITTED: Final = "permission"


def probe_steps(
    answer: Response | RequestFailed, source: Source, without_key: TargetError | None
) -> Iterator[ProbeStep]:
    """The steps of a probe, from the answer to a request for a list of one, or from its failure."""
    if isinstance(answer, RequestFailed):
        yield from _up_to(answer, source)
        return
    yield ProbeStep(ADDRESS, StepState.OK, f"{source.origin} answers, at {answer.address or 'an unknown address'}")
    yield _tls(source, answer.tls)
    yield from _access(answer, source, without_key)


def _up_to(failure: RequestFailed, source: Source) -> Iterator[ProbeStep]:
    """Steps of a request that got no answer."""
    failed = {Stage.ADDRESS: ADDRESS, Stage.TLS: TLS, Stage.EXCHANGE: CREDENTIALS}[failure.stage]
    state = StepState.OK
    for name in (ADDRESS, TLS, CREDENTIALS, PERMITTED):
        if name == failed:
            yield _failed(name, failure)
            state = StepState.SKIPPED
        elif name == TLS and state is StepState.OK:
            yield _tls(source, "")
        else:
            yield ProbeStep(name, state, "")


def _tls(source: Source, version: str) -> ProbeStep:
    if not source.origin.startswith("https:"):
        return ProbeStep(TLS, StepState.SKIPPED, "unencrypted, on this machine")
    return ProbeStep(TLS, StepState.OK, f"{version or 'TLS'}, certificate trusted")


def _access(answer: Response, source: Source, without_key: TargetError | None) -> Iterator[ProbeStep]:
    """Who we are to the target, and what we may do there."""
    error = without_key or _refusal(answer, source)
    if error is None:
        yield ProbeStep(CREDENTIALS, StepState.OK, "the API key is accepted")
        yield ProbeStep(PERMITTED, StepState.OK, f"{PERMISSION} is granted")
    elif isinstance(error, TargetDenied) and error is not without_key and _knows_the_key(answer, source):
        yield ProbeStep(CREDENTIALS, StepState.OK, "the API key is accepted")
        yield _failed(PERMITTED, error)
    else:
        yield _failed(CREDENTIALS, error)
        yield ProbeStep(PERMITTED, StepState.SKIPPED, "")


def _failed(name: str, error: TargetError) -> ProbeStep:
    return ProbeStep(name, StepState.FAILED, error.message, error.hint, error)


def _refusal(answer: Response, source: Source) -> TargetError | None:
    """What stands against us in an answer; None when it is the list that was asked for."""
    if not 200 <= answer.status < 300:
        return refused_list(understand(answer, source), page=1)
    try:
        read_jobs(answer, source, number=1, size=1)
    except TargetError as error:
        return error
    return None


def _knows_the_key(answer: Response, source: Source) -> bool:
    """Whether a denial is about a permission or a subscription, and not about the key."""
    return understand(answer, source).meaning in (402, 403)
