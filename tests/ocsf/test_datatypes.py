"""What the data types of a schema ask of a value: range, length, pattern, values; and real parsing in `full`."""

from __future__ import annotations

from typing import Any, Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from console.ocsf.compile import compile_export
from console.ocsf.datatypes import matcher
from console.ocsf.issues import Issue
from console.ocsf.plans import PlanBook
from console.ocsf.rules import Policy, RuleSet
from console.ocsf.validator import Validator
from console.records.model import JsonValue
from tests.ocsf.events import BOTH, FULL, OFFICIAL, STORE, declaring, finding, found, logon, message, raw, with_profiles

both = pytest.mark.parametrize("validator", BOTH, ids=["full", "official"])
Type = dict[str, Any]


def codes(own: Type, base: Type, value: JsonValue, rules: RuleSet = RuleSet.FULL) -> list[str]:
    """What is said of a value of a data type *own* that is made from one with the demands *base*."""
    definition = {"name": "probe", "uid": 7, "attributes": {"x": {"type": "own_t"}}}
    types = {own["type"]: base, "own_t": own}
    schema = compile_export(raw({"version": "9.0.0", "types": types, "objects": {}, "classes": {"probe": definition}}))
    issues: list[Issue] = []
    PlanBook(schema, frozenset(), Policy(rules)).class_plan(7).walk({"x": value}, None, issues)
    assert {issue.path for issue in issues} <= {"x"}
    return [issue.code for issue in issues]


# Own demands before those of the type below


@pytest.mark.parametrize("rules", RuleSet)
def test_a_demand_of_its_own_takes_the_place_of_that_of_the_type_below(rules: RuleSet) -> None:
    wide, narrow = {"range": [0, 100]}, {"range": [0, 10]}
    assert codes({"type": "integer_t"} | wide, narrow, 50, rules) == []
    assert codes({"type": "integer_t"} | narrow, wide, 50, rules) == ["attribute_value_exceeds_range"]
    assert codes({"type": "integer_t"}, narrow, 50, rules) == ["attribute_value_exceeds_super_type_range"]
    own, other = {"regex": "^a$"}, {"regex": "^b$"}
    assert codes({"type": "string_t"} | own, other, "a", rules) == []
    assert codes({"type": "string_t"} | own, other, "b", rules) == ["attribute_value_regex_not_matched"]
    short, long = {"max_len": 1}, {"max_len": 9}
    assert codes({"type": "string_t"} | long, short, "aaaa", rules) == []
    assert codes({"type": "string_t"} | short, long, "aaaa", rules) == ["attribute_value_exceeds_max_len"]
    one, two = {"values": [1]}, {"values": [2]}
    assert codes({"type": "integer_t"} | one, two, 1, rules) == []
    assert codes({"type": "integer_t"} | one, two, 2, rules) == ["attribute_value_not_in_type_values"]


def test_each_demand_is_looked_up_apart() -> None:
    """A type may bring its own pattern and leave the length to the type below."""
    found_codes = codes({"type": "string_t", "regex": "^a+$"}, {"max_len": 2}, "bbb")
    assert found_codes == ["attribute_value_exceeds_super_type_max_len", "attribute_value_regex_not_matched"]


@pytest.mark.parametrize(("value", "inside"), [(0, True), (9, True), (-1, False), (10, False), (2**62, False)])
def test_the_ends_of_a_range_are_inside_it(value: int, inside: bool) -> None:
    assert (codes({"type": "integer_t", "range": [0, 9]}, {}, value) == []) is inside


def test_a_value_of_the_wrong_type_is_held_to_nothing_further() -> None:
    own = {"type": "integer_t", "range": [0, 9], "values": [1]}
    assert codes(own, {}, "99") == ["attribute_wrong_type"]


def test_allowed_values_are_told_apart_by_type() -> None:
    assert codes({"type": "json_t", "values": [1]}, {}, True) == ["attribute_value_not_in_type_values"]
    assert codes({"type": "json_t", "values": [True]}, {}, True) == []


# Length


@pytest.mark.parametrize(
    "text",
    ["abc", "äöü", "a\u0308o\u0308u\u0308", "👩‍👩‍👧🇨🇭🏴‍☠️", "각각각", "\r\n\r\n\r\n", "n\u0303\u0303\u0303\u0303xy"],
    ids=["ascii", "latin", "combining", "emoji", "jamo", "line breaks", "stacked"],
)
@pytest.mark.parametrize("rules", RuleSet)
def test_length_is_counted_as_a_reader_counts(text: str, rules: RuleSet) -> None:
    assert codes({"type": "string_t", "max_len": 3}, {}, text, rules) == []
    assert codes({"type": "string_t", "max_len": 2}, {}, text, rules) == ["attribute_value_exceeds_max_len"]


def test_the_length_is_said() -> None:
    event = declaring("1.1.0", logon(message="a\u0308" * 70_000))
    event["user"]["type_id"] = 1
    event["metadata"]["product"]["vendor_name"] = "V"
    assert "at most 65,535 characters (string_t), but has 70,000" in message(event)


# Patterns


