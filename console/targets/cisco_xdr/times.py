"""Times as Cisco XDR takes them: milliseconds since 1970, in this century."""

from __future__ import annotations

from typing import Final

from console.convert import cisco_limits
from console.ocsf.times import Scale, scale_of

EARLIEST: Final = cisco_limits.EARLIEST
"""2000-01-01, in milliseconds: the least that the published models take."""
LATEST: Final = cisco_limits.LATEST
"""2100-01-01, the most."""

_UNITS: Final = {
    Scale.SECONDS: "seconds, not milliseconds: multiply it by 1,000",
    Scale.MICROSECONDS: "microseconds, not milliseconds: divide it by 1,000",
    Scale.NANOSECONDS: "nanoseconds, not milliseconds: divide it by 1,000,000",
}


def in_range(time: int) -> bool:
    """Whether the published models take *time*."""
    return EARLIEST <= time <= LATEST


def time_fault(time: int) -> str | None:
    """What is wrong with a time, as the end of a sentence that begins with its name; None when nothing is.

    A number that makes sense in another unit is said to be in that unit.
    """
    if in_range(time):
        return None
    unit = _UNITS.get(scale_of(time))
    return f"counts {unit}" if unit else f"must be from {EARLIEST} (2000-01-01) to {LATEST} (2100-01-01)"
