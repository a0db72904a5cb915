"""How a job is put into words: status, times, identifiers. What servers wrote in them stays foreign text."""

from __future__ import annotations

import os
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Final

from textual.binding import Keymap

from console.display import ELLIPSIS
from console.errors import ConsoleError, TargetDenied
from console.submissions.model import TrackedJob
from console.submissions.tracking import WAITING
from console.targets.base import COMPLETED, FAILED, PENDING, PROCESSING, UNKNOWN, Job
from screens.commands.everywhere import APP, Targets
from screens.widgets.numbers import NOTHING, counted, short_number

_GLYPHS: Final = {PENDING: "○", PROCESSING: "◐", COMPLETED: "●", FAILED: "✗", UNKNOWN: "?", WAITING: "‖"}
_TONES: Final = {
    PENDING: "waiting",
    PROCESSING: "working",
    COMPLETED: "good",
    FAILED: "bad",
    UNKNOWN: "doubtful",
    WAITING: "kept",
}
TONES: Final = (*_TONES.values(), "mixed", "strange")
"""What the colour of a status says; screens give each tone its colour."""
_INFERRED: Final = "≈"
"""Before a file that a job is taken to have come from."""
_BAR: Final = 5
_EIGHTHS: Final = " ▏▎▍▌▋▊▉"
_SUFFIX: Final = ".ocsf.json"
_NO_MATTER_OF_KEYS: Final = (402, 403)
"""What a target answers to those whom it knows, and who may not: another key of theirs does not help."""
_ID_LENGTHS: Final = (8, 13, 18, 23, 36)
"""Where to cut an identifier: at the groups of a UUID."""


def status_words(status: str) -> str:
    """A status with its glyph. A status that the server invented is shown as it is."""
    return f"{_GLYPHS.get(status, '·')} {status}"


def tone(job: Job) -> str:
    """One of `TONES`: a completed job that refused records is not a clean one."""
    return "mixed" if rejected(job) else _TONES.get(job.status, "strange")


def rejected(job: Job) -> int:
    """How many records a job rejected though it is completed. 0 for a clean one, and for any other."""
    return max(job.summary.invalid or 0, 0) if job.status == COMPLETED else 0


def moment(text: str | None) -> datetime | None:
    """The instant that a target wrote, if it is one: a time without an offset is none."""
    try:
        at = datetime.fromisoformat(text or "")
        return at.astimezone(UTC) if at.tzinfo else None
    except (ValueError, OverflowError):
        return None


def when(text: str | None) -> str:
    """A target's time as `2026-11-19 10:15:00Z`, or as the target wrote it where that is no time."""
    at = moment(text)
    return f"{at.replace(tzinfo=None).isoformat(' ', 'seconds')}Z" if at else text or NOTHING


def duration(job: Job) -> timedelta | None:
    """How long the target worked on a job that has ended."""
    started, completed = moment(job.started_at), moment(job.completed_at)
    return completed - started if started and completed else None


def took(job: Job) -> str:
    """How long the target worked on a job, for reading."""
    time = duration(job)
    return NOTHING if time is None else span(time.total_seconds())


def span(seconds: float) -> str:
    """A stretch of time in its two largest units."""
    if seconds < 60:
        return f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes} min {rest:02} s" if minutes < 60 else f"{minutes // 60} h {minutes % 60:02} min"


def share(job: Job) -> float | None:
    """How much of a job is done, from 0 to 1. None where the target does not say, or nobody need ask any more."""
    summary = job.summary
    if job.status != PROCESSING or not summary.total or summary.total < 0:
        return None
    done = max(summary.processed or 0, 0) + max(summary.invalid or 0, 0)
    return min(done / summary.total, 1.0)


def bar(job: Job) -> str:
    """How much of a job is done, drawn in `_BAR` cells before its numbers; empty for a job that is not at work."""
    done = share(job)
    if done is None:
        return ""
    eighths = int(done * _BAR * 8)
    full, rest = divmod(eighths, 8)
    drawn = "█" * full + (_EIGHTHS[rest] if rest else "")
    return f"▕{drawn:<{_BAR}}▏ "


def outcome(job: Job) -> tuple[str, str] | None:
    """How far a job is, or how many records it rejected though it is completed, in few characters, and their tone."""
    done = share(job)
    if done is not None:
        return f"{int(done * 100)} %", "working"
    invalid = rejected(job)
    return (f"✗ {short_number(invalid)}", "bad") if invalid else None


def remarks(tracked: TrackedJob) -> list[str]:
    """What is odd about a job: that it is not as clean as its status sounds comes first."""
    invalid = rejected(tracked.job)
    few = [f"It is {COMPLETED}, but {counted(invalid, 'record')} {'was' if invalid == 1 else 'were'} rejected."]
    return [*(few if invalid else ()), *tracked.remarks]


def names(files: Sequence[str], *, inferred: bool) -> str:
    """The names of the files that a job came from, marked where nobody said so and it is inferred."""
    found = ", ".join(map(os.path.basename, files)) or NOTHING
    return f"{_INFERRED} {found}" if inferred else found


def elided(name: str, width: int) -> str:
    """The name of a finding file within *width* characters. What tells one scan from another is at its end."""
    if len(name) <= width:
        return name
    stem = name.removesuffix(_SUFFIX)
    head = width // 3
    return stem if len(stem) <= width else f"{stem[:head]}{ELLIPSIS}{stem[head + 1 - width :]}"


def trouble(error: ConsoleError, keymap: Keymap) -> str:
    """Why a target does not tell of its jobs, and what to do: what can be done here comes before the shell."""
    if isinstance(error, TargetDenied) and error.status not in _NO_MATTER_OF_KEYS:
        return f"{error.message} Press {APP.key_of(Targets, keymap)} for Targets to log in. {error.hint}".rstrip()
    return str(error)


def short_ids(ids: Sequence[str]) -> list[str]:
    """The identifiers of a list, cut as short as they stay distinct."""
    for length in _ID_LENGTHS:
        cut = [one[:length] for one in ids]
        if len(set(cut)) == len(set(ids)):
            return cut
    return list(ids)
