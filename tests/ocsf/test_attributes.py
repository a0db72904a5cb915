"""Which attributes an event may and must have, of which type, and with which values."""

from __future__ import annotations

import pytest

from console.ocsf.rules import Policy, RuleSet
from console.ocsf.validator import Validator
from tests.ocsf.events import FULL, OFFICIAL, STORE, Event, finding, found, logon, message, with_profiles

# Required and unknown


@pytest.mark.parametrize("absent", [True, False], ids=["absent", "null"])
def test_a_required_attribute_must_be_there_and_not_null(absent: bool) -> None:
    event = logon(user=None)
    if absent:
        del event["user"]
    assert found(event) == {("attribute_required_missing", "user")}


def test_paths_lead_into_lists_and_objects() -> None:
    event = finding(resources=[{"uid": "a"}, {"uid": 7, "owner": {"name": "ann", "nme": "x"}}])
    assert found(event) == {
        ("attribute_wrong_type", "resources[1].uid"),
        ("attribute_unknown", "resources[1].owner.nme"),
    }


def test_an_unknown_attribute_is_one_even_when_null() -> None:
    assert found(logon(zzz=None)) == {("attribute_unknown", "zzz")}


def test_unmapped_takes_anything() -> None:
    assert found(logon(unmapped={"a": {"b": [None, 1.5]}, "class_uid": "x"})) == set()


def test_a_key_that_is_empty_or_has_dots_is_joined_as_the_server_joins_it() -> None:
    assert found(logon(**{"": 1})) == {("attribute_unknown", "")}
    assert found(logon(user={"name": "ann", "a.b": 1, "": 2})) == {
        ("attribute_unknown", "user.a.b"),
        ("attribute_unknown", "user."),
    }


def test_objects_that_hold_their_own_kind_are_followed_all_the_way_down() -> None:
    process: Event = {"pid": 1, "nonsense": 1}
    for _ in range(20):
        process = {"pid": 1, "parent_process": process}
    path = f"actor.process{'.parent_process' * 20}.nonsense"
    assert found(logon(actor={"process": process})) == {("attribute_unknown", path)}


# Recommended and deprecated


@pytest.mark.parametrize("rules", RuleSet)
@pytest.mark.parametrize("absent", [True, False], ids=["absent", "null"])
def test_recommended_attributes_are_asked_for_only_when_the_operator_asks(absent: bool, rules: RuleSet) -> None:
    asking = Validator(STORE, Policy(rules, missing_recommended=True))
    event = logon(user={"name": "ann"} if absent else {"name": "ann", "uid": None})
    missing = ("attribute_recommended_missing", "user.uid")
    assert missing in found(event, asking)
    assert missing not in found(logon(user={"name": "ann", "uid": "7"}), asking)
    assert missing not in found(event, Validator(STORE, Policy(rules)))


def test_a_recommended_attribute_of_a_profile_is_asked_for_only_under_it() -> None:
    asking = Validator(STORE, Policy(missing_recommended=True))
    assert "action_id" not in {path for _, path in found(finding(), asking)}
    assert ("attribute_recommended_missing", "action_id") in found(
        with_profiles(["security_control"], finding()), asking
    )


def test_what_is_deprecated_is_said_wherever_it_stands_and_with_its_version() -> None:
    event = logon(user={"name": "ann", "credential_uid": "c"}, actor={"user": {"name": "bob", "credential_uid": "d"}})
    places = {("attribute_deprecated", "user.credential_uid"), ("attribute_deprecated", "actor.user.credential_uid")}
    assert found(event) == found(event, OFFICIAL) == places
    assert "since 1.6.0" in message(logon(user={"name": "ann", "credential_uid": "c"}))


def test_a_deprecated_attribute_that_is_null_is_not_there() -> None:
    assert found(logon(user={"name": "ann", "credential_uid": None})) == set()


def test_a_deprecated_attribute_is_still_checked() -> None:
    expected = {("attribute_deprecated", "user.credential_uid"), ("attribute_wrong_type", "user.credential_uid")}
    assert found(logon(user={"name": "ann", "credential_uid": 1})) == expected


def test_each_visit_of_a_deprecated_object_is_said() -> None:
    issues = found(finding(class_uid=2001, finding={"uid": "1", "title": "t"}))
    assert {pair for pair in issues if pair[0].endswith("deprecated")} >= {
        ("class_deprecated", ""),
        ("object_deprecated", "finding"),
    }


def test_an_enum_value_that_is_deprecated_is_still_known() -> None:
    event = finding(class_uid=2006, activity_id=4, type_uid=200604)
    issues = found(event)
    deprecated = {("attribute_enum_value_deprecated", name) for name in ("activity_id", "type_uid")}
    assert deprecated <= issues
    assert "attribute_enum_value_unknown" not in {code for code, _ in issues}


# Types


@pytest.mark.parametrize(
    ("changes", "path"),
    [
        ({"message": 1}, "message"),
        ({"message": ["x"]}, "message"),
        ({"is_mfa": 1}, "is_mfa"),
        ({"is_mfa": "true"}, "is_mfa"),
        ({"count": True}, "count"),
        ({"count": 1.0}, "count"),
        ({"count": 2**63}, "count"),
        ({"count": -(2**63) - 1}, "count"),
        ({"time": 2**127}, "time"),
        ({"time": 1.7e12}, "time"),
        ({"user": "ann"}, "user"),
        ({"user": ["ann"]}, "user"),
        ({"observables": {"name": "x"}}, "observables"),
        ({"observables": [{"name": "user.name", "type_id": 4}, None]}, "observables[1]"),
        ({"observables": ["user"]}, "observables[0]"),
        ({"metadata": "1.8.0"}, "metadata"),
    ],
)
def test_a_value_of_the_wrong_type_is_found(changes: Event, path: str) -> None:
    for validator in (FULL, OFFICIAL):
        assert found(logon(**changes), validator) == {("attribute_wrong_type", path)}


