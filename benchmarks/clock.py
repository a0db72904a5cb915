"""Timing several ways of doing something in turn, so that a machine that drifts slows all of them."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Sequence
from functools import partial

ROUNDS = 7

Work = Callable[[], object]


def seconds(work: Work) -> float:
    """Wall-clock seconds of one run."""
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


def race(works: Sequence[Work], rounds: int = ROUNDS) -> list[list[float]]:
    """Run all in turn, again and again after a warm-up. Returns the seconds of each: one figure for each round."""
    return in_turn([partial(seconds, work) for work in works], rounds)


def in_turn(measures: Sequence[Callable[[], float]], rounds: int = ROUNDS) -> list[list[float]]:
    """As `race`, for what takes its own time: the rest of what it does does not count."""
    for measure in measures:
        measure()
    rows = [[measure() for measure in measures] for _ in range(rounds)]
    return [list(column) for column in zip(*rows, strict=True)]


def times_as_fast(ours: Sequence[float], theirs: Sequence[float]) -> float:
    """How many times as fast as *theirs*: the median over the rounds, each compared with itself."""
    return statistics.median(other / one for one, other in zip(ours, theirs, strict=True))
