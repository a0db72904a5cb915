"""A table of several ways to work through the same bytes. The first way is the yardstick of the others."""

from __future__ import annotations

import statistics
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from benchmarks.clock import ROUNDS, Work, race, times_as_fast
from benchmarks.targets import at_least


@dataclass(frozen=True, slots=True)
class Target:
    """What a way should reach."""

    bound: float
    than: str | None = None
    """The name of the way that it should be *bound* times as fast as; None wants so many MB/s."""


@dataclass(frozen=True, slots=True)
class Way:
    """One way to work through the bytes."""

    name: str
    work: Work
    target: Target | None = None


def print_table(title: str, size: int, ways: Sequence[Way], rounds: int = ROUNDS) -> None:
    """Let the ways race over *size* bytes, and print a line for each."""
    times = dict(zip((way.name for way in ways), race([way.work for way in ways], rounds), strict=True))
    yardstick = ways[0].name
    print(f"\n{title}\n  {'':<48}{'seconds':>9}{'MB/s':>8}  x {yardstick}")
    for way in ways:
        mine = times[way.name]
        figures = (
            f"{statistics.median(mine):>9.3f}{_speed(size, mine):>8.0f}{times_as_fast(mine, times[yardstick]):>8.2f}"
        )
        print(f"  {way.name:<48}{figures}    {_told(way, size, times)}".rstrip())


def _told(way: Way, size: int, times: Mapping[str, Sequence[float]]) -> str:
    """What a way should reach, and whether it does."""
    target = way.target
    if target is None:
        return ""
    if target.than is None:
        return at_least(_speed(size, times[way.name]), target.bound, "MB/s")
    return at_least(times_as_fast(times[way.name], times[target.than]), target.bound, f"x {target.than}")


def _speed(size: int, times: Sequence[float]) -> float:
    """MB/s."""
    return size / 1e6 / statistics.median(times)
