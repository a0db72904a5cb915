"""What an expression is made of, and what it means for a record. `str` of each is an expression that means the same."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final, Protocol, TypeAlias

from console.records.fields import Finding
from console.records.model import JsonValue
from console.records.query.operands import Operand, Text
from console.records.query.paths import quoted
from console.records.query.patterns import Clock, Pattern
from console.records.query.subjects import Operator, Subject

_ORDERS: Final[Mapping[Operator, Callable[[int], bool]]] = {
    Operator.MORE: lambda order: order > 0,
    Operator.AT_LEAST: lambda order: order >= 0,
    Operator.LESS: lambda order: order < 0,
    Operator.AT_MOST: lambda order: order <= 0,
}


class Term(Protocol):
    """A part of an expression that holds for a record or not."""

    def matches(self, record: Finding, clock: Clock) -> bool:
        """Whether it holds. Raises `Undecided`."""
        ...

    def possible(self, plain: bytes) -> bool:
        """False only if it holds for no record that stands in some `plain` bytes."""
        ...

    @property
    def keys(self) -> frozenset[str] | None:
        """The top-level keys that it looks at; None where it looks at everything."""
        ...


Sought: TypeAlias = Text | Pattern
"""What a text may be searched for."""


@dataclass(frozen=True, slots=True)
class Anywhere:
    """Free text, looked for in every text and every whole number of a record; keys are not looked at."""

    sought: Sought
    bare: bool = False
    """Whether it was written without quotes."""

    def matches(self, record: Finding, clock: Clock) -> bool:
        """Whether any value holds it."""
        left: list[JsonValue] = [record]
        while left:
            value = left.pop()
            if isinstance(value, dict):
                left.extend(value.values())
            elif isinstance(value, list):
                left.extend(value)
            elif _holds(value, self.sought, clock):
                return True
        return False

    def possible(self, plain: bytes) -> bool:
        """Whether the text, but for what can be written in several ways, is there."""
        return isinstance(self.sought, Pattern) or all(run in plain for run in self.sought.runs)

    @property
    def keys(self) -> frozenset[str] | None:
        """None: it looks at everything."""
        return None

    def __str__(self) -> str:
        if isinstance(self.sought, Pattern):
            return str(self.sought)
        return self.sought.text if self.bare else quoted(self.sought.text)


@dataclass(frozen=True, slots=True)
class Equality:
    """`=` and `!=`: whether any value is equal to any alternative."""

    subject: Subject
    operands: tuple[Operand, ...]
    negative: bool = False

    def matches(self, record: Finding, clock: Clock) -> bool:
        """Whether it holds; never undecided."""
        found = any(operand.equals(value) for value in self.subject.values(record) for operand in self.operands)
        return found is not self.negative

    def possible(self, plain: bytes) -> bool:
        """Whether an alternative may be there."""
        return self.negative or any(all(run in plain for run in operand.runs) for operand in self.operands)

    @property
    def keys(self) -> frozenset[str] | None:
        """Those of the subject."""
        return self.subject.keys

    def __str__(self) -> str:
        operator = Operator.UNEQUAL if self.negative else Operator.EQUAL
        return f"{self.subject}{operator}{','.join(map(str, self.operands))}"


@dataclass(frozen=True, slots=True)
class Ordering:
    """`>` `>=` `<` `<=`: whether any value that can be compared with the operand is on that side of it."""

    subject: Subject
    operator: Operator
    operand: Operand

    def matches(self, record: Finding, clock: Clock) -> bool:
        """Whether it holds; never undecided."""
        holds = _ORDERS[self.operator]
        orders = map(self.operand.order, self.subject.values(record))
        return any(order is not None and holds(order) for order in orders)

    def possible(self, plain: bytes) -> bool:
        """True: what is more or less than something may look like anything."""
        return True

    @property
    def keys(self) -> frozenset[str] | None:
        """Those of the subject."""
        return self.subject.keys

    def __str__(self) -> str:
        return f"{self.subject}{self.operator}{self.operand}"


@dataclass(frozen=True, slots=True)
class Containment:
    """`~` and `!~`: whether any value holds any alternative within it."""

    subject: Subject
    sought: tuple[Sought, ...]
    negative: bool = False

    def matches(self, record: Finding, clock: Clock) -> bool:
        """Whether it holds. Raises `Undecided`."""
        values = self.subject.values(record)
        found = any(_holds(value, one, clock) for value in values for one in self.sought)
        return found is not self.negative

    def possible(self, plain: bytes) -> bool:
        """Whether an alternative may be there."""
        return self.negative or any(Anywhere(one).possible(plain) for one in self.sought)

    @property
    def keys(self) -> frozenset[str] | None:
        """Those of the subject."""
        return self.subject.keys

    def __str__(self) -> str:
        operator = Operator.LACKS if self.negative else Operator.CONTAINS
        return f"{self.subject}{operator}{','.join(map(str, self.sought))}"


@dataclass(frozen=True, slots=True)
class Not:
    """What holds where its term does not."""

    term: Term

    def matches(self, record: Finding, clock: Clock) -> bool:
        """Whether the term does not hold. Raises `Undecided`."""
        return not self.term.matches(record, clock)

    def possible(self, plain: bytes) -> bool:
        """True: that something may be there does not mean that it is in every record."""
        return True

    @property
    def keys(self) -> frozenset[str] | None:
        """Those of the term."""
        return self.term.keys

    def __str__(self) -> str:
        return f"not {_enclosed(self.term)}"


@dataclass(frozen=True, slots=True)
class All:
    """Terms side by side, two or more, none of which is such a group itself."""

    terms: tuple[Term, ...]

    def matches(self, record: Finding, clock: Clock) -> bool:
        """Whether each of them holds; those after the first that does not are not looked at. Raises `Undecided`."""
        return all(term.matches(record, clock) for term in self.terms)

    def possible(self, plain: bytes) -> bool:
        """Whether each of them is possible."""
        return all(term.possible(plain) for term in self.terms)

    @property
    def keys(self) -> frozenset[str] | None:
        """All of them."""
        return _together(self.terms)

    def __str__(self) -> str:
        return " ".join(_enclosed(term) if isinstance(term, Either) else str(term) for term in self.terms)


@dataclass(frozen=True, slots=True)
class Either:
    """Terms with `or` between them, two or more, none of which is such a group itself."""

    terms: tuple[Term, ...]

    def matches(self, record: Finding, clock: Clock) -> bool:
        """Whether one of them holds; those after it are not looked at. Raises `Undecided`."""
        return any(term.matches(record, clock) for term in self.terms)

    def possible(self, plain: bytes) -> bool:
        """Whether one of them is possible."""
        return any(term.possible(plain) for term in self.terms)

    @property
    def keys(self) -> frozenset[str] | None:
        """All of them."""
        return _together(self.terms)

    def __str__(self) -> str:
        return " or ".join(map(str, self.terms))


@dataclass(frozen=True, slots=True)
class Query:
    """An expression, ready to be asked about records. Equal ones mean the same; it can be sent to another process."""

    term: Term

    def matches(self, record: Finding) -> bool:
        """Whether a decoded record is meant. Of a record only the top-level `keys` need be there.

        Raises `Undecided` when a regular expression took too long for it.
        """
        return self.term.matches(record, Clock())

    def possible(self, plain: bytes) -> bool:
        """False only if no record in some `console.records.query.plain.plain` bytes is meant."""
        return self.term.possible(plain)

    @property
    def keys(self) -> frozenset[str] | None:
        """The top-level keys that decide; None where everything in a record may."""
        return self.term.keys

    @property
    def words(self) -> frozenset[str]:
        """The free text in it that was written without quotes, in lower case."""
        return frozenset(_words(self.term))

    def __str__(self) -> str:
        return str(self.term)


def _holds(value: JsonValue, sought: Sought, clock: Clock) -> bool:
    """Whether a text, or a whole number as it is written, holds what is sought."""
    if isinstance(value, str):
        text = value
    elif isinstance(value, int) and not isinstance(value, bool):
        try:
            text = str(value)
        except ValueError:  # Python writes out no integer of more than 4,300 digits.
            return False
    else:
        return False
    return sought.within(text) if isinstance(sought, Text) else sought.found_in(text, clock)


def _enclosed(term: Term) -> str:
    """A term that may be a group, as one thing."""
    return f"({term})" if isinstance(term, All | Either) else str(term)


def _together(terms: tuple[Term, ...]) -> frozenset[str] | None:
    """All keys of some terms; None where one of them looks at everything."""
    keys: set[str] = set()
    for term in terms:
        if term.keys is None:
            return None
        keys |= term.keys
    return frozenset(keys)


def _words(term: Term) -> list[str]:
    """The bare free text in a term."""
    match term:
        case All(terms) | Either(terms):
            return [word for one in terms for word in _words(one)]
        case Not(inner):
            return _words(inner)
        case Anywhere(Text(text), True):
            return [text.casefold()]
        case _:
            return []
