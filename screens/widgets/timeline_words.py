"""How what happened to a job is put into words: one line for each event, by our clock and by the target's."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from textual.content import Content

from console.submissions.timeline import Event, Step
from console.targets.base import Job
from screens.widgets.job_words import moment, span, when
from screens.widgets.text import styled

_NAMES: Final = {
    Step.PLANNED: "planned",
    Step.ATTEMPT: "attempt",
    Step.SETTLED: "settled",
    Step.ENDED: "seen to end",
}


def timeline(events: Sequence[Event], job: Job) -> Content:
    """What was done from here, and what the target says of the job, the earliest first."""
    return Content("\n").join(_lines(events, job))


def _lines(events: Sequence[Event], job: Job) -> list[Content]:
    lines = [(event.at, _line(event)) for event in events]
    for name, at in (
        ("requested", job.requested_at or job.inserted_at),
        ("started", job.started_at),
        ("completed", job.completed_at),
    ):
        if at is not None:
            lines.append((at, _told(at, name, styled("[dim]says $target[/]", target=job.target))))
    # Times that are none come last, as they were written.
    lines.sort(key=lambda line: (moment(line[0]) is None, moment(line[0]) or line[0]))
    if not events:
        lines.append(("", Content("This job was not sent from here: there are no attempts to tell of.")))
    return [words for _, words in lines]


def _line(event: Event) -> Content:
    if event.step is not Step.ATTEMPT:
        what = " ".join(part for part in (event.outcome, event.detail) if part)
        return _told(event.at, _NAMES[event.step], styled("$what", what=what))
    words = styled("[b]$outcome[/b]$took", outcome=event.outcome, took=_took(event))
    if event.detail:
        words += styled(" · $detail", detail=event.detail)
    if event.reference:
        words += styled(" [dim]· request $reference[/]", reference=event.reference)
    return _told(event.at, _NAMES[event.step], words)


def _told(at: str, name: str, words: Content) -> Content:
    return styled("[dim]$at[/]  $name  ", at=when(at), name=f"{name:<11}") + words


def _took(event: Event) -> str:
    begun, over = moment(event.at), moment(event.until)
    return "" if begun is None or over is None else f" after {span((over - begun).total_seconds())}"
