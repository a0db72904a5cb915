"""The observables of an event: do their names lead anywhere, and to what they say.

An observable repeats a value of the event that is worth looking up, such as an address, and names the attribute that
it stands in. The reference's form is that of the official server: `a.b`, `a[].b` or `a[0].b`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from console.display import safe_text
from console.ocsf import codes
from console.ocsf.issues import Issue
from console.ocsf.place import quoted
from console.ocsf.rules import RuleSet
from console.ocsf.schema import Attribute, Definition, Schema, is_active
from console.records.model import JsonValue

OBSERVABLES: Final = "observables"
_NO_TYPE: Final = (0, 99)
"""The `type_id` of an observable that claims nothing: unknown, and other."""
_NAME: Final = 80
_INDEX_DIGITS: Final = 9
_MOST_VALUES: Final = 100_000
"""Values of one event that are looked at. A hostile event has a million, and as many observables that name them."""


@dataclass(frozen=True, slots=True)
class Target:
    """The attribute that an observable's name leads to."""

    attribute: Attribute
    schema: Schema

    def type_ids(self) -> frozenset[int]:
        """Every `type_id` that fits it. None at all where the schema gives it none."""
        one = self.attribute
        made = self.schema.objects[one.object_type] if one.object_type else self.schema.types.get(one.type)
        of_type = None if made is None else made.observable
        return frozenset(found for found in (one.observable, of_type) if found is not None)


def check_observables(
    event: Mapping[str, JsonValue],
    definition: Definition,
    schema: Schema,
    profiles: frozenset[str],
    rules: RuleSet,
    found: list[Issue],
) -> None:
    """Append what is wrong with the observables of an event of the class *definition*."""
    observables = event.get(OBSERVABLES)
    if not isinstance(observables, list):
        return
    values = _Values(event)
    for index, one in enumerate(observables):
        name = one.get("name") if isinstance(one, dict) else None
        if not isinstance(one, dict) or not isinstance(name, str):
            continue
        target = resolve(name, definition, schema, profiles)
        here = f"{OBSERVABLES}[{index}]"
        if target is None:
            message = f'"{safe_text(name, width=_NAME)}" leads to no attribute of class {definition.name}.'
            found.append(codes.OBSERVABLE_NAME.at(f"{here}.name", message))
        elif rules is RuleSet.FULL:
            found.extend(_against_event(one, name, target, values, here))


def resolve(name: str, definition: Definition, schema: Schema, profiles: frozenset[str]) -> Target | None:
    """The attribute that *name* leads to, under the active profiles; None when it leads nowhere."""
    here: Definition | None = definition
    attribute: Attribute | None = None
    steps = name.split(".")
    for number, step in enumerate(steps, 1):
        key, bracket, _ = step.partition("[")
        attribute = here.attributes.get(key) if here is not None else None
        if attribute is None or not is_active(attribute, profiles):
            return None
        # The official validator takes an index on what is no list, when it is the last step.
        if bracket and (not step.endswith("]") or (number < len(steps) and not attribute.is_array)):
            return None
        here = schema.objects[attribute.object_type] if attribute.object_type else None
    return None if attribute is None else Target(attribute, schema)


def _against_event(
    observable: Mapping[str, JsonValue], name: str, target: Target, values: _Values, here: str
) -> Iterator[Issue]:
    """What the observable claims of the attribute that does not hold."""
    shown = safe_text(name, width=_NAME)
    type_id, fitting = observable.get("type_id"), target.type_ids()
    if type(type_id) is int and type_id not in _NO_TYPE and fitting and type_id not in fitting:
        expected = " or ".join(map(str, sorted(fitting)))
        yield codes.OBSERVABLE_TYPE.at(
            f"{here}.type_id", f'type_id should be {expected} for "{shown}", but is {quoted(type_id)}.'
        )
    value = observable.get("value")
    if isinstance(value, str) and not target.attribute.object_type:
        there = values.texts(name)
        if there is not None and value not in there:
            reason = "stands nowhere in" if there else "can't be found: the event has no"
            yield codes.OBSERVABLE_VALUE.at(f"{here}.value", f'{quoted(value)} {reason} "{shown}".')


class _Values:
    """The values of an event, as observables write them: always as text."""

    def __init__(self, event: Mapping[str, JsonValue]) -> None:
        self._event = event
        self._texts: dict[str, frozenset[str] | None] = {}
        self._seen = 0

    def texts(self, name: str) -> frozenset[str] | None:
        """The values that a reference stands for.

        None where that can't be said: one of them has no single way to be written, or too many were looked at before.
        """
        if name not in self._texts:
            if self._seen >= _MOST_VALUES:
                return None
            texts = {_as_text(one) for one in self._at(name)}
            self._texts[name] = None if None in texts else frozenset(one for one in texts if one is not None)
        return self._texts[name]

    def _at(self, name: str) -> list[JsonValue]:
        """The values themselves. Lists on the way are gone through, as their end is."""
        values: list[JsonValue] = [dict(self._event)]
        for step in name.split("."):
            key, _, index = step.partition("[")
            values = [one[key] for one in values if isinstance(one, dict) and key in one]
            values = [inner for one in values for inner in _elements(one, index.removesuffix("]"))]
            self._seen += len(values) + 1
        return [one for one in values if one is not None]


def _elements(value: JsonValue, index: str) -> Sequence[JsonValue]:
    """What a step of a reference leads to: of a list the element that it picks, or all of them."""
    if not isinstance(value, list):
        return (value,)
    if index.isascii() and index.isdecimal() and len(index) <= _INDEX_DIGITS:
        return value[int(index) : int(index) + 1]
    return value


def _as_text(value: JsonValue) -> str | None:
    """A value as an observable writes it; None for one that has no single way to be written, such as 1.50."""
    match value:
        case bool():
            return "true" if value else "false"
        case str() | int():
            return str(value)
        case _:
            return None
