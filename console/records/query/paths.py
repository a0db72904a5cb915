"""Where a value is in a record: keys and list indexes, one inside the other."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final, TypeAlias

from console.records.model import JsonValue

Step: TypeAlias = str | int
"""A key of an object, or the index of an element of a list."""

BARE_KEY: Final = re.compile(r"[\w$@-]+")
"""A key that needs no quotes."""


@dataclass(frozen=True, slots=True)
class Path:
    """A way into a record. A list on the way, or at the end of it, stands for each of its elements."""

    steps: tuple[Step, ...]

    @property
    def first(self) -> str:
        """The top-level key that it starts with."""
        return str(self.steps[0])

    def values(self, record: JsonValue) -> list[JsonValue]:
        """Everything that it leads to: scalars, nulls and objects, and never a list."""
        found = [record]
        for step in self.steps:
            if isinstance(step, int):
                found = [value[step] for value in found if isinstance(value, list) and step < len(value)]
            else:
                found = [value[step] for value in elements(found) if isinstance(value, dict) and step in value]
        return elements(found)


def elements(values: Iterable[JsonValue]) -> list[JsonValue]:
    """The values, with the elements of lists in the place of the lists. Nesting of any depth costs no stack."""
    left = list(values)
    found: list[JsonValue] = []
    while left:
        value = left.pop()
        if isinstance(value, list):
            left.extend(value)
        else:
            found.append(value)
    return found


def quoted(text: str) -> str:
    """The text as an expression writes it in quotes."""
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'
