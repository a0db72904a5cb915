"""What a data type asks of a value beyond its JSON type: range, length, pattern, values; and real parsing.

The first four are the official validator's: a type's own demand counts, else that of the type it is made from. The set
`full` then reads addresses, times and the like for real, since the patterns let much pass that is none.
"""

from __future__ import annotations

import re
import warnings
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from typing import Final

from console.display import safe_text
from console.ocsf import codes
from console.ocsf.codes import Code
from console.ocsf.issues import Issue
from console.ocsf.leaves import Check
from console.ocsf.place import Place, Step, named, quoted, spell
from console.ocsf.rules import RuleSet
from console.ocsf.schema import DataType, Schema
from console.ocsf.times import Scale, datetime_fault, day_of, in_milliseconds, read_datetime, scale_of
from console.ocsf.values import PARSERS
from console.records.model import JsonValue

_TIMESTAMP: Final = "timestamp_t"
_DATETIME: Final = "datetime_t"
_WIDTH: Final = 200

_SCALES: Final[Mapping[Scale, tuple[Code, str]]] = {
    Scale.SECONDS: (codes.TIME_IN_SECONDS, "a time in seconds"),
    Scale.MICROSECONDS: (codes.TIME_IN_MICROSECONDS, "a time in microseconds"),
    Scale.NANOSECONDS: (codes.TIME_IN_NANOSECONDS, "a time in nanoseconds"),
    Scale.OUT_OF_RANGE: (codes.TIME_OUT_OF_RANGE, "no likely time in milliseconds since 1970"),
}
_INVALID: Final[Mapping[str, Code]] = {
    "ip_t": codes.IP_INVALID,
    "mac_t": codes.MAC_INVALID,
    "subnet_t": codes.SUBNET_INVALID,
    "email_t": codes.EMAIL_INVALID,
    "uuid_t": codes.UUID_INVALID,
}

_LETTERS: Final = r"A-Za-z\xaa\xb5\xba\xc0-\xd6\xd8-\xf6\xf8-\xff"
"""What `\\pL` matches in the byte mode of PCRE: the letters of Latin-1."""
_LINEAR: Final[Mapping[str, str]] = {
    r"^[\pL0-9_]+[\pL0-9 ~!@#%&*\-./_]*$": r"^[\pL0-9_][\pL0-9 ~!@#%&*\-./_]*$",
}
"""Published patterns whose time grows with the square of the text's length, and what matches the same at once: that of
path_t in OCSF 1.0.0-rc.2."""

Matches = Callable[[str], bool]


def demands(type_name: str, schema: Schema, rules: RuleSet) -> Sequence[Check]:
    """The checks of a value that has the JSON type of this data type already."""
    full = rules is RuleSet.FULL
    own = schema.types[type_name]
    base = None if own.base is None else schema.types.get(own.base)
    checks = [check for make in (_range, _max_len, _values) if (check := make(type_name, own, base))]
    if full and type_name in _INVALID:
        checks.append(_readable(type_name, _pattern(type_name, own, base, rules)))
    elif full and type_name == _DATETIME:
        checks.append(_datetime(_pattern(type_name, own, base, rules)))
    elif pattern := _pattern(type_name, own, base, rules):
        checks.append(pattern)
    if full and type_name == _TIMESTAMP:
        checks.append(_likely_time)
    return checks


def _range(type_name: str, own: DataType, base: DataType | None) -> Check | None:
    limits, code = own.range, codes.EXCEEDS_RANGE
    if limits is None and base is not None:
        limits, code = base.range, codes.EXCEEDS_SUPER_RANGE
    if limits is None:
        return None
    low, high = limits

    def check(value: JsonValue, holder: Place, step: Step, found: list[Issue]) -> None:
        if isinstance(value, int | float) and not low <= value <= high:
            message = f"{named(holder, step)} must be from {low} to {high} ({type_name}), but is {quoted(value)}."
            found.append(code.at(spell(holder, step), message))

    return check


def _max_len(type_name: str, own: DataType, base: DataType | None) -> Check | None:
    longest, code = own.max_len, codes.EXCEEDS_MAX_LEN
    if longest is None and base is not None:
        longest, code = base.max_len, codes.EXCEEDS_SUPER_MAX_LEN
    if longest is None:
        return None

    def check(value: JsonValue, holder: Place, step: Step, found: list[Issue]) -> None:
        if isinstance(value, str) and len(value) > longest and (length := _graphemes(value)) > longest:
            message = (
                f"{named(holder, step)} must have at most {longest:,} characters ({type_name}), but has {length:,}."
            )
            found.append(code.at(spell(holder, step), message))

    return check


def _graphemes(text: str) -> int:
    """Characters as a reader counts them, which is how the official validator counts (Unicode, UAX #29)."""
    if text.isascii():
        # The one grapheme of two ASCII characters.
        return len(text) - text.count("\r\n")
    from wcwidth import iter_graphemes

    return sum(1 for _ in iter_graphemes(text))


