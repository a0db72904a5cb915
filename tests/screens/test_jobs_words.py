"""How jobs are put into words, and when a live list asks again."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st
from textual.app import App, ComposeResult

from console.errors import TargetDenied, TargetUnavailable
from console.submissions.model import TrackedJob
from console.submissions.timeline import Event, Step
from console.targets.base import COMPLETED, FAILED, PROCESSING, STATUSES, Job, JobSummary
from screens.widgets.days_dialog import BadDay, day_of
from screens.widgets.job_words import (
    TONES,
    bar,
    elided,
    outcome,
    remarks,
    short_ids,
    span,
    tone,
    took,
    trouble,
    when,
)
from screens.widgets.refreshing import Refreshing
from screens.widgets.status_filter import Chip, StatusFilter
from screens.widgets.timeline_words import timeline


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("2026-02-17T13:16:28.644666Z", "2026-02-17 13:16:28Z"),
        ("2026-02-17T14:16:28+01:00", "2026-02-17 13:16:28Z"),
        ("2026-02-17T13:16:28", "2026-02-17T13:16:28"),
        ("0099-01-01T00:00:00Z", "0099-01-01 00:00:00Z"),
        ("0001-01-01T00:00:00+14:00", "0001-01-01T00:00:00+14:00"),
        ("soon", "soon"),
        ("", "–"),
        (None, "–"),
    ],
    ids=["utc", "offset", "no-offset", "long-ago", "before-the-calendar", "no-time", "empty", "absent"],
)
def test_a_time_is_shown_in_utc_or_as_it_was_written(written: str | None, shown: str) -> None:
    assert when(written) == shown


@given(st.text())
def test_no_text_of_a_target_breaks_the_clock(text: str) -> None:
    assert isinstance(when(text), str)
    took(Job("1", "prowler", "completed", started_at=text, completed_at=text))


def test_how_long_a_job_took_has_two_units_at_most() -> None:
    assert [span(seconds) for seconds in (0.04, 8.25, 59.9, 75, 3_600, 90_061)] == [
        "0.0 s", "8.2 s", "59.9 s", "1 min 15 s", "1 h 00 min", "25 h 01 min",
    ]  # fmt: skip


@given(st.text(max_size=80), st.integers(min_value=6, max_value=40))
def test_a_name_that_is_cut_fits_and_keeps_its_end(name: str, width: int) -> None:
    shown = elided(name, width)

    assert len(shown) <= width
    assert shown == name or name.removesuffix(".ocsf.json").endswith(shown[-1])


@given(st.lists(st.uuids().map(str), unique=True))
def test_identifiers_are_cut_as_short_as_they_stay_distinct(ids: list[str]) -> None:
    cut = short_ids(ids)

    assert len(set(cut)) == len(ids)
    assert all(one.startswith(short) for one, short in zip(ids, cut, strict=True))


def test_identifiers_that_begin_alike_are_shown_longer() -> None:
    assert short_ids(["3650fef9-8e5f-4808-a95f-74f0afae8499", "3650fef9-8e5f-4808-a95f-74f0afae849a"]) == [
        "3650fef9-8e5f-4808-a95f-74f0afae8499",
        "3650fef9-8e5f-4808-a95f-74f0afae849a",
    ]
    assert short_ids(["3650fef9-8e5f", "4650fef9-8e5f"]) == ["3650fef9", "4650fef9"]


def test_a_completed_job_that_refused_records_does_not_look_clean() -> None:
    assert tone(Job("1", "prowler", COMPLETED, JobSummary(5, 5, 0))) == "good"
    assert tone(Job("1", "prowler", COMPLETED, JobSummary(5, 4, 1))) == "mixed"
    assert {tone(Job("1", "prowler", status)) for status in (*STATUSES, "invented")} <= set(TONES)


@pytest.mark.parametrize(
    ("status", "summary", "shown", "said"),
    [
        (COMPLETED, JobSummary(5, 5, 0), None, []),
        (COMPLETED, JobSummary(), None, []),
        (COMPLETED, JobSummary(5, 4, 1), ("✗ 1", "bad"), ["It is completed, but 1 record was rejected."]),
        (COMPLETED, JobSummary(5, 5, -1), None, []),
        (
            COMPLETED,
            JobSummary(9**20, 0, 9**20),
            ("✗ 12 E", "bad"),
            ["It is completed, but 12,157,665,459,056,928,801 records were rejected."],
        ),
        (FAILED, JobSummary(5, 0, 5), None, []),
        (PROCESSING, JobSummary(1_000, 996, 3), ("99 %", "working"), []),
        (PROCESSING, JobSummary(), None, []),
    ],
)
def test_how_far_a_job_is_and_what_it_rejected_is_told_in_few_characters(
    status: str, summary: JobSummary, shown: tuple[str, str] | None, said: Sequence[str]
) -> None:
    job = Job("1", "prowler", status, summary)
    assert outcome(job) == shown
    assert remarks(TrackedJob(job, None, (), None, remarks=["Odd."])) == [*said, "Odd."]


def test_a_live_list_asks_again_at_its_turn_and_ever_later_while_it_fails() -> None:
    live = Refreshing(interval=5)
    assert live.is_due(0.0)
    live.succeeded(100)
    assert not live.is_due(104.9)
    assert live.is_due(105)

    dues = []
    now = 105.0
    for _ in range(8):
        live.failed(now)
        due = next(second for second in range(1_000) if live.is_due(now + second))
        dues.append(due)
        now += due
    assert dues == [10, 20, 40, 80, 160, 300, 300, 300]

    live.succeeded(now)
    assert live.is_due(now + 5)


def test_a_target_that_asks_for_patience_gets_it() -> None:
    live = Refreshing(interval=5)
    live.failed(0, TargetUnavailable("Not now.", retry_after=400))

    assert not live.is_due(399)
    assert live.says(0) == "trying again in 400 s"


def test_of_several_targets_the_one_that_may_be_asked_first_ends_the_pause() -> None:
    live, down = Refreshing(interval=5), TargetUnavailable("Nothing answers there.")
    slow, slower = TargetUnavailable("Not now.", retry_after=35), TargetUnavailable("Nor now.", retry_after=400)
    live.failed(0, slower, slow)
    assert live.says(0) == "trying again in 35 s"

    live.start_anew()
    live.failed(0, slower, down)
    assert live.says(0) == "trying again in 10 s"


def test_looks_that_the_operator_asks_for_make_no_other_come_later() -> None:
    live = Refreshing(interval=5)
    for _ in range(5):
        live.asked(0, by_hand=True)
        live.failed(0)
    assert live.says(0) == "trying again in 10 s"
    live.asked(10)
    live.failed(10)
    assert live.says(10) == "trying again in 20 s"
    live.asked(11, by_hand=True)
    live.failed(11, TargetUnavailable("Not now.", retry_after=400))
    assert live.says(11) == "trying again in 400 s"

    for _ in range(5):
        live.asked(500, by_hand=True)
        live.succeeded(500, quiet=True)
    assert live.says(500) == "updated just now · every 5 s"
    live.asked(505)
    live.succeeded(505, quiet=True)
    assert live.says(505) == "updated just now · idle: every 10 s"


def test_a_list_that_is_paused_is_never_due_and_tells_its_age() -> None:
    live = Refreshing(interval=5)
    live.succeeded(10)
    live.paused = True

    assert not live.is_due(10_000)
    assert live.says(10.5) == "updated just now · paused"
    assert live.says(85) == "updated 1 min 15 s ago · paused"


def test_a_list_where_nothing_runs_is_looked_at_less_often_until_something_does() -> None:
    live = Refreshing(interval=5)
    pauses = []
    now = 0.0
    for _ in range(6):
        live.asked(now)
        live.succeeded(now, quiet=True)
        due = next(second for second in range(1_000) if live.is_due(now + second))
        pauses.append(due)
        now += due
    assert pauses == [10, 20, 40, 60, 60, 60]
    assert live.says(now) == "updated 1 min 00 s ago · idle: every 60 s"

    live.succeeded(now)
    assert live.is_due(now + 5)
    live.succeeded(now, quiet=True)
    live.resumed(now + 7)
    assert live.is_due(now + 7), "who comes back sees what is new at once"


def test_nothing_moves_while_somebody_reads_and_that_is_said() -> None:
    live = Refreshing(interval=5)
    live.succeeded(0)
    live.reads(4)

    assert not live.is_due(13.9)
    assert live.is_due(14)
    assert live.says(6) == "updated 6 s ago · paused: you read"
    assert live.says(6, held_by="dialog") == "updated 6 s ago · paused: dialog"


def test_a_look_that_took_long_is_not_repeated_at_once() -> None:
    live = Refreshing(interval=1)
    live.asked(0)
    live.succeeded(10)

    assert not live.is_due(49)
    assert live.is_due(50)


def test_a_look_that_takes_long_is_told_with_its_seconds_and_the_age_of_what_is_shown() -> None:
    live = Refreshing(interval=5)
    live.asked(0)
    assert live.says(18) == "asking … 18 s"
    live.succeeded(20, quiet=True)
    live.asked(30)
    assert live.says(31.9) == "updated 11 s ago · idle: every 10 s"
    assert live.says(95) == "updated 1 min 15 s ago · asking … 1 min 05 s"
    live.failed(95)
    assert live.says(95) == "updated 1 min 15 s ago · trying again in 10 s"
    live.asked(105)
    assert live.says(108) == "updated 1 min 28 s ago · asking … 3 s"
    live.start_anew()
    assert "asking" not in live.says(110), "what is shown now has not been asked for yet"


def test_who_is_not_known_is_told_to_log_in_and_who_may_not_is_not() -> None:
    hint = "Set KEY, or run: ocsf-console login prowler"
    told = f"Refused. Press 3 for Targets to log in. {hint}"
    assert [trouble(TargetDenied("Refused.", hint=hint, status=status), {}) for status in (None, 401)] == [told, told]
    assert trouble(TargetDenied("Refused.", hint="Ask the owner.", status=403), {}) == "Refused. Ask the owner."
    assert trouble(TargetUnavailable("Refused.", hint="Later."), {}) == "Refused. Later."


def test_an_outage_of_days_is_survived() -> None:
    live = Refreshing(interval=5)
    for now in range(2_000):
        live.failed(now)
    assert live.is_due(2_000 + 300)


@pytest.mark.parametrize(
    ("status", "summary", "drawn"),
    [
        (PROCESSING, JobSummary(1_000, 412, 3), "▕██   ▏ "),
        (PROCESSING, JobSummary(8, 3, 0), "▕█▉   ▏ "),
        (PROCESSING, JobSummary(10, 99, 99), "▕█████▏ "),
        (PROCESSING, JobSummary(10, -5, None), "▕     ▏ "),
        (PROCESSING, JobSummary(-10, 5, 0), ""),
        (PROCESSING, JobSummary(None, 5, 0), ""),
        (COMPLETED, JobSummary(10, 10, 0), ""),
    ],
)
def test_only_what_is_at_work_and_counts_has_a_bar_whatever_the_numbers(
    status: str, summary: JobSummary, drawn: str
) -> None:
    assert bar(Job("1", "prowler", status, summary)) == drawn


TODAY = date(2026, 11, 29)


def test_a_day_is_a_date_or_a_word() -> None:
    assert day_of(" 2026-02-28 ", TODAY) == date(2026, 2, 28)
    assert day_of("Today", TODAY) == TODAY
    assert day_of("yesterday", TODAY) == date(2026, 11, 28)
    assert day_of("  ", TODAY) is None


@given(st.text(max_size=20))
def test_no_text_breaks_the_calendar(text: str) -> None:
    with suppress(BadDay):
        assert isinstance(day_of(text, TODAY), date | None)


def test_what_happened_to_a_job_is_told_in_order_with_times_that_are_none_at_the_end() -> None:
    events = [
        Event(Step.PLANNED, "2026-11-19T10:00:00+00:00", detail="3 records from scan.json"),
        Event(
            Step.ATTEMPT, "2026-11-19T10:00:01+00:00", "2026-11-19T10:00:03.500+00:00", "unknown",
            "\x1b[2J[b]HTTP 502", "ref-1",
        ),
        Event(Step.SETTLED, "2026-11-19T10:05:00+00:00", outcome="adopted by the operator", detail="as job 7"),
    ]  # fmt: skip
    job = Job("7", "prowler", "completed", requested_at="2026-11-19T11:00:02+01:00", completed_at="soon")

    assert timeline(events, job).plain.splitlines() == [
        "2026-11-19 10:00:00Z  planned      3 records from scan.json",
        "2026-11-19 10:00:01Z  attempt      unknown after 2.5 s · ␛[2J[b]HTTP 502 · request ref-1",
        "2026-11-19 10:00:02Z  requested    says prowler",
        "2026-11-19 10:05:00Z  settled      adopted by the operator as job 7",
        "soon  completed    says prowler",
    ]
    assert "not sent from here" in timeline([], job).plain


class _Row(App[None]):
    """The statuses, and nothing else."""

    def compose(self) -> ComposeResult:
        yield StatusFilter({})


async def test_counts_of_any_size_leave_room_for_every_status() -> None:
    app = _Row()
    async with app.run_test(size=(80, 3)):
        row = app.query_one(StatusFilter)
        chips = list(row.query(Chip))
        row.show(dict.fromkeys([chip.status for chip in chips], 10**12), partial=True)
        words = [str(chip.render()) for chip in chips]
        assert words[-1] == "Wait 1 T"
        assert sum(len(one) + 2 for one in words) <= 80

        row.show(dict.fromkeys([chip.status for chip in chips], 2_500), partial=False)
        assert str(chips[0].render()) == "All 2,500"
