"""The facts of one OCSF version, as compact values: what classes and objects hold, and of which type.

Made by `console.ocsf.compile`, kept by `console.ocsf.store`. No prose is kept but the captions of enum values.
"""

from __future__ import annotations

from typing import Final

from msgspec import Struct

OBJECT: Final = "object_t"
"""The type of every attribute whose value is an object. Which one, says `Attribute.object_type`."""

REQUIRED: Final = "required"
"""The requirement of an attribute that must be there. The others are `recommended` and `optional`."""


class Attribute(Struct, frozen=True, array_like=True, gc=False):
    """What one class or object says of one of its attributes."""

    type: str
    """A key of `Schema.types`, or `OBJECT`."""
    object_type: str | None
    """A key of `Schema.objects`; None for everything but objects."""
    is_array: bool
    requirement: str
    profiles: tuple[str, ...]
    """The attribute exists only where one of these profiles is active; always, when empty."""
    enum: dict[str, str] | None
    """Allowed values, as text (`"99"`, also for integers), with their captions."""
    sibling: str | None
    """The attribute beside this one that holds the caption of its enum value."""
    deprecated: str | None
    """The version since which it should not be used."""


class Definition(Struct, frozen=True, array_like=True, gc=False):
    """A class or an object: its name, and what it may hold."""

    name: str
    """Without the prefix of an extension: `reg_key`, where the key in the schema is `win/reg_key`."""
    attributes: dict[str, Attribute]
    """By name. Empty for an object that may hold anything, such as the one of `unmapped`."""


class Schema(Struct, frozen=True, array_like=True, gc=False):
    """Everything that one OCSF version defines."""

    version: str
    classes: dict[int, Definition]
    """By `class_uid`. 0 is the base event."""
    objects: dict[str, Definition]
    types: dict[str, str]
    """Each data type with the primitive that it is made from: `port_t` to `integer_t`, `integer_t` to itself."""
    profiles: frozenset[str]
    """The names that `metadata.profiles` may hold."""
