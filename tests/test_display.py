"""safe_text: nothing that a terminal obeys gets through, and nothing is hidden."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from console.display import safe_text


@given(st.text(st.characters(codec=None)))
def test_no_character_that_a_terminal_obeys_gets_through(text: str) -> None:
    shown = safe_text(text)

    assert all(unicodedata.category(character) not in ("Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp") for character in shown)


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


def test_marks_piled_on_one_letter_are_cut_off() -> None:
    shown = safe_text("z" + "\u0301" * 50)

    assert sum(map(bool, map(unicodedata.combining, shown))) == 4


def test_a_long_line_is_cut_and_the_cut_is_seen() -> None:
    assert safe_text("x" * 50, width=10) == "x" * 10 + "…"


def test_many_lines_are_cut_and_the_cut_is_seen() -> None:
    assert safe_text("\n".join("abc"), lines=2) == "a\nb\n…"


def test_a_million_line_breaks_cost_no_more_than_the_lines_shown() -> None:
    assert safe_text("\n" * 1_000_000, lines=3) == "\n\n\n…"
