"""What the fast pass makes of one thing at a time: nulls, limits, profiles, versions."""

from __future__ import annotations

import tracemalloc
from collections.abc import Sequence
from typing import Final

import pytest

from console.limits import Limits
from console.ocsf import fast as module
from console.ocsf.rules import Policy
from console.ocsf.validator import Validator
from console.records.model import Layout
from tests.ocsf import events
from tests.ocsf.events import FULL, OFFICIAL, STORE, TIME, Event, finding, logon, with_profiles
from tests.ocsf.fast_pass import LESSONS, assert_same, outcome, stretch_of, taught

META: Final = {"version": "1.8.0", "product": {"name": "Probe", "vendor_name": "Probe"}}


def test_nothing_is_accepted_before_enough_was_learned() -> None:
    fast = FULL.fast_pass()
    for _ in range(LESSONS - 1):
        fast.learn(logon())
    assert fast.accept_one(events.raw(logon())) is None
    fast.learn(logon())
    assert fast.accept_one(events.raw(logon())) is not None


def test_what_is_learned_later_is_accepted_later() -> None:
    fast = taught(FULL, [events.raw(logon())])
    more = logon(message="new")
    for _ in range(LESSONS):
        assert fast.accept_one(events.raw(more)) is None
        fast.learn(more)
    assert fast.accept_one(events.raw(more)) is not None


def test_null_in_the_place_of_an_object_is_learned() -> None:
    lesson = logon(session=None, observables=None, enrichments=[])
    assert outcome([lesson], lesson)
    assert not outcome([lesson], logon(session={}))


def test_an_empty_object_is_learned() -> None:
    lesson = logon(session={}, authentication_token={})
    assert outcome([lesson], lesson)
    assert outcome([lesson], logon(session={}))
    assert not outcome([lesson], logon(session={"uid": "1"}))


def test_an_empty_object_does_not_make_null_good_enough_where_an_object_is_required() -> None:
    event = {
        **{"class_uid": 4002, "category_uid": 4, "activity_id": 1, "type_uid": 400201, "severity_id": 1, "time": TIME},
        "metadata": META | {"version": "1.0.0"},
        **{"http_request": {}, "http_response": {"code": 200}, "src_endpoint": {"ip": "192.0.2.1"}},
        "dst_endpoint": {"ip": "192.0.2.2"},
    }
    assert outcome([event], event)
    assert not outcome([event], event | {"http_request": None})


@pytest.mark.parametrize("validator", [FULL, OFFICIAL], ids=["full", "official"])
def test_free_content_that_is_required_must_not_be_null(validator: Validator) -> None:
    def enriched(data: object) -> Event:
        return logon(enrichments=[{"name": "a", "value": "b", "data": data}])

    assert outcome([enriched({"a": [None]})], enriched([{}, None, 1]), validator)
    assert not outcome([enriched({})], enriched(None), validator)


def test_values_of_a_type_that_the_schema_leaves_open_are_free_in_full_and_errors_in_official() -> None:
    def on(subnet: object) -> Event:
        return {
            **{"class_uid": 5002, "category_uid": 5, "activity_id": 1, "type_uid": 500201, "severity_id": 1},
            **{"time": TIME, "device": {"type_id": 1, "hostname": "a", "subnet": subnet}},
            "metadata": META | {"version": "1.0.0-rc.2", "profiles": ["host"]},
        }

    for value in ({"a": 1}, [1], "192.0.2.0/24"):
        assert outcome([on(None)], on(value), FULL)
        assert not outcome([on(None)], on(value), OFFICIAL)


def test_to_the_official_validator_an_integer_is_no_fraction() -> None:
    def scored(score: float) -> Event:
        return finding(vulnerabilities=[{"cve": {"uid": "x", "cvss": [{"version": "3.1", "base_score": score}]}}])

    assert outcome([scored(5.0)], scored(5))
    assert not outcome([scored(5.0)], scored(5), OFFICIAL)


def test_an_attribute_of_a_profile_that_is_not_declared_must_not_even_be_null() -> None:
    lesson = with_profiles(["host"], device=None)
    assert outcome([lesson], lesson)
    assert not outcome([lesson], logon(device=None))


