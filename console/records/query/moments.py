"""Times as expressions and records write them, in microseconds since 1970. A written time is as long as it is vague."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import Final, NamedTuple

from console.records import fields
from console.records.model import JsonValue

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND: Final = timedelta(microseconds=1)
_SECOND: Final = 1_000_000

_WRITTEN: Final = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}"
    r"(?P<clock>[Tt ][0-9]{2}:[0-9]{2}(?P<second>:[0-9]{2}(?P<fraction>\.[0-9]{1,9})?)?"
    r"(?:[Zz]|[+-][0-9]{2}:[0-9]{2})?)?"
)


class Moment(NamedTuple):
    """A day, a minute, a second or an instant. In microseconds since 1970."""

    start: int
    end: int
    """The first microsecond after it."""


def written(text: str) -> Moment | None:
    """The moment that an ISO 8601 date or date with time means, in UTC where it names no zone; None if it is none."""
    found = _WRITTEN.fullmatch(text)
    if found is None:
        return None
    try:
        time = datetime.fromisoformat(text.upper())
    except ValueError:
        return None
    start = ((time if time.tzinfo else time.replace(tzinfo=UTC)) - _EPOCH) // _MICROSECOND
    if found["fraction"]:
        return Moment(start, start + 1)
    length = 1 if found["second"] else 60 if found["clock"] else 24 * 3600
    return Moment(start, start + length * _SECOND)


def counted(number: int | float) -> Moment | None:
    """The second or the millisecond that a number of them since 1970 means; None where there is no such time."""
    time = fields.time({"time": number})
    if time is None:
        return None
    start = (time - _EPOCH) // _MICROSECOND
    return Moment(start, start + (_SECOND if abs(number) < fields.SECONDS_END else 1_000))


def recorded(value: JsonValue) -> int | None:
    """When a value of a record is, in microseconds since 1970: a number or a text; None where it is no time."""
    if isinstance(value, str):
        moment = written(value)
    elif isinstance(value, int | float) and not isinstance(value, bool):
        moment = counted(value)
    else:
        moment = None
    return None if moment is None else moment.start
