"""Integers that do not fit 64 bits, wherever they stand in a record."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from console.ocsf.leaves import is_integer
from console.ocsf.place import Place, Step
from console.records.decode import DIGITS_ALIKE
from console.records.model import JsonValue

_LONG_RUN: Final = b"0" * len(str(2**63))


def may_hold_large(raw: bytes) -> bool:
    """Whether any run of digits in *raw* is long enough, be it in a string. Much quicker than looking."""
    return _LONG_RUN in raw.translate(DIGITS_ALIKE)


def large_integers(record: Mapping[str, JsonValue]) -> Iterator[tuple[Place, Step, int]]:
    """The integers of a decoded record that do not fit 64 bits, with their places."""
    return _inside(dict(record), None)


def _inside(value: JsonValue, here: Place) -> Iterator[tuple[Place, Step, int]]:
    steps: Iterator[tuple[Step, JsonValue]] = iter(())
    if isinstance(value, dict):
        steps = iter(value.items())
    elif isinstance(value, list):
        steps = iter(enumerate(value))
    for step, inner in steps:
        if type(inner) is int and not is_integer(inner):
            yield here, step, inner
        elif isinstance(inner, dict | list):
            yield from _inside(inner, (here, step))
