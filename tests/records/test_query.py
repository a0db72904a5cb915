"""What expressions mean where that is not plain, and what is said of those that mean nothing."""

from __future__ import annotations

import pickle
import time

import pytest

from console.records.fields import Finding
from console.records.query import BadQuery, Undecided, parse
from console.records.query.patterns import PATTERN_LENGTH, TEXT_LENGTH

MS = 1763547300000
"""2025-11-19T10:15:00Z."""


def picks(expression: str, record: Finding) -> bool:
    """Whether an expression means a record."""
    return parse(expression).matches(record)


@pytest.mark.parametrize(
    ("expression", "record"),
    [
        ("severity=high", {"severity_id": 4}),
        ("severity=HIGH", {"severity": "High"}),
        ("severity=4", {"severity": "high"}),
        ("severity>=high", {"severity_id": 5}),
        ("severity>=4", {"severity": "Fatal"}),
        ("severity<high", {"severity_id": 1}),
        ("severity=77", {"severity_id": 77}),
        ("severity=low,critical", {"severity_id": 5}),
        ('severity="Sev-1"', {"severity": "SEV-1"}),
        ("severity=sev*", {"severity": "SEV-1"}),
        ("severity!=high", {}),
        ("severity=other", {"severity_id": 99}),
    ],
)
def test_a_severity_is_known_by_its_number_and_by_its_caption(expression: str, record: Finding) -> None:
    assert picks(expression, record)


@pytest.mark.parametrize("number", [0, 99, 77, True, 4.0, None, "4", [], {}])
def test_what_is_no_severity_in_the_order_is_neither_more_nor_less(number: bool | float | str | None) -> None:
    record: Finding = {"severity_id": number}
    assert not any(picks(f"severity{operator}medium", record) for operator in (">", ">=", "<", "<="))


