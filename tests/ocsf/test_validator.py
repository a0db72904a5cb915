"""The validator as a whole: verdicts, what is seen in the bytes of a record, and the bounds of what is said."""

from __future__ import annotations

from pathlib import Path

import pytest

from console.limits import Limits
from console.ocsf.issues import Declared, LocatedIssue
from console.ocsf.rules import Policy, RuleSet
from console.ocsf.run import validate_file
from console.ocsf.validator import Validator
from console.records.reader import FindingFile
from tests.ocsf.events import (
    BOTH,
    FULL,
    OFFICIAL,
    STORE,
    Event,
    declaring,
    finding,
    found,
    logon,
    message,
    raw,
    with_profiles,
)

both = pytest.mark.parametrize("validator", BOTH, ids=["full", "official"])


def pairs(record: bytes, validator: Validator = FULL) -> list[tuple[str, str]]:
    return [(issue.code, issue.path) for issue in validator.check(record)]


@both
@pytest.mark.parametrize("event", [logon(), finding()], ids=["logon", "finding"])
def test_a_sound_record_has_no_issue(event: Event, validator: Validator) -> None:
    assert found(event, validator) == set()


# What a record declares, for reports


def test_a_verdict_says_what_the_record_declares() -> None:
    verdict = FULL.examine(raw(declaring("1.7.0", finding())))
    assert (list(verdict.events), verdict.finding_uid, verdict.valid) == ([Declared("1.7.0", 2004)], "1", True)


@pytest.mark.parametrize("event", [{}, {"class_uid": True, "metadata": 1}, {"metadata": {"version": None}}])
def test_a_verdict_of_a_record_that_declares_nothing_is_none(event: Event) -> None:
    verdict = FULL.examine(raw(event))
    assert (list(verdict.events), verdict.finding_uid, verdict.valid) == ([Declared(None, None)], None, False)


@pytest.mark.parametrize("info", [None, "1", [], {}, {"uid": 1}, {"uid": None}])
def test_a_finding_without_a_text_for_its_uid_has_none(info: object) -> None:
    assert FULL.examine(raw(finding(finding_info=info))).finding_uid is None


def test_a_record_that_is_no_json_declares_nothing() -> None:
    assert list(FULL.examine(b"nonsense").events) == [Declared(None, None)]


# Duplicate keys


@pytest.mark.parametrize(
    ("old", "new", "path"),
    [
        (b'"severity_id": 1', b'"severity_id": 1, "severity_id": 1', "severity_id"),
        (b'"severity_id": 1', b'"severity_id": 99, "severity\\u005fid": 1', "severity_id"),
        (b'{"name": "ann"}', b'{"name": "bob", "name": "ann"}', "user.name"),
        (
            b'{"name": "ann"}',
            b'{"name": "ann", "groups": [{"uid": "0"}, {"uid": "1", "uid": "2"}]}',
            "user.groups[1].uid",
        ),
        (b'"time"', b'"unmapped": {"a": [{"b:c": 1, "b:c": 2}]}, "time"', "unmapped.a[0].b:c"),
    ],
    ids=["top", "escaped", "object", "list", "unmapped"],
)
def test_a_key_that_stands_twice_is_said_at_its_path(old: bytes, new: bytes, path: str) -> None:
    record = raw(logon()).replace(old, new)
    assert pairs(record) == [("duplicate_key", path)]
    assert pairs(record, OFFICIAL) == []
    assert pairs(record, Validator(STORE, Policy(duplicate_keys=False))) == []


def test_the_last_of_equal_keys_is_the_one_that_is_checked() -> None:
    record = raw(logon()).replace(b'"severity_id": 1', b'"severity_id": 42, "severity_id": 1')
    assert pairs(record) == [("duplicate_key", "severity_id")]
    record = raw(logon()).replace(b'"severity_id": 1', b'"severity_id": 1, "severity_id": 42')
    assert pairs(record) == [("attribute_enum_value_unknown", "severity_id"), ("duplicate_key", "severity_id")]


@pytest.mark.parametrize("text", ["a:b", '":"', "\\u003a", "\\\\u003a", ":" * 1_000, '{"a":1,"a":1}'])
def test_text_that_looks_like_keys_is_none(text: str) -> None:
    assert found(logon(message=text, unmapped={text: text})) == set()


# Integers beyond 64 bits


@pytest.mark.parametrize("number", [2**63, -(2**63) - 1, 10**300])
def test_an_integer_that_the_schema_does_not_check_is_held_to_64_bits(number: int) -> None:
    event = logon(unmapped={"a": [1, {"b": number}]}, enrichments=[{"name": "n", "value": "v", "data": {"x": number}}])
    paths = ("unmapped.a[1].b", "enrichments[0].data.x")
    assert found(event) == {("integer_beyond_64_bits", path) for path in paths}
    assert found(event, OFFICIAL) == set()