@pytest.mark.parametrize(
    ("users", "user"),
    [
        ([{"name": "ann", "full_name": "Ann"}], {"full_name": "Ann"}),
        ([{"name": "ann", "full_name": "Ann"}, {"uid": "1"}], {"full_name": "Ann"}),
        ([{"name": None, "uid": "1"}, {"name": "ann"}], {"name": None}),
    ],
    ids=["with an anchor", "without", "null"],
)
def test_a_constraint_that_fails_is_seen(users: Sequence[Event], user: Event) -> None:
    lessons = [logon(user=one) for one in users]
    assert all(outcome(lessons, lesson) for lesson in lessons)
    assert not outcome(lessons, logon(user=user))


def test_of_what_excludes_one_another_only_one_is_accepted() -> None:
    cve, cwe = {"cve": {"uid": "x"}}, {"cwe": {"uid": "y"}}
    lessons = [finding(vulnerabilities=[cve]), finding(vulnerabilities=[cwe, cve])]
    assert outcome(lessons, finding(vulnerabilities=[cve, cwe]))
    assert not outcome(lessons, finding(vulnerabilities=[cve, cve | cwe]))
    assert not outcome(lessons, finding(vulnerabilities=[cve | {"cve": None}]))


@pytest.mark.parametrize("elements", [[None], [{}], [{"name": "a", "value": "b", "data": 1}]])
def test_where_only_empty_lists_were_seen_no_other_is_accepted(elements: Sequence[object]) -> None:
    assert not outcome([logon(enrichments=[])], logon(enrichments=elements))


def test_free_content_in_a_list_may_be_null() -> None:
    event = {
        **{"class_uid": 2001, "category_uid": 2, "activity_id": 1, "type_uid": 200101, "severity_id": 1, "time": TIME},
        **{"metadata": META | {"version": "1.0.0-rc.2"}, "state_id": 1},
        "finding": {"uid": "1", "title": "A finding", "supporting_data": [None, {"a": 1}]},
    }
    assert outcome([event], event)


@pytest.mark.parametrize(("unmapped", "accepted"), [({}, True), ({"a": [1]}, True), ({"a": [[]]}, False)])
def test_free_content_is_nested_no_deeper_than_the_limit(unmapped: Event, accepted: bool) -> None:
    validator = Validator(STORE, limits=Limits(depth=3))
    assert outcome([logon(unmapped={})], logon(unmapped=unmapped), validator) is accepted


def test_where_only_null_was_seen_no_list_is_nested_too_deep() -> None:
    validator = Validator(STORE, limits=Limits(depth=3))
    lesson = logon(user={"name": "ann", "account": {"uid": "1", "tags": None}})
    other = logon(user={"name": "ann", "account": {"uid": "1", "tags": []}})
    assert outcome([lesson], lesson, validator)
    assert not outcome([lesson], other, validator)


def test_free_content_in_lists_is_nested_no_deeper_than_the_limit() -> None:
    def enriched(data: object) -> Event:
        return logon(enrichments=[{"name": "a", "value": "b", "data": data}])

    validator = Validator(STORE, limits=Limits(depth=4))
    assert outcome([enriched({})], enriched({"a": 1}), validator)
    assert not outcome([enriched({})], enriched({"a": []}), validator)


def test_where_only_null_was_seen_no_free_object_is_nested_too_deep() -> None:
    def run(xattributes: object) -> Event:
        return logon(actor={"process": {"name": "a", "pid": 1, "xattributes": xattributes}})

    validator = Validator(STORE, limits=Limits(depth=3))
    assert outcome([run(None)], run(None), validator)
    assert not outcome([run(None)], run({}), validator)


@pytest.mark.parametrize(("digits", "accepted"), [(20, True), (90, True), (401, False)])
def test_a_number_of_too_many_digits_is_refused(digits: int, accepted: bool) -> None:
    lines = [events.raw(logon(unmapped={"a": 0.5}))]
    number = lines[0].replace(b"0.5", b"0." + b"5" * digits)
    fast = taught(FULL, lines)
    assert (fast.accept_one(number) is not None) is FULL.examine(number).valid is accepted


def test_short_numbers_that_look_long_from_afar_are_no_reason_to_refuse() -> None:
    event = logon(unmapped={f"key_{number:04}": 2**62 for number in range(20)})
    assert outcome([event], event)


