"""Times in OCSF: numbers (`timestamp_t`, milliseconds since 1970 in UTC) and text (`datetime_t`, RFC 3339).

OCSF 1.4.0 and later let the offset of a datetime be left out. Such a text is the local time of an unknown place.
"""

from __future__ import annotations

import re
import time
from datetime import date, datetime, timedelta
from enum import Enum, auto
from typing import Final

import msgspec


class Scale(Enum):
    """The unit that a `timestamp_t` seems to be in, by its size."""

    SECONDS = auto()
    MILLISECONDS = auto()
    """The unit that OCSF asks for."""
    MICROSECONDS = auto()
    NANOSECONDS = auto()
    OUT_OF_RANGE = auto()
    """No unit makes a plausible time of it: zero, negative, tiny, or of more than 64 bits."""


_FIRST_SECOND: Final = 100_000_000
"""1973-03-03."""
_FIRST_MILLISECOND: Final = _FIRST_SECOND * 1_000
_FIRST_MICROSECOND: Final = 253_402_300_800_000
"""The end of the year 9999 in milliseconds: any more are taken for microseconds, from 1978-01-11 on."""
_FIRST_NANOSECOND: Final = _FIRST_MICROSECOND * 1_000
_LAST_NANOSECOND: Final = 2**63 - 1

_DAY_SECONDS: Final = 86_400
_QUARTER_SECONDS: Final = 900
"""All offsets in use since 1973 are whole quarters of an hour."""
_QUARTER_MS: Final = _QUARTER_SECONDS * 1_000
_SECOND_MS: Final = 1_000
_LARGEST_OFFSET_MS: Final = 14 * 3_600_000
"""That of Kiribati, UTC+14."""
_EPOCH: Final = datetime(1970, 1, 1)

_RFC_3339: Final = re.compile(
    r"[0-9]{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12][0-9]|3[01])"
    r"[Tt](?:[01][0-9]|2[0-3]):[0-5][0-9]:(?:[0-5][0-9]|(60))(?:\.([0-9]+))?"
    r"([Zz]|[+-](?:[01][0-9]|2[0-3]):[0-5][0-9])?"
)
"""Groups: a leap second, the digits of the fraction, the offset. `datetime.fromisoformat` takes far more than this."""
_SHAPE: Final = re.compile(
    r"[0-9]{4}-([0-9]{2})-([0-9]{2})[Tt]([0-9]{2}):([0-9]{2}):([0-9]{2})(?:\.[0-9]+)?"
    r"(?:[Zz]|[+-]([0-9]{2}):([0-9]{2}))?"
)
_RANGES: Final = (
    ("month", 1, 12),
    ("day", 1, 31),
    ("hour", 0, 23),
    ("minute", 0, 59),
    ("second", 0, 60),
    ("hour of the offset", 0, 23),
    ("minute of the offset", 0, 59),
)
"""What the groups of `_SHAPE` are, and what they may be."""


class Moment(msgspec.Struct, frozen=True, gc=False):
    """What a `datetime_t` says. A msgspec struct: one is made for every datetime of a file."""

    milliseconds: int
    """Since 1970 in UTC; what is finer is cut off. Without an offset, the text is read as if it were in UTC."""
    has_offset: bool
    """Whether the text says how far from UTC its clock was."""


def scale_of(timestamp: int) -> Scale:
    """The unit that *timestamp* is most likely in. No number is plausible in two units."""
    if _FIRST_MILLISECOND <= timestamp < _FIRST_MICROSECOND:
        return Scale.MILLISECONDS
    if _FIRST_SECOND <= timestamp < _FIRST_MILLISECOND:
        return Scale.SECONDS
    if _FIRST_MICROSECOND <= timestamp < _FIRST_NANOSECOND:
        return Scale.MICROSECONDS
    if _FIRST_NANOSECOND <= timestamp <= _LAST_NANOSECOND:
        return Scale.NANOSECONDS
    return Scale.OUT_OF_RANGE