@pytest.mark.parametrize("changes", [{"count": 2**63 - 1}, {"count": -(2**63)}, {"message": ""}])
def test_the_ends_of_a_type_are_inside_it(changes: Event) -> None:
    assert found(logon(**changes)) == set()


@pytest.mark.parametrize("time", [2**127 - 1, -(2**127)])
def test_the_ends_of_a_long_are_inside_it_but_no_likely_time(time: int) -> None:
    assert found(logon(time=time), OFFICIAL) == set()
    assert found(logon(time=time)) == {("time_out_of_range", "time")}


def test_a_json_attribute_takes_anything() -> None:
    enrichment = {"name": "x", "value": "y", "data": [1, {"a": None}]}
    assert found(logon(enrichments=[enrichment])) == set()


def test_null_in_a_list_is_of_the_wrong_type() -> None:
    event = logon()
    event["metadata"]["labels"] = ["a", None]
    assert found(event) == {("attribute_wrong_type", "metadata.labels[1]")}


def test_a_whole_number_fits_a_float_and_officially_does_not() -> None:
    event = finding(vulnerabilities=[{"cve": {"uid": "CVE-1", "cvss": [{"version": "3", "base_score": 5}]}}])
    assert found(event) == set()
    path = "vulnerabilities[0].cve.cvss[0].base_score"
    assert found(event, OFFICIAL) == {("attribute_wrong_type", path)}


# Enums


@pytest.mark.parametrize("validator", [FULL, OFFICIAL], ids=["full", "official"])
def test_a_value_that_an_enum_lacks_is_found(validator: Validator) -> None:
    assert found(logon(severity_id=42), validator) == {("attribute_enum_value_unknown", "severity_id")}


def test_the_allowed_values_are_listed() -> None:
    assert "must be one of 0, 1, 2, 3, 4, 5, 6, 99, but is the number 42" in message(logon(severity_id=42))


@pytest.mark.parametrize(
    ("value", "official"),
    [
        (True, {"attribute_wrong_type", "attribute_enum_value_unknown"}),
        (1.0, {"attribute_wrong_type", "attribute_enum_value_unknown"}),
        ("nonsense", {"attribute_wrong_type", "attribute_enum_value_unknown"}),
        ([], {"attribute_wrong_type", "attribute_enum_value_unknown"}),
        ("1", {"attribute_wrong_type"}),
        (["1"], {"attribute_wrong_type"}),
        ([49], {"attribute_wrong_type"}),
        ({"a": 1}, {"attribute_wrong_type"}),
        ([None], {"attribute_wrong_type"}),
        ([0xD800], {"attribute_wrong_type"}),
        ([-1], {"attribute_wrong_type"}),
    ],
)
def test_an_enum_value_of_the_wrong_type_is_one_fault_and_officially_two(value: object, official: set[str]) -> None:
    """The official validator looks the text of the value up, where Elixir can make a text of it at all."""
    event = logon(severity_id=value)
    assert found(event) == {("attribute_wrong_type", "severity_id")}
    assert found(event, OFFICIAL) == {(code, "severity_id") for code in official}


def test_a_null_enum_is_absent_and_officially_an_unknown_value() -> None:
    assert found(logon(status_id=None)) == set()
    assert found(logon(status_id=None), OFFICIAL) == {("attribute_enum_value_unknown", "status_id")}
    assert found(logon(severity_id=None)) == {("attribute_required_missing", "severity_id")}
    assert found(logon(severity_id=None), OFFICIAL) == {
        ("attribute_required_missing", "severity_id"),
        ("attribute_enum_value_unknown", "severity_id"),
    }


def test_each_element_of_a_list_of_enum_values_is_checked() -> None:
    malware = {"name": "m", "classification_ids": [1, 4_242, "1"]}
    path = "malware[0].classification_ids"
    event = finding(malware=[malware])
    event["metadata"]["profiles"] = ["security_control"]
    assert found(event) == {
        ("attribute_enum_array_value_unknown", f"{path}[1]"),
        ("attribute_wrong_type", f"{path}[2]"),
    }


@pytest.mark.parametrize("validator", [FULL, OFFICIAL], ids=["full", "official"])
def test_a_list_of_enum_values_that_is_no_list_is_one_fault(validator: Validator) -> None:
    """The official validator crashes here."""
    event = finding(malware=[{"name": "m", "classification_ids": 1}])
    event["metadata"]["profiles"] = ["security_control"]
    assert found(event, validator) == {("attribute_wrong_type", "malware[0].classification_ids")}


@pytest.mark.parametrize("validator", [FULL, OFFICIAL], ids=["full", "official"])
def test_a_list_of_enum_values_that_is_null_is_missing(validator: Validator) -> None:
    """The official validator crashes here."""
    event = finding(malware=[{"name": "m", "classification_ids": None}])
    event["metadata"]["profiles"] = ["security_control"]
    assert found(event, validator) == {("attribute_required_missing", "malware[0].classification_ids")}


def test_a_type_that_the_schema_leaves_open_is_the_schemas_fault_and_not_the_records() -> None:
    """OCSF 1.0.0-rc.2 makes `subnet_t` from nothing."""
    path = "device.subnet"
    event = {"class_uid": 1001, "device": {"subnet": "10.0.0.0/8"}, "metadata": {"version": "1.0.0-rc.2"}}
    assert ("schema_bug_primitive_type_unknown", path) in found(event, OFFICIAL)
    assert path not in {found_path for _, found_path in found(event)}
