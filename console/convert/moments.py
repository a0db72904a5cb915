"""The times of an OCSF record: a number, a text, or both; in the unit that they should be in, or not."""

from __future__ import annotations

import math
from datetime import UTC, datetime, timedelta
from typing import Final, NamedTuple

from console.ocsf.times import Scale, agree, in_milliseconds, read_datetime, scale_of
from console.records.model import JsonValue

SUFFIX: Final = "_dt"
"""What the name of a text has beyond the name of the number that says the same."""

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_SECOND_MS: Final = 1_000


class Instant(NamedTuple):
    """A moment that a record names, and by what."""

    milliseconds: int
    """Since 1970 in UTC."""
    by_number: bool
    """Whether the number says so."""
    by_text: bool
    """Whether the text says so. Both may: then it is the more precise one."""
    sure: bool
    """Whether it is certain: a text without an offset is read as if it were in UTC."""


def milliseconds(number: JsonValue) -> int | None:
    """The time that a number means, in milliseconds since 1970; None where it means none.

    OCSF counts milliseconds. Prowler writes seconds, so the magnitude decides.
    """
    if isinstance(number, bool) or not isinstance(number, int | float):
        return None
    whole = math.floor(number)
    if isinstance(number, float) and scale_of(whole) is Scale.SECONDS:
        return round(number * _SECOND_MS)
    return in_milliseconds(whole)


def instant(number: JsonValue, text: JsonValue) -> Instant | None:
    """The moment that a `timestamp_t` and its `datetime_t` sibling name; None where neither names one.

    The number counts when they disagree, since the text may be the local time of an unknown place.
    """
    counted = milliseconds(number)
    moment = read_datetime(text) if isinstance(text, str) else None
    if counted is None:
        return None if moment is None else Instant(moment.milliseconds, False, True, moment.has_offset)
    if moment is None or not agree(counted, moment):
        return Instant(counted, True, False, True)
    finer = counted % _SECOND_MS == 0 and abs(counted - moment.milliseconds) < _SECOND_MS
    return Instant(moment.milliseconds if finer else counted, True, True, True)


def iso(time: int) -> str | None:
    """A time as text, in UTC, with milliseconds where there are any; None where the calendar has no such year."""
    try:
        moment = _EPOCH + timedelta(milliseconds=time)
    except OverflowError:
        return None
    return moment.isoformat(timespec="milliseconds" if moment.microsecond else "seconds").replace("+00:00", "Z")
