"""Regular expressions that can't run away: capped in size before they are compiled, and in time while they search."""

from __future__ import annotations

import re
import time
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    import regex

RECORD_SECONDS: Final = 0.1
"""Seconds of computing that the regular expressions of an expression may take for one record, all together.

Each has an equal share, so that a slow one takes nothing from the others.
"""
MOST_UNDECIDED: Final = 10
"""Records that a regular expression may take too long for. It is given up then, and the others are not."""
PATTERN_LENGTH: Final = 500
"""Characters of one."""
TEXT_LENGTH: Final = 1_000_000
"""Characters of a text that one is tried on. The engine looks at the clock too seldom for longer ones."""

_KNOWN: Final = 10_000
_KNOWN_LENGTH: Final = 300
"""Texts, and the characters of each, that are remembered."""
_NESTING: Final = 10
_REPEATS: Final = 10_000
_COUNT: Final = re.compile(r"\{([0-9]*),?([0-9]*)\}")
_BRACKETS: Final = re.compile(r"\\.|([()])", re.DOTALL)


class Undecided(Exception):
    """A regular expression took too long for a record: nobody knows whether it matches."""


class BadPattern(Exception):
    """A regular expression can't be used. Its text is a sentence of ours, or the engine's reason."""


class Patience:
    """How long the regular expressions of one expression are waited for, in the records of a file or of a part of it.

    It is kept from record to record, so that what takes long in all of them does not take long for all of them.
    """

    def __init__(self, patterns: int) -> None:
        """*patterns* is how many regular expressions there are."""
        self.seconds = RECORD_SECONDS / max(1, patterns)
        """What each of them may take for one record."""
        self._late: Counter[Pattern] = Counter()

    def is_over(self, pattern: Pattern) -> bool:
        """Whether a regular expression took too long for so many records that it is given up."""
        return self._late[pattern] >= MOST_UNDECIDED

    @property
    def was_tried(self) -> bool:
        """Whether anything took too long so far."""
        return bool(self._late)

    def lateness(self, patterns: Iterable[Pattern]) -> int:
        """For how many records some regular expressions took too long."""
        return sum(self._late[pattern] for pattern in patterns)

    def note_late(self, pattern: Pattern) -> None:
        """Note that it took too long for a record."""
        self._late[pattern] += 1


@dataclass(frozen=True, slots=True)
class Pattern:
    """A regular expression."""

    source: str
    ignores_case: bool

    def found_in(self, texts: Iterable[str], patience: Patience) -> bool:
        """Whether it matches anywhere in one of the texts of a record. Raises `Undecided`."""
        if patience.is_over(self):
            raise Undecided
        engine = compiled(self.source, self.ignores_case)
        deadline: float | None = None
        undecided = late = False
        for text in texts:
            found = engine.known.get(text)
            if found is None and not late and len(text) <= TEXT_LENGTH:
                # The time of this thread alone, as the engine counts it: a busy machine leaves nothing undecided.
                now = time.thread_time()
                if deadline is None:
                    deadline = now + patience.seconds
                found = engine.search(text, deadline - now)
                late = found is None
            if found:
                return True
            undecided |= found is None
        if late:
            patience.note_late(self)
        if undecided:
            raise Undecided
        return False

    def __str__(self) -> str:
        source = self.source.replace("/", "\\/")
        return f"/{source}/{'i' if self.ignores_case else ''}"


@dataclass(slots=True)
class Engine:
    """A compiled expression, and what it found in texts: producers repeat themselves, and to mind the time is slow."""

    expression: regex.Pattern[str]
    known: dict[str, bool]

    def search(self, text: str, seconds: float) -> bool | None:
        """Whether it matches anywhere in a text; None where that took too long. What is found in short ones is kept."""
        if seconds <= 0:
            return None
        try:
            found = self.expression.search(text, timeout=seconds, concurrent=True) is not None
        except (TimeoutError, MemoryError):
            return None
        if len(text) <= _KNOWN_LENGTH:
            if len(self.known) >= _KNOWN:
                self.known.clear()
            self.known[text] = found
        return found


@lru_cache(16)
def compiled(source: str, ignores_case: bool) -> Engine:
    """The compiled expression. Raises `BadPattern`."""
    # It takes longer to load than most expressions need to be done.
    import regex

    _check_size(source)
    try:
        return Engine(regex.compile(source, regex.IGNORECASE if ignores_case else 0, cache_pattern=False), {})
    except (regex.error, ValueError, OverflowError, RecursionError) as error:
        raise BadPattern(f"the regular expression can't be used: {error}") from error


def _check_size(source: str) -> None:
    """Refuse what would take long to compile: repetitions inside repetitions are written out by the engine."""
    if not source:
        raise BadPattern("the regular expression is empty")
    if len(source) > PATTERN_LENGTH:
        raise BadPattern(f"the regular expression is longer than {PATTERN_LENGTH} characters")
    depth = 0
    for bracket in _BRACKETS.findall(source):
        depth += {"(": 1, ")": -1}.get(bracket, 0)
        if depth > _NESTING:
            raise BadPattern(f"the regular expression has groups more than {_NESTING} levels deep")
    repeats = 1
    for counts in _COUNT.findall(source):
        repeats *= max(1, *(int(count or 1) for count in counts))
        if repeats > _REPEATS:
            raise BadPattern(f"the regular expression repeats something more than {_REPEATS:,} times")
