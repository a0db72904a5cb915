"""Times are read to the millisecond, and a wrong unit or a wrong sibling is told from a right one."""

from __future__ import annotations

import re
from contextlib import suppress
from datetime import UTC, datetime, timedelta, timezone
from typing import Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from console.ocsf.times import Moment, Scale, agree, datetime_fault, read_datetime, scale_of

EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
MILLISECOND: Final = timedelta(milliseconds=1)
OCSF_DATETIME: Final = re.compile(
    r"^\d{4}-\d{2}-\d{2}[Tt]\d{2}:\d{2}:\d{2}(?:\.\d+)?([Zz]|[\+-]\d{2}:\d{2})?$", re.ASCII
)
"""`datetime_t` of OCSF 1.8.0."""

offsets = st.integers(-(24 * 60 - 1), 24 * 60 - 1).map(lambda minutes: timezone(timedelta(minutes=minutes)))
moments = st.datetimes(timezones=offsets)


def milliseconds(moment: datetime) -> int:
    return (moment - EPOCH) // MILLISECOND


def moment_of(text: str) -> Moment:
    moment = read_datetime(text)
    assert moment is not None
    return moment


@pytest.mark.parametrize(
    ("timestamp", "scale"),
    [
        (-1_700_000_000_000, Scale.OUT_OF_RANGE),
        (0, Scale.OUT_OF_RANGE),
        (99_999_999, Scale.OUT_OF_RANGE),
        (100_000_000, Scale.SECONDS),
        (99_999_999_999, Scale.SECONDS),
        (100_000_000_000, Scale.MILLISECONDS),
        (253_402_300_799_999, Scale.MILLISECONDS),
        (253_402_300_800_000, Scale.MICROSECONDS),
        (253_402_300_799_999_999, Scale.MICROSECONDS),
        (253_402_300_800_000_000, Scale.NANOSECONDS),
        (9_223_372_036_854_775_807, Scale.NANOSECONDS),
        (9_223_372_036_854_775_808, Scale.OUT_OF_RANGE),
        (10**400, Scale.OUT_OF_RANGE),
    ],
)
def test_the_unit_of_a_timestamp_follows_from_its_size(timestamp: int, scale: Scale) -> None:
    assert scale_of(timestamp) is scale


@given(st.datetimes(datetime(1978, 1, 12), datetime(2262, 1, 1), timezones=st.just(UTC)))
def test_a_time_of_our_age_is_told_in_every_unit(moment: datetime) -> None:
    nanoseconds = (moment - EPOCH) // timedelta(microseconds=1) * 1_000
    assert scale_of(nanoseconds) is Scale.NANOSECONDS
    assert scale_of(nanoseconds // 10**3) is Scale.MICROSECONDS
    assert scale_of(nanoseconds // 10**6) is Scale.MILLISECONDS
    assert scale_of(nanoseconds // 10**9) is Scale.SECONDS


@given(moments, st.sampled_from(["auto", "milliseconds", "microseconds"]))
def test_what_isoformat_writes_is_read_to_the_millisecond(moment: datetime, precision: str) -> None:
    assert moment_of(moment.isoformat(timespec=precision)) == Moment(milliseconds(moment), has_offset=True)


@given(st.datetimes())
def test_without_an_offset_a_text_is_read_as_utc(moment: datetime) -> None:
    assert moment_of(moment.isoformat()) == Moment(milliseconds(moment.replace(tzinfo=UTC)), has_offset=False)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1985-04-12T23:20:50.52Z", 482_196_050_520),
        ("1985-04-12t23:20:50.52z", 482_196_050_520),
        ("1996-12-19T16:39:57-08:00", 851_042_397_000),
        ("1937-01-01T12:00:27.87+00:20", -1_041_337_172_130),
        ("1970-01-01T00:00:00.5Z", 500),
        ("1970-01-01T00:00:00.1234567891Z", 123),
        ("1969-12-31T23:59:59.9999Z", -1),
        ("1970-01-01T00:00:00-00:00", 0),
        ("0001-01-01T00:00:00Z", -62_135_596_800_000),
        ("9999-12-31T23:59:59.999Z", 253_402_300_799_999),
        ("9999-12-31T23:59:59-23:59", 253_402_387_139_000),
    ],
)
def test_rfc_3339_is_read(text: str, expected: int) -> None:
    assert moment_of(text) == Moment(expected, has_offset=True)
    assert datetime_fault(text) is None


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1990-12-31T23:59:60Z", 662_688_000_000),
        ("1990-12-31T15:59:60-08:00", 662_688_000_000),
        ("1991-01-01T05:29:60.25+05:30", 662_688_000_250),
        ("9999-12-31T23:59:60Z", 253_402_300_800_000),
        ("1991-01-01T05:29:60", 662_707_800_000),
    ],
)
def test_a_leap_second_may_end_a_month(text: str, expected: int) -> None:
    assert moment_of(text).milliseconds == expected


