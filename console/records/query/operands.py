"""What may stand at the right of an operator, and how a value of a record compares with it.

What is written in quotes is text and nothing else. Without quotes it may be a number, a date, `true`, `false`, `null`
or have wildcards; each of them is still equal to a text that reads the same, whatever type a producer chose.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, Protocol

from console.records.fields import SEVERITIES
from console.records.model import JsonValue
from console.records.query import moments
from console.records.query.moments import Moment
from console.records.query.paths import quoted
from console.records.query.plain import runs

WILDCARD: Final = "*"

_NUMBER: Final = re.compile(r"-?[0-9]+(\.[0-9]+)?([eE][+-]?[0-9]+)?")
_SIMPLE: Final = re.compile(r"[A-Za-z_][\w.:@-]*", re.ASCII)
"""A text that needs no quotes."""
_CONSTANTS: Final[Mapping[str, bool | None]] = {"true": True, "false": False, "null": None}
_RANKS: Final = {caption.casefold(): number for number, caption in SEVERITIES.items()}
ORDERED: Final = range(1, 7)
"""Severities from Informational to Fatal. The others, Unknown and Other, are not more or less severe than anything."""


class Operand(Protocol):
    """Something that values are compared with. `str` gives it as an expression writes it."""

    def equals(self, value: JsonValue) -> bool:
        """Whether *value* is equal to it."""
        ...

    def order(self, value: JsonValue) -> int | None:
        """Less than 0, 0 or more, as *value* is before it, with it or after it; None where they can't be compared."""
        ...

    @property
    def runs(self) -> tuple[bytes, ...]:
        """What must stand in the `plain` bytes of a record that holds something equal."""
        ...


@dataclass(frozen=True, slots=True)
class Text:
    """A text, compared without regard to the case of letters."""

    text: str
    _folded: str = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_folded", self.text.casefold())

    def equals(self, value: JsonValue) -> bool:
        """Whether *value* is this text."""
        return isinstance(value, str) and value.casefold() == self._folded

    def order(self, value: JsonValue) -> int | None:
        """By the numbers of their characters; None for anything but texts."""
        if not isinstance(value, str):
            return None
        other = value.casefold()
        return (other > self._folded) - (other < self._folded)

    def within(self, text: str) -> bool:
        """Whether it is a part of *text*."""
        return self._folded in text.casefold()

    @property
    def runs(self) -> tuple[bytes, ...]:
        """The parts of the text that JSON writes in one way."""
        return runs(self.text)

    def __str__(self) -> str:
        bare = _SIMPLE.fullmatch(self.text) and self.text not in _CONSTANTS
        return self.text if bare else quoted(self.text)


@dataclass(frozen=True, slots=True)
class Written:
    """The base of what is written without quotes and is more than text."""

    text: str

    def equals(self, value: JsonValue) -> bool:
        """Whether *value* is a text that reads the same."""
        return isinstance(value, str) and value.casefold() == self.text.casefold()

    def order(self, value: JsonValue) -> int | None:
        """None: it has no order."""
        return None

    @property
    def runs(self) -> tuple[bytes, ...]:
        """Nothing: it may be written in many ways."""
        return ()

    def __str__(self) -> str:
        return self.text


@dataclass(frozen=True, slots=True)
class Number(Written):
    """A number, compared exactly: 1 is 1.0, and not true."""

    value: int | float

    def equals(self, value: JsonValue) -> bool:
        """Whether *value* is this number, or a text that reads the same."""
        return self.order(value) == 0 or Written.equals(self, value)

    def order(self, value: JsonValue) -> int | None:
        """None for anything but numbers."""
        if not isinstance(value, int | float) or isinstance(value, bool):
            return None
        return (value > self.value) - (value < self.value)


