"""What to check in a class or an object, worked out once and then followed for every record.

A plan belongs to one schema, one class or object, and one set of active profiles: attributes of other profiles do not
exist in it. Objects refer to one another in circles, so a plan is made when a record first needs it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from console.ocsf.issues import Issue, Severity
from console.ocsf.leaves import Check, enum_of, list_of, scalar, unknown_value, wrong_type
from console.ocsf.place import Place, Step, named, spell
from console.ocsf.rules import RuleSet
from console.ocsf.schema import OBJECT, REQUIRED, Attribute, Definition, Schema
from console.records.model import JsonValue

ENUM_VALUE: Final = "attribute_enum_value_unknown"
ENUM_ELEMENT: Final = "attribute_enum_array_value_unknown"


class Plan:
    """The checks of one class or object under one set of active profiles."""

    __slots__ = ("_checks", "_definition", "_kind", "_null_enums", "_required")

    def __init__(
        self,
        kind: str,
        definition: Definition,
        checks: Mapping[str, Check],
        required: tuple[str, ...],
        null_enums: Mapping[str, Mapping[str, str]],
    ) -> None:
        self._kind = kind
        self._definition = definition
        self._checks = checks
        self._required = required
        self._null_enums = null_enums

    def walk(self, item: Mapping[str, JsonValue], here: Place, found: list[Issue]) -> None:
        """Append to *found* all that is wrong with *item*, which is at *here*, and with what it holds."""
        checks = self._checks
        for name, value in item.items():
            check = checks.get(name)
            if check is None:
                # A definition without attributes takes any.
                if checks:
                    found.append(self._unknown(here, name))
            elif value is not None:
                check(value, here, name, found)
            elif name in self._null_enums:
                found.append(unknown_value(None, here, name, self._null_enums[name], code=ENUM_VALUE))
        for name in self._required:
            if item.get(name) is None:
                found.append(self._missing(here, name))

    def _missing(self, here: Place, name: str) -> Issue:
        return Issue(
            Severity.ERROR,
            "attribute_required_missing",
            spell(here, name),
            f"{self._kind} {self._definition.name} requires {name}, which is missing or null.",
        )

    def _unknown(self, here: Place, name: str) -> Issue:
        hidden = self._definition.attributes.get(name)
        if hidden is None:
            reason = f"{named(here, name)} is no attribute of {self._kind} {self._definition.name}."
        else:
            # The commonest cause by far: the attribute exists, in a profile that the record does not declare.
            reason = (
                f"{name} is an attribute of {self._kind} {self._definition.name} only under the profile "
                f"{' or '.join(hidden.profiles)}, which metadata.profiles does not list."
            )
        return Issue(Severity.ERROR, "attribute_unknown", spell(here, name), reason)


class PlanBook:
    """The plans of one schema under one set of active profiles. They are made as they are asked for."""

    def __init__(self, schema: Schema, profiles: frozenset[str], rules: RuleSet) -> None:
        self._schema = schema
        self._profiles = profiles
        self._rules = rules
        self._classes: dict[int, Plan] = {}
        self._objects: dict[str, Plan] = {}

    def class_plan(self, uid: int) -> Plan:
        """The plan of a class of the schema, by its `class_uid`."""
        plan = self._classes.get(uid)
        if plan is None:
            plan = self._classes[uid] = self._plan("class", self._schema.classes[uid])
        return plan

    def object_plan(self, key: str) -> Plan:
        """The plan of an object of the schema."""
        plan = self._objects.get(key)
        if plan is None:
            plan = self._objects[key] = self._plan("object", self._schema.objects[key])
        return plan

    def _plan(self, kind: str, definition: Definition) -> Plan:
        active = {name: one for name, one in definition.attributes.items() if self._is_active(one)}
        return Plan(
            kind,
            definition,
            checks={name: self._check(one) for name, one in active.items()},
            required=tuple(name for name, one in active.items() if one.requirement == REQUIRED),
            null_enums=self._null_enums(active),
        )

    def _is_active(self, attribute: Attribute) -> bool:
        return not attribute.profiles or not self._profiles.isdisjoint(attribute.profiles)

    def _null_enums(self, active: Mapping[str, Attribute]) -> Mapping[str, Mapping[str, str]]:
        """The enums whose null is reported. The official validator takes null for a value that the enum lacks; we
        take it for an absent attribute, as it is everywhere else. (A list of enum values that is null crashes the
        server.)
        """
        if self._rules is RuleSet.FULL:
            return {}
        return {name: one.enum for name, one in active.items() if one.enum is not None and not one.is_array}

    def _check(self, attribute: Attribute) -> Check:
        """The check of one attribute."""
        element = self._element(attribute)
        return list_of(element, attribute.object_type or attribute.type) if attribute.is_array else element

    def _element(self, attribute: Attribute) -> Check:
        """The check of the attribute's value, or of one element where it is a list."""
        if attribute.type == OBJECT and attribute.object_type is not None:
            return self._nested(attribute.object_type)
        primitive = self._schema.types[attribute.type]
        if attribute.enum is None:
            return scalar(attribute.type, primitive, self._rules)
        code = ENUM_ELEMENT if attribute.is_array else ENUM_VALUE
        return enum_of(attribute.type, primitive, attribute.enum, self._rules, code=code)

    def _nested(self, key: str) -> Check:
        """The check of an object: look up its plan (which may not exist before the first record) and follow it."""

        def check(value: JsonValue, holder: Place, step: Step, found: list[Issue]) -> None:
            if type(value) is dict:
                self.object_plan(key).walk(value, (holder, step), found)
            else:
                found.append(wrong_type(value, holder, step, f"an object ({key})"))

        return check
