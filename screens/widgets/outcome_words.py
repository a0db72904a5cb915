"""What became of the sending, in words: what is certain, what is not, and what to do next."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import assert_never

from textual.content import Content

from console.display import safe_text
from console.errors import ConsoleError, OutcomeUnknown
from console.submissions.model import BatchState, Submission
from console.targets.base import Accepted, Denied, InDoubt, NotSent, Outcome, PartlyAccepted, Refused, Throttled
from screens.widgets.job_words import when
from screens.widgets.numbers import counted
from screens.widgets.text import styled


class Certainty(StrEnum):
    """What is known of a submission after sending. The values are style classes."""

    TAKEN = "-taken"
    """A job of it exists."""
    NOTHING_TAKEN = "-nothing"
    """Nothing was accepted: it may be sent again."""
    IN_DOUBT = "-doubt"
    """It may have been accepted: it must not be sent again unseen."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """How a submission ended, as far as is known."""

    certainty: Certainty
    words: Content
    job_id: str | None = None
    """The job that was opened; the last one where several files were sent."""
    whole: bool = False
    """Everything was accepted."""


def of_outcomes(outcomes: Sequence[Outcome], target: str) -> Verdict:
    """What the outcomes of a submission's batches come to together."""
    known = {_certainty(outcome) for outcome in outcomes}
    worst = next((one for one in (Certainty.IN_DOUBT, Certainty.TAKEN) if one in known), Certainty.NOTHING_TAKEN)
    jobs = [outcome.job.id for outcome in outcomes if isinstance(outcome, Accepted | PartlyAccepted)]
    return Verdict(
        worst,
        Content("\n\n").join(_words(outcome, target) for outcome in outcomes),
        job_id=jobs[-1] if jobs else None,
        whole=all(isinstance(outcome, Accepted) for outcome in outcomes),
    )


def of_failure(error: ConsoleError) -> Verdict:
    """The sending did not begin."""
    return Verdict(Certainty.NOTHING_TAKEN, _failure("Nothing was sent.", error, ""))


def of_break(error: ConsoleError) -> Verdict:
    """Something on this side failed after the sending had begun."""
    return Verdict(Certainty.IN_DOUBT, _unknown(error.message))


def of_stop(submission: Submission) -> Verdict:
    """The sending was cut short: what the ledger says of it. The answer may have come just before the stop."""
    details = " ".join(batch.detail for batch in submission.batches)
    if any(batch.state in (BatchState.UNKNOWN, BatchState.SENDING) for batch in submission.batches):
        return Verdict(Certainty.IN_DOUBT, _unknown(details))
    jobs = [batch.job_id for batch in submission.batches if batch.job_id is not None]
    if jobs:
        words = styled(
            "[b]Too late to stop:[/b] $target accepted it as job $job.", target=submission.target, job=jobs[-1]
        )
        return Verdict(Certainty.TAKEN, words, job_id=jobs[-1])
    return Verdict(
        Certainty.NOTHING_TAKEN, styled("[b]Stopped.[/b] $details\n\nPress r to plan it again.", details=details)
    )


def doubt(submission: Submission) -> OutcomeUnknown:
    """What there is to say of a submission that may have been accepted."""
    doubtful = [batch for batch in submission.batches if batch.state is BatchState.UNKNOWN]
    names = ", ".join(safe_text(batch.source.name, width=80) for batch in doubtful)
    records = counted(sum(batch.records for batch in doubtful), "record")
    return OutcomeUnknown(
        f"{names} ({records}, sent {when(submission.created_at)}) may have been accepted by {submission.target}."
        f" {doubtful[0].detail if doubtful else ''}",
        hint="Look for a job of that time and that many records before you send it again.",
    )


def _certainty(outcome: Outcome) -> Certainty:
    """How sure we are."""
    match outcome:
        case Accepted() | PartlyAccepted():
            return Certainty.TAKEN
        case Refused() | Denied() | Throttled() | NotSent():
            return Certainty.NOTHING_TAKEN
        case InDoubt():
            return Certainty.IN_DOUBT
        case _:
            assert_never(outcome)


def _words(outcome: Outcome, target: str) -> Content:
    """The outcome of one batch."""
    match outcome:
        case Accepted(job):
            return styled("[b]$target accepted it[/b] as job $job.", target=target, job=job.id)
        case PartlyAccepted(job, errors):
            return styled(
                "[b]$target accepted a part of it[/b] as job $job and refused $count records. The job lists them.",
                target=target,
                job=job.id,
                count=len(errors),
            )
        case Refused(error):
            headline, next_step = "Refused: nothing was accepted.", "The same records would be refused again."
        case Denied(error):
            headline, next_step = "Denied: nothing was accepted.", "Press 3 for Targets to log in, then r here."
        case Throttled(error, retry_after):
            pause = f"{retry_after:g} seconds" if retry_after else "a while"
            headline, next_step = "Not now: nothing was accepted.", f"Wait {pause}, then press r."
        case NotSent(error):
            headline, next_step = "Not sent: nothing was accepted.", "Press r to try again."
        case InDoubt(error):
            return _unknown(error.message)
        case _:
            assert_never(outcome)
    return _failure(headline, error, next_step)


def _failure(headline: str, error: ConsoleError, next_step: str) -> Content:
    return styled(
        "[b]$headline[/b] $message\n\n$hint",
        headline=headline,
        message=error.message,
        hint=f"{error.hint} {next_step}".strip(),
    )


def _unknown(message: str) -> Content:
    return styled(
        "[b]The outcome is unknown.[/b] $message\n\n"
        "Do not send it again before you have looked: 2 for Jobs, then U for what is unknown.",
        message=message,
    )