def test_a_record_over_the_limit_is_refused() -> None:
    validator = Validator(STORE, limits=Limits(record_bytes=1_000))
    assert outcome([logon(message="x")], logon(message="x" * 500), validator)
    assert not outcome([logon(message="x")], logon(message="x" * 1_000), validator)


def test_several_classes_and_versions_are_told_apart() -> None:
    kinds = [logon(), finding(), events.declaring("1.5.0"), events.declaring("1.5.0", finding())]
    fast = taught(FULL, [events.raw(event) for event in kinds])
    for event in [*kinds, *kinds]:
        accepted = fast.accept_one(events.raw(event))
        assert accepted is not None
        assert_same(accepted, [FULL.examine(events.raw(event))])


def test_records_of_different_profiles_are_judged_each_by_its_own() -> None:
    cloud = with_profiles(["cloud"], logon(cloud={"provider": "x"}))
    both = with_profiles(["cloud", "datetime"], logon(cloud={"provider": "x"}, time_dt="2023-11-14T22:13:20"))
    lines = [events.raw(event) for event in (logon(), cloud, both, cloud, with_profiles(["host"]))]
    fast = taught(FULL, lines)
    accepted = fast.accept(stretch_of(lines, Layout.LINES))
    assert accepted is not None
    assert_same(accepted, [FULL.examine(line) for line in lines])
    for wrong in (with_profiles([], cloud), with_profiles(["datetime"], cloud), with_profiles(["cloud"], logon())):
        line = events.raw(wrong)
        assert (fast.accept_one(line) is not None) is FULL.examine(line).valid


def test_a_policy_of_one_version_holds_for_whatever_is_declared() -> None:
    validator = Validator(STORE, Policy(version="1.5.0"))
    for declared in ("1.5.0", "1.4.0", "1.6.0"):
        event = events.declaring(declared)
        assert outcome([events.declaring("1.5.0")], event, validator) is validator.examine(events.raw(event)).valid


def test_long_texts_of_a_hostile_file_are_not_kept() -> None:
    fast = taught(FULL, [events.raw(logon(status_id=99, status="x"))])
    tracemalloc.start()
    for number in range(300):
        assert fast.accept_one(events.raw(logon(status_id=99, status=f"{number}" + "x" * 100_000))) is not None
    kept, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert kept < 2_000_000


def test_only_some_values_are_kept() -> None:
    fast = taught(FULL, [events.raw(logon(src_endpoint={"ip": "192.0.2.1"}))])
    tracemalloc.start()
    for number in range(3_000):
        line = events.raw(logon(src_endpoint={"ip": f"10.0.{number // 256}.{number % 256}"}))
        assert fast.accept_one(line) is not None
    kept, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert kept < 200_000


def test_few_of_the_versions_and_profiles_of_a_hostile_file_are_kept() -> None:
    fast = taught(OFFICIAL, [events.raw(with_profiles(["cloud"], cloud={"provider": "x"}))])
    tracemalloc.start()
    for number in range(1_000):
        event = with_profiles(["cloud"] * (number + 1), cloud={"provider": "x"})
        event["metadata"]["version"] = f"no version {number}" + "x" * number * 10
        assert fast.accept_one(events.raw(event)) is not None
    kept, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert kept < 1_500_000


def test_what_observables_say_is_left_to_be_compared() -> None:
    def seen(value: str) -> Event:
        return logon(observables=[{"name": "user.name", "type_id": 4, "value": value}])

    assert not outcome([logon(), seen("ann")], seen("bob"))
    assert outcome([logon(observables=[])], logon(observables=[]))


def test_duplicate_keys_are_accepted_where_nobody_asks_for_them() -> None:
    line = events.raw(logon(message="x")).replace(b'"message"', b'"message": "y", "message"')
    for validator in (OFFICIAL, Validator(STORE, Policy(duplicate_keys=False))):
        accepted = taught(validator, [line]).accept_one(line)
        assert accepted is not None
        assert_same(accepted, [validator.examine(line)])
    assert taught(FULL, [line]).accept_one(line) is None


def test_only_some_classes_are_learned(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_MOST_TRACKS", 1)
    fast = taught(FULL, [events.raw(logon()), events.raw(finding())])
    assert fast.accept_one(events.raw(logon())) is not None
    assert fast.accept_one(events.raw(finding())) is None
