"""Checks of single values: their JSON type, and whether an enum knows them.

A check is a function, made once for an attribute of a schema and called for every value of it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Final

from console.display import safe_text
from console.ocsf.codes import ENUM_UNKNOWN, SCHEMA_BUG_PRIMITIVE, WRONG_TYPE, Code
from console.ocsf.issues import Issue
from console.ocsf.place import Place, Step, named, quoted, spell
from console.ocsf.rules import RuleSet
from console.ocsf.schema import Enum
from console.records.model import JsonValue

Check = Callable[[JsonValue, Place, Step, list[Issue]], None]
"""Looks at one value and appends what is wrong with it. The place is that of what holds the value, and the step leads
from there to the value. Null is seen only as an element of a list: an attribute that is null counts as absent."""

Fits = Callable[[JsonValue], bool]

_INTEGER_LIMIT: Final = 2**63
_LONG_LIMIT: Final = 2**127
_LISTED: Final = 12
"""How many values of an enum a message lists."""
_SINCE: Final = 20
_CODE_POINTS: Final = 0x110000
_SURROGATES: Final = range(0xD800, 0xE000)


# type() and not isinstance(): to Python, true is an integer.


def _is_boolean(value: JsonValue) -> bool:
    return value is True or value is False


def is_integer(value: JsonValue) -> bool:
    """Whether *value* fits `integer_t`: 64 bits, signed."""
    return type(value) is int and -_INTEGER_LIMIT <= value < _INTEGER_LIMIT


def _is_long(value: JsonValue) -> bool:
    return type(value) is int and -_LONG_LIMIT <= value < _LONG_LIMIT


def _is_number(value: JsonValue) -> bool:
    return type(value) is float or type(value) is int


def _is_fraction(value: JsonValue) -> bool:
    return type(value) is float


def _is_string(value: JsonValue) -> bool:
    return type(value) is str


def _is_anything(_value: JsonValue) -> bool:
    return True


_FITS: Final[Mapping[str, tuple[Fits, str]]] = {
    "boolean_t": (_is_boolean, "true or false"),
    "float_t": (_is_number, "a number"),
    "integer_t": (is_integer, "an integer of at most 64 bits"),
    "json_t": (_is_anything, "anything"),
    "long_t": (_is_long, "an integer of at most 128 bits"),
    "string_t": (_is_string, "text"),
}
_OFFICIAL_FLOAT: Final[tuple[Fits, str]] = (_is_fraction, "a number with a fraction or an exponent")


def fits_primitive(primitive: str, rules: RuleSet) -> tuple[Fits, str]:
    """The test of a primitive type, and what to call it. A type that a broken schema leaves open takes anything."""
    if primitive == "float_t" and rules is RuleSet.OFFICIAL:
        return _OFFICIAL_FLOAT
    return _FITS.get(primitive, _FITS["json_t"])


def scalar(type_name: str, primitive: str, rules: RuleSet, further: Sequence[Check] = ()) -> Check:
    """The check of a value of a data type. *primitive* is what that type is made from.

    A value of the right JSON type is held to *further*: range, length, pattern and the like. Where the schema does not
    say what a type is made from, the record can't help it.
    """
    if primitive not in _FITS:
        return _schema_fault(type_name, primitive) if rules is RuleSet.OFFICIAL else _take
    fits, words = fits_primitive(primitive, rules)
    expected = f"{words} ({type_name})"

    def check(value: JsonValue, holder: Place, step: Step, found: list[Issue]) -> None:
        if not fits(value):
            found.append(wrong_type(value, holder, step, expected))
            return
        for one in further:
            one(value, holder, step, found)

    return check


def _take(_value: JsonValue, _holder: Place, _step: Step, _found: list[Issue]) -> None:
    """The check that finds nothing."""


def enum_of(plain: Check, primitive: str, enum: Enum, rules: RuleSet, *, unknown: Code, deprecated: Code) -> Check:
    """The check of a value of an enum, or of an element of a list of them.

    *plain* is the check of its type. *unknown* and *deprecated* are the codes of values that are.
    """
    fits, _ = fits_primitive(primitive, rules)
    official = rules is RuleSet.OFFICIAL

    def check(value: JsonValue, holder: Place, step: Step, found: list[Issue]) -> None:
        plain(value, holder, step, found)
        # The official validator looks a value of the wrong type up as well, and reports the one fault twice.
        text = str(value) if fits(value) else official_text(value) if official else None
        if text is None:
            return
        if text not in enum.captions:
            found.append(unknown_value(value, holder, step, enum, unknown))
        elif text in enum.deprecated:
            found.append(_deprecated_value(value, holder, step, enum.deprecated[text], deprecated))

    return check


def list_of(element: Check, type_name: str) -> Check:
    """The check of a list, each element of which *element* checks. An element must not be null."""

    def check(value: JsonValue, holder: Place, step: Step, found: list[Issue]) -> None:
        if type(value) is not list:
            found.append(wrong_type(value, holder, step, f"a list of {type_name}"))
            return
        here = (holder, step)
        for index, one in enumerate(value):
            element(one, here, index, found)

    return check


def wrong_type(value: JsonValue, holder: Place, step: Step, expected: str) -> Issue:
    """The issue of a value of a type that the schema does not allow there."""
    return WRONG_TYPE.at(spell(holder, step), f"{named(holder, step)} must be {expected}, but is {quoted(value)}.")


def unknown_value(value: JsonValue, holder: Place, step: Step, enum: Enum, code: Code = ENUM_UNKNOWN) -> Issue:
    """The issue of a value that an enum does not list."""
    listed = ", ".join(list(enum.captions)[:_LISTED]) + (", …" if len(enum.captions) > _LISTED else "")
    return code.at(spell(holder, step), f"{named(holder, step)} must be one of {listed}, but is {quoted(value)}.")


def _deprecated_value(value: JsonValue, holder: Place, step: Step, since: str, code: Code) -> Issue:
    shown = safe_text(since, width=_SINCE)
    return code.at(spell(holder, step), f"{named(holder, step)} is {quoted(value)}, which is deprecated since {shown}.")


def _schema_fault(type_name: str, primitive: str) -> Check:
    """What the official validator says of every value of a type that the schema does not define down to the ground.

    It happens: OCSF 1.0.0-rc.2 leaves `subnet_t` and three others so.
    """

    def check(_value: JsonValue, holder: Place, step: Step, found: list[Issue]) -> None:
        found.append(
            SCHEMA_BUG_PRIMITIVE.at(
                spell(holder, step),
                f"{named(holder, step)} can't be checked: the schema makes its type {type_name} from {primitive}, "
                "which is no primitive type.",
            )
        )

    return check


def official_text(value: JsonValue) -> str | None:
    """The text by which the official validator looks a value up in an enum (Elixir's `to_string`).

    None where it crashes: at an object, and at a list that is no character data.
    """
    match value:
        case None:
            return ""
        case bool():
            return "true" if value else "false"
        case dict():
            return None
        case list():
            parts = [_official_characters(one) for one in value]
            return None if None in parts else "".join(part for part in parts if part is not None)
        case _:
            return str(value)


def _official_characters(value: JsonValue) -> str | None:
    """An element of a list as character data: a number is a code point."""
    if type(value) is int:
        valid = 0 <= value < _CODE_POINTS and value not in _SURROGATES
        return chr(value) if valid else None
    return official_text(value) if isinstance(value, str | list) else None
