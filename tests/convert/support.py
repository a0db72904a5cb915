"""What tests ask of any conversion: which values of a record nobody speaks of."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from console.convert.changes import Change
from console.convert.taking import says_something
from console.records.model import JsonValue


def leaves(value: JsonValue, path: str = "") -> Iterator[str]:
    """The paths of all values in a record that say something."""
    if isinstance(value, dict) and value:
        for key, member in value.items():
            yield from leaves(member, f"{path}.{key}" if path else key)
    elif isinstance(value, list) and value:
        for index, item in enumerate(value):
            yield from leaves(item, f"{path}[{index}]")
    elif says_something(value):
        yield path


def unnamed(record: JsonValue, changes: Sequence[Change]) -> list[str]:
    """What of a record no change speaks of, neither by itself nor with what holds it."""
    named = {change.path for change in changes}
    sliced = {path.partition(":")[0].rpartition("[")[0] for path in named if path.endswith(":]")}

    def is_named(path: str) -> bool:
        ends = [*(match.start() for match in re.finditer(r"[.\[]", path)), len(path)]
        return any(path[:end] in named or path[:end] in sliced for end in ends)

    return [path for path in leaves(record) if not is_named(path)]
