"""What Cisco XDR means when it says no, in any of its forms, and what a user can do about it.

Forms: `FindingsContainerError` and `FindingsValidationResponseBody` of the "XDR Findings Container API", the error of
the Findings Query API, and that of IROH, which gives out tokens and looks at them. Which status goes with which is not
published: the status says what it means, and the body only why.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, TypedDict

from console.display import safe_text
from console.errors import BadAnswer, TargetDenied, TargetError, TargetRefused, TargetUnavailable
from console.records.model import JsonValue
from console.targets.documents import list_of, object_in, object_of, text_of, what_it_is
from console.targets.http import Response

_QUOTED: Final = 160
"""Characters of each of the server's own sentences that are shown."""
_SENTENCES: Final = 3
_LIMIT: Final = "x-ratelimit-org-limit"
_REMAINING: Final = "x-ratelimit-org-remaining"
_REQUEST: Final = "x-request-id"
_PROXY: Final = "Look for a proxy on the way that changes requests."


@dataclass(frozen=True, slots=True)
class Source:
    """Whose answers are read: for the names in messages."""

    target: str
    """Our name of the target."""
    origin: str


class _Facts(TypedDict):
    status: int
    code: str
    transaction: str


def refused_token(response: Response, source: Source) -> TargetError:
    """The error of a request for a token."""
    if response.status in (400, 401, 402, 403):
        return TargetDenied(
            _sentence(response, source, "gave no token: it refused the client ID or the client secret"),
            hint="Check that both are whole and not revoked, and that the API client was made in the region of target"
            f" '{source.target}': it is good in no other.",
            **_facts(response),
        )
    if response.status == 404:
        return no_token_service(response, source)
    return _common(response, source, "token_url") or TargetDenied(
        _sentence(response, source, "gave no token"), hint=_PROXY, **_facts(response)
    )


def no_token_service(response: Response, source: Source) -> BadAnswer:
    """The error of an address that gives no tokens."""
    return BadAnswer(
        _sentence(response, source, "gives no tokens at this address"),
        hint=f"Check region or token_url of target '{source.target}': a proxy or a sign-in page may stand in between.",
        **_facts(response),
    )


def refused_request(response: Response, source: Source, scopes: str, *, what: str = "the findings") -> TargetError:
    """The error of a request that had a token, with the *scopes* that it grants. It was for *what*."""
    if response.status == 401:
        return TargetDenied(
            _sentence(response, source, "refused the access token"),
            hint=f"Check that base_url and token_url of target '{source.target}' are of one region: credentials are"
            " good in no other.",
            **_facts(response),
        )
    if response.status in (402, 403):
        return TargetDenied(
            _sentence(response, source, f"refused permission; the API client is granted: {scopes or 'no scope'}"),
            hint="Ask the administrator of Cisco XDR to give the API client the scope that the intake of findings"
            " needs. Cisco does not publish which that is.",
            **_facts(response),
        )
    if response.status == 404:
        return BadAnswer(
            _sentence(response, source, "has no intake of findings at this address"),
            hint=f"Check region or base_url of target '{source.target}'.",
            **_facts(response),
        )
    if response.status == 413:
        return TargetRefused(
            _sentence(response, source, "finds the request too large"),
            hint="Set limits.batch_records or limits.batch_bytes lower in the configuration, and submit again.",
            **_facts(response),
        )
    return _common(response, source, "base_url") or TargetRefused(
        _sentence(response, source, f"refused {what}"), hint="" if said(response) else _PROXY, **_facts(response)
    )


def bad_answer(response: Response, source: Source) -> BadAnswer:
    """The error of an answer that is not the API's."""
    return BadAnswer(
        f"{source.origin} answered HTTP {response.status} with {what_it_is(response)}.",
        hint=f"Check base_url of target '{source.target}': a proxy or a sign-in page may stand in between.",
        **_facts(response),
    )


def said(response: Response) -> str:
    """The server's own sentences, short and fit to show; empty where the body is not in one of its forms."""
    sentences = [safe_text(text, width=_QUOTED).rstrip(".") for text in _texts(object_in(response) or {}) if text]
    return "; ".join(sentences[:_SENTENCES])


def rate_of(response: Response) -> dict[str, JsonValue]:
    """How many requests the organisation may make in an hour and has left, as far as the server tells."""
    told = ((name, response.headers.get(header, "")) for name, header in (("limit", _LIMIT), ("remaining", _REMAINING)))
    return {name: int(text) for name, text in told if text.isascii() and text.isdigit() and len(text) < 16}


def _texts(document: dict[str, JsonValue]) -> Iterator[str]:
    yield text_of(document.get("message")) or text_of(document.get("error"))
    yield text_of(document.get("error_description"))
    yield from map(text_of, list_of(document.get("details")))
    yield from (text_of(object_of(error).get("detail")) for error in list_of(document.get("errors")))


def _common(response: Response, source: Source, key: str) -> TargetError | None:
    """What means the same for every request; None when it is left to the kind of request."""
    if 300 <= response.status < 400:
        where = safe_text(response.redirect, width=_QUOTED) or "nowhere"
        return TargetRefused(
            f"{source.origin} redirects to {where} (HTTP {response.status}). That is not followed, because the"
            " credentials and the findings would go along.",
            hint=f"If it is where you want them, make it the {key} of target '{source.target}'.",
            **_facts(response),
        )
    if response.status in (408, 409, 429) or response.status >= 500:
        wait = response.retry_after
        return TargetUnavailable(
            _sentence(response, source, _slow_down(response) if response.status == 429 else "is failing"),
            hint="Try again later." if wait is None else f"Try again in {wait:g} s.",
            retry_after=wait,
            **_facts(response),
        )
    return bad_answer(response, source) if response.status < 300 else None


def _slow_down(response: Response) -> str:
    rate = rate_of(response)
    if len(rate) < 2:
        return "asks us to slow down"
    return f"asks us to slow down: of {rate['limit']:,} requests an hour, {rate['remaining']:,} are left"


def _sentence(response: Response, source: Source, what: str) -> str:
    """Who and what in our words; the server's own in brackets."""
    own = said(response) or f"with {what_it_is(response)}"
    return f"{source.origin} {what} (HTTP {response.status}, {own})."


def _facts(response: Response) -> _Facts:
    document = object_in(response) or {}
    code = text_of(document.get("error_code")) or text_of(document.get("error"))
    transaction = response.headers.get(_REQUEST, "") or text_of(document.get("trace_id"))
    return _Facts(
        status=response.status, code=safe_text(code, width=_QUOTED), transaction=safe_text(transaction, width=80)
    )
