"""The shape of a producer's records: which attributes it uses, learned from records that were explained.

A record may hold any of hundreds of attributes, nested without end; a producer uses a few dozen, always the same. The
fast pass decodes into types that are made for those. An attribute that a shape lacks fails to decode, the record is
explained, and the shape learns it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from console.ocsf.schema import AT_LEAST_ONE, REQUIRED, Attribute, Definition, Schema
from console.records.model import JsonValue

_MOST_FIELDS: Final = 3_000
"""Fields of one shape. What comes beyond is explained each time."""
_NAMEABLE: Final = re.compile(r'[^"\\\x00-\x1f]*')
"""The names that fields of types can have."""


@dataclass(slots=True)
class Field:
    """An attribute that was seen at one place."""

    attribute: Attribute
    inner: ObjectShape | None
    """What was seen inside, where the attribute holds objects that the schema describes."""
    always: bool
    """Whether each object had it, and not as null."""
    nullable: bool = False
    """Whether it was seen with null for a value."""

    @property
    def is_required(self) -> bool:
        """Whether it must be there, whatever profiles are active."""
        return self.attribute.requirement == REQUIRED and not self.attribute.profiles

    def copy(self) -> Field:
        """The same as it is now."""
        inner = None if self.inner is None else self.inner.copy()
        return Field(self.attribute, inner, self.always, self.nullable)


@dataclass(slots=True)
class ObjectShape:
    """The attributes that were seen in a class or object at one place, under any profile."""

    definition: Definition
    fields: dict[str, Field] = field(default_factory=dict)
    is_seen: bool = False
    """Whether any object was seen here."""

    def copy(self) -> ObjectShape:
        """The same as it is now: a shape grows while it learns."""
        return ObjectShape(self.definition, {name: one.copy() for name, one in self.fields.items()}, self.is_seen)

    @property
    def is_complete(self) -> bool:
        """Whether an object was seen here, with all that it must have."""
        required = (
            name for name, one in self.definition.attributes.items() if one.requirement == REQUIRED and not one.profiles
        )
        return self.is_seen and all(name in self.fields for name in required)


def anchor(shape: ObjectShape, keys: Sequence[str]) -> str | None:
    """The attribute, of those that a constraint wants at least one of, that each object had so far."""
    return next((name for name in keys if name in shape.fields and shape.fields[name].always), None)


def anchors(shape: ObjectShape) -> frozenset[str]:
    """The attributes that fulfil constraints of a class or object: its type has them required."""
    found = (anchor(shape, keys) for kind, keys in shape.definition.constraints.items() if kind == AT_LEAST_ONE)
    return frozenset(name for name in found if name is not None)


class Shape:
    """What was seen in the events of one class of one OCSF version."""

    def __init__(self, schema: Schema, class_uid: int) -> None:
        self.root = ObjectShape(schema.classes[class_uid])
        self._schema = schema
        self._size = 0

    def learn(self, event: Mapping[str, JsonValue]) -> bool:
        """Take in an event without errors. Says whether anything in it was new."""
        return self._learn(self.root, event)

    def _learn(self, shape: ObjectShape, item: Mapping[str, JsonValue]) -> bool:
        news = first = not shape.is_seen
        shape.is_seen = True
        for name, value in item.items():
            found = shape.fields.get(name)
            if found is None:
                attribute = shape.definition.attributes.get(name)
                if attribute is None or self._size >= _MOST_FIELDS or not _NAMEABLE.fullmatch(name):
                    continue
                found = shape.fields[name] = self._field(attribute, always=first)
                self._size += 1
                news = True
            if value is None:
                news |= not found.nullable
                found.nullable = True
            elif found.inner is not None:
                for one in value if isinstance(value, list) else [value]:
                    if isinstance(one, dict):
                        news |= self._learn(found.inner, one)
        for name, known in shape.fields.items():
            if known.always and item.get(name) is None:
                known.always = False
                news = True
        return news

    def _field(self, attribute: Attribute, *, always: bool) -> Field:
        if attribute.object_type is None:
            return Field(attribute, None, always)
        definition = self._schema.objects[attribute.object_type]
        return Field(attribute, ObjectShape(definition) if definition.attributes else None, always)
