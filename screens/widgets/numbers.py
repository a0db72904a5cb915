"""How counts and sizes are put into words, alike on every screen."""

from __future__ import annotations

from typing import Final

from console.progress import Progress

NOTHING: Final = "–"
"""Stands for a value that is not there."""


def number(value: int | None) -> str:
    """A count, or a dash where it is not known."""
    return NOTHING if value is None else f"{value:,}"


def counted(count: int, noun: str) -> str:
    """A number of things: `1 job`, `2,000 jobs`."""
    return f"{count:,} {noun}" if count == 1 else f"{count:,} {noun}s"


def short_number(value: int) -> str:
    """A count in at most six characters: exact while it has no more than five digits."""
    if value < 100_000:
        return number(value)
    for unit in "kMGTP":
        value //= 1_000
        if value < 1_000:
            return f"{value} {unit}"
    return f"{value // 1_000} E"


def size(count: int) -> str:
    """A number of bytes, for reading."""
    if count < 1_000:
        return f"{count} B"
    for unit, factor in (("kB", 1_000), ("MB", 1_000_000)):
        if count < factor * 1_000:
            return f"{count / factor:.1f} {unit}"
    return f"{count / 1_000_000_000:.1f} GB"


def amount(progress: Progress) -> str:
    """How far something is: `120.5 MB of 1.3 GB`, `30 records`."""
    words = size if progress.unit == "bytes" else number
    unit = "" if progress.unit == "bytes" else f" {progress.unit}"
    whole = "" if progress.total is None else f" of {words(progress.total)}"
    return f"{words(progress.done)}{whole}{unit}"
