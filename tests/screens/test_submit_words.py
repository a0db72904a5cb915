"""What a submission that was cut short comes to, by what the ledger says of it."""

from __future__ import annotations

from pathlib import Path

import pytest

from console.submissions.model import BatchState, SentBatch, Submission
from screens.widgets.outcome_words import Certainty, of_stop


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
    verdict = of_stop(cut_short(BatchState.ACCEPTED, "3650fef9"))

    assert verdict.certainty is Certainty.TAKEN
    assert verdict.job_id == "3650fef9"
    assert "job 3650fef9" in verdict.words.plain


@pytest.mark.parametrize("state", [BatchState.UNKNOWN, BatchState.SENDING])
def test_what_was_handed_over_is_in_doubt(state: BatchState) -> None:
    assert of_stop(cut_short(state)).certainty is Certainty.IN_DOUBT


@pytest.mark.parametrize("state", [BatchState.READY, BatchState.REFUSED, BatchState.DENIED])
def test_what_was_not_taken_may_be_planned_again(state: BatchState) -> None:
    assert of_stop(cut_short(state)).certainty is Certainty.NOTHING_TAKEN
