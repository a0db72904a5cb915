"""What a submission comes to, by the outcomes of its batches and by what the ledger says of it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from console.errors import TargetDenied, TargetRefused, TargetUnavailable
from console.submissions.model import BatchState, SentBatch, Submission
from console.targets.base import (
    Accepted,
    Denied,
    Job,
    JobError,
    JobSummary,
    Outcome,
    PartlyAccepted,
    Refused,
    Throttled,
)
from screens.widgets.earlier_words import line_of as earlier_line
from screens.widgets.outcome_words import Certainty, line_of_job, of_look, of_outcomes, of_stop
from tests.screens.fixed_desk import KEPT, in_doubt, sent, submission


def cut_short(state: BatchState, job_id: str | None = None) -> Submission:
    """A submission of one batch in that state."""
    batch = SentBatch(
        number=1,
        records=30,
        bytes=900,
        sha256="",
        source=Path("scan.ocsf.json"),
        source_sha256="",
        state=state,
        job_id=job_id,
        attempts=1,
        detail="",
    )
    return Submission("1", "prowler", "prowler", "2026-11-19T10:15:00Z", [batch])


def test_an_answer_that_came_just_before_the_stop_is_a_job_and_not_to_be_sent_again() -> None:
    verdict = of_stop(cut_short(BatchState.ACCEPTED, "3650fef9"), {})

    assert verdict.certainty is Certainty.TAKEN
    assert verdict.job_id == "3650fef9"
    assert "job 3650fef9" in verdict.words.plain


@pytest.mark.parametrize("state", [BatchState.UNKNOWN, BatchState.SENDING])
def test_what_was_handed_over_is_in_doubt(state: BatchState) -> None:
    assert of_stop(cut_short(state), {}).certainty is Certainty.IN_DOUBT


@pytest.mark.parametrize("state", [BatchState.READY, BatchState.REFUSED, BatchState.DENIED])
def test_what_was_not_taken_may_be_planned_again(state: BatchState) -> None:
    assert of_stop(cut_short(state), {}).certainty is Certainty.NOTHING_TAKEN


def outcomes_of(found: Submission, *outcomes: Outcome) -> str:
    """The words of what a sending came to."""
    return of_outcomes(outcomes, found, {}).words.plain


def accepted(number: int) -> Accepted:
    return Accepted(Job(f"job-{number}", "prowler", "pending"))


def test_refused_records_are_counted_as_the_job_counts_them_and_mark_it_among_several() -> None:
    """Two errors may be about one record."""
    job = Job("job-1", "hub", "completed", JobSummary(3, 2, 1))
    outcomes: list[Outcome] = [PartlyAccepted(job, [JobError("no"), JobError("nor this")]), accepted(2)]
    part, whole = sent(BatchState.ACCEPTED, 1, job_id="job-1", kept_invalid=1), sent(BatchState.ACCEPTED, 2, job_id="j")

    verdict = of_outcomes(outcomes, submission(part, whole), {})

    assert "as job job-1 and refused 1 record." in verdict.words.plain
    assert ["rejected" in line_of_job(batch).plain for batch in verdict.became] == [True, False]


def test_a_file_that_was_taken_in_part_is_not_just_called_accepted() -> None:
    whole = sent(BatchState.ACCEPTED, 1, job_id="job-1", kept_job="job-1")
    part = sent(BatchState.ACCEPTED, 2, job_id="job-2", kept_job="job-2")

    assert "  prowler  accepted  " in earlier_line(submission(whole, part)).plain
    assert "  prowler  accepted 2 rejected  " in earlier_line(submission(whole, replace(part, kept_invalid=2))).plain


@pytest.mark.parametrize(
    ("ended_as", "words"),
    [(None, "accepted as a job"), ("completed", "job completed"), ("failed", "job failed")],
)
def test_what_a_target_works_on_later_is_not_just_called_accepted(ended_as: str | None, words: str) -> None:
    batch = sent(BatchState.ACCEPTED, 1, job_id="job-1", ended_as=ended_as)
    line = earlier_line(submission(batch)).plain
    assert line.endswith("  1,000 records")
    assert f"  prowler  {words}  " in line
    assert line.index("  1,000 records") < 48, "as much as there is room for on 120 columns"


def test_of_many_jobs_the_first_are_named() -> None:
    found = submission(*(sent(BatchState.ACCEPTED, number, job_id=f"job-{number}") for number in range(1, 6)))
    verdict = of_outcomes([accepted(number) for number in range(1, 6)], found, {})

    assert verdict.words.plain == "prowler accepted it as 5 jobs: job-1, job-2, job-3 and 2 more."
    assert (verdict.whole, verdict.job_id) == (True, "job-5")


def test_of_many_failures_the_first_are_told_and_the_same_one_once() -> None:
    found = submission(*(sent(BatchState.REFUSED, number) for number in range(6)))
    same = [Refused(TargetRefused("No such field."))] * 2
    told = outcomes_of(found, *same, *(Refused(TargetRefused(f"Field {number}.")) for number in range(4)))

    assert told.count("No such field.") == 1
    assert "Field 1." in told
    assert "Field 2." not in told
    assert "2 more failures" in told


def test_what_was_taken_in_part_is_not_simply_well_and_not_planned_again() -> None:
    verdict = of_outcomes([accepted(1), Throttled(TargetUnavailable("Slow down."), 900)], KEPT, {})

    assert "nothing more was accepted" in verdict.words.plain
    assert "2,000 records are kept" in verdict.words.plain
    assert "2026-11-19 10:30:00Z" in verdict.words.plain
    assert (verdict.certainty, verdict.tone) == (Certainty.TAKEN, Certainty.IN_DOUBT)
    assert (verdict.may_go_on, verdict.may_settle, verdict.whole) == (True, False, False)


def test_what_was_denied_is_gone_on_with_after_logging_in() -> None:
    found = submission(sent(BatchState.DENIED, records=1))
    verdict = of_outcomes([Denied(TargetDenied("No permission."))], found, {})

    assert "1 record is kept: press 3 for Targets to log in, then g here" in verdict.words.plain
    assert verdict.certainty is Certainty.NOTHING_TAKEN


def test_a_stop_after_a_part_was_taken_says_which() -> None:
    verdict = of_stop(KEPT, {})

    assert verdict.words.plain.startswith("Stopped after prowler had accepted job ")
    assert verdict.may_go_on


def test_what_was_found_says_that_it_is_inferred_and_what_was_not_found_stays_in_doubt() -> None:
    found = of_look(submission(sent(BatchState.ACCEPTED, job_id="job-1", inferred=True)), {})
    assert "inferred from its time and its number of records" in found.words.plain
    assert (found.certainty, found.job_id, found.whole) == (Certainty.TAKEN, "job-1", False)

    missing = of_look(in_doubt(), {})
    assert "still unknown" in missing.words.plain
    assert (missing.certainty, missing.may_settle, missing.may_go_on) == (Certainty.IN_DOUBT, True, False)


def test_what_is_left_of_a_submission_in_doubt_waits_until_that_is_settled() -> None:
    verdict = of_look(submission(sent(BatchState.UNKNOWN, 1), sent(BatchState.READY, 2)), {})

    assert (verdict.may_settle, verdict.may_go_on) == (True, False)
