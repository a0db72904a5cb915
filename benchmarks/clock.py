"""Timing two ways of doing something in turn, so that a machine that drifts slows both."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable

ROUNDS = 5

Work = Callable[[], object]


def seconds(work: Work) -> float:
    """Wall-clock seconds of one run."""
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


def compare(title: str, ours: Work, yardstick: Work, unit: str) -> None:
    """Run both in turn after a warm-up, and print the median of each and of their ratio, pair by pair."""
    ours(), yardstick()
    pairs = [(seconds(ours), seconds(yardstick)) for _ in range(ROUNDS)]
    mine, theirs = (statistics.median(column) for column in zip(*pairs, strict=True))
    ratio = statistics.median(one / other for one, other in pairs)
    print(f"{title}: {mine:.3f} s, {unit}: {theirs:.3f} s, ratio {ratio:.2f}")
