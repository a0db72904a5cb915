"""A schema export, as the official OCSF server writes it, to our compact `Schema`.

Two formats are read. The legacy export (`/export/schema`) has `types` at its top and one `profile` an attribute; the
v2 export (`/export/v2/schema`, and the output of ocsf-schema-compiler) has them inside `dictionary` and a list of
`profiles`. In both, all inheritance is already resolved.
"""

from __future__ import annotations

import codecs
from collections.abc import Collection, Iterator
from typing import Annotated, Final, TypeAlias

import msgspec
from msgspec import Meta, Raw, Struct, field

from console.display import safe_text
from console.errors import BadInput
from console.ocsf.schema import OBJECT, Attribute, DataType, Definition, Enum, Schema
from console.ocsf.versions import Version

_HINT: Final = (
    "Take what an OCSF server answers at /export/schema or /export/v2/schema, or what ocsf-schema-compiler writes."
)
_WHOLE: Final = "Export it again, whole."
_INCOMPLETE: Final = "Export it again, with all its extensions."
_PRIMITIVES: Final = frozenset(("boolean_t", "float_t", "integer_t", "json_t", "long_t", "string_t", OBJECT))
"""The types that OCSF itself has; all others are made from them."""

# The cache can hold no larger ones.
_Integer: TypeAlias = Annotated[int, Meta(ge=-(2**63), le=2**63 - 1)]


class _Deprecation(Struct, gc=False):
    since: str = "?"


class _EnumValue(Struct, gc=False):
    caption: str
    deprecated: _Deprecation | None = field(name="@deprecated", default=None)


class _Attribute(Struct, gc=False):
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
    observable: _Integer | None = None
    extension: str | None = None


class _Definition(Struct, gc=False):
    name: str
    attributes: dict[str, _Attribute]
    uid: _Integer | None = None
    profiles: list[str] = []
    constraints: dict[str, list[str]] = {}
    deprecated: _Deprecation | None = field(name="@deprecated", default=None)
    observable: _Integer | None = None
    extension: str | None = None


class _Type(Struct, gc=False):
    type: str | None = None
    regex: str | None = None
    range: tuple[_Integer | float, _Integer | float] | None = None
    max_len: _Integer | None = None
    values: list[bool | _Integer | float | str] | None = None
    observable: _Integer | None = None


class _TypeTable(Struct, gc=False):
    attributes: dict[str, _Type]


class _Dictionary(Struct, gc=False):
    types: _TypeTable


class _Export(Struct, gc=False):
    version: str
    classes: dict[str, _Definition]
    objects: dict[str, _Definition]
    # Only in the legacy format.
    types: dict[str, _Type] | None = None
    # Only in the v2 format.
    dictionary: _Dictionary | None = None
    profiles: dict[str, Raw] | None = None
    extensions: dict[str, Raw] | None = None


_DECODER: Final = msgspec.json.Decoder(_Export)
_KEYS: Final = msgspec.json.Decoder(dict[str, Raw])


def compile_export(raw: bytes) -> Schema:
    """Turn the JSON of an export into a `Schema`. Raises `BadInput` when it isn't one, or contradicts itself."""
    export = _decode(raw)
    schema = Schema(
        version=_version(export),
        classes=_classes(export),
        objects={key: _definition(found) for key, found in export.objects.items()},
        types=_types(export),
        profiles=_profiles(export),
    )
    _refuse_baseless(schema)
    _refuse_dangling(schema)
    return schema


def extensions_in(raw: bytes) -> frozenset[str]:
    """The names of the extensions that an export was made with. Raises `BadInput` when it is no export."""
    export = _decode(raw)
    if export.extensions is not None:
        return frozenset(export.extensions)
    # The legacy format has no list of them: they are those that anything in it comes from.
    named: set[str | None] = set()
    for definition in (*export.classes.values(), *export.objects.values()):
        named.add(definition.extension)
        named.update(one.extension for one in definition.attributes.values())
    return frozenset(name for name in named if name is not None)


def _decode(raw: bytes) -> _Export:
    raw = raw.removeprefix(codecs.BOM_UTF8)
    try:
        return _DECODER.decode(raw)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise BadInput(f"This is not an OCSF schema export: {_why_not(raw, error)}.", hint=_HINT) from error


def _why_not(raw: bytes, error: Exception) -> str:
    """What *raw* is instead, where that can be told: it leads to the right file."""
    if raw.startswith(b"\x1f\x8b"):
        return "it is compressed; unpack it first"
    if raw[:1_000].lstrip().startswith(b"<"):
        return "it is a web page"
    try:
        keys = _KEYS.decode(raw).keys()
    except msgspec.ValidationError:
        return "it is a list or a single value, as a finding file may be"
    except RecursionError:
        return "it is nested more deeply than any export"
    except (msgspec.DecodeError, UnicodeDecodeError) as malformed:
        return f"it is not JSON ({safe_text(malformed, width=200).rstrip('.')})"
    return _what_has(keys) or safe_text(error, width=200)


