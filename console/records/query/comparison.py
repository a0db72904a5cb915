"""Reading the comparisons of an expression: a subject, an operator, and the values that it is compared with."""

from __future__ import annotations

import re
from typing import Final

from console.display import safe_text
from console.records.fields import SEVERITIES
from console.records.query.names import SEVERITY, SHORT_NAMES, TIME, meant
from console.records.query.operands import (
    ORDERED,
    Anything,
    Constant,
    Operand,
    Rank,
    Text,
    Wild,
    bare,
    rank_in,
    time_in,
)
from console.records.query.paths import BARE_KEY, Path, Step
from console.records.query.patterns import BadPattern, Pattern, compiled
from console.records.query.scanner import Scanner
from console.records.query.subjects import NEGATIVES, Operator, Subject
from console.records.query.terms import Containment, Equality, Ordering, Sought, Term

_INDEX: Final = re.compile(r"\[[0-9]{0,9}\]")
_OPERATOR: Final = re.compile(r"\s*(!=|!~|>=|<=|=|>|<|~)")
_VALUE: Final = re.compile(r'[^\s(),"<>=~!][^\s(),"<>]*')
_PATTERN: Final = re.compile(r"/((?:[^/\\]|\\.)*)/(\w*)", re.DOTALL)
_CAPTIONS: Final = ", ".join(SEVERITIES.values())
_ORDER: Final = f"In order, severities are {', '.join(SEVERITIES[number] for number in ORDERED)}."


