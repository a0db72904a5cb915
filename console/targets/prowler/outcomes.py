"""What an answer to a submission proves. In doubt, it proves nothing: then the batch must not be sent again unasked."""

from __future__ import annotations

from uuid import UUID

from console.display import safe_text
from console.errors import BadAnswer, OutcomeUnknown, TargetDenied, TargetError, TargetUnavailable
from console.targets.base import Accepted, Denied, InDoubt, NotSent, Outcome, Refused, Throttled
from console.targets.http import Response
from console.targets.prowler.envelope import MEDIA_TYPES, Source, bad_answer, beginning_of, read_job
from console.targets.prowler.refusals import refused_upload, understand


def outcome_of(response: Response, source: Source, attempt: str) -> Outcome:
    """The outcome that an answer to *attempt* stands for.

    A gateway's 5xx after the whole request may hide a job that was opened, as may a success that can't be read.
    """
    if 200 <= response.status < 300:
        return _success(response, source, attempt)
    refusal = understand(response, source)
    error = refused_upload(refusal)
    if isinstance(error, TargetDenied):
        return Denied(error)
    if refusal.throttled:
        return Throttled(error, response.retry_after)
    # 408, 409 and 5xx; and what is neither success nor refusal.
    if isinstance(error, TargetUnavailable) or response.status < 200:
        return without_answer(error, source, attempt, handed_over=response.handed_over)
    return Refused(error, [one for one in refusal.errors if one.record is not None])


def without_answer(
    error: TargetError, source: Source, attempt: str, *, handed_over: bool, said: str = ""
) -> NotSent | InDoubt:
    """The outcome when no answer can be trusted: it hangs on whether the target can have had the whole request.

    *said* is how the answer begins: it may name the job.
    """
    if not handed_over:
        return NotSent(error)
    quote = f" The answer begins: {said}" if said else ""
    return InDoubt(
        OutcomeUnknown(
            f"Everything was sent, and it may have been accepted. {error.message}{quote}",
            hint=f"Look for a new job before sending again: ocsf-console jobs list --target {source.target}",
            status=error.status,
            code=error.code,
            # The server logs by the identifier that we sent, unless it says otherwise.
            transaction=error.transaction or attempt,
        )
    )


def _success(response: Response, source: Source, attempt: str) -> Outcome:
    """A success counts when it names the job that was opened, by an id of the kind that Prowler Cloud gives out."""
    try:
        job = read_job(response, source)
        if not _is_uuid(job.id):
            raise bad_answer(response, source, "a job's id that is not a UUID")
    except BadAnswer as error:
        said = beginning_of(response)
        return without_answer(error, source, attempt, handed_over=response.handed_over, said=said)
    return Accepted(job, _note(response))


def _note(response: Response) -> str:
    """What to remark about an answer that reads well and is called something else, as some proxies do."""
    if response.media_type in MEDIA_TYPES:
        return ""
    called = safe_text(response.media_type, width=80) or "nothing"
    return f"The answer was called {called}, and read as {MEDIA_TYPES[0]}."


def _is_uuid(text: str) -> bool:
    try:
        return str(UUID(text)) == text.lower()
    except ValueError:
        return False
