"""The `Filters` of GetFindings: what each asks of a finding.

Values of one name are joined by OR, but the negative ones (NOT_EQUALS, ...) by AND; names are joined by AND. Source:
`StringFilter`, `MapFilter`, `DateFilter` and their like in the API reference. Messages of refusals are ours.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network
from typing import Final

from console.records.model import JsonValue
from console.sandbox.security_hub.answers import Problem, invalid_input
from console.sandbox.security_hub.attributes import ATTRIBUTES, Attribute, Kind
from console.sandbox.security_hub.merging import Finding
from console.targets.security_hub.moments import milliseconds

MAX_NAMES: Final = 10
MAX_VALUES: Final = 20
"""How many attributes, and values of each, may be filtered by."""

Condition = Callable[[Finding], bool]
_Values = Sequence[JsonValue]
_Test = Callable[[_Values], bool]
_Asked = Mapping[str, JsonValue]

_COMPARISONS: Final[Mapping[str, Callable[[str, str], bool]]] = {
    "EQUALS": lambda found, asked: found == asked,
    "PREFIX": lambda found, asked: found.startswith(asked),
    "CONTAINS": lambda found, asked: asked in found,
}
_NEGATIONS: Final = {"NOT_EQUALS": "EQUALS", "PREFIX_NOT_EQUALS": "PREFIX", "NOT_CONTAINS": "CONTAINS"}
_MAP_COMPARISONS: Final = ("EQUALS", "NOT_EQUALS", "CONTAINS", "NOT_CONTAINS")
_NUMBERS: Final[Mapping[str, Callable[[float, float], bool]]] = {
    "Eq": lambda found, asked: found == asked,
    "Gte": lambda found, asked: found >= asked,
    "Lte": lambda found, asked: found <= asked,
    "Gt": lambda found, asked: found > asked,
    "Lt": lambda found, asked: found < asked,
}


def condition(filters: JsonValue, now: datetime) -> Condition:
    """What a finding must meet to be returned. Raises `Problem` for filters that can't be used."""
    if filters is None:
        return lambda _finding: True
    if not isinstance(filters, dict):
        raise _bad("Filters", "an object is expected")
    if len(filters) > MAX_NAMES:
        raise _bad("Filters", f"there may be at most {MAX_NAMES} attributes")
    conditions = [_named(name, asked, now) for name, asked in filters.items() if asked is not None]
    return lambda finding: all(meets(finding) for meets in conditions)


def _named(name: str, asked: JsonValue, now: datetime) -> Condition:
    attribute = ATTRIBUTES.get(name)
    if attribute is None:
        raise _bad(f"Filters.{name}", "there is no such attribute to filter by")
    if not isinstance(asked, list) or len(asked) > MAX_VALUES:
        raise _bad(f"Filters.{name}", f"a list of up to {MAX_VALUES} values is expected")
    positive: list[_Test] = []
    negative: list[_Test] = []
    for at, one in enumerate(asked):
        if not isinstance(one, dict):
            raise _bad(f"Filters.{name}[{at}]", "an object is expected")
        try:
            test, negated = _test(attribute, one, now)
        except ValueError as error:
            raise _bad(f"Filters.{name}[{at}]", str(error)) from error
        (negative if negated else positive).append(test)

    def meets(finding: Finding) -> bool:
        values = attribute.values(finding)
        return (not positive or any(test(values) for test in positive)) and all(test(values) for test in negative)

    return meets


def _test(attribute: Attribute, asked: _Asked, now: datetime) -> tuple[_Test, bool]:
    """What one value of a filter asks, and whether it is a negative one. Raises `ValueError` with what is wrong."""
    match attribute.kind:
        case Kind.STRING:
            return _string(asked)
        case Kind.MAP:
            return _map(asked)
        case Kind.DATE:
            return _date(asked, now), False
        case Kind.NUMBER:
            return _number(asked), False
        case _:
            return _others(attribute.kind, asked), False


def _string(asked: _Asked) -> tuple[_Test, bool]:
    value = _needed(asked, "Value")
    comparison = _comparison(asked, (*_COMPARISONS, *_NEGATIONS))
    compare = _COMPARISONS[_NEGATIONS.get(comparison, comparison)]

    def test(values: _Values) -> bool:
        return any(isinstance(found, str) and compare(found, value) for found in values)

    return _maybe_negated(test, comparison)


