"""The words that `asff` describes the finding format with: what a value may be. Nothing here checks anything."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum, auto

Named = Mapping[str, "Kind"]


@dataclass(frozen=True, slots=True)
class Text:
    """A string. Lengths are counted in characters (code points), as AJV counts them."""

    shortest: int = 1
    longest: int | None = None
    pattern: str | None = None
    """A regular expression as ECMAScript and Python both read it, quoted in the service's message."""
    allowed: tuple[str, ...] = ()
    """The only values; any when empty."""


@dataclass(frozen=True, slots=True)
class Number:
    """A number, between two bounds where they are given."""

    whole: bool = True
    """Whether it must be an integer. As in ECMAScript, 1.0 is one."""
    least: int | None = None
    most: int | None = None


class Plain(Enum):
    """A value with nothing to say of it but its type."""

    FLAG = auto()
    """True or false."""
    TIMESTAMP = auto()
    """A string of `moments`."""
    ANY_OBJECT = auto()
    """An object that is not looked into."""


@dataclass(frozen=True, slots=True)
class Items:
    """An array."""

    of: Kind
    fewest: int = 0
    most: int | None = None


@dataclass(frozen=True, slots=True)
class Pairs:
    """An object whose keys are free, and whose values are all of one kind."""

    values: Text
    longest_key: int
    fewest: int = 0
    most: int | None = None


@dataclass(frozen=True, slots=True)
class Shape:
    """An object with known attributes. Others are not looked at."""

    members: Named
    required: tuple[str, ...] = ()


Kind = Text | Number | Plain | Items | Pairs | Shape
