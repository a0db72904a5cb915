"""Regular expressions that can't run away: capped in size before they are compiled, and in time while they search."""

from __future__ import annotations

import re
import time
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    import regex

RECORD_SECONDS: Final = 0.1
"""Seconds of computing that the regular expressions of an expression may take for one record, all together."""
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


class Clock:
    """The time that one record may take. It starts with the first regular expression."""

    __slots__ = ("_deadline",)

    def __init__(self) -> None:
        self._deadline: float | None = None

    def left(self) -> float:
        """Seconds that are left. Raises `Undecided` when none are."""
        # The time of this thread alone, as the engine counts it: a busy machine leaves nothing undecided.
        now = time.thread_time()
        if self._deadline is None:
            self._deadline = now + RECORD_SECONDS
        if now >= self._deadline:
            raise Undecided
        return self._deadline - now


@dataclass(frozen=True, slots=True)
class Pattern:
    """A regular expression."""

    source: str
    ignores_case: bool

    def found_in(self, text: str, clock: Clock) -> bool:
        """Whether it matches anywhere in a text. Raises `Undecided`."""
        if len(text) > TEXT_LENGTH:
            raise Undecided
        engine = compiled(self.source, self.ignores_case)
        found = engine.known.get(text)
        if found is None:
            try:
                found = engine.expression.search(text, timeout=clock.left(), concurrent=True) is not None
            except (TimeoutError, MemoryError) as error:
                raise Undecided from error
            engine.remember(text, found=found)
        return found

    def __str__(self) -> str:
        source = self.source.replace("/", "\\/")
        return f"/{source}/{'i' if self.ignores_case else ''}"


@dataclass(slots=True)
class Engine:
    """A compiled expression, and what it found in texts: producers repeat themselves, and to mind the time is slow."""

    expression: regex.Pattern[str]
    known: dict[str, bool]

    def remember(self, text: str, *, found: bool) -> None:
        """Keep what was found in a short text."""
        if len(text) > _KNOWN_LENGTH:
            return
        if len(self.known) >= _KNOWN:
            self.known.clear()
        self.known[text] = found


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
