"""Any expression is read or refused in a sentence, reads the same when written anew, and means the plain thing."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Final, NamedTuple

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from console.ocsf.store import SchemaStore
from console.records.fields import Finding
from console.records.model import JsonValue
from console.records.query import BadQuery, Query, Undecided, parse
from console.records.query.names import SHORT_NAMES, meant
from console.records.query.plain import plain, runs
from tests.examples import examples

Steps = tuple[str | int, ...]
Test = Callable[[JsonValue], bool]


class Meant(NamedTuple):
    """An expression, and what it means in plain Python."""

    text: str
    holds: Callable[[Finding], bool]


_KEYS: Final = (*("a",) * 8, *("b",) * 3, "é", "", "a.b", "__proto__", 'q"\\', "severity_id")
_TEXTS: Final = (
    *("x",) * 6,
    *("X",) * 6,
    "foo Bar",
    "ß",
    "SS",
    "K",
    "k",
    "1",
    "true",
    "null",
    "a*b",
    'say "hi"',
    "\\u0041",
    "a/b\n",
)
_NUMBERS: Final = ("0", "1", "-1", "1.0", "1.5", "1e2", "100", "9007199254740993", "9007199254740992", "9" * 30)

_scalars = st.sampled_from(
    [None, True, False, 0, 1, -1, 1.0, 1.5, 100, 9007199254740993, 9007199254740992.0, int("9" * 30), *_TEXTS]
)
records: st.SearchStrategy[Finding] = st.dictionaries(
    st.sampled_from(_KEYS),
    st.recursive(
        _scalars,
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(_KEYS), inner, max_size=2),
        max_leaves=5,
    ),
    min_size=1,
    max_size=3,
)
"""Records of few different keys and values, so that expressions of them often match."""


def _quoted(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _reached(value: JsonValue, steps: Steps) -> list[JsonValue]:
    """Everything that a path leads to, as docs/filters.md has it."""
    if steps and isinstance(steps[0], int):
        return _reached(value[steps[0]], steps[1:]) if isinstance(value, list) and steps[0] < len(value) else []
    if isinstance(value, list):
        return [one for element in value for one in _reached(element, steps)]
    if not steps:
        return [value]
    return _reached(value[steps[0]], steps[1:]) if isinstance(value, dict) and steps[0] in value else []


def _is_number(value: JsonValue) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _reads(value: JsonValue, text: str) -> bool:
    return isinstance(value, str) and value.casefold() == text.casefold()


def _equal_to(written: str) -> Test:
    """Whether a value is equal to what is written without quotes."""
    if written == "*":
        return lambda value: value is not None
    if "*" in written:
        form = ".*".join(re.escape(part) for part in written.casefold().split("*"))
        return lambda value: isinstance(value, str) and re.fullmatch(form, value.casefold(), re.DOTALL) is not None
    if written in ("true", "false", "null"):
        constant = {"true": True, "false": False, "null": None}[written]
        return lambda value: value is constant or _reads(value, written)
    number = float(written) if "." in written or "e" in written else int(written)
    return lambda value: (_is_number(value) and value == number) or _reads(value, written)


def _ordered(operator: str, limit: int | float | str) -> Test:
    """Whether a value of the same type is on that side of the limit."""
    compare: dict[str, Callable[[int], bool]] = {
        ">": lambda order: order > 0,
        ">=": lambda order: order >= 0,
        "<": lambda order: order < 0,
        "<=": lambda order: order <= 0,
    }

    def holds(value: JsonValue) -> bool:
        if isinstance(limit, str):
            folded = value.casefold() if isinstance(value, str) else None
            return folded is not None and compare[operator]((folded > limit.casefold()) - (folded < limit.casefold()))
        if not isinstance(value, int | float) or isinstance(value, bool):
            return False
        return compare[operator]((value > limit) - (value < limit))

    return holds


def _holding(part: str) -> Test:
    def holds(value: JsonValue) -> bool:
        is_whole = isinstance(value, int) and not isinstance(value, bool)
        return (isinstance(value, str) or is_whole) and part.casefold() in str(value).casefold()

    return holds


@st.composite
def _paths(draw: st.DrawFn) -> tuple[str, Steps]:
    """A path as it is written, and its steps."""
    steps = draw(
        st.sampled_from(_KEYS).map(lambda key: [key]) | st.lists(st.sampled_from(_KEYS), min_size=2, max_size=2)
    )
    text, found = "", list[str | int]()
    for key in steps:
        needs_quotes = not re.fullmatch(r"[\w]+", key)
        text += ("." if found else "") + (_quoted(key) if needs_quotes or draw(st.booleans()) else key)
        found.append(key)
        if draw(st.integers(0, 9)) == 9:
            index = draw(st.integers(0, 2))
            text += f"[{index}]"
            found.append(index)
    return text, tuple(found)


@st.composite
def _comparisons(draw: st.DrawFn) -> Meant:
    path, steps = draw(_paths())
    space = draw(st.sampled_from(("", " ")))
    kind = draw(st.sampled_from(("equal", "quoted", "order", "text order", "contains")))
    test: Test
    if kind == "equal":
        written = draw(st.sampled_from((*_NUMBERS, "true", "false", "null", "*", "*o*", "S*", "f*r", "a*b", "*")))
        operator, value, test = "=", written, _equal_to(written)
    elif kind == "quoted":
        texts = draw(st.lists(st.sampled_from(_TEXTS), min_size=1, max_size=2))
        operator, value = "=", f",{space}".join(map(_quoted, texts))
        test = lambda value: any(_reads(value, text) for text in texts)  # noqa: E731
    elif kind == "order":
        operator, value = draw(st.sampled_from((">", ">=", "<", "<="))), draw(st.sampled_from(_NUMBERS))
        test = _ordered(operator, float(value) if "." in value or "e" in value else int(value))
    elif kind == "text order":
        operator, text = draw(st.sampled_from((">", ">=", "<", "<="))), draw(st.sampled_from(_TEXTS))
        value, test = _quoted(text), _ordered(operator, text)
    else:
        text = draw(st.sampled_from((*_TEXTS, "0", "99")))
        operator, value, test = "~", _quoted(text), _holding(text)
    opposite = operator in "=~" and draw(st.booleans())

    def holds(record: Finding) -> bool:
        return any(map(test, _reached(record, steps))) is not opposite

    return Meant(f"{path}{space}{'!' if opposite else ''}{operator}{space}{value}", holds)


@st.composite
def _free_text(draw: st.DrawFn) -> Meant:
    text = draw(st.sampled_from((*_TEXTS, "foo", "99", "hi", "0")))
    test = _holding(text)

    def holds(value: JsonValue) -> bool:
        if isinstance(value, dict):
            return any(map(holds, value.values()))
        return any(map(holds, value)) if isinstance(value, list) else test(value)

    return Meant(text if text.isalnum() and draw(st.booleans()) else _quoted(text), holds)


def _joined(word: str, terms: list[Meant]) -> Meant:
    decide = any if word == " or " else all
    return Meant(f"({word.join(term.text for term in terms)})", lambda record: decide(t.holds(record) for t in terms))


def _negated(word: str, term: Meant) -> Meant:
    return Meant(word + term.text, lambda record: not term.holds(record))


queries: st.SearchStrategy[Meant] = st.recursive(
    _comparisons() | _free_text(),
    lambda inner: (
        st.builds(_joined, st.sampled_from((" ", " and ", " or ")), st.lists(inner, min_size=1, max_size=3))
        | st.builds(_negated, st.sampled_from(("not ", "-", "!")), inner)
    ),
    max_leaves=5,
)
"""Expressions, each with its meaning."""


@settings(max_examples=examples(300))
@given(queries, st.lists(records, min_size=1, max_size=8))
def test_an_expression_means_what_the_page_says(query: Meant, some: list[Finding]) -> None:
    parsed = parse(query.text)

    assert [parsed.matches(record) for record in some] == [query.holds(record) for record in some]


@given(queries)
def test_an_expression_written_anew_is_the_same(query: Meant) -> None:
    parsed = parse(query.text)

    assert parse(str(parsed)) == parsed


@given(queries, records)
def test_the_keys_that_an_expression_names_are_all_that_it_needs(query: Meant, record: Finding) -> None:
    parsed = parse(query.text)
    keys = parsed.keys

    seen = record if keys is None else {key: value for key, value in record.items() if key in keys}

    assert parsed.matches(seen) == parsed.matches(record)


_pieces = st.lists(
    st.sampled_from(
        [
            *("(", ")", '"', "\\", "/", "=", "!=", "!", "-", ">", ">=", "<", "~", "!~", ",", "*", ".", "[", "]", "[0]"),
            *(
                " ",
                "\n",
                "or",
                "and",
                "NOT",
                "severity",
                "time",
                "status",
                "high",
                "sevrity",
                "a.b",
                "2026-01-01",
                "1e999",
            ),
            *(
                "x",
                "ß",
                "\u202e",
                "\x00",
                "\ud800",
                "'",
                ":",
                "/(a+)+$/",
                "/[/",
                "/{9}{9}/",
                "(?i",
                "{99999}",
                "\\L<x>",
            ),
        ]
    ),
    max_size=25,
).map("".join)


@given(_pieces | st.text(max_size=60))
@example("a." * 4_000 + "a=1")
@example("(" * 5_000)
@example("-" * 5_000 + "x")
@example("x=" + "9" * 9_000)
@example("a[" + "9" * 9 + "]=1")
@example("/" + "(?:" * 160 + "a" + "+)" * 160 + "/")
@example("/(?iaL)x/")
@example("x " * 5_000)
def test_whatever_is_typed_is_an_expression_or_is_refused_in_a_sentence(text: str) -> None:
    refused: BadQuery | None = None
    query: Query | None = None
    try:
        query = parse(text)
    except BadQuery as error:
        refused = error
    if query is None:
        assert refused is not None
        assert 1 <= refused.column <= len(text) + 1
        assert refused.message.endswith(".")
        assert refused.message.isprintable()
        return
    if len(str(query)) < 10_000:
        assert parse(str(query)) == query
    try:
        assert query.matches({"a": [{"b": "x"}], "time": 1}) in (True, False)
    except Undecided:
        assert "/" in text


@given(st.text(max_size=20), st.text(max_size=20), st.text(max_size=20), st.booleans())
@example("", "\u212a", "", False)
@example("", "ﬃ", "", False)
def test_no_text_is_passed_over_for_how_json_writes_it(before: str, text: str, after: str, ascii_only: bool) -> None:
    wanted = runs(text.casefold())
    try:
        data = json.dumps(before + text.swapcase() + text + after, ensure_ascii=ascii_only).encode()
    except UnicodeEncodeError:
        return
    seen = plain(data)
    assert seen is None or all(run in seen for run in wanted)


def test_the_characters_that_can_stand_for_ascii_are_all_known() -> None:
    """Which they are is Unicode's to say, and a new version of it may add some."""
    for code in range(0x80, 0x110000):
        if any(folded < "\x80" for folded in chr(code).casefold()):
            assert plain(chr(code).encode()) is None, hex(code)


def test_every_attribute_of_every_class_of_findings_is_taken_for_what_it_is() -> None:
    store = SchemaStore(None)
    for version in store.versions():
        for uid, definition in store.get(version).classes.items():
            if uid // 1000 == 2:
                assert [name for name in definition.attributes if meant(name)] == []


@pytest.mark.parametrize("name", SHORT_NAMES)
def test_a_short_name_in_quotes_is_the_attribute_of_that_name(name: str) -> None:
    quoted = parse(f'"{name}"=x')

    assert quoted.matches({name: "X"})
    assert quoted.keys == frozenset((name,))
    assert str(quoted) == f'"{name}"=x'
