"""The free pairs of an ASFF finding, which take what the format has no attribute for, as far as there is room.

They are `ProductFields` of the finding and `Details.Other` of each resource: some pairs of texts, of limited length.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final

from console.convert.asff_limits import MOST_PAIRS, PAIR_KEY
from console.convert.changes import Change, ChangeKind, JsonObject
from console.convert.encoding import encode, text_of
from console.convert.taking import says_something, shortened
from console.records.model import JsonValue

MOST_LISTED: Final = 1_000
"""Values of one record that are named one by one, of those that there was no room for. A hostile one has millions."""

_DEEPEST: Final = 3
"""How far an object is broken up that is too long for one pair."""
_FRAME_BYTES: Final = 2
"""The colon and the comma of a pair."""


@dataclass(frozen=True, slots=True)
class Room:
    """A place for pairs."""

    pairs: JsonObject
    name: str
    """As in a message: `'ProductFields'`."""
    longest: int
    """Characters that a value may have."""


@dataclass(frozen=True, slots=True)
class Extra:
    """Something that is to be a pair."""

    room: Room
    path: str
    """Where it stood in the record."""
    key: str
    value: JsonValue


def extras(room: Room, rest: Iterable[tuple[str, JsonValue]], place: str = "") -> Iterator[Extra]:
    """What is left of a record, or of the part of it at *place*, for one room. The key is the path from there.

    What needs many pairs comes last, so that it takes the room of nothing else.
    """
    start = len(place) + 1 if place else 0
    long: list[Extra] = []
    for path, value in rest:
        extra = Extra(room, path, path[start:], value)
        if _is_long(extra):
            long.append(extra)
        else:
            yield extra
    for extra in long:
        yield from _broken_up(extra, _DEEPEST)


def put(everything: Iterable[Extra], bytes_left: int, changes: list[Change]) -> None:
    """Put what fits into its room, and say of each value what became of it."""
    lost = 0
    for extra in everything:
        text = text_of(extra.value)
        value = shortened(text, extra.room.longest)
        cost = len(encode(extra.key)) + len(encode(value)) + _FRAME_BYTES
        reason = _refusal(extra, cost, bytes_left)
        if reason:
            lost += 1
            if lost <= MOST_LISTED:
                changes.append(Change(ChangeKind.LEFT_OUT, extra.path, reason))
            continue
        bytes_left -= cost
        extra.room.pairs[extra.key] = value
        if value == text:
            changes.append(Change(ChangeKind.UNMAPPED, extra.path, f"It is in {extra.room.name}, under its path."))
        else:
            message = f"It is in {extra.room.name}, whose values have up to {extra.room.longest:,} characters."
            changes.append(Change(ChangeKind.SHORTENED, extra.path, message))
    if lost > MOST_LISTED:
        changes.append(
            Change(ChangeKind.LEFT_OUT, "", "There are more values in the record that nothing had room for.")
        )


def _refusal(extra: Extra, cost: int, bytes_left: int) -> str:
    """Why something can't be a pair; empty where it can."""
    room = extra.room
    if len(extra.key) > PAIR_KEY:
        return f"Its path is too long to be a key of {room.name}: {PAIR_KEY} characters are the most."
    if extra.key in room.pairs:
        return f"Another value has the same path in {room.name}."
    if len(room.pairs) >= MOST_PAIRS:
        return f"There is no room for it: {room.name} takes {MOST_PAIRS} pairs."
    return "There is no room for it: a finding takes 240 KB." if cost > bytes_left else ""


def _is_long(extra: Extra) -> bool:
    """Whether it is an object that is too long for one pair."""
    return isinstance(extra.value, dict) and len(text_of(extra.value)) > extra.room.longest


def _broken_up(extra: Extra, depth: int) -> Iterator[Extra]:
    """An object that is too long for one pair, as its members; anything else as it is."""
    value = extra.value
    if not isinstance(value, dict) or depth == 0 or not _is_long(extra):
        yield extra
        return
    for key, member in value.items():
        if says_something(member):
            below = Extra(extra.room, f"{extra.path}.{key}", f"{extra.key}.{key}", member)
            yield from _broken_up(below, depth - 1)
