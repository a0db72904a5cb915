"""What became of earlier submissions of the same content, in words."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from typing import Final

from textual.content import Content

from console.submissions.model import BatchState, SentBatch, Submission
from console.targets.base import FAILED
from screens.widgets.numbers import counted, number
from screens.widgets.text import styled

_ROWS: Final = 3
"""Submissions that the summary lists."""
_COLOURS: Final = {
    BatchState.ACCEPTED: "$text-success",
    BatchState.UNKNOWN: "$text-warning",
    BatchState.SENDING: "$text-warning",
    BatchState.REFUSED: "$text-error",
    BatchState.DENIED: "$text-error",
}


def earlier_words(submissions: Sequence[Submission], key: str) -> Content:
    """What the summary of a file says of them. The *key* opens them."""
    if not submissions:
        return Content.from_markup("[dim]Not submitted from here before[/dim]\n")
    words = styled(
        "[b]Submitted before[/b] [dim]· [b]$key[/b] opens $what[/dim]\n",
        key=key,
        what="it" if len(submissions) == 1 else "one of them",
    )
    for submission in submissions[:_ROWS]:
        words += styled("  ") + line_of(submission) + styled("\n")
    if len(submissions) > _ROWS:
        words += styled("  [dim]… $count more[/dim]\n", count=number(len(submissions) - _ROWS))
    return words


def line_of(submission: Submission) -> Content:
    """One submission in a line: when, where to, what became of it, and how much it was, which may be cut."""
    at = datetime.fromisoformat(submission.created_at)
    words = styled("$at  $target ", at=f"{at:%Y-%m-%d %H:%M}Z", target=submission.target)
    ends = Counter(map(_end_of, submission.batches))
    for (end, colour), count in ends.items():
        times = "" if len(ends) == 1 else f" ({number(count)})"
        words += styled(" $end$times", end=end, times=times).stylize(colour)
    # What is refused as a whole says so itself.
    rejected = sum(batch.kept_invalid for batch in submission.in_state(BatchState.ACCEPTED))
    if rejected:
        words += styled(" [$text-error]$count rejected[/]", count=number(rejected))
    records = counted(sum(batch.records for batch in submission.batches), "record")
    return words + styled("  [dim]$records[/dim]", records=records)


def _end_of(batch: SentBatch) -> tuple[str, str]:
    """What became of a batch, and the colour of that.

    Of what a target works on later it is not known here how many records it rejected in the end: its job tells that.
    """
    if batch.state is BatchState.ACCEPTED and batch.kept_job is None:
        if batch.ended_as is None:
            return "accepted as a job", "$foreground"
        return f"job {batch.ended_as}", "$text-error" if batch.ended_as == FAILED else "$foreground"
    return batch.state, _COLOURS.get(batch.state, "$foreground")


def job_of(submission: Submission) -> str | None:
    """The first job that it became; None where it became none that is known."""
    jobs = [batch.job_id or batch.kept_job for batch in submission.batches]
    return next((job for job in jobs if job), None)
