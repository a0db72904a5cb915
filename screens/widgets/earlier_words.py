"""What became of earlier submissions of the same content, in words."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from typing import Final

from textual.content import Content

from console.submissions.model import BatchState, Submission
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


def earlier_words(submissions: Sequence[Submission]) -> Content:
    """What the summary of a file says of them."""
    if not submissions:
        return Content.from_markup("[dim]Not submitted from here before[/dim]\n")
    words = styled(
        "[b]Submitted before[/b] [dim]· [b]b[/b] opens $what[/dim]\n",
        what="it" if len(submissions) == 1 else "one of them",
    )
    for submission in submissions[:_ROWS]:
        words += styled("  ") + line_of(submission) + styled("\n")
    if len(submissions) > _ROWS:
        words += styled("  [dim]… $count more[/dim]\n", count=number(len(submissions) - _ROWS))
    return words


def line_of(submission: Submission) -> Content:
    """One submission in a line: when, where to, how much, and what became of it."""
    at = datetime.fromisoformat(submission.created_at)
    words = styled(
        "$at  $target  [dim]$records[/dim] ",
        at=f"{at:%Y-%m-%d %H:%M}Z",
        target=submission.target,
        records=counted(sum(batch.records for batch in submission.batches), "record"),
    )
    states = Counter(batch.state for batch in submission.batches)
    for state, count in states.items():
        times = "" if len(states) == 1 else f" ({number(count)})"
        words += styled(" $state$times", state=state, times=times).stylize(_COLOURS.get(state, "$foreground"))
    # What is refused as a whole says so itself.
    rejected = sum(batch.kept_invalid for batch in submission.in_state(BatchState.ACCEPTED))
    if rejected:
        words += styled(" [$text-error]$count rejected[/]", count=number(rejected))
    return words


def job_of(submission: Submission) -> str | None:
    """The first job that it became; None where it became none that is known."""
    jobs = [batch.job_id or batch.kept_job for batch in submission.batches]
    return next((job for job in jobs if job), None)
