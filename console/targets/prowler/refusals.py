"""What Prowler Cloud means when it says no, and what a user can do about it.

Meanings follow the error code where there is one that we know, and the HTTP status else, as Prowler's own interface
does. Advice follows the troubleshooting table of "Import findings" (user guide).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, TypedDict

from console.display import safe_text
from console.errors import BadAnswer, NoSuchJob, NoSuchPage, TargetDenied, TargetError, TargetRefused, TargetUnavailable
from console.records.model import JsonValue
from console.targets.base import JobError
from console.targets.http import Response
from console.targets.prowler.envelope import Source, bad_answer, read_document, text_of, what_it_is
from console.targets.prowler.record_errors import job_error

PERMISSION: Final = "Manage Ingestions"
API_KEY_VARIABLE: Final = "PROWLER_CLOUD_API_KEY"

_QUOTED: Final = 160
"""Characters of each of the server's own sentences that are shown."""
_SENTENCES: Final = 3
_THROTTLED: Final = 429

_STATUS_OF_CODE: Final = {
    "not_authenticated": 401,
    "authentication_failed": 401,
    "subscription_required": 402,
    "permission_denied": 403,
    "not_found": 404,
    "file_too_large": 413,
    "rate_limited": _THROTTLED,
    "throttled": _THROTTLED,
}
"""Codes that mean the same under whatever status of the 400s they come."""

_PROXY: Final = "Look for a proxy on the way that changes requests."
_INVALID_FILE: Final = (
    "the file is not a JSON array of Detection Findings (class_uid 2004) as Prowler writes them",
    "Run: ocsf-console validate --for prowler FILE",
)
_REFUSED_UPLOADS: Final[dict[str | int, tuple[str, str]]] = {
    "invalid": _INVALID_FILE,
    "invalid_findings": _INVALID_FILE,
    "required": ("it found no file in the request", _PROXY),
    "empty": ("the file is empty", "Submit a finding file with at least one record."),
    411: ("the request came without its length", _PROXY),
    413: ("the file is larger than it takes", "Split the finding file and submit the parts one by one."),
    422: _INVALID_FILE,
}
"""Why an upload is refused, and what to do: by code, then by meaning."""


class _Facts(TypedDict):
    status: int
    code: str
    transaction: str


@dataclass(frozen=True, slots=True)
class Refusal:
    """An answer that is no success, understood."""

    response: Response
    source: Source
    meaning: int
    """The HTTP status that the error code stands for, else the one that was answered."""
    code: str
    """The first error's code; empty when there is none."""
    said: str
    """The server's own sentences, short and fit to show; empty when there are none."""
    errors: Sequence[JobError]
    """The errors of the API's own document; none where the answer was none."""

    @property
    def of_api(self) -> bool:
        """Whether the body was an error document of the API."""
        return bool(self.errors)

    @property
    def throttled(self) -> bool:
        """Whether it only asks us to slow down."""
        return self.meaning == _THROTTLED

    @property
    def missing(self) -> bool:
        """Whether the API itself says that what was asked for is not there."""
        return self.meaning == 404 and self.of_api


def understand(response: Response, source: Source) -> Refusal:
    """Read an answer that is no success. What is not the API's is understood by its status alone."""
    try:
        document = read_document(response, source)
    except BadAnswer:
        document = {}
    found = document.get("errors")
    entries: list[JsonValue] = found if isinstance(found, list) else []
    # Outside its JSON:API views the framework writes a bare `detail`.
    detail = text_of(document.get("detail"))
    errors = [job_error(entry) for entry in (entries or ([{"detail": detail}] if detail else []))]
    code = safe_text(errors[0].code, width=_QUOTED) if errors else ""
    known = _STATUS_OF_CODE.get(code) if 400 <= response.status < 500 else None
    return Refusal(
        response=response,
        source=source,
        meaning=known or response.status,
        code=code,
        said=" ".join(safe_text(error.message, width=_QUOTED) for error in errors[:_SENTENCES]),
        errors=errors,
    )


def refused_upload(refusal: Refusal) -> TargetError:
    """The error of a request that submits findings."""
    if refusal.meaning == 404:
        return _no_api(refusal)
    reason, hint = _REFUSED_UPLOADS.get(refusal.code) or _REFUSED_UPLOADS.get(refusal.meaning) or ("", _PROXY)
    return _common(refusal) or TargetRefused(
        _sentence(refusal, "refused the findings", reason), hint=hint, **_facts(refusal)
    )