def _map(asked: _Asked) -> tuple[_Test, bool]:
    key, value = _needed(asked, "Key"), _needed(asked, "Value")
    comparison = _comparison(asked, _MAP_COMPARISONS)
    compare = _COMPARISONS[_NEGATIONS.get(comparison, comparison)]

    def test(values: _Values) -> bool:
        texts = [found[key] for found in values if isinstance(found, dict) and key in found]
        return any(isinstance(text, str) and compare(text, value) for text in texts)

    return _maybe_negated(test, comparison)


def _maybe_negated(test: _Test, comparison: str) -> tuple[_Test, bool]:
    if comparison in _NEGATIONS:
        return lambda values: not test(values), True
    return test, False


def _date(asked: _Asked, now: datetime) -> _Test:
    first, last = _instant(asked, "Start"), _instant(asked, "End")
    span = asked.get("DateRange")
    if span is not None:
        first, last = _range(span, now)
    if first is None and last is None:
        raise ValueError("it needs a Start, an End or a DateRange")

    def test(values: _Values) -> bool:
        instants = [milliseconds(found) for found in values if isinstance(found, str)]
        return any(
            at is not None and (first is None or at >= first) and (last is None or at <= last) for at in instants
        )

    return test


def _range(span: JsonValue, now: datetime) -> tuple[int | None, int | None]:
    """The first and the last instant of so many days before now, or of all that was earlier."""
    days = span.get("Value") if isinstance(span, dict) else None
    if not isinstance(span, dict) or isinstance(days, bool) or not isinstance(days, int) or span.get("Unit") != "DAYS":
        raise ValueError("a DateRange needs a whole Value and the Unit DAYS")
    comparison = _comparison(span, ("WITHIN", "OLDER_THAN"))
    try:
        edge = int((now - timedelta(days=days)).timestamp() * 1_000)
    except OverflowError as error:
        raise ValueError("the Value of the DateRange is too large") from error
    return (edge, None) if comparison == "WITHIN" else (None, edge - 1)


def _instant(asked: _Asked, name: str) -> int | None:
    text = asked.get(name)
    if text is None:
        return None
    at = milliseconds(text) if isinstance(text, str) else None
    if at is None:
        raise ValueError(f"{name} is no timestamp")
    return at


def _number(asked: _Asked) -> _Test:
    bounds = [(compare, asked[name]) for name, compare in _NUMBERS.items() if asked.get(name) is not None]
    asks = [(compare, bound) for compare, bound in bounds if _is_number(bound)]
    if not bounds or len(asks) < len(bounds):
        raise ValueError(f"it needs numbers for some of {', '.join(_NUMBERS)}")

    def test(values: _Values) -> bool:
        return any(
            all(isinstance(bound, int | float) and compare(found, bound) for compare, bound in asks)
            for found in values
            if isinstance(found, int | float) and not isinstance(found, bool)
        )

    return test


def _is_number(value: JsonValue) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _others(kind: Kind, asked: _Asked) -> _Test:
    if kind is Kind.IP:
        network = ip_network(_needed(asked, "Cidr"), strict=False)
        return lambda values: any(isinstance(found, str) and _is_in(found, network) for found in values)
    if kind is Kind.KEYWORD:
        word = _needed(asked, "Value").casefold()
        return lambda values: any(_mentions(found, word) for found in values)
    flag = asked.get("Value")
    if not isinstance(flag, bool):
        raise ValueError("Value must be true or false")
    return lambda values: flag in [found for found in values if isinstance(found, bool)]


def _is_in(text: str, network: IPv4Network | IPv6Network) -> bool:
    try:
        return ip_address(text) in network
    except ValueError:
        return False


def _mentions(value: JsonValue, word: str) -> bool:
    """Whether a text anywhere in a value holds the word. A finding is not nested deeper than was taken in."""
    if isinstance(value, str):
        return word in value.casefold()
    if isinstance(value, dict):
        return any(_mentions(part, word) for part in value.values())
    return isinstance(value, list) and any(_mentions(part, word) for part in value)


def _needed(asked: _Asked, name: str) -> str:
    value = asked.get(name)
    if not isinstance(value, str) or not value.strip():
        raise ValueError(f"{name} must be a text that is not blank")
    return value


def _comparison(asked: _Asked, allowed: Sequence[str]) -> str:
    value = asked.get("Comparison")
    if value is None:
        return allowed[0]
    if not isinstance(value, str) or value not in allowed:
        raise ValueError(f"Comparison must be one of {', '.join(allowed)}")
    return value


def _bad(name: str, reason: str) -> Problem:
    return invalid_input(f"Invalid parameter '{name}': {reason}.")