def test_an_integer_of_the_wrong_size_is_one_fault() -> None:
    assert found(logon(count=2**63)) == {("attribute_wrong_type", "count")}
    assert found(logon(time=2**100)) == {("time_out_of_range", "time")}


def test_long_runs_of_digits_in_text_are_no_integers() -> None:
    assert found(logon(unmapped={"a": "1" * 50, "1" * 50: 1, "b": 0.1111111111111111111111})) == set()


# Bounds


@both
def test_a_record_with_very_many_issues_is_cut_and_says_so(validator: Validator) -> None:
    issues = validator.check(raw(logon(**{f"k{number}": 1 for number in range(20_000)})))
    assert len(issues) <= 10_001
    assert issues[-1].code == "too_many_issues"
    assert "too_many_issues" not in {issue.code for issue in issues[:-1]}


def test_the_records_around_a_hostile_one_are_still_validated(tmp_path: Path) -> None:
    hostile = (
        raw(logon(**{f"k{number}": 1 for number in range(20_000)})),
        b'{"class_uid": 3002, "unmapped": ' + b"[" * 100_000 + b"]" * 100_000 + b"}",
        b'{"class_uid": ' + b"9" * 5_000 + b"}",
        rb'{"class_uid": 3002, "message": "\ud800"}',
        b'{"class_uid": 3002, "message": "' + b"x" * 100_000 + b'"}',
        b"[" + b"1," * 1_000 + b"1]",
        b'{"class_uid": NaN}',
    )
    good, bad = raw(logon()), raw(logon(nonsense=1))
    path = tmp_path / "file.jsonl"
    path.write_bytes(b"\n".join([good, *(line for one in hostile for line in (one, bad))]) + b"\n")
    limits = Limits(record_bytes=400_000)
    issues: list[LocatedIssue] = []
    with FindingFile.open(path, limits) as file:
        report = validate_file(file, Validator(STORE, limits=limits), on_issue=issues.append)
    at = {record: {one.issue.code for one in issues if one.record == record} for record in range(2 * len(hostile) + 1)}
    assert [next(iter(codes)) for codes in list(at.values())[2::2]] == ["attribute_unknown"] * len(hostile)
    codes = ("too_many_issues", "too_deep", "too_many_digits", "lone_surrogate", None, "not_an_object", "not_finite")
    for record, code in zip(range(1, 2 * len(hostile), 2), codes, strict=True):
        assert code is None or code in at[record]
    assert report.valid == 1


def test_a_message_quotes_little_and_harmlessly() -> None:
    hostile = "\x1b]0;owned\x07" + "x" * 10_000
    event = logon(observables=[{"name": hostile, "type_id": 1}])
    for one in (event, logon(count=hostile), logon(**{hostile: 1}), declaring(hostile), with_profiles([hostile])):
        for issue in FULL.check(raw(one)):
            assert len(issue.message) < 400
            assert "\x1b" not in issue.message


def test_paths_below_a_very_long_key_do_not_repeat_it_whole() -> None:
    """Ten thousand paths with a key of a megabyte would be ten gigabytes."""
    issues = FULL.check(raw(logon(unmapped={"k" * 1_000_000: [2**64] * 10_000})))
    assert len(issues) >= 9_999
    assert sum(len(issue.path) for issue in issues) < 2_000_000


@pytest.mark.timeout(30)
@pytest.mark.parametrize("rules", RuleSet)
@pytest.mark.parametrize("element", ["null", "1", "{}", "[]", '"x"', "1e5", "18446744073709551616"])
def test_very_many_elements_of_the_wrong_type_are_answered_at_once(element: str, rules: RuleSet) -> None:
    validator = Validator(STORE, Policy(rules))
    many = f"[{','.join([element] * 100_000)}]".encode()
    for name in ("observables", "user", "severity_id", "unmapped", "events"):
        record = raw(logon(**{name: 0})).replace(f'"{name}": 0'.encode(), f'"{name}": '.encode() + many)
        assert len(validator.check(record)) <= 10_001
    assert len(validator.check(b'{"events": ' + many + b"}")) <= 10_001


def test_the_words_of_an_issue_are_the_same_each_time() -> None:
    event = logon(severity_id=42, nonsense=1)
    assert list(FULL.check(raw(event))) == list(Validator(STORE).check(raw(event)))
    assert "42" in message(logon(severity_id=42))
