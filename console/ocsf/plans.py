"""What to check in a class or an object, worked out once and then followed for every record.

A plan belongs to one schema, one class or object, and one set of active profiles: attributes of other profiles do not
exist in it. Objects refer to one another in circles, so a plan is made when a record first needs it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from console.display import safe_text
from console.ocsf import codes
from console.ocsf.codes import Code
from console.ocsf.constraints import constraint
from console.ocsf.datatypes import demands
from console.ocsf.declared import type_uid_rule
from console.ocsf.issues import Issue
from console.ocsf.leaves import Check, enum_of, list_of, scalar, unknown_value, wrong_type
from console.ocsf.place import Place, Step, named, spell
from console.ocsf.rules import Policy, RuleSet
from console.ocsf.schema import OBJECT, RECOMMENDED, REQUIRED, Attribute, Definition, Enum, Schema, is_active
from console.ocsf.siblings import DT, Rule, captioned, same_moment
from console.records.model import JsonValue

_SINCE: Final = 20


@dataclass(frozen=True, slots=True)
class Together:
    """A rule about attributes that stand in one class or object."""

    attributes: Sequence[str]
    """All that the rule looks at. A constraint may name a path, `device.os.version`."""
    rule: Rule
    presence_only: bool = False
    """Whether it looks only at which of them are there, and not at their values."""


@dataclass(frozen=True, slots=True)
class Plan:
    """The checks of one class or object under one set of active profiles."""

    kind: str
    """`class` or `object`, for messages."""
    definition: Definition
    checks: Mapping[str, Check]
    """One for each attribute that exists."""
    required: Sequence[str]
    recommended: Sequence[str]
    """Attributes whose absence is reported, as what they are."""
    null_enums: Mapping[str, Enum]
    """Enums whose null is reported as an unknown value."""
    together: Sequence[Together]
    """What must agree: captions, times, constraints."""

    def walk(self, item: Mapping[str, JsonValue], here: Place, found: list[Issue]) -> None:
        """Append to *found* all that is wrong with *item*, which is at *here*, and with what it holds."""
        checks = self.checks
        for name, value in item.items():
            check = checks.get(name)
            if check is None:
                # A definition without attributes takes any.
                if self.definition.attributes:
                    found.append(self._unknown(here, name))
            elif value is not None:
                check(value, here, name, found)
            elif name in self.null_enums:
                found.append(unknown_value(None, here, name, self.null_enums[name]))
        for name in self.required:
            if item.get(name) is None:
                found.append(self._missing(codes.REQUIRED_MISSING, "requires", here, name))
        for name in self.recommended:
            if item.get(name) is None:
                found.append(self.recommends(here, name))
        for one in self.together:
            one.rule(item, here, found)

    def recommends(self, here: Place, name: str) -> Issue:
        """The issue of a recommended attribute that is missing."""
        return self._missing(codes.RECOMMENDED_MISSING, "should have", here, name)

    def _missing(self, code: Code, verb: str, here: Place, name: str) -> Issue:
        return code.at(
            spell(here, name), f"{self.kind} {self.definition.name} {verb} {name}, which is missing or null."
        )

    def _unknown(self, here: Place, name: str) -> Issue:
        hidden = self.definition.attributes.get(name)
        if hidden is None:
            reason = f"{named(here, name)} is no attribute of {self.kind} {self.definition.name}."
        else:
            # The commonest cause by far: the attribute exists, in a profile that the record does not declare.
            reason = (
                f"{name} is an attribute of {self.kind} {self.definition.name} only under the profile "
                f"{' or '.join(hidden.profiles)}, which metadata.profiles does not list."
            )
        return codes.UNKNOWN.at(spell(here, name), reason)


class PlanBook:
    """The plans of one schema under one set of active profiles. They are made as they are asked for."""

    def __init__(self, schema: Schema, profiles: frozenset[str], policy: Policy) -> None:
        self.schema = schema
        self.profiles = profiles
        """Those that are active."""
        self._policy = policy
        self.rules = policy.rules
        self._classes: dict[int, Plan] = {}
        self._objects: dict[str, Plan] = {}

    def class_plan(self, uid: int) -> Plan:
        """The plan of a class of the schema, by its `class_uid`."""
        plan = self._classes.get(uid)
        if plan is None:
            plan = self._classes[uid] = self._plan("class", self.schema.classes[uid])
        return plan

    def object_plan(self, key: str) -> Plan:
        """The plan of an object of the schema."""
        plan = self._objects.get(key)
        if plan is None:
            plan = self._objects[key] = self._plan("object", self.schema.objects[key])
        return plan

    def active(self, definition: Definition) -> dict[str, Attribute]:
        """The attributes that exist under the active profiles."""
        return {name: one for name, one in definition.attributes.items() if is_active(one, self.profiles)}

    def _plan(self, kind: str, definition: Definition) -> Plan:
        active = self.active(definition)
        recommended = self._policy.missing_recommended
        return Plan(
            kind,
            definition,
            checks={name: self.check(one) for name, one in active.items()},
            required=[name for name, one in active.items() if one.requirement == REQUIRED],
            recommended=[name for name, one in active.items() if recommended and one.requirement == RECOMMENDED],
            null_enums=self._null_enums(active),
            together=list(self._together(kind, definition, active)),
        )

    def _null_enums(self, active: Mapping[str, Attribute]) -> Mapping[str, Enum]:
        """The enums whose null is reported. The official validator takes null for a value that the enum lacks; we
        take it for an absent attribute, as it is everywhere else. (A list of enum values that is null crashes the
        server.)
        """
        if self.rules is RuleSet.FULL:
            return {}
        return {name: one.enum for name, one in active.items() if one.enum is not None and not one.is_array}

    def _together(self, kind: str, definition: Definition, active: Mapping[str, Attribute]) -> Iterator[Together]:
        """The rules about several attributes, or about the class or object as a whole."""
        if kind == "class":
            yield Together(("class_uid", "activity_id", "type_uid"), type_uid_rule)
        if definition.deprecated is not None:
            code = codes.CLASS_DEPRECATED if kind == "class" else codes.OBJECT_DEPRECATED
            yield Together((), _deprecated_whole(code, kind, definition.name, definition.deprecated))
        for name, one in active.items():
            if one.sibling is not None and (rule := captioned(name, one, self.schema, self.rules)):
                yield Together((name, one.sibling), rule)
        if self.rules is RuleSet.FULL:
            yield from (Together((name, name + DT), same_moment(name)) for name in timed_twice(active))
        for constraint_kind, keys in definition.constraints.items():
            rule = constraint(constraint_kind, keys, f"{kind} {definition.name}", self.rules)
            yield Together(keys, rule, presence_only=True)

    def check(self, attribute: Attribute) -> Check:
        """The check of one attribute."""
        element = self.element_check(attribute)
        check = list_of(element, attribute.object_type or attribute.type) if attribute.is_array else element
        return check if attribute.deprecated is None else _deprecated(check, attribute.deprecated)

    def element_check(self, attribute: Attribute) -> Check:
        """The check of the attribute's value, or of one element where it is a list."""
        if attribute.type == OBJECT and attribute.object_type is not None:
            return self._nested(attribute.object_type)
        primitive = self.schema.primitive(attribute.type)
        further = demands(attribute.type, self.schema, self.rules)
        plain = scalar(attribute.type, primitive, self.rules, further)
        if attribute.enum is None:
            return plain
        unknown = codes.ENUM_ARRAY_UNKNOWN if attribute.is_array else codes.ENUM_UNKNOWN
        deprecated = codes.ENUM_ARRAY_DEPRECATED if attribute.is_array else codes.ENUM_DEPRECATED
        return enum_of(plain, primitive, attribute.enum, self.rules, unknown=unknown, deprecated=deprecated)

    def _nested(self, key: str) -> Check:
        """The check of an object: look up its plan (which may not exist before the first record) and follow it."""

        def check(value: JsonValue, holder: Place, step: Step, found: list[Issue]) -> None:
            if type(value) is dict:
                self.object_plan(key).walk(value, (holder, step), found)
            else:
                found.append(wrong_type(value, holder, step, f"an object ({key})"))

        return check


