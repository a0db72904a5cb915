"""What an answer to findings proves, and the job that it stands for: Cisco XDR keeps none, so it is made here.

Cisco publishes no status codes. Any success means that the request was received; the body decides what became of it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from console.display import safe_text
from console.errors import OutcomeUnknown, TargetDenied, TargetError, TargetRefused, TargetUnavailable
from console.records.model import JsonValue
from console.targets.base import (
    COMPLETED,
    FAILED,
    Accepted,
    Denied,
    InDoubt,
    Job,
    JobError,
    JobSummary,
    NotSent,
    Outcome,
    PartlyAccepted,
    Refused,
    Throttled,
)
from console.targets.cisco_xdr.refusals import Source, bad_answer, rate_of, refused_request, said
from console.targets.documents import list_of, object_in, object_of, text_of
from console.targets.http import Response

_ERROR: Final = "error"
"""The `result` of a `FindingsContainerError` that is one."""
_UNNAMED: Final = "others_not_named"
"""Our code of findings that were not taken, and that the answer does not name."""
_NO_DETAIL: Final = "Cisco XDR refused the finding and did not say why."


def timestamp() -> str:
    """The time, as the jobs that are made here bear it."""
    return datetime.now(UTC).isoformat(timespec="milliseconds")


@dataclass(frozen=True, slots=True)
class Attempt:
    """One try to send a batch, as far as it must be known to understand the answer."""

    id: str
    source: Source
    records: int
    begun_at: str
    scopes: str
    """What the token grants."""
    uids: Callable[[], Sequence[str | None]]
    """The uid of each record's finding, by index in the batch. Asked for only where something went wrong."""


def outcome_of(response: Response, attempt: Attempt) -> Outcome:
    """The outcome that an answer stands for.

    A gateway's 5xx after the whole request may hide findings that were taken, as may a success that can't be read.
    """
    document = object_in(response) or {}
    if 200 <= response.status < 300:
        return _received(response, document, attempt)
    if response.status in (400, 422) and (errors := _errors_in(document, attempt)):
        return _judged(response, document, errors, attempt)
    error = refused_request(response, attempt.source, attempt.scopes)
    if isinstance(error, TargetDenied):
        return Denied(error)
    if response.status == 429:
        return Throttled(error, response.retry_after)
    if isinstance(error, TargetUnavailable) or response.status < 200:
        return without_answer(error, attempt.id, handed_over=response.handed_over)
    return Refused(error)


def without_answer(error: TargetError, attempt: str, *, handed_over: bool) -> NotSent | InDoubt:
    """The outcome when no answer can be trusted: it hangs on whether the target can have had the whole request."""
    if not handed_over:
        return NotSent(error)
    return InDoubt(
        OutcomeUnknown(
            f"Everything was sent, and it may have been accepted. {error.message}",
            hint="Look for the findings in Cisco XDR, and say then what became of them.",
            status=error.status,
            code=error.code,
            transaction=error.transaction or attempt,
        )
    )


def _received(response: Response, document: Mapping[str, JsonValue], attempt: Attempt) -> Outcome:
    """The outcome of a success: it counts when the body says what became of the findings."""
    if errors := _errors_in(document, attempt):
        return _judged(response, document, errors, attempt)
    if document.get("result") == _ERROR:
        return Refused(
            TargetRefused(
                f"{attempt.source.origin} refused the findings (HTTP {response.status}, {said(response)}).",
                status=response.status,
                transaction=attempt.id,
            )
        )
    # The published model of the answer to a simplified finding has no frame; the other one's has `data`.
    if _was_taken(document) or text_of(document.get("detection_id")) or document.get("result") == "success":
        return Accepted(_job(response, document, attempt, COMPLETED, invalid=0))
    error = bad_answer(response, attempt.source)
    return without_answer(error, attempt.id, handed_over=response.handed_over)


def _judged(
    response: Response, document: Mapping[str, JsonValue], entries: Sequence[JsonValue], attempt: Attempt
) -> PartlyAccepted:
    """The outcome where single findings were refused: all of them, where the answer names none that was taken."""
    uids = attempt.uids()
    errors = [_job_error(entry, uids) for entry in entries]
    unknown = sum(error.record is None for error in errors)  # each stands for one that nobody can tell
    invalid = min(len({error.record for error in errors} - {None}) + unknown, attempt.records)
    if not _was_taken(document):
        if rest := attempt.records - invalid:
            message = f"The answer says that none was taken, and why for {invalid:,} of {attempt.records:,} alone."
            errors.append(JobError(f"{message} Of the other {rest:,} it says nothing.", _UNNAMED))
        return PartlyAccepted(_job(response, document, attempt, FAILED, invalid=attempt.records), errors)
    return PartlyAccepted(_job(response, document, attempt, COMPLETED, invalid=invalid), errors)


def _errors_in(document: Mapping[str, JsonValue], attempt: Attempt) -> Sequence[JsonValue]:
    """What the answer says of single findings. What it says of a whole request of one finding is about that one."""
    errors = list_of(document.get("errors"))
    if errors or attempt.records > 1 or document.get("result") != _ERROR:
        return errors
    return list_of(document.get("details")) or [document.get("message")]


def _was_taken(document: Mapping[str, JsonValue]) -> bool:
    """Whether the answer has the part that "exists only if some findings were successfully detected"."""
    return isinstance(document.get("data"), dict)


def _job_error(entry: JsonValue, uids: Sequence[str | None]) -> JobError:
    """An error as the API writes it, with its record where its uid is that of just one."""
    told = object_of(entry)
    uid = text_of(told.get("uid")) or None
    return JobError(
        message=text_of(told.get("detail")) or text_of(told.get("message")) or text_of(entry) or _NO_DETAIL,
        code=text_of(told.get("code")),
        record=_record_of(uid, uids),
        uid=uid,
        raw=told,
    )


def _record_of(uid: str | None, uids: Sequence[str | None]) -> int | None:
    """The record that an error is about. One without a uid stays on the batch, unless that is a single record."""
    if uid is None:
        return 0 if len(uids) == 1 else None
    return uids.index(uid) if uids.count(uid) == 1 else None


def _job(response: Response, document: Mapping[str, JsonValue], attempt: Attempt, status: str, *, invalid: int) -> Job:
    return Job(
        id=attempt.id,
        target=attempt.source.target,
        status=status,
        summary=JobSummary(attempt.records, attempt.records - invalid, invalid),
        inserted_at=attempt.begun_at,
        requested_at=attempt.begun_at,
        started_at=attempt.begun_at,
        completed_at=timestamp(),
        raw={
            "http_status": response.status,
            "request_id": safe_text(response.headers.get("x-request-id", attempt.id), width=80),
            "rate": rate_of(response),
            "answer": dict(document),
        },
    )
