"""What Security Hub means when it says no, and what a user can do about it.

Meanings follow the error's name where it is one that we know, and the HTTP status else.
"""

from __future__ import annotations

from typing import Final, TypedDict

from console.display import safe_text
from console.errors import BadAnswer, OutcomeUnknown, TargetDenied, TargetError, TargetRefused, TargetUnavailable
from console.targets.base import Denied, InDoubt, NotSent, Outcome, Refused, Throttled
from console.targets.http import Response
from console.targets.security_hub.answers import Refusal, read_refusal, request_id_of, what_it_is
from console.targets.security_hub.aws import Place

PERMISSION: Final = "securityhub:BatchImportFindings"

THROTTLING: Final = frozenset(
    {
        "TooManyRequestsException",
        "ThrottlingException",
        "Throttling",
        "ThrottledException",
        "RequestLimitExceeded",
        "LimitExceededException",
        "SlowDown",
    }
)
SIGNATURE: Final = frozenset(
    {
        "InvalidSignatureException",
        "SignatureDoesNotMatch",
        "IncompleteSignature",
        "IncompleteSignatureException",
        "RequestExpired",
        "RequestTimeTooSkewed",
        "RequestInTheFuture",
    }
)
"""Names for a signature that does not fit: another secret, a changed request, or a clock that is wrong."""
UNKNOWN_KEY: Final = frozenset(
    {"UnrecognizedClientException", "InvalidClientTokenId", "AuthFailure", "InvalidAccessKeyId"}
)
EXPIRED: Final = frozenset({"ExpiredTokenException", "ExpiredToken"})
NO_ACCESS: Final = frozenset({"AccessDeniedException", "AccessDenied", "UnauthorizedOperation", "NotAuthorized"})
NOT_SUBSCRIBED: Final = frozenset({"InvalidAccessException", "OptInRequired", "SubscriptionRequiredException"})
MISSING_TOKEN: Final = frozenset({"MissingAuthenticationToken", "MissingAuthenticationTokenException"})
OF_THE_KEY: Final = SIGNATURE | UNKNOWN_KEY | EXPIRED
"""Names that speak of the credentials themselves, and not of what they may do."""

_DENIED: Final = OF_THE_KEY | NO_ACCESS | NOT_SUBSCRIBED | MISSING_TOKEN
_SKEW_SECONDS: Final = 60
"""A clock that is wrong by less is not what a signature fails for: AWS allows five minutes."""


class _Facts(TypedDict):
    status: int
    code: str
    transaction: str


def outcome_of_refusal(response: Response, place: Place, clock_offset: float | None) -> Outcome:
    """What a request to import came to that got an answer, and no success."""
    refusal = read_refusal(response)
    error = explained(refusal, response, place, clock_offset)
    if isinstance(error, TargetDenied):
        return Denied(error)
    if _is_throttled(refusal):
        return Throttled(error, response.retry_after)
    if isinstance(error, TargetUnavailable):
        return without_answer(error, handed_over=response.handed_over)
    return Refused(error)


def without_answer(error: TargetError, *, handed_over: bool, passing: bool = True) -> NotSent | InDoubt:
    """The outcome when no answer can be trusted: it hangs on whether the service can have had the whole request."""
    if not handed_over:
        return NotSent(error, passing=passing)
    return InDoubt(
        OutcomeUnknown(
            f"Everything was sent, and it may have been imported. {error.message}",
            hint="Sending the same findings again does no harm: Security Hub tells them by their Id and UpdatedAt.",
            status=error.status,
            code=error.code,
            transaction=error.transaction,
        )
    )


def unreadable(response: Response, place: Place) -> TargetUnavailable:
    """The error of a success that does not say what was imported."""
    return TargetUnavailable(
        f"{place.endpoint} answered HTTP {response.status} with {what_it_is(response)}.",
        hint="Check the endpoint: a proxy or a sign-in page may stand in between.",
        status=response.status,
        transaction=request_id_of(response),
    )


def explained(
    refusal: Refusal, response: Response, place: Place, clock_offset: float | None, permission: str = PERMISSION
) -> TargetError:
    """The error of an answer that is no success. *permission* is the one that the request needs."""
    status = refusal.status
    if 300 <= status < 400:
        return _redirected(refusal, response, place)
    if refusal.name in _DENIED or status in (401, 402, 403, 407):
        return _denied(refusal, place, clock_offset, permission)
    if _is_throttled(refusal):
        return _unavailable(refusal, place, "asks us to slow down", response.retry_after)
    if status < 200 or status == 408 or status >= 500:
        return _unavailable(refusal, place, "is failing", response.retry_after)
    if status < 300:
        return unreadable(response, place)
    return _refused(refusal, place)