@dataclass(frozen=True, slots=True)
class Time(Written):
    """A date or a time, compared with numbers of (milli)seconds since 1970 and with texts that are dates."""

    moment: Moment

    def equals(self, value: JsonValue) -> bool:
        """Whether *value* is within it, or a text that reads the same."""
        return self.order(value) == 0 or Written.equals(self, value)

    def order(self, value: JsonValue) -> int | None:
        """None for what is no time."""
        time = moments.recorded(value)
        if time is None:
            return None
        return (time >= self.moment.end) - (time < self.moment.start)

    def __str__(self) -> str:
        return quoted(self.text) if " " in self.text else self.text


@dataclass(frozen=True, slots=True)
class Constant(Written):
    """`true`, `false` or `null`."""

    value: bool | None

    def equals(self, value: JsonValue) -> bool:
        """Whether *value* is it, or a text that reads the same."""
        return value is self.value or Written.equals(self, value)


@dataclass(frozen=True, slots=True)
class Anything(Written):
    """`*` alone: whatever is there."""

    text: str = WILDCARD

    def equals(self, value: JsonValue) -> bool:
        """Whether *value* is not null."""
        return value is not None


@dataclass(frozen=True, slots=True)
class Wild(Written):
    """A text with wildcards, each of which stands for any characters, or none."""

    def equals(self, value: JsonValue) -> bool:
        """Whether *value* is a text of that form."""
        if not isinstance(value, str):
            return False
        text = value.casefold()
        start, *middle, end = self.text.casefold().split(WILDCARD)
        if not text.startswith(start):
            return False
        at = len(start)
        for part in middle:
            at = text.find(part, at)
            if at < 0:
                return False
            at += len(part)
        return text.endswith(end) and len(text) - len(end) >= at

    @property
    def runs(self) -> tuple[bytes, ...]:
        """Those of the texts between the wildcards."""
        return tuple(run for part in self.text.split(WILDCARD) for run in runs(part))


@dataclass(frozen=True, slots=True)
class Rank(Written):
    """A severity, compared with numbers and captions by how severe they are."""

    number: int

    def equals(self, value: JsonValue) -> bool:
        """Whether *value* is this severity, as a number or in words."""
        return _rank(value) == self.number

    def order(self, value: JsonValue) -> int | None:
        """None for what is not from Informational to Fatal."""
        rank = _rank(value)
        return None if rank is None or rank not in ORDERED else rank - self.number


def bare(text: str) -> Operand:
    """What a value without quotes means."""
    if text == WILDCARD:
        return Anything()
    if WILDCARD in text:
        return Wild(text)
    if text in _CONSTANTS:
        return Constant(text, _CONSTANTS[text])
    number = number_in(text)
    if number is not None:
        return Number(text, number)
    moment = moments.written(text)
    return Text(text) if moment is None else Time(text, moment)


def number_in(text: str) -> int | float | None:
    """The number that *text* is; None where it is none, or larger than any that can be compared."""
    found = _NUMBER.fullmatch(text)
    if found is None:
        return None
    try:
        value = float(text) if found[1] or found[2] else int(text)
    except ValueError:  # Python reads no integer of more than 4,300 digits.
        return None
    return None if value in (float("inf"), float("-inf")) else value


def time_in(text: str) -> Operand | None:
    """What *text* means where a time is wanted: a date, or a number of (milli)seconds since 1970. None if neither."""
    number = number_in(text)
    moment = moments.written(text) if number is None else moments.counted(number)
    return None if moment is None else Time(text, moment)


def rank_in(text: str) -> Rank | None:
    """The severity that *text* means: its caption or its number. None if neither."""
    number = _RANKS.get(text.casefold())
    if number is None:
        given = number_in(text)
        number = given if isinstance(given, int) else None
    return None if number is None else Rank(text, number)


def _rank(value: JsonValue) -> int | None:
    """The number of a severity that a record names in one way or the other."""
    if isinstance(value, str):
        return _RANKS.get(value.casefold())
    return value if isinstance(value, int) and not isinstance(value, bool) else None