class Comparisons:
    """Reads comparisons where the scanner's cursor is."""

    def __init__(self, scanner: Scanner) -> None:
        self._scanner = scanner

    def take(self) -> Term | None:
        """The comparison at the cursor; None, and the cursor stays, where there is none. Raises `BadQuery`."""
        scanner = self._scanner
        start = scanner.at
        path = self._path()
        found = scanner.take(_OPERATOR) if path else None
        if path is None or found is None:
            scanner.at = start
            return None
        subject = self._subject(path, start)
        operator = Operator(found.strip())
        negative = operator in NEGATIVES
        if NEGATIVES.get(operator, operator) is Operator.EQUAL:
            return Equality(subject, tuple(self._operands(subject, operator)), negative=negative)
        if NEGATIVES.get(operator, operator) is Operator.CONTAINS:
            return Containment(subject, tuple(self._all_sought(operator)), negative=negative)
        return Ordering(subject, operator, self._ordered(subject, operator))

    def pattern(self) -> Pattern:
        """The regular expression at the cursor, which is on its slash. Raises `BadQuery`."""
        scanner = self._scanner
        start = scanner.at
        hint = "A text that starts with a slash and is no regular expression stands in quotes."
        found = _PATTERN.match(scanner.text, start)
        if found is None:
            scanner.fail("a regular expression starts here, and no slash ends it", hint=hint)
        source, flags = found[1].replace("\\/", "/"), found[2]
        scanner.at = found.end()
        if flags not in ("", "i"):
            scanner.fail(
                "after a regular expression stands nothing, or i to ignore the case", found.start(2), hint=hint
            )
        try:
            compiled(source, bool(flags))
        except BadPattern as error:
            scanner.fail(safe_text(error, width=200), start, hint=hint)
        return Pattern(source, bool(flags))

    def refuse_operator(self, start: int) -> None:
        """Refuse an operator at the cursor: what stands before it, from *start* on, is no subject."""
        scanner = self._scanner
        operator = _OPERATOR.match(scanner.text, scanner.at)
        if operator is None:
            return
        if scanner.at == start:
            scanner.fail("the name of what is compared is missing before this")
        scanner.fail(
            f"what stands before {operator[1]} is not the name of an attribute",
            start,
            hint='Put a text in quotes; and in a path, keys that hold other characters: unmapped."CIS-2.0".',
        )

    def refuse_colon(self, word: str, start: int) -> None:
        """Refuse `severity:high`: other languages compare by a colon, and here it would look for that very text."""
        name, colon, value = word.partition(":")
        if colon and name in SHORT_NAMES:
            short = safe_text(value, width=24)
            self._scanner.fail(
                "a colon compares nothing",
                start + len(name),
                hint=f"Write {name}={short}, or {name}~{short} for a part of it; or put the text in quotes.",
            )

    def _path(self) -> tuple[tuple[Step, ...], bool] | None:
        """The steps at the cursor, and whether the first is in quotes; None where there are none."""
        scanner = self._scanner
        is_quoted = scanner.sees('"')
        steps: list[Step] = []
        while True:
            key = scanner.take_quoted() if scanner.sees('"') else scanner.take(BARE_KEY)
            if key is None:
                return None
            steps.append(key)
            while (index := scanner.take(_INDEX)) is not None:
                if index != "[]":
                    steps.append(int(index[1:-1]))
            if not scanner.took("."):
                return tuple(steps), is_quoted

    def _subject(self, path: tuple[tuple[Step, ...], bool], start: int) -> Subject:
        """What a path means. Refuses what is nearly a known name: it would be found nowhere, and quietly."""
        steps, is_quoted = path
        first = str(steps[0])
        if is_quoted:
            return Subject("", (Path(steps),))
        if len(steps) == 1 and first in SHORT_NAMES:
            return Subject(first, tuple(Path(one) for one in SHORT_NAMES[first]))
        if known := meant(first):
            self._scanner.fail(
                f"no attribute of that name is known; {known} is", start, hint="If you mean it, put it in quotes."
            )
        return Subject("", (Path(steps),))

    def _operands(self, subject: Subject, operator: Operator) -> list[Operand]:
        """The alternatives of an equality."""
        operands = [self._operand(subject, operator)]
        while self._scanner.took(","):
            operands.append(self._operand(subject, operator))
        return operands

    def _ordered(self, subject: Subject, operator: Operator) -> Operand:
        """The one value that others are more or less than."""
        scanner = self._scanner
        scanner.skip_space()
        start = scanner.at
        operand = self._operand(subject, operator)
        if isinstance(operand, Anything | Wild | Constant):
            scanner.fail(f"nothing is more or less than {safe_text(operand, width=24)}", start)
        if subject.name == SEVERITY and not (isinstance(operand, Rank) and operand.number in ORDERED):
            scanner.fail("nothing is more or less severe than this", start, hint=_ORDER)
        if scanner.sees(","):
            scanner.fail(f"{operator} takes one value", hint="Lists of values stand after = != ~ and !~.")
        return operand

    def _operand(self, subject: Subject, operator: Operator) -> Operand:
        """One value, as its subject takes it."""
        text, is_quoted, start = self._value(operator)
        if subject.name == TIME:
            return self._time(text, start)
        if is_quoted:
            return Text(text)
        operand = bare(text)
        if subject.name == SEVERITY and not isinstance(operand, Anything | Wild):
            return self._rank(text, start)
        return operand

    def _time(self, text: str, start: int) -> Operand:
        """A value that the time of a record is compared with."""
        operand = bare(text)
        time = operand if isinstance(operand, Anything) else time_in(text)
        if time is None:
            self._scanner.fail(
                "this is no time", start, hint='Write 2026-11-19, 2026-11-19T10:15 or "2026-11-19 10:15:00+01:00".'
            )
        return time

    def _rank(self, text: str, start: int) -> Operand:
        """A value that the severity of a record is compared with."""
        rank = rank_in(text)
        if rank is None:
            near = next((one for one in SEVERITIES.values() if one.casefold().startswith(text.casefold())), "")
            self._scanner.fail(
                f"this is no severity{f'; {near} is' if near else ''}",
                start,
                hint=f"Severities are {_CAPTIONS}; others, as some producers write them, stand in quotes.",
            )
        return rank

    def _all_sought(self, operator: Operator) -> list[Sought]:
        """The alternatives that a value may hold."""
        sought = [self._sought(operator)]
        while self._scanner.took(","):
            sought.append(self._sought(operator))
        return sought

    def _sought(self, operator: Operator) -> Sought:
        """One text or regular expression."""
        scanner = self._scanner
        scanner.skip_space()
        if scanner.sees("/"):
            return self.pattern()
        text, _, start = self._value(operator)
        if not text:
            scanner.fail("an empty text is everywhere", start)
        return Text(text)

    def _value(self, operator: Operator) -> tuple[str, bool, int]:
        """One value, whether it is in quotes, and where it starts."""
        scanner = self._scanner
        scanner.skip_space()
        start = scanner.at
        text = scanner.take_quoted()
        if text is not None:
            return text, True, start
        text = scanner.take(_VALUE)
        if text is None:
            scanner.fail(f"a value is expected after {operator}", hint='For an empty one write "".')
        return text, False, start
