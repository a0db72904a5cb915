"""Reading an expression from left to right: white space, quotes, and a place for whatever is wrong."""

from __future__ import annotations

import re
from typing import Final, NoReturn

from console.display import safe_text
from console.errors import BadInput

_SPACE: Final = re.compile(r"\s*")
_QUOTED: Final = re.compile(r'"((?:[^"\\]|\\.)*)"', re.DOTALL)
_ESCAPE: Final = re.compile(r"\\(.)", re.DOTALL)
_QUOTE_WIDTH: Final = 24


class BadQuery(BadInput):
    """An expression is not one. The message names the place, says what is wrong there, and quotes it."""

    def __init__(self, message: str, column: int, *, hint: str = "") -> None:
        super().__init__(message, hint=hint)
        self.column = column
        """The character of the expression that is wrong, from 1. After the last one where something is missing."""


class Scanner:
    """An expression, and a cursor in it."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0
        """The cursor: the index of the next character."""

    @property
    def ended(self) -> bool:
        """Whether nothing is left."""
        return self.at >= len(self.text)

    def skip_space(self) -> None:
        """Move past white space."""
        self.take(_SPACE)

    def sees(self, text: str) -> bool:
        """Whether *text* is next."""
        return self.text.startswith(text, self.at)

    def took(self, text: str) -> bool:
        """Move past *text*, if it is next. Says whether it was."""
        if not self.sees(text):
            return False
        self.at += len(text)
        return True

    def take(self, pattern: re.Pattern[str]) -> str | None:
        """Move past what *pattern* matches here and give it; None where it does not match."""
        found = pattern.match(self.text, self.at)
        if found is None:
            return None
        self.at = found.end()
        return found[0]

    def take_quoted(self) -> str | None:
        """Move past a text in quotes and give what it means; None where there is none. Raises `BadQuery`."""
        if not self.sees('"'):
            return None
        start = self.at
        if self.take(_QUOTED) is None:
            self.fail("a quote is opened here and never closed", hint='Within quotes, write \\" for a quote.')
        inside = self.text[start + 1 : self.at - 1]
        for escape in _ESCAPE.finditer(inside):
            if escape[1] not in '"\\':
                self.fail(
                    "within quotes a backslash stands only before a quote or another backslash",
                    start + 1 + escape.start(),
                    hint="For one backslash, write two.",
                )
        return _ESCAPE.sub(r"\1", inside)

    def fail(self, problem: str, at: int | None = None, *, hint: str = "") -> NoReturn:
        """Refuse the expression for a *problem* at some place, the cursor by default."""
        place = self.at if at is None else at
        rest = self.text[place:]
        where = f"at “{safe_text(rest, width=_QUOTE_WIDTH)}”" if rest else "at its end"
        raise BadQuery(f"The expression is wrong {where} (column {place + 1}): {problem}.", place + 1, hint=hint)
