"""The differences between two scans, counted."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from console.records.bounded import OTHERS, Amounts
from console.records.compare.store import Kind, Pair, PairStore
from console.records.compare.trend import Change, Trend, changes, is_failing, trend, weight


@dataclass(frozen=True, slots=True)
class Totals:
    """How many findings differ, and how many don't. What is failing is what `is_failing` says."""

    new: int
    new_failing: int
    """Of the new ones, those that are failing."""
    gone: int
    gone_failing: int
    """Of those that are gone, those that were failing."""
    changed: int
    worse: int
    """Of the changed ones, by `Trend`."""
    fixed: int
    unchanged: int


class PairCounts:
    """Counts the pairs of findings as they come, and has those kept that differ."""

    def __init__(self, store: PairStore) -> None:
        self._store = store
        self._counts: Counter[str] = Counter()
        self.changes = Amounts(_others)
        """The changes of the findings that are in both scans, and how many have each."""

    def add(self, pair: Pair) -> None:
        """Count a finding, in the scans that it is in."""
        kind = pair.kind
        if kind is None:
            self._counts["unchanged"] += 1
            return
        old, new = pair.old and pair.old.state, pair.new and pair.new.state
        self._counts[kind] += 1
        if old and new:
            self._counts[trend(old, new)] += 1
            for change in changes(old, new):
                self.changes.add(change)
        elif any(is_failing(state) for state in (old, new) if state):
            self._counts[f"{kind}_failing"] += 1
        self._store.keep(kind, weight(old, new), pair)

    def totals(self) -> Totals:
        """The counts as they are now."""
        count = self._counts
        return Totals(
            new=count[Kind.NEW],
            new_failing=count["new_failing"],
            gone=count[Kind.GONE],
            gone_failing=count["gone_failing"],
            changed=count[Kind.CHANGED],
            worse=count[Trend.WORSE],
            fixed=count[Trend.FIXED],
            unchanged=count["unchanged"],
        )


def _others(change: Change) -> Change:
    """What the rest of an attribute's changes are counted as."""
    return Change(change.attribute, OTHERS, OTHERS)
