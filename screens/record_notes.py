"""What there is to say beside the attributes of a record: its issues at the very place, and what values mean.

Made once for a record, in a thread, so that a tree of it can ask for every line that it draws.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import Final

from console.ocsf.guide import Guide
from console.ocsf.issue_counts import IssueCounts
from console.ocsf.issues import Issue, Severity
from console.ocsf.place import Step
from console.records.model import JsonValue

Steps = tuple[Step, ...]
"""The way from a record to a value in it."""

_SPLIT: Final = re.compile(r"[.\[]")
_TRIED: Final = 20
"""Dots and brackets that a key may hold."""
_LAST: Final = 2**62
"""Behind all members."""


@dataclass
class Notes:
    """What there is to say of the values of one record. Nothing, when there is no record."""

    record: dict[str, JsonValue] = field(default_factory=dict)
    guide: Guide | None = None
    _at: dict[Steps, list[Issue]] = field(default_factory=dict)
    _lacking: dict[Steps, dict[str, list[Issue]]] = field(default_factory=dict)
    """Issues of what is not there, by what should hold it, and what is lacking."""
    _below: dict[Steps, Counter[Severity]] = field(default_factory=dict)
    _places: list[tuple[tuple[int, ...], Steps]] = field(default_factory=list)
    """Where there are issues, in the order of the record."""
    _orders: dict[Steps, dict[str, int]] = field(default_factory=dict)
    """In which order some objects have their members."""

    @classmethod
    def of(cls, record: dict[str, JsonValue], issues: Sequence[Issue], guide: Guide | None) -> Notes:
        """What *issues* and the schema say of a record. To be called in a thread."""
        notes = cls(record, guide)
        ways = set[Steps]()
        for issue in issues:
            steps, lacking = locate(record, issue.path)
            if lacking:
                notes._lacking.setdefault(steps, {}).setdefault(lacking, []).append(issue)
                steps = (*steps, lacking)
            else:
                notes._at.setdefault(steps, []).append(issue)
            ways.add(steps)
            for depth in range(len(steps)):
                notes._below.setdefault(steps[:depth], Counter())[issue.severity] += 1
        notes._places = sorted((notes.position(steps), steps) for steps in ways if steps)
        return notes

    def at(self, steps: Steps) -> Sequence[Issue]:
        """The issues of a value itself."""
        return self._at.get(steps, ())

    def lacking(self, steps: Steps) -> Mapping[str, Sequence[Issue]]:
        """The issues of what an object lacks, by its name."""
        return self._lacking.get(steps, {})

    def below(self, steps: Steps) -> IssueCounts:
        """How many issues there are inside of a value."""
        counts = self._below.get(steps, Counter())
        return IssueCounts(counts[Severity.ERROR], counts[Severity.WARNING])

    def words(self, steps: Steps, value: JsonValue) -> str:
        """What a value means, where the schema tells. Foreign text: schemas may be added."""
        return "" if self.guide is None else self.guide.words(steps, value)

    def next_place(self, steps: Steps, step: int) -> Steps | None:
        """The next value with an issue after the one at *steps*, or before it; from the other end where none is."""
        if not self._places:
            return None
        here = self.position(steps)
        positions = [position for position, _ in self._places]
        place = bisect_right(positions, here) if step > 0 else bisect_left(positions, here) - 1
        return self._places[place % len(self._places)][1]

    def position(self, steps: Steps) -> tuple[int, ...]:
        """Where a value stands in the record, for comparing: what is lacking stands at the end of what lacks it."""
        position: list[int] = []
        value: JsonValue = self.record
        for depth, step in enumerate(steps):
            if isinstance(value, dict) and step in value:
                position.append(self._order(steps[:depth], value)[str(step)])
                value = value[str(step)]
            elif isinstance(value, list) and isinstance(step, int) and step < len(value):
                position.append(step)
                value = value[step]
            else:
                position.append(_LAST)
                break
        return tuple(position)

    def _order(self, steps: Steps, value: dict[str, JsonValue]) -> dict[str, int]:
        """The places of the members of an object. Counted once: there may be many members, and many issues."""
        if steps not in self._orders:
            self._orders[steps] = {key: place for place, key in enumerate(value)}
        return self._orders[steps]


def locate(record: dict[str, JsonValue], path: str) -> tuple[Steps, str]:
    """The way to what *path* names, as `console.ocsf.place.spell` wrote it; and what of it is not there.

    Keys come from strangers and may hold dots and brackets: the longest key that is there is taken.
    """
    steps: list[Step] = []
    value: JsonValue = record
    rest = path
    while rest:
        step, after = _step(value, rest)
        if step is None:
            break
        steps.append(step)
        value = value[step] if isinstance(value, list) and isinstance(step, int) else _member(value, step)
        rest = after
    return tuple(steps), rest.lstrip(".")


def _member(value: JsonValue, step: Step) -> JsonValue:
    return value.get(str(step)) if isinstance(value, dict) else None


def _step(value: JsonValue, path: str) -> tuple[Step | None, str]:
    """The first step of a path into a value, and the rest of the path; None where it leads nowhere."""
    if isinstance(value, list):
        number, bracket, rest = path.removeprefix("[").partition("]")
        is_there = path.startswith("[") and bracket and number.isascii() and number.isdigit() and len(number) < 10
        return (int(number), rest) if is_there and int(number) < len(value) else (None, path)
    if isinstance(value, dict):
        name = path.removeprefix(".")
        ends = [found.start() for found in islice(_SPLIT.finditer(name, 1), _TRIED)]
        for end in (len(name), *reversed(ends)):
            if name[:end] in value:
                return name[:end], name[end:]
    return None, path
