"""What the types can't say of records, checked by column: one attribute of many records at a time.

Patterns, times, captions, constraints, deprecations. Every value goes through the very check of the pass that explains,
and what became of it is remembered: producers repeat themselves.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Hashable, Iterable, Sequence
from itertools import chain
from operator import attrgetter
from typing import Any, Final

from msgspec import UNSET

from console.ocsf.issues import Issue, Severity
from console.ocsf.place import Place
from console.ocsf.plans import Together
from console.ocsf.report import GroupKey, group_key
from console.ocsf.shapes import Field, ObjectShape
from console.ocsf.typed import slot
from console.records.model import JsonValue

_REMEMBERED: Final = 512
"""Values whose outcome is remembered, for each column. Some shapes have a thousand columns."""
_LONGEST: Final = 256
"""Characters of a text that is remembered."""

Item = Any
"""An object of a type that was made while the program runs, or a value in it."""
Items = Sequence[Item]
Tally = Counter[GroupKey]
Column = Callable[[Items, Tally], None]
"""Looks at the objects at one place, and counts the issues there. Raises `Unfit`."""
Reach = Callable[[Items], Items]
"""From the objects at one place to the values of one attribute of them. Absent ones are left out, lists opened."""


class Unfit(Exception):
    """There is an error in these records, or something that can't be settled by column: they must be explained."""


def reach_of(number: int, one: Field) -> Reach:
    """The way to a field's values, or to the elements of its lists."""
    read = attrgetter(slot(number))
    always = one.is_required

    def reach(items: Items) -> Items:
        values = list(map(read, items)) if always else present(map(read, items))
        return list(chain.from_iterable(values)) if one.attribute.is_array else values

    return reach


def present(values: Iterable[Item]) -> list[Item]:
    """Those that are there and not null."""
    return [value for value in values if value is not UNSET and value is not None]


def remembered(
    judge: Callable[[Item], Sequence[Issue]], sort: Callable[[Item], Hashable] | None = None
) -> Callable[[Sequence[Hashable], Tally], None]:
    """What counts the issues that *judge* finds in values. Each is judged once, as long as it is remembered.

    *sort* tells values apart that may differ in their issues, where that is quicker than judging each: values of one
    sort have the same kinds of issues. None is no sort, but a value to be judged by itself.
    """
    clean: set[Hashable] = set()
    known: dict[Hashable, Sequence[GroupKey]] = {}
    sorts: dict[Hashable, Sequence[GroupKey]] = {}

    def outcome(value: Item) -> Sequence[GroupKey]:
        found = None if sort is None else sort(value)
        if found is None:
            return kinds_of(judge(value))
        if found not in sorts:
            sorts[found] = kinds_of(judge(value))
        return sorts[found]

    def tally(values: Sequence[Hashable], into: Tally) -> None:
        distinct = set(values)
        if distinct <= clean:
            return
        counts = Counter(values) if len(distinct) > 1 else {values[0]: len(values)}
        for value, count in counts.items():
            keys = known.get(value)
            if keys is None:
                keys = outcome(value)
                if len(known) >= _REMEMBERED:
                    known.clear()
                    clean.clear()
                if _is_short(value):
                    known[value] = keys
                    if not keys:
                        clean.add(value)
            for key in keys:
                into[key] += count

    return tally


def _is_short(value: Hashable) -> bool:
    """Whether a value, or a row of them, takes little memory."""
    if isinstance(value, tuple):
        return len(value) <= _LONGEST and all(map(_is_short, value))
    return not isinstance(value, str) or len(value) <= _LONGEST


def kinds_of(issues: Sequence[Issue]) -> Sequence[GroupKey]:
    """The kinds of issues, none of which may be an error. Raises `Unfit`."""
    if any(issue.severity is Severity.ERROR for issue in issues):
        raise Unfit
    return [group_key(issue) for issue in issues]


def each_value(
    reach: Reach, judge: Callable[[Item], Sequence[Issue]], sort: Callable[[Item], Hashable] | None = None
) -> Column:
    """Count the issues of each value. See `remembered`."""
    tally = remembered(judge, sort)
    return lambda items, into: tally(reach(items), into)


