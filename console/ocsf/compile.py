"""A schema export, as the official OCSF server writes it, to our compact `Schema`.

Two formats are read. The legacy export (`/export/schema`) has `types` at its top and one `profile` an attribute; the
v2 export (`/export/v2/schema`, and the output of ocsf-schema-compiler) has them inside `dictionary` and a list of
`profiles`. In both, all inheritance is already resolved.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import msgspec
from msgspec import Struct, field

from console.display import safe_text
from console.errors import BadInput
from console.ocsf.schema import OBJECT, Attribute, Definition, Schema


class _Deprecation(Struct):
    since: str = "?"


class _EnumValue(Struct):
    caption: str


class _Attribute(Struct):
    type: str
    object_type: str | None = None
    is_array: bool = False
    requirement: str = "optional"
    # null is not "unknown" but a statement: it cancels the profile that an included attribute set would bring.
    profile: str | None = None
    profiles: list[str] | None = None
    enum: dict[str, _EnumValue] | None = None
    sibling: str | None = None
    deprecated: _Deprecation | None = field(name="@deprecated", default=None)


class _Definition(Struct):
    name: str
    attributes: dict[str, _Attribute]
    uid: int | None = None
    profiles: list[str] = []


class _Type(Struct):
    type: str | None = None


class _TypeTable(Struct):
    attributes: dict[str, _Type]


class _Dictionary(Struct):
    types: _TypeTable


class _Export(Struct):
    version: str
    classes: dict[str, _Definition]
    objects: dict[str, _Definition]
    # Only in the legacy format.
    types: dict[str, _Type] | None = None
    # Only in the v2 format.
    dictionary: _Dictionary | None = None
    profiles: dict[str, msgspec.Raw] | None = None


_DECODER: Final = msgspec.json.Decoder(_Export)


def compile_export(raw: bytes) -> Schema:
    """Turn the JSON of an export into a `Schema`. Raises `BadInput` when it isn't one, or contradicts itself."""
    try:
        export = _DECODER.decode(raw)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise BadInput(f"This is not an OCSF schema export: {safe_text(error, width=200)}.") from error
    schema = Schema(
        version=export.version,
        classes=_classes(export),
        objects={key: _definition(found) for key, found in export.objects.items()},
        types=_types(export),
        profiles=_profiles(export),
    )
    _refuse_dangling(schema)
    return schema


def _classes(export: _Export) -> dict[int, Definition]:
    """The classes by uid. (Legacy exports have the base event beside them as well, but without its profiles.)"""
    return {one.uid: _definition(one) for one in export.classes.values() if one.uid is not None}


def _types(export: _Export) -> dict[str, str]:
    """Each data type and its primitive."""
    if export.types is not None:
        types = export.types
    elif export.dictionary is not None:
        types = export.dictionary.types.attributes
    else:
        raise BadInput("This schema export has no data types.", hint="Export it again, whole.")
    return {name: one.type or name for name, one in types.items()}


def _profiles(export: _Export) -> frozenset[str]:
    """The known profiles. The legacy export has no list of them: they are those that anything in it names."""
    if export.profiles is not None:
        return frozenset(export.profiles)
    named: set[str] = set()
    for definition in (*export.classes.values(), *export.objects.values()):
        named.update(definition.profiles)
        named.update(*(_attribute_profiles(one) for one in definition.attributes.values()))
    return frozenset(named)


def _attribute_profiles(found: _Attribute) -> tuple[str, ...]:
    if found.profiles is not None:
        return tuple(found.profiles)
    return () if found.profile is None else (found.profile,)


def _definition(found: _Definition) -> Definition:
    return Definition(
        name=found.name,
        attributes={name: _attribute(one) for name, one in found.attributes.items()},
    )


def _attribute(found: _Attribute) -> Attribute:
    return Attribute(
        type=found.type,
        object_type=found.object_type if found.type == OBJECT else None,
        is_array=found.is_array,
        requirement=found.requirement,
        profiles=_attribute_profiles(found),
        enum=None if found.enum is None else _captions(found.enum),
        sibling=found.sibling,
        deprecated=None if found.deprecated is None else found.deprecated.since,
    )


def _captions(enum: dict[str, _EnumValue]) -> dict[str, str]:
    """The values of an enum in the order in which a person would list them: numbers by size, then words."""

    def order(value: str) -> tuple[bool, int, str]:
        return (False, len(value), value) if value.isdecimal() else (True, 0, value)

    return {value: enum[value].caption for value in sorted(enum, key=order)}


def _refuse_dangling(schema: Schema) -> None:
    """Raise `BadInput` when an attribute's type is defined nowhere."""
    for owner, name, attribute in _attributes(schema):
        known = attribute.object_type in schema.objects if attribute.type == OBJECT else attribute.type in schema.types
        if not known:
            missing = attribute.object_type if attribute.type == OBJECT else attribute.type
            raise BadInput(
                f"This schema export is incomplete: {safe_text(owner, width=80)}.{safe_text(name, width=80)} is of "
                f"type {safe_text(missing, width=80)}, which it does not define.",
                hint="Export it again, with all its extensions.",
            )


def _attributes(schema: Schema) -> Iterator[tuple[str, str, Attribute]]:
    """Every attribute, with the names of its owner and of itself."""
    for definition in (*schema.classes.values(), *schema.objects.values()):
        for name, attribute in definition.attributes.items():
            yield definition.name, name, attribute