@pytest.mark.parametrize(
    "text",
    [
        "1990-12-30T23:59:60Z",
        "1990-12-31T22:59:60Z",
        "1990-12-31T23:58:60Z",
        "1990-12-31T23:59:60-08:00",
        "1990-12-31T23:50:60",
    ],
)
def test_a_leap_second_may_stand_nowhere_else(text: str) -> None:
    assert read_datetime(text) is None
    assert "leap second" in (datetime_fault(text) or "")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "20260101",
        "2026-01-01",
        "2026-W01-1",
        "2026-01-01 00:00:00Z",
        "2026-01-01T00:00Z",
        "2026-01-01T00:00:00,5Z",
        "2026-01-01T00:00:00.Z",
        "2026-01-01T00:00:00.5+00:00:30",
        "2026-01-01T00:00:00+0000",
        "2026-01-01T00:00:00+00",
        "2026-01-01T00:00:00 Z",
        "2026-01-01T00:00:00Z\n",
        " 2026-01-01T00:00:00Z",
        "+2026-01-01T00:00:00Z",
        "٢026-01-01T00:00:00Z",
    ],
)
def test_other_notations_of_time_are_faults(text: str) -> None:
    assert read_datetime(text) is None
    assert "written like" in (datetime_fault(text) or "")


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("2026-00-01T00:00:00Z", "its month is"),
        ("2026-13-01T00:00:00Z", "its month is"),
        ("2026-01-00T00:00:00Z", "its day is"),
        ("2026-01-32T00:00:00Z", "its day is"),
        ("2026-02-30T00:00:00Z", "no such day"),
        ("2026-02-29T00:00:00Z", "no such day"),
        ("2026-02-30T23:59:60Z", "no such day"),
        ("2026-01-01T24:00:00Z", "its hour is"),
        ("2026-01-01T00:60:00Z", "its minute is"),
        ("2026-01-01T00:00:61Z", "its second is"),
        ("2026-01-01T00:00:00+25:00", "hour of the offset"),
        ("2026-01-01T00:00:00-24:00", "hour of the offset"),
        ("2026-01-01T00:00:00+01:60", "minute of the offset"),
        ("0000-01-01T00:00:00Z", "year is 0000"),
    ],
)
def test_a_part_that_no_calendar_or_clock_has_is_named(text: str, reason: str) -> None:
    assert read_datetime(text) is None
    assert reason in (datetime_fault(text) or "")


@given(st.text() | st.text("0123456789-:.TZ+ \n\ud800", max_size=30) | st.from_regex(OCSF_DATETIME))
def test_any_text_is_either_read_or_gets_a_reason(text: str) -> None:
    assert (read_datetime(text) is None) == (datetime_fault(text) is not None)


