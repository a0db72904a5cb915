"""How it is told that watched jobs have ended."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Final, Literal

from textual.content import Content

from console.submissions.model import TrackedJob
from console.targets.base import FAILED
from screens.lookout import End
from screens.widgets.job_words import elided, names
from screens.widgets.numbers import counted, number
from screens.widgets.text import styled

_LONGEST_NAME: Final = 40
"""Characters of the names of files."""

Severity = Literal["information", "warning", "error"]


def told(ends: Sequence[End]) -> Content:
    """One sentence for whatever ended together."""
    if len(ends) == 1:
        return _one(ends[0])
    statuses = Counter("vanished" if end.tracked is None else end.tracked.job.status for end in ends)
    parts = ", ".join(f"{number(count)} {status}" for status, count in statuses.most_common())
    return styled("$jobs have ended: $parts.", jobs=counted(len(ends), "watched job"), parts=parts)


def _one(end: End) -> Content:
    target, job_id = end.key
    if end.tracked is None:
        return styled(
            "$target does not show job $job any more. What became of it is not known.", target=target, job=job_id
        )
    job = end.tracked.job
    return styled(
        "Job $job of $target$origin is $status: $processed processed, $invalid invalid.",
        job=job_id[:8],
        origin=_origin(end.tracked),
        target=target,
        status=job.status,
        processed=number(job.summary.processed),
        invalid=number(job.summary.invalid),
    )


def _origin(tracked: TrackedJob) -> str:
    """What tells a job from others sooner than its identifier does: its file, where that is known."""
    name = elided(names(tracked.files, inferred=tracked.inferred), _LONGEST_NAME)
    return f", from {name}," if tracked.files else ""


def severity(ends: Sequence[End]) -> Severity:
    """How grave the worst of it is."""
    if any(end.tracked is not None and end.tracked.job.status == FAILED for end in ends):
        return "error"
    return "information" if all(end.tracked is not None and end.tracked.job.succeeded for end in ends) else "warning"
