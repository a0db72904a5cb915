"""What one small request tells of the way to Prowler Cloud: it came as far as the first step that failed."""

from __future__ import annotations

from collections.abc import Iterator

from console.errors import TargetDenied, TargetError
from console.targets.base import ProbeStep, StepState
from console.targets.failures import RequestFailed
from console.targets.http import Response
from console.targets.prowler.envelope import Source, read_jobs
from console.targets.prowler.refusals import PERMISSION, refused_list, understand
from console.targets.steps import CREDENTIALS, PERMITTED, failed_step, steps_of_failure, steps_to


def probe_steps(
    answer: Response | RequestFailed, source: Source, without_key: TargetError | None
) -> Iterator[ProbeStep]:
    """The steps of a probe, from the answer to a request for a list of one, or from its failure."""
    if isinstance(answer, RequestFailed):
        yield from steps_of_failure(answer, source.origin)
        return
    yield from steps_to(answer, source.origin)
    yield from _access(answer, source, without_key)


def _access(answer: Response, source: Source, without_key: TargetError | None) -> Iterator[ProbeStep]:
    """Who we are to the target, and what we may do there."""
    error = without_key or _refusal(answer, source)
    if error is None:
        yield ProbeStep(CREDENTIALS, StepState.OK, "the API key is accepted")
        yield ProbeStep(PERMITTED, StepState.OK, f"{PERMISSION} is granted")
    elif isinstance(error, TargetDenied) and error is not without_key and _knows_the_key(answer, source):
        yield ProbeStep(CREDENTIALS, StepState.OK, "the API key is accepted")
        yield failed_step(PERMITTED, error)
    else:
        yield failed_step(CREDENTIALS, error)
        yield ProbeStep(PERMITTED, StepState.SKIPPED, "")


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
