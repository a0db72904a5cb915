"""Damage to events, one fault at a time, in their values and in their bytes."""

from __future__ import annotations

import copy
import json
import re
from collections.abc import Callable, Sequence
from random import Random
from typing import Any, Final, TypeAlias

from console.ocsf.schema import Schema
from tests.ocsf.generated import Event, Maker

_VERSIONS: Final[Sequence[object]] = (
    *("1.0.0-rc.2", "1.1.0", "1.5.0", "1.5.1", "1.8.0", "1.8.0+build", "0.9.0", "1.2.0-dev"),
    *("2.0.0", "abc", "", None, 1, 1.5, []),
)
_SCALARS: Final[Sequence[object]] = (
    *(None, True, False, 0, 1, -1, 5, 42, 99, 65536, 2**53, 2**63 - 1, -(2**63)),
    *(2**63, -(2**63) - 1, 2**64, 2**127, 2**300),
    *(0.0, -0.0, 1.0, 99.0, 1.5, 1e300, 0.1),
    *("", "1", "99", "true", "Other", "Unknown", "x" * 41, "x" * 65, "e\u0301" * 40, "x" * 70_000, "a:b", "\\u003a"),
    *("2023-11-14T22:13:20", "2023-02-30T00:00:00Z", "192.0.2.1", "192.0.2.1/24", "1.8.0", "cloud", "time"),
)
_CONTAINERS: Final[Sequence[object]] = (
    [],
    {},
    [None],
    [[]],
    [{}],
    {"": None},
    {"a": {"b": [1]}},
    [1, "a", True],
    ["", None],
)

Spot: TypeAlias = "tuple[dict[str, Any], str] | tuple[list[Any], int]"
"""What holds a value, and the key or the index of that."""
Damage: TypeAlias = Callable[[Event, Maker, Schema, Random], None]
ByteDamage: TypeAlias = Callable[[bytes, Random], bytes]


def damaged(event: Event, maker: Maker, schema: Schema, random: Random) -> bytes:
    """The bytes of an event after something was done to it, mostly one thing."""
    changed = copy.deepcopy(event)
    for _ in range(random.choice((0, 1, 1, 1, 2, 4))):
        random.choice(_DAMAGES)(changed, maker, schema, random)
    raw = written(changed, random)
    return random.choice(_BYTE_DAMAGES)(raw, random) if random.random() < 0.4 else raw


def written(event: Event, random: Random) -> bytes:
    """The bytes of an event in one of the ways that JSON is written, on one line."""
    separators = random.choice(((",", ":"), (", ", ": "), (" , ", " : ")))
    return json.dumps(event, ensure_ascii=random.random() < 0.5, separators=separators).encode()


def spots(value: object) -> list[Spot]:
    """Every place in a JSON value."""
    found: list[Spot] = []
    if isinstance(value, dict):
        found += [(value, key) for key in value]
    elif isinstance(value, list):
        found += [(value, index) for index in range(len(value))]
    return [*found, *(spot for holder, key in found for spot in spots(holder[key]))]  # type: ignore[index]  # keys fit


def _any_object(event: Event, random: Random) -> Event:
    objects = [event, *(holder for holder, _ in spots(event) if isinstance(holder, dict))]
    return random.choice(objects)


def _drop(event: Event, _maker: Maker, _schema: Schema, random: Random) -> None:
    holder = _any_object(event, random)
    holder.pop(random.choice([*holder, "time"]), None)


def _rename(event: Event, _maker: Maker, schema: Schema, random: Random) -> None:
    holder = _any_object(event, random)
    key = random.choice([*holder, "time"])
    other = random.choice([key + "x", key.upper(), "", "name", *random.choice([*schema.objects.values()]).attributes])
    holder[other] = holder.pop(key, None)


def _replace(event: Event, _maker: Maker, _schema: Schema, random: Random) -> None:
    holder, key = random.choice(spots(event))
    holder[key] = copy.deepcopy(random.choice((*_SCALARS, *_CONTAINERS)))  # type: ignore[index]  # the key fits


def _swap(event: Event, _maker: Maker, _schema: Schema, random: Random) -> None:
    """Put a value of the event in the place of another."""
    places = spots(event)
    (holder, key), (other, from_key) = random.choice(places), random.choice(places)
    holder[key] = copy.deepcopy(other[from_key])  # type: ignore[index]  # the keys fit


def _add(event: Event, maker: Maker, schema: Schema, random: Random) -> None:
    """Add an attribute of the class: perhaps one of another profile, perhaps a deprecated one."""
    uid = event.get("class_uid")
    attributes = schema.classes[uid if type(uid) is int and uid in schema.classes else 0].attributes
    deprecated = [name for name, one in attributes.items() if one.deprecated is not None]
    name = random.choice(random.choice((deprecated, [*attributes])) or [*attributes])
    event[name] = maker.value(attributes[name])


