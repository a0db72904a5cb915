"""Keys that an object has twice. Decoders keep one of the values without a word, and not all keep the same one."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from itertools import islice
from json import JSONDecoder
from typing import Final, TypeAlias

from console.ocsf.place import Place, Step

MOST_REPORTED: Final = 100
"""Duplicate keys that are reported of one record."""

_FEW_BACKSLASHES: Final = 400

_Members: TypeAlias = "tuple[tuple[str, _Value], ...]"
_Value: TypeAlias = "_Members | list[_Value] | str | bool | None"
"""A JSON value that has all members of its objects. An object is a tuple, and a number is no more than true."""

# Numbers are of no interest here, so that none is computed, however long it is.
_decoder: Final = JSONDecoder(object_pairs_hook=tuple, parse_int=bool, parse_float=bool)


def may_hold_duplicates(raw: bytes, encoded: bytes) -> bool:
    """Whether an object in *raw*, which is one sound JSON text, may have a key twice; seldom true when none has.

    *encoded* is the compact encoding of what a decoder that keeps the last of equal keys made of *raw*. It must
    escape no colon.

    Every member has a colon after its key, and decoding drops whole members only. So *encoded* has fewer colons than
    *raw* when a member was dropped, if those that strings in *raw* spell as an escape are counted, and as many when
    none was. An escaped backslash before `u003a` looks like such an escape, and can only add to the count of *raw*.
    """
    colons = raw.count(b":")
    if _may_escape_a_colon(raw):
        colons += raw.count(b"\\u003a") + raw.count(b"\\u003A")
    return colons != encoded.count(b":")


def _may_escape_a_colon(raw: bytes) -> bool:
    """Whether a string in *raw* may have a colon, or one of its neighbours, as an escape.

    One byte is found far quicker than six, and most records have few backslashes to look behind.
    """
    place = raw.find(b"\\")
    for _ in range(_FEW_BACKSLASHES):
        if place < 0:
            return False
        if raw.startswith(b"u003", place + 1):
            return True
        place = raw.find(b"\\", place + 2)
    return b"\\u003" in raw


def duplicate_keys(raw: bytes) -> list[tuple[Place, str]]:
    """The place of each object in *raw* that has a key more than once, with that key.

    *raw* is one sound JSON text, and its nesting is limited. Keys are compared as they read once unescaped. An object
    comes before those inside it, and names each key once. An object that a later duplicate displaced is searched
    too; it is at the same place as the one that displaced it. At most `MOST_REPORTED` are returned.
    """
    value: _Value = _decoder.decode(raw.decode())
    return list(islice(_search(value, None), MOST_REPORTED))


def _search(value: _Value, place: Place) -> Iterator[tuple[Place, str]]:
    """The duplicate keys of *value*, which is at *place*, and of all inside it."""
    if isinstance(value, tuple):
        if len(dict(value)) < len(value):
            times = Counter(key for key, _ in value)
            yield from ((place, key) for key, count in times.items() if count > 1)
        inside: Iterator[tuple[Step, _Value]] = iter(value)
    elif isinstance(value, list):
        inside = enumerate(value)
    else:
        return
    for step, inner in inside:
        if inner and isinstance(inner, (tuple, list)):
            yield from _search(inner, (place, step))
