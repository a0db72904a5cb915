"""The order and the choice in which the issues of a file are listed by kind. Knows no widget."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum
from typing import Final, TypeAlias

from console.ocsf.issues import Severity
from console.ocsf.report import Group, GroupKey, Report

Kind: TypeAlias = tuple[GroupKey, Group]
"""A kind of issue, and what is counted of it."""

_RANK: Final = {Severity.ERROR: 0, Severity.WARNING: 1, Severity.INFO: 2}
_BLOCKS: Final = " ▏▎▍▌▋▊▉█"
"""Eighths of a cell."""


class Order(StrEnum):
    """What kinds of issues are sorted by. Each is what people call it."""

    SEVERITY = "severity"
    COUNT = "count"
    CODE = "code"
    ATTRIBUTE = "attribute"

    @property
    def next(self) -> Order:
        """The one after it, in turn."""
        every = list(Order)
        return every[(every.index(self) + 1) % len(every)]


def arranged(report: Report, order: Order, words: str) -> Sequence[Kind]:
    """The kinds of issues in which all of the *words* stand, in an *order*, and the more frequent first within it."""
    wanted = words.casefold().split()
    return sorted(
        (kind for kind in report.groups.items() if all(word in _text(kind) for word in wanted)),
        key=lambda kind: (_sorts(kind, order), -kind[1].count, kind[0].code, kind[0].path),
    )


def _text(kind: Kind) -> str:
    key, group = kind
    return f"{key.severity} {key.code} {key.path} {group.message}".casefold()


def _sorts(kind: Kind, order: Order) -> tuple[int | str, ...]:
    key, group = kind
    match order:
        case Order.SEVERITY:
            return (_RANK[key.severity],)
        case Order.COUNT:
            return (-group.count,)
        case Order.CODE:
            return (key.code, key.path)
        case Order.ATTRIBUTE:
            return (key.path, key.code)


def bar(count: int, most: int, cells: int) -> str:
    """A bar in so many cells: its length is to all of them as *count* is to *most*. Whatever is there shows."""
    eighths = max(1, round(cells * 8 * count / most)) if count and most else 0
    full, part = divmod(eighths, 8)
    return ("█" * full + (_BLOCKS[part] if part else "")).ljust(cells)
