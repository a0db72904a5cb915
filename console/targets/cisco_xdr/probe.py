"""The way to Cisco XDR, step by step: to the one who gives out tokens, and from there to the intake.

What the API client may do there can be seen only so far without sending a finding: its scopes are shown, and a question
that takes none is asked, which a service may refuse for want of permission.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterator
from typing import Final

from console.errors import BadConfig, TargetError
from console.targets.base import ProbeStep, StepState
from console.targets.cisco_xdr.payload import BUNDLES_PATH
from console.targets.cisco_xdr.refusals import Source, refused_request
from console.targets.cisco_xdr.token import Token, Tokens
from console.targets.failures import RequestFailed, Stage
from console.targets.http import Http, Response
from console.targets.steps import ADDRESS, CREDENTIALS, PERMITTED, TLS, failed_step, tls_step

MODULE: Final = "module"
GIVER_HOST: Final = "token host"
GIVER_TLS: Final = "token tls"
SCOPES: Final = "scopes"


async def probe_steps(
    tokens: Tokens, intake: Http, source: Source, check_setup: Callable[[], None]
) -> AsyncIterator[ProbeStep]:
    """The steps of a probe. One that depends on a step that failed is skipped."""
    yield _setup(check_setup)
    token: Token | None = None
    try:
        token = await tokens.current()
    except TargetError as error:
        for step in _without_token(error, tokens):
            yield step
    else:
        for step in _with_token(token, tokens):
            yield step
    try:
        # It is a path for findings that are sent: asking for it takes none, whatever the answer.
        answer = await intake.get(BUNDLES_PATH, auth=token.header if token else None)
    except RequestFailed as error:
        for step in _up_to(error, source, (ADDRESS, TLS, PERMITTED)):
            yield step
        return
    for step in (*_way(answer, source, ADDRESS, TLS), _permission(answer, source, token)):
        yield step


def _setup(check_setup: Callable[[], None]) -> ProbeStep:
    try:
        check_setup()
    except BadConfig as error:
        return failed_step(MODULE, TargetError(error.message, hint=error.hint))
    return ProbeStep(MODULE, StepState.OK, "it is set; whether Cisco XDR knows it shows with the first finding")


def _without_token(error: TargetError, tokens: Tokens) -> Iterator[ProbeStep]:
    """The steps when no token could be had."""
    if isinstance(error, RequestFailed):
        yield from _up_to(error, tokens.source, (GIVER_HOST, GIVER_TLS, CREDENTIALS, SCOPES))
        return
    if tokens.seen is not None:
        yield from _way(tokens.seen, tokens.source, GIVER_HOST, GIVER_TLS)
    yield failed_step(CREDENTIALS, error)
    yield ProbeStep(SCOPES, StepState.SKIPPED, "")


def _with_token(token: Token, tokens: Tokens) -> Iterator[ProbeStep]:
    if tokens.seen is not None:
        yield from _way(tokens.seen, tokens.source, GIVER_HOST, GIVER_TLS)
    yield ProbeStep(CREDENTIALS, StepState.OK, f"the API client is accepted; a token is good for {token.seconds:g} s")
    yield ProbeStep(SCOPES, StepState.OK, token.scopes or "none is named")


def _way(answer: Response, source: Source, address: str, tls: str) -> Iterator[ProbeStep]:
    """Steps of a request that got an answer."""
    yield ProbeStep(address, StepState.OK, f"{source.origin} answers, at {answer.address or 'an unknown address'}")
    yield tls_step(source.origin, answer.tls, tls)


def _up_to(failure: RequestFailed, source: Source, names: tuple[str, ...]) -> Iterator[ProbeStep]:
    """Steps of a request that got no answer: *names* are those of the address, of TLS, and of what comes then."""
    failed = {Stage.ADDRESS: 0, Stage.TLS: 1, Stage.EXCHANGE: 2}[failure.stage]
    for index, name in enumerate(names):
        if index == failed:
            yield failed_step(name, failure)
        elif index > failed:
            yield ProbeStep(name, StepState.SKIPPED, "")
        else:
            yield (
                tls_step(source.origin, "", name)
                if index
                else ProbeStep(name, StepState.OK, f"{source.origin} is reached")
            )


def _permission(answer: Response, source: Source, token: Token | None) -> ProbeStep:
    """What the intake makes of the token, as far as an answer to a mere question says."""
    if token is None:
        return ProbeStep(PERMITTED, StepState.SKIPPED, "")
    refused = answer.status in (401, 402, 403, 429) or 300 <= answer.status < 400 or answer.status >= 500
    if refused:
        return failed_step(PERMITTED, refused_request(answer, source, token.scopes, what="the question"))
    return ProbeStep(
        PERMITTED, StepState.OK, f"not refused (HTTP {answer.status}); for certain only a finding that is sent tells"
    )
