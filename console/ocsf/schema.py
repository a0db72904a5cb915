"""The facts of one OCSF version, as compact values: what classes and objects hold, and of which type.

Made by `console.ocsf.compile`, kept by `console.ocsf.store`. No prose is kept but the captions of enum values.
"""

from __future__ import annotations

from typing import Final, TypeAlias

from msgspec import Struct

OBJECT: Final = "object_t"
"""The type of every attribute whose value is an object. Which one, says `Attribute.object_type`."""

REQUIRED: Final = "required"
RECOMMENDED: Final = "recommended"
"""Requirements of an attribute: one that must be there, and one that should. The third is `optional`."""

AT_LEAST_ONE: Final = "at_least_one"
JUST_ONE: Final = "just_one"
"""The kinds of constraints that are known."""

Constraints: TypeAlias = dict[str, tuple[str, ...]]
"""The attributes of which some must be there, by the kind of constraint."""


class Enum(Struct, frozen=True, array_like=True, gc=False):
    """The values that an attribute may have."""

    captions: dict[str, str]
    """Allowed values, as text (`"99"`, also for integers), with their captions."""
    deprecated: dict[str, str]
    """Those that should not be used, with the version since which."""


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
    enum: Enum | None
    sibling: str | None
    """The attribute beside this one that holds the caption of its enum value."""
    deprecated: str | None
    """The version since which it should not be used."""
    observable: int | None
    """The `type_id` of an observable that this attribute makes; None where its type or object tells."""


class Definition(Struct, frozen=True, array_like=True, gc=False):
    """A class or an object: its name, and what it may hold."""

    name: str
    """Without the prefix of an extension: `reg_key`, where the key in the schema is `win/reg_key`."""
    attributes: dict[str, Attribute]
    """By name. Empty for an object that may hold anything, such as the one of `unmapped`."""
    profiles: tuple[str, ...]
    """The profiles that it says it can be used with."""
    constraints: Constraints
    deprecated: str | None
    """The version since which it should not be used."""
    observable: int | None
    """The `type_id` of an observable that such an object makes."""


class DataType(Struct, frozen=True, array_like=True, gc=False):
    """A type of scalar values, and what it asks of them."""

    base: str | None
    """The type that it is made from; None for a primitive type. Only one level deep in every published version."""
    regex: str | None
    """What a text must hold a match of."""
    range: tuple[int | float, int | float] | None
    """The smallest and the largest number."""
    max_len: int | None
    """Characters, as a reader counts them."""
    values: tuple[bool | int | float | str, ...] | None
    """All values that there are."""
    observable: int | None
    """The `type_id` of an observable that such a value makes."""


class Schema(Struct, frozen=True, array_like=True, gc=False):
    """Everything that one OCSF version defines."""

    version: str
    classes: dict[int, Definition]
    """By `class_uid`. 0 is the base event."""
    objects: dict[str, Definition]
    types: dict[str, DataType]
    profiles: frozenset[str]
    """The names that `metadata.profiles` may hold."""

    def primitive(self, type_name: str) -> str:
        """The type that a data type is made from in the end: `integer_t` for `port_t`, itself for `integer_t`."""
        return self.types[type_name].base or type_name


def is_active(attribute: Attribute, profiles: frozenset[str]) -> bool:
    """Whether an attribute exists in a record under these active profiles."""
    return not attribute.profiles or not profiles.isdisjoint(attribute.profiles)
