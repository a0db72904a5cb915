"""How jobs are put into words, and when a live list asks again."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from console.errors import TargetUnavailable
from console.targets.base import COMPLETED, STATUSES, Job, JobSummary
from screens.widgets.job_words import TONES, elided, short_ids, span, tone, took, when
from screens.widgets.refreshing import Refreshing


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("2026-02-17T13:16:28.644666Z", "2026-02-17 13:16:28Z"),
        ("2026-02-17T14:16:28+01:00", "2026-02-17 13:16:28Z"),
        ("2026-02-17T13:16:28", "2026-02-17T13:16:28"),
        ("0001-01-01T00:00:00+14:00", "0001-01-01T00:00:00+14:00"),
        ("soon", "soon"),
        ("", "–"),
        (None, "–"),
    ],
    ids=["utc", "offset", "no-offset", "before-the-calendar", "no-time", "empty", "absent"],
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


def test_a_list_that_is_paused_is_never_due_and_tells_its_age() -> None:
    live = Refreshing(interval=5)
    live.succeeded(10)
    live.paused = True

    assert not live.is_due(10_000)
    assert live.says(10.5) == "updated just now · paused"
    assert live.says(85) == "updated 1 min 15 s ago · paused"
