"""The timestamps of the AWS Security Finding Format: which texts are one, and which instant they name."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import Final

PATTERN: Final = (
    r"^(\d\d\d\d)-([0][1-9]|[1][0-2])-([0][1-9]|[1-2](\d)|[3][0-1])"
    r"[T](?:([0-1](\d)|[2][0-3]):[0-5](\d):[0-5](\d)|23:59:60)(?:\.(\d)+)?([Z]|[+-](\d\d)(:?(\d\d))?)$"
)
"""The pattern that AWS publishes ("Timestamps" in its API reference), as the service quotes it."""

MAX_FRACTION_DIGITS: Final = 9
"""How fine the service's times are: nanoseconds, which it rounds to milliseconds."""

_TIMESTAMP: Final = re.compile(PATTERN.removesuffix("$") + r"\Z", re.ASCII)
_PARTS: Final = re.compile(r"(.{10})T(\d\d:\d\d:)(\d\d)(?:\.(\d+))?(Z|([+-])(\d\d):?(\d\d)?)", re.ASCII)
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_SECOND: Final = timedelta(seconds=1)
_MAX_OFFSET: Final = timedelta(hours=18)


def is_shaped_as_timestamp(text: str) -> bool:
    """Whether *text* matches the published pattern."""
    return _TIMESTAMP.match(text) is not None


def milliseconds(text: str) -> int | None:
    """The instant that a timestamp names, in milliseconds since 1970 UTC, rounded half up.

    None where *text* doesn't match the pattern, or has more than nine digits of a fraction, an offset of more than 18
    hours, or a day that the calendar doesn't have.
    """
    parts = _PARTS.fullmatch(text) if is_shaped_as_timestamp(text) else None
    if parts is None:
        return None
    day, clock, seconds, fraction, zone, sign, hours, minutes = parts.groups()
    offset = timedelta() if zone == "Z" else timedelta(hours=int(hours), minutes=int(minutes or 0))
    if len(fraction or "") > MAX_FRACTION_DIGITS or offset > _MAX_OFFSET or int(minutes or 0) > 59:
        return None
    try:
        local = datetime.fromisoformat(f"{day}T{clock}00+00:00")
    except ValueError:
        return None
    nanoseconds = int((fraction or "").ljust(MAX_FRACTION_DIGITS, "0"))
    since = (local - _EPOCH) // _SECOND + int(seconds) - (offset // _SECOND) * (-1 if sign == "-" else 1)
    return since * 1_000 + (nanoseconds + 500_000) // 1_000_000