def refused_list(refusal: Refusal, page: int) -> TargetError:
    """The error of a request for page *page* of a list."""
    if refusal.missing and page != 1:
        # Its first page exists even when the list is empty.
        return NoSuchPage(f"{refusal.source.origin} has no page {page} of this list.", **_facts(refusal))
    if refusal.meaning == 404:
        return _no_api(refusal)
    return _common(refusal) or TargetRefused(
        _sentence(refusal, "refused the question", ""), hint="" if refusal.of_api else _PROXY, **_facts(refusal)
    )


def refused_job(refusal: Refusal, job_id: str, page: int = 1) -> TargetError:
    """The error of a request about one job, or for page *page* of its errors."""
    if refusal.missing and page == 1:
        return no_such_job(job_id, refusal.source)
    return refused_list(refusal, page)


def no_such_job(job_id: str, source: Source) -> NoSuchJob:
    """The target knows no job of that id."""
    return NoSuchJob(
        f"{source.origin} has no ingestion job {safe_text(job_id, width=80)}.",
        hint=f"See those that there are with: ocsf-console jobs list --target {source.target}",
        status=404,
    )


def _common(refusal: Refusal) -> TargetError | None:
    """What means the same for every request; None when it is left to the kind of request."""
    if 300 <= refusal.response.status < 400:
        return _redirected(refusal)
    if refusal.meaning in (401, 402, 403):
        return _denied(refusal)
    if refusal.meaning in (408, 409, _THROTTLED) or refusal.meaning >= 500:
        return _unavailable(refusal)
    if refusal.meaning < 400:
        return bad_answer(refusal.response, refusal.source, what_it_is(refusal.response))
    return None


def _denied(refusal: Refusal) -> TargetDenied:
    what, hint = {
        401: (
            "refused the API key",
            f"Check that the key is whole, not expired, not revoked, and has the {PERMISSION} permission. "
            f"Set {API_KEY_VARIABLE}, or run: ocsf-console login {refusal.source.target}",
        ),
        402: (
            "asks for a Prowler Cloud subscription, without which no findings can be imported",
            "Ask the owner of the Prowler Cloud tenant.",
        ),
        403: (
            f"refused permission: the user of the API key needs {PERMISSION}",
            f"Ask the administrator of the tenant to grant {PERMISSION}.",
        ),
    }[refusal.meaning]
    if not refusal.of_api:
        hint += " It may also have been a proxy or a firewall that answered in its place."
    return TargetDenied(_sentence(refusal, what, ""), hint=hint, **_facts(refusal))


def _unavailable(refusal: Refusal) -> TargetUnavailable:
    wait = refusal.response.retry_after
    hint = "Try again later." if wait is None else f"Try again in {wait:g} s."
    transaction = _facts(refusal)["transaction"]
    if transaction and not refusal.throttled:
        hint += f" Prowler's support finds the request as transaction {transaction}."
    return TargetUnavailable(
        _sentence(refusal, "asks us to slow down" if refusal.throttled else "is failing", ""),
        hint=hint,
        retry_after=wait,
        **_facts(refusal),
    )


def _redirected(refusal: Refusal) -> TargetRefused:
    source = refusal.source
    where = safe_text(refusal.response.redirect, width=_QUOTED) or "nowhere"
    return TargetRefused(
        f"{source.origin} redirects to {where} (HTTP {refusal.response.status}). That is not followed, because the "
        "API key and the findings would go along.",
        hint=f"If it is where you want them, make it the base URL of target '{source.target}'.",
        **_facts(refusal),
    )


def _no_api(refusal: Refusal) -> BadAnswer:
    return BadAnswer(
        _sentence(refusal, "has no ingestion API at this address", ""),
        hint=f"Only Prowler Cloud has one. Check the base URL of target '{refusal.source.target}'.",
        **_facts(refusal),
    )


def _sentence(refusal: Refusal, what: str, reason: str) -> str:
    """Who, what and why in our words; the server's own in brackets."""
    own = refusal.said or f"with {what_it_is(refusal.response)}"
    facts = ", ".join(part for part in (f"HTTP {refusal.response.status}", refusal.code, own.rstrip(".")) if part)
    return f"{refusal.source.origin} {what}{': ' if reason else ''}{reason} ({facts})."


def _facts(refusal: Refusal) -> _Facts:
    return _Facts(
        status=refusal.response.status,
        code=refusal.code,
        transaction=safe_text(refusal.response.transaction, width=80),
    )
