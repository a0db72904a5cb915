"""No duplicate key escapes, however it is written, and the quick look never contradicts the exact one."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from typing import TypeAlias

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from console.ocsf.duplicate_keys import MOST_REPORTED, duplicate_keys, may_hold_duplicates
from console.ocsf.place import spell


@dataclass(frozen=True)
class Object:
    """An object as it is written: with every member, in order."""

    members: tuple[tuple[str, Tree], ...]


Tree: TypeAlias = "Object | list[Tree] | str | int | float | bool | None"

# Few and tricky, so that keys often meet again and colons hide in strings.
texts = st.text(st.sampled_from(':aA\\"u03/\n\x01é\U0001f600'), max_size=3) | st.sampled_from(["\\u003a", "a:b", "::"])
scalars = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | texts
trees: st.SearchStrategy[Tree] = st.recursive(
    scalars,
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.lists(st.tuples(texts, inner), max_size=5).map(lambda members: Object(tuple(members)))
    ),
    max_leaves=20,
)
objects = st.lists(st.tuples(texts, trees), max_size=6).map(lambda members: Object(tuple(members)))


@dataclass(frozen=True)
class Writer:
    """Writes a tree as JSON, with white space and escapes as *draw* has it."""

    draw: st.DrawFn

    def write(self, tree: Tree) -> str:
        match tree:
            case Object(members):
                inside = [f"{self.text(key)}{self.gap()}:{self.write(value)}" for key, value in members]
                written = f"{{{f'{self.gap()},{self.gap()}'.join(inside)}{self.gap()}}}"
            case list():
                written = f"[{','.join(map(self.write, tree))}{self.gap()}]"
            case str():
                written = self.text(tree)
            case _:
                written = msgspec.json.encode(tree).decode()
        return f"{self.gap()}{written}"

    def gap(self) -> str:
        return self.draw(st.sampled_from(["", "", "", " ", "\n\t"]))

    def text(self, text: str) -> str:
        return f'"{"".join(map(self.character, text))}"'

    def character(self, character: str) -> str:
        units = character.encode("utf-16-be")
        style = self.draw(st.sampled_from(["plain", "plain", "x", "X"]))
        if style == "plain":
            return msgspec.json.encode(character).decode()[1:-1]
        return "".join(f"\\u{int.from_bytes(units[at : at + 2]):04{style}}" for at in range(0, len(units), 2))


@st.composite
def documents(draw: st.DrawFn) -> tuple[Object, bytes]:
    tree = draw(objects)
    return tree, Writer(draw).write(tree).encode()


def repeated(tree: Tree, path: str = "") -> Iterator[str]:
    """The oracle: the path of every key that an object of *tree* has twice, an object before those inside it."""
    if isinstance(tree, Object):
        keys = [key for key, _ in tree.members]
        for at, key in enumerate(keys):
            if keys.count(key) > 1 and keys.index(key) == at:
                yield f"{path}.{key}" if path else key
        for key, value in tree.members:
            yield from repeated(value, f"{path}.{key}" if path else key)
    if isinstance(tree, list):
        for index, value in enumerate(tree):
            yield from repeated(value, f"{path}[{index}]")


def spelled(raw: bytes) -> list[str]:
    return [spell(holder, key) for holder, key in duplicate_keys(raw)]


def may(raw: bytes) -> bool:
    return may_hold_duplicates(raw, msgspec.json.encode(msgspec.json.decode(raw)))


@given(documents())
def test_every_duplicate_key_is_found_at_its_place(document: tuple[Object, bytes]) -> None:
    tree, raw = document
    assert spelled(raw) == list(islice(repeated(tree), MOST_REPORTED))


@given(documents())
def test_the_quick_look_misses_no_duplicate_and_seldom_errs(document: tuple[Object, bytes]) -> None:
    tree, raw = document
    if list(repeated(tree)):
        assert may(raw)
    elif b"\\\\u003" not in raw:
        assert not may(raw)


@pytest.mark.parametrize(
    "raw",
    [
        rb'{"a":1,"a":"\u003a"}',
        rb'{"a":1,"a":"\u003A"}',
        rb'{"a":":","a":"\u003a\u003a"}',
        rb'{"a":"\u003a","a":"\u003a"}',
        rb'{"a":"\\u003a","a":"\u003a"}',
        rb'{"a\u003a":1,"a:":2}',
        rb'{"b":"\\\u003a","a":{"b":{"c":1}},"a":1,"x":"\u003a\u003A"}',
    ],
)
def test_escaped_colons_balance_nothing(raw: bytes) -> None:
    assert duplicate_keys(raw)
    assert may(raw)


@pytest.mark.parametrize(
    "raw",
    [
        b'{"time": "12:00:00", "url": "https://example.com:80/"}',
        rb'{"a":"\u003a \u003A","b\u003a":"line\n \u003cb\u003e"}',
        b'{"a": {"a": {"a": []}}, "b": [{"a": 1}, {"a": 1}]}',
        b'{"\\u0061": 1, "A": 2}',
        b'{"n": -1.5e3, "i": 123456789012345678901234567890}',
    ],
)
def test_the_quick_look_clears_what_has_no_duplicate(raw: bytes) -> None:
    assert not may(raw)
    assert duplicate_keys(raw) == []


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        (b'{"a":1,"a":2,"a":3}', ["a"]),
        (rb'{"a":1,"\u0061":2}', ["a"]),
        (rb'{"\ud83d\ude00":1,"' + "\U0001f600".encode() + b'":2}', ["\U0001f600"]),
        (b'{"":1,"":2}', [""]),
        (b'{"r":[{"b":1},{"c":{"b":1,"b":2}}]}', ["r[1].c.b"]),
        (b'{"z":{"y":1,"y":2},"b":1,"a":1,"a":2,"b":2}', ["b", "a", "z.y"]),
    ],
)
def test_a_key_is_named_once_for_its_object(raw: bytes, expected: list[str]) -> None:
    assert spelled(raw) == expected


def test_what_a_later_duplicate_displaced_is_searched_too() -> None:
    assert spelled(b'{"a":{"b":1,"b":2},"a":{"c":{"d":1,"d":1}}}') == ["a", "a.b", "a.c.d"]
    assert spelled(b'{"a":{"b":1,"b":2},"a":7}') == ["a", "a.b"]


def test_no_more_are_reported_than_a_person_can_read() -> None:
    raw = b"[" + b",".join([b'{"a":1,"a":2}'] * (MOST_REPORTED + 1)) + b"]"
    assert spelled(raw)[-1] == f"[{MOST_REPORTED - 1}].a"
    assert len(duplicate_keys(raw)) == MOST_REPORTED


def test_a_deep_record_and_a_long_number_are_searched() -> None:
    nines = b"9" * 400
    raw = b'{"a":' * 63 + b'{"n":' + nines + b',"n":-0.' + nines + b"e9}" + b"}" * 63
    assert spelled(raw) == [".".join(["a"] * 63 + ["n"])]