def _values(type_name: str, own: DataType, base: DataType | None) -> Check | None:
    allowed, code = own.values, codes.NOT_IN_VALUES
    if allowed is None and base is not None:
        allowed, code = base.values, codes.NOT_IN_SUPER_VALUES
    if allowed is None or {False, True} == set(allowed):
        return None  # All that a boolean can be.
    listed = ", ".join(safe_text(quoted(one), width=40) for one in allowed[:12])

    def check(value: JsonValue, holder: Place, step: Step, found: list[Issue]) -> None:
        # The type with the value: to Python, true is 1.
        if not any(type(value) is type(one) and value == one for one in allowed):
            message = f"{named(holder, step)} must be one of {listed} ({type_name}), but is {quoted(value)}."
            found.append(code.at(spell(holder, step), message))

    return check


def _pattern(type_name: str, own: DataType, base: DataType | None, rules: RuleSet) -> Check | None:
    """The check of the pattern, if there is one that can be used."""
    regex, code = own.regex, codes.REGEX
    if regex is None and base is not None:
        regex, code = base.regex, codes.SUPER_REGEX
    if regex is None or (rules is RuleSet.FULL and _is_defective(regex)):
        return None
    matches = matcher(regex)
    if matches is None:
        return _unusable(type_name) if rules is RuleSet.OFFICIAL else None

    def check(value: JsonValue, holder: Place, step: Step, found: list[Issue]) -> None:
        if isinstance(value, str) and not matches(value):
            message = f"{named(holder, step)} does not match the pattern of {type_name}: {quoted(value)}."
            found.append(code.at(spell(holder, step), message))

    return check


def _unusable(type_name: str) -> Check:
    def check(_value: JsonValue, holder: Place, step: Step, found: list[Issue]) -> None:
        message = f"{named(holder, step)} can't be checked: the schema's pattern for {type_name} is no valid one."
        found.append(codes.SCHEMA_BUG_REGEX.at(spell(holder, step), message))

    return check


def _is_defective(regex: str) -> bool:
    """Whether a published pattern can match nothing that it is meant for: of ip_t and datetime_t up to OCSF 1.0.0.

    The one is written with the delimiters of another language, the other with an escaped colon.
    """
    return regex.startswith("/^") or "%3A" in regex


@lru_cache(maxsize=256)
def matcher(regex: str) -> Matches | None:
    """What tells whether a text holds a match of a schema's pattern, as PCRE in its byte mode would.

    None where the pattern can't be used.
    """
    if regex.startswith("/^"):
        # A slash before the start of the text: it never matches.
        return lambda _text: False
    portable = _LINEAR.get(regex, regex).replace(r"\pL", _LETTERS)
    try:
        # Bytes, since the official validator counts a character beyond ASCII as several.
        with warnings.catch_warnings():
            # Of what a later Python may take for something else: the pattern is not ours to correct.
            warnings.simplefilter("ignore", FutureWarning)
            pattern = re.compile(portable.encode())
    except (re.error, OverflowError, RecursionError):
        return None
    return lambda text: pattern.search(text.encode()) is not None


def _readable(type_name: str, pattern: Check | None) -> Check:
    """A text that is read for real, where the schema's pattern has nothing against it."""
    parser, code = PARSERS[type_name], _INVALID[type_name]

    def check(value: JsonValue, holder: Place, step: Step, found: list[Issue]) -> None:
        before = len(found)
        if pattern is not None:
            pattern(value, holder, step, found)
        if len(found) > before or not isinstance(value, str):
            return
        reason = parser.fault(value)
        if reason is not None:
            message = f"{named(holder, step)} is no {parser.noun}: {reason} ({quoted(value)})."
            found.append(code.at(spell(holder, step), message))

    return check


def _datetime(pattern: Check | None) -> Check:
    """The same for a date and time, which should say its offset."""

    def check(value: JsonValue, holder: Place, step: Step, found: list[Issue]) -> None:
        before = len(found)
        if pattern is not None:
            pattern(value, holder, step, found)
        if len(found) > before or not isinstance(value, str):
            return
        moment = read_datetime(value)
        if moment is None:
            message = f"{named(holder, step)} is no date and time: {datetime_fault(value)} ({quoted(value)})."
            found.append(codes.DATETIME_INVALID.at(spell(holder, step), message))
        elif not moment.has_offset:
            message = f"{named(holder, step)} has no offset from UTC ({quoted(value)}); end it with Z or +02:00."
            found.append(codes.DATETIME_WITHOUT_OFFSET.at(spell(holder, step), message))

    return check


def _likely_time(value: JsonValue, holder: Place, step: Step, found: list[Issue]) -> None:
    if not isinstance(value, int):
        return
    scale = scale_of(value)
    if scale is Scale.MILLISECONDS:
        return
    code, words = _SCALES[scale]
    found.append(code.at(spell(holder, step), f"{named(holder, step)} is {quoted(value)}: {words}{_both_ways(value)}."))


def _both_ways(timestamp: int) -> str:
    """The day that a timestamp means in the unit it seems to have, and the one that it means in OCSF's."""
    meant = in_milliseconds(timestamp)
    if meant is None or meant == timestamp:
        return ""
    return f", {day_of(meant)}; in milliseconds, as OCSF counts, it is {day_of(timestamp)}"
