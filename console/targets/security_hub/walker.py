"""Checks that are compiled once from a kind of `kinds`, and that say in AJV's words where a value breaks it.

The service validates findings with AJV 6 (its messages are known word for word), so a message is one of AJV's: the
path of the value after `data`, and what it should be. Of one value only the first thing wrong is said.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Final, NamedTuple

from console.targets.security_hub.kinds import Items, Kind, Number, Pairs, Plain, Shape, Text
from console.targets.security_hub.moments import PATTERN, is_shaped_as_timestamp, milliseconds


class Complaint(NamedTuple):
    """One thing wrong with a value."""

    code: str
    path: str
    """From the value down, as AJV writes it: `.Resources[0].Id`, `.ProductFields['a/b']`. Empty where the value itself
    is wrong."""
    text: str
    """What the value should be, in AJV's words."""


Check = Callable[[object], Sequence[Complaint]]
"""Says what is wrong with a decoded JSON value. Empty when nothing is."""

_FINE: Final[Sequence[Complaint]] = ()
_ALLOWED_VALUES: Final = "should be equal to one of the allowed values"
_NOT_BLANK: Final = r".*\S.*"
"""The pattern that the API's model gives for nearly every string."""


def compiled(kind: Kind) -> Check:
    """The check of a kind."""
    match kind:
        case Text():
            return _text(kind)
        case Number():
            return _number(kind)
        case Items():
            return _items(kind)
        case Pairs():
            return _pairs(kind)
        case Shape():
            return _shape(kind)
        case Plain():
            return _PLAIN[kind]


def missing(name: str, path: str = "") -> Complaint:
    """What AJV says of an object without a property that it requires."""
    return Complaint("asff_required_missing", path, f"should have required property '{name}'")


def _wrong(code: str, text: str) -> Sequence[Complaint]:
    return (Complaint(code, "", text),)


def _wrong_type(name: str) -> Sequence[Complaint]:
    return _wrong("asff_type_wrong", f"should be {name}")


def _pattern_missed(pattern: str) -> Sequence[Complaint]:
    return _wrong("asff_pattern_mismatch", f'should match pattern "{pattern}"')


def _text(kind: Text) -> Check:
    matches = re.compile(kind.pattern.removesuffix("$") + r"\Z", re.ASCII).search if kind.pattern else None
    allowed = frozenset(kind.allowed)

    def check(value: object) -> Sequence[Complaint]:
        if not isinstance(value, str):
            return _wrong_type("string")
        if kind.longest is not None and len(value) > kind.longest:
            return _wrong("asff_too_long", f"should NOT be longer than {kind.longest} characters")
        if allowed:
            return _FINE if value in allowed else _wrong("asff_not_allowed", _ALLOWED_VALUES)
        if len(value) < kind.shortest:
            return _wrong("asff_too_short", f"should NOT be shorter than {kind.shortest} characters")
        if matches is not None:
            return _FINE if matches(value) else _pattern_missed(kind.pattern or "")
        return _pattern_missed(_NOT_BLANK) if kind.shortest and not value.strip() else _FINE

    return check


def _number(kind: Number) -> Check:
    name = "integer" if kind.whole else "number"

    def check(value: object) -> Sequence[Complaint]:
        if isinstance(value, bool) or not isinstance(value, int | float):
            return _wrong_type(name)
        if kind.whole and isinstance(value, float) and not value.is_integer():
            return _wrong_type(name)
        if kind.most is not None and value > kind.most:
            return _wrong("asff_out_of_range", f"should be <= {kind.most}")
        if kind.least is not None and value < kind.least:
            return _wrong("asff_out_of_range", f"should be >= {kind.least}")
        return _FINE

    return check


def _timestamp(value: object) -> Sequence[Complaint]:
    if not isinstance(value, str):
        return _wrong_type("string")
    if milliseconds(value) is not None:
        return _FINE
    if is_shaped_as_timestamp(value):  # a day, a fraction or an offset that can't be
        return _wrong("asff_pattern_mismatch", 'should match format "date-time"')
    return _pattern_missed(PATTERN)


def _flag(value: object) -> Sequence[Complaint]:
    return _FINE if isinstance(value, bool) else _wrong_type("boolean")


def _any_object(value: object) -> Sequence[Complaint]:
    return _FINE if isinstance(value, Mapping) else _wrong_type("object")


_PLAIN: Final[Mapping[Plain, Check]] = {
    Plain.TIMESTAMP: _timestamp,
    Plain.FLAG: _flag,
    Plain.ANY_OBJECT: _any_object,
}


def _items(kind: Items) -> Check:
    check_item = compiled(kind.of)

    def check(value: object) -> Sequence[Complaint]:
        if not isinstance(value, list):
            return _wrong_type("array")
        if kind.most is not None and len(value) > kind.most:
            return _wrong("asff_too_many", f"should NOT have more than {kind.most} items")
        if len(value) < kind.fewest:
            return _wrong("asff_too_few", f"should NOT have fewer than {kind.fewest} items")
        found: list[Complaint] = []
        for index, item in enumerate(value):
            if wrong := check_item(item):
                found += _below(f"[{index}]", wrong)
        return found

    return check


def _pairs(kind: Pairs) -> Check:
    check_value = _text(kind.values)

    def check(value: object) -> Sequence[Complaint]:
        if not isinstance(value, Mapping):
            return _wrong_type("object")
        if kind.most is not None and len(value) > kind.most:
            return _wrong("asff_too_many", f"should NOT have more than {kind.most} properties")
        if len(value) < kind.fewest:
            return _wrong("asff_too_few", f"should NOT have fewer than {kind.fewest} properties")
        found: list[Complaint] = []
        for key, text in value.items():
            if len(key) > kind.longest_key:
                too_long = f"should NOT be longer than {kind.longest_key} characters"
                found.append(Complaint("asff_too_long", "", too_long))
                found.append(Complaint("asff_too_long", "", f"property name '{key}' is invalid"))
            if wrong := check_value(text):
                found += _below(f"['{key}']", wrong)
        return found

    return check


def _shape(kind: Shape) -> Check:
    members = [(name, f".{name}", compiled(member)) for name, member in kind.members.items()]

    def check(value: object) -> Sequence[Complaint]:
        if not isinstance(value, Mapping):
            return _wrong_type("object")
        found = [missing(name) for name in kind.required if name not in value]
        for name, step, check_member in members:
            if name in value and (wrong := check_member(value[name])):
                found += _below(step, wrong)
        return found

    return check


def _below(step: str, complaints: Sequence[Complaint]) -> list[Complaint]:
    """What is wrong with a part, as said from the whole."""
    return [complaint._replace(path=step + complaint.path) for complaint in complaints]
