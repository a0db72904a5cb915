"""How a sending goes, in words: what is certain, how fast it is, and when the next try comes."""

from __future__ import annotations

from console.errors import TargetRefused, TargetUnavailable
from console.progress import Pause, Progress
from console.targets.base import Accepted, Job, JobError, NotSent, PartlyAccepted, Refused
from screens.widgets.course import Course, duration

JOB = Job("job-1", "prowler", "pending")


def sent(done: int, batch: int = 1) -> Progress:
    return Progress(done, 4_000_000, "bytes", f"Sending batch {batch} of 4")


def course() -> Course:
    """Four batches of a hundred records, a megabyte each."""
    return Course([(100, 1_000_000)] * 4, at=0)


def test_the_rate_is_that_of_the_last_seconds_and_says_what_is_left() -> None:
    going = course()
    going.advance(sent(500_000), at=0.5)
    assert going.words(0.5, "esc").plain == "Sending batch 1 of 4: 500.0 kB of 4.0 MB · 0 of 400 records answered"

    going.advance(sent(1_000_000), at=10)
    going.answer(100, Accepted(JOB), at=10)
    assert "10 records/s · 100.0 kB/s · about 30 s left" in going.words(10, "esc").plain

    # Ten times as fast from then on: what was slow is forgotten.
    for second in range(11, 27):
        going.advance(sent(1_000_000 + (second - 10) * 125_000, 2), at=second)
    assert "125.0 kB/s · about 8 s left" in going.words(26, "esc").plain


def test_what_was_accepted_and_refused_is_counted_apart_and_what_is_not_known_not_at_all() -> None:
    going = course()
    going.answer(100, Accepted(JOB), at=1)
    going.answer(100, PartlyAccepted(JOB, [JobError("no", record=4), JobError("neither", record=4)]), at=2)
    going.answer(100, Refused(TargetRefused("no")), at=3)
    going.answer(100, NotSent(TargetUnavailable("down")), at=4)

    assert "300 of 400 records answered" in going.words(4, "esc").plain
    assert "Accepted 199 · refused 101" in going.words(4, "esc").plain


def test_the_next_try_is_counted_down_and_the_reason_is_told_without_markup() -> None:
    going = course()
    going.advance(sent(700_000), at=1)
    going.advance(Pause(700_000, 4_000_000, "bytes", "Waiting", 30, 2, 5, "[red]HTTP 503\x1b[2J"), at=2)

    words = going.words(22, "esc").plain
    assert "Waiting for another try" in words
    assert "Try 2 of 5 in 10 s. Nothing of this request was accepted so far. [red]HTTP 503␛[2J" in words
    assert "left" not in words
    assert "in 0 s" in going.words(99, "esc").plain

    going.advance(sent(100), at=32)
    assert "Try" not in going.words(32, "esc").plain


def test_all_is_sent_and_only_the_answer_is_missing() -> None:
    going = Course([(1, 900)], at=0)
    going.advance(Progress(900, 900, "bytes", "Sending"), at=1)

    assert going.words(5, "esc").plain == "All of it is sent. Waiting for the answer …\n"[:-1]


def test_a_duration_is_told_as_roughly_as_it_is_known() -> None:
    assert [duration(seconds) for seconds in (0, 99.4, 100, 5_900, 7_000)] == ["1 s", "99 s", "2 min", "98 min", "2 h"]
