"""The `Retry-After` header: how long a server asks us to stay away."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Final

LONGEST_WAIT: Final = 86_400.0
"""Seconds. A server that asks for more than a day is asked again after one."""

# RFC 9110, section 10.2.3 knows whole seconds and an HTTP date. Cisco documents `3172s` as its own example.
_SECONDS: Final = re.compile(r"([0-9]{1,18})s?")


def http_date(text: str) -> datetime | None:
    """The instant that an HTTP date names, or None when *text* is none. Without a zone, UTC is meant."""
    try:
        when = parsedate_to_datetime(text)
    except ValueError:
        return None
    return when if when.tzinfo else when.replace(tzinfo=UTC)


def retry_after(text: str, now: datetime) -> float | None:
    """Seconds to wait, or None when *text* says nothing that can be obeyed.

    *now* is the server's clock where it is known (its `Date` header): a date in *text* is measured against it. A date
    that has passed means 0; no wait is longer than `LONGEST_WAIT`. What is negative or neither number nor date is None.
    """
    if seconds := _SECONDS.fullmatch(text.strip()):
        wait = float(seconds[1])
    elif when := http_date(text):
        wait = max(0.0, (when - now).total_seconds())
    else:
        return None
    return min(wait, LONGEST_WAIT)