def _what_has(keys: Collection[str]) -> str:
    """What a JSON document with these keys is, or lacks; empty where they are those of an export."""
    if "class_uid" in keys or "events" in keys:
        return "it is a finding file"
    if "$schema" in keys:
        return "it is a JSON Schema, which says less than an export"
    missing = [f"`{key}`" for key in ("version", "classes", "objects") if key not in keys]
    return f"it has no {' and no '.join(missing)}" if missing else ""


def _version(export: _Export) -> str:
    """The export's version, without build metadata."""
    version = Version.parse(export.version)
    if version is None:
        raise BadInput(
            f"This schema export calls its version {safe_text(export.version, width=40)!r}.",
            hint="A version is three numbers, such as 1.9.0 or 1.9.0-dev. Correct it in the schema, and export again.",
        )
    return str(version)


def _classes(export: _Export) -> dict[int, Definition]:
    """The classes by uid. (Legacy exports have the base event beside them as well, but without its profiles.)"""
    classes: dict[int, Definition] = {}
    for key, found in export.classes.items():
        if found.uid is None:
            raise BadInput(f"This schema export is broken: its class {safe_text(key, width=80)} has no uid.")
        if found.uid in classes:
            one, other = (safe_text(name, width=80) for name in (classes[found.uid].name, key))
            raise BadInput(
                f"This schema export is broken: its classes {one} and {other} have the same uid {found.uid}."
            )
        classes[found.uid] = _definition(found)
    if not classes:
        raise BadInput("This schema export has no classes.", hint=_WHOLE)
    return classes


def _types(export: _Export) -> dict[str, DataType]:
    """The data types by name."""
    if export.types is not None:
        types = export.types
    elif export.dictionary is not None:
        types = export.dictionary.types.attributes
    else:
        raise BadInput("This schema export has no data types.", hint=_WHOLE)
    return {
        name: DataType(
            base=one.type,
            regex=one.regex,
            range=one.range,
            max_len=one.max_len,
            values=None if one.values is None else tuple(one.values),
            observable=one.observable,
        )
        for name, one in types.items()
    }


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
        profiles=tuple(found.profiles),
        constraints={kind: tuple(keys) for kind, keys in found.constraints.items()},
        deprecated=_since(found.deprecated),
        observable=found.observable,
    )


def _attribute(found: _Attribute) -> Attribute:
    return Attribute(
        type=found.type,
        object_type=found.object_type if found.type == OBJECT else None,
        is_array=found.is_array,
        requirement=found.requirement,
        profiles=_attribute_profiles(found),
        enum=None if found.enum is None else _enum(found.enum),
        sibling=found.sibling,
        deprecated=_since(found.deprecated),
        observable=found.observable,
    )


def _since(deprecation: _Deprecation | None) -> str | None:
    return None if deprecation is None else deprecation.since


def _enum(found: dict[str, _EnumValue]) -> Enum:
    """The values of an enum in the order in which a person would list them: numbers by size, then words."""

    def order(value: str) -> tuple[bool, int, str]:
        return (False, len(value), value) if value.isdecimal() else (True, 0, value)

    return Enum(
        captions={value: found[value].caption for value in sorted(found, key=order)},
        deprecated={value: one.deprecated.since for value, one in found.items() if one.deprecated is not None},
    )


def _refuse_baseless(schema: Schema) -> None:
    """Raise `BadInput` when a data type is made from one that is defined nowhere.

    One that is made from none at all is no reason: four of OCSF 1.0.0-rc.2 are not.
    """
    for name, found in schema.types.items():
        if found.base is not None and found.base not in schema.types and found.base not in _PRIMITIVES:
            raise BadInput(
                f"This schema export is incomplete: its data type {safe_text(name, width=80)} is made from "
                f"{safe_text(found.base, width=80)}, which it does not define.",
                hint=_INCOMPLETE,
            )


def _refuse_dangling(schema: Schema) -> None:
    """Raise `BadInput` when an attribute's type is defined nowhere."""
    for owner, name, attribute in _attributes(schema):
        known = attribute.object_type in schema.objects if attribute.type == OBJECT else attribute.type in schema.types
        if not known:
            missing = attribute.object_type if attribute.type == OBJECT else attribute.type
            raise BadInput(
                f"This schema export is incomplete: {safe_text(owner, width=80)}.{safe_text(name, width=80)} is of "
                f"type {safe_text(missing, width=80)}, which it does not define.",
                hint=_INCOMPLETE,
            )


def _attributes(schema: Schema) -> Iterator[tuple[str, str, Attribute]]:
    """Every attribute, with the names of its owner and of itself."""
    for definition in (*schema.classes.values(), *schema.objects.values()):
        for name, attribute in definition.attributes.items():
            yield definition.name, name, attribute
