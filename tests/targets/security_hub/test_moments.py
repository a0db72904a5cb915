"""Timestamps of the finding format, against the calendar of the standard library."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from console.targets.security_hub.moments import is_shaped_as_timestamp, milliseconds
from console.targets.security_hub.rules import errors_of
from tests.targets.security_hub.findings import finding

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
OFFSETS = st.integers(-18 * 60, 18 * 60).map(lambda minutes: timezone(timedelta(minutes=minutes)))
TIMES = st.datetimes(datetime(2, 1, 1), datetime(9998, 1, 1), timezones=OFFSETS)


@given(TIMES)
def test_every_time_that_the_standard_library_writes_is_read_alike(at: datetime) -> None:
    expected = (at - EPOCH + timedelta(microseconds=500)) // timedelta(milliseconds=1)

    assert milliseconds(at.isoformat()) == expected
    assert milliseconds(at.astimezone(UTC).isoformat().replace("+00:00", "Z")) == expected


@given(st.text() | st.from_regex(r"\A\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{0,10})?(Z|[+-]\d\d:?\d\d)\Z"))
def test_any_text_is_judged(text: str) -> None:
    at = milliseconds(text)

    assert at is None or is_shaped_as_timestamp(text)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1970-01-01T00:00:00Z", 0),
        ("1970-01-01T00:00:00.1Z", 100),
        ("1970-01-01T00:00:00.000499999Z", 0),
        ("1970-01-01T00:00:00.000500000Z", 1),
        ("1970-01-01T01:00:00+01:00", 0),
        ("1970-01-01T01:00:00+0100", 0),
        ("1970-01-01T01:00:00+01", 0),
        ("1970-01-01T00:00:00-18:00", 18 * 3_600_000),
        ("1970-01-01T23:59:60Z", 86_400_000),
    ],
)
def test_documented_forms_are_read(text: str, expected: int) -> None:
    assert milliseconds(text) == expected
    assert errors_of(finding(UpdatedAt=text)) == []


@pytest.mark.parametrize(
    "text",
    [
        *("", "2026-11-20", "2026-11-20T20:43:04", "2026-11-20 20:43:04Z", "2026-11-20T20:43Z", "2026-11-20t20:43:04z"),
        *("2026-13-20T20:43:04Z", "2026-11-32T20:43:04Z", "2026-11-20T24:00:00Z", "2026-11-20T20:43:60Z"),
        *("2026-11-20T20:43:04.Z", "2026-11-20T20:43:04Z\n", " 2026-11-20T20:43:04Z", "20261120T204304Z"),
        *("٢٠٢٦-11-20T20:43:04Z", "2026-11-20T20:43:04+1", "1763671384"),
    ],
)
def test_other_forms_do_not_match_the_published_pattern(text: str) -> None:
    assert not is_shaped_as_timestamp(text)
    (error,) = errors_of(finding(UpdatedAt=text))
    assert error.message.startswith(r'data.UpdatedAt should match pattern "^(\d\d\d\d)-([0][1-9]|[1][0-2])-')


@pytest.mark.parametrize(
    "text",
    [
        *("2026-02-30T00:00:00Z", "2026-11-20T20:43:04.0123456789Z", "2026-11-20T20:43:04+18:01"),
        *("2026-11-20T20:43:04-19:00", "2026-11-20T20:43:04+01:60", "0000-01-01T00:00:00Z"),
    ],
)
def test_moments_that_cannot_be_are_refused_though_they_match(text: str) -> None:
    assert is_shaped_as_timestamp(text)
    (error,) = errors_of(finding(UpdatedAt=text))
    assert error.message == 'data.UpdatedAt should match format "date-time"'
