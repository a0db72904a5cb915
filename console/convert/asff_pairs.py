"""The free pairs of an ASFF finding, which take what the format has no attribute for, as far as there is room.

They are `ProductFields` of the finding and `Details.Other` of each resource: some pairs of texts, of limited length.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Final, NamedTuple

from console.convert.asff_limits import MOST_PAIRS, PAIR_KEY
from console.convert.changes import Change, ChangeKind, JsonObject
from console.convert.encoding import encode, text_of
from console.convert.taking import says_something, shortened
from console.records.model import JsonValue

MOST_LISTED: Final = 1_000
"""Values of one record that are named one by one, of those that there was no room for. A hostile one has millions."""

_DEEPEST: Final = 3
"""How far an object is broken up that is too long for one pair."""
_MOST_BYTES: Final = 6
"""Of a character in JSON."""
_FRAME_BYTES: Final = 2
"""The colon and the comma of a pair."""


@dataclass(frozen=True)
class Room:
    """A place for pairs."""

    pairs: JsonObject
    name: str
    """As in a message: `'ProductFields'`."""
    longest: int
    """Characters that a value may have."""

    @cached_property
    def whole(self) -> str:
        """What is said of a value that is here."""
        return f"It is in {self.name}, under its path."

    @cached_property
    def part(self) -> str:
        """What is said of a value of which a part is here."""
        return f"It is in {self.name}, whose values have up to {self.longest:,} characters."


class Extra(NamedTuple):
    """Something that is to be a pair."""

    room: Room
    path: str
    """Where it stood in the record."""
    key: str
    value: JsonValue
    text: str
    """The value as the pair would have it, were there room for all of it."""


def extras(room: Room, rest: Iterable[tuple[str, JsonValue]], place: str = "") -> Iterator[Extra]:
    """What is left of a record, or of the part of it at *place*, for one room. The key is the path from there.

    What needs many pairs comes last, so that it takes the room of nothing else.
    """
    start = len(place) + 1 if place else 0
    long: list[Extra] = []
    for path, value in rest:
        extra = Extra(room, path, path[start:], value, text_of(value))
        if _is_long(extra):
            long.append(extra)
        else:
            yield extra
    for extra in long:
        yield from _broken_up(extra, _DEEPEST)


def put(everything: Sequence[Extra], bytes_left: int, changes: list[Change]) -> None:
    """Put what fits into its room, and say of each value what became of it."""
    # Where there is room for the worst that could become of all of it, nothing need be measured.
    measured = sum(_MOST_BYTES * (len(extra.key) + len(extra.text) + 1) for extra in everything) > bytes_left
    lost = 0
    for extra in everything:
        value = shortened(extra.text, extra.room.longest)
        cost = len(encode(extra.key)) + len(encode(value)) + _FRAME_BYTES if measured else 0
        reason = _refusal(extra, cost, bytes_left)
        if reason:
            lost += 1
            if lost <= MOST_LISTED:
                changes.append(Change(ChangeKind.LEFT_OUT, extra.path, reason))
            continue
        bytes_left -= cost
        extra.room.pairs[extra.key] = value
        if len(value) == len(extra.text):
            changes.append(Change(ChangeKind.UNMAPPED, extra.path, extra.room.whole))
        else:
            changes.append(Change(ChangeKind.SHORTENED, extra.path, extra.room.part))
    if lost > MOST_LISTED:
        message = "There are more values in the record that nothing had room for."
        changes.append(Change(ChangeKind.LEFT_OUT, "", message))


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
    return len(extra.text) > extra.room.longest and isinstance(extra.value, dict)


def _broken_up(extra: Extra, depth: int) -> Iterator[Extra]:
    """An object that is too long for one pair, as its members; anything else as it is."""
    value = extra.value
    if not isinstance(value, dict) or depth == 0 or not _is_long(extra):
        yield extra
        return
    for key, member in value.items():
        if says_something(member):
            below = Extra(extra.room, f"{extra.path}.{key}", f"{extra.key}.{key}", member, text_of(member))
            yield from _broken_up(below, depth - 1)
