"""The tests that an expression is made of, and what each means for a record. `str` gives one that means the same."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final, Protocol, TypeAlias

from console.records.fields import Finding
from console.records.model import JsonValue
from console.records.query.operands import Operand, Text
from console.records.query.paths import quoted
from console.records.query.patterns import Patience, Pattern, Undecided
from console.records.query.subjects import Operator, Subject

_ORDERS: Final[Mapping[Operator, Callable[[int], bool]]] = {
    Operator.MORE: lambda order: order > 0,
    Operator.AT_LEAST: lambda order: order >= 0,
    Operator.LESS: lambda order: order < 0,
    Operator.AT_MOST: lambda order: order <= 0,
}


class Term(Protocol):
    """A part of an expression that holds for a record or not."""

    def matches(self, record: Finding, patience: Patience) -> bool:
        """Whether it holds. Raises `Undecided`."""
        ...

    def possible(self, plain: bytes) -> bool:
        """False only if it holds for no record that stands in some `plain` bytes."""
        ...

    @property
    def keys(self) -> frozenset[str] | None:
        """The top-level keys that it looks at; None where it looks at everything."""
        ...

    @property
    def patterns(self) -> tuple[Pattern, ...]:
        """The regular expressions in it. Without any it is never undecided."""
        ...


Sought: TypeAlias = Text | Pattern
"""What a text may be searched for."""


@dataclass(frozen=True, slots=True)
class Anywhere:
    """Free text, looked for in every text and every whole number of a record; keys are not looked at."""

    sought: Sought
    bare: bool = False
    """Whether it was written without quotes."""

    def matches(self, record: Finding, patience: Patience) -> bool:
        """Whether any value holds it. Raises `Undecided`."""
        return _holds(_all_texts(record), self.sought, patience)

    def possible(self, plain: bytes) -> bool:
        """Whether the text, but for what can be written in several ways, is there."""
        return isinstance(self.sought, Pattern) or all(run in plain for run in self.sought.runs)

    @property
    def keys(self) -> frozenset[str] | None:
        """None: it looks at everything."""
        return None

    @property
    def patterns(self) -> tuple[Pattern, ...]:
        """What it looks for, if that is one."""
        return (self.sought,) if isinstance(self.sought, Pattern) else ()

    def __str__(self) -> str:
        if isinstance(self.sought, Pattern):
            return str(self.sought)
        return self.sought.text if self.bare else quoted(self.sought.text)


@dataclass(frozen=True, slots=True)
class Equality:
    """`=` and `!=`: whether any value is equal to any alternative."""

    subject: Subject
    operands: tuple[Operand, ...]
    negative: bool = field(default=False, kw_only=True)

    def matches(self, record: Finding, patience: Patience) -> bool:
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

    @property
    def patterns(self) -> tuple[Pattern, ...]:
        """None."""
        return ()

    def __str__(self) -> str:
        operator = Operator.UNEQUAL if self.negative else Operator.EQUAL
        return f"{self.subject}{operator}{','.join(map(str, self.operands))}"


@dataclass(frozen=True, slots=True)
class Ordering:
    """`>` `>=` `<` `<=`: whether any value that can be compared with the operand is on that side of it."""

    subject: Subject
    operator: Operator
    operand: Operand

    def matches(self, record: Finding, patience: Patience) -> bool:
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

    @property
    def patterns(self) -> tuple[Pattern, ...]:
        """None."""
        return ()

    def __str__(self) -> str:
        return f"{self.subject}{self.operator}{self.operand}"


@dataclass(frozen=True, slots=True)
class Containment:
    """`~` and `!~`: whether any value holds any alternative within it."""

    subject: Subject
    sought: tuple[Sought, ...]
    negative: bool = field(default=False, kw_only=True)
    _asked: tuple[Sought, ...] = field(init=False, repr=False, compare=False)
    """The same in the order in which they are looked for: what may stay undecided last, and in one order."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "_asked", tuple(sorted(self.sought, key=_last_if_unsure)))

    def matches(self, record: Finding, patience: Patience) -> bool:
        """Whether it holds. Raises `Undecided`."""
        texts = [text for value in self.subject.values(record) if (text := _text(value)) is not None]
        undecided = False
        for sought in self._asked:
            try:
                if _holds(texts, sought, patience):
                    return not self.negative
            except Undecided:
                undecided = True
        if undecided:
            raise Undecided
        return self.negative

    def possible(self, plain: bytes) -> bool:
        """Whether an alternative may be there."""
        return self.negative or any(Anywhere(one).possible(plain) for one in self.sought)

    @property
    def keys(self) -> frozenset[str] | None:
        """Those of the subject."""
        return self.subject.keys

    @property
    def patterns(self) -> tuple[Pattern, ...]:
        """Those among the alternatives."""
        return tuple(one for one in self.sought if isinstance(one, Pattern))

    def __str__(self) -> str:
        operator = Operator.LACKS if self.negative else Operator.CONTAINS
        return f"{self.subject}{operator}{','.join(map(str, self.sought))}"


def _text(value: JsonValue) -> str | None:
    """A text, or a whole number as it is written; None for what holds no text."""
    if isinstance(value, str):
        return value
    if not isinstance(value, int) or isinstance(value, bool):
        return None
    try:
        return str(value)
    except ValueError:  # Python writes out no integer of more than 4,300 digits.
        return None


def _last_if_unsure(sought: Sought) -> tuple[bool, str]:
    return isinstance(sought, Pattern), str(sought)


def _all_texts(record: Finding) -> Iterator[str]:
    """Every text in a record, and every whole number."""
    left: list[JsonValue] = [record]
    while left:
        value = left.pop()
        if isinstance(value, str):
            yield value
        elif isinstance(value, dict):
            left.extend(value.values())
        elif isinstance(value, list):
            left.extend(value)
        elif (text := _text(value)) is not None:
            yield text


def _holds(texts: Iterable[str], sought: Sought, patience: Patience) -> bool:
    """Whether any of the texts of a record holds what is sought. Raises `Undecided`."""
    return any(map(sought.within, texts)) if isinstance(sought, Text) else sought.found_in(texts, patience)
