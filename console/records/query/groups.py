"""What terms are together: negated, side by side or alternatives; and the whole expression.

A regular expression may leave a term undecided. That counts only where the others don't settle the matter, and they are
asked in an order that has nothing to do with the one that they are written in: `a b` is `b a`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import chain

from console.records.fields import Finding
from console.records.query.operands import Text
from console.records.query.patterns import Patience, Pattern, Undecided
from console.records.query.terms import Anywhere, Term


@dataclass(frozen=True, slots=True)
class Not:
    """What holds where its term does not."""

    term: Term

    def matches(self, record: Finding, patience: Patience) -> bool:
        """Whether the term does not hold. Raises `Undecided`."""
        return not self.term.matches(record, patience)

    def possible(self, plain: bytes) -> bool:
        """True: that something may be there does not mean that it is in every record."""
        return True

    @property
    def keys(self) -> frozenset[str] | None:
        """Those of the term."""
        return self.term.keys

    @property
    def patterns(self) -> tuple[Pattern, ...]:
        """Those of the term."""
        return self.term.patterns

    def __str__(self) -> str:
        return f"not {_enclosed(self.term)}"


@dataclass(frozen=True, slots=True)
class _Group:
    """Terms, two or more, none of which is a group of the same kind."""

    terms: tuple[Term, ...]
    _asked: tuple[Term, ...] = field(init=False, repr=False, compare=False)
    """The same in the order in which they are asked at first."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "_asked", _in_order(self.terms))

    @property
    def keys(self) -> frozenset[str] | None:
        """All of them."""
        return _together(self.terms)

    @property
    def patterns(self) -> tuple[Pattern, ...]:
        """All of them."""
        return tuple(chain.from_iterable(term.patterns for term in self.terms))


@dataclass(frozen=True, slots=True)
class All(_Group):
    """Terms side by side, two or more, none of which is such a group itself."""

    def matches(self, record: Finding, patience: Patience) -> bool:
        """Whether each of them holds. Raises `Undecided`."""
        return _answer(self._asked, record, patience, settling=False)

    def possible(self, plain: bytes) -> bool:
        """Whether each of them is possible."""
        return all(term.possible(plain) for term in self.terms)

    def __str__(self) -> str:
        return " ".join(_enclosed(term) if isinstance(term, Either) else str(term) for term in self.terms)


@dataclass(frozen=True, slots=True)
class Either(_Group):
    """Terms with `or` between them, two or more, none of which is such a group itself."""

    def matches(self, record: Finding, patience: Patience) -> bool:
        """Whether one of them holds. Raises `Undecided`."""
        return _answer(self._asked, record, patience, settling=True)

    def possible(self, plain: bytes) -> bool:
        """Whether one of them is possible."""
        return any(term.possible(plain) for term in self.terms)

    def __str__(self) -> str:
        return " or ".join(map(str, self.terms))


@dataclass(frozen=True, slots=True)
class Query:
    """An expression, ready to be asked about records. Equal ones mean the same; it can be sent to another process."""

    term: Term

    def patience(self) -> Patience:
        """The patience with its regular expressions, for many records."""
        return Patience(len(self.term.patterns))

    def matches(self, record: Finding, patience: Patience | None = None) -> bool:
        """Whether a decoded record is meant. Of a record only the top-level `keys` need be there.

        Raises `Undecided` when that hangs on a regular expression that took too long for it, or, with a *patience* that
        earlier records had a part of, for too many of them.
        """
        return self.term.matches(record, patience or self.patience())

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


def _in_order(terms: tuple[Term, ...]) -> tuple[Term, ...]:
    """Terms in the order in which they are asked at first: those that may stay undecided last, and in one order.

    Whether a regular expression is given up hangs on the records that it was tried on.
    """
    unsure = sorted((term for term in terms if term.patterns), key=_without_order)
    return (*(term for term in terms if not term.patterns), *unsure)


def _answer(terms: Sequence[Term], record: Finding, patience: Patience, *, settling: bool) -> bool:
    """The *settling* answer if any of the terms gives it, and the other one if all of them do.

    Raises `Undecided` when nothing is settled and one of them has no answer. Those that took too long most often are
    asked last: what the others settle need not wait for them.
    """
    undecided = False
    for term in sorted(terms, key=lambda term: patience.lateness(term.patterns)) if patience.was_tried else terms:
        try:
            if term.matches(record, patience) is settling:
                return settling
        except Undecided:
            undecided = True
    if undecided:
        raise Undecided
    return not settling


def _without_order(term: Term) -> str:
    """A text that is the same for groups that differ in the order of their terms alone."""
    match term:
        case All(terms) | Either(terms):
            return f"{type(term).__name__}({' '.join(sorted(map(_without_order, terms)))})"
        case Not(inner):
            return f"not {_without_order(inner)}"
        case _:
            return str(term)


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