def no_integers(reach: Reach) -> Column:
    """Refuse integers: to Python 5 and 5.0 are equal, and to the official validator only one of them is a fraction."""

    def column(items: Items, _into: Tally) -> None:
        if int in set(map(type, reach(items))):
            raise Unfit

    return column


def no_values(reach: Reach) -> Column:
    """Refuse all values, null or not: of a type whose values can't be told from one another."""

    def column(items: Items, _into: Tally) -> None:
        if reach(items):
            raise Unfit

    return column


def absent(number: int) -> Column:
    """Refuse objects that have the attribute, even as null."""
    read = attrgetter(slot(number))

    def column(items: Items, _into: Tally) -> None:
        if any(read(item) is not UNSET for item in items):
            raise Unfit

    return column


def there(number: int) -> Column:
    """Refuse objects that lack the attribute."""
    read = attrgetter(slot(number))

    def column(items: Items, _into: Tally) -> None:
        if len(present(map(read, items))) < len(items):
            raise Unfit

    return column


def refuse_all(items: Items, _into: Tally) -> None:
    """Refuse every object."""
    if items:
        raise Unfit


def count_present(number: int, key: GroupKey) -> Column:
    """Count an issue for each object that has the attribute."""
    read = attrgetter(slot(number))

    def column(items: Items, into: Tally) -> None:
        if count := len(present(map(read, items))):
            into[key] += count

    return column


def count_missing(number: int | None, key: GroupKey) -> Column:
    """Count an issue for each object that lacks the attribute; for all of them, if it is not in the shape."""
    if number is None:
        return count_all(key)
    read = attrgetter(slot(number))

    def column(items: Items, into: Tally) -> None:
        if count := len(items) - len(present(map(read, items))):
            into[key] += count

    return column


def count_all(key: GroupKey) -> Column:
    """Count an issue for each object."""

    def column(items: Items, into: Tally) -> None:
        if items:
            into[key] += len(items)

    return column


def at_least_one(shape: ObjectShape, names: Sequence[str]) -> Column:
    """The column of a constraint that the first of these attributes fulfils, nearly always."""
    reads = [attrgetter(slot(number)) for number, name in enumerate(shape.fields) if name in names]

    def column(items: Items, _into: Tally) -> None:
        for read in reads:
            items = [item for item in items if (value := read(item)) is UNSET or value is None]
            if not items:
                return
        if items:
            raise Unfit

    return column


def rules(some: Sequence[Together], shape: ObjectShape, wanted: Collection[str], here: Place) -> Column:
    """The column of some rules: the values of their attributes, side by side."""
    names = [name for name in shape.fields if name in wanted]
    slots = [slot(number) for number, name in enumerate(shape.fields) if name in wanted]
    read = attrgetter(*slots) if len(slots) > 1 else _row_of(slots)
    lists = any(shape.fields[name].attribute.is_array for name in names)
    plain = _only_presence if some[0].presence_only else _hashable if lists else None

    def judge(values: tuple[Item, ...]) -> Sequence[Issue]:
        item = {
            name: list(value) if isinstance(value, tuple) else value
            for name, value in zip(names, values, strict=True)
            if value is not UNSET
        }
        return apply(some, item, here)

    tally = remembered(judge)

    def column(items: Items, into: Tally) -> None:
        rows = map(read, items)
        tally(list(rows if plain is None else map(plain, rows)), into)

    return column


def _row_of(slots: Sequence[str]) -> Callable[[Item], tuple[Item, ...]]:
    """The same as `attrgetter` of several attributes for one, or none."""
    return lambda item: tuple(getattr(item, name) for name in slots)


def apply(some: Sequence[Together], item: dict[str, JsonValue], here: Place) -> Sequence[Issue]:
    """The issues that some rules find in an object."""
    found: list[Issue] = []
    for one in some:
        one.rule(item, here, found)
    return found


def _hashable(row: tuple[Item, ...]) -> Hashable:
    return tuple(tuple(value) if isinstance(value, list) else value for value in row)


def _only_presence(row: tuple[Item, ...]) -> Hashable:
    return tuple(value if value is UNSET or value is None else True for value in row)