@given(
    date=st.tuples(st.integers(0, 9999), st.integers(0, 13), st.integers(0, 32)),
    clock=st.tuples(st.integers(0, 24), st.integers(0, 60), st.integers(0, 59)),
    offset=st.integers(-24, 24),
)
def test_a_text_is_read_when_its_parts_make_a_datetime(
    date: tuple[int, int, int], clock: tuple[int, int, int], offset: int
) -> None:
    (year, month, day), (hour, minute, second) = date, clock
    text = f"{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}{offset:+03}:00"
    expected: int | None = None
    with suppress(ValueError):
        expected = milliseconds(datetime(*date, *clock, tzinfo=timezone(timedelta(hours=offset))))
    moment = read_datetime(text)
    assert (None if moment is None else moment.milliseconds) == expected


@given(st.datetimes(datetime(1978, 1, 12), datetime(2262, 1, 1), timezones=offsets), st.integers(0, 3))
def test_a_timestamp_in_any_unit_agrees_with_its_own_datetime(moment: datetime, thousands: int) -> None:
    timestamp = (moment - EPOCH) // timedelta(microseconds=1) * 1_000 // 1_000**thousands
    assert agree(timestamp, moment_of(moment.isoformat()))


@pytest.mark.parametrize(
    ("timestamp", "text"),
    [
        (1_700_000_000, "2023-11-14T22:13:20.999Z"),
        (1_700_000_000_000, "2023-11-14T22:13:20.999Z"),
        (1_700_000_000_999, "2023-11-14T22:13:20Z"),
        (1_700_000_001, "2023-11-14T22:13:20.5Z"),
        (1_700_000_000_124, "2023-11-14T22:13:20.123Z"),
        (1_700_000_000_123, "2023-11-14T22:13:21.122Z"),
        (1_700_000_000_123_456, "2023-11-14T22:13:20.123999Z"),
        (1_700_000_000_123, "2023-11-15T03:43:20.123+05:30"),
        (0, "2023-11-14T22:13:20Z"),
        (-1, "2023-11-14T22:13:20.5Z"),
    ],
)
def test_a_timestamp_agrees_with_what_is_less_than_a_second_away(timestamp: int, text: str) -> None:
    assert agree(timestamp, moment_of(text))


@pytest.mark.parametrize(
    ("timestamp", "text"),
    [
        (1_700_000_000, "2023-11-14T22:13:21Z"),
        (1_700_000_000, "2023-11-14T22:13:19Z"),
        (1_700_000_000_123, "2023-11-14T22:13:21.123Z"),
        (1_700_000_001_123, "2023-11-14T22:13:20.123Z"),
        (1_700_000_000_123, "2023-11-14T22:13:20.123+05:30"),
        (1_700_000_000_123, "2023-11-15T22:13:20.123Z"),
    ],
)
def test_a_timestamp_of_another_moment_does_not_agree(timestamp: int, text: str) -> None:
    assert not agree(timestamp, moment_of(text))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2023-11-14T22:13:20", True),
        ("2023-11-15T03:58:20", True),
        ("2023-11-15T12:13:20", True),
        ("2023-11-14T08:13:20", True),
        ("2023-11-15T12:13:20.5", True),
        ("2023-11-15T12:28:20", False),
        ("2023-11-14T07:58:20", False),
        ("2023-11-14T23:14:20", False),
        ("2023-11-14T23:13:20.5", True),
        ("2023-11-14T21:13:20.5", True),
        ("2023-11-14T23:13:21", False),
        ("2023-11-14T23:13:19", False),
        ("2023-11-15T22:13:20", False),
    ],
)
def test_a_local_time_agrees_when_some_place_had_it_on_its_clocks(text: str, *, expected: bool) -> None:
    assert agree(1_700_000_000, moment_of(text)) is expected


def test_a_local_time_in_milliseconds_must_fit_to_the_second() -> None:
    assert agree(1_700_000_000_123, moment_of("2023-11-15T03:58:21.122"))
    assert not agree(1_700_000_000_123, moment_of("2023-11-15T03:58:21.123"))