@pytest.mark.parametrize(
    ("expression", "picked"),
    [
        ("time=2025-11-19", True),
        ("time=2025-11-19T10:15", True),
        ("time=2025-11-19T10:15:00Z", True),
        ("time=2025-11-19T11:15:00+01:00", True),
        ('time="2025-11-19 10:15:00.0"', True),
        ("time=1763547300", True),
        ("time=1763547300000", True),
        ("time>2025-11-18", True),
        ("time>2025-11-19", False),
        ("time>=2025-11-19", True),
        ("time<=2025-11-19", True),
        ("time<2025-11-19", False),
        ("time<2025-11-19T10:15:00.5", True),
        ("time=2025-11-19T10:16", False),
        ("time=2025-11-20", False),
    ],
)
@pytest.mark.parametrize("recorded", [MS, MS // 1000], ids=["milliseconds", "seconds"])
def test_a_time_is_compared_as_a_whole_day_minute_or_second(expression: str, picked: bool, recorded: int) -> None:
    assert picks(expression, {"time": recorded}) is picked


@pytest.mark.parametrize("recorded", [10**30, -(10**30), 1e300, True, "soon", None, [], {}])
def test_a_time_that_never_was_is_neither_before_nor_after(recorded: float | str | None) -> None:
    assert not picks("time>0001-01-01 or time<=9999-12-31", {"time": recorded})


def test_a_date_is_compared_with_the_texts_and_numbers_of_any_attribute() -> None:
    record: Finding = {"start_time": MS, "start_time_dt": "2025-11-19T12:15:00+02:00", "desc": "2025-11-19"}

    assert picks("start_time>=2025-11-19 start_time_dt=2025-11-19T10:15 desc=2025-11-19", record)
    assert not picks('start_time="2025-11-19"', record)


def test_an_integer_is_exact_and_true_is_no_number() -> None:
    assert picks("count=9007199254740993", {"count": 9007199254740993})
    assert not picks("count=9007199254740993", {"count": 9007199254740992})
    assert not picks("count>9007199254740992", {"count": 9007199254740992.0})
    assert picks(f"count>{10**40}", {"count": 10**40 + 1})
    assert not picks("count=1", {"count": True})
    assert not picks("count=true", {"count": 1})


def test_a_bare_value_equals_a_text_that_reads_the_same_and_a_quoted_one_only_that() -> None:
    record: Finding = {"x": "TRUE", "code": "0123", "n": "1E2", "one": 1}

    assert picks("x=true code=0123 n=1e2 one=1.0", record)
    assert not picks('one="1"', record)
    assert not picks("code=123", record)
    assert not picks("n=100", record)


def test_unequal_holds_only_where_no_element_is_equal() -> None:
    both: Finding = {"resources": [{"region": "a"}, {"region": "b"}]}

    assert picks("resources.region=a", both)
    assert not picks("resources.region!=a", both)
    assert picks("resources.region!=c", both)
    assert picks("resources.region!=a", {})
    assert not picks("resources.region!=a resources.region=*", {})
    assert picks("resources[1].region!=a", both)


def test_free_text_is_looked_for_in_values_and_not_in_keys() -> None:
    record: Finding = {"unmapped": {"secret": [{"x": "A Password"}, 12345, 1.5, True]}}

    assert picks("password", record)
    assert picks("234", record)
    assert not picks("secret", record)
    assert not picks("true or 1.5", record)


def test_keys_that_scripts_would_choke_on_are_plain_data() -> None:
    record: Finding = {"__proto__": {"": {"a.b": "x"}}, "constructor": 1}

    assert picks('__proto__.""."a.b"=x constructor=1', record)
    assert not picks("a.b=x", record)


def test_a_regular_expression_heeds_case_unless_it_is_told_not_to() -> None:
    assert picks("title~/^S3 .*access$/", {"finding_info": {"title": "S3 public access"}})
    assert not picks("title~/s3/", {"finding_info": {"title": "S3"}})
    assert picks("title~/s3/i", {"finding_info": {"title": "S3"}})
    assert picks("/a\\/b/", {"x": ["a/b"]})


CATASTROPHE = "/(x+x+)+y/"


def test_a_regular_expression_that_runs_away_leaves_the_record_undecided() -> None:
    started = time.thread_time()
    with pytest.raises(Undecided):
        picks(CATASTROPHE, {"a": "x" * 5_000})
    assert time.thread_time() - started < 5


def test_a_text_too_long_for_the_clock_leaves_the_record_undecided() -> None:
    with pytest.raises(Undecided):
        picks("raw_data~/nosuch/", {"raw_data": "a" * (TEXT_LENGTH + 1)})


def test_the_time_for_a_record_is_that_of_all_its_texts() -> None:
    texts: Finding = {str(number): f"{number} {'x' * 100}" for number in range(60)}

    assert not picks(CATASTROPHE, {"a": texts["0"]})
    with pytest.raises(Undecided):
        picks(CATASTROPHE, texts)


_SLOW: Finding = {"a": "x" * 5_000, "b": ["1", "x" * 5_000, "2"], "c": "yes"}
"""A record in whose long texts nobody can tell whether `CATASTROPHE` is."""


@pytest.mark.parametrize(
    ("expression", "meant"),
    [
        (f"a~{CATASTROPHE} c=no", False),
        (f"c=no a~{CATASTROPHE}", False),
        (f"a~{CATASTROPHE} c=yes", None),
        (f"{CATASTROPHE} /no/", False),
        (f"/^no/ {CATASTROPHE}", False),
        (f"a~{CATASTROPHE} or c=yes", True),
        (f"{CATASTROPHE} or /^yes/", True),
        (f"/^yes/ or {CATASTROPHE}", True),
        (f"a~{CATASTROPHE} or c=no", None),
        (f"not a~{CATASTROPHE}", None),
        (f"not (a~{CATASTROPHE} c=no)", True),
        (f"-(c=yes or {CATASTROPHE})", False),
        (f"c=no (b=1 or a~{CATASTROPHE} or b=2)", False),
        (f"a~{CATASTROPHE},xx", True),
        (f"a~{CATASTROPHE},/x$/", True),
        (f"a!~{CATASTROPHE},xx", False),
        ("b~/(x+x+)+y|2/", True),
        ("/(x+x+)+y|yes/", True),
    ],
)  # fmt: skip
def test_what_is_undecided_counts_only_where_nothing_else_settles_it(expression: str, meant: bool | None) -> None:
    if meant is None:
        with pytest.raises(Undecided):
            picks(expression, _SLOW)
    else:
        assert picks(expression, _SLOW) is meant


def test_a_slow_regular_expression_takes_no_time_from_another() -> None:
    many = " or ".join(f"a~/(x+x+){{{number},}}y/" for number in range(1, 9))

    started = time.thread_time()
    assert picks(f"{many} or c~/^y.s$/", _SLOW)
    assert time.thread_time() - started < 5


@pytest.mark.parametrize(
    ("pattern", "said"),
    [
        ("/" + "(?:" * 60 + "a" + "+)" * 60 + "/", "levels deep"),
        ("/(?:a{1000}){1000}/", "repeats"),
        ("/a{99999999999}/", "repeats"),
        (f"/{'a' * (PATTERN_LENGTH + 1)}/", "longer than"),
        ("//", "empty"),
        ("/(/", "can't be used"),
        ("/(?iaL)x/", "can't be used"),
    ],
)
def test_a_regular_expression_that_would_take_long_to_compile_is_refused(pattern: str, said: str) -> None:
    started = time.thread_time()
    with pytest.raises(BadQuery, match=said):
        parse(pattern)
    assert time.thread_time() - started < 5


@pytest.mark.parametrize(
    ("expression", "column", "said"),
    [
        ("", 1, "something to look for"),
        ("   ", 4, "something to look for"),
        ("severity>=", 11, "a value is expected after >="),
        ("severity=>high", 10, "a value is expected after ="),
        ("status_code==FAIL", 13, "a value is expected after ="),
        ("=high", 1, "name of what is compared is missing"),
        ("sevrity=high", 1, "severity is"),
        ("not sevrity=high", 5, "severity is"),
        ("Reosurces.Id=x", 1, "Resources is"),
        ("Status=FAIL", 1, "status is"),
        ("severity=hig", 10, "High is"),
        ("severity=4.5", 10, "no severity"),
        ("severity>other", 10, "nothing is more or less severe"),
        ("severity:high", 9, "a colon compares nothing"),
        ("time>yesterday", 6, "no time"),
        ("time=2026-02-30", 6, "no time"),
        ("count>1,2", 8, "takes one value"),
        ("count>*", 7, "nothing is more or less than"),
        ('a "b', 3, "never closed"),
        (r'a "b\c"', 5, "backslash"),
        ("(a or b", 1, "never closed"),
        ("a) b", 2, "closes none"),
        ("a or", 5, "something to look for"),
        ("a and and b", 7, "something to look for"),
        ("a && b", 3, "no operator"),
        ("- a", 1, "nothing is negated"),
        ("*", 1, "asterisk"),
        ('title~""', 7, "everywhere"),
        ('""', 1, "everywhere"),
        ("title=a(b)", 8, "a space is expected"),
        ("https://x/?a=b", 1, "not the name of an attribute"),
        ("/aws/lambda/x", 6, "stands nothing, or i"),
        ("/aws", 1, "no slash ends it"),
    ],
)
def test_a_mistake_is_named_with_its_place(expression: str, column: int, said: str) -> None:
    with pytest.raises(BadQuery, match=said) as refused:
        parse(expression)
    assert refused.value.column == column
    assert f"column {column})" in refused.value.message


def test_a_mistake_is_quoted_as_text_that_a_terminal_can_only_display() -> None:
    with pytest.raises(BadQuery) as refused:
        parse("a \x1b]0;owned\x07=b\u202e")
    assert str(refused.value).isprintable()


@pytest.mark.parametrize(
    "pasted",
    ["arn:aws:s3:::bucket/key", "https://example.com/path", "i-0123", "user@example.com", "C:\\Users", "a,b", "ß!"],
)
def test_what_is_pasted_is_looked_for_as_it_is(pasted: str) -> None:
    assert picks(pasted, {"x": f"before {pasted.upper()} after"})
    assert not picks(pasted, {"x": pasted[1:]})


def test_a_query_can_be_sent_to_another_process() -> None:
    query = parse('severity>=high title~/a/i or not time>2026-01-01 "x" resource=a*b')
    assert pickle.loads(pickle.dumps(query)) == query
