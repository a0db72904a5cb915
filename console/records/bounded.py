"""What is kept of what a hostile file has without end: its first faults, and so many of its different values."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass, field
from typing import Final, Generic, TypeVar

from console.records.model import Fault

FAULTS_KEPT: Final = 100
"""Faults of a file that are kept. A hostile file has millions: the rest are only counted."""
DISTINCT_KEPT: Final = 10_000
"""Different values that are counted apart. The rest are counted together, so that memory stays bounded."""
OTHERS: Final = "(others)"
"""The name that the rest are counted under."""

V = TypeVar("V", bound=Hashable)


@dataclass(slots=True)
class Faults:
    """The faults of a file, or of a part of one."""

    most: int = FAULTS_KEPT
    """How many are kept."""
    first: list[Fault] = field(default_factory=list)
    """The first ones."""
    count: int = 0
    """All of them."""

    def add(self, fault: Fault) -> None:
        """Count a fault, and keep it if it is one of the first."""
        self.count += 1
        if len(self.first) < self.most:
            self.first.append(fault)

    def merge(self, later: Faults, *, index: int, line: int) -> None:
        """Add those of a part that follows, and that are so many indexes and lines further on."""
        self.first += [fault.moved(index, line) for fault in later.first[: self.most - len(self.first)]]
        self.count += later.count


class Amounts(Generic[V]):
    """How many there are of each value, in the order in which the different ones were met."""

    def __init__(self, others: Callable[[V], V]) -> None:
        """*others* says what a value is counted under where there are too many to be counted apart."""
        self.counts: dict[V, int] = {}
        """The values and their numbers."""
        self._others = others

    def add(self, value: V, count: int = 1) -> None:
        """Count a value."""
        if value not in self.counts and len(self.counts) >= DISTINCT_KEPT:
            value = self._others(value)
        self.counts[value] = self.counts.get(value, 0) + count

    def merge(self, later: Amounts[V]) -> None:
        """Add what was counted elsewhere."""
        for value, count in later.counts.items():
            self.add(value, count)

    def ranked(self) -> Mapping[V, int]:
        """The values and their numbers, the largest first."""
        return dict(Counter(self.counts).most_common())
