"""How long a server asks us to stay away, in every way that servers write it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from console.targets.retry_after import LONGEST_WAIT, retry_after

NOW = datetime(2026, 2, 17, 13, 16, 28, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "wait"),
    [
        ("0", 0.0),
        ("120", 120.0),
        (" 120 ", 120.0),
        ("3172s", 3172.0),
        ("Tue, 17 Feb 2026 13:18:28 GMT", 120.0),
        ("Tuesday, 17-Feb-26 13:18:28 GMT", 120.0),
        ("Tue, 17 Feb 2026 13:16:00 GMT", 0.0),
        ("-5", None),
        ("abc", None),
        ("", None),
        ("1e3", None),
        ("12.5", None),
        ("١٢", None),
        ("1000000000", LONGEST_WAIT),
        ("9" * 5_000, None),
        ("Tue, 17 Feb 2099 13:16:00 GMT", LONGEST_WAIT),
        ("Tue, 99 Feb 2026 13:16:00 GMT", None),
    ],
)
def test_what_a_server_writes_is_understood_or_passed_over(text: str, wait: float | None) -> None:
    assert retry_after(text, NOW) == wait


@given(st.text() | st.from_regex(r"[A-Z][a-z]{2}, [0-9]{1,2} [A-Z][a-z]{2} [0-9]{1,6} [0-9:]{1,9} ?[A-Z+0-9-]{0,6}"))
def test_any_text_gives_a_wait_that_can_be_obeyed_or_none(text: str) -> None:
    wait = retry_after(text, NOW)

    assert wait is None or 0 <= wait <= LONGEST_WAIT


@given(st.integers(min_value=0, max_value=int(LONGEST_WAIT)))
def test_seconds_and_the_date_that_is_as_far_away_mean_the_same(seconds: int) -> None:
    date = format_datetime(NOW + timedelta(seconds=seconds), usegmt=True)

    assert retry_after(str(seconds), NOW) == retry_after(f"{seconds}s", NOW) == retry_after(date, NOW) == seconds
