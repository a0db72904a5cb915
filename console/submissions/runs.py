"""Putting records of one group next to each other, so that each group goes in as few requests as can be."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Final, TypeVar

T = TypeVar("T")

MOST_BYTES: Final = 64 * 1024**2
"""What may wait for others of their group, of all groups together."""


def in_runs(
    items: Iterator[T], measure: Callable[[T], tuple[str, int]], fits: Callable[[int, int], bool], frame: int
) -> Iterator[T]:
    """The same items, those of a group in their order and in runs that fill a request.

    *measure* says which group one is of, and its bytes; *fits* whether so many of so many bytes go in one request, of
    which *frame* bytes are there without any.
    """
    waiting: dict[str, list[T]] = {}
    lengths: dict[str, int] = {}
    for item in items:
        group, length = measure(item)
        run = waiting.setdefault(group, [])
        if run and not fits(len(run) + 1, lengths[group] + length):
            yield from run
            run.clear()
            lengths[group] = frame
        run.append(item)
        lengths[group] = lengths.get(group, frame) + length
        if sum(lengths.values()) > MOST_BYTES:
            fullest = max(lengths, key=lambda one: lengths[one])
            yield from waiting.pop(fullest)
            del lengths[fullest]
    for run in waiting.values():
        yield from run
