"""Where in a record a value is, and how a value is quoted in a message.

A place is kept as linked pairs while a record is walked, and spelled out only for the rare value that is wrong.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, TypeAlias

from console.display import safe_text
from console.records.model import JsonValue

Step: TypeAlias = str | int
"""A key of an object, or an index of a list."""

Place: TypeAlias = "tuple[Place, Step] | None"
"""The way from the record (None) to a value in it: the place of what holds the value, and the last step."""

_QUOTED: Final = 60
_PRINTED_BITS: Final = 200
_LONGEST_STEP: Final = 100
"""Characters of a key."""


def spell(holder: Place, step: Step) -> str:
    """The attribute path of a value, as the official server writes it: `resources[0].uid`.

    A very long key is cut, unless it is the last step: below a key of megabytes may be thousands of values that are
    wrong. (No attribute of a schema has such a name, so that paths are the official ones all the same.)
    """
    steps = [step]
    while holder is not None:
        holder, step = holder
        steps.append(step[:_LONGEST_STEP] if isinstance(step, str) else step)
    parts: list[str] = []
    for one in reversed(steps):
        if isinstance(one, int):
            parts.append(f"[{one}]")
        else:
            # The server joins with a dot unless nothing stands before it.
            parts.append(f".{one}" if any(parts) else one)
    return "".join(parts)


def spelled(steps: Sequence[Step]) -> str:
    """The attribute path of the value that *steps* lead to from the record; empty for the record itself."""
    holder: Place = None
    for step in steps[:-1]:
        holder = (holder, step)
    return spell(holder, steps[-1]) if steps else ""


def named(holder: Place, step: Step) -> str:
    """What a message calls the value that *step* leads to: the name of its attribute, never a long path."""
    if isinstance(step, int) and holder is not None:
        return f"{named(*holder)}[{step}]"
    return safe_text(step, width=_QUOTED)


def quoted(value: JsonValue) -> str:
    """A short, harmless picture of *value* for the inside of a sentence."""
    match value:
        case None | bool():
            return {None: "null", True: "true", False: "false"}[value]
        case str():
            return f'the text "{safe_text(value, width=_QUOTED)}"'
        case int() if value.bit_length() > _PRINTED_BITS:
            return f"an integer of {value.bit_length()} bits"
        case int() | float():
            return f"the number {value}"
        case list():
            return "a list"
        case _:
            return "an object"
