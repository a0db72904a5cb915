"""What is known of one job: how far it is, when it did what, and what it was made of."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import PurePath
from typing import Final

from textual import getters
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.widgets import ProgressBar, Static

from console.records.model import JsonValue
from console.submissions.model import TrackedJob
from console.submissions.timeline import Event
from console.targets.base import Job
from screens.widgets import job_words
from screens.widgets.numbers import NOTHING, number
from screens.widgets.scrolled_text import ScrolledText
from screens.widgets.text import plain, styled
from screens.widgets.timeline_words import timeline

_RAW_LINES: Final = 200
_RAW_WIDTH: Final = 2_000
"""Characters of one line of the target's own words."""


class JobDetails(Vertical):
    """The upper part of the Job screen. Shows what it is given."""

    state = getters.query_one("#state", Static)
    bar = getters.query_one(ProgressBar)
    counters = getters.query_one("#counters", Static)
    times = getters.query_one("#times", Static)
    origin = getters.query_one("#origin", Static)
    raw = getters.query_one("#raw", ScrolledText)
    raw_text = getters.query_one("#raw-text", Static)
    remarks = getters.query_one("#remarks", Static)
    timeline = getters.query_one("#timeline", ScrolledText)
    timeline_text = getters.query_one("#timeline-text", Static)

    def __init__(self) -> None:
        super().__init__()
        self._raw: Mapping[str, JsonValue] = {}

    def compose(self) -> ComposeResult:
        """A line of progress over two columns of facts; the timeline and the target's own words are folded in."""
        with Horizontal(id="progress"):
            yield Static(id="state")
            yield ProgressBar(total=100, show_eta=False, show_percentage=False)
            yield Static(id="counters")
        with Horizontal(id="facts"):
            yield Static(id="times")
            yield Static(id="origin")
        yield Static(id="remarks")
        with ScrolledText(id="timeline", classes="folded"):
            yield Static(id="timeline-text", classes="folded-text")
        with ScrolledText(id="raw", classes="folded"):
            yield Static(id="raw-text", classes="folded-text")

    def on_mount(self) -> None:
        """Nothing is known yet."""
        self.display = False
        self.raw.display = self.timeline.display = self.remarks.display = False

    def show(self, tracked: TrackedJob) -> None:
        """Show the newest look at the job."""
        job = tracked.job
        self.display = True
        self.state.update(plain(job_words.status_words(job.status), width=24))
        self.state.set_classes(f"-{job_words.tone(job)}")
        self._show_counters(job)
        self.times.update(
            styled(
                "[dim]Requested[/] $requested\n[dim]Started[/]   $started\n"
                "[dim]Completed[/] $completed\n[dim]Took[/]      $took",
                requested=job_words.when(job.requested_at or job.inserted_at),
                started=job_words.when(job.started_at),
                completed=job_words.when(job.completed_at),
                took=job_words.took(job),
            )
        )
        self.origin.update(
            styled(
                "[dim]Job[/]        $job\n[dim]File[/]       $files\n"
                "[dim]SHA-256[/]    $sha256\n[dim]Submission[/] [b]$inferred[/b]$submission",
                job=job.id,
                files=", ".join(PurePath(file).name for file in tracked.files) or "not sent from here",
                sha256=tracked.sha256 or NOTHING,
                submission=tracked.submission or NOTHING,
                inferred="inferred: " if tracked.inferred else "",
            )
        )
        remarks = job_words.remarks(tracked)
        self.remarks.display = bool(remarks)
        self.remarks.update(Content("\n").join(styled("! $remark", remark=one) for one in remarks))
        self._raw = job.raw
        self._show_raw()

    def _show_counters(self, job: Job) -> None:
        """Where the target counts, show how far it is; a job may end without having counted to its total."""
        summary = job.summary
        seen = max(summary.processed or 0, 0) + max(summary.invalid or 0, 0)
        self.bar.display = (summary.total or 0) > 0
        self.bar.update(total=summary.total or None, progress=min(seen, summary.total or seen))
        self.counters.update(
            styled(
                "[b]$processed[/b] processed · [b]$invalid[/b] invalid · [b]$total[/b] in all",
                processed=number(summary.processed),
                invalid=number(summary.invalid),
                total=number(summary.total),
            )
        )
        self.counters.set_class(bool(summary.invalid), "-invalid")

    def fold_timeline(self, *, out: bool) -> None:
        """Fold the timeline out or in. There is room for it or for the target's own words."""
        self.timeline.display = out
        self.raw.display = self.raw.display and not out

    def show_timeline(self, events: Sequence[Event], job: Job) -> None:
        """Show what happened to the job."""
        self.timeline_text.update(timeline(events, job))

    def toggle_raw(self) -> None:
        """Fold the target's own object out or in."""
        self.raw.display = not self.raw.display
        self.timeline.display = self.timeline.display and not self.raw.display
        self._show_raw()

    def _show_raw(self) -> None:
        """Put the target's own object into words, where they are seen."""
        if self.raw.display:
            self.raw_text.update(plain(_beginning(self._raw), width=_RAW_WIDTH, lines=_RAW_LINES))


def _beginning(raw: Mapping[str, JsonValue]) -> str:
    """The first lines of a JSON object. The rest, which may be megabytes, is not written out."""
    parts, lines = list[str](), 0
    for part in json.JSONEncoder(indent=2, ensure_ascii=False).iterencode(dict(raw)):
        # Only the white space between values holds line breaks.
        lines += part.count("\n")
        parts.append(part[: _RAW_WIDTH + 1])
        if lines > _RAW_LINES:
            break
    return "".join(parts)
