"""How a sending goes, as far as is known: how much is sent and answered, how fast, and how long it will take."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final, assert_never

from textual.content import Content

from console.progress import Pause, Progress
from console.submissions.model import FrozenBatch, SentBatch
from console.targets.base import Accepted, Denied, InDoubt, NotSent, Outcome, PartlyAccepted, Refused, Throttled
from screens.widgets.numbers import counted, number, size
from screens.widgets.text import styled

_WINDOW: Final = 15.0
"""Seconds that a rate is the mean of."""
_SOON: Final = 1.0
"""Seconds before a rate means anything."""
_LINE: Final = Content("\n")
_PART: Final = Content(" · ")


@dataclass(frozen=True, slots=True)
class _Mark:
    """How far it was at a time."""

    at: float
    sent: int
    answered: int


class Course:
    """What is told of a sending is taken in here. Every *at* is of one monotonic clock, in seconds."""

    def __init__(self, batches: Iterable[tuple[int, int]], at: float) -> None:
        """*batches* are the records and the bytes of each that is to be sent."""
        sizes = list(batches)
        self.batches = len(sizes)
        """Requests that it takes; more where the target asks for smaller ones."""
        self.records = sum(records for records, _ in sizes)
        """Records that it is of."""
        self.bytes = sum(length for _, length in sizes)
        """Bytes that it is of."""
        self.sent = 0
        """Bytes that were handed over."""
        self.answered = self.accepted = self.refused = 0
        """Records of which the target said what becomes of them: altogether, and in which way."""
        self.requests = 0
        """Requests that were answered."""
        self.halting = False
        """Whether no further request is begun."""
        self._doing = "Sending"
        self._pause: Pause | None = None
        self._goes_on_at = 0.0
        self._marks = deque([_Mark(at, 0, 0)])

    @classmethod
    def of(cls, batches: Iterable[SentBatch], at: float) -> Course:
        """The course of what the ledger keeps."""
        return cls(((batch.records, batch.bytes) for batch in batches), at)

    @classmethod
    def of_frozen(cls, batches: Iterable[FrozenBatch], at: float) -> Course:
        """The course of what was frozen."""
        return cls(((frozen.batch.records, frozen.batch.length) for frozen in batches), at)

    def advance(self, progress: Progress, at: float) -> None:
        """Take in what the sender tells."""
        self.sent = progress.done
        if isinstance(progress, Pause):
            self._pause, self._goes_on_at = progress, at + progress.seconds
        else:
            self._pause, self._doing = None, progress.message
        self._mark(at)

    def answer(self, records: int, outcome: Outcome, at: float) -> None:
        """Take in what a request of so many records came to."""
        match outcome:
            case Accepted():
                self.accepted += records
            case PartlyAccepted(_, errors):
                refused = min(len({error.record for error in errors}), records)
                self.accepted += records - refused
                self.refused += refused
            case Refused():
                self.refused += records
            case Denied() | Throttled() | NotSent() | InDoubt():
                return  # nothing is known of them yet
            case _:
                assert_never(outcome)
        self.answered += records
        self.requests += 1
        self._mark(at)

    def _mark(self, at: float) -> None:
        self._marks.append(_Mark(at, self.sent, self.answered))
        while len(self._marks) > 2 and self._marks[1].at <= at - _WINDOW:
            self._marks.popleft()

    def words(self, at: float, stop: str) -> Content:
        """All of it, in a few lines. *stop* is the key to stop at once."""
        lines = [self._how_far(), self._how_fast(at)]
        if self.answered:
            counts = {"accepted": number(self.accepted), "refused": number(self.refused)}
            lines.append(styled("Accepted $accepted · refused $refused", **counts))
        if self._pause is not None:
            lines.append(self._pause_words(self._pause, at))
        if self.halting:
            lines.append(styled("[b]Stopping after this request …[/b] $key stops at once.", key=stop))
        return _LINE.join(line for line in lines if line)

    def _how_far(self) -> Content:
        if self._pause is not None:
            doing = Content("Waiting for another try")
        elif self.sent >= self.bytes:
            doing = Content("All of it is sent. Waiting for the answer …")
        else:
            doing = styled(
                "$doing: $sent of $bytes", doing=self._doing, sent=size(self.sent), bytes=size(self.bytes)
            )  # fmt: skip
        answered = styled(
            "$answered of $records answered", answered=number(self.answered), records=counted(self.records, "record")
        )
        return doing + _PART + answered if self.batches > 1 or self.answered else doing

    def _how_fast(self, at: float) -> Content:
        """The mean of the last seconds, and what it makes of the rest. Nothing while nobody can tell."""
        first = self._marks[0]
        elapsed = at - first.at
        if elapsed < _SOON:
            return Content("")
        records, sent = (self.answered - first.answered) / elapsed, (self.sent - first.sent) / elapsed
        parts = [styled("$rate records/s", rate=f"{records:,.0f}")] if records >= 1 else []
        if sent >= 1 and self.sent < self.bytes:
            parts.append(styled("$rate/s", rate=size(int(sent))))
            if self._pause is None:
                parts.append(styled("about $time left", time=duration((self.bytes - self.sent) / sent)))
        return _PART.join(parts)

    def _pause_words(self, pause: Pause, at: float) -> Content:
        left = max(0, round(self._goes_on_at - at))
        return styled(
            "[b]Try $attempt of $attempts in $left s.[/b] Nothing of this request was accepted so far. $why",
            attempt=pause.attempt, attempts=pause.attempts, left=left, why=pause.why,
        )  # fmt: skip


def duration(seconds: float) -> str:
    """How long something takes, for reading: it is an estimate."""
    whole = max(1, round(seconds))
    if whole < 100:
        return f"{whole} s"
    minutes = round(whole / 60)
    return f"{minutes} min" if minutes < 100 else f"{round(minutes / 60)} h"