def _into_list(event: Event, _maker: Maker, _schema: Schema, random: Random) -> None:
    lists = [holder[key] for holder, key in spots(event) if isinstance(holder[key], list)]  # type: ignore[index]  # fits
    if lists:
        one = random.choice(lists)
        one.insert(random.randrange(len(one) + 1), random.choice((None, *one, *_SCALARS[:8])))


def _deepen(event: Event, _maker: Maker, _schema: Schema, random: Random) -> None:
    value: object = random.choice((1, None, []))
    for _ in range(random.choice((4, 5, 6, 7, 8, 61, 62, 63, 64, 70))):
        value = [value] if random.random() < 0.5 else {"a": value}
    if random.random() < 0.5:
        event["unmapped"] = {"a": value}
    else:
        _any_object(event, random)["data"] = value


def _version(event: Event, _maker: Maker, _schema: Schema, random: Random) -> None:
    if isinstance(event.get("metadata"), dict):
        event["metadata"]["version"] = random.choice(_VERSIONS)


def _profiles(event: Event, maker: Maker, _schema: Schema, random: Random) -> None:
    if isinstance(event.get("metadata"), dict):
        some = maker.some_profiles()
        event["metadata"]["profiles"] = random.choice(
            (some, some, some * 2, [*some, "no"], [*some, None], None, "host")
        )


def _class(event: Event, _maker: Maker, schema: Schema, random: Random) -> None:
    uid = event.get("class_uid")
    event["class_uid"] = random.choice((random.choice([*schema.classes]), str(uid), None, True, [uid], -1))


_DAMAGES: Final[Sequence[Damage]] = (
    *(_drop, _rename, _replace, _replace, _replace, _swap, _add, _add, _into_list, _deepen),
    *(_version, _profiles, _class),
)


def _some_match(pattern: bytes, raw: bytes, random: Random) -> re.Match[bytes]:
    return random.choice([*re.finditer(pattern, raw)])


def _repeat_key(raw: bytes, random: Random) -> bytes:
    """Put a key twice into an object: with another value before, as it is or with an escape."""
    at = _some_match(rb'([{,]\s*)(?="((?:[^"\\]|\\.)*)"\s*:)', raw, random)
    key = at[2]
    if key and random.random() < 0.3 and key[:1] not in b"\\" and key.isascii():
        key = b"\\u%04x" % key[0] + key[1:]
    value = random.choice((b"1", b"null", b'"a:b"', b"{}", b'{"a":1,"a":2}'))
    return raw[: at.end()] + b'"' + key + b'":' + value + b"," + raw[at.end() :]


def _new_number(raw: bytes, random: Random) -> bytes:
    at = _some_match(rb"(?<=[:\[, ])-?[0-9]+(?=[\],}\s])", raw, random)
    number = at[0]
    new = random.choice(
        (
            *(number + b".0", number + b"e0", number + b"." + b"0" * 500, number + b"." + b"1" * 200, b"-0", b"-0.0"),
            *(b"NaN", b"-Infinity", b"1e400", b"1E-400", b"9" * 30, b"9" * 500, b"0" + number, b"1." + b"5" * 17),
        )
    )
    return raw[: at.start()] + new + raw[at.end() :]


def _escape_colon(raw: bytes, random: Random) -> bytes:
    """Write colons in strings as escapes, or what looks like them into one."""
    texts = re.sub(
        rb'"(?:[^"\\]|\\.)*"', lambda text: text[0].replace(b":", random.choice((rb"\u003a", rb"\u003A"))), raw
    )
    return texts if texts != raw else raw.replace(b'"a"', rb'"a\\u003a"')


def _escape_letters(raw: bytes, _random: Random) -> bytes:
    return raw.replace(b'"t', b'"\\u0074').replace(b"/", b"\\/")


def _break_text(raw: bytes, random: Random) -> bytes:
    at = _some_match(rb'"(?=[a-z0-9])', raw, random).end()
    broken = (b"\xff", b"\xc3", b"\\ud800", b"\\udc00x", b"\\ud83d\\ude00", b"\x00", b"\n", b"\\x", b"\xed\xa0\x80")
    return raw[:at] + random.choice(broken) + raw[at:]


def _cut(raw: bytes, random: Random) -> bytes:
    return raw[: random.randrange(len(raw))]


def _follow(raw: bytes, random: Random) -> bytes:
    return random.choice((b" ", b"\t\r", b"[", b"")) + raw + random.choice((b" ", b"\r", b"x", b"{}", b"\x00", b","))


def _flip(raw: bytes, random: Random) -> bytes:
    at = random.randrange(len(raw))
    return raw[:at] + bytes((random.randrange(256),)) + raw[at + 1 :]


_BYTE_DAMAGES: Final[Sequence[ByteDamage]] = (
    *(_repeat_key, _repeat_key, _new_number, _new_number, _escape_colon, _escape_letters, _break_text),
    *(_cut, _follow, _flip),
)
