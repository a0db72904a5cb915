"""From the bytes of a request to findings: what is taken in, and what is wrong with the rest.

Everything here may take a while for a large body: call it off the event loop.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from hashlib import sha256
from itertools import islice
from typing import Final

import msgspec

from console.convert.cisco_custom import to_bundle
from console.limits import DEFAULT_LIMITS, Limits
from console.ocsf.issues import Issue, Severity
from console.records.decode import BadRecord
from console.records.faults import FaultCode
from console.records.model import JsonValue
from console.sandbox.cisco_xdr.answers import MOST_DETAILS, container_error
from console.sandbox.cisco_xdr.model import Caller, ReceivedFinding, Way
from console.sandbox.words import NewId
from console.targets.cisco_xdr import bundles, custom_rules

MOST_VALUES: Final = 4_000_000
"""Values in one request. Ours: decoded, they take many times the memory of their bytes."""

_DETAIL_LENGTH: Final = 2_000
"""Characters of a detail: it may hold a key of the input, which may be of any length."""
_NO_BUNDLE: Final = "cisco_bundle_not_object"
_NOT_JSON: Final = "The request body is not valid JSON."
_INVALID: Final = "The request body is not a valid custom detection finding."

_elements: Final = msgspec.json.Decoder(list[msgspec.Raw])
_encoder: Final = msgspec.json.Encoder()


@dataclass(frozen=True, slots=True)
class Reception:
    """What became of the bundles of a request."""

    accepted: Sequence[ReceivedFinding]
    errors: Sequence[JsonValue]
    """`FindingsRequestError`s: the uid is that of the finding, where the bundle has one."""


def receive_custom(body: bytes, caller: Caller, at: datetime, new_id: NewId) -> ReceivedFinding:
    """Take a simplified finding in. Raises a 400 `ApiError` that lists what is wrong with it."""
    if not body.strip():
        raise container_error(400, "The request body is empty.")
    _refuse_too_many_values(body, custom_rules.MOST_VALUES)
    try:
        finding, issues = custom_rules.judge(body, _limits(body))
    except BadRecord as fault:
        message = "The request body must be one object." if fault.code is FaultCode.NOT_AN_OBJECT else _NOT_JSON
        raise container_error(400, message, [fault.message]) from fault
    details = list(islice(map(_detail, _errors(issues)), MOST_DETAILS))
    if details:
        raise container_error(400, _INVALID, details)
    conversion = to_bundle(finding, received_at=at, new_id=new_id, product=caller.source)
    return ReceivedFinding(
        uid=conversion.finding_uid,
        way=Way.CUSTOM,
        caller=caller,
        received_at=at,
        sha256=sha256(body).hexdigest(),
        size=len(body),
        bundle=_encoder.encode(conversion.bundle),
        changes=conversion.changes,
    )


def receive_bundles(body: bytes, caller: Caller, at: datetime, most: int) -> Reception:
    """Take bundles in, each for itself. Raises an `ApiError` where the body is no array of 1 to *most* elements.

    A request of several bundles means what as many requests of one would: of two that have the same finding uid both
    are taken in, and the later one is what a reader gets.
    """
    accepted: list[ReceivedFinding] = []
    errors: list[JsonValue] = []
    for index, raw in enumerate(_split(body, most)):
        uid, wrong = _judged(raw)
        if uid is not None and not wrong:
            digest = sha256(raw).hexdigest()
            accepted.append(ReceivedFinding(uid, Way.BUNDLE, caller, at, digest, len(raw), raw))
        errors.extend(_request_error(index, issue, uid) for issue in wrong)
    return Reception(accepted, errors)


def _split(body: bytes, most: int) -> list[bytes]:
    """The elements of the array in *body*."""
    if not body.strip():
        raise container_error(400, "The request body is empty.")
    _refuse_too_many_values(body, MOST_VALUES)
    try:
        elements = _elements.decode(body)
    except msgspec.ValidationError as error:
        raise container_error(400, "The request body must be an array of OCSF bundles.") from error
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise container_error(400, _NOT_JSON, [str(error)]) from error
    except RecursionError as error:
        raise container_error(400, _NOT_JSON, ["It is nested too deep."]) from error
    if not elements:
        raise container_error(400, "The request body must hold at least one OCSF bundle.")
    if len(elements) > most:
        raise container_error(413, f"The request body holds {len(elements):,} bundles; the limit is {most:,}.")
    return [bytes(element) for element in elements]


def _judged(raw: bytes) -> tuple[str | None, Sequence[Issue]]:
    """The finding uid of a bundle, and the errors for which it is refused.

    Raises a 400 `ApiError` where the bytes are no JSON: then the whole request is none.
    """
    try:
        uid, issues = bundles.judge(raw, _limits(raw))
    except BadRecord as fault:
        if fault.code is not FaultCode.NOT_AN_OBJECT:
            raise container_error(400, _NOT_JSON, [fault.message]) from fault
        return None, [Issue(Severity.ERROR, _NO_BUNDLE, "", fault.message)]
    return uid, list(islice(_errors(issues), MOST_DETAILS))


def _limits(raw: bytes) -> Limits:
    """The usual caps, but for the size: the request has its own."""
    return replace(DEFAULT_LIMITS, record_bytes=len(raw))


def _refuse_too_many_values(body: bytes, most: int) -> None:
    """Raise a 413 for a body that would take far more memory than it has bytes."""
    if sum(map(body.count, (b",", b"[", b"{"))) > most:
        raise container_error(413, f"The request body holds more than {most:,} values.")


def _errors(issues: Sequence[Issue]) -> Iterator[Issue]:
    return (issue for issue in issues if issue.severity is Severity.ERROR)


def _detail(issue: Issue) -> str:
    return (f"{issue.path}: {issue.message}" if issue.path else issue.message)[:_DETAIL_LENGTH]


def _request_error(index: int, issue: Issue, uid: str | None) -> JsonValue:
    """A `FindingsRequestError`. The detail begins with the place in the request, since not every bundle has a uid."""
    path = f"[{index}].{issue.path}" if issue.path else f"[{index}]"
    made: dict[str, JsonValue] = {"code": issue.code, "detail": f"{path}: {issue.message}"[:_DETAIL_LENGTH]}
    return made if uid is None else {**made, "uid": uid}


def error_of_nothing(uid: str) -> JsonValue:
    """A `FindingsRequestError` about a finding that nobody sent: for a service whose answers do not add up."""
    return {"code": "internal_error", "detail": "The finding could not be processed.", "uid": uid}