@pytest.mark.parametrize(
    ("regex", "text", "matches"),
    [
        ("b", "abc", True),
        ("^b", "abc", False),
        ("^abc$", "abc\n", True),
        ("^abc$", "abc\n\n", False),
        (r"^\d$", "٣", False),
        (r"^\w$", "é", False),
        (r"^\s$", "\u00a0", False),
        ("^.$", "é", False),
        ("^..$", "é", True),
        ("^[A-Z]+$", "abc", False),
    ],
)
def test_a_pattern_is_searched_for_in_bytes_as_the_official_validator_does(
    regex: str, text: str, matches: bool
) -> None:
    own = {"type": "string_t", "regex": regex}
    for rules in RuleSet:
        assert codes(own, {}, text, rules) == ([] if matches else ["attribute_value_regex_not_matched"])


def test_a_pattern_that_is_none_is_the_schemas_fault_and_not_the_records() -> None:
    own = {"type": "string_t", "regex": "["}
    assert codes(own, {}, "a", RuleSet.OFFICIAL) == ["schema_bug_type_regex_invalid"]
    assert codes(own, {}, "a", RuleSet.FULL) == []


PUBLISHED: Final = sorted(
    {one.regex for version in STORE.versions() for one in STORE.get(version).types.values() if one.regex}
)


@pytest.mark.timeout(10)
@pytest.mark.parametrize("regex", PUBLISHED, ids=range(len(PUBLISHED)))
def test_no_published_pattern_takes_long_for_any_text(regex: str) -> None:
    """One whose time grows with the square of the length would take hours for these."""
    matches = matcher(regex)
    assert matches is not None
    for unit in ("a", "0", ":", ".", "-", "_", " ", "a.", "1.", "::", "a@", "+"):
        for start in ("", "a@", "::", "%"):
            matches(start + unit * 500_000 + "\x00")


@given(st.text(alphabet="a0_ ./\\~é\n\x00", max_size=6))
def test_the_pattern_that_was_made_quicker_matches_the_same(text: str) -> None:
    """path_t of OCSF 1.0.0-rc.2: letters and digits, then those and some marks."""
    regex = r"^[\pL0-9_]+[\pL0-9 ~!@#%&*\-./_]*$"
    quicker, slow = matcher(regex), matcher("(?:" + regex + ")")
    assert quicker is not None
    assert slow is not None
    assert quicker(text) == slow(text)


# Real parsing


@pytest.mark.parametrize("version", ["1.0.0-rc.2", "1.0.0-rc.3", "1.0.0"])
def test_broken_patterns_of_old_versions_warn_officially_and_not_in_full(version: str) -> None:
    """Those of ip_t and of datetime_t match nothing at all."""
    event = declaring(version, with_profiles(["datetime"], src_endpoint={"ip": "192.0.2.1"}))
    event["time_dt"] = "2023-11-14T22:13:20Z"
    paths = {"src_endpoint.ip", "time_dt"}
    assert {path for code, path in found(event, OFFICIAL) if code == "attribute_value_regex_not_matched"} == paths
    assert not {path for _, path in found(event)} & paths
    event["src_endpoint"]["ip"] = "-"
    assert ("ip_invalid", "src_endpoint.ip") in found(event)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("192.0.2.1", None),
        ("2001:db8::1", None),
        ("fe80::1%eth0", None),
        (" 192.0.2.1 ", "ip_invalid"),
        ("192a0b2c1", "ip_invalid"),
        ("not an address", "attribute_value_regex_not_matched"),
        ("", "attribute_value_regex_not_matched"),
    ],
)
def test_an_address_gets_one_issue_from_the_pattern_or_else_from_the_parser(text: str, code: str | None) -> None:
    event = logon(src_endpoint={"ip": text})
    assert found(event) == (set() if code is None else {(code, "src_endpoint.ip")})
    pattern = {("attribute_value_regex_not_matched", "src_endpoint.ip")}
    assert found(event, OFFICIAL) == (pattern if code == "attribute_value_regex_not_matched" else set())


@both
def test_each_element_of_a_list_is_held_to_the_data_type(validator: Validator) -> None:
    event = finding(evidences=[{"src_endpoint": {"name": "e", "intermediate_ips": ["192.0.2.1", "no"]}}])
    path = "evidences[0].src_endpoint.intermediate_ips[1]"
    assert found(event, validator) == {("attribute_value_regex_not_matched", path)}


def test_a_datetime_that_does_not_match_the_pattern_is_said_once() -> None:
    assert found(with_profiles(["datetime"], time_dt="yesterday")) == {("attribute_value_regex_not_matched", "time_dt")}


# Habits of producers


def prowler(product: str = "Prowler") -> set[str]:
    event = finding(time=1_700_000_000, time_dt="2023-11-14T22:13:20")
    event["metadata"] = {"version": "1.5.0", "product": {"name": product, "vendor_name": "V"}, "profiles": ["datetime"]}
    return {issue.message for issue in FULL.check(raw(event))}


def test_what_a_known_producer_always_does_is_explained_in_its_name() -> None:
    words = prowler()
    assert len(words) == 2
    assert all(one.startswith("Prowler writes ") for one in words)


@pytest.mark.parametrize("product", ["prowler", "Prowler2", "Probe"])
def test_of_another_producer_the_same_is_said_plainly(product: str) -> None:
    words = prowler(product)
    assert len(words) == 2
    assert not any("Prowler" in one for one in words)


def test_what_is_no_habit_is_said_plainly_of_a_known_producer() -> None:
    event = finding(time=0)
    event["metadata"]["product"]["name"] = "Prowler"
    assert "no likely time" in message(event)
