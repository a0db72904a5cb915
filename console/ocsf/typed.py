"""From a shape to types that msgspec decodes into: one pass in C that parses a record and checks most of it.

What a type accepts, the pass that explains finds no error in, but for what `console.ocsf.columns` still looks at.
The types know names, requirement, JSON types, enums, lengths and nesting.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from operator import getitem
from types import GenericAlias
from typing import Annotated, Any, Final, Literal

import msgspec
from msgspec import UNSET, Meta, UnsetType

from console.ocsf.schema import Attribute, Schema
from console.ocsf.shapes import Field, ObjectShape, anchors

TypeForm = Any
"""A type that is made while the program runs. No type checker can follow it, and none has to: its values are read by
`operator.attrgetter` only."""

_INTEGER: Final[TypeForm] = Annotated[int, Meta(ge=-(2**63), le=2**63 - 1)]
_SCALARS: Final[TypeForm] = bool | _INTEGER | float | str
_EMPTY_LIST: Final[TypeForm] = Annotated[list[None], Meta(max_length=0)]
NOTHING: Final[TypeForm] = Annotated[int, Meta(gt=0, lt=1)]
"""No value has this type."""
_NUMBER: Final = re.compile("0|-?[1-9][0-9]{0,18}")
_FREE_LEVELS: Final = 6
"""Levels of nesting below an attribute of free content. What is nested deeper is explained. Making the types costs
twice as much with each level.
"""

_INTEGERS: Final = range(-(2**63), 2**63)
PRIMITIVES: Final[Mapping[str, TypeForm]] = {
    "boolean_t": bool,
    "float_t": _INTEGER | float,
    "integer_t": _INTEGER,
    "long_t": _INTEGER,
    "string_t": str,
}
"""The primitive types whose values can be told from one another."""


def struct_of(shape: ObjectShape, schema: Schema, depth: int, set_types: Mapping[str, TypeForm]) -> TypeForm:
    """A `msgspec.Struct` type for the objects of a shape.

    Its fields are `f0`, `f1` … in the order of the shape's, since an attribute may have any name. *depth* is how many
    levels of nesting are allowed from here on. *set_types* are those of attributes that are known without looking.
    """
    fields: list[tuple[str, TypeForm] | tuple[str, TypeForm, UnsetType]] = []
    names: dict[str, str] = {}
    anchored = anchors(shape)
    for number, (name, one) in enumerate(shape.fields.items()):
        names[slot(number)] = name
        inner = set_types.get(name) or _type_of(one, schema, depth - 1)
        if one.nullable:
            inner |= None
        if one.is_required or name in anchored:
            fields.append((slot(number), inner))
        else:
            fields.append((slot(number), inner | UnsetType, UNSET))
    return msgspec.defstruct(
        "Item",
        fields,
        kw_only=True,
        forbid_unknown_fields=True,
        rename=names,
        gc=False,
    )


def slot(number: int) -> str:
    """The name of a field in the types, by its place in the shape."""
    return f"f{number}"


def _type_of(one: Field, schema: Schema, depth: int) -> TypeForm:
    """The type of an attribute's value."""
    attribute = one.attribute
    is_unseen = one.inner is not None and not one.inner.is_complete
    if not attribute.is_array:
        return NOTHING if is_unseen else _element(one, schema, depth)
    if depth < 1:
        return NOTHING
    return _EMPTY_LIST if is_unseen else GenericAlias(list, (_element(one, schema, depth - 1),))


def _element(one: Field, schema: Schema, depth: int) -> TypeForm:
    attribute = one.attribute
    if one.inner is not None:
        return struct_of(one.inner, schema, depth, {})
    if attribute.object_type is not None:
        definition = schema.objects[attribute.object_type]
        is_plain = definition.deprecated is None and not definition.constraints
        return GenericAlias(dict, (str, _free(depth - 1) | None)) if depth > 0 and is_plain else NOTHING
    primitive = schema.primitive(attribute.type)
    if attribute.enum is not None:
        return _literal(attribute, primitive)
    if primitive not in PRIMITIVES:
        # Null is nothing in an attribute, and something in a list.
        return _free(depth) | None if attribute.is_array else _free(depth)
    return _bounded(attribute, schema) if primitive == "string_t" else PRIMITIVES[primitive]


def _bounded(attribute: Attribute, schema: Schema) -> TypeForm:
    """Text, of limited length where its type says so. Code points are at least as many as the characters counted."""
    longest = max_length(attribute.type, schema)
    if longest is None:
        return str
    return Annotated[str, Meta(max_length=longest)] if longest >= 0 else NOTHING


def max_length(type_name: str, schema: Schema) -> int | None:
    """How many characters a text of a data type may have; None where there is no end."""
    own = schema.types[type_name]
    base = schema.types.get(own.base or type_name)
    return own.max_len if own.max_len is not None or base is None else base.max_len


def _literal(attribute: Attribute, primitive: str) -> TypeForm:
    """One of the values of an enum."""
    captions = attribute.enum.captions if attribute.enum else {}
    values: tuple[str | int, ...] = ()
    if primitive == "string_t":
        values = tuple(captions)
    elif primitive != "boolean_t":
        values = tuple(number for text in captions if (number := _number(text)) is not None)
    return getitem(Literal, values) if values else NOTHING


def _number(text: str) -> int | None:
    """The integer that an enum lists as *text*, if it can be decoded: it is looked up as Python writes it."""
    if not _NUMBER.fullmatch(text):
        return None
    number = int(text)
    return number if number in _INTEGERS else None


def _free(depth: int) -> TypeForm:
    """Any JSON value but null, of at most so many levels of objects and lists."""
    form = _SCALARS
    for _ in range(min(depth, _FREE_LEVELS)):
        form = _SCALARS | GenericAlias(list, (form | None,)) | GenericAlias(dict, (str, form | None))
    return form
