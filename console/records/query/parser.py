"""Reading expressions. The grammar, loosest first:

either    = all {"or" all}
all       = one {["and"] one}
one       = {"not" | "-" | "!"} ("(" either ")" | comparison | text | "/" regular expression "/" ["i"])
comparison = subject operator value {"," value}
subject   = key {"." key | "[" [index] "]"}
"""

from __future__ import annotations

import re
from typing import Final

from console.records.query.comparison import Comparisons
from console.records.query.groups import All, Either, Not, Query
from console.records.query.operands import WILDCARD, Text
from console.records.query.scanner import Scanner
from console.records.query.terms import Anywhere, Term

LENGTH: Final = 10_000
"""Characters of an expression."""
NESTING: Final = 50
"""Levels of brackets and negations."""

_WORD: Final = re.compile(r'(?:[^\s()"=<>~!]|!(?![=~]))+')
_AND: Final = re.compile(r"and(?=[\s()]|$)", re.IGNORECASE)
_OR: Final = re.compile(r"or(?=[\s()]|$)", re.IGNORECASE)
_NOT: Final = re.compile(r"not(?=[\s()]|$)|[!-]", re.IGNORECASE)
_FOREIGN: Final = {"&&": "and", "&": "and", "||": "or", "|": "or"}
"""What other languages have for our words."""


def parse(text: str) -> Query:
    """The query that *text* means. Raises `BadQuery`."""
    scanner = Scanner(text)
    if len(text) > LENGTH:
        scanner.fail(f"it has {len(text):,} characters; the limit is {LENGTH:,}")
    return Query(_Parser(scanner).whole())


class _Parser:
    """Reads one expression."""

    def __init__(self, scanner: Scanner) -> None:
        self._scanner = scanner
        self._comparisons = Comparisons(scanner)
        self._depth = 0

    def whole(self) -> Term:
        """The whole expression."""
        term = self._either()
        if not self._scanner.ended:
            self._scanner.fail("this bracket closes none")
        return term

    def _either(self) -> Term:
        terms = [self._all()]
        while self._scanner.take(_OR):
            terms.append(self._all())
        flat = [one for term in terms for one in (term.terms if isinstance(term, Either) else (term,))]
        return Either(tuple(flat)) if len(flat) > 1 else flat[0]

    def _all(self) -> Term:
        terms = [self._one()]
        while not self._at_end_of_all():
            self._scanner.take(_AND)
            terms.append(self._one())
        flat = [one for term in terms for one in (term.terms if isinstance(term, All) else (term,))]
        return All(tuple(flat)) if len(flat) > 1 else flat[0]

    def _at_end_of_all(self) -> bool:
        scanner = self._scanner
        scanner.skip_space()
        return scanner.ended or scanner.sees(")") or _OR.match(scanner.text, scanner.at) is not None

    def _one(self) -> Term:
        """A negated, enclosed or plain term, with nothing but space or a bracket behind it."""
        scanner = self._scanner
        scanner.skip_space()
        start = scanner.at
        self._depth += 1
        if self._depth > NESTING:
            scanner.fail(f"brackets and negations are more than {NESTING} levels deep")
        if (negation := scanner.take(_NOT)) is not None:
            if negation in "!-" and (scanner.ended or scanner.text[scanner.at].isspace()):
                scanner.fail(f"nothing is negated by this {negation}", start, hint="To look for it, put it in quotes.")
            term: Term = Not(self._one())
        elif scanner.took("("):
            term = self._either()
            if not scanner.took(")"):
                scanner.fail("this bracket is never closed", start)
        else:
            term = self._plain()
        self._depth -= 1
        if not (scanner.ended or scanner.sees(")") or scanner.text[scanner.at].isspace()):
            scanner.fail(
                "a space is expected before this", hint="Put texts that hold brackets, quotes or operators in quotes."
            )
        return term

    def _plain(self) -> Term:
        """A comparison or free text."""
        scanner = self._scanner
        start = scanner.at
        if scanner.ended or scanner.sees(")") or _OR.match(scanner.text, start) or _AND.match(scanner.text, start):
            scanner.fail(
                "something to look for is expected here", hint='Such as severity>=high, or a text: "public access".'
            )
        if scanner.sees("/"):
            return Anywhere(self._comparisons.pattern())
        comparison = self._comparisons.take()
        if comparison is not None:
            return comparison
        text = scanner.take_quoted()
        if text is not None:
            if not text:
                scanner.fail("an empty text is everywhere", start)
            self._comparisons.refuse_operator(start)
            return Anywhere(Text(text))
        return self._word()

    def _word(self) -> Term:
        """Free text without quotes."""
        scanner = self._scanner
        start = scanner.at
        word = scanner.take(_WORD)
        self._comparisons.refuse_operator(start)
        if word is None:
            scanner.fail("something to look for is expected here")
        if word in _FOREIGN:
            scanner.fail(f"{word} is no operator here", start, hint=f"Write {_FOREIGN[word]}, or put it in quotes.")
        if word == WILDCARD:
            scanner.fail(
                "an asterisk alone looks for nothing", start, hint="A wildcard stands in a value, as in title=*bucket*."
            )
        self._comparisons.refuse_colon(word, start)
        return Anywhere(Text(word), bare=True)