def _refused(refusal: Refusal, place: Place) -> TargetError:
    """The error of a request that is understood, and will be refused the next time too."""
    if refusal.status == 404:
        return BadAnswer(
            _sentence(refusal, place, "has no Security Hub at this address"),
            hint="Check the endpoint (endpoint_url, AWS_ENDPOINT_URL) and the region.",
            **_facts(refusal),
        )
    if refusal.status == 413:
        what, hint = "finds the request too large", "Ask for smaller ones: limits.batch_bytes in the configuration."
    else:
        what, hint = "refused the findings", "See what is wrong: ocsf-console validate --for security-hub FILE"
    return TargetRefused(_sentence(refusal, place, what), hint=hint, **_facts(refusal))


def speaks_of_the_key(refusal: Refusal) -> bool:
    """Whether it is the credentials that are refused, and not what they ask for."""
    return refusal.name in OF_THE_KEY | MISSING_TOKEN


def is_skewed(refusal: Refusal, clock_offset: float | None) -> bool:
    """Whether a signature was refused, and our clock is why."""
    return refusal.name in SIGNATURE and clock_offset is not None and abs(clock_offset) > _SKEW_SECONDS


def _is_throttled(refusal: Refusal) -> bool:
    return refusal.status == 429 or refusal.name in THROTTLING


def _denied(refusal: Refusal, place: Place, clock_offset: float | None, permission: str) -> TargetDenied:
    name = refusal.name
    if is_skewed(refusal, clock_offset):
        what = f"refused the signature: this machine's clock is {_off(clock_offset or 0)}"
        hint = "Set the clock."
    elif name in SIGNATURE:
        what = "refused the signature"
        hint = (
            "Check that AWS_SECRET_ACCESS_KEY belongs to AWS_ACCESS_KEY_ID and is whole, and that no proxy changes"
            " requests."
        )
    elif name in UNKNOWN_KEY:
        what = "does not know the access key, or its session token"
        hint = (
            "Check the key: it may be deleted or switched off, of another partition, or temporary and without its"
            " AWS_SESSION_TOKEN."
        )
    elif name in EXPIRED:
        what = "refused temporary credentials that have expired"
        hint = "Get new ones: run aws sso login, or set AWS_SESSION_TOKEN and its keys anew."
    elif name in NOT_SUBSCRIBED:
        what = "finds that the account has not enabled Security Hub there"
        hint = f"Enable it: aws securityhub enable-security-hub --region {place.region}"
    elif name in NO_ACCESS or (refusal.status == 403 and not name and refusal.of_aws):
        what = "denied access, which it says for several reasons"
        hint = _reasons(place) if permission == PERMISSION else f"Allow {permission} to whom the credentials belong to."
    elif name in MISSING_TOKEN:
        what = "knows no such operation, or got no signature"
        hint = "Check the endpoint (endpoint_url, AWS_ENDPOINT_URL)."
    else:
        what = "denied the request"
        hint = "It may have been a proxy or a firewall that answered in its place."
    return TargetDenied(_sentence(refusal, place, what), hint=hint, **_facts(refusal))


def _reasons(place: Place) -> str:
    """All that one misleading error stands for. What can be checked offline was, before anything was sent."""
    account = f", which should be {place.account_id}" if place.account_id else ""
    return (
        f"Check that a policy allows {PERMISSION} to whom the credentials belong to, and no other denies it; that"
        f" AwsAccountId of every finding is the account of the credentials{account}; and that the product of"
        f" ProductArn is enabled in {place.region} (aws securityhub list-enabled-products-for-import), unless it is the"
        f" account's own product/…/default."
    )


def _redirected(refusal: Refusal, response: Response, place: Place) -> TargetRefused:
    where = safe_text(response.redirect, width=200) or "nowhere"
    return TargetRefused(
        f"{place.endpoint} redirects to {where} (HTTP {refusal.status}). That is not followed, because the findings"
        " would go along.",
        hint="If it is where you want them, make it the endpoint.",
        **_facts(refusal),
    )


def _unavailable(refusal: Refusal, place: Place, what: str, wait: float | None) -> TargetUnavailable:
    hint = "Try again later." if wait is None else f"Try again in {wait:g} s."
    if refusal.request_id and refusal.status >= 500:
        hint += f" AWS's support finds the request as {refusal.request_id}."
    return TargetUnavailable(_sentence(refusal, place, what), hint=hint, retry_after=wait, **_facts(refusal))


def _sentence(refusal: Refusal, place: Place, what: str) -> str:
    """Who and what in our words; AWS's own in brackets."""
    facts = ", ".join(part for part in (f"HTTP {refusal.status}", refusal.name, refusal.said.rstrip(".")) if part)
    return f"{place.endpoint} {what} ({facts})."


def _facts(refusal: Refusal) -> _Facts:
    return _Facts(status=refusal.status, code=refusal.name, transaction=refusal.request_id)


def _off(clock_offset: float) -> str:
    minutes = max(1, round(abs(clock_offset) / 60))
    return f"{minutes:,} {'minute' if minutes == 1 else 'minutes'} {'slow' if clock_offset > 0 else 'fast'}"
