"""safe_text: nothing that a terminal obeys gets through, and nothing is hidden."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from console.display import safe_text

# Default_Ignorable_Code_Point of Unicode 16 (DerivedCoreProperties.txt): drawn as nothing.
IGNORABLE = [
    *(0x00AD, 0x034F, 0x061C, 0x115F, 0x1160, 0x17B4, 0x17B5, *range(0x180B, 0x1810), *range(0x200B, 0x2010)),
    *(*range(0x202A, 0x202F), *range(0x2060, 0x2070), 0x3164, *range(0xFE00, 0xFE10), 0xFEFF, 0xFFA0),
    *(*range(0xFFF0, 0xFFF9), *range(0x1BCA0, 0x1BCA4), *range(0x1D173, 0x1D17B), *range(0xE0000, 0xE1000)),
]
MARKS = {code for code in range(0x110000) if unicodedata.category(chr(code)) in ("Mn", "Me")}


def marks_in_a_row(text: str) -> int:
    """The longest run of characters that are drawn on the one before."""
    return max(len(run) for run in "".join("m" if ord(one) in MARKS else " " for one in text).split(" "))


@given(st.text(st.characters(codec=None)))
def test_no_character_that_a_terminal_obeys_gets_through(text: str) -> None:
    shown = safe_text(text)

    assert all(unicodedata.category(character) not in ("Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp") for character in shown)
    assert not set(map(ord, shown)).intersection(IGNORABLE)


@given(st.text(st.sampled_from([*map(chr, sorted(MARKS)), *map(chr, IGNORABLE), "a", "é", "漢"])))
def test_nothing_is_hidden_and_no_mark_is_piled_on_many(text: str) -> None:
    shown = safe_text(text)

    assert not set(map(ord, shown)).intersection(IGNORABLE)
    assert marks_in_a_row(shown) <= 4


def test_what_is_drawn_as_nothing_is_shown_by_number() -> None:
    for code in (*IGNORABLE, 0x2800, 0x13441, 0x13442, 0x16FE4, 0x1D159):
        assert safe_text(f"a{chr(code)}b") == f"a\\u{{{code:x}}}b"


@given(st.text(st.characters(min_codepoint=32, max_codepoint=126)))
def test_plain_ascii_is_left_alone(text: str) -> None:
    assert safe_text(text) == text


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("\x1b]0;owned\x07", "␛]0;owned␇"),
        ("\x9b2J", "\\u{9b}2J"),
        ("admin\u202egpj", "admin\\u{202e}gpj"),
        ("a\u200bb", "a\\u{200b}b"),
        ("one\ntwo", "one␊two"),
        ("del\x7f", "del␡"),
        ("\ud800", "\\u{d800}"),
        ("nothing\u3164here", "nothing\\u{3164}here"),
        ("[@click=app.quit]x[/]", "[@click=app.quit]x[/]"),
        ("naïve 漢字", "naïve 漢字"),
    ],
)
def test_what_is_unsafe_is_shown_and_not_dropped(text: str, shown: str) -> None:
    assert safe_text(text) == shown


@pytest.mark.parametrize("mark", ["\u0301", "\u20dd", "\u0488", "\u0e31", "\U0001e130"])
def test_marks_piled_on_one_letter_are_cut_off(mark: str) -> None:
    assert safe_text("z" + mark * 50) == "z" + mark * 4 + f"\\u{{{ord(mark):x}}}" * 46


def test_a_long_line_is_cut_and_the_cut_is_seen() -> None:
    assert safe_text("x" * 50, width=10) == "x" * 10 + "…"


def test_many_lines_are_cut_and_the_cut_is_seen() -> None:
    assert safe_text("\n".join("abc"), lines=2) == "a\nb\n…"


def test_a_million_line_breaks_cost_no_more_than_the_lines_shown() -> None:
    assert safe_text("\n" * 1_000_000, lines=3) == "\n\n\n…"
