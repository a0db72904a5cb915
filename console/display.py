"""The one door through which foreign text reaches a screen or a terminal.

Findings, file names and server answers are written by strangers. Terminals obey what they are sent, so a finding can
retitle a window, write the clipboard or hide half of an identifier. Nothing here deletes: what is unsafe is shown, as
a visible glyph or as `\\u{202e}`, because what an attacker wrote is evidence.
"""

from __future__ import annotations

import unicodedata
from typing import Final

ELLIPSIS: Final = "…"
_STACKED_MARKS: Final = 4
"""Marks stacked on one character beyond this number are shown escaped: real scripts need fewer."""
_MARKS: Final = frozenset(("Mn", "Me"))
"""Unicode's categories of characters that are drawn on the one before: `unicodedata.combining` knows a part of them."""

# Printable by the Unicode tables, yet drawn as nothing: they make two different identifiers look the same. They are
# what is printable of Default_Ignorable_Code_Point (DerivedCoreProperties.txt), and blanks that are called letters.
_INVISIBLE: Final = frozenset(
    map(
        chr,
        (
            *(0x034F, 0x115F, 0x1160, 0x17B4, 0x17B5, *range(0x180B, 0x1810), 0x2800, 0x3164, *range(0xFE00, 0xFE10)),
            *(0xFFA0, 0x13441, 0x13442, 0x16FE4, 0x1D159, *range(0xE0100, 0xE01F0)),
        ),
    )
)


def _glyph(character: str) -> str:
    """Show one unsafe character: control characters as their picture, the rest by number."""
    code = ord(character)
    if code < 0x20:
        return chr(0x2400 + code)
    if code == 0x7F:
        return "\u2421"
    return f"\\u{{{code:x}}}"


def _escape(text: str) -> str:
    """Replace every character that a terminal might act on, or that a reader can't see."""
    shown: list[str] = []
    marks = 0
    for character in text:
        marks = marks + 1 if unicodedata.category(character) in _MARKS else 0
        unsafe = not character.isprintable() or character in _INVISIBLE or marks > _STACKED_MARKS
        shown.append(_glyph(character) if unsafe else character)
    return "".join(shown)


def _is_clean(text: str) -> bool:
    """Whether *text* may pass as it is. ASCII, by far the most common, is settled without looking at each letter."""
    return text.isprintable() and (
        text.isascii() or (_INVISIBLE.isdisjoint(text) and _MARKS.isdisjoint(map(unicodedata.category, set(text))))
    )


def safe_text(value: object, *, width: int = 2_000, lines: int = 1) -> str:
    """Return *value* as text that a terminal can only display.

    *width* caps each line, *lines* caps their number; both cuts are marked with an ellipsis. With one line, line
    breaks are shown as glyphs, so that a value cannot forge a second row. With more, a line break and a tab keep
    their meaning. The result is plain text: it may still contain square brackets, so a widget must be told that it
    is not markup.
    """
    text = value if isinstance(value, str) else str(value)
    if lines == 1:
        return _line(text, width)
    # Cut before splitting: the text may be a million line breaks.
    rows = text[: (width + 1) * lines].replace("\r\n", "\n").split("\n", lines)
    shown = [_line(row.replace("\t", "    "), width) for row in rows[:lines]]
    if len(rows) > lines or len(text) > (width + 1) * lines:
        shown.append(ELLIPSIS)
    return "\n".join(shown)


def _line(text: str, width: int) -> str:
    """One line, at most *width* characters of the original."""
    cut = text[:width]
    return (cut if _is_clean(cut) else _escape(cut)) + (ELLIPSIS if len(text) > width else "")
