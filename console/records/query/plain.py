"""Telling from bytes alone that no record in them can hold a text: it saves decoding what is not meant.

JSON may write a character in several ways, and letters are compared without regard to case. So a text is looked for by
its runs of ASCII characters that JSON writes in one way, in bytes in which nothing else can stand for such a letter.
"""

from __future__ import annotations

import re
from typing import Final

_MANY_WAYS: Final = re.compile(
    rb"\\u|\xc3\x9f|\xc4\xb0|\xc5[\x89\xbf]|\xc7\xb0|\xe1\xba[\x96-\x9a\x9e]|\xe2\x84\xaa|\xef\xac[\x80-\x86]"
)
"""An escape, or a character beyond ASCII that `str.casefold` makes ASCII of, such as ß and the Kelvin sign."""

_RUN: Final = re.compile(r'[^"\\/\x00-\x1f\x80-\U0010ffff]+')
"""ASCII characters that stand for themselves in any JSON text: all that need not, and may not, be escaped."""


def plain(data: bytes) -> bytes | None:
    """The bytes in lower case; None where a text in them might be written in a way that `runs` can't be found in."""
    if (b"\\u" in data) if data.isascii() else _MANY_WAYS.search(data):
        return None
    return data.lower()


def runs(text: str) -> tuple[bytes, ...]:
    """What must stand in the `plain` bytes of a record that holds *text*, in any case of letters."""
    return tuple(run.encode() for run in _RUN.findall(text.casefold()))
