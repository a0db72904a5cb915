"""How a finding that stands differently is judged: what changed, whether that is worse, and how much it matters."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from console.records.compare.scan import State
from console.records.fields import SEVERITIES

_FAIL: Final = frozenset(("fail", "failed"))
_PASS: Final = frozenset(("pass", "passed"))
_SUPPRESSED: Final = "suppressed"
_MOST_SEVERE: Final = 6
_RANKS: Final = {caption.casefold(): number for number, caption in SEVERITIES.items() if number <= _MOST_SEVERE}


class Trend(StrEnum):
    """What it means that a finding stands differently."""

    WORSE = "worse"
    """It is failing, and was not."""
    FIXED = "fixed"
    """Its verdict was FAIL, suppressed or not, and is PASS."""
    OTHER = "other"
    """Anything else, such as another severity."""


_URGENCY: Final = {Trend.WORSE: 2, Trend.OTHER: 1, Trend.FIXED: 0}


@dataclass(frozen=True, slots=True)
class Change:
    """An attribute of a finding that has another value in the new scan."""

    attribute: str
    """`status_code`, `status` or `severity`."""
    old: str
    new: str


def is_failing(state: State) -> bool:
    """Whether somebody should look at the finding: its verdict is FAIL, and it is not suppressed (muted)."""
    return state.status_code.casefold() in _FAIL and state.status.casefold() != _SUPPRESSED


def trend(old: State, new: State) -> Trend:
    """What it means that a finding went from one state to the other."""
    if is_failing(new) and not is_failing(old):
        return Trend.WORSE
    if old.status_code.casefold() in _FAIL and new.status_code.casefold() in _PASS:
        return Trend.FIXED
    return Trend.OTHER


def changes(old: State, new: State) -> tuple[Change, ...]:
    """The attributes whose values differ."""
    return tuple(
        Change(name, before, after)
        for name, before, after in zip(State._fields, old, new, strict=True)
        if before != after
    )


def weight(old: State | None, new: State | None) -> int:
    """How much a difference matters: worse or failing first, then by severity. One of the states is not None."""
    latest = new or old
    severity = _RANKS.get(latest.severity.casefold(), 0) if latest else 0
    return _urgency(old, new) * (_MOST_SEVERE + 1) + severity


def _urgency(old: State | None, new: State | None) -> int:
    if old and new:
        return _URGENCY[trend(old, new)]
    return any(is_failing(state) for state in (old, new) if state)
