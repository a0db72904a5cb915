"""What became of the records of a file, counted in memory that does not grow with it."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import Final

from console.convert.changes import Change, ChangeKind

MOST_KINDS: Final = 1_000
"""Different changes, and different reasons, that are told apart. A hostile file has millions."""

MOST_REGIONS: Final = 100
"""AWS has a few dozen."""
_LONGEST_PATH: Final = 300
_INDEX: Final = re.compile(r"\[\d+:?\]")


@dataclass(frozen=True, slots=True)
class Counted:
    """The same change in some records."""

    kind: ChangeKind
    path: str
    """Without the indexes of lists: `resources[].uid`. Foreign text."""
    message: str
    count: int
    """How many values it happened to."""
    index: int
    """The first record."""


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why some records are not in the output, as it was at the first of them."""

    code: str
    path: str
    """Foreign text."""
    message: str
    count: int
    index: int | None
    """The first record; None for a place that belongs to none."""
    offset: int | None
    line: int | None


@dataclass(slots=True)
class Tally:
    """What became of some records. Those of parts can be put together in the order of the file."""

    records: int = 0
    """Records that were looked at, with the places that should hold one."""
    converted: int = 0
    """Those that are in the output, whole."""
    written: int = 0
    """What they became: elements of the output."""
    refused: int = 0
    """Those that are not, or not whole."""
    further_changes: int = 0
    """Changes beyond those that are told apart."""
    further_refusals: int = 0
    """Refusals beyond those that are told apart."""
    regions: dict[str, int] = field(default_factory=dict)
    """Elements of the output by the region of AWS that each is for, where it is for one."""
    _changes: dict[tuple[ChangeKind, str, str], Counted] = field(default_factory=dict)
    _refusals: dict[tuple[str, str], Refusal] = field(default_factory=dict)

    @property
    def changes(self) -> list[Counted]:
        """The changes, in the order in which they were met."""
        return list(self._changes.values())

    @property
    def refusals(self) -> list[Refusal]:
        """The reasons why records are not in the output, in the order in which they were met."""
        return list(self._refusals.values())

    def change(self, changes: Iterable[Change], index: int) -> None:
        """Count the changes of one record."""
        for one in changes:
            self._add_change(Counted(one.kind, _without_indexes(one.path), one.message, 1, index))

    def refuse(self, refusal: Refusal) -> None:
        """Count a reason for which something is not in the output."""
        self._add_refusal(replace(refusal, path=_without_indexes(refusal.path)))

    def locate(self, region: str, count: int = 1) -> None:
        """Count what is for a region. A hostile file may name any number: those beyond the first are not told apart."""
        if region and (region in self.regions or len(self.regions) < MOST_REGIONS):
            self.regions[region] = self.regions.get(region, 0) + count

    def merge(self, other: Tally, index: int, line: int) -> None:
        """Add what is counted of a later part, whose indexes and lines need so much added."""
        self.records += other.records
        self.converted += other.converted
        self.written += other.written
        self.refused += other.refused
        self.further_changes += other.further_changes
        self.further_refusals += other.further_refusals
        for region, count in other.regions.items():
            self.locate(region, count)
        for change in other.changes:
            self._add_change(replace(change, index=change.index + index))
        for refusal in other.refusals:
            self._add_refusal(
                replace(
                    refusal,
                    index=None if refusal.index is None else refusal.index + index,
                    line=None if refusal.line is None else refusal.line + line,
                )
            )

    def _add_change(self, change: Counted) -> None:
        key = (change.kind, change.path, change.message)
        known = self._changes.get(key)
        if known is not None:
            self._changes[key] = replace(known, count=known.count + change.count)
        elif len(self._changes) < MOST_KINDS:
            self._changes[key] = change
        else:
            self.further_changes += change.count

    def _add_refusal(self, refusal: Refusal) -> None:
        key = (refusal.code, refusal.path)
        known = self._refusals.get(key)
        if known is not None:
            self._refusals[key] = replace(known, count=known.count + refusal.count)
        elif len(self._refusals) < MOST_KINDS:
            self._refusals[key] = refusal
        else:
            self.further_refusals += refusal.count


@lru_cache(4_096)
def _without_indexes(path: str) -> str:
    return _INDEX.sub("[]", path[:_LONGEST_PATH])
