"""Records made from a schema: every required attribute, others by chance, values such as producers write.

Most have no error, and many have warnings: a time in seconds, an address that is none, a caption of the source's own.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from random import Random
from typing import Any, Final, TypeAlias

from console.ocsf.schema import AT_LEAST_ONE, REQUIRED, Attribute, Definition, Schema, is_active

Event: TypeAlias = dict[str, Any]

_LEVELS: Final = 3
"""Levels of objects below the event that hold more than they must."""
_TIME: Final = 1_700_000_000_000

_WORDS: Final = ("", "a", "web:01", "Zürich", "two\nlines", 'say "hi"', "back\\slash", "x" * 70, "👩‍👩‍👧", "é")
_LEAVES: Final[Mapping[str, Sequence[object]]] = {
    "boolean_t": (True, False),
    "bytestring_t": ("aGVsbG8=", "", "not base64!"),
    "datetime_t": (
        "2023-11-14T22:13:20Z",
        "2023-11-14T22:13:20",
        "2023-11-14t22:13:20.5z",
        "2023-11-15T00:13:20.000001+02:00",
        "2016-12-31T23:59:60Z",
        "2023-13-14T22:13:20Z",
        "yesterday",
    ),
    "email_t": ("ann@example.com", "ann", "ann@ex ample.com"),
    "file_hash_t": ("d41d8cd98f00b204e9800998ecf8427e", "no hash"),
    "file_name_t": ("passwd", "a file.txt", "ü"),
    "float_t": (0.5, 5, -0.0, 1e-7, 12345.678),
    "hostname_t": ("web-01.example.com", "-", "under_score"),
    "integer_t": (0, 1, -1, 5, 2**40, 2**63 - 1, -(2**63)),
    "ip_t": ("192.0.2.1", "2001:db8::1", "fe80::1%eth0", "10.0.0.300", " 192.0.2.1", "192.0.2.0/24"),
    "long_t": (0, 1, 17, 2**62),
    "mac_t": ("00:1a:2b:3c:4d:5e", "00-1A-2B-3C-4D-5E", "001a.2b3c.4d5e"),
    "path_t": ("/etc/passwd", "C:\\", ""),
    "port_t": (0, 22, 65535),
    "string_t": _WORDS,
    "subnet_t": ("192.0.2.0/24", "192.0.2.1/24", "2001:db8::/32", "192.0.2.0"),
    "timestamp_t": (_TIME, _TIME, _TIME + 1_000, _TIME // 1_000, _TIME * 1_000, _TIME * 1_000_000, 0, -5),
    "uuid_t": ("123e4567-e89b-12d3-a456-426614174000", "{123e4567-e89b-12d3-a456-426614174000}", "none"),
}


class Maker:
    """Makes events of one schema."""

    def __init__(self, schema: Schema, random: Random) -> None:
        self._schema = schema
        self._random = random
        self._profiles: frozenset[str] = frozenset()

    def event(self, class_uid: int, profiles: Collection[str] = ()) -> Event:
        """An event of a class under these profiles."""
        self._profiles = frozenset(profiles)
        event = self._item(self._schema.classes[class_uid], _LEVELS)
        event["class_uid"] = class_uid
        if isinstance(activity := event.get("activity_id"), int):
            event["type_uid"] = class_uid * 100 + activity
        metadata = event["metadata"]
        metadata["version"] = self._schema.version
        metadata.pop("profiles", None)
        if profiles or self._random.random() < 0.3:
            metadata["profiles"] = list(profiles)
        if self._random.random() < 0.9:
            event.pop("observables", None)
        return self._shuffled(event)

    def some_profiles(self) -> list[str]:
        """A few of the profiles that there are; often none."""
        known = sorted(self._schema.profiles)
        return self._random.sample(known, self._random.choice((0, 0, 1, 2, min(5, len(known)))))

    def value(self, attribute: Attribute, levels: int = 1) -> object:
        """A value of an attribute, under the profiles of the last event."""
        if attribute.is_array:
            return [self._element(attribute, levels) for _ in range(self._random.choice((0, 1, 1, 2, 3)))]
        return self._element(attribute, levels)

    def free(self, levels: int) -> object:
        """Content that no schema describes, of about so many levels."""
        kind = self._random.random() if levels > 0 else 1.0
        if kind < 0.4:
            return {word: self.free(levels - 1) for word in self._random.sample(_WORDS, 2)}
        if kind < 0.7:
            return [self.free(levels - 1) for _ in range(self._random.randrange(3))]
        return self._random.choice((None, True, 7, -1.5, 1e22, "text", "a:b", 2**53))

    def _item(self, definition: Definition, levels: int) -> Event:
        active = {name: one for name, one in definition.attributes.items() if is_active(one, self._profiles)}
        item: Event = {name: self.value(active[name], levels - 1) for name in self._chosen(definition, active, levels)}
        self._caption(item, active)
        bound = {key for keys in definition.constraints.values() for key in keys}
        for name in item:
            if active[name].requirement != REQUIRED and name not in bound and self._random.random() < 0.03:
                item[name] = None
        return self._shuffled(item)

    def _chosen(self, definition: Definition, active: Mapping[str, Attribute], levels: int) -> list[str]:
        """The names of the attributes that an object gets."""
        share = min(1.0, 8 / len(active)) if levels > 0 else 0.0
        chosen = {name for name, one in active.items() if one.requirement == REQUIRED or self._random.random() < share}
        for kind, keys in definition.constraints.items():
            there = [key for key in keys if key in active]
            if kind == AT_LEAST_ONE and chosen.isdisjoint(there):
                chosen.update(self._random.sample(there, min(1, len(there))))
            elif kind != AT_LEAST_ONE:
                chosen = chosen.difference(there) | set(self._random.sample(there, min(1, len(there))))
        return [name for name in active if name in chosen]

    def _caption(self, item: Event, active: Mapping[str, Attribute]) -> None:
        """Give enum values the captions that belong to them."""
        for name, value in item.items():
            enum, sibling = active[name].enum, active[name].sibling
            if enum is None or sibling not in item:
                continue
            if isinstance(value, list):
                item[sibling] = ["Mine" if one == 99 else enum.captions[str(one)] for one in value]
            elif value != 99:
                item[sibling] = enum.captions[str(value)]
            else:
                item[sibling] = self._random.choice(("Mine", "Other", "Very own"))

    def _element(self, attribute: Attribute, levels: int) -> object:
        if attribute.object_type is not None:
            definition = self._schema.objects[attribute.object_type]
            if definition.attributes:
                return self._item(definition, levels)
            return {word: self.free(3) for word in self._random.sample(_WORDS, self._random.randrange(4))}
        primitive = self._schema.primitive(attribute.type)
        if attribute.enum is not None:
            text = self._random.choice(list(attribute.enum.captions))
            return text if primitive == "string_t" else int(text)
        if primitive == "json_t":
            return self.free(3)
        # Twice the first, which is what it should be.
        leaves = _LEAVES.get(attribute.type) or _LEAVES[primitive]
        return self._random.choice((leaves[0], *leaves))

    def _shuffled(self, item: Event) -> Event:
        names = list(item)
        self._random.shuffle(names)
        return {name: item[name] for name in names}
