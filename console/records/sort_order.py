"""The order of the records of a file by their keys, made without holding up anybody.

Python sorts a list in one go, in which no other thread can do anything: for a million keys that is a second in which a
screen does not answer. So keys are dealt into small heaps, and records are counted into their places.
"""

from __future__ import annotations

from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator
from itertools import accumulate
from typing import Final, TypeVar

from console.progress import Cancel
from console.records.sort_keys import Keys
from console.records.sweep import Found

_HEAP: Final = 2_000
"""Keys that are sorted in one go: some milliseconds."""
_CHECKED: Final = 4_096
"""Records between two looks at the wish to stop."""

T = TypeVar("T")


class SortOrder:
    """Where the records of a file are, and where each stands by its key.

    It takes 32 bytes of memory for each record, and 4 more for each order that is asked for. While keys are added, each
    different one takes some 200 bytes, so that is the most for a column in which no two records are alike.
    """

    def __init__(self) -> None:
        self._keys = Keys()
        self._last = 0
        """The rank of records without a value: behind all others, whichever way they are sorted."""

    def __len__(self) -> int:
        return len(self._keys.indexes)

    def add(self, found: Found[Keys]) -> None:
        """Add the keys of the records that come next in the file."""
        ours, more = self._keys, found.result
        codes = array("q", (ours.numbered.setdefault(key, len(ours.numbered)) for key in more.numbered))
        ours.indexes.extend(array("q", (index + found.index for index in more.indexes)))
        ours.offsets.extend(more.offsets)
        ours.lengths.extend(more.lengths)
        ours.codes.extend(array("q", (codes[code] for code in more.codes)))

    def rank(self, cancel: Cancel) -> None:
        """Compare the keys, once all are here. Afterwards they are not needed any more. Raises `Cancelled`."""
        keys = self._keys
        without = keys.numbered.pop("", None)
        self._last = len(keys.numbered)
        ranks = array("q", bytes(8 * (self._last + 1)))
        for rank, key in enumerate(in_order(list(keys.numbered), cancel)):
            ranks[keys.numbered[key]] = rank
        if without is not None:
            ranks[without] = self._last
        keys.numbered = {}
        for position in _watched(range(len(keys.codes)), cancel):
            keys.codes[position] = ranks[keys.codes[position]]

    def positions(self, records: Iterable[int] | None, *, descending: bool, cancel: Cancel) -> array[int]:
        """The positions of all records, or of those with these indexes, in their order; alike ones as in the file.

        Raises `Cancelled`.
        """
        ranks, last = self._keys.codes, self._last
        turned = array("q", [*range(last - 1, -1, -1), last]) if descending else range(last + 1)
        chosen = range(len(self)) if records is None else array("I", map(self.position_of, records))
        counts = array("q", bytes(8 * (last + 2)))
        for position in _watched(chosen, cancel):
            counts[turned[ranks[position]] + 1] += 1
        following = array("q", accumulate(counts))
        ordered = array("I", bytes(4 * len(chosen)))
        for position in _watched(chosen, cancel):
            rank = turned[ranks[position]]
            ordered[following[rank]] = position
            following[rank] += 1
        return ordered

    def position_of(self, record: int) -> int:
        """The position of the record with that index, or of the next one."""
        return bisect_left(self._keys.indexes, record)

    def place(self, position: int) -> tuple[int, int, int]:
        """The index, the offset and the length of a record."""
        keys = self._keys
        return keys.indexes[position], keys.offsets[position], keys.lengths[position]


def in_order(keys: list[str], cancel: Cancel) -> Iterator[str]:
    """Different keys in their order, in steps that are short. Raises `Cancelled`."""
    borders = sorted(keys[_HEAP // 2 :: _HEAP])
    heaps: list[list[str]] = [[] for _ in range(len(borders) + 1)]
    for key in _watched(keys, cancel):
        heaps[bisect_right(borders, key)].append(key)
    for heap in heaps:
        cancel.check()
        heap.sort()
        yield from heap


def _watched(things: Iterable[T], cancel: Cancel) -> Iterator[T]:
    """The same things, with a look now and then at the wish to stop. Raises `Cancelled`."""
    for number, thing in enumerate(things):
        if number % _CHECKED == 0:
            cancel.check()
        yield thing
