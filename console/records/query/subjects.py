"""What stands at the left of an operator, and the operators."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from console.records.fields import Finding
from console.records.model import JsonValue
from console.records.query.names import SHORT_NAMES, meant
from console.records.query.paths import BARE_KEY, Path, quoted


class Operator(StrEnum):
    """How a value is compared, as expressions write it."""

    EQUAL = "="
    UNEQUAL = "!="
    MORE = ">"
    AT_LEAST = ">="
    LESS = "<"
    AT_MOST = "<="
    CONTAINS = "~"
    LACKS = "!~"


NEGATIVES: Final[Mapping[Operator, Operator]] = {
    Operator.UNEQUAL: Operator.EQUAL,
    Operator.LACKS: Operator.CONTAINS,
}
"""The operators that hold where another one does not."""


@dataclass(frozen=True, slots=True)
class Subject:
    """What stands at the left of an operator: a path, or a short name for several."""

    name: str
    """The short name; empty for a path."""
    paths: tuple[Path, ...]

    def values(self, record: Finding) -> list[JsonValue]:
        """All values that are meant."""
        return [value for path in self.paths for value in path.values(record)]

    @property
    def keys(self) -> frozenset[str]:
        """The top-level keys that the paths start with."""
        return frozenset(path.first for path in self.paths)

    def __str__(self) -> str:
        if self.name:
            return self.name
        first, *others = self.paths[0].steps
        shown = str(first)
        is_plain = BARE_KEY.fullmatch(shown) and not shown.startswith("-")
        if not is_plain or meant(shown) or (not others and shown in SHORT_NAMES):
            shown = quoted(shown)
        for step in others:
            if isinstance(step, int):
                shown += f"[{step}]"
            else:
                shown += "." + (step if BARE_KEY.fullmatch(step) else quoted(step))
        return shown
