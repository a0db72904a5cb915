"""Bundles are validated as bundles, and each of their events as an event, at paths that say which."""

from __future__ import annotations

import pytest

from console.ocsf.issues import Declared
from console.ocsf.rules import RuleSet
from console.ocsf.validator import Validator
from tests.ocsf.events import BOTH, FULL, OFFICIAL, TIME, Event, declaring, finding, found, logon, message, raw

both = pytest.mark.parametrize("validator", BOTH, ids=["full", "official"])


def bundle(*events: object, **changes: object) -> Event:
    return {"events": list(events), **changes}


@both
def test_a_sound_bundle_has_no_issue(validator: Validator) -> None:
    whole = bundle(
        logon(),
        finding(time=TIME + 5),
        count=2,
        start_time=TIME,
        end_time=TIME + 5,
        start_time_dt="2023-11-14T22:13:20Z",
        end_time_dt="2023-11-14T22:13:20.005Z",
    )
    assert found(whole, validator) == set()
    assert found(bundle(), validator) == set()


@both
def test_the_path_of_an_issue_says_which_event_has_it(validator: Validator) -> None:
    broken = finding(resources=[{"uid": 1}])
    del broken["metadata"]["product"]
    assert found(bundle(logon(), logon(nonsense=1), {}, broken), validator) == {
        ("attribute_unknown", "events[1].nonsense"),
        ("attribute_required_missing", "events[2].class_uid"),
        ("attribute_required_missing", "events[3].metadata.product"),
        ("attribute_wrong_type", "events[3].resources[0].uid"),
    }


def test_an_issue_of_a_whole_event_is_at_the_event() -> None:
    event = logon()
    del event["service"]
    assert found(bundle(event)) == {("constraint_failed", "events[0]")}


@both
@pytest.mark.parametrize("event", [None, 1, "x", [], True])
def test_an_event_that_is_no_object_is_of_the_wrong_type(event: object, validator: Validator) -> None:
    assert found(bundle(logon(), event), validator) == {("attribute_wrong_type", "events[1]")}


@both
@pytest.mark.parametrize("events", [{}, "x", 1, True])
def test_events_that_are_no_list_are_of_the_wrong_type(events: object, validator: Validator) -> None:
    assert found({"events": events}, validator) == {("attribute_wrong_type", "events")}


@both
def test_events_that_are_null_are_missing_or_of_the_wrong_type_to_the_official_validator(validator: Validator) -> None:
    full = validator.policy.rules is RuleSet.FULL
    code = "attribute_required_missing" if full else "attribute_wrong_type"
    assert found({"events": None}, validator) == {(code, "events")}


@both
def test_a_bundle_has_no_other_keys_than_its_own(validator: Validator) -> None:
    assert found(bundle(metadata={}, time=None), validator) == {
        ("attribute_unknown", "metadata"),
        ("attribute_unknown", "time"),
    }


@both
@pytest.mark.parametrize(
    ("key", "wrong", "right"),
    [
        ("count", "1", 1),
        ("count", 1.0, 1),
        ("count", 2**63, 1),
        ("start_time", str(TIME), TIME),
        ("end_time", True, TIME),
        ("start_time_dt", TIME, "2023-11-14T22:13:20Z"),
        ("end_time_dt", [], "2023-11-14T22:13:20Z"),
    ],
)
def test_the_keys_of_a_bundle_have_types(key: str, wrong: object, right: object, validator: Validator) -> None:
    assert found(bundle(logon(), **{key: wrong}), validator) == {("attribute_wrong_type", key)}
    assert found(bundle(logon(), **{key: right}), validator) == set()
    absent = validator.policy.rules is RuleSet.FULL
    assert found(bundle(logon(), **{key: None}), validator) == (set() if absent else {("attribute_wrong_type", key)})


def test_what_a_bundle_says_of_its_events_is_compared_in_full() -> None:
    whole = bundle(logon(), logon(time=TIME + 5), count=1, start_time=TIME + 1, end_time=TIME)
    assert found(whole) == {
        ("bundle_count_incorrect", "count"),
        ("bundle_time_incorrect", "start_time"),
        ("bundle_time_incorrect", "end_time"),
    }
    assert found(whole, OFFICIAL) == set()
    assert "the bundle has 2 events" in message(bundle(logon(), logon(), count=1))


def test_what_has_no_time_does_not_count_for_the_time_of_a_bundle() -> None:
    assert "bundle_time_incorrect" not in {code for code, _ in found(bundle(logon(time="then"), None, start_time=TIME))}


def test_an_event_that_holds_events_is_no_bundle() -> None:
    assert found(logon(events=[])) == {("attribute_unknown", "events")}


def test_a_bundle_in_a_bundle_is_an_event_without_a_class() -> None:
    assert found(bundle(bundle(logon()))) == {("attribute_required_missing", "events[0].class_uid")}


def test_each_event_of_a_bundle_is_held_to_the_version_that_it_declares() -> None:
    """`metadata.is_truncated` came with OCSF 1.6.0."""
    new, old = (declaring(version, is_truncated=True) for version in ("1.8.0", "1.5.0"))
    old["metadata"]["product"]["vendor_name"] = "V"
    assert found(bundle(new, old)) == {("attribute_unknown", "events[1].metadata.is_truncated")}


def test_a_verdict_of_a_bundle_says_what_each_event_declares() -> None:
    events = [Declared("1.8.0", 3002), Declared("1.7.0", 2004), Declared(None, None)]
    verdict = FULL.examine(raw(bundle(logon(), declaring("1.7.0", finding()), {}, None)))
    assert list(verdict.events) == events


def test_duplicate_keys_and_large_integers_of_events_are_found_at_their_paths() -> None:
    whole = raw(bundle(logon(), logon(unmapped={"a": 0})))
    doubled = whole.replace(b'{"a": 0}', b'{"a": 1, "a": 2, "b": 123456789012345678901}')
    assert [(issue.code, issue.path) for issue in FULL.check(doubled)] == [
        ("duplicate_key", "events[1].unmapped.a"),
        ("integer_beyond_64_bits", "events[1].unmapped.b"),
    ]
    assert OFFICIAL.check(doubled) == []


@both
def test_one_event_of_too_many_issues_bounds_the_bundle(validator: Validator) -> None:
    hostile = logon(**{f"k{number}": 1 for number in range(30_000)})
    issues = validator.check(raw(bundle(hostile, hostile)))
    assert len(issues) <= 10_001
    assert issues[-1].code == "too_many_issues"


def test_an_error_behind_ten_thousand_warnings_of_an_event_is_not_lost() -> None:
    slow = {"uid": "x", "created_time": 1_600_000_000, "created_time_dt": "2020-09-13T12:26:40"}
    event: Event = {"resources": [slow] * 5_001, **finding(), "class_uid": 2003, "bad": 1}
    event["metadata"] |= {"version": "1.5.0", "profiles": ["datetime"]}
    verdict = FULL.examine(raw(bundle(event)))
    assert not verdict.valid
    assert verdict.issues[-1].code == "too_many_issues"
