"""Which columns are looked at in the records of a shape, place by place.

What holds under any profiles is one tree, looked at in all records together. What the profiles of a record decide is
another, small one: which attributes must, may and must not be there.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Final

from console.ocsf import columns
from console.ocsf.columns import Column, Item, Items, Reach, Tally
from console.ocsf.datatypes import demands
from console.ocsf.issues import Issue
from console.ocsf.leaves import Check
from console.ocsf.place import Place, Step
from console.ocsf.plans import Plan, PlanBook, Together, deprecated_attribute
from console.ocsf.report import group_key
from console.ocsf.rules import RuleSet
from console.ocsf.schema import AT_LEAST_ONE, REQUIRED, Attribute, is_active
from console.ocsf.shapes import Field, ObjectShape, anchor
from console.ocsf.times import read_datetime, scale_of
from console.ocsf.typed import PRIMITIVES, max_length


@dataclass(frozen=True, slots=True)
class Node:
    """What is looked at in the objects at one place, and below it."""

    columns: Sequence[Column]
    inner: Sequence[tuple[Reach, Node]]

    def tally(self, items: Items, into: Tally) -> None:
        """Count the issues of these objects. Raises `Unfit`."""
        for column in self.columns:
            column(items, into)
        for reach, node in self.inner:
            if inside := reach(items):
                node.tally(inside, into)

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to look at."""
        return not self.columns and not self.inner


def under_any_profiles(shape: ObjectShape, plan: Plan, book: PlanBook, here: Place = None) -> Node:
    """What to look at whatever profiles are active. *plan* and *book* are those of all profiles at once."""
    recommended = [name for name in plan.recommended if not plan.definition.attributes[name].profiles]
    found = [
        *_deprecated(shape, here),
        *_recommended(shape, plan, recommended, here),
        *_together(shape, plan, book, here),
    ]
    for number, (name, one) in enumerate(shape.fields.items()):
        if one.attribute.object_type is None:
            found += _leaf(one.attribute, book, columns.reach_of(number, one), *_inside(here, name, one))
    return Node(found, list(_inner(shape, book, here, book.profiles, under_any_profiles)))


def under_these_profiles(
    shape: ObjectShape, plan: Plan, book: PlanBook, here: Place = None, *, profiles: frozenset[str]
) -> Node:
    """What more to look at where just *profiles* are active. *plan* and *book* are those of all profiles, as above.

    (Plans of these profiles alone would do as well, if making them took less time.)
    """
    attributes = plan.definition.attributes
    bound = {name for name, one in attributes.items() if one.profiles and is_active(one, profiles)}
    found = [
        *_bound(shape, profiles),
        *_recommended(shape, plan, [name for name in plan.recommended if name in bound], here),
    ]
    needed = (name for name, one in attributes.items() if one.requirement == REQUIRED and is_active(one, profiles))
    if any(name not in shape.fields for name in needed):
        found.append(columns.refuse_all)
    return Node(found, list(_inner(shape, book, here, profiles, partial(under_these_profiles, profiles=profiles))))


MakeNode = Callable[[ObjectShape, Plan, PlanBook, Place], Node]


def _inner(
    shape: ObjectShape, book: PlanBook, here: Place, profiles: frozenset[str], make: MakeNode
) -> Iterator[tuple[Reach, Node]]:
    """The nodes of the objects inside, where there is something to look at in them."""
    for number, (name, one) in enumerate(shape.fields.items()):
        key = one.attribute.object_type
        if one.inner is None or key is None or not one.inner.is_complete or not is_active(one.attribute, profiles):
            continue
        holder, step = _inside(here, name, one)
        node = make(one.inner, book.object_plan(key), book, (holder, step))
        if not node.is_empty:
            yield columns.reach_of(number, one), node


def _inside(here: Place, name: str, one: Field) -> tuple[Place, Step]:
    """The place of an attribute's value, or of the elements of its list, for whose index any will do."""
    return ((here, name), 0) if one.attribute.is_array else (here, name)


def _bound(shape: ObjectShape, profiles: frozenset[str]) -> Iterator[Column]:
    """The columns of attributes that some profile brings: are they there just when they may be?"""
    for number, one in enumerate(shape.fields.values()):
        if not is_active(one.attribute, profiles):
            yield columns.absent(number)
        elif one.attribute.profiles and one.attribute.requirement == REQUIRED:
            yield columns.there(number)


def _recommended(shape: ObjectShape, plan: Plan, names: Sequence[str], here: Place) -> Iterator[Column]:
    """The columns of recommended attributes."""
    numbers = {name: number for number, name in enumerate(shape.fields)}
    for name in names:
        yield columns.count_missing(numbers.get(name), group_key(plan.recommends(here, name)))


def _deprecated(shape: ObjectShape, here: Place) -> Iterator[Column]:
    for number, (name, one) in enumerate(shape.fields.items()):
        if one.attribute.deprecated is not None:
            issue = deprecated_attribute(here, name, one.attribute.deprecated)
            yield columns.count_present(number, group_key(issue))