def timed_twice(active: Mapping[str, Attribute]) -> list[str]:
    """The attributes that hold a time which a `_dt` beside them repeats."""
    return [
        name
        for name, one in active.items()
        if one.type == "timestamp_t"
        and not one.is_array
        and (twin := active.get(name + DT)) is not None
        and twin.type == "datetime_t"
        and not twin.is_array
    ]


def _deprecated(check: Check, since: str) -> Check:
    """The check of an attribute that should not be used."""

    def both(value: JsonValue, holder: Place, step: Step, found: list[Issue]) -> None:
        found.append(deprecated_attribute(holder, step, since))
        check(value, holder, step, found)

    return both


def deprecated_attribute(holder: Place, step: Step, since: str) -> Issue:
    """The issue of an attribute that is there and should not be."""
    message = f"{named(holder, step)} is deprecated since {safe_text(since, width=_SINCE)}."
    return codes.ATTRIBUTE_DEPRECATED.at(spell(holder, step), message)


def _deprecated_whole(code: Code, kind: str, name: str, since: str) -> Rule:
    message = f"{kind} {name} is deprecated since {safe_text(since, width=_SINCE)}."

    def rule(_item: Mapping[str, JsonValue], here: Place, found: list[Issue]) -> None:
        found.append(code.at("" if here is None else spell(*here), message))

    return rule