def read_datetime(text: str) -> Moment | None:
    """The moment that *text* names, or None when it is no `datetime_t`; `datetime_fault` tells why.

    The year 0000 counts as a fault, although RFC 3339 has room for it. A leap second is the same moment as the first
    second after it, as in POSIX.
    """
    match = _RFC_3339.fullmatch(text)
    if match is None:
        return None
    leap, fraction, offset = match.groups()
    try:
        clock = datetime.fromisoformat(f"{text[:17]}59" if leap else text[:19]) - _EPOCH
    except ValueError:
        return None
    seconds = clock.days * _DAY_SECONDS + clock.seconds
    if offset is not None and len(offset) > 1:
        ahead = int(offset[1:3]) * 3_600 + int(offset[4:]) * 60
        seconds += ahead if offset[0] == "-" else -ahead
    if leap:
        seconds += 1
        if not _may_follow_a_leap_second(seconds, offset):
            return None
    milliseconds = int(fraction[:3].ljust(3, "0")) if fraction else 0
    return Moment(seconds * 1_000 + milliseconds, offset is not None)


def datetime_fault(text: str) -> str | None:
    """Why *text* is no `datetime_t`, or None when it is one.

    The reason completes the sentence "X is no datetime: <reason>." and doesn't quote the text.
    """
    if read_datetime(text) is not None:
        return None
    shape = _SHAPE.fullmatch(text)
    if shape is None:
        return "it is not written like 2024-01-31T12:30:00.000Z"
    for part, (name, low, high) in zip(shape.groups(), _RANGES, strict=True):
        if part is not None and not low <= int(part) <= high:
            return f"its {name} is not from {low:02} to {high}"
    if text.startswith("0000"):
        return "its year is 0000"
    try:
        date.fromisoformat(text[:10])
    except ValueError:
        return "its month has no such day"
    return "a leap second comes only at the end of a month, at 23:59:60 in UTC"


def agree(timestamp: int, moment: Moment) -> bool:
    """Whether a `timestamp_t`, in whatever unit, and its `datetime_t` sibling mean the same moment.

    They may be less than a second apart: producers cut, round, or read the clock twice. A datetime without an offset
    agrees when some place on Earth may have had that time on its clocks. A timestamp that is out of range agrees with
    anything: it is wrong by itself.
    """
    milliseconds = in_milliseconds(timestamp)
    if milliseconds is None:
        return True
    apart = abs(milliseconds - moment.milliseconds)
    if not moment.has_offset and apart < _LARGEST_OFFSET_MS + _SECOND_MS:
        beyond = apart % _QUARTER_MS
        apart = min(beyond, _QUARTER_MS - beyond)
    return apart < _SECOND_MS


def in_milliseconds(timestamp: int) -> int | None:
    """*timestamp* in the unit that it should be in; None when it is out of range."""
    match scale_of(timestamp):
        case Scale.MILLISECONDS:
            return timestamp
        case Scale.SECONDS:
            return timestamp * 1_000
        case Scale.MICROSECONDS:
            return timestamp // 1_000
        case Scale.NANOSECONDS:
            return timestamp // 1_000_000
        case Scale.OUT_OF_RANGE:
            return None


def day_of(milliseconds: int) -> str:
    """The day of a time, in UTC, as people write it."""
    try:
        return str((_EPOCH + timedelta(milliseconds=milliseconds)).date())
    except OverflowError:
        return "no day before the year 10000"


def _may_follow_a_leap_second(seconds: int, offset: str | None) -> bool:
    """Whether a month starts, in UTC, at *seconds* since 1970 (RFC 3339 §5.7). Without an offset it may somewhere."""
    if offset is None:
        return seconds % _QUARTER_SECONDS == 0
    # Unlike datetime, gmtime knows the year 10000, which starts after 9999-12-31T23:59:60Z.
    return time.gmtime(seconds)[2:6] == (1, 0, 0, 0)