def _leaf(attribute: Attribute, book: PlanBook, reach: Reach, holder: Place, step: Step) -> Iterator[Column]:
    """The column of a scalar attribute, if its type does not say it all."""
    primitive = book.schema.primitive(attribute.type)
    if primitive == "float_t" and (book.rules is RuleSet.OFFICIAL or _lists_values(attribute, book)):
        yield columns.no_integers(reach)
    if _type_says_all(attribute, book):
        return
    if primitive in PRIMITIVES:
        judge = _judge(book.element_check(attribute), holder, step)
        yield columns.each_value(reach, judge, _sort_of(attribute, book))
    else:
        yield columns.no_values(reach)


def _type_says_all(attribute: Attribute, book: PlanBook) -> bool:
    """Whether there is nothing to check in a value that the msgspec type took."""
    if attribute.enum is not None and attribute.enum.deprecated:
        return False
    primitive = book.schema.primitive(attribute.type)
    if primitive not in PRIMITIVES and primitive != "json_t":
        # The schema leaves the type open. To the official validator any value is an error then.
        return book.rules is RuleSet.FULL
    return _demands_beyond_length(attribute, book) == 0


def _sort_of(attribute: Attribute, book: PlanBook) -> Callable[[Item], Hashable] | None:
    """What sort of value one is, where values of one sort have the same kinds of issues."""
    is_plain = _demands_beyond_length(attribute, book) == 1 and book.schema.types[attribute.type].regex in _LOOSE
    if book.rules is RuleSet.OFFICIAL or attribute.enum is not None or not is_plain:
        return None
    primitive, sort = _SORTS.get(attribute.type, (None, None))
    return sort if book.schema.primitive(attribute.type) == primitive else None


def _demands_beyond_length(attribute: Attribute, book: PlanBook) -> int:
    """How many more demands a data type has than the limit of length that the msgspec type of texts knows."""
    all_demands = len(demands(attribute.type, book.schema, book.rules))
    is_limited = max_length(attribute.type, book.schema) is not None and attribute.enum is None
    # Only text has a length.
    return all_demands - (is_limited and book.schema.primitive(attribute.type) in PRIMITIVES)


def _lists_values(attribute: Attribute, book: PlanBook) -> bool:
    """Whether the data type, or what it is made from, lists its values."""
    own = book.schema.types[attribute.type]
    base = book.schema.types.get(own.base or attribute.type)
    return own.values is not None or (base is not None and base.values is not None)


def _judge(check: Check, holder: Place, step: Step) -> Callable[[Item], Sequence[Issue]]:
    def judge(value: Item) -> Sequence[Issue]:
        found: list[Issue] = []
        check(value, holder, step, found)
        return found

    return judge


def _sort_of_datetime(text: str) -> bool | None:
    """Whether it has an offset; the patterns of early versions take no small letters."""
    moment = None if "t" in text or "z" in text else read_datetime(text)
    return None if moment is None else moment.has_offset


_SORTS: Final[Mapping[str, tuple[str, Callable[[Item], Hashable]]]] = {
    "timestamp_t": ("long_t", scale_of),
    "datetime_t": ("string_t", _sort_of_datetime),
}
"""By data type, with the primitive type that it must be made from; see `_sort_of`."""
_LOOSE: Final = (
    None,
    r"^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}%3A\d{2}(?:.\d+)?[A-Z]?(?:[.-](?:08:\d{2}|\d{2}[A-Z]))?$",
    r"^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(?:\.\d+)?(Z|[\+-]\d{2}:\d{2})?$",
    r"^\d{4}-\d{2}-\d{2}[Tt]\d{2}:\d{2}:\d{2}(?:\.\d+)?([Zz]|[\+-]\d{2}:\d{2})?$",
)
"""The patterns of OCSF 1.0.0 to 1.8.0 for these. They match whatever has a sort, but the first: it is not held to."""


def _together(shape: ObjectShape, plan: Plan, book: PlanBook, here: Place) -> Iterator[Column]:
    """The columns of the rules about several attributes."""
    alike: list[Together] = []
    for one in plan.together:
        if one.presence_only:
            yield from _constraint(one, shape, plan, here)
        elif not one.attributes:
            yield from (columns.count_all(group_key(issue)) for issue in columns.apply([one], {}, here))
        elif all(name in shape.fields for name in one.attributes):
            fields = [shape.fields[name].attribute for name in one.attributes]
            if any(field.object_type or book.schema.primitive(field.type) not in PRIMITIVES for field in fields):
                yield columns.refuse_all
            elif any(field.is_array or field.type in _SORTS for field in fields):
                yield columns.rules([one], shape, one.attributes, here)
            else:
                alike.append(one)
    if alike:
        # Enums and captions: a producer has few combinations, so that one look settles all the rules about them.
        yield columns.rules(alike, shape, {name for one in alike for name in one.attributes}, here)


def _constraint(one: Together, shape: ObjectShape, plan: Plan, here: Place) -> Iterator[Column]:
    """The column of a constraint. One that names paths is left to the pass that explains."""
    kinds = [kind for kind, keys in plan.definition.constraints.items() if keys == one.attributes]
    names = [name for name in one.attributes if name in shape.fields]
    if any("." in name for name in one.attributes):
        yield columns.refuse_all
    elif kinds != [AT_LEAST_ONE]:
        yield columns.rules([one], shape, names, here)
    elif anchor(shape, one.attributes) is None:
        yield columns.at_least_one(shape, names)
